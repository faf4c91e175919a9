"""Databases kept from earlier versions open, and hold what they held."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lumbre.core.documents import LibraryCounts
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.schema import MIGRATIONS

OLD = Path(__file__).parent / "old"
KEY = bytes(range(32))
"""The kept databases hold nothing but a line of our own."""


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_an_older_database_opens_whole(version: int, tmp_path: Path) -> None:
    path = tmp_path / "lumbre.db"
    shutil.copy(OLD / f"version{version}.db", path)
    db = Database.open(path, KEY)
    library = LibraryStore(db)
    assert library.counts() == LibraryCounts(files=1, done=1, chunks=1, embedded=1)
    (found,) = library.chunks([id for id, _ in library.lexical('"caldera"', 5)]).values()
    assert (found.path, found.private) == ("/tmp/año.txt", True)
    with db.read() as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    library.remove(["/tmp/año.txt"])
    assert library.counts() == LibraryCounts()
    db.close()
