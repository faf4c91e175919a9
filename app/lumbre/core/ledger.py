"""What the ledger of the door records."""

from __future__ import annotations

import msgspec


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One permit and what came of it. `digest` chains it to the entry before: see store/ledger.py."""

    number: int
    time: float
    """Seconds since the epoch."""
    purpose: str
    """"download" for now."""
    what: str
    """What a person was told: the file's name."""
    host: str
    """Host name, or "package index"."""
    bytes_out: int
    """Bytes of the person's data that left; a download sends none."""
    bytes_in: int
    outcome: str
    """"opened" before anything crosses; in the entry after it "finished", "stopped" or the code of an error."""
    previous: str
    digest: str
