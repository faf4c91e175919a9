"""The encrypted SQLite file: connections, transactions, migrations, and apsw's errors turned into ours."""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from lumbre.core.errors import (
    DatabaseDamaged,
    DiskFull,
    HomeUnwritable,
    LibraryBusy,
    LumbreError,
    NewerDatabase,
    WrongKey,
)
from lumbre.store.lock import locked
from lumbre.store.schema import MIGRATIONS

_BUSY_MS = 20_000
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-16000",
    "wal_autocheckpoint=4000",
    f"journal_size_limit={64 << 20}",
)
_READER_CACHE_KIB = 32_000
"""A search touches some 1,500 pages here and there, and each that is not cached is decrypted: 20 µs."""
_FULL_BYTES = 1 << 20
_PAGE = 4096


class Database:
    """One library's database. Safe to use from any thread; several processes may have the same file open."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Use `Database.open`."""
        self.path = path
        self._key = key
        self._writer = _connect(path, key)
        self._writing = threading.RLock()
        self._writing_thread = 0
        self._readers = threading.local()
        self._open: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()

    @classmethod
    def open(cls, path: Path, key: bytes) -> Database:
        """Open or create the database with a raw 32-byte key and bring it up to this version.

        Raises WrongKey, NewerDatabase, DatabaseDamaged, HomeUnwritable, DiskFull, LibraryBusy.
        """
        # Two first starts at once would each invent a salt for the empty file.
        with locked(path.parent / "opening.lock"), translated(path, opening=True):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            database = cls(path, key)
            try:
                _migrate(database._writer)
            except BaseException:
                database.close()
                raise
            return database

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[apsw.Connection]:
        """One transaction, committed when the block ends and undone when it raises; inside another it joins that.

        What is committed survives the death of this process; with `durable` also that of the machine.
        """
        with self._writing, translated(self.path):
            connection = self._writer
            if connection.in_transaction:
                yield connection
                return
            # NORMAL hands a commit to the system without waiting for the disk: a killed process loses nothing, and
            # after a power cut the last commits may be missing but the file is whole.
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            self._writing_thread = threading.get_ident()
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._writing_thread = 0

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """This thread's reader, seeing one state of the database; inside `write`, the writer with what it wrote."""
        with translated(self.path):
            if self._writing_thread == threading.get_ident():
                yield self._writer
                return
            connection = self._reader()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    def close(self) -> None:
        """Close every connection; idempotent."""
        with self._writing:
            for connection in list(self._open):
                # A thread still reading is told to stop; its connection then goes with the thread.
                with suppress(apsw.ThreadingViolationError, apsw.ConnectionClosedError):
                    connection.interrupt()
                    connection.close()
            self._writer.close()

    def _reader(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = _connect(self.path, self._key)
            connection.execute("PRAGMA query_only=1")
            connection.execute(f"PRAGMA cache_size=-{_READER_CACHE_KIB}")
            self._readers.connection = connection
            self._open.add(connection)
        return connection


def rows(
    connection: apsw.Connection, sql: str, parameters: tuple[Any, ...] | dict[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return connection.execute(sql, parameters).fetchall()


def first(connection: apsw.Connection, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    """The first row of a query, or None."""
    row: tuple[Any, ...] | None = connection.execute(sql, parameters).fetchone()
    return row


@contextmanager
def translated(path: Path, *, opening: bool = False) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system that are the world's fault into ours; bugs pass as they are."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        ours = _translate(error, path, opening)
        if ours is None:
            raise
        raise ours from error


def _translate(error: Exception, path: Path, opening: bool) -> LumbreError | None:
    reason = str(error)
    match error:
        case apsw.NotADBError() if opening and path.stat().st_size % _PAGE == 0:
            return WrongKey()
        case apsw.NotADBError() | apsw.CorruptError():
            return DatabaseDamaged(reason=reason)
        case apsw.FullError():
            return DiskFull(path=str(path.parent))
        case apsw.BusyError() | apsw.LockedError() | apsw.ProtocolError():
            return LibraryBusy()
        case apsw.IOError() | OSError() if shutil.disk_usage(path.parent).free < _FULL_BYTES:
            return DiskFull(path=str(path.parent))
        case apsw.CantOpenError() | apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.IOError() | OSError():
            return HomeUnwritable(path=str(path.parent), reason=reason)
    return None


def _connect(path: Path, key: bytes) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MS)
    # The key comes first: every other statement reads the file. SQLCipher 4: AES-256, each page authenticated.
    for pragma in ("cipher='sqlcipher'", "legacy=4", f"key=\"x'{key.hex()}'\"", *_PRAGMAS):
        # A cursor does the next statement only when the rows of the last one were taken.
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _migrate(connection: apsw.Connection) -> None:
    (version,) = next(connection.execute("PRAGMA user_version"))
    if version > len(MIGRATIONS):
        raise NewerDatabase
    if version == len(MIGRATIONS):
        return
    with connection:
        for step in MIGRATIONS[version:]:
            step(connection)
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
