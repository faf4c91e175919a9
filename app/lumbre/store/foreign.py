"""Databases of other programs: read, never written, and their troubles told as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from lumbre.core.errors import PeerUnknown, PeerUnreadable
from lumbre.store.database import rows


@contextmanager
def foreign(path: Path, program: str) -> Iterator[apsw.Connection]:
    """A connection to another program's SQLite file that cannot write. Raises PeerUnreadable, PeerUnknown.

    A file at rest is opened as immutable, so that nothing beside it is touched either; one with a journal is in use,
    and SQLite must see that journal to read it right.
    """
    in_use = any(_has_content(path.with_name(path.name + ending)) for ending in ("-wal", "-journal"))
    mode = "mode=ro" if in_use else "immutable=1"
    connection: apsw.Connection | None = None
    try:
        connection = apsw.Connection(f"{path.as_uri()}?{mode}", apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        rows(connection, "SELECT count(*) FROM sqlite_schema")
        yield connection
    except apsw.SQLError as error:
        raise PeerUnknown(program=program, path=str(path), reason=str(error)) from error
    except (apsw.Error, UnicodeDecodeError) as error:
        raise PeerUnreadable(program=program, path=str(path), reason=str(error)) from error
    finally:
        if connection is not None:
            connection.close()


def columns(connection: apsw.Connection, table: str) -> set[str]:
    """Names of the columns of a table; none when there is no such table."""
    return {name for (name,) in rows(connection, "SELECT name FROM pragma_table_info(?)", (table,))}


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
