"""The first belt around the network: an audit hook that stops any connection nobody permitted.

It is a belt, not the door: native code that calls the system directly does not pass it (hosts are started without
network for that). Once added it cannot be taken out of a process; `install` again only changes what is allowed.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable
from typing import Any

from lumbre.core.errors import DoorClosed

Allow = Callable[[str, int], bool]

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
_CLIENTS = frozenset(
    {"ftplib.connect", "smtplib.connect", "imaplib.open", "poplib.connect", "nntplib.connect", "telnetlib.Telnet.open"}
)
_PROCESSES = frozenset({"subprocess.Popen", "os.exec", "os.system", "os.posix_spawn", "os.spawn", "os.startfile"})
_AF_UNIX = 1


class _State:
    """What the one hook of this process obeys."""

    installed = False
    allow: Allow | None = None
    loopback = False
    processes = True


def install(allow: Allow | None = None, *, loopback: bool = False, processes: bool = True) -> None:
    """Stop every connection and name look-up in this process except those that `allow(host, port)` permits.

    Local sockets always pass, loopback only when `loopback`. With `processes` false, starting programs is refused too
    (in hosts). Idempotent: a second call replaces what is allowed. What it stops raises DoorClosed.
    """
    _State.allow, _State.loopback, _State.processes = allow, loopback, processes
    if not _State.installed:
        _State.installed = True
        sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    # Called for every audited event of the interpreter: the names that matter share few first letters.
    if not event.startswith(("so", "ur", "ft", "sm", "im", "po", "nn", "te", "os.", "su")):
        return
    if event in _CONNECTING:
        _check_address(args[0], args[1])
    elif event in _RESOLVING:
        _check_name(args)
    elif event in _CLIENTS:
        _check(str(args[1]), _port(args[2] if len(args) > 2 else 0))
    elif event == "urllib.Request":
        _check_url(str(args[0]))
    elif event in _PROCESSES and not _State.processes:
        raise PermissionError(f"a host may not start programs ({event})")


def _check_address(sock: Any, address: Any) -> None:
    if int(getattr(sock, "family", 0)) == _AF_UNIX or isinstance(address, (str, bytes)) or address is None:
        return
    _check(_text(address[0]), _port(address[1] if len(address) > 1 else 0))


def _check_name(args: tuple[Any, ...]) -> None:
    first = args[0][0] if isinstance(args[0], tuple) else args[0]
    if first is not None:
        _check(_text(first), _port(args[1] if len(args) > 1 else 0))


def _check_url(url: str) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("file", "data"):
        _check(parts.hostname or "", _port(parts.port or {"https": 443}.get(parts.scheme, 80)))


def _check(host: str, port: int) -> None:
    if _State.loopback and _is_loopback(host):
        return
    if _State.allow is not None and _State.allow(host, port):
        return
    raise DoorClosed(host=host)


def _is_loopback(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


def _port(value: Any) -> int:
    try:
        return int(value or 0)
    except ValueError:
        return {b"https": 443, "https": 443, b"http": 80, "http": 80}.get(value, 0)
