"""Looking at everything that matches, not at the best of it."""

from __future__ import annotations

from lumbre.store.database import Database, rows
from lumbre.store.scopes import EVERYWHERE, Scope


class Census:
    """All chunks for an expression, and how much there is to look at. Part of LibraryStore."""

    _db: Database

    def matching(self, match: str, scope: Scope = EVERYWHERE, limit: int = 50_000) -> list[int]:
        """Ids of the chunks in scope that match an FTS5 expression, or of all for "", by document; at most `limit`."""
        matching = "AND c.id IN (SELECT rowid FROM passages WHERE passages MATCH :match)" if match else ""
        query = (
            f"SELECT c.id FROM chunks c WHERE {scope.holds('c.document_id')} {matching}"
            " ORDER BY c.document_id, c.ordinal LIMIT :limit"
        )
        parameters = {"limit": limit, **scope.parameters, **({"match": match} if match else {})}
        with self._db.read() as connection:
            found = rows(connection, query, parameters)
        return [id for (id,) in found]

    def extent(self, scope: Scope = EVERYWHERE) -> tuple[int, int]:
        """How many documents and chunks there are in scope."""
        query = f"SELECT count(*), coalesce(sum(chunk_count), 0) FROM documents d WHERE {scope.holds('d.id')}"
        with self._db.read() as connection:
            documents, chunks = next(connection.execute(query, scope.parameters))
        return int(documents), int(chunks)
