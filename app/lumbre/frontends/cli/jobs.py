"""Following a job in the terminal: its events, its progress, and Ctrl-C."""

from __future__ import annotations

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lumbre.core.errors import LumbreError
from lumbre.core.job import Failed, Finished, Job, JobEnding, Progress, Stopped
from lumbre.core.texts import Texts
from lumbre.frontends.cli.terminal import Terminal

STOPPED = 130
"""Exit code of what a person stopped, as shells have it."""
_interrupted = threading.Event()
# On Windows an untimed wait would hold Ctrl-C back until the next event.
_WAKE_SECONDS = 0.2 if sys.platform == "win32" else None


def remember_interrupts() -> None:
    """Let Ctrl-C end the program from now on, and be known to the next job where Python drops the exception.

    It does so when the signal lands in a destructor or in a callback of native code.
    """

    def interrupt(_number: int, _frame: object) -> None:
        _interrupted.set()
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, interrupt)


def follow(job: Job[Any], handle: Callable[[object], None], *, on_stop: Callable[[], None] | None = None) -> JobEnding:
    """Hand every event to `handle` until the job ends. The first Ctrl-C stops the job politely, the second at once."""
    events: queue.SimpleQueue[object] = queue.SimpleQueue()
    with _interruptible(job, on_stop):
        job.subscribe(events.put)
        while True:
            try:
                event = events.get(timeout=_WAKE_SECONDS)
            except queue.Empty:
                continue
            if isinstance(event, (Finished, Stopped, Failed)):
                return event
            handle(event)


def result_of(ending: JobEnding) -> Any:
    """What a job made, also when stopped. Raises the error it failed with."""
    if isinstance(ending, Failed):
        raise ending.error
    return ending.result


def exit_code(ending: JobEnding) -> int:
    """The exit code that a job's ending means."""
    if isinstance(ending, Failed):
        return ending.error.exit_code if isinstance(ending.error, LumbreError) else 1
    return STOPPED if isinstance(ending, Stopped) else 0


@contextmanager
def _interruptible(job: Job[Any], on_stop: Callable[[], None] | None) -> Iterator[None]:
    def stop(_number: int, _frame: object) -> None:
        if job.cancelled:
            raise KeyboardInterrupt
        job.cancel()
        if on_stop is not None:
            on_stop()

    before = signal.signal(signal.SIGINT, stop)
    if _interrupted.is_set():
        stop(signal.SIGINT, None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Meter:
    """Turns `Progress` into a line: what, how much, how long left."""

    def __init__(self, texts: Texts, terminal: Terminal, what: str = "") -> None:
        """`what` is the key of what is done with the units, where that is not the usual thing."""
        self._what = what
        self._texts = texts
        self._terminal = terminal
        self._begun: dict[str, tuple[float, int]] = {}

    def show(self, progress: Progress, speed: float = 0.0) -> None:
        """Redraw the line; `speed` is in units a second, 0 while unknown."""
        since, first = self._begun.setdefault(progress.unit + progress.label, (time.monotonic(), progress.done))
        parts = [self._texts("progress." + (self._what or progress.unit)), self._amount(progress)]
        if progress.label:
            parts.insert(1, progress.label)
        elapsed, made = time.monotonic() - since, progress.done - first
        if elapsed > 1 and made > 0 and progress.total > progress.done:
            left = elapsed * (progress.total - progress.done) / made
            if speed:
                parts.append(self._texts("progress.speed", speed=f"{speed:.0f}"))
            parts.append(self._texts("progress.left", time=duration(left)))
        self._terminal.progress("  ".join(parts))

    def _amount(self, progress: Progress) -> str:
        if progress.unit == "bytes":
            done, total = megabytes(progress.done), megabytes(progress.total)
        else:
            done, total = f"{progress.done:,}", f"{progress.total:,}"
        if not progress.total:
            return done
        return f"{done} / {total} ({100 * progress.done // progress.total} %)"


def megabytes(count: int) -> str:
    """Bytes for a person."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def duration(seconds: float) -> str:
    """A time for a person: “8 s”, “3 min”, “2 h 10 min”."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
