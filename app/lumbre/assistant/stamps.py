"""Which model files were hashed, with what result, and how to tell that they were not touched since."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from lumbre.core.models import ModelFile
from lumbre.egress.part import sha256


class Stamp(msgspec.Struct, frozen=True):
    """The result of hashing a file, and the file's marks at that time."""

    sha256: str
    good: bool
    marks: list[int]
    """Size, time of change, time of change of its entry (nanoseconds), inode."""


class Stamps:
    """Remembers hashes, so that a gigabyte is not read again at every start.

    That is enough against what happens to files: truncation, a bad copy, another download, an edit; each changes the
    marks, and then the file is hashed again. It is no defence against somebody who may write to this account's files
    and the clock: they could change the program as well. `verify` hashes whatever the stamps say.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self, path: Path, file: ModelFile) -> bool | None:
        """Whether `path` is the published file; None when it was not hashed since it was last touched."""
        stamp = self._load().get(_key(path))
        if stamp is None or stamp.sha256 != file.sha256 or stamp.marks != _marks(path):
            return None
        return stamp.good

    def is_published(self, path: Path, file: ModelFile) -> bool:
        """Whether `path` is the published file, hashing it if nobody did since it was last touched. Raises OSError."""
        if not path.exists() or path.stat().st_size != file.bytes:
            return False
        known = self.known(path, file)
        return self.check(path, file) if known is None else known

    def check(self, path: Path, file: ModelFile, tell: Callable[[int], None] | None = None) -> bool:
        """Hash `path` whole, note the result and return it; `tell` hears the bytes of each block. Raises OSError."""
        seen = _marks(path)
        good = seen[0] == file.bytes and sha256(path, tell) == file.sha256
        self._keep(path, Stamp(file.sha256, good, seen))
        return good

    def trust(self, path: Path, file: ModelFile) -> None:
        """Note a file that was hashed on its way here."""
        self._keep(path, Stamp(file.sha256, True, _marks(path)))

    def _keep(self, path: Path, stamp: Stamp) -> None:
        stamps = {key: kept for key, kept in self._load().items() if Path(key).exists()}
        stamps[_key(path)] = stamp
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        # A stamp that cannot be written costs a second hash next time, nothing else.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(stamps))
            new.replace(self._path)

    def _load(self) -> dict[str, Stamp]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Stamp])
        except (OSError, msgspec.DecodeError):
            return {}


def _marks(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _key(path: Path) -> str:
    return str(path.resolve())
