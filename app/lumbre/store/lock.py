"""A lock between processes on a file; the system lets go of it when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lumbre.core.errors import HomeUnwritable, LibraryBusy

_WAIT_SECONDS = 20.0
_POLL_SECONDS = 0.02


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` alone among processes and threads. Raises LibraryBusy, HomeUnwritable."""
    lock = FileLock(path, timeout=_WAIT_SECONDS, mode=0o600, poll_interval=_POLL_SECONDS, thread_local=False)
    try:
        path.parent.stat()  # the lock would make a folder that is gone, say with its drive
        lock.acquire()
    except Timeout as error:
        raise LibraryBusy from error
    except OSError as error:
        raise HomeUnwritable(path=str(path), reason=error.strerror or str(error)) from error
    try:
        yield
    finally:
        lock.release()
