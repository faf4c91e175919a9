"""Documents are read and drawn in processes of their own, which may crash, hang or swell without harm."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from lumbre.core.documents import Extracted, PageImage
from lumbre.core.errors import LibraryError, ReaderCrashed, ReaderTimeout
from lumbre.core.protocols import Cancelled
from lumbre.hosts.on_demand import OnDemand
from lumbre.hosts.pipe import Answer, Command, Read, ReadDone, Render, Rendered, Step
from lumbre.hosts.process import Child, ChildGone, refusal

T = TypeVar("T", ReadDone, Rendered)

_NICE = 5
_POLL = 0.05
_STEP = 4
"""Times that time that a page may take which was announced as slow, also while other programs want the processor."""
_WHOLE = 60
"""Times the time for one step that a whole file may take: half an hour, some 500 scanned pages."""


def _never() -> bool:
    return False


class ReaderHost:
    """A `DocumentReader` in child processes: one reads, another draws, so that a page never waits for a book."""

    def __init__(self, *, timeout: float = 30.0, idle: float = 20.0, command: Iterable[str] | None = None) -> None:
        """`timeout`: seconds a file may take, but _STEP times as much from each step that it reports, and _WHOLE
        times as much in all; `idle`: seconds without work after which a child ends itself."""
        self._timeout = timeout
        chosen = list(command) if command else None
        self._reading = _Desk(lambda: Child("reader", nice=_NICE, idle=idle, command=chosen), timeout)
        self._drawing = _Desk(lambda: Child("reader", idle=idle, command=chosen), timeout)

    def read(
        self, path: Path, cancelled: Cancelled = _never, *, password: str = "", recognise: bool = True
    ) -> Extracted:
        """Read a whole file. Raises a LibraryError that says why when it cannot: the reader's own, ReaderCrashed
        or ReaderTimeout. When cancelled the child is killed and ReaderCrashed raised, for the caller to ignore."""
        name = os.fsencode(path.absolute())
        command = partial(Read, path=name, password=password, recognise=recognise)
        return self._reading.ask(command, ReadDone, cancelled).extracted

    def render(self, path: Path, page: int, width: int, spans: list[tuple[int, int]], password: str = "") -> PageImage:
        """Draw a page (1-based) `width` pixels wide; `spans` are character ranges of the page's text to box.

        Raises as `read`.
        """
        name = os.fsencode(path.absolute())
        command = partial(Render, path=name, page=page, width=width, spans=spans, password=password)
        return self._drawing.ask(command, Rendered, _never).image

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
        self._used: Child | None = None
        """The child that has done something already."""

    def ask(self, command: Callable[[int], Command], wanted: type[T], cancelled: Cancelled) -> T:
        """The child's answer. Raises a LibraryError.

        Only a child that did nothing before convicts a file: an earlier file may have left the other one in ruins.
        """
        with self._turn:
            while True:
                child = self._child()
                fresh, self._used = child is not self._used, child
                try:
                    return self._judge(child, self._ask(child, command, cancelled), wanted)
                except ChildGone as gone:
                    if fresh and not gone.idle:
                        raise ReaderCrashed(reason=gone.reason) from None

    def _child(self) -> Child:
        try:
            return self.host.get()
        except ChildGone as gone:
            raise ReaderCrashed(reason=gone.reason) from None

    def _ask(self, child: Child, command: Callable[[int], Command], cancelled: Cancelled) -> Answer:
        with child.exchange() as exchange:
            child.send(command(exchange.id))
            begun = stepped = time.monotonic()
            allowed = self._timeout
            while not cancelled():
                now = time.monotonic()
                if now > stepped + allowed or now > begun + _WHOLE * self._timeout:
                    child.kill()
                    raise ReaderTimeout(seconds=round(now - begun))
                with contextlib.suppress(queue.Empty):
                    answer = exchange.next(_POLL)
                    if not isinstance(answer, Step):
                        return answer
                    stepped, allowed = time.monotonic(), _STEP * self._timeout
        child.kill()
        raise ReaderCrashed(reason="stopped")

    def _judge(self, child: Child, answer: Answer, wanted: type[T]) -> T:
        """The answer, unless it is an error. Raises LibraryError, ChildGone when it says that the child is broken."""
        if isinstance(answer, wanted):
            return answer
        error = refusal(child, answer)
        if isinstance(error, LibraryError):
            raise error
        child.kill()
        raise ChildGone(str(error.details.get("reason") or error))
