"""HTTP that can only go where a crossing of the door leads, and that stops at once when it is asked to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from lumbre.core.errors import DoorClosed
from lumbre.core.protocols import Cancelled
from lumbre.egress.door import Crossing, DownloadStopped, is_loopback, port_of

if TYPE_CHECKING:
    import httpcore2
    import httpx2

_SLICE_S = 0.2
"""How long a read waits before it looks whether it was stopped."""


def open_transport(url: str, crossing: Crossing, cancelled: Cancelled) -> httpx2.HTTPTransport:
    """A transport for one request: TLS always verified against the system's certificates, no cookies, no redirects.

    Goes through the proxy that the system's settings or environment name, since many company networks have no other
    way out; the ledger shows the host that was asked for. Used bare, without a client, so that nothing is remembered.
    """
    import httpx2

    proxy = _proxy_for(url)
    if proxy:
        parts = urlsplit(proxy)
        crossing.let_through(parts.hostname or "", port_of(parts))
    transport = httpx2.HTTPTransport(proxy=httpx2.Proxy(proxy) if proxy else None)
    # httpx2 offers no way to hand in a backend. Were this to miss, the audit hook would stop the connection.
    transport._pool._network_backend = _Backend(crossing, cancelled)  # type: ignore[assignment]
    return transport


def _proxy_for(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


class _Backend:
    """Connects only to places that the crossing covers; an httpcore2 NetworkBackend."""

    def __init__(self, crossing: Crossing, cancelled: Cancelled) -> None:
        self._crossing = crossing
        self._cancelled = cancelled

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> _Stream:
        """Connect to the first address of `host` that answers. Raises DoorClosed, httpcore2.ConnectError."""
        import httpcore2

        if not self._crossing.covers(host, port):
            raise DoorClosed(host=host)
        failure: Exception = httpcore2.ConnectError(f"no address for {host}")
        for address in _addresses(host, port):
            if self._cancelled():
                raise DownloadStopped
            self._crossing.let_through(address, port)
            try:
                inner = httpcore2.SyncBackend().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(inner, self._cancelled)
        raise failure

    def sleep(self, seconds: float) -> None:
        """Wait, as httpcore2 asks between its own retries."""
        time.sleep(seconds)


def _addresses(host: str, port: int) -> list[str]:
    import httpcore2

    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError(f"its name cannot be looked up: {error.strerror or error}") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class _Stream:
    """A connection whose reads are short waits, so that a stop is noticed; an httpcore2 NetworkStream."""

    def __init__(self, inner: httpcore2.NetworkStream, cancelled: Cancelled) -> None:
        self._inner = inner
        self._cancelled = cancelled

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read at least one byte, or none at the end. Raises DownloadStopped, httpcore2.ReadTimeout and ReadError."""
        import httpcore2

        until = time.monotonic() + (timeout or 0)
        while not self._cancelled():
            try:
                return self._inner.read(max_bytes, _SLICE_S)
            except httpcore2.ReadTimeout:
                if timeout is not None and time.monotonic() >= until:
                    raise
        raise DownloadStopped

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`."""
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream:
        """Go on encrypted, after the server proved its name."""
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._cancelled)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore2 wants to know of the connection beneath."""
        return self._inner.get_extra_info(info)
