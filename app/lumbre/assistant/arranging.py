"""The verbs that arrange the library: collections, what is in them, tags."""

from __future__ import annotations

import os
from pathlib import Path

from lumbre.assistant.adding import Roots
from lumbre.assistant.listeners import Listeners
from lumbre.core.documents import AddedPlace, Collection, FileEntry, HiddenText
from lumbre.store.library import LibraryStore


class Arranging:
    """Part of Assistant. All that is changed here is which file belongs where; nothing is read or embedded again."""

    _library: LibraryStore
    _listeners: Listeners

    def collections(self) -> list[Collection]:
        """All collections with their number of files."""
        return self._library.collections()

    def files(self, collection: str | None = None, tag: str | None = None) -> list[FileEntry]:
        """Files with state, reason, collections and tags, by path. Raises UnknownCollection."""
        return self._library.files(collection, tag)

    def findings(self, path: str) -> tuple[list[str], list[HiddenText]]:
        """What went wrong in reading a file, and what a person who opens it would not see."""
        return self._library.findings(path)

    def added(self) -> list[AddedPlace]:
        """The folders and single files that were added, by path."""
        names = {one.id: one.name for one in self._library.collections()}
        roots = Roots(self._library)
        return [
            AddedPlace(
                root,
                sorted(names[id] for id in roots.collections(root) if id in names),
                len(self._library.places_below(root)),
                roots.is_away(root),
                roots.is_single(root),
            )
            for root in sorted(roots)
        ]

    def new_collection(self, name: str) -> None:
        """Make an empty collection. Raises CollectionTaken."""
        self._library.new_collection(name)
        self._changed()

    def set_private(self, collection: str, private: bool) -> None:
        """Mark a collection *never leaves this device*, or take the mark away. Raises UnknownCollection."""
        self._library.set_private(collection, private)
        self._changed()

    def rename_collection(self, collection: str, name: str) -> None:
        """Give a collection another name. Raises UnknownCollection, CollectionTaken."""
        self._library.rename_collection(collection, name)
        self._changed()

    def leaving(self, collection: str) -> int:
        """How many files would leave the library with a collection: those in no other. Raises UnknownCollection."""
        return len(self._library.only_in(collection))

    def delete_collection(self, collection: str) -> int:
        """Delete a collection; returns how many files left the library with it. Raises UnknownCollection."""
        gone = self._library.delete_collection(collection)
        self._changed()
        return gone

    def copy_files(self, paths: list[Path], to: str) -> int:
        """Have files, or all files of folders, also in collection `to` (made if new); returns how many.

        Raises NotInLibrary.
        """
        with self._library.together():
            copied = self._library.copy_to(_absolute(paths), self._library.ensure_collection(to).id)
        self._changed()
        return copied

    def move_files(self, paths: list[Path], to: str, source: str | None = None) -> int:
        """As copy_files, and take them out of collection `source`, or of all others.

        Raises NotInLibrary, UnknownCollection.
        """
        out_of = None if source is None else self._library.collection(source).id
        with self._library.together():
            moved = self._library.move_to(_absolute(paths), self._library.ensure_collection(to).id, out_of)
        self._changed()
        return moved

    def tag_files(self, paths: list[Path], add: list[str], remove: list[str]) -> int:
        """Give files, or all files of folders, tags and take others away; returns how many. Raises NotInLibrary."""
        tagged = self._library.tag(_absolute(paths), add, remove)
        self._changed()
        return tagged

    def tags(self) -> dict[str, int]:
        """Every tag in use with its number of files, by name."""
        return self._library.tags()

    def _changed(self) -> None:
        self._listeners.tell(self._library.counts())


def _absolute(paths: list[Path]) -> list[str]:
    return [os.path.abspath(path) for path in paths]  # noqa: PTH100 — resolve() would follow links
