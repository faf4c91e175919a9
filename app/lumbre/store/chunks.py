"""Chunks as they are found: by words, by vector, by place."""

from __future__ import annotations

import array
import threading
from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

from lumbre.store.collections import json_list
from lumbre.store.database import Database, rows
from lumbre.store.scopes import EVERYWHERE, Scope

# A chunk out of scope has no path and is left out.
_SELECT = """
SELECT * FROM (
    SELECT c.id, c.document_id, c.ordinal, c.start, c.stop, c.page, c.heading, c.text, d.language, c.hash,
        (SELECT f.path FROM files f WHERE f.document_id = c.document_id AND (:collection IS NULL OR EXISTS
                (SELECT 1 FROM memberships m WHERE m.collection_id = :collection AND m.file_id = f.id))
            AND (:files IS NULL OR f.id IN (SELECT value FROM json_each(:files)))
            ORDER BY f.id LIMIT 1) AS path,
        EXISTS (SELECT 1 FROM files f JOIN memberships m ON m.file_id = f.id
            JOIN collections k ON k.id = m.collection_id WHERE f.document_id = c.document_id AND k.private)
    FROM chunks c JOIN documents d ON d.id = c.document_id WHERE {which}
) WHERE path IS NOT NULL
"""

_SCOPED_VECTORS = """
SELECT DISTINCT v.id FROM chunks c JOIN vectors v ON v.hash = c.hash
JOIN embedders e ON e.id = v.embedder_id AND e.active WHERE {within}
"""
COUNTED = 500
"""Chunks with a word that are counted from either end; between those of a commoner word it is taken to be as dense."""


class StoredChunk(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk with the place where it stands and one path of its document, in the scope that was asked for."""

    id: int
    document_id: int
    ordinal: int
    start: int
    end: int
    page: int | None
    heading: str
    text: str
    language: str
    hash: bytes
    path: str
    private: bool
    """True when any file with this content is in a collection that never leaves this device."""


class Chunks:
    """Looking chunks up. Part of LibraryStore."""

    _db: Database

    def __init__(self, db: Database) -> None:
        self._db = db
        self._scopes: dict[int, tuple[int, int, array.array[int]]] = {}
        self._scoping = threading.Lock()

    def chunks(self, ids: Sequence[int], scope: Scope = EVERYWHERE) -> dict[int, StoredChunk]:
        """Chunks by id; those that are gone or out of scope are left out."""
        which = "c.id IN (SELECT value FROM json_each(:ids))"
        return {chunk.id: chunk for chunk in self._select(which, scope, ids=json_list(list(ids)))}

    def lexical(
        self,
        match: str,
        limit: int,
        scope: Scope = EVERYWHERE,
        weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    ) -> list[tuple[int, float]]:
        """Ids and BM25 scores (higher is better) of the best chunks for an FTS5 expression, best first.

        `weights` are those of the columns words, stems, codes and heading.
        """
        if not match:
            return []
        document = "(SELECT document_id FROM chunks INDEXED BY chunks_document WHERE id = passages.rowid)"
        rank = "bm25(passages, {}, {}, {}, {})".format(*map(float, weights))
        # Twice as quick as ORDER BY rank, for which FTS5 sorts all that match with all their positions.
        query = (
            f"SELECT rowid, -{rank} AS score FROM passages WHERE passages MATCH :match AND {scope.holds(document)}"
            " ORDER BY score DESC LIMIT :limit"
        )
        parameters = {"match": match, "limit": limit, **scope.parameters}
        with self._db.read() as connection:
            return [(id, score) for id, score in rows(connection, query, parameters)]

    def frequencies(self, words: list[str]) -> dict[str, int]:
        """In how many chunks each indexed word occurs, in any column; unknown words are left out.

        Of a word in more than COUNTED chunks it is an estimate, by how densely it stands in the first and the last.
        """
        with self._db.read() as connection:
            (last,) = next(connection.execute("SELECT coalesce(max(id), 0) FROM chunks"))
            counts = {word: _frequency(connection, word, last) for word in dict.fromkeys(words)}
        return {word: count for word, count in counts.items() if count}

    def chunks_of_vectors(self, vector_ids: Sequence[int], scope: Scope = EVERYWHERE) -> dict[int, list[int]]:
        """Ids of the chunks each vector stands for, in scope."""
        query = (
            "SELECT v.id, k.id FROM json_each(:ids) j JOIN vectors v INDEXED BY vectors_text ON v.id = j.value"
            f" JOIN chunks k ON k.hash = v.hash WHERE {scope.holds('+k.document_id')} ORDER BY k.id"
        )
        found: dict[int, list[int]] = {}
        parameters = {"ids": json_list(list(vector_ids)), **scope.parameters}
        with self._db.read() as connection:
            for vector_id, chunk_id in connection.execute(query, parameters):
                found.setdefault(vector_id, []).append(chunk_id)
        return found

    def vectors_of_chunks(self, chunk_ids: Sequence[int]) -> dict[int, int]:
        """The id of each chunk's vector by the embedder in use; chunks not embedded yet are left out."""
        query = (
            "SELECT c.id, v.id FROM json_each(?) j JOIN chunks c ON c.id = j.value JOIN vectors v ON v.hash = c.hash"
            " JOIN embedders e ON e.id = v.embedder_id WHERE e.active"
        )
        with self._db.read() as connection:
            return dict(connection.execute(query, (json_list(list(chunk_ids)),)))

    def languages(self, chunk_ids: Sequence[int]) -> dict[int, str]:
        """The language of each chunk's document: "en", "es" or ""."""
        query = (
            "SELECT c.id, d.language FROM json_each(?) j JOIN chunks c INDEXED BY chunks_document ON c.id = j.value"
            " JOIN documents d ON d.id = c.document_id"
        )
        with self._db.read() as connection:
            return dict(connection.execute(query, (json_list(list(chunk_ids)),)))

    def vector_ids(self, scope: Scope) -> array.array[int]:
        """Ids of all vectors whose texts are in scope; of a collection remembered, so that a search pays for news."""
        if scope.files is not None:
            query = _SCOPED_VECTORS.format(within=scope.holds("c.document_id"))
            with self._db.read() as connection:
                return array.array("q", [id for (id,) in connection.execute(query, scope.parameters)])
        assert scope.collection_id is not None
        return self._vectors_of(scope.collection_id)

    def _vectors_of(self, collection_id: int) -> array.array[int]:
        with self._scoping, self._db.read() as connection:
            (version,) = next(connection.execute("SELECT value FROM counters WHERE name = 'scopes'"))
            (newest,) = next(connection.execute("SELECT coalesce(max(id), 0) FROM vectors"))
            known, last, ids = self._scopes.get(collection_id, (-1, 0, array.array("q")))
            if known != version:
                ids = array.array("q", _scope(connection, collection_id))
            elif newest > last:
                ids = ids + array.array("q", _scope_after(connection, collection_id, last))
            self._scopes[collection_id] = (version, newest, ids)
            return ids

    def _select(self, which: str, scope: Scope, **parameters: Any) -> list[StoredChunk]:
        with self._db.read() as connection:
            found = rows(connection, _SELECT.format(which=which), parameters | scope.parameters)
        return [_chunk(row) for row in found]


def _frequency(connection: apsw.Connection, word: str, last: int) -> int:
    """How many chunks hold a word; `last` is the greatest id of all."""
    found = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rowid {} LIMIT ?"
    parameters = (f'"{word}"', COUNTED)
    (count, reached) = next(connection.execute(f"SELECT count(*), max(rowid) FROM ({found.format('ASC')})", parameters))
    if count < COUNTED:
        return int(count)
    (begun,) = next(connection.execute(f"SELECT min(rowid) FROM ({found.format('DESC')})", parameters))
    if begun <= reached:
        return int(next(connection.execute("SELECT count(*) FROM passages WHERE passages MATCH ?", parameters[:1]))[0])
    return int(2 * count * last / (reached + last - begun + 1))


def _scope(connection: apsw.Connection, collection_id: int) -> list[int]:
    found = connection.execute(
        "SELECT DISTINCT v.id FROM memberships m JOIN files f ON f.id = m.file_id"
        " JOIN chunks c ON c.document_id = f.document_id JOIN vectors v ON v.hash = c.hash"
        " JOIN embedders e ON e.id = v.embedder_id AND e.active WHERE m.collection_id = ?",
        (collection_id,),
    )
    return [int(id) for (id,) in found]


def _scope_after(connection: apsw.Connection, collection_id: int, last: int) -> list[int]:
    found = connection.execute(
        "SELECT v.id FROM vectors v JOIN embedders e ON e.id = v.embedder_id AND e.active"
        " WHERE v.id > ? AND EXISTS (SELECT 1 FROM chunks c"
        " JOIN files f ON f.document_id = c.document_id JOIN memberships m ON m.file_id = f.id"
        " WHERE c.hash = v.hash AND m.collection_id = ?)",
        (last, collection_id),
    )
    return [int(id) for (id,) in found]


def _chunk(row: tuple[apsw.SQLiteValue, ...]) -> StoredChunk:
    id, document_id, ordinal, start, end, page, heading, text, language, digest, path, private = row
    return msgspec.convert(
        {
            "id": id,
            "document_id": document_id,
            "ordinal": ordinal,
            "start": start,
            "end": end,
            "page": page,
            "heading": heading,
            "text": text,
            "language": language,
            "hash": digest,
            "path": path,
            "private": bool(private),
        },
        StoredChunk,
    )
