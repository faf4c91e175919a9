"""Documents are read and drawn in processes of their own, which may crash, hang or swell without harm."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from lumbre.core.documents import Extracted, PageImage
from lumbre.core.errors import LibraryError, LumbreError, ReaderCrashed, ReaderTimeout
from lumbre.core.protocols import Cancelled
from lumbre.hosts.on_demand import OnDemand
from lumbre.hosts.pipe import Answer, Command, Read, ReadDone, Render, Rendered
from lumbre.hosts.process import Child, ChildGone, refusal

_NICE = 5
_POLL = 0.05


def _never() -> bool:
    return False


class ReaderHost:
    """A `DocumentReader` in child processes: one reads, another draws, so that a page never waits for a book."""

    def __init__(self, *, timeout: float = 30.0, idle: float = 20.0, command: Iterable[str] | None = None) -> None:
        """`timeout`: seconds a file may take; `idle`: seconds without work after which a child ends itself."""
        self._timeout = timeout
        chosen = list(command) if command else None
        self._reading = _Desk(lambda: Child("reader", nice=_NICE, idle=idle, command=chosen), timeout)
        self._drawing = _Desk(lambda: Child("reader", idle=idle, command=chosen), timeout)

    def read(self, path: Path, cancelled: Cancelled = _never) -> Extracted:
        """Read a whole file. Raises a LibraryError that says why when it cannot: the reader's own, ReaderCrashed
        or ReaderTimeout. When cancelled the child is killed and ReaderCrashed raised, for the caller to ignore."""
        name = os.fsencode(path.absolute())
        answer = self._reading.ask(lambda number: Read(number, name), cancelled)
        if isinstance(answer, ReadDone):
            return answer.extracted
        raise self._reading.refusal(answer)

    def render(self, path: Path, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
        """Draw a page (1-based) `width` pixels wide; `spans` are character ranges of the page's text to box.

        Raises as `read`.
        """
        name = os.fsencode(path.absolute())
        answer = self._drawing.ask(lambda number: Render(number, name, page, width, spans), _never)
        if isinstance(answer, Rendered):
            return answer.image
        raise self._drawing.refusal(answer)

    @property
    def children(self) -> list[Child]:
        """The children that run now."""
        return [child for desk in (self._reading, self._drawing) if (child := desk.host.child) is not None]

    def close(self) -> None:
        """End the children for good; idempotent."""
        self._reading.host.close()
        self._drawing.host.close()


class _Desk:
    """One child and its one request at a time."""

    def __init__(self, make: Callable[[], Child], timeout: float) -> None:
        self.host = OnDemand(make)
        self._timeout = timeout
        self._turn = threading.Lock()

    def ask(self, command: Callable[[int], Command], cancelled: Cancelled) -> Answer:
        """The child's answer. Raises ReaderCrashed, ReaderTimeout."""
        with self._turn:
            while True:
                try:
                    return self._ask(command, cancelled)
                except ChildGone as gone:
                    if not gone.idle:
                        raise ReaderCrashed(reason=gone.reason) from None

    def _ask(self, command: Callable[[int], Command], cancelled: Cancelled) -> Answer:
        child = self.host.get()
        with child.exchange() as exchange:
            child.send(command(exchange.id))
            until = time.monotonic() + self._timeout
            while not cancelled():
                try:
                    return exchange.next(_POLL)
                except queue.Empty:
                    if time.monotonic() > until:
                        child.kill()
                        raise ReaderTimeout(seconds=round(self._timeout)) from None
        child.kill()
        raise ReaderCrashed(reason="stopped")

    def refusal(self, answer: Answer) -> LumbreError:
        """The error an answer stands for."""
        error = refusal(self.host, answer)
        return error if isinstance(error, LibraryError) else ReaderCrashed(**error.details)
