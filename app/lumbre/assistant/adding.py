"""From folders on the disk to files waiting in the library: known ones are skipped, moved ones follow, gone ones go.

Nothing is read here: a file is told from others by its size, its time of change and its number on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lumbre.assistant.ignoring import Rules, seen
from lumbre.assistant.surroundings import is_away, is_placeholder, mount_of
from lumbre.core.errors import CloudPlaceholder, PathMissing
from lumbre.core.protocols import Cancelled
from lumbre.store.collections import displayed
from lumbre.store.library import LibraryStore
from lumbre.store.moving import Place, Seen, stored_inode

SLICE = 500
"""Files registered in one transaction, so that a large folder shows progress and can be stopped."""


def absolute(paths: list[Path]) -> list[Path]:
    """The paths as absolute ones, symbolic links kept. Raises PathMissing for the first that is not there."""
    for path in paths:
        if not path.is_file() and not path.is_dir():  # a pipe or a device would never end
            raise PathMissing(path=str(path))
    return [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 — resolve() would follow links


def register(library: LibraryStore, paths: list[Path], collection_id: int, rules: Rules, cancelled: Cancelled) -> None:
    """Queue new and changed files at or below absolute `paths`, and drop files of added folders that are gone."""
    for path in map(str, paths):
        library.take_in(path)
        library.add_root(path, collection_id, mount_of(path))
    roots = Roots(library)
    for path in map(str, paths):
        compare(library, roots, rules, path, cancelled)


class Roots:
    """The folders and single files that were added, as of now."""

    def __init__(self, library: LibraryStore) -> None:
        self._collections: dict[str, set[int]] = {}
        for path, id in library.roots():
            self._collections.setdefault(path, set()).add(id)
        self._mounts = library.mounts()
        self._library = library

    def __iter__(self) -> Iterator[str]:
        return iter(self._collections)

    def above(self, path: str) -> list[str]:
        """The roots that a path is or lies below."""
        return [root for root in self._collections if is_at_or_below(path, root)]

    def collections(self, path: str, *, itself: bool = True) -> set[int]:
        """The collections that a path belongs to by the roots above it and, with `itself`, by having been added."""
        roots = [root for root in self.above(path) if itself or root != path]
        return set().union(*(self._collections[root] for root in roots))

    def is_single(self, root: str) -> bool:
        """Whether a root is a file that was added by itself."""
        return Path(root).is_file() or (not Path(root).is_dir() and bool(self._library.places([root])))

    def is_away(self, root: str) -> bool:
        """Whether a root cannot be seen now."""
        return is_away(root, self._mounts.get(root, ""), self.is_single(root))

    def takes(self, path: str, status: os.stat_result, rules: Rules) -> bool:
        """Whether a file or folder on the disk belongs into the library."""
        return any(root == path or rules.takes(root, path, status) for root in self.above(path))


def is_at_or_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies inside it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def compare(library: LibraryStore, roots: Roots, rules: Rules, path: str, cancelled: Cancelled) -> None:
    """Bring the library up to what is on the disk at or below one path."""
    found, unreadable = take_below(library, roots, rules, path, cancelled)
    if not cancelled():
        drop_below(library, roots, rules, path, found, unreadable)


def take_below(
    library: LibraryStore, roots: Roots, rules: Rules, path: str, cancelled: Cancelled
) -> tuple[set[str], list[str]]:
    """Take what is at or below a path; the paths found (as displayed), and folders that could not be listed."""
    found: set[str] = set()
    unreadable: list[str] = []
    for some in _slices(_walk(roots, rules, path, unreadable)):
        if cancelled():
            break
        found.update(displayed(one.path) for one in some)
        take(library, roots, some)
    return found, unreadable


def _walk(roots: Roots, rules: Rules, path: str, unreadable: list[str]) -> Iterator[Seen]:
    for root in roots.above(path):
        try:
            status = Path(path).stat()
        except OSError:
            continue
        if not Path(path).is_dir():
            if root == path or rules.takes(root, path, status):
                yield seen(path, status)
        elif root == path or rules.takes(root, path, Path(path).lstat()):
            yield from rules.walk(root, path, unreadable.append)


def drop_below(
    library: LibraryStore, roots: Roots, rules: Rules, path: str, found: set[str], unreadable: list[str]
) -> None:
    """Remove what the library holds at or below a path and the disk does not; never what is only out of sight."""
    suspects = [one for one in library.places_below(path) if one not in found]
    away = [root for root in roots if roots.is_away(root)]
    hidden = [*away, *unreadable]
    gone = [one for one in suspects if not any(is_at_or_below(one, folder) for folder in hidden)]
    # Looked at once more: a file may have come since the walk.
    library.remove([one for one in gone if roots.above(one) and not _belongs(one, roots, rules)])


def _belongs(path: str, roots: Roots, rules: Rules) -> bool:
    try:
        return roots.takes(path, Path(path).stat(), rules) and Path(path).is_file()
    except OSError:
        return False


def take(library: LibraryStore, roots: Roots, files: list[Seen]) -> None:
    """Take files seen on the disk: those that moved keep all that is known of them, new and changed ones wait."""
    files = list({one.path: one for one in files}.values())
    known = library.places([one.path for one in files])
    fresh = [one for one in files if _changed(one, known.get(one.path))]
    moved = _follow(library, roots, [one for one in fresh if displayed(one.path) == one.path])
    for ids, some in _by_collections(roots, files).items():
        for id in ids:
            library.add_files([one.path for one in some], id)
    waiting = [one for one in fresh if one.path not in moved]
    library.requeue([one.path for one in waiting if one.path in known and known[one.path].state != "waiting"])
    numbered = [one for one in files if one.path not in known or known[one.path].inode != one.inode]
    library.note_inodes([one for one in numbered if displayed(one.path) == one.path])


def _by_collections(roots: Roots, files: list[Seen]) -> dict[frozenset[int], list[Seen]]:
    grouped: dict[frozenset[int], list[Seen]] = {}
    for one in files:
        grouped.setdefault(frozenset(roots.collections(displayed(one.path))), []).append(one)
    return grouped


def _changed(now: Seen, known: Place | None) -> bool:
    if known is None or known.state == "reading":
        return True
    if known.code == CloudPlaceholder.code and _still_placeholder(now.path):
        return False
    return (now.size, now.mtime_ns) != (known.size, known.mtime_ns)


def _still_placeholder(path: str) -> bool:
    try:
        return is_placeholder(Path(path).name, Path(path).stat())
    except OSError:
        return False


def _follow(library: LibraryStore, roots: Roots, files: list[Seen]) -> set[str]:
    """Give known files that now lie under other paths these paths; returns the new ones."""
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for old, new in library.twins(files):
        if new.path not in pairs and old not in taken and _left(old, new.inode):
            pairs[new.path] = old
            taken.add(old)
    library.move([(old, new) for new, old in pairs.items()])
    changes: dict[tuple[frozenset[int], frozenset[int]], list[str]] = {}
    for path, old in pairs.items():
        before, after = frozenset(roots.collections(old, itself=False)), frozenset(roots.collections(path))
        changes.setdefault((before - after, after - before), []).append(path)
    for (leave, join), paths in changes.items():
        if leave or join:
            library.change_collections(paths, set(leave), set(join))
    return set(pairs)


def _left(path: str, inode: int) -> bool:
    """Whether the file with that number no longer lies at a path."""
    try:
        return stored_inode(Path(path).lstat().st_ino) != inode
    except OSError:
        return True


def _slices(files: Iterable[Seen]) -> Iterator[list[Seen]]:
    some: list[Seen] = []
    for one in files:
        some.append(one)
        if len(some) == SLICE:
            yield some
            some = []
    if some:
        yield some
