"""Which files a search looks at: a collection, and what the filters of a question leave of it."""

from __future__ import annotations

from typing import Any

import msgspec

from lumbre.core.documents import Filters
from lumbre.core.errors import UnknownCollection
from lumbre.core.language import fold
from lumbre.core.matching import folded_name, passes
from lumbre.store.collections import Collections, json_list
from lumbre.store.database import Database, rows


class Scope(msgspec.Struct, frozen=True):
    """Files of one collection (None: of all), and of these only the ones named by id (None: all)."""

    collection_id: int | None = None
    files: tuple[int, ...] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the whole library."""
        return self.collection_id is None and self.files is None

    def holds(self, document: str) -> str:
        """SQL that is true of a document (an expression for its id) with a file in the scope.

        It is not correlated with the document, so that it is worked out once for all that match.
        """
        files = "f.id IN (SELECT value FROM json_each(:files))" if self.files is not None else "1"
        if self.collection_id is not None:
            inside = "memberships m JOIN files f ON f.id = m.file_id WHERE m.collection_id = :collection"
            return f"{document} IN (SELECT f.document_id FROM {inside} AND {files})"
        return "1" if self.whole else f"{document} IN (SELECT f.document_id FROM files f WHERE {files})"

    @property
    def parameters(self) -> dict[str, Any]:
        """What the placeholders of `holds` stand for."""
        files = None if self.files is None else json_list(list(self.files))
        return {"collection": self.collection_id, "files": files}


EVERYWHERE = Scope()


class Scopes(Collections):
    """From names and filters to files. Part of LibraryStore."""

    _db: Database

    def scope(self, collection: str | None = None, filters: Filters | None = None) -> Scope:
        """The files a search looks at. Raises UnknownCollection."""
        collection_id = self.collection(collection).id if collection is not None else None
        if filters is None or filters == Filters():
            return Scope(collection_id)
        members = [self._members(name) for name in filters.collections]
        found = [
            id
            for id, path, mtime_ns, format, tags in self._candidates()
            if passes(filters, path, mtime_ns / 1e9, format, tags.split("\n"))
            and (not members or any(id in one for one in members))
        ]
        return Scope(collection_id, tuple(found))

    def named(self, names: list[str], scope: Scope = EVERYWHERE) -> tuple[int, ...]:
        """Ids of the files in scope that have one of these names, folded."""
        if not names:
            return ()
        wanted = set(names)
        found = [id for id, path, *_ in self._candidates() if folded_name(path) in wanted]
        return tuple(id for id in found if scope.files is None or id in scope.files)

    def names(self, scope: Scope = EVERYWHERE) -> list[tuple[int, str]]:
        """Id and path of every file in scope."""
        query = (
            "SELECT id, path FROM files f WHERE document_id IS NOT NULL AND (:collection IS NULL OR EXISTS"
            " (SELECT 1 FROM memberships m WHERE m.collection_id = :collection AND m.file_id = f.id))"
            " AND (:files IS NULL OR id IN (SELECT value FROM json_each(:files)))"
        )
        with self._db.read() as connection:
            return rows(connection, query, scope.parameters)

    def _members(self, name: str) -> set[int]:
        """Ids of the files of a collection, found by its name however it is written."""
        wanted = [one for one in self.collections() if fold(one.name) == fold(name)]
        if not wanted:
            raise UnknownCollection(name=name)
        with self._db.read() as connection:
            query = "SELECT file_id FROM memberships WHERE collection_id = ?"
            return {id for one in wanted for (id,) in rows(connection, query, (one.id,))}

    def _candidates(self) -> list[tuple[int, str, int, str, str]]:
        """Every file that has been read: id, path, modification time, format, tags between line breaks."""
        query = (
            "SELECT f.id, f.path, f.mtime_ns, d.format,"
            " coalesce((SELECT group_concat(tag, char(10)) FROM tags t WHERE t.file_id = f.id), '')"
            " FROM files f JOIN documents d ON d.id = f.document_id"
        )
        with self._db.read() as connection:
            return rows(connection, query)
