"""The chat model in memory: at most one, in a process of its own, loaded when needed and given back when idle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lumbre.core.chat import EngineInfo
from lumbre.core.errors import EngineDied
from lumbre.core.protocols import Cancelled, ChatEngine

QUEUE_POLL_SECONDS = 0.05


class ChatModel:
    """Holds the loaded engine; one question uses it at a time, the others queue."""

    def __init__(
        self, make_engine: Callable[[str], ChatEngine], idle_minutes: Callable[[], int], tell: Callable[[object], None]
    ) -> None:
        """`make_engine(name)` loads a model or raises ModelError; `tell` hears EngineInfo on load, None on unload."""
        self._make_engine = make_engine
        self._idle_minutes = idle_minutes
        self._tell = tell
        self._turn = threading.Lock()
        self._name = ""
        self._engine: ChatEngine | None = None
        self._timer: threading.Timer | None = None

    @property
    def info(self) -> EngineInfo | None:
        """The loaded model as its engine describes itself."""
        engine = self._engine
        return engine.info if engine is not None else None

    @property
    def name(self) -> str:
        """Catalogue name of the loaded model; empty when none is."""
        return self._name if self._engine is not None else ""

    @contextmanager
    def use(self, name: str, cancelled: Cancelled) -> Iterator[ChatEngine | None]:
        """Wait for this caller's turn with model `name` loaded; None when `cancelled` came first. Raises ModelError."""
        while not self._turn.acquire(timeout=QUEUE_POLL_SECONDS):
            if cancelled():
                yield None
                return
        try:
            self._stop_timer()
            yield self._ensure(name)
        except EngineDied:
            self._drop()
            raise
        finally:
            self._start_timer()
            self._turn.release()

    def unload(self) -> None:
        """End the engine's process once the answer in hand is done; idempotent."""
        with self._turn:
            self._stop_timer()
            self._drop()

    def _ensure(self, name: str) -> ChatEngine:
        if self._engine is None or self._name != name:
            self._drop()
            self._engine, self._name = self._make_engine(name), name
            self._tell(self._engine.info)
        return self._engine

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
            self._tell(None)

    def _start_timer(self) -> None:
        minutes = self._idle_minutes()
        if minutes and self._engine is not None:
            self._timer = threading.Timer(minutes * 60, self._unload_idle)
            self._timer.daemon = True
            self._timer.start()

    def _unload_idle(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                self._drop()
            finally:
                self._turn.release()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
