"""A lock between processes on a folder; the system lets go of it when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

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
    lock = FileLock(path, poll_interval=_POLL_S, thread_local=False)
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(cancel_check=cancelled)
        except Timeout as error:
            raise DownloadStopped from error
    try:
        yield
    finally:
        lock.release()
