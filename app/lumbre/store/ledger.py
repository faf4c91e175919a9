"""The ledger of the door: append-only, each entry chained to the one before by its digest.

A permit writes two entries, since none is ever changed: one with the outcome "opened" before the first byte goes, so
that a kill cannot hide that the door was open, and one with what came of it. The first without the second is a crossing
that was cut off.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import apsw
import msgspec

from lumbre.core.errors import LedgerBroken
from lumbre.core.ledger import LedgerEntry
from lumbre.store.database import Database, first, rows

_COLUMNS = "number, time, purpose, what, host, bytes_out, bytes_in, outcome, previous, digest"


class Ledger:
    """Every permit used and what came of it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(
        self,
        *,
        purpose: str,
        what: str,
        host: str,
        bytes_out: int,
        bytes_in: int,
        outcome: str,
    ) -> LedgerEntry:
        """Append an entry; it is on the disk, safe from a power cut too, when this returns."""
        with self._db.write(durable=True) as connection:
            count, previous = next(connection.execute("SELECT count, digest FROM ledger_head"))
            entry = LedgerEntry(
                number=count + 1,
                time=time.time(),
                purpose=purpose,
                what=what,
                host=host,
                bytes_out=bytes_out,
                bytes_in=bytes_in,
                outcome=outcome,
                previous=previous,
                digest="",
            )
            entry = msgspec.structs.replace(entry, digest=_digest(entry))
            values = [getattr(entry, name) for name in _COLUMNS.split(", ")]
            connection.execute(f"INSERT INTO ledger ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            connection.execute("UPDATE ledger_head SET count = ?, digest = ?", (entry.number, entry.digest))
            return entry

    def entries(self) -> list[LedgerEntry]:
        """All entries, oldest first."""
        with self._db.read() as connection:
            return [_entry(row) for row in rows(connection, f"SELECT {_COLUMNS} FROM ledger ORDER BY number")]

    def verify(self) -> int:
        """Number of entries, when all are there as written. Raises LedgerBroken with the first that is not."""
        with self._db.read() as connection:
            return _verify(connection)

    def left_device_bytes(self) -> int:
        """Bytes of the person's data that have left this device."""
        with self._db.read() as connection:
            query = "SELECT coalesce(sum(bytes_out), 0) FROM ledger"
            (total,) = next(connection.execute(query))
            return int(total)


def _verify(connection: apsw.Connection) -> int:
    previous, number = "", 0
    for number, row in enumerate(connection.execute(f"SELECT {_COLUMNS} FROM ledger ORDER BY number"), start=1):
        entry = _entry(row)
        if (entry.number, entry.previous, entry.digest) != (number, previous, _digest(entry)):
            raise LedgerBroken(entry=number)
        previous = entry.digest
    # The head is kept apart, so that entries missing at the end are noticed too.
    if first(connection, "SELECT count, digest FROM ledger_head") != (number, previous):
        raise LedgerBroken(entry=number + 1)
    return number


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    return LedgerEntry(**dict(zip(_COLUMNS.split(", "), row, strict=True)))


def _digest(entry: LedgerEntry) -> str:
    """SHA-256 over the previous digest and the entry as JSON with sorted keys, its own digest left out."""
    fields = {name: value for name, value in msgspec.structs.asdict(entry).items() if name != "digest"}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((entry.previous + canonical).encode()).hexdigest()
