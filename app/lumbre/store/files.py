"""Files of the library and how far each has come."""

from __future__ import annotations

import json
import os

import apsw
import msgspec

from lumbre.core.documents import FileEntry, FileState, LibraryCounts
from lumbre.core.errors import LumbreError, UnreadableFile
from lumbre.store.collections import Collections, bump_scopes, displayed, json_list
from lumbre.store.database import first, rows
from lumbre.store.documents import AGAIN, drop_orphans, settled
from lumbre.store.process import lives, own_mark

_REMOVE_AT_ONCE = 20

_SELECT = """
SELECT f.id, f.path, f.state, f.size, coalesce(d.format, ''), coalesce(d.page_count, 0), coalesce(d.chunk_count, 0),
    (SELECT json_group_array(k.name) FROM memberships m JOIN collections k ON k.id = m.collection_id
        WHERE m.file_id = f.id),
    f.code, f.details
FROM files f LEFT JOIN documents d ON d.id = f.document_id
"""

WITH_MEMBERS = """
WITH RECURSIVE family (id) AS (
    SELECT id FROM files WHERE path IN (SELECT value FROM json_each(?1))
    UNION SELECT files.id FROM family JOIN files ON files.container_id = family.id
)
"""
"""The files at paths (a JSON list as ?1) and what lies inside them, at any depth."""

_COUNTS = """
SELECT (SELECT coalesce(sum(chunk_count), 0) FROM documents),
    (SELECT coalesce(sum(missing), 0) FROM pending WHERE embedder_id = e.id), e.id
FROM (SELECT 1) LEFT JOIN embedders e ON e.active
"""


class Files(Collections):
    """Files by path: waiting → reading → readable → done, or set aside. Part of LibraryStore."""

    def add_files(self, paths: list[str], collection_id: int) -> None:
        """Make files members of a collection; those not yet known wait to be read.

        A name that is not valid text is kept as `displayed` shows it, and set aside.
        """
        nameless = [displayed(path) for path in paths if displayed(path) != path]
        paths = [displayed(path) for path in paths]
        with self._db.write() as connection:
            query = "INSERT OR IGNORE INTO files (path) SELECT value FROM json_each(?)"
            connection.execute(query, (json_list(paths),))
            for path in nameless:
                self.set_aside(path, UnreadableFile(reason="its name is not valid text"), size=0, mtime_ns=0)
            before = connection.total_changes()
            connection.execute(
                "INSERT OR IGNORE INTO memberships SELECT ?, f.id FROM json_each(?) j JOIN files f ON f.path = j.value",
                (collection_id, json_list(paths)),
            )
            if connection.total_changes() != before:
                bump_scopes(connection)

    def requeue(self, paths: list[str]) -> None:
        """Have files read again because they changed; what is known of them serves until then."""
        with self._db.write() as connection:
            connection.execute(
                # What is being read just now is read once more: the reading that ends may be of what it was before.
                "UPDATE files SET state = 'waiting', attempts = iif(state = 'reading', attempts, 0), code = '',"
                " reader = iif(state = 'reading', ?2, ''), details = '{}'"
                " WHERE path IN (SELECT value FROM json_each(?1))",
                (json_list(paths), AGAIN),
            )

    def retry(self, path: str) -> None:
        """Have a file read again, however often it failed."""
        self.requeue([path])

    def files(self, collection: str | None = None) -> list[FileEntry]:
        """Files of a collection or of all, by path. Raises UnknownCollection."""
        where, scope = "", ()
        if collection is not None:
            where = "WHERE f.id IN (SELECT file_id FROM memberships WHERE collection_id = ?)"
            scope = (self.collection(collection).id,)  # type: ignore[assignment]
        with self._db.read() as connection:
            return [_entry(row) for row in connection.execute(f"{_SELECT} {where} ORDER BY f.path", scope)]

    def file(self, path: str) -> FileEntry | None:
        """One file, or None when the library does not hold it."""
        with self._db.read() as connection:
            row = first(connection, f"{_SELECT} WHERE f.path = ?", (path,))
        return None if row is None else _entry(row)

    def paths_below(self, folder: str) -> list[str]:
        """Paths of the library's files inside a folder, at any depth."""
        with self._db.read() as connection:
            query = "SELECT path FROM files WHERE path >= ? AND path < ? ORDER BY path"
            return [path for (path,) in rows(connection, query, inside(folder))]

    def known(self, paths: list[str]) -> dict[str, tuple[int, int, str, FileState]]:
        """Of those paths that the library holds: size, mtime_ns, sha256 and state, as of the last reading."""
        with self._db.read() as connection:
            found = rows(
                connection,
                "SELECT f.path, size, mtime_ns, sha256, state FROM json_each(?) j JOIN files f ON f.path = j.value",
                (json_list(paths),),
            )
            return {path: (size, mtime_ns, sha256, state) for path, size, mtime_ns, sha256, state in found}

    def counts(self) -> LibraryCounts:
        """How many files stand where (each in one state; "reading" counts as waiting), and chunks with vectors."""
        with self._db.read() as connection:
            states = dict(connection.execute("SELECT state, count(*) FROM files GROUP BY state"))
            chunks, missing, embedder = next(connection.execute(_COUNTS))
        return LibraryCounts(
            files=sum(states.values()),
            waiting=states.get("waiting", 0) + states.get("reading", 0),
            readable=states.get("readable", 0),
            done=states.get("done", 0),
            set_aside=states.get("set-aside", 0),
            chunks=chunks,
            embedded=chunks - missing if embedder is not None else 0,
        )

    def waiting(self, limit: int) -> list[str]:
        """Files to read next, also those whose reader's process died; the least often tried first."""
        with self._db.read() as connection:
            readers = rows(connection, "SELECT DISTINCT reader FROM files WHERE state = 'reading'")
            dead = [mark for (mark,) in readers if not lives(mark)]
            queue = rows(
                connection,
                "SELECT path FROM files WHERE state = 'waiting'"
                " OR (state = 'reading' AND reader IN (SELECT value FROM json_each(?)))"
                " ORDER BY attempts, id LIMIT ?",
                (json_list(dead), limit),
            )
            return [path for (path,) in queue]

    def mark_reading(self, path: str) -> None:
        """Say that this process begins to read a file, and count it."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE files SET state = 'reading', reader = ?, attempts = attempts + 1 WHERE path = ?",
                (own_mark(), path),
            )

    def release(self, path: str) -> None:
        """Undo mark_reading: the reading was called off, and not by the file's fault."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE files SET state = 'waiting', attempts = attempts - 1 WHERE path = ? AND state = 'reading'",
                (path,),
            )

    def attempts(self, path: str) -> int:
        """How often reading it was begun since it was last read, set aside or asked for."""
        with self._db.read() as connection:
            row = first(connection, "SELECT attempts FROM files WHERE path = ?", (path,))
        return 0 if row is None else int(row[0])

    def touch(self, path: str, size: int, mtime_ns: int) -> None:
        """Note the new size and time of a file whose content is the same."""
        with self._db.write() as connection:
            connection.execute("UPDATE files SET size = ?, mtime_ns = ? WHERE path = ?", (size, mtime_ns, path))

    def set_aside(self, path: str, error: LumbreError, size: int, mtime_ns: int, sha256: str = "") -> None:
        """Keep why a file cannot be read; what an earlier reading brought is dropped, since it is no longer in it."""
        with self._db.write() as connection:
            details = json.dumps(error.details, default=str)
            old = rows(connection, "SELECT document_id FROM files WHERE path = ?", (path,))
            connection.execute(
                f"UPDATE files SET {settled('?')}, document_id = NULL, size = ?, mtime_ns = ?, sha256 = ?,"
                " attempts = 0, code = ?, details = ? WHERE path = ?",
                ("set-aside", size, mtime_ns, sha256, error.code, details, path),
            )
            drop_orphans(connection, [id for (id,) in old if id is not None])

    def remove(self, paths: list[str]) -> None:
        """Take files, and folders with all that is in them, out of the library; the files are not touched."""
        for path in paths:
            with self._db.write() as connection:
                connection.execute(
                    "DELETE FROM roots WHERE path = ?1 OR (path >= ?2 AND path < ?3)", (path, *inside(path))
                )
        gone = [file for path in paths for file in [path, *self.paths_below(path)]]
        # In slices, so that a message being written does not wait for a whole folder to go.
        for at in range(0, len(gone), _REMOVE_AT_ONCE):
            with self._db.write() as connection:
                remove_files(connection, gone[at : at + _REMOVE_AT_ONCE])

    def delete_collection(self, name: str) -> None:
        """Delete a collection, and the files that are in no other. Raises UnknownCollection."""
        with self._db.write() as connection:
            connection.execute("DELETE FROM collections WHERE id = ?", (self.collection(name).id,))
            bump_scopes(connection)
            query = "SELECT path FROM files WHERE id NOT IN (SELECT file_id FROM memberships)"
            remove_files(connection, [path for (path,) in rows(connection, query)])


def remove_files(connection: apsw.Connection, paths: list[str]) -> None:
    """Delete files with all that lies inside them, and the documents that then no file holds."""
    gone = rows(
        connection, f"{WITH_MEMBERS} SELECT id, document_id FROM family JOIN files USING (id)", (json_list(paths),)
    )
    connection.execute(
        "DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))", (json_list([id for id, _ in gone]),)
    )
    drop_orphans(connection, [document for _, document in gone if document is not None])


def inside(folder: str) -> tuple[str, str]:
    """Bounds of the paths below a folder: from its separator to the character after that."""
    stem = folder.rstrip(os.sep)
    return stem + os.sep, stem + chr(ord(os.sep) + 1)


def _entry(row: tuple[apsw.SQLiteValue, ...]) -> FileEntry:
    id, path, state, size, format, pages, chunks, collections, code, details = row
    return msgspec.convert(
        {
            "id": id,
            "path": path,
            "state": state,
            "size": size,
            "format": format,
            "pages": pages,
            "chunks": chunks,
            "collections": sorted(json.loads(str(collections))),
            "code": code,
            "details": json.loads(str(details)),
        },
        FileEntry,
    )
