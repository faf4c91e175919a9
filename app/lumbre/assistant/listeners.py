"""Who hears what happens in the library and to the model, and how a job follows the library's worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lumbre.core.documents import LibraryCounts
from lumbre.core.events import FileChanged, IndexProgress
from lumbre.core.job import Job, Progress

Tell = Callable[[object], None]


class Listeners:
    """A list of callbacks; each hears every event, from the thread in which it happened."""

    def __init__(self) -> None:
        self._tells: tuple[Tell, ...] = ()
        self._lock = threading.Lock()

    def add(self, tell: Tell) -> None:
        """Have `tell` called with every event from now on; it must be quick."""
        with self._lock:
            self._tells = (*self._tells, tell)

    @contextmanager
    def hearing(self, tell: Tell) -> Iterator[None]:
        """Have `tell` called until the block ends."""
        self.add(tell)
        try:
            yield
        finally:
            with self._lock:
                self._tells = tuple(other for other in self._tells if other is not tell)

    def tell(self, event: object) -> None:
        """Pass an event on to all."""
        for tell in self._tells:
            tell(event)


class Following:
    """Turns what the library's worker says into the events of one job: files read, then chunks embedded."""

    def __init__(self, job: Job[LibraryCounts]) -> None:
        self._job = job

    def hear(self, event: object) -> None:
        """Pass on what belongs to the job."""
        if isinstance(event, (FileChanged, IndexProgress)):
            self._job.emit(event)
        elif isinstance(event, LibraryCounts):
            self._job.emit(Progress(event.files - event.waiting, event.files, "files"))
            embedded = event.embedded if event.reindexed is None else event.reindexed
            self._job.emit(Progress(embedded, event.chunks, "chunks"))
