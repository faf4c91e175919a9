"""Looking at everything that matches, not at the best of it."""

from __future__ import annotations

from lumbre.store.database import Database, rows


class Census:
    """All chunks for an expression, and how much there is to look at. Part of LibraryStore."""

    _db: Database

    def matching(self, match: str, collection_id: int | None = None, limit: int = 50_000) -> list[int]:
        """Ids of all chunks in scope that match an FTS5 expression, in the order of documents; at most `limit`."""
        if not match:
            return []
        query = (
            "SELECT c.id FROM passages p JOIN chunks c ON c.id = p.rowid WHERE p.passages MATCH ?1 AND EXISTS"
            " (SELECT 1 FROM files f WHERE f.document_id = c.document_id AND (?2 IS NULL OR EXISTS"
            " (SELECT 1 FROM memberships m WHERE m.collection_id = ?2 AND m.file_id = f.id)))"
            " ORDER BY c.document_id, c.ordinal LIMIT ?3"
        )
        with self._db.read() as connection:
            return [id for (id,) in rows(connection, query, (match, collection_id, limit))]

    def extent(self, collection_id: int | None = None) -> tuple[int, int]:
        """How many documents and chunks there are in scope."""
        query = (
            "SELECT count(*), coalesce(sum(chunk_count), 0) FROM documents d WHERE EXISTS (SELECT 1 FROM files f"
            " WHERE f.document_id = d.id AND (?1 IS NULL OR EXISTS"
            " (SELECT 1 FROM memberships m WHERE m.collection_id = ?1 AND m.file_id = f.id)))"
        )
        with self._db.read() as connection:
            documents, chunks = next(connection.execute(query, (collection_id,)))
        return int(documents), int(chunks)
