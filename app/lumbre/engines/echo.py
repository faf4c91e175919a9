"""An engine without a model: repeats the last message, for demos and tests. Deterministic."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from lumbre.core.chat import ChatEvent, ChatRequest, Ended, EngineInfo, GenerationStats, Message, Piece, Reading
from lumbre.core.errors import PromptTooLong
from lumbre.core.protocols import Cancelled

_WORD = re.compile(r"\s*\S+\s*")
_READ_AT_ONCE = 64


class EchoEngine:
    """Streams back the last user message, or `reply` when given, a word a token, `delay` seconds before each."""

    def __init__(self, *, reply: str | None = None, context: int = 8192, delay: float = 0.0) -> None:
        self._reply = reply
        self._delay = delay
        self._info = EngineInfo("echo", "echo", "none", "none", context)
        self._kept: list[Message] = []

    @property
    def info(self) -> EngineInfo:
        return self._info

    def count_tokens(self, text: str) -> int:
        return len(_WORD.findall(text))

    def chat(self, request: ChatRequest, cancelled: Cancelled) -> Iterator[ChatEvent]:
        begun = time.perf_counter()
        total = sum(self.count_tokens(message.content) for message in request.messages)
        if total >= self._info.context:
            raise PromptTooLong(needed=total, limit=self._info.context - 1)
        kept = self._remember(request.messages)
        for done in range(kept, total, _READ_AT_ONCE):
            if cancelled():
                yield Ended(GenerationStats(total, kept), "stopped")
                return
            yield Reading(min(done + _READ_AT_ONCE, total), total)
        yield from self._write(request, cancelled, begun, (total, kept))

    def _write(
        self, request: ChatRequest, cancelled: Cancelled, begun: float, prompt: tuple[int, int]
    ) -> Iterator[ChatEvent]:
        words = self._words(request)
        written, first = 0, 0.0
        reason: str = "end"
        for word in words:
            if cancelled() or written >= request.max_tokens:
                reason = "stopped" if cancelled() else "length"
                break
            if self._delay:
                time.sleep(self._delay)
            first = first or time.perf_counter()
            written += 1
            yield Piece(word)
        rate = (written - 1) / max(time.perf_counter() - first, 1e-6) if written > 1 else 0.0
        stats = GenerationStats(*prompt, written, first - begun if first else 0.0, rate)
        yield Ended(stats, reason)  # type: ignore[arg-type]

    def _words(self, request: ChatRequest) -> list[str]:
        asked = [message.content for message in request.messages if message.role == "user"]
        text = self._reply if self._reply is not None else (asked[-1] if asked else "")
        for stop in request.stop:
            text = text.split(stop)[0]
        return _WORD.findall(text)

    def _remember(self, messages: list[Message]) -> int:
        """Tokens of the leading messages seen in the last request too."""
        same = 0
        for before, now in zip(self._kept, messages, strict=False):
            if before != now:
                break
            same += self.count_tokens(now.content)
        self._kept = messages
        return same

    def close(self) -> None:
        self._kept = []
