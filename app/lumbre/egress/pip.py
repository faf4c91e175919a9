"""Has pip download a wheel, in a process of its own, from whatever index the person configured."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from lumbre.core.errors import CertificateInvalid, DiskFull, DownloadFailed, HostUnreachable, NotInIndex, PipMissing
from lumbre.core.protocols import Cancelled
from lumbre.egress.door import PACKAGE_INDEX, DownloadStopped

_POLL_S = 0.2
_GRACE_S = 5
_TRIES = 3
_LEAST_ROOM = 1 << 20
# The same wheels on every system: what is inside them is data, so the platform they name does not matter.
_PLATFORMS = ("manylinux_2_17_x86_64", "manylinux2014_x86_64")
_UNREACHABLE = re.compile(r"NewConnectionError|ConnectTimeout|NameResolution|Connection refused|ProxyError")
# Older pips do not notice that a download was cut, and then find the wheel invalid.
_CUT = re.compile(
    r"IncompleteRead|incomplete-download|ConnectionResetError|ReadTimeout|Connection aborted|is invalid\."
)
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError")
_NO_ROOM = re.compile(r"No space left on device|Errno 28")
_NO_MATCH = re.compile(r"No matching distribution found")


def require(name: str) -> None:
    """Raise PipMissing when there is no pip to fetch `name` with."""
    # In a frozen program sys.executable is the program itself: started with “-m pip” it would open a second window.
    if getattr(sys, "frozen", False) or importlib.util.find_spec("pip") is None:
        raise PipMissing(name=name)


def fetch_wheel(requirement: str, folder: Path, name: str, tell: Callable[[int], None], cancelled: Cancelled) -> Path:
    """Download one wheel into `folder` and return its path; `tell` hears the bytes that are there so far.

    Raises DownloadFailed (and its leaves) for the file `name`, DiskFull, and DownloadStopped once `cancelled` says so.
    """
    log, out = folder / "pip.log", folder / "out"
    tries = 0
    while True:
        tries += 1
        with log.open("wb") as sink:
            code = _run(_command(requirement, out), sink.fileno(), folder, tell, cancelled)
        wheels = list(out.glob("*.whl"))
        if code == 0 and len(wheels) == 1:
            return wheels[0]
        said = log.read_text("utf-8", "replace")
        if tries == _TRIES or not _CUT.search(said):
            raise _reason(said, name, requirement, folder)


def _command(requirement: str, out: Path) -> list[str]:
    # -P: a file called pip.py in the current folder is not pip. Few retries, so that a missing network is told soon.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--ignore-requires-python", "--progress-bar=off", "--retries=2"]
    command += [f"--platform={platform}" for platform in _PLATFORMS]
    return [*command, "--dest", str(out), requirement]


def _run(command: list[str], sink: int, folder: Path, tell: Callable[[int], None], cancelled: Cancelled) -> int:
    """Run pip in a process group of its own until it ends or is stopped; return its exit code."""
    # pip's own temporary files must lie on the disk whose room was checked, and be seen growing.
    environment = os.environ | {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP")}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=sink,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        while True:
            try:
                return process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                if cancelled():
                    raise DownloadStopped from None
                tell(_largest(folder))
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pip and whatever it started; nothing happens when it has ended."""
    if process.poll() is not None:
        return
    _signal(process, signal.SIGTERM)
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if os.name == "posix":
        os.killpg(process.pid, number)
    else:
        process.kill()


def _largest(folder: Path) -> int:
    """Size of the wheel that pip is writing; files come and go meanwhile."""
    sizes = [0]
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append(Path(root, name).stat().st_size)
            except FileNotFoundError:
                continue
    return max(sizes)


def _reason(log: str, name: str, requirement: str, folder: Path) -> DownloadFailed | DiskFull:
    """What pip's output means."""
    # On a full disk not even the log can be written.
    if _NO_ROOM.search(log) or shutil.disk_usage(folder).free < _LEAST_ROOM:
        return DiskFull(path=str(folder.parent))
    if _CERTIFICATE.search(log):
        return CertificateInvalid(name=name, host=PACKAGE_INDEX)
    if _UNREACHABLE.search(log):
        return HostUnreachable(name=name, host=PACKAGE_INDEX, reason="pip could not connect")
    if _CUT.search(log):
        return HostUnreachable(name=name, host=PACKAGE_INDEX, reason="the connection was cut")
    if _NO_MATCH.search(log):
        return NotInIndex(name=name, requirement=requirement)
    last = [line for line in log.splitlines() if line.strip()][-1:]
    return DownloadFailed(name=name, reason=f"pip: {last[0].strip()}" if last else "pip ended without a word")
