"""Who is writing: a mark for this process, and whether the process behind a mark still lives."""

from __future__ import annotations

from functools import cache

_CLOCK_DRIFT_SECONDS = 2.0


@cache
def own_mark() -> str:
    """This process as "pid:start time in seconds"; the time tells it from a later process with the same number."""
    import psutil

    me = psutil.Process()
    return f"{me.pid}:{me.create_time():.2f}"


def lives(mark: str) -> bool:
    """Whether the process that made `mark` is still running."""
    import psutil

    number, _, started = mark.partition(":")
    try:
        other = psutil.Process(int(number))
        same = abs(other.create_time() - float(started)) < _CLOCK_DRIFT_SECONDS
        return bool(same and other.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, ValueError):
        return False
