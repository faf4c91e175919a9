"""Where files lie: what is known of each place, and files that moved without being read again."""

from __future__ import annotations

import json

import apsw
import msgspec

from lumbre.core.documents import FileState
from lumbre.store.collections import bump_scopes, inside, json_list
from lumbre.store.database import first, rows
from lumbre.store.files import Files
from lumbre.store.members import WITHIN, drop_files

_PLACE = "SELECT path, size, mtime_ns, inode, state, code FROM files"
_ASIDE = ">"
"""Begins the path of a file on its way to another: no absolute path begins with it."""
_INODE_MASK = (1 << 63) - 1


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file on the disk: what tells it from others without reading it."""

    path: str
    size: int
    mtime_ns: int
    inode: int


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A file of the library as of its last reading (all 0 before the first)."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    state: FileState
    code: str


def stored_inode(inode: int) -> int:
    """An inode as the database can hold it; some systems number files with all 64 bits."""
    return inode & _INODE_MASK


class Moving(Files):
    """Files by place on the disk; what lies inside another file follows it. Part of LibraryStore."""

    def places_below(self, folder: str) -> dict[str, Place]:
        """What is known of a path and of all files below it, without those that lie inside other files."""
        query = f"{_PLACE} WHERE (path = ?1 OR (path >= ?2 AND path < ?3)) AND container_id IS NULL"
        with self._db.read() as connection:
            return {row[0]: Place(*row) for row in rows(connection, query, (folder, *inside(folder)))}

    def places(self, paths: list[str]) -> dict[str, Place]:
        """What is known of each of these paths that the library holds."""
        query = f"{_PLACE} WHERE path IN (SELECT value FROM json_each(?)) AND container_id IS NULL"
        with self._db.read() as connection:
            return {row[0]: Place(*row) for row in rows(connection, query, (json_list(paths),))}

    def twins(self, seen: list[Seen]) -> list[tuple[str, Seen]]:
        """Files of the library that were the same file as one now seen under another path: (known path, seen)."""
        by_path = {one.path: one for one in seen}
        query = (
            "SELECT f.path, j.value ->> 0 FROM json_each(?) j JOIN files f ON f.inode = j.value ->> 3"
            " AND f.size = j.value ->> 1 AND f.mtime_ns = j.value ->> 2 AND f.path <> j.value ->> 0"
            " WHERE f.inode <> 0 AND f.container_id IS NULL"
        )
        with self._db.read() as connection:
            found = rows(connection, query, (msgspec.json.encode(seen).decode(),))
        return [(old, by_path[new]) for old, new in found]

    def note_inodes(self, seen: list[Seen]) -> None:
        """Keep which file on the disk each path is."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE files SET inode = j.value ->> 3 FROM json_each(?) j WHERE files.path = j.value ->> 0",
                (msgspec.json.encode(seen).decode(),),
            )

    def move(self, pairs: list[tuple[str, str]]) -> None:
        """Give files new paths in one transaction, whatever lay there before; what lies inside them follows."""
        with self._db.write() as connection:
            query = "SELECT f.id, f.path, j.value ->> 1 FROM json_each(?) j JOIN files f ON f.path = j.value ->> 0"
            moved = rows(connection, query, (json.dumps(pairs),))
            for _, old, _ in moved:  # aside first, since one may move to where another one lay
                _set_members_aside(connection, old)
            query = f"UPDATE files SET path = '{_ASIDE}' || id WHERE id = ?"
            connection.executemany(query, [(id,) for id, _, _ in moved])
            drop_files(connection, [new for _, _, new in moved])
            connection.executemany(
                "UPDATE files SET path = ?, attempts = iif(state = 'reading', 0, attempts), reader = '',"
                " state = iif(state = 'reading', 'waiting', state) WHERE id = ?",
                [(new, id) for id, _, new in moved],
            )
            for _, old, new in moved:
                _bring_members(connection, old, new)
            query = "UPDATE OR REPLACE roots SET path = ? WHERE path = ?"
            connection.executemany(query, [(new, old) for _, old, new in moved])

    def change_collections(self, paths: list[str], leave: set[int], join: set[int]) -> None:
        """Take files out of some collections and put them into others, with what lies inside them."""
        with self._db.write() as connection:
            for id in leave:
                connection.execute(
                    f"{WITHIN} DELETE FROM memberships WHERE collection_id = ?2 AND file_id IN within",
                    (json_list(paths), id),
                )
            for id in join:
                connection.execute(
                    f"{WITHIN} INSERT OR IGNORE INTO memberships SELECT ?2, id FROM within",
                    (json_list(paths), id),
                )
            bump_scopes(connection)

    # --- what a person took out of an added folder ---

    def leave_out(self, paths: list[str]) -> None:
        """Remember that a person does not want what lies there, though its folder is in the library."""
        with self._db.write() as connection:
            connection.execute("INSERT OR IGNORE INTO left_out SELECT value FROM json_each(?)", (json_list(paths),))

    def take_in(self, path: str) -> None:
        """Forget that a path, or what is below it, was taken out."""
        with self._db.write() as connection:
            query = "DELETE FROM left_out WHERE path = ?1 OR (path >= ?2 AND path < ?3)"
            connection.execute(query, (path, *inside(path)))

    def left_out(self) -> set[str]:
        """The paths that a person took out."""
        with self._db.read() as connection:
            return {path for (path,) in connection.execute("SELECT path FROM left_out")}

    # --- holding all indexing, in every process ---

    @property
    def paused(self) -> bool:
        """Whether a person holds all reading and embedding; it outlives the program."""
        with self._db.read() as connection:
            return first(connection, "SELECT value FROM counters WHERE name = 'paused'") == (1,)

    def set_paused(self, paused: bool) -> None:
        """Hold reading and embedding, or let them go on."""
        with self._db.write() as connection:
            connection.execute("UPDATE counters SET value = ? WHERE name = 'paused'", (int(paused),))


def _set_members_aside(connection: apsw.Connection, container: str) -> None:
    query = f"UPDATE files SET path = '{_ASIDE}' || path WHERE path >= ? AND path < ? AND container_id IS NOT NULL"
    connection.execute(query, inside(container))


def _bring_members(connection: apsw.Connection, old: str, new: str) -> None:
    low, high = (_ASIDE + bound for bound in inside(old))
    query = "UPDATE files SET path = ?1 || substr(path, length(?2) + 2) WHERE path >= ?3 AND path < ?4"
    connection.execute(query, (new, old, low, high))
