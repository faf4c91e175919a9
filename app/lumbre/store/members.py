"""Files that lie inside other files of the library: rows of their own that come and go with their container."""

from __future__ import annotations

import json
from pathlib import Path

import apsw

from lumbre.store.collections import json_list
from lumbre.store.database import first, rows
from lumbre.store.orphans import drop_orphans

WITHIN = """
WITH RECURSIVE within(id) AS (
    SELECT f.id FROM json_each(?1) j JOIN files f ON f.path = j.value
    UNION SELECT f.id FROM files f JOIN within ON f.container_id = within.id
)
"""
"""A list of paths becomes those files and all that is inside them."""


def sync_members(connection: apsw.Connection, path: str, changed: bool) -> None:
    """Have a row for every file inside this one, as its document names them; with `changed` all are read again."""
    container = first(
        connection,
        "SELECT f.id, d.members FROM files f JOIN documents d ON d.id = f.document_id WHERE path = ?",
        (path,),
    )
    if container is None:
        return
    id, members = container
    wanted = json_list([str(Path(path, name)) for name in json.loads(members)])
    query = "SELECT path FROM files WHERE container_id = ? AND path NOT IN (SELECT value FROM json_each(?))"
    drop_files(connection, [gone for (gone,) in rows(connection, query, (id, wanted))])
    if changed:
        connection.execute(
            "UPDATE files SET state = 'waiting', attempts = 0, code = '', details = '{}' WHERE container_id = ?", (id,)
        )
    query = "INSERT OR IGNORE INTO files (path, container_id) SELECT value, ? FROM json_each(?)"
    connection.execute(query, (id, wanted))
    connection.execute(
        "INSERT OR IGNORE INTO memberships SELECT m.collection_id, f.id FROM memberships m"
        " JOIN files f ON f.container_id = m.file_id WHERE m.file_id = ?",
        (id,),
    )


def join_collection(connection: apsw.Connection, collection_id: int, paths: list[str]) -> None:
    """Make files, and those inside them, members of a collection, unless a person took them out of it."""
    query = (
        f"{WITHIN} INSERT OR IGNORE INTO memberships SELECT ?2, id FROM within"
        " WHERE NOT EXISTS (SELECT 1 FROM moved_out o WHERE o.collection_id = ?2 AND o.file_id = id)"
    )
    connection.execute(query, (json_list(paths), collection_id))


def drop_files(connection: apsw.Connection, paths: list[str], *, inside_only: bool = False) -> None:
    """Delete files and those inside them, or only the latter, and the documents that then no file holds."""
    query = f"{WITHIN} SELECT f.id, f.document_id FROM within w JOIN files f ON f.id = w.id"
    if inside_only:
        query += " WHERE f.container_id IS NOT NULL AND f.path NOT IN (SELECT value FROM json_each(?1))"
    gone = rows(connection, query, (json_list(paths),))
    connection.execute(
        "DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))", (json_list([id for id, _ in gone]),)
    )
    drop_orphans(connection, [document for _, document in gone if document is not None])
