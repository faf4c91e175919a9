"""A job: everything that takes time returns one.

A job keeps a log of frozen events; whoever subscribes late replays it, without what later events say anew, so that it
does not grow with the time a job takes. It has exactly one ending. `cancel()` is asked per job and never taken back.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from lumbre.core.errors import LumbreError

T = TypeVar("T")


class Phase(msgspec.Struct, frozen=True):
    """What the job is doing now: a stable word that frontends translate ("searching", "reading-prompt", "writing"…)."""

    name: str


class Progress(msgspec.Struct, frozen=True):
    """How far: `done` of `total` (0 when unknown) in `unit` ("bytes", "files", "chunks", "tokens")."""

    done: int
    total: int
    unit: str
    label: str = ""

    @property
    def replaces(self) -> object:
        """What an event says anew: an earlier one that says the same need not be replayed."""
        return Progress, self.unit


class Finished(msgspec.Struct, frozen=True):
    """The job ended well."""

    result: Any


class Stopped(msgspec.Struct, frozen=True):
    """The person stopped it; `result` is what there was."""

    result: Any


class Failed(msgspec.Struct, frozen=True):
    """It could not be done; `result` is what there was before."""

    error: Exception
    result: Any = None


JobEnding = Finished | Stopped | Failed


class Job(Generic[T]):
    """A running piece of work with a log of events and one ending. Safe to use from any thread."""

    def __init__(self, title: str = "") -> None:
        self.title = title
        self._log: list[object | None] = []
        """None in the place of an event that a later one replaces."""
        self._latest: dict[object, int] = {}
        self._changed = threading.Condition()
        self._subscribers: list[Callable[[object], None]] = []
        self._ending: JobEnding | None = None
        self._cancel = threading.Event()

    def cancel(self) -> None:
        """Ask it to stop; it ends soon after, with what there was."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """True once somebody asked it to stop."""
        return self._cancel.is_set()

    @property
    def ending(self) -> JobEnding | None:
        """How it ended, or None while it runs."""
        return self._ending

    def emit(self, event: object) -> None:
        """Add an event to the log (the worker calls this)."""
        with self._changed:
            if self._ending is not None:
                return
            self._add(event)

    def end(self, ending: JobEnding) -> None:
        """Set the one ending; later calls change nothing."""
        with self._changed:
            if self._ending is None:
                self._ending = ending
                self._add(ending)

    def _add(self, event: object) -> None:
        # Subscribers are called under the lock, so that each sees every event once and in order; they must be quick.
        replaces = getattr(event, "replaces", None)
        if replaces is not None:
            if replaces in self._latest:
                self._log[self._latest[replaces]] = None
            self._latest[replaces] = len(self._log)
        self._log.append(event)
        for tell in self._subscribers:
            tell(event)
        self._changed.notify_all()

    def subscribe(self, tell: Callable[[object], None]) -> None:
        """Replay the log to `tell`, then call it for each new event from the worker's thread; the ending comes last."""
        with self._changed:
            for event in self._log:
                if event is not None:
                    tell(event)
            self._subscribers.append(tell)

    def events(self) -> Iterator[object]:
        """All events from the first, blocking for new ones; the ending is the last."""
        for at in itertools.count():
            with self._changed:
                while len(self._log) <= at:
                    self._changed.wait()
                event = self._log[at]
            if event is None:
                continue
            yield event
            if isinstance(event, (Finished, Stopped, Failed)):
                return

    def wait(self, timeout: float | None = None) -> JobEnding | None:
        """Block until it ends (or `timeout` seconds have passed) and return the ending."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending is not None, timeout)
            return self._ending

    def result(self) -> T:
        """Block until it ends; what it made, also when stopped. Raises the error it failed with."""
        ending = self.wait()
        assert ending is not None
        if isinstance(ending, Failed):
            raise ending.error
        return ending.result  # type: ignore[no-any-return]


def start(title: str, work: Callable[[Job[T]], T], *, partial: Callable[[], T | None] = lambda: None) -> Job[T]:
    """Run `work(job)` in a thread of its own and end the job with what it returns.

    When the job was cancelled the ending is Stopped with the returned value; when `work` raises it is Failed, with
    `partial()` as what there was.
    """
    job: Job[T] = Job(title)

    def run() -> None:
        try:
            result = work(job)
        except Exception as error:  # the job's ending is where every error of a worker goes
            job.end(Failed(error, partial()))
            if not isinstance(error, LumbreError):
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
        else:
            job.end(Stopped(result) if job.cancelled else Finished(result))

    threading.Thread(target=run, name=f"job: {title}", daemon=True).start()
    return job
