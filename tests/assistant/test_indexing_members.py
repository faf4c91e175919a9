"""The library's worker over files inside files: their container is hashed once, and their number has an end."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.assistant import indexer as room
from lumbre.assistant.indexer import Indexer
from lumbre.core.documents import Extracted
from lumbre.core.errors import ModelMissing
from lumbre.core.protocols import Embedder
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

SECONDS = 60


class Here:
    """A reader in this process."""

    def read(self, path: Path, cancelled: object = None, *, password: str = "", recognise: bool = True) -> Extracted:
        return readers.read(path)

    render = staticmethod(readers.render)

    def close(self) -> None: ...


def no_embedder() -> Embedder:
    raise ModelMissing(name="none")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LibraryStore]:
    db = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield LibraryStore(db)
    db.close()


def indexed(library: LibraryStore, path: Path, tmp_path: Path) -> dict[str, str]:
    """States of all files, by path, once nothing waits."""
    library.add_files([str(path)], library.ensure_collection("Documents").id)
    worker = Indexer(library, Here(), readers.VERSION, no_embedder, tmp_path / "index.lock", lambda _: None)
    assert worker.wait_for(worker.wake(), SECONDS)
    worker.close()
    return {file.path: file.code or file.state for file in library.files()}


def test_a_container_is_hashed_once_for_all_its_members(
    library: LibraryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.txt", f"Carta número {number} sobre la leña.")
    hashed = []
    original = room.fingerprint
    monkeypatch.setattr(room, "fingerprint", lambda path: (hashed.append(path), original(path))[1])
    states = indexed(library, path, tmp_path)
    assert list(states.values()) == ["readable"] * 21
    assert hashed == [path] * 3  # before and after it was read, and once for all that is in it
    shas = {sha for _, _, sha, _ in library.known(list(states)).values()}
    assert len(shas) == 21


def test_members_of_members_have_an_end(library: LibraryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        for number in range(6):
            archive.writestr(f"{number}.txt", f"Carta {number}.")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("one.zip", "two.zip"):
            archive.write(inner, name)
    monkeypatch.setattr(room, "MEMBERS", 10)
    states = indexed(library, path, tmp_path)
    assert states[str(path / "one.zip")] == "readable"
    assert states[str(path / "two.zip")] == "library.unsafe-archive"
    assert len(states) == 1 + 2 + 6
