"""Scans and protected files in a library: what is quick comes first, and a password is asked for once."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

import pytest

from lumbre.assistant.indexer import Indexer
from lumbre.core.errors import ModelMissing
from lumbre.core.events import FileChanged
from lumbre.hosts.reader import ReaderHost
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples"


def test_a_scan_waits_until_the_other_files_are_read(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    library, reader = LibraryStore(database), ReaderHost()
    said: list[tuple[str, str]] = []

    def tell(event: object) -> None:
        if isinstance(event, FileChanged):
            said.append((Path(event.file.path).name, event.file.state))

    def no_embedder() -> Any:
        raise ModelMissing(name="none")

    indexer = Indexer(library, reader, 1, no_embedder, tmp_path / "lock", tell)
    names = ["image.tiff", "markdown.md", "csv.csv"]
    try:
        library.add_files([str(SAMPLES / name) for name in names], library.ensure_collection("A").id)
        assert indexer.wait_for(indexer.wake(), 300)
    finally:
        indexer.close()
        reader.close()
        database.close()
    assert said == [(names[0], "waiting"), (names[1], "readable"), (names[2], "readable"), (names[0], "readable")]


def test_a_recognition_that_is_called_off_waits_as_before(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    library = LibraryStore(database)
    path = str(SAMPLES / "image.tiff")
    library.add_files([path], library.ensure_collection("A").id)
    for deferred in (True, False):
        library.mark_reading(path)
        library.release(path, deferred)
        assert (library.waiting(9), library.waiting(9, deferred=True)) == ([], [path])
        assert library.attempts(path) == 0
    library.requeue([path])
    assert library.waiting(9) == [path]
    database.close()


@pytest.mark.samples
def test_a_password_is_given_once_and_forgotten_with_the_file(lumbre: Any, tmp_path: Path) -> None:
    locked = SHARED / "unstructured" / "pdf" / "password.pdf"
    if not locked.exists():
        pytest.skip(f"no sample documents at {SHARED}")
    file, wrong, right = tmp_path / "a.pdf", tmp_path / "wrong", tmp_path / "right"
    shutil.copyfile(locked, file)
    wrong.write_text("Password\n")
    right.write_text("password\n")
    added = lumbre("--json", "add", file)
    assert added.json["set_aside"][0]["code"] == "library.encrypted"
    refused = lumbre("--json", "library", "unlock", file, "--password-file", wrong)
    assert (refused.code, refused.json["error"]["code"]) == (3, "library.wrong-password")
    opened = lumbre("--json", "library", "unlock", file, "--password-file", right)
    assert (opened.code, opened.json["set_aside"]) == (0, [])
    assert lumbre("--json", "library", "retry", file).json["set_aside"] == []
    lumbre("library", "remove", file)
    assert lumbre("--json", "add", file).json["set_aside"][0]["code"] == "library.encrypted"
