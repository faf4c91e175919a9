"""Vectors by the text they stand for: a chunk embedded once is never embedded again, wherever it turns up.

One embedder serves. When another is wanted, its vectors grow beside those of the one that serves until none is missing;
then it serves, and the old ones are deleted in slices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apsw

from lumbre.store.collections import bump_scopes, json_list
from lumbre.store.database import Database, first, rows

_BATCH = 4096


class Vectors:
    """Vectors of one or more embedders, the queue of chunks without one. Part of LibraryStore."""

    _db: Database

    def serving_embedder(self) -> str | None:
        """Name of the embedder whose vectors are searched; None before the first was ever asked for."""
        with self._db.read() as connection:
            row = first(connection, "SELECT name FROM embedders WHERE active")
        return None if row is None else str(row[0])

    def unembedded(self, embedder: str, limit: int) -> list[tuple[bytes, str]]:
        """Up to `limit` different texts without a vector, with their hashes; the latest documents first in a shadow.

        An embedder not known yet begins a shadow, or serves at once when no other has vectors.
        """
        found: dict[bytes, str] = {}
        embedder_id, active = self._known(embedder)
        with self._db.read() as connection:
            found_rows = connection.execute(
                "SELECT c.hash, c.lead || c.text FROM pending p JOIN chunks c ON c.document_id = p.document_id"
                " LEFT JOIN vectors v ON v.hash = c.hash AND v.embedder_id = p.embedder_id"
                f" WHERE p.embedder_id = ? AND v.id IS NULL ORDER BY p.document_id {'ASC' if active else 'DESC'}",
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
        embedder_id, active = self._known(embedder)
        finished: list[int] = []
        with self._db.write() as connection:
            for digest, vector in vectors:
                if _insert(connection, embedder_id, digest, vector):
                    finished += _count_down(connection, embedder_id, digest)
            query = "DELETE FROM pending WHERE embedder_id = ? AND document_id = ?"
            connection.executemany(query, [(embedder_id, id) for id in finished])
            return [path for id in finished for path in _mark_done(connection, id)] if active else []

    def switch_embedder(self, embedder: str) -> list[str] | None:
        """Let an embedder serve that has all its vectors; the paths done by it. None when there is nothing to switch.

        From here on every search is made with it.
        """
        embedder_id, active = self._known(embedder)
        if active:
            return None
        with self._db.write() as connection:
            if first(connection, "SELECT 1 FROM pending WHERE embedder_id = ? LIMIT 1", (embedder_id,)):
                return None
            return _serve(connection, embedder_id)

    def sweep_vectors(self, wanted: str, limit: int) -> bool:
        """Delete up to `limit` vectors of embedders that neither serve nor are `wanted`; False when none is left."""
        with self._db.write() as connection:
            query = "SELECT id FROM embedders WHERE NOT active AND NOT swept AND name <> ? LIMIT 1"
            row = first(connection, query, (wanted,))
            if row is None:
                return False
            # Under another name, so that it begins anew should it ever be wanted again. The row stays: that nothing
            # refers to it any more could only be told by walking through all vectors.
            connection.execute("UPDATE embedders SET retired = 1, name = 'retired ' || id WHERE id = ?", row)
            connection.execute("DELETE FROM pending WHERE embedder_id = ?", row)
            if not _delete_some(connection, row[0], limit):
                connection.execute("UPDATE embedders SET swept = 1 WHERE id = ?", row)
            return True

    def vectors_after(self, embedder: str, id: int) -> Iterator[tuple[int, bytes]]:
        """Vectors of an embedder with a greater id, by id, float16."""
        while True:
            last, batch = self.vectors_page(embedder, id)
            yield from batch
            if last == id:
                return
            id = last

    def vectors_page(self, embedder: str, id: int) -> tuple[int, list[tuple[int, bytes]]]:
        """The next vectors with a greater id, and the id to ask with next time: the same one at the end.

        Those of other embedders are stepped over, so that nobody walks through them twice.
        """
        query = (
            "SELECT v.id, CASE WHEN e.name = ?1 THEN v.vector END FROM vectors v JOIN embedders e"
            " ON e.id = v.embedder_id WHERE v.id > ?2 ORDER BY v.id LIMIT ?3"
        )
        with self._db.read() as connection:
            found = rows(connection, query, (embedder, id, _BATCH))
        return (found[-1][0] if found else id), [(id, vector) for id, vector in found if vector is not None]

    def vectors_by_id(self, embedder: str, ids: Sequence[int]) -> list[tuple[int, bytes]]:
        """Those of an embedder's vectors that are there, float16, by id."""
        query = (
            "SELECT v.id, v.vector FROM json_each(?2) j JOIN vectors v ON v.id = j.value"
            " WHERE v.embedder_id = (SELECT id FROM embedders WHERE name = ?1) ORDER BY v.id"
        )
        with self._db.read() as connection:
            return [(id, vector) for id, vector in rows(connection, query, (embedder, json_list(list(ids))))]

    def spoken_sample(self, embedder: str, count: int) -> list[tuple[str, int, bytes]]:
        """Language ("en", "es" or ""), document and vector of some `count` texts, spread evenly over all of them."""
        query = (
            "SELECT d.language, d.id, v.vector FROM json_each(?2) j JOIN vectors v ON v.id = j.value"
            " JOIN chunks c ON c.hash = v.hash JOIN documents d ON d.id = c.document_id"
            " WHERE v.embedder_id = (SELECT id FROM embedders WHERE name = ?1) GROUP BY v.id"
        )
        with self._db.read() as connection:
            return rows(connection, query, (embedder, json_list(self._spread(count))))

    def _spread(self, count: int) -> list[int]:
        """Up to `count` ids spread evenly over those that vectors have had."""
        with self._db.read() as connection:
            least, most = next(connection.execute("SELECT min(id), max(id) FROM vectors"))
        if least is None:
            return []
        step = max(1.0, (most + 1 - least) / count)
        return [least + int(at * step) for at in range(min(count, most + 1 - least))]

    def sample_vectors(self, embedder: str, count: int) -> list[bytes]:
        """Some `count` vectors of an embedder, spread evenly over all of them."""
        ids = self._spread(count)
        found = (self.vectors_by_id(embedder, ids[at : at + _BATCH]) for at in range(0, len(ids), _BATCH))
        return [vector for batch in found for _, vector in batch]

    def vector_hash(self, id: int) -> bytes:
        """The hash of the text that a vector stands for; empty when there is no such vector."""
        with self._db.read() as connection:
            row = first(connection, "SELECT hash FROM vectors WHERE id = ?", (id,))
        return b"" if row is None else row[0]

    def last_vector(self) -> int:
        """The greatest id that a vector ever had."""
        with self._db.read() as connection:
            row = first(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'vectors'")
        return 0 if row is None else int(row[0])

    def removed_after(self, number: int) -> tuple[int, list[int]]:
        """Ids of vectors removed since `number` (0 is the beginning), and the number to ask with next time."""
        with self._db.read() as connection:
            query = "SELECT number, vector_id FROM removed_vectors WHERE number > ? ORDER BY number"
            removed = rows(connection, query, (number,))
        return (removed[-1][0] if removed else number), [id for _, id in removed]

    def last_removal(self) -> int:
        """The number of the latest removal."""
        with self._db.read() as connection:
            (number,) = next(connection.execute("SELECT coalesce(max(number), 0) FROM removed_vectors"))
        return int(number)

    def _known(self, embedder: str) -> tuple[int, bool]:
        """An embedder's id and whether it serves; one that is new gets its queue."""
        with self._db.read() as connection:
            row = first(connection, "SELECT id, active FROM embedders WHERE name = ?", (embedder,))
        if row is not None:
            return int(row[0]), bool(row[1])
        with self._db.write() as connection:
            connection.execute("INSERT OR IGNORE INTO embedders (name) VALUES (?)", (embedder,))
            new = connection.changes() > 0
            (id, active) = next(connection.execute("SELECT id, active FROM embedders WHERE name = ?", (embedder,)))
            if new:
                connection.execute(
                    "INSERT INTO pending SELECT ?, id, chunk_count FROM documents WHERE chunk_count > 0", (id,)
                )
                if not first(connection, "SELECT 1 FROM vectors LIMIT 1"):
                    _serve(connection, id)
                    active = 1
            return int(id), bool(active)


def _serve(connection: apsw.Connection, embedder_id: int) -> list[str]:
    """Make an embedder the one that serves: files are done when they have its vectors. The paths that became so."""
    connection.execute("UPDATE embedders SET active = (id = ?)", (embedder_id,))
    bump_scopes(connection)
    changed = rows(
        connection,
        "UPDATE files SET state = iif(state = 'readable', 'done', 'readable') WHERE state IN ('readable', 'done')"
        " AND (state = 'readable') = (document_id NOT IN (SELECT document_id FROM pending WHERE embedder_id = ?))"
        " RETURNING path, state",
        (embedder_id,),
    )
    return [path for path, state in changed if state == "done"]


def _delete_some(connection: apsw.Connection, embedder_id: int, limit: int) -> bool:
    """Delete up to `limit` vectors of an embedder; False when there was none."""
    gone = rows(
        connection,
        "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors WHERE embedder_id = ? LIMIT ?) RETURNING id",
        (embedder_id, limit),
    )
    connection.executemany("INSERT INTO removed_vectors (vector_id) VALUES (?)", gone)
    return bool(gone)


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


def _mark_done(connection: apsw.Connection, document_id: int) -> list[str]:
    query = "UPDATE files SET state = 'done' WHERE document_id = ? AND state = 'readable' RETURNING path"
    return [path for (path,) in rows(connection, query, (document_id,))]
