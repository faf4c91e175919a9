"""A lock between processes on a folder; the system lets go of it when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lumbre.core.protocols import Cancelled
from lumbre.egress.door import DownloadStopped
from lumbre.egress.part import disk_errors

_POLL_S = 0.2


@contextmanager
def folder_lock(folder: Path, cancelled: Cancelled) -> Iterator[None]:
    """Make `folder` and hold it alone until the block ends; waits for another process (or thread) that holds it.

    Raises DownloadStopped when `cancelled` says so while waiting, DiskFull and HomeUnwritable.
    """
    path = folder / ".lock"
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _try_lock(handle):
            if cancelled():
                raise DownloadStopped
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
