"""From worker threads to the window: one queue, one wake-up, and at most thirty deliveries a second.

The law of this room: a slot never blocks. Whatever may take time is a pure function given to `Pump.run`, which calls
it in a thread and hands its result to a callback in the GUI thread. Jobs of the assistant are followed with
`Pump.follow`; their events arrive in order, in batches, so that a fast model costs no more than a slow one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from lumbre.core.job import Failed, Finished, Job, Stopped, start

T = TypeVar("T")
Handler = Callable[[list[Any]], None]

FRAME_MS = 33


class Pump(QObject):
    """Delivers events from any thread to handlers in the GUI thread, for as long as their owners live."""

    _woken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._queue: deque[tuple[QObject, Handler, object]] = deque()
        self._asleep = True
        self._closed = False
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self._deliver)
        # Queued also from the GUI thread: a job replays its log under its lock, and no handler may run there.
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def inlet(self, owner: QObject, handler: Handler) -> Callable[[object], None]:
        """A function that any thread may call with an event; `handler` gets them in batches while `owner` lives."""

        def tell(event: object) -> None:
            if self._closed:
                return
            self._queue.append((owner, handler, event))
            if self._asleep:
                self._asleep = False
                self._woken.emit()

        return tell

    def follow(self, job: Job[Any], owner: QObject, handler: Handler) -> None:
        """Deliver all events of a job, the earlier ones too; the last is its ending."""
        job.subscribe(self.inlet(owner, handler))

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> Job[T]:
        """Call `work` in a thread of its own, then `done` (or `failed`) in the GUI thread while `owner` lives."""

        def ended(events: list[Any]) -> None:
            match events[-1]:
                case Finished(result=result) | Stopped(result=result):
                    done(result)
                case Failed(error=error) if failed is not None:
                    failed(error)

        job: Job[T] = start("errand", lambda _: work())
        self.follow(job, owner, ended)
        return job

    def close(self) -> None:
        """Deliver nothing more: the window is going."""
        self._closed = True
        self._queue.clear()

    @Slot()
    def _wake(self) -> None:
        # The first event of a lull is delivered at once; while the timer runs, the rest waits for the frame.
        if not self._frame.isActive():
            self._deliver()

    @Slot()
    def _deliver(self) -> None:
        self._asleep = True
        if not self._queue:
            return
        self._frame.start()
        batches: list[tuple[QObject, Handler, list[object]]] = []
        while self._queue:
            owner, handler, event = self._queue.popleft()
            if batches and batches[-1][1] == handler:
                batches[-1][2].append(event)
            else:
                batches.append((owner, handler, [event]))
        for owner, handler, events in batches:
            if isValid(owner):
                handler(events)
