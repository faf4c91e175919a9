"""Downloads over HTTP, from a real server on loopback that cuts, lies, stalls and refuses."""

from __future__ import annotations

import itertools
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbre.core.errors import (
    ChecksumMismatch,
    DiskFull,
    DoorClosed,
    DownloadFailed,
    HostRefused,
    HostUnreachable,
    OtherFile,
)
from lumbre.core.models import HttpsSource, ModelFile
from lumbre.egress import https
from lumbre.egress.door import Door, DownloadStopped
from lumbre.egress.part import PartFile

QUICK = (0.0, 0.0)

Fetch = Callable[..., None]


def _never() -> bool:
    return False


@pytest.fixture
def fetch(door: Door, file: ModelFile, source: HttpsSource, target: Path) -> Fetch:
    """Downloads `file` from the server to `target` through the door."""

    def fetch(progress: Any = lambda done, total: None, cancelled: Any = _never, source: HttpsSource = source) -> None:
        with door.cross(door.permit_download(file, source)) as crossing:
            https.download(source, file, target, crossing, progress, cancelled, QUICK)

    return fetch


def test_a_file_arrives_whole(fetch: Fetch, server: Any, target: Path, body: bytes, ledger: Any) -> None:
    told: list[tuple[int, int]] = []
    fetch(lambda done, total: told.append((done, total)))
    assert target.read_bytes() == body
    assert list(target.parent.iterdir()) == [target]
    assert told == sorted(told)
    assert told[-1] == (len(body), len(body))
    assert [(entry["outcome"], entry["bytes_in"]) for entry in ledger] == [("opened", 0), ("finished", len(body))]


def test_a_cut_connection_is_resumed_where_it_was_cut(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    server.script = [server.send(cut=100_000), server.send(cut=50_000), server.send(cut=200_000)]
    fetch()
    assert target.read_bytes() == body
    assert server.ranges == [None, "bytes=100000-", "bytes=150000-", "bytes=350000-"]


def test_progress_with_each_try_never_gives_up(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    server.script = [server.send(cut=20_000) for _ in range(20)]
    fetch()
    assert target.read_bytes() == body


def test_a_server_that_ignores_range_makes_it_begin_again(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    server.script = [server.send(cut=100_000), server.send(ranges=False)]
    fetch()
    assert target.read_bytes() == body
    assert server.ranges == [None, "bytes=100000-"]


def test_a_server_that_always_cuts_is_given_up_and_what_came_is_kept(
    fetch: Fetch, server: Any, target: Path, ledger: Any
) -> None:
    server.script = [server.send(ranges=False, cut=1000) for _ in range(9)]
    with pytest.raises(HostUnreachable):
        fetch()
    assert PartFile(target).length() == 1000
    assert len(server.seen) == 4, "one that brought bytes, then three that brought none"
    assert ledger[-1]["outcome"] == "door.unreachable"


def test_another_size_is_noticed_before_anything_is_fetched(fetch: Fetch, server: Any, target: Path) -> None:
    server.body += b"more"
    with pytest.raises(OtherFile) as caught:
        fetch()
    assert caught.value.details["offered"] == len(server.body)
    assert PartFile(target).length() == 0


def test_another_size_is_noticed_when_resuming(fetch: Fetch, server: Any, target: Path) -> None:
    PartFile(target).path.write_bytes(server.body[:1000])
    server.body += b"more"
    with pytest.raises(OtherFile):
        fetch()
    assert PartFile(target).length() == 1000


def test_more_bytes_than_published_are_not_kept(fetch: Fetch, server: Any, target: Path) -> None:
    server.body += b"more"
    server.script = [server.send(told=False)]
    with pytest.raises(OtherFile):
        fetch()
    assert PartFile(target).length() == 0


def test_an_untold_length_that_ends_early_is_resumed(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    server.script = [server.send(told=False, cut=1000)]
    fetch()
    assert target.read_bytes() == body


def test_wrong_bytes_never_get_their_name(fetch: Fetch, server: Any, target: Path, ledger: Any) -> None:
    server.body = server.body[:-1] + bytes([server.body[-1] ^ 1])
    with pytest.raises(ChecksumMismatch):
        fetch()
    assert list(target.parent.iterdir()) == []
    assert ledger[-1]["outcome"] == "door.checksum"


def test_what_an_earlier_try_left_is_used(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    PartFile(target).path.write_bytes(body[:400_000])
    fetch()
    assert target.read_bytes() == body
    assert server.ranges == ["bytes=400000-"]


def test_a_part_that_has_all_needs_no_connection(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    PartFile(target).path.write_bytes(body)
    fetch()
    assert target.read_bytes() == body
    assert server.connections == 0


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_told_at_once(fetch: Fetch, server: Any, status: int) -> None:
    server.script = [server.refuse(status)]
    with pytest.raises(HostRefused) as caught:
        fetch()
    assert caught.value.details["status"] == status
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(fetch: Fetch, server: Any, target: Path, body: bytes, status: int) -> None:
    server.script = [server.refuse(status), server.refuse(status)]
    fetch()
    assert target.read_bytes() == body


def test_a_failure_that_does_not_pass_ends_it(fetch: Fetch, server: Any) -> None:
    server.script = [server.refuse(503) for _ in range(9)]
    with pytest.raises(HostRefused):
        fetch()
    assert len(server.seen) == 3


def test_a_redirect_to_another_host_is_followed_and_recorded(
    fetch: Fetch, server: Any, target: Path, body: bytes, ledger: Any
) -> None:
    server.script = [server.refuse(302, Location=f"http://localhost:{server.server_port}/cdn?sig=1")]
    fetch()
    assert target.read_bytes() == body
    assert [path for path, _ in server.seen] == ["/weights.gguf", "/cdn?sig=1"]
    assert ledger[-1]["host"] == "127.0.0.1 → localhost"


def test_a_relative_redirect_is_followed(fetch: Fetch, server: Any, target: Path, body: bytes) -> None:
    server.script = [server.refuse(307, Location="/moved")]
    fetch()
    assert target.read_bytes() == body


def test_redirects_end(fetch: Fetch, server: Any) -> None:
    server.script = [server.refuse(302, Location="/again") for _ in range(20)]
    with pytest.raises(DownloadFailed):
        fetch()
    assert len(server.seen) == 6


def test_a_redirect_to_plain_http_elsewhere_is_not_followed(fetch: Fetch, server: Any) -> None:
    server.script = [server.refuse(302, Location="http://cdn.example/x")]
    with pytest.raises(DoorClosed):
        fetch()
    assert len(server.seen) == 1


def test_stopping_between_pieces_keeps_them_and_the_next_try_goes_on(
    fetch: Fetch, server: Any, target: Path, body: bytes, ledger: Any
) -> None:
    came: list[int] = []
    with pytest.raises(DownloadStopped):
        fetch(lambda done, total: came.append(done), lambda: bool(came) and came[-1] > 100_000)
    kept = PartFile(target).length()
    assert 100_000 < kept < len(body)
    assert ledger[-1]["outcome"] == "stopped"
    fetch()
    assert target.read_bytes() == body
    assert server.ranges == [None, f"bytes={kept}-"]


def test_stopping_is_noticed_while_the_server_stands_still(
    fetch: Fetch, server: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(https._TIMEOUTS_S, "read", 1000.0)
    server.script = [server.send(cut=1000, stall=True)]
    came: list[int] = []
    asked = itertools.count()
    # Not at once, but when it was asked a few times after the last byte: while the read waits.
    with pytest.raises(DownloadStopped):
        fetch(lambda done, total: came.append(done), lambda: bool(came) and next(asked) > 4)
    assert PartFile(target).length() == 1000
    assert not server.waited_in_vain


def test_a_server_that_stands_still_is_left_and_asked_again(
    fetch: Fetch, server: Any, target: Path, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(https._TIMEOUTS_S, "read", 0.3)
    server.script = [server.send(cut=1000, stall=True)]
    fetch()
    assert target.read_bytes() == body
    assert server.ranges == [None, "bytes=1000-"]


def test_a_killed_process_leaves_what_came_and_the_next_one_goes_on(
    fetch: Fetch, server: Any, target: Path, file: ModelFile, body: bytes
) -> None:
    server.script = [server.send(cut=400_000, stall=True)]
    program = textwrap.dedent(
        f"""
        from pathlib import Path
        from lumbre.core.models import HttpsSource, ModelFile
        from lumbre.egress import https
        from lumbre.egress.door import Door

        door = Door(lambda **entry: None)
        file, source = ModelFile("weights.gguf", {file.bytes}, {file.sha256!r}), HttpsSource({server.url!r})
        with door.cross(door.permit_download(file, source)) as crossing:
            tell = lambda done, total: print(done, flush=True)
            https.download(source, file, Path({str(target)!r}), crossing, tell, lambda: False)
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 400_000:
                process.kill()
    server.released.set()
    kept = PartFile(target).length()
    assert 200_000 < kept <= 400_000
    fetch()
    assert target.read_bytes() == body
    assert server.ranges == [None, f"bytes={kept}-"]


def test_nobody_at_the_address(fetch: Fetch, server: Any) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(HostUnreachable) as caught:
        fetch()
    assert caught.value.retry


def test_without_a_permit_nothing_is_connected(
    door: Door, server: Any, file: ModelFile, source: HttpsSource, target: Path
) -> None:
    elsewhere = door.permit_download(file, HttpsSource("https://hub.example/weights.gguf"))
    with door.cross(elsewhere) as crossing, pytest.raises(DoorClosed):
        https.download(source, file, target, crossing, lambda done, total: None, _never, QUICK)
    assert server.connections == 0


def test_a_crossing_of_another_thread_opens_nothing_here(
    door: Door, server: Any, file: ModelFile, source: HttpsSource, target: Path
) -> None:
    caught: list[BaseException] = []
    with door.cross(door.permit_download(file, source)) as crossing:

        def steal() -> None:
            try:
                https.download(source, file, target, crossing, lambda done, total: None, _never, QUICK)
            except DoorClosed as error:
                caught.append(error)

        thread = threading.Thread(target=steal)
        thread.start()
        thread.join()
    assert len(caught) == 1
    assert server.connections == 0


def test_the_audit_hook_lets_through_what_the_door_opened_and_nothing_else(
    server: Any, target: Path, file: ModelFile
) -> None:
    # In a process of its own, because an audit hook stays for the life of a process.
    program = textwrap.dedent(
        f"""
        import socket
        from pathlib import Path
        from lumbre.core.errors import DoorClosed
        from lumbre.core.models import HttpsSource, ModelFile
        from lumbre.egress import audit_hook, https
        from lumbre.egress.door import Door

        door = Door(lambda **entry: None)
        audit_hook.install(door.allows)
        place = ("127.0.0.1", {server.server_port})

        def knock():
            try:
                socket.create_connection(place)
            except DoorClosed:
                return "closed"
            return "open"

        print(knock())
        file, source = ModelFile("weights.gguf", {file.bytes}, {file.sha256!r}), HttpsSource({server.url!r})
        with door.cross(door.permit_download(file, source)) as crossing:
            https.download(source, file, Path({str(target)!r}), crossing, lambda done, total: None, lambda: False)
        print(knock())
        """
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.stdout.split(), run.stderr) == (["closed", "closed"], "")
    assert target.stat().st_size == file.bytes
    assert server.connections == 1


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    door: Door, server: Any, source: HttpsSource, small_disk: Path
) -> None:
    big = ModelFile("weights.gguf", 7_000_000, "0" * 64)
    with door.cross(door.permit_download(big, source)) as crossing, pytest.raises(DiskFull):
        https.download(source, big, small_disk / "f", crossing, lambda done, total: None, _never, QUICK)
    assert server.connections == 0


def test_a_disk_that_fills_up_meanwhile_keeps_what_came(
    door: Door, server: Any, file: ModelFile, source: HttpsSource, small_disk: Path, body: bytes
) -> None:
    def fill(done: int, total: int) -> None:
        if done > 200_000 and not (small_disk / "other").exists():
            with pytest.raises(OSError, match="No space left"):
                (small_disk / "other").write_bytes(bytes(16 << 20))

    target = small_disk / "weights.gguf"
    with door.cross(door.permit_download(file, source)) as crossing, pytest.raises(DiskFull):
        https.download(source, file, target, crossing, fill, _never, QUICK)
    assert not target.exists()
    (small_disk / "other").unlink()
    with door.cross(door.permit_download(file, source)) as crossing:
        https.download(source, file, target, crossing, lambda done, total: None, _never, QUICK)
    assert target.read_bytes() == body
