"""A chat model in a process of its own."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lumbre.core.chat import ChatEvent, ChatRequest, Ended, EngineInfo
from lumbre.core.errors import EngineDied, LumbreError, ModelMissing, ModelWontLoad
from lumbre.core.protocols import Cancelled
from lumbre.hosts.pipe import Cancel, Chat, ChatSpec, Count, Counted, LoadChat, Loaded, Said
from lumbre.hosts.process import Child, ChildGone, Exchange, refusal

__all__ = ["ChatHost", "ChatSpec"]

_POLL = 0.03
"""Seconds between looks at `cancelled` while an answer is awaited."""
_GRACE = 10.0
"""Seconds a child has to obey Cancel before it is killed."""
_NICE = 2


class ChatHost:
    """A `ChatEngine` that runs in a child process; when that dies, make a new host."""

    def __init__(self, spec: ChatSpec, *, command: Iterable[str] | None = None) -> None:
        """Start the child and load the model in it. Raises ModelMissing, ModelWontLoad, EngineMissing."""
        if spec.engine != "echo" and not Path(spec.path).exists():
            raise ModelMissing(name=spec.name)
        self._turn = threading.Lock()
        try:
            self._child = Child("chat", nice=_NICE, command=command)
            self._info = self._load(spec)
        except ChildGone as gone:
            raise ModelWontLoad(name=spec.name, reason=gone.reason) from None

    def _load(self, spec: ChatSpec) -> EngineInfo:
        try:
            with self._child.exchange() as exchange:
                self._child.send(LoadChat(exchange.id, spec))
                answer = exchange.next()
            if isinstance(answer, Loaded):
                return answer.info
            raise refusal(self._child, answer)
        except EngineDied as error:
            raise ModelWontLoad(name=spec.name, reason=error.details["reason"]) from None
        except LumbreError:
            self.close()
            raise

    @property
    def info(self) -> EngineInfo:
        """What really runs, as the engine said after loading."""
        return self._info

    @property
    def alive(self) -> bool:
        """False once the child has ended, by itself or by `close`."""
        return self._child.alive

    @property
    def isolated(self) -> bool:
        """Whether the child runs without any network, by the system's own means."""
        return self._child.isolated

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._child.pid

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone, without template; answered even while a chat runs. Raises EngineDied."""
        try:
            with self._child.exchange() as exchange:
                self._child.send(Count(exchange.id, text))
                answer = exchange.next()
        except ChildGone as gone:
            raise EngineDied(reason=gone.reason) from None
        if isinstance(answer, Counted):
            return answer.tokens
        raise refusal(self._child, answer)

    def chat(self, request: ChatRequest, cancelled: Cancelled) -> Iterator[ChatEvent]:
        """Read the prompt and write the answer; the last event is `Ended`. One at a time: a second one waits.

        Raises PromptTooLong, and EngineDied after the events that came before the child died.
        """
        with self._turn:
            try:
                with self._child.exchange() as exchange:
                    self._child.send(Chat(exchange.id, request))
                    yield from self._events(exchange, cancelled)
            except ChildGone as gone:
                raise EngineDied(reason=gone.reason) from None

    def _events(self, exchange: Exchange, cancelled: Cancelled) -> Iterator[ChatEvent]:
        stop = _Stop(self._child, exchange.id, cancelled)
        ended = False
        try:
            while not ended:
                event = self._event(exchange, stop.look)
                ended = isinstance(event, Ended)
                yield event
        except GeneratorExit:
            # Whoever asked went away: the next request must find the engine quiet.
            with contextlib.suppress(ChildGone, LumbreError):
                stop.now()
                while not ended:
                    ended = isinstance(self._event(exchange, stop.look), Ended)
            raise

    def _event(self, exchange: Exchange, look: Callable[[], None]) -> ChatEvent:
        while True:
            look()
            try:
                answer = exchange.next(_POLL)
            except queue.Empty:
                continue
            if isinstance(answer, Said):
                return answer.event
            raise refusal(self._child, answer)

    def close(self) -> None:
        """End the child, so that its memory comes back; idempotent. A chat in progress ends as EngineDied."""
        self._child.kill()


class _Stop:
    """Passes the wish to stop on to the child once, and kills a child that does not obey."""

    def __init__(self, child: Child, number: int, cancelled: Cancelled) -> None:
        self._child = child
        self._number = number
        self._cancelled = cancelled
        self._asked: float | None = None

    def look(self) -> None:
        """Ask `cancelled`, and the clock."""
        if self._asked is None:
            if self._cancelled():
                self.now()
        elif time.monotonic() - self._asked > _GRACE:
            self._child.kill()

    def now(self) -> None:
        """Tell the child to stop."""
        if self._asked is None:
            self._asked = time.monotonic()
            self._child.send(Cancel(self._number))
