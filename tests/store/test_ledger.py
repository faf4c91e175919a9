"""Nothing in the ledger can be changed without being noticed."""

from __future__ import annotations

import pytest
from apsw import ConstraintError

from lumbre.core.errors import LedgerBroken
from lumbre.core.ledger import LedgerEntry
from lumbre.store.database import Database
from lumbre.store.ledger import Ledger


@pytest.fixture
def ledger(db: Database) -> Ledger:
    return Ledger(db)


def _cross(ledger: Ledger, what: str, bytes_out: int = 0) -> LedgerEntry:
    ledger.record(purpose="download", what=what, host="example.org", bytes_out=0, bytes_in=0, outcome="opened")
    return ledger.record(
        purpose="download", what=what, host="example.org", bytes_out=bytes_out, bytes_in=10, outcome="finished"
    )


def test_entries_are_chained(ledger: Ledger) -> None:
    assert ledger.verify() == 0
    _cross(ledger, "modelo ñ.gguf")
    _cross(ledger, "b.onnx", bytes_out=7)
    entries = ledger.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert [entry.outcome for entry in entries] == ["opened", "finished"] * 2
    assert [entry.previous for entry in entries] == ["", *(entry.digest for entry in entries[:-1])]
    assert ledger.verify() == 4
    assert ledger.left_device_bytes() == 7


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET host = 'x'",
        "DELETE FROM ledger WHERE number = 2",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET count = 1",
    ],
)
def test_the_database_refuses_changes(ledger: Ledger, db: Database, statement: str) -> None:
    _cross(ledger, "a")
    with pytest.raises(ConstraintError, match="only grows"), db.write() as connection:
        connection.execute(statement)
    assert ledger.verify() == 2


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE ledger SET host = 'elsewhere.org' WHERE number = 3", 3),
        ("UPDATE ledger SET bytes_in = 11 WHERE number = 2", 2),
        ("UPDATE ledger SET time = time + 1 WHERE number = 1", 1),
        ("UPDATE ledger SET digest = 'x' WHERE number = 4", 4),
        ("DELETE FROM ledger WHERE number = 2", 2),
        ("DELETE FROM ledger WHERE number = 4", 4),
        ("DELETE FROM ledger", 1),
        ("DELETE FROM ledger WHERE number = 2; UPDATE ledger SET number = number - 1 WHERE number > 2", 2),
    ],
)
def test_tampering_with_the_triggers_gone_is_found(ledger: Ledger, db: Database, statement: str, entry: int) -> None:
    _cross(ledger, "a")
    _cross(ledger, "b")
    with db.write() as connection:
        connection.execute("DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete; " + statement)
    with pytest.raises(LedgerBroken) as broken:
        ledger.verify()
    assert broken.value.details["entry"] == entry
