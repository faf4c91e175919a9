"""Guards over every test, and the fixtures that run the real program.

No test reaches beyond loopback; the person's own home, keyring and display are out of reach; no thread, child process
or temporary file outlives the test that made it.
"""

from __future__ import annotations

import gc
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import psutil
import pytest

from lumbre.core.paths import Home, default_home

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "samples"
SHARED = ROOT.parent / "shared"
PASSPHRASE = "una frase larga de paso"
_MODELS = Path(os.environ.get("LUMBRE_MODELS") or default_home() / "models")
_GRACE_S = 10

# Tests of engines import ONNX Runtime here, which would report to its maker; the program's own guard is tested apart.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")

_strays: list[str] = []


# --- no connection beyond this machine --------------------------------------------------------------------------------


def _is_local(address: object) -> bool:
    """Whether a socket address stays on this machine."""
    if isinstance(address, (str, bytes)):
        return True
    host = str(address[0]) if isinstance(address, tuple) and address else ""
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return host in ("", "localhost")


def _guarded(event: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(sock: socket.socket, address: object, *rest: object) -> object:
        # The program's own hook speaks first: what it stops is no stray.
        sys.audit(event, sock, address)
        if not _is_local(address):
            _strays.append(f"{event} {address}")
            raise ConnectionRefusedError(f"tests stay on this machine: {address}")
        return original(sock, address, *rest)

    return connect


def _guarded_lookup(host: object, *rest: Any, **more: Any) -> Any:
    if host is not None and not _is_local((host.decode() if isinstance(host, bytes) else host,)):
        sys.audit("socket.getaddrinfo", host, *rest)
        _strays.append(f"look-up of {host!r}")
        raise socket.gaierror(socket.EAI_NONAME, f"tests stay on this machine: {host!r}")
    return _lookup(host, *rest, **more)


_lookup = socket.getaddrinfo
socket.getaddrinfo = _guarded_lookup
for _name in ("connect", "connect_ex"):
    setattr(socket.socket, _name, _guarded("socket.connect", getattr(socket.socket, _name)))


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    _strays.clear()
    yield
    assert not _strays, f"the test reached beyond this machine: {_strays}"


# --- a system of its own ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _pytest_temporary(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have pytest choose its own folder before a test moves the place of temporary files."""
    tmp_path_factory.getbasetemp()


@pytest.fixture(autouse=True)
def _own_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Home, temporary files, language, keyring and display of its own; nothing temporary is left behind."""
    # Short, because the path of a local socket may have 107 characters at most.
    base = Path(tempfile.mkdtemp(prefix="lt-", dir=os.path.realpath("/tmp") if os.name == "posix" else None))
    temporary = base / "tmp"
    for folder in (temporary, base / "home"):
        folder.mkdir()
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(base / "home" / name.lower()))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(base / "home"))
    monkeypatch.setenv("HOME", str(base / "home"))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    yield
    left = sorted(str(path.relative_to(temporary)) for path in temporary.rglob("*"))
    shutil.rmtree(base, ignore_errors=True)
    assert not left, f"the test left temporary files: {left}"


@pytest.fixture(autouse=True)
def _leaves_nothing_running() -> Iterator[None]:
    """What a session's fixtures started may stay; what this test started must end."""
    threads, children = set(threading.enumerate()), set(_children())
    yield
    gc.collect()
    _, alive = psutil.wait_procs([child for child in _children() if child not in children], timeout=_GRACE_S)
    # The program may fork a helper of its own (multiprocessing's tracker), which ends with this process.
    names = [" ".join(child.cmdline()) for child in alive if child.is_running() and not _is_tracker(child)]
    for child in alive:
        child.kill()
    running = [thread for thread in threading.enumerate() if thread not in threads and not _is_foreign(thread)]
    for thread in running:
        thread.join(_GRACE_S)
    stuck = [thread.name for thread in running if thread.is_alive()]
    assert not names, f"the test left child processes: {names}"
    assert not stuck, f"the test left threads: {stuck}"


def _children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [child for child in found if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def _is_tracker(process: psutil.Process) -> bool:
    return "resource_tracker" in " ".join(process.cmdline())


def _is_foreign(thread: threading.Thread) -> bool:
    return isinstance(thread, threading._DummyThread)


# --- the real program -------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """What a run of the program came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output as one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines() if line]


class Program:
    """The real program over one home, as a person's shell would start it."""

    def __init__(self, home: Home, passphrase_file: Path) -> None:
        self.home = home
        self.command = [sys.executable, "-m", "lumbre", "--home", str(home.root)]
        self.command += ["--passphrase-file", str(passphrase_file)]

    def __call__(self, *arguments: object, stdin: str = "", timeout: float = 300, **environment: str) -> Run:
        """Run a verb to its end."""
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            out, err = process.communicate()
            pytest.fail(f"{arguments} did not end within {timeout} s\n{out}\n{err}")
        return Run(process.returncode, out, err)

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Start a verb and hand its process over; the caller waits for it."""
        command = [*self.command, *map(str, arguments)]
        pipe = subprocess.PIPE
        env = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | environment
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", env=env)


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    """A file that only its owner may read, with the passphrase of the test's library."""
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path / "home")


@pytest.fixture
def lumbre(home: Home, passphrase_file: Path) -> Program:
    """The program over the test's home."""
    return Program(home, passphrase_file)


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder with the models that `make test` fetched; skips the test where there is none."""
    if not any(_MODELS.glob("*/*.gguf")):
        pytest.skip(f"no models in {_MODELS}: run “make test”, or set LUMBRE_MODELS")
    os.environ["LUMBRE_MODELS"] = str(_MODELS)
    return _MODELS


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of large samples beside the checkout; skips the test where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"no {SHARED}")
    return SHARED
