"""Collections, the folders that were added to them, and what belongs where."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable
from contextlib import AbstractContextManager

import apsw

from lumbre.core.documents import Collection
from lumbre.core.errors import CollectionTaken, NotInLibrary, UnknownCollection
from lumbre.store.database import Database, first, rows

_SELECT = """
SELECT id, name, private, (SELECT count(*) FROM memberships WHERE collection_id = collections.id) FROM collections
"""


_BELOW = "(path = ?1 OR (path >= ?2 AND path < ?3))"


class Collections:
    """Named sets of files; a file may be in several. Part of LibraryStore."""

    _db: Database

    def together(self) -> AbstractContextManager[object]:
        """Have what the block does take effect as a whole or not at all."""
        return self._db.write()

    def ensure_collection(self, name: str, private: bool = False) -> Collection:
        """The collection of that name, made if it is new; `private` is only ever switched on here."""
        with self._db.write() as connection:
            connection.execute("INSERT OR IGNORE INTO collections (name) VALUES (?)", (name,))
            if private:
                connection.execute("UPDATE collections SET private = 1 WHERE name = ?", (name,))
            return self.collection(name)

    def new_collection(self, name: str) -> None:
        """Make an empty collection. Raises CollectionTaken."""
        with self._db.write() as connection:
            connection.execute("INSERT OR IGNORE INTO collections (name) VALUES (?)", (name,))
            if not connection.changes():
                raise CollectionTaken(name=name)

    def collection(self, name: str) -> Collection:
        """A collection by name. Raises UnknownCollection."""
        with self._db.read() as connection:
            row = connection.execute(f"{_SELECT} WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UnknownCollection(name=name)
        return _collection(row)

    def collections(self) -> list[Collection]:
        """All collections, by name."""
        with self._db.read() as connection:
            return [_collection(row) for row in connection.execute(f"{_SELECT} ORDER BY name")]

    def set_private(self, name: str, private: bool) -> None:
        """Say whether its passages must stay on this device. Raises UnknownCollection."""
        with self._db.write() as connection:
            wanted = self.collection(name)
            connection.execute("UPDATE collections SET private = ? WHERE id = ?", (private, wanted.id))

    def rename_collection(self, name: str, new: str) -> None:
        """Give a collection another name, also as the scope of past questions.

        Raises UnknownCollection, CollectionTaken.
        """
        with self._db.write() as connection:
            wanted = self.collection(name)
            if new != name and first(connection, "SELECT 1 FROM collections WHERE name = ?", (new,)):
                raise CollectionTaken(name=new)
            connection.execute("UPDATE collections SET name = ? WHERE id = ?", (new, wanted.id))
            connection.execute("UPDATE messages SET collection = ? WHERE collection = ?", (new, name))

    def copy_to(self, paths: list[str], collection_id: int) -> int:
        """Make files, or all files below folders, members of one more collection; returns how many.

        What is known of them is not touched, so nothing is read or embedded again. Raises NotInLibrary.
        """
        with self._db.write() as connection:
            ids = _known(connection, paths)
            _join(connection, collection_id, ids)
            for path in paths:
                query = "INSERT OR IGNORE INTO roots (path, collection_id) SELECT path, ?4 FROM roots"
                connection.execute(f"{query} WHERE {_BELOW}", (*_bounds(path), collection_id))
            bump_scopes(connection)
        return len(ids)

    def move_to(self, paths: list[str], collection_id: int, source_id: int | None = None) -> int:
        """As copy_to, and take them out of collection `source_id`, or of all others. Raises NotInLibrary."""
        with self._db.write() as connection:
            moved = self.copy_to(paths, collection_id)
            others = "collection_id IS NOT ?1 AND (?2 IS NULL OR collection_id = ?2)"
            among = f"{others} AND file_id IN (SELECT value FROM json_each(?3))"
            values = (collection_id, source_id, json_list(_known(connection, paths)))
            query = f"INSERT OR IGNORE INTO moved_out SELECT collection_id, file_id FROM memberships WHERE {among}"
            connection.execute(query, values)
            connection.execute(f"DELETE FROM memberships WHERE {among}", values)
            for path in paths:
                condition = _BELOW + " AND collection_id IS NOT ?4 AND (?5 IS NULL OR collection_id = ?5)"
                values_of_roots = (*_bounds(path), collection_id, source_id)
                connection.execute(f"DELETE FROM roots WHERE {condition}", values_of_roots)
        return moved

    def welcome(self, paths: list[str], collection_id: int) -> None:
        """Forget that files were taken out of a collection: a person adds them to it by name."""
        with self._db.write() as connection:
            query = (
                "DELETE FROM moved_out WHERE collection_id = ?"
                " AND file_id IN (SELECT f.id FROM json_each(?) j JOIN files f ON f.path = j.value)"
            )
            connection.execute(query, (collection_id, json_list(paths)))

    def tag(self, paths: list[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> int:
        """Give files, or all files below folders, tags and take others away; returns how many files.

        A tag is kept in lower case with single blanks. Raises NotInLibrary.
        """
        with self._db.write() as connection:
            ids = json_list(_known(connection, paths))
            for tag in {normal_tag(each) for each in add} - {""}:
                query = "INSERT OR IGNORE INTO tags (file_id, tag) SELECT value, ?2 FROM json_each(?1)"
                connection.execute(query, (ids, tag))
            for tag in {normal_tag(each) for each in remove}:
                query = "DELETE FROM tags WHERE file_id IN (SELECT value FROM json_each(?)) AND tag = ?"
                connection.execute(query, (ids, tag))
            return len(json.loads(ids))

    def tags(self) -> dict[str, int]:
        """Every tag with its number of files, by name."""
        with self._db.read() as connection:
            return dict(connection.execute("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag"))

    def add_root(self, path: str, collection_id: int, mount: str = "") -> None:
        """Remember that a folder or a single file was added to a collection, and where its drive is mounted."""
        with self._db.write() as connection:
            query = (
                "INSERT INTO roots (path, collection_id, mount) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mount = ?"
            )
            connection.execute(query, (displayed(path), collection_id, displayed(mount), displayed(mount)))

    def roots(self) -> list[tuple[str, int]]:
        """Everything that was added, with the id of its collection."""
        with self._db.read() as connection:
            return [(path, id) for path, id in connection.execute("SELECT path, collection_id FROM roots")]

    def mounts(self) -> dict[str, str]:
        """Where the drive of each added folder was mounted when it was added; "" where that is not known."""
        with self._db.read() as connection:
            return dict(connection.execute("SELECT path, max(mount) FROM roots GROUP BY path"))


def displayed(path: str) -> str:
    """A path as it can be kept and shown: bytes of a name that are no text become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def inside(folder: str) -> tuple[str, str]:
    """Bounds of the paths below a folder: from its separator to the character after that."""
    stem = folder.rstrip(os.sep)
    return stem + os.sep, stem + chr(ord(os.sep) + 1)


def normal_tag(tag: str) -> str:
    """A tag as it is kept, so that one word is one tag however it was typed."""
    return " ".join(unicodedata.normalize("NFC", tag).casefold().split())


def bump_scopes(connection: apsw.Connection) -> None:
    """Say that some collection holds other vectors than before, besides vectors that are new."""
    connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'scopes'")


def json_list(values: list[int] | list[str]) -> str:
    """Values as one parameter for json_each()."""
    return json.dumps(values)


def _bounds(path: str) -> tuple[str, str, str]:
    """A path and the bounds of what lies below it, as _BELOW wants them."""
    shown = displayed(path)
    return (shown, *inside(shown))


def _known(connection: apsw.Connection, paths: list[str]) -> list[int]:
    """Ids of the files at and below paths. Raises NotInLibrary for the first that brings none."""
    found: dict[int, None] = {}
    for path in paths:
        ids = rows(connection, f"SELECT id FROM files WHERE {_BELOW}", _bounds(path))
        if not ids:
            raise NotInLibrary(path=displayed(path))
        found |= dict.fromkeys(id for (id,) in ids)
    return list(found)


def _join(connection: apsw.Connection, collection_id: int, ids: list[int]) -> None:
    values = (collection_id, json_list(ids))
    which = "file_id IN (SELECT value FROM json_each(?2))"
    connection.execute(f"DELETE FROM moved_out WHERE collection_id = ?1 AND {which}", values)
    query = "INSERT OR IGNORE INTO memberships (collection_id, file_id) SELECT ?1, value FROM json_each(?2)"
    connection.execute(query, values)


def _collection(row: tuple[apsw.SQLiteValue, ...]) -> Collection:
    id, name, private, files = row
    return Collection(id=id, name=name, private=bool(private), files=files)  # type: ignore[arg-type]
