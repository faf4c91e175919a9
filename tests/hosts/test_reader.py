"""Whatever a file does to its reader harms only that file. Children are real, and so are their deaths."""

import os
import sys
import threading
from pathlib import Path

import psutil
import pytest

from lumbre.core.errors import FileVanished, LibraryError, ReaderCrashed, ReaderTimeout, UnreadableFile
from lumbre.hosts import reader
from lumbre.hosts.reader import ReaderHost

RUDE = [sys.executable, str(Path(__file__).with_name("rude_child.py"))]


@pytest.fixture
def rude():
    host = ReaderHost(command=RUDE)
    yield host
    host.close()


def read(host: ReaderHost, what: str) -> str:
    return host.read(Path(what)).text


@pytest.mark.parametrize(
    ("what", "reason"),
    [("crash", "signal 11"), ("swell", "out of memory"), ("bug", "ZeroDivisionError"), ("connect", "192.0.2.1")],
)
def test_a_file_that_ends_its_reader_is_named_and_the_next_is_read(rude: ReaderHost, what: str, reason: str) -> None:
    with pytest.raises(ReaderCrashed) as caught:
        read(rude, what)
    assert reason in caught.value.details["reason"]
    assert read(rude, "good") == "good"


def test_a_file_that_never_ends_is_given_up() -> None:
    host = ReaderHost(timeout=1, command=RUDE)
    try:
        with pytest.raises(ReaderTimeout) as caught:
            read(host, "hang")
        assert caught.value.details["seconds"] == 1
        assert not host.children
    finally:
        host.close()


def test_a_file_may_take_longer_than_the_limit_while_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    host = ReaderHost(timeout=1, command=RUDE)
    try:
        assert read(host, "steps5") == "steps5"
        monkeypatch.setattr(reader, "_WHOLE", 2)
        with pytest.raises(ReaderTimeout):
            read(host, "steps9999")
        assert not host.children
    finally:
        host.close()


def test_what_native_code_prints_does_not_disturb_the_pipe(rude: ReaderHost) -> None:
    assert read(rude, "print") == "print"


def test_a_reader_cannot_start_programs_or_write_files(rude: ReaderHost) -> None:
    for what, reason in (("program", "PermissionError"), ("write", "File too large")):
        with pytest.raises(ReaderCrashed) as caught:
            read(rude, what)
        assert reason in caught.value.details["reason"]
    Path(os.environ["TMPDIR"], "spill").unlink(missing_ok=True)


def test_a_reader_has_no_network_beneath_python_either(rude: ReaderHost) -> None:
    read(rude, "good")
    if not rude.children[0].isolated:
        pytest.skip("this system lets no process leave the network")
    assert read(rude, "connect-natively") == "ENETUNREACH"


def test_a_reader_knows_no_secrets(rude: ReaderHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    known = read(rude, "environment")
    assert "sk-secret" not in known
    assert "HF_HUB_OFFLINE=1" in known


def test_a_read_that_is_cancelled_ends_the_child(rude: ReaderHost) -> None:
    stop = threading.Event()
    read(rude, "good")
    threading.Thread(target=lambda: stop.set()).start()
    with pytest.raises(ReaderCrashed, match="stopped"):
        rude.read(Path("hang"), stop.is_set)
    assert not rude.children


def test_an_idle_reader_ends_itself_and_comes_back() -> None:
    host = ReaderHost(idle=0.2, command=RUDE)
    try:
        assert read(host, "good") == "good"
        first = psutil.Process(host.children[0].pid)
        psutil.wait_procs([first], timeout=20)
        assert not first.is_running()
        assert read(host, "again") == "again"
    finally:
        host.close()


def test_real_files_are_read_apart(tmp_path: Path) -> None:
    file = tmp_path / "año nuevo.md"
    file.write_text("# Título\n\nUna línea con ñ.\n", "utf-8")
    host = ReaderHost()
    try:
        found = host.read(file)
        assert "Una línea con ñ." in found.text
        assert [found.text[block.start : block.end] for block in found.blocks if block.kind == "heading"]
        with pytest.raises((FileVanished, UnreadableFile)):
            host.read(tmp_path / "gone.md")
        (tmp_path / "empty.txt").touch()
        with pytest.raises(LibraryError):
            host.read(tmp_path / "empty.txt")
    finally:
        host.close()


def test_a_file_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.txt")
    file.write_text("Hola, mundo.")
    host = ReaderHost()
    try:
        assert "Hola, mundo." in host.read(file).text
    finally:
        host.close()


def test_a_file_is_not_blamed_for_the_death_of_a_reader_that_read_others(rude: ReaderHost) -> None:
    assert read(rude, "good") == "good"
    psutil.Process(rude.children[0].pid).kill()
    assert read(rude, "innocent") == "innocent"
