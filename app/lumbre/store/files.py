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
from lumbre.store.documents import drop_orphans
from lumbre.store.process import lives, own_mark

_REMOVE_AT_ONCE = 20

_SELECT = """
SELECT f.id, f.path, f.state, f.size, coalesce(d.format, ''), coalesce(d.page_count, 0), coalesce(d.chunk_count, 0),
    (SELECT json_group_array(k.name) FROM memberships m JOIN collections k ON k.id = m.collection_id
        WHERE m.file_id = f.id),
    f.code, f.details
FROM files f LEFT JOIN documents d ON d.id = f.document_id
"""

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
                "UPDATE files SET state = 'waiting', attempts = 0, deferred = 0, code = '', details = '{}'"
                " WHERE path IN (SELECT value FROM json_each(?))",
                (json_list(paths),),
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
            return [path for (path,) in rows(connection, query, _inside(folder))]

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

    def waiting(self, limit: int, deferred: bool = False) -> list[str]:
        """Files to read next, also those whose reader's process died; the least often tried first.

        Those whose text is still to be recognised are asked for by `deferred`.
        """
        with self._db.read() as connection:
            readers = rows(connection, "SELECT DISTINCT reader FROM files WHERE state = 'reading'")
            dead = [mark for (mark,) in readers if not lives(mark)]
            queue = rows(
                connection,
                "SELECT path FROM files WHERE deferred = ? AND (state = 'waiting'"
                " OR (state = 'reading' AND reader IN (SELECT value FROM json_each(?))))"
                " ORDER BY attempts, id LIMIT ?",
                (deferred, json_list(dead), limit),
            )
            return [path for (path,) in queue]

    def mark_reading(self, path: str) -> None:
        """Say that this process begins to read a file, and count it."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE files SET state = 'reading', reader = ?, attempts = attempts + 1 WHERE path = ?",
                (own_mark(), path),
            )

    def release(self, path: str, deferred: bool = False) -> None:
        """Undo mark_reading: the reading was called off, and not by the file's fault.

        With `deferred` it waits from now on behind all files whose text needs no recognition.
        """
        with self._db.write() as connection:
            connection.execute(
                "UPDATE files SET state = 'waiting', attempts = attempts - 1, deferred = max(deferred, ?)"
                " WHERE path = ? AND state = 'reading'",
                (deferred, path),
            )

    def keep_password(self, path: str, password: str) -> None:
        """Keep the password that opens a file, for as long as the library holds the file."""
        with self._db.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO passwords SELECT id, ? FROM files WHERE path = ?", (password, path)
            )

    def password(self, path: str) -> str:
        """The password kept for a file; empty when there is none."""
        with self._db.read() as connection:
            query = "SELECT password FROM passwords JOIN files ON files.id = file_id WHERE path = ?"
            row = first(connection, query, (path,))
        return "" if row is None else str(row[0])

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
                "UPDATE files SET state = 'set-aside', document_id = NULL, size = ?, mtime_ns = ?, sha256 = ?,"
                " attempts = 0, code = ?, details = ? WHERE path = ?",
                (size, mtime_ns, sha256, error.code, details, path),
            )
            drop_orphans(connection, [id for (id,) in old if id is not None])

    def remove(self, paths: list[str]) -> None:
        """Take files, and folders with all that is in them, out of the library; the files are not touched."""
        for path in paths:
            with self._db.write() as connection:
                connection.execute(
                    "DELETE FROM roots WHERE path = ?1 OR (path >= ?2 AND path < ?3)", (path, *_inside(path))
                )
        gone = [file for path in paths for file in [path, *self.paths_below(path)]]
        # In slices, so that a message being written does not wait for a whole folder to go.
        for at in range(0, len(gone), _REMOVE_AT_ONCE):
            with self._db.write() as connection:
                _remove(connection, gone[at : at + _REMOVE_AT_ONCE])

    def delete_collection(self, name: str) -> None:
        """Delete a collection, and the files that are in no other. Raises UnknownCollection."""
        with self._db.write() as connection:
            connection.execute("DELETE FROM collections WHERE id = ?", (self.collection(name).id,))
            bump_scopes(connection)
            query = "SELECT path FROM files WHERE id NOT IN (SELECT file_id FROM memberships)"
            _remove(connection, [path for (path,) in rows(connection, query)])


def _remove(connection: apsw.Connection, paths: list[str]) -> None:
    query = "DELETE FROM files WHERE path IN (SELECT value FROM json_each(?)) RETURNING document_id"
    gone = rows(connection, query, (json_list(paths),))
    drop_orphans(connection, [id for (id,) in gone if id is not None])


def _inside(folder: str) -> tuple[str, str]:
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
