"""Files of the library and how far each has come."""

from __future__ import annotations

import json

import apsw
import msgspec

from lumbre.core.documents import FileEntry, FileState, LibraryCounts
from lumbre.core.errors import LumbreError, UnreadableFile
from lumbre.store.collections import Collections, bump_scopes, displayed, inside, json_list, normal_tag
from lumbre.store.database import first, rows
from lumbre.store.documents import AGAIN, settled
from lumbre.store.members import drop_files, join_collection
from lumbre.store.orphans import drop_orphans
from lumbre.store.process import lives, own_mark

_REMOVE_AT_ONCE = 20

_SELECT = """
SELECT f.id, f.path, f.state, f.size, f.mtime_ns / 1e9,
    coalesce(d.format, ''), coalesce(d.page_count, 0), coalesce(d.chunk_count, 0),
    (SELECT json_group_array(k.name) FROM memberships m JOIN collections k ON k.id = m.collection_id
        WHERE m.file_id = f.id),
    (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE file_id = f.id ORDER BY tag)),
    f.code, f.details, coalesce(c.path, ''),
    coalesce(json_array_length(d.hidden), 0), coalesce(json_array_length(d.warnings), 0)
FROM files f LEFT JOIN documents d ON d.id = f.document_id LEFT JOIN files c ON c.id = f.container_id
"""

_COUNTS = """
SELECT c.name, c.value FROM counters c
UNION ALL SELECT 'active', id FROM embedders WHERE active
UNION ALL SELECT 'shadow', id FROM embedders WHERE NOT active AND NOT retired
    AND EXISTS (SELECT 1 FROM pending WHERE embedder_id = embedders.id)
"""


class Files(Collections):
    """Files by path: waiting → reading → readable → done, or set aside. Part of LibraryStore."""

    def add_files(self, paths: list[str], collection_id: int) -> None:
        """Put files, with all that is inside them, into a collection; those not yet known wait to be read.

        A name that is not valid text is kept as `displayed` shows it, and set aside. A file that a person took out
        of the collection stays out.
        """
        nameless = [displayed(path) for path in paths if displayed(path) != path]
        paths = [displayed(path) for path in paths]
        with self._db.write() as connection:
            query = "INSERT OR IGNORE INTO files (path) SELECT value FROM json_each(?)"
            connection.execute(query, (json_list(paths),))
            for path in nameless:
                self.set_aside(path, UnreadableFile(reason="its name is not valid text"), size=0, mtime_ns=0)
            before = connection.total_changes()
            join_collection(connection, collection_id, paths)
            if connection.total_changes() != before:
                bump_scopes(connection)

    def requeue(self, paths: list[str]) -> None:
        """Have files read again because they changed; what is known of them serves until then."""
        with self._db.write() as connection:
            connection.execute(
                # What is being read just now is read once more: the reading that ends may be of what it was before.
                "UPDATE files SET state = 'waiting', attempts = iif(state = 'reading', attempts, 0), deferred = 0,"
                " code = '', reader = iif(state = 'reading', ?2, ''), details = '{}'"
                " WHERE path IN (SELECT value FROM json_each(?1))",
                (json_list(paths), AGAIN),
            )

    def retry(self, path: str) -> None:
        """Have a file read again, however often it failed."""
        self.requeue([path])

    def files(self, collection: str | None = None, tag: str | None = None) -> list[FileEntry]:
        """Files of a collection or of all, with a tag if one is named, by path. Raises UnknownCollection."""
        scope = None if collection is None else self.collection(collection).id
        where = (
            "(?1 IS NULL OR f.id IN (SELECT file_id FROM memberships WHERE collection_id = ?1))"
            " AND (?2 IS NULL OR f.id IN (SELECT file_id FROM tags WHERE tag = ?2))"
        )
        values = (scope, None if tag is None else normal_tag(tag))
        with self._db.read() as connection:
            return [_entry(row) for row in connection.execute(f"{_SELECT} WHERE {where} ORDER BY f.path", values)]

    def file(self, path: str) -> FileEntry | None:
        """One file, or None when the library does not hold it."""
        with self._db.read() as connection:
            row = first(connection, f"{_SELECT} WHERE f.path = ?", (path,))
        return None if row is None else _entry(row)

    def paths_below(self, folder: str) -> list[str]:
        """Paths of the library's files inside a folder, at any depth; without those inside other files."""
        with self._db.read() as connection:
            query = "SELECT path FROM files WHERE path >= ? AND path < ? AND container_id IS NULL ORDER BY path"
            return [path for (path,) in rows(connection, query, inside(folder))]

    def count_inside(self, path: str) -> int:
        """How many files the library holds inside another one, at any depth."""
        with self._db.read() as connection:
            query = "SELECT count(*) FROM files WHERE path >= ? AND path < ? AND container_id IS NOT NULL"
            return int(rows(connection, query, inside(path))[0][0])

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
            kept: dict[str, int] = dict(connection.execute(_COUNTS))
        states = {name[6:]: value for name, value in kept.items() if name.startswith("files ")}
        chunks, active, shadow = kept["chunks"], kept.get("active"), kept.get("shadow")
        return LibraryCounts(
            files=sum(states.values()),
            waiting=states.get("waiting", 0) + states.get("reading", 0),
            readable=states.get("readable", 0),
            done=states.get("done", 0),
            set_aside=states.get("set-aside", 0),
            chunks=chunks,
            embedded=chunks - kept.get(f"missing {active}", 0) if active is not None else 0,
            reindexed=chunks - kept.get(f"missing {shadow}", 0) if shadow is not None else None,
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
        """Keep why a file cannot be read; what an earlier reading brought is dropped, since it is no longer in it.

        So are the files inside it.
        """
        with self._db.write() as connection:
            details = json.dumps(error.details, default=str)
            old = rows(connection, "SELECT document_id FROM files WHERE path = ?", (path,))
            connection.execute(
                f"UPDATE files SET {settled('?')}, document_id = NULL, size = ?, mtime_ns = ?, sha256 = ?,"
                " attempts = 0, code = ?, details = ? WHERE path = ?",
                ("set-aside", size, mtime_ns, sha256, error.code, details, path),
            )
            drop_files(connection, [path], inside_only=True)
            drop_orphans(connection, [id for (id,) in old if id is not None])

    def remove(self, paths: list[str]) -> None:
        """Take files, and folders with all that is in them, out of the library; the files are not touched."""
        for path in paths:
            with self._db.write() as connection:
                connection.execute(
                    "DELETE FROM roots WHERE path = ?1 OR (path >= ?2 AND path < ?3)", (path, *inside(path))
                )
        gone = [file for path in paths for file in [path, *self.paths_below(path)]]
        self._remove_in_slices(gone)

    def only_in(self, name: str) -> list[str]:
        """Paths of the files that are in no other collection. Raises UnknownCollection."""
        query = (
            "SELECT f.path FROM memberships m JOIN files f ON f.id = m.file_id WHERE m.collection_id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.file_id = f.id AND o.collection_id <> ?1)"
            " ORDER BY f.path"
        )
        with self._db.read() as connection:
            return [path for (path,) in rows(connection, query, (self.collection(name).id,))]

    def delete_collection(self, name: str) -> int:
        """Delete a collection and the files that are in no other; returns how many those were.

        Raises UnknownCollection.
        """
        with self._db.write() as connection:
            connection.execute("DELETE FROM roots WHERE collection_id = ?", (self.collection(name).id,))
        gone = self.only_in(name)
        self._remove_in_slices(gone)
        with self._db.write() as connection:
            connection.execute("DELETE FROM collections WHERE name = ?", (name,))
            bump_scopes(connection)
            # What another process added to it meanwhile.
            late = rows(connection, "SELECT path FROM files WHERE id NOT IN (SELECT file_id FROM memberships)")
            drop_files(connection, [path for (path,) in late])
        return len(gone) + len(late)

    def _remove_in_slices(self, paths: list[str]) -> None:
        """Take files out in slices, so that a message being written does not wait for a whole folder to go."""
        for at in range(0, len(paths), _REMOVE_AT_ONCE):
            with self._db.write() as connection:
                drop_files(connection, paths[at : at + _REMOVE_AT_ONCE])


def _entry(row: tuple[apsw.SQLiteValue, ...]) -> FileEntry:
    id, path, state, size, modified, format, pages, chunks, collections, tags, code, details, *rest = row
    container, hidden, warnings = rest
    return msgspec.convert(
        {
            "id": id,
            "path": path,
            "state": state,
            "size": size,
            "modified": modified,
            "format": format,
            "pages": pages,
            "chunks": chunks,
            "collections": sorted(json.loads(str(collections))),
            "tags": json.loads(str(tags)),
            "code": code,
            "details": json.loads(str(details)),
            "container": container,
            "hidden": hidden,
            "warnings": warnings,
        },
        FileEntry,
    )
