"""How fast a loaded chat model reads here: a few seconds of measurement that stand for every later promise of speed."""

from __future__ import annotations

from lumbre.core.chat import ChatRequest, Ended, Message
from lumbre.core.protocols import ChatEngine

_WORDS = 700
"""About 1,000 tokens in the tokenizers of today's models."""


def reading_speed(engine: ChatEngine) -> float:
    """Tokens per second at which `engine` reads a prompt of about 1,000 tokens. Raises EngineDied."""
    # Different words, so that no cache shortens it, and the same ones everywhere, so that figures can be compared.
    text = " ".join(f"word{number * 7919 % 9973}" for number in range(_WORDS // 3))
    request = ChatRequest([Message("user", text)], max_tokens=1)
    last = list(engine.chat(request, lambda: False))[-1]
    assert isinstance(last, Ended)
    read = last.stats.prompt_tokens - last.stats.cached_tokens
    return read / max(last.stats.ttft_s, 1e-6)
