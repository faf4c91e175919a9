"""Documents that no file holds any more."""

from __future__ import annotations

import apsw

from lumbre.store.collections import bump_scopes
from lumbre.store.database import first


def drop_orphans(connection: apsw.Connection, document_ids: list[int]) -> None:
    """Delete those documents that no file holds, and the vectors that then no chunk uses."""
    for id in dict.fromkeys(document_ids):
        if first(connection, "SELECT 1 FROM files WHERE document_id = ? LIMIT 1", (id,)):
            continue
        hashes = connection.execute("SELECT DISTINCT hash FROM chunks WHERE document_id = ?", (id,)).fetchall()
        connection.execute("DELETE FROM passages WHERE rowid IN (SELECT id FROM chunks WHERE document_id = ?)", (id,))
        connection.execute("DELETE FROM documents WHERE id = ?", (id,))
        gone = connection.executemany(
            "DELETE FROM vectors WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM chunks WHERE hash = ?1) RETURNING id",
            hashes,
        ).fetchall()
        connection.executemany("INSERT INTO removed_vectors (vector_id) VALUES (?)", gone)
        bump_scopes(connection)
