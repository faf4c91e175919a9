"""The door: closed by default, opened only by permits it gave, once each, and never without the ledger."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from lumbre.core.errors import AirGapped, DiskFull, DoorClosed, DownloadFailed
from lumbre.core.models import HttpsSource, ModelFile, WheelSource
from lumbre.egress.door import PACKAGE_INDEX, Door, DownloadStopped, Permit

FILE = ModelFile("weights.gguf", 1000, "0" * 64)
SOURCE = HttpsSource("https://hub.example/a/weights.gguf")

Ledger = list[dict[str, Any]]


def _receive(door: Door, count: int, failure: BaseException) -> None:
    with door.cross(door.permit_download(FILE, SOURCE)) as crossing:
        crossing.received(count)
        raise failure


def _outcomes(ledger: Ledger) -> list[str]:
    return [entry["outcome"] for entry in ledger]


def test_closed_until_a_permit_is_crossed_and_after_it(door: Door) -> None:
    permit = door.permit_download(FILE, SOURCE)
    assert not door.allows("hub.example", 443)
    with door.cross(permit):
        assert door.allows("hub.example", 443)
        assert door.open == [permit]
        assert not door.allows("hub.example", 80)
        assert not door.allows("other.example", 443)
        assert not door.allows("127.0.0.1", 443)
    assert not door.allows("hub.example", 443)
    assert door.open == []


def test_a_permit_opens_the_door_for_its_thread_only(door: Door) -> None:
    seen: list[bool] = []
    with door.cross(door.permit_download(FILE, SOURCE)):
        thread = threading.Thread(target=lambda: seen.append(door.allows("hub.example", 443)))
        thread.start()
        thread.join()
    assert seen == [False]


def test_a_permit_is_used_up(door: Door, ledger: Ledger) -> None:
    permit = door.permit_download(FILE, SOURCE)
    with door.cross(permit):
        pass
    with pytest.raises(DoorClosed), door.cross(permit):
        pytest.fail("it opened")
    assert _outcomes(ledger) == ["opened", "finished"]


def test_a_permit_that_the_door_did_not_give_opens_nothing(door: Door, ledger: Ledger) -> None:
    given = door.permit_download(FILE, SOURCE)
    forged = Permit(given.number, "download", "weights.gguf", "elsewhere.example", 443, 10**12)
    with pytest.raises(DoorClosed), door.cross(forged):
        pytest.fail("it opened")
    assert ledger == []


def test_the_ledger_says_what_crossed_in_every_outcome(door: Door, ledger: Ledger) -> None:
    failures = [DownloadFailed(name="x", reason="y"), DownloadStopped(), ZeroDivisionError(), KeyboardInterrupt()]
    for failure in failures:
        with pytest.raises(type(failure)):
            _receive(door, 7, failure)
    with door.cross(door.permit_download(FILE, SOURCE)) as crossing:
        crossing.received(900)
        crossing.received(100)
    ends = ["door.download-failed", "stopped", "ZeroDivisionError", "stopped", "finished"]
    assert _outcomes(ledger) == [outcome for end in ends for outcome in ("opened", end)]
    assert [entry["bytes_in"] for entry in ledger[1::2]] == [7, 7, 7, 7, 1000]
    assert ledger[-1] == {
        "purpose": "download",
        "what": "weights.gguf",
        "host": "hub.example",
        "bytes_out": 0,
        "bytes_in": 1000,
        "outcome": "finished",
    }


def test_nothing_crosses_when_the_ledger_cannot_be_written() -> None:
    def full(**entry: Any) -> None:
        raise DiskFull(path="/")

    door = Door(full)
    with pytest.raises(DiskFull), door.cross(door.permit_download(FILE, SOURCE)):
        pytest.fail("it opened")
    assert not door.allows("hub.example", 443)


def test_a_ledger_that_fails_at_the_end_is_heard_and_the_door_closes() -> None:
    def failing_at_the_end(**entry: Any) -> None:
        if entry["outcome"] != "opened":
            raise DiskFull(path="/")

    door = Door(failing_at_the_end)
    with pytest.raises(DiskFull), door.cross(door.permit_download(FILE, SOURCE)):
        pass
    assert door.open == []


def test_air_gapped_gives_no_permit_and_opens_none(door: Door, ledger: Ledger) -> None:
    permit = door.permit_download(FILE, SOURCE)
    door.air_gapped = True
    with pytest.raises(AirGapped):
        door.permit_download(FILE, SOURCE)
    with pytest.raises(AirGapped), door.cross(permit):
        pytest.fail("it opened")
    assert ledger == []


def test_air_gapped_ends_what_is_crossing(door: Door, ledger: Ledger) -> None:
    def close_and_go_on() -> None:
        with door.cross(door.permit_download(FILE, SOURCE)) as crossing:
            crossing.received(1)
            door.air_gapped = True
            assert not door.allows("hub.example", 443)
            crossing.received(1)

    with pytest.raises(AirGapped):
        close_and_go_on()
    assert _outcomes(ledger) == ["opened", "door.air-gapped"]


@pytest.mark.parametrize("url", ["http://hub.example/f", "ftp://hub.example/f", "https:///f", "file:///etc/passwd", ""])
def test_only_https_is_permitted(door: Door, url: str) -> None:
    with pytest.raises(DoorClosed):
        door.permit_download(FILE, HttpsSource(url))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_plain_http_is_permitted_to_this_machine_alone(door: Door, host: str) -> None:
    assert door.permit_download(FILE, HttpsSource(f"http://{host}:8080/f")).port == 8080


def test_a_redirect_widens_the_permit_and_is_recorded(door: Door, ledger: Ledger) -> None:
    with door.cross(door.permit_download(FILE, SOURCE)) as crossing:
        crossing.follow("https://cdn.example:8443/x")
        crossing.follow("https://cdn.example:8443/y")
        assert door.allows("cdn.example", 8443)
    assert ledger[-1]["host"] == "hub.example → cdn.example"


@pytest.mark.parametrize(
    "url", ["http://cdn.example/x", "http://127.0.0.1/x", "javascript:1", "https://cdn.example:x/"]
)
def test_a_redirect_away_from_https_is_not_followed(door: Door, url: str) -> None:
    with pytest.raises(DoorClosed), door.cross(door.permit_download(FILE, SOURCE)) as crossing:
        crossing.follow(url)


def test_no_more_comes_in_than_was_permitted(door: Door) -> None:
    with door.cross(door.permit_download(FILE, SOURCE)) as crossing:
        crossing.received(crossing.permit.max_bytes)
        with pytest.raises(DownloadFailed):
            crossing.received(1)


def test_a_wheel_is_permitted_from_the_package_index(door: Door) -> None:
    permit = door.permit_download(FILE, WheelSource("x==1", "x/y"))
    assert permit.host == PACKAGE_INDEX
