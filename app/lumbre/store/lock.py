"""A lock between processes on a file; the system lets go of it when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lumbre.core.errors import HomeUnwritable, LibraryBusy

_WAIT_SECONDS = 20.0
_POLL_SECONDS = 0.02


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` alone among processes and threads. Raises LibraryBusy, HomeUnwritable."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HomeUnwritable(path=str(path), reason=error.strerror or str(error)) from error
    try:
        _acquire(file)
        yield
    finally:
        os.close(file)


def _acquire(file: int) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not _try(file):
        if time.monotonic() > deadline:
            raise LibraryBusy
        time.sleep(_POLL_SECONDS)


if sys.platform == "win32":
    import msvcrt

    def _try(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
