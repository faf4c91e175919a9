"""Collections, the folders that were added to them, and what belongs where."""

from __future__ import annotations

import json
import os

import apsw

from lumbre.core.documents import Collection
from lumbre.core.errors import UnknownCollection
from lumbre.store.database import Database

_SELECT = """
SELECT id, name, private, (SELECT count(*) FROM memberships WHERE collection_id = collections.id) FROM collections
"""


class Collections:
    """Named sets of files; a file may be in several. Part of LibraryStore."""

    _db: Database

    def ensure_collection(self, name: str, private: bool = False) -> Collection:
        """The collection of that name, made if it is new; `private` is only ever switched on here."""
        with self._db.write() as connection:
            connection.execute("INSERT OR IGNORE INTO collections (name) VALUES (?)", (name,))
            if private:
                connection.execute("UPDATE collections SET private = 1 WHERE name = ?", (name,))
            return self.collection(name)

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


def bump_scopes(connection: apsw.Connection) -> None:
    """Say that some collection holds other vectors than before, besides vectors that are new."""
    connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'scopes'")


def json_list(values: list[int] | list[str]) -> str:
    """Values as one parameter for json_each()."""
    return json.dumps(values)


def _collection(row: tuple[apsw.SQLiteValue, ...]) -> Collection:
    id, name, private, files = row
    return Collection(id=id, name=name, private=bool(private), files=files)  # type: ignore[arg-type]
