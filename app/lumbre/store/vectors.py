"""Vectors by the text they stand for: a chunk embedded once is never embedded again, wherever it turns up."""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from lumbre.store.database import Database, first, rows

_BATCH = 4096


class Vectors:
    """Vectors of one or more embedders, the queue of chunks without one. Part of LibraryStore."""

    _db: Database

    def unembedded(self, embedder: str, limit: int) -> list[tuple[bytes, str]]:
        """Up to `limit` different texts without a vector, with their hashes; makes `embedder` the one in use."""
        found: dict[bytes, str] = {}
        embedder_id = self._activate(embedder)
        with self._db.read() as connection:
            found_rows = connection.execute(
                "SELECT c.hash, c.lead || c.text FROM pending p JOIN chunks c ON c.document_id = p.document_id"
                " LEFT JOIN vectors v ON v.hash = c.hash AND v.embedder_id = p.embedder_id"
                " WHERE p.embedder_id = ? AND v.id IS NULL",
                (embedder_id,),
            )
            for digest, text in found_rows:
                found[digest] = text
                if len(found) >= limit:
                    break
            found_rows.close()
        return list(found.items())

    def put_vectors(self, embedder: str, vectors: list[tuple[bytes, bytes]]) -> list[str]:
        """Keep vectors (float16, by hash of the text) in one transaction; returns the paths that became done by it.

        A vector that is there already, or whose text is in no document any more, is passed over.
        """
        embedder_id = self._activate(embedder)
        finished: list[int] = []
        with self._db.write() as connection:
            for digest, vector in vectors:
                if _insert(connection, embedder_id, digest, vector):
                    finished += _count_down(connection, embedder_id, digest)
            return [path for id in finished for path in _mark_done(connection, embedder_id, id)]

    def vectors_after(self, embedder: str, id: int) -> Iterator[tuple[int, bytes]]:
        """Vectors of an embedder with a greater id, by id, float16."""
        while True:
            with self._db.read() as connection:
                batch = rows(
                    connection,
                    "SELECT v.id, v.vector FROM vectors v JOIN embedders e ON e.id = v.embedder_id"
                    " WHERE e.name = ? AND v.id > ? ORDER BY v.id LIMIT ?",
                    (embedder, id, _BATCH),
                )
            for id, vector in batch:
                yield id, vector
            if len(batch) < _BATCH:
                return

    def removed_after(self, number: int) -> tuple[int, list[int]]:
        """Ids of vectors removed since `number` (0 is the beginning), and the number to ask with next time."""
        with self._db.read() as connection:
            query = "SELECT number, vector_id FROM removed_vectors WHERE number > ? ORDER BY number"
            removed = rows(connection, query, (number,))
        return (removed[-1][0] if removed else number), [id for _, id in removed]

    def forget_embedder(self, embedder: str) -> None:
        """Delete all vectors of an embedder that is no longer used."""
        with self._db.write() as connection:
            for (id,) in rows(connection, "SELECT id FROM embedders WHERE name = ?", (embedder,)):
                connection.execute(
                    "INSERT INTO removed_vectors (vector_id) SELECT id FROM vectors WHERE embedder_id = ?", (id,)
                )
                connection.execute("DELETE FROM vectors WHERE embedder_id = ?", (id,))
                connection.execute("DELETE FROM embedders WHERE id = ?", (id,))

    def _activate(self, embedder: str) -> int:
        """The embedder's id. One that was not in use becomes so: files are done when they have its vectors."""
        with self._db.read() as connection:
            row = first(connection, "SELECT id, active FROM embedders WHERE name = ?", (embedder,))
        if row is not None and row[1]:
            return int(row[0])
        with self._db.write() as connection:
            connection.execute("INSERT OR IGNORE INTO embedders (name) VALUES (?)", (embedder,))
            new = connection.changes() > 0 and row is None
            connection.execute("UPDATE embedders SET active = (name = ?)", (embedder,))
            (id,) = next(connection.execute("SELECT id FROM embedders WHERE name = ?", (embedder,)))
            if new:
                connection.execute(
                    "INSERT INTO pending SELECT ?, id, chunk_count FROM documents WHERE chunk_count > 0", (id,)
                )
            connection.execute(
                "UPDATE files SET state = CASE WHEN EXISTS (SELECT 1 FROM pending p WHERE p.embedder_id = ?"
                " AND p.document_id = files.document_id) THEN 'readable' ELSE 'done' END"
                " WHERE state IN ('readable', 'done')",
                (id,),
            )
            return int(id)


def _insert(connection: apsw.Connection, embedder_id: int, digest: bytes, vector: bytes) -> bool:
    connection.execute(
        "INSERT OR IGNORE INTO vectors (embedder_id, hash, vector) SELECT ?1, ?2, ?3"
        " WHERE EXISTS (SELECT 1 FROM chunks WHERE hash = ?2)",
        (embedder_id, digest, vector),
    )
    return connection.changes() > 0


def _count_down(connection: apsw.Connection, embedder_id: int, digest: bytes) -> list[int]:
    """Note in each document with this text that fewer of its chunks lack a vector; returns those with none left."""
    query = "SELECT document_id, count(*) FROM chunks WHERE hash = ? GROUP BY document_id"
    counts = [(n, embedder_id, id) for id, n in rows(connection, query, (digest,))]
    update = "UPDATE pending SET missing = missing - ? WHERE embedder_id = ? AND document_id = ? RETURNING missing"
    left = [(first(connection, update, count), count[2]) for count in counts]
    return [id for missing, id in left if missing == (0,)]


def _mark_done(connection: apsw.Connection, embedder_id: int, document_id: int) -> list[str]:
    connection.execute("DELETE FROM pending WHERE embedder_id = ? AND document_id = ?", (embedder_id, document_id))
    query = "UPDATE files SET state = 'done' WHERE document_id = ? AND state = 'readable' RETURNING path"
    return [path for (path,) in rows(connection, query, (document_id,))]
