"""Fetches a file from an https address: resumes by Range, survives cut connections, follows redirects to https only."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lumbre.core.errors import CertificateInvalid, DownloadFailed, HostRefused, HostUnreachable, OtherFile
from lumbre.core.models import HttpsSource, ModelFile
from lumbre.core.protocols import Cancelled
from lumbre.egress.door import Crossing, DownloadStopped
from lumbre.egress.part import PartFile, require_room
from lumbre.egress.transport import open_transport

if TYPE_CHECKING:
    import httpx2

Tell = Callable[[int, int], None]
"""Hears bytes done and bytes in all."""

PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Waits before trying again; one more failure without a new byte ends it."""

_TIMEOUTS_S = {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": 10.0}
_MOST_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class _TryAgain(Exception):
    """A failure that may pass; carries the error to end with if it does not."""

    def __init__(self, error: DownloadFailed) -> None:
        super().__init__(str(error))
        self.error = error


def download(
    source: HttpsSource,
    file: ModelFile,
    target: Path,
    crossing: Crossing,
    progress: Tell,
    cancelled: Cancelled,
    pauses: Sequence[float] = PAUSES_S,
) -> None:
    """Bring `file` to `target`, going on from what an earlier try left. `progress` hears bytes done and in all.

    Raises DownloadFailed (and its leaves), ChecksumMismatch, DiskFull, HomeUnwritable, DoorClosed; DownloadStopped
    when `cancelled` says so. What was fetched is kept in all cases but a wrong checksum.
    """
    part = PartFile(target)
    require_room(target.parent, file.bytes - part.length())
    failures = 0
    while part.length() < file.bytes:
        before = part.length()
        try:
            _fetch_rest(source.url, file, part, crossing, progress, cancelled)
        except _TryAgain as passing:
            failures = 0 if part.length() > before else failures + 1
            if failures > len(pauses):
                raise passing.error from passing
            if failures:
                _wait(pauses[failures - 1], cancelled)
    part.finish(file)


def _fetch_rest(
    url: str, file: ModelFile, part: PartFile, crossing: Crossing, progress: Tell, cancelled: Cancelled
) -> None:
    """One request for the bytes that are missing. Raises _TryAgain for what may pass."""
    at = part.length()
    headers = {"User-Agent": "lumbre", "Accept-Encoding": "identity"}
    if at:
        # No If-Range: whether the file was changed meanwhile is told by its size now and its sha256 in the end.
        headers["Range"] = f"bytes={at}-"
    with _faults(file.name, crossing), _response(url, headers, crossing, cancelled) as response:
        start = _start(response, at, file, crossing)
        _write_body(response, part, start, file, crossing, progress, cancelled)
    if part.length() < file.bytes:
        raise _TryAgain(_unreachable(file.name, crossing, "the connection was cut"))


def _write_body(
    response: httpx2.Response,
    part: PartFile,
    start: int,
    file: ModelFile,
    crossing: Crossing,
    progress: Tell,
    cancelled: Cancelled,
) -> None:
    done = start
    with part.append(start) as out:
        for chunk in response.iter_raw():
            crossing.received(len(chunk))
            done += len(chunk)
            if done > file.bytes:
                out.truncate(0)
                raise OtherFile(name=file.name, host=crossing.host, offered=f"> {file.bytes}", expected=file.bytes)
            out.write(chunk)
            progress(done, file.bytes)
            if cancelled():
                raise DownloadStopped


@contextmanager
def _response(url: str, headers: dict[str, str], crossing: Crossing, cancelled: Cancelled) -> Iterator[httpx2.Response]:
    """The answer at the end of the redirects, each of which the door is told of."""
    import httpx2

    for _ in range(_MOST_HOPS + 1):
        with open_transport(url, crossing, cancelled) as transport:
            request = httpx2.Request("GET", url, headers=headers, extensions={"timeout": _TIMEOUTS_S})
            with closing(transport.handle_request(request)) as response:
                if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                    yield response
                    return
                url = urljoin(url, response.headers["Location"])
        crossing.follow(url)
    raise DownloadFailed(name=crossing.permit.what, reason=f"more than {_MOST_HOPS} redirects")


def _start(response: httpx2.Response, at: int, file: ModelFile, crossing: Crossing) -> int:
    """The offset at which the answer's body begins. Raises HostRefused, OtherFile or _TryAgain."""
    status = response.status_code
    if status in (200, 206, 416):
        total = _total(response)
        if total not in (None, file.bytes):
            raise OtherFile(name=file.name, host=crossing.host, offered=total, expected=file.bytes)
        if status == 200:
            return 0
        if status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {at}-"):
            return at
    refused = HostRefused(name=file.name, host=crossing.host, status=status)
    if status in _PASSING:
        raise _TryAgain(refused)
    raise refused


def _total(response: httpx2.Response) -> int | None:
    """The size of the whole file as the answer tells it."""
    ranged = response.headers.get("Content-Range", "").rpartition("/")[2]
    text = response.headers.get("Content-Length", "") if response.status_code == 200 else ranged
    return int(text) if text.isdecimal() else None


@contextmanager
def _faults(name: str, crossing: Crossing) -> Iterator[None]:
    """Translate what the network says."""
    import httpx2

    try:
        yield
    except httpx2.HTTPError as error:
        if _has_cause(error, ssl.SSLCertVerificationError):
            raise CertificateInvalid(name=name, host=crossing.host) from error
        raise _TryAgain(_unreachable(name, crossing, str(error) or type(error).__name__)) from error
    except (httpx2.InvalidURL, ImportError) as error:
        raise DownloadFailed(name=name, reason=str(error)) from error


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


def _unreachable(name: str, crossing: Crossing, reason: str) -> HostUnreachable:
    return HostUnreachable(name=name, host=crossing.host, reason=reason)


def _wait(seconds: float, cancelled: Cancelled) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancelled():
            raise DownloadStopped
        time.sleep(min(left, 0.2))
