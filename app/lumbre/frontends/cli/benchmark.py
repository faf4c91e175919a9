"""The verb that measures this machine with the real program: reading, writing, embedding, searching."""

from __future__ import annotations

import time
from typing import Any

from lumbre.assistant.assistant import Assistant
from lumbre.core.chat import Answer
from lumbre.core.errors import ModelError
from lumbre.core.events import Text
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.jobs import follow, result_of
from lumbre.frontends.cli.terminal import Terminal

_WRITTEN = 64
"""Pieces of the answer after which writing has been measured."""
_QUERIES = (
    "how to install it", "what the law says about deadlines", "who is responsible", "network settings", "a summary",
    "the price of the service", "results by year", "safety instructions", "contact address", "what changed since then",
    "cómo se instala", "qué plazo establece la ley", "quién es responsable", "configuración de la red", "un resumen",
    "el precio del servicio", "resultados por año", "instrucciones de seguridad", "dirección", "qué ha cambiado",
)  # fmt: skip


def bench(context: Context) -> int:
    """`bench`: a few seconds of measurement with the model in use; nothing of it is kept."""
    texts, terminal = context.texts, context.terminal
    found: dict[str, Any] = {}
    with context.assistant() as assistant:
        found |= _chat(assistant, terminal)
        found["search"] = _search(assistant)
    try:
        found["embedding"] = {"passages_per_s": round(context.rooms.probes(context.home).embedding_speed(), 1)}
    except ModelError:  # the embedder is not on this machine
        found["embedding"] = None
    if terminal.as_json:
        terminal.json(found)
        return 0
    terminal.say(texts("bench.model", **found["model"]))
    for key, speed in (("reading", "reading_tokens_per_s"), ("writing", "writing_tokens_per_s")):
        terminal.say(f"{texts('bench.' + key):<24} {texts('bench.tokens', speed=found[speed])}")
    if found["embedding"]:
        text = texts("bench.passages", speed=found["embedding"]["passages_per_s"])
        terminal.say(f"{texts('bench.embedding'):<24} {text}")
    if found["search"]:
        terminal.say(f"{texts('bench.searching'):<24} {texts('bench.searched', **found['search'])}")
    else:
        terminal.say(texts("bench.no-library"))
    return 0


def _chat(assistant: Assistant, terminal: Terminal) -> dict[str, Any]:
    """Have the chat model in use read a long text and write a little. Raises NoChatModel."""
    job = assistant.ask(_long_question(), documents=False)
    pieces = 0

    def count(event: object) -> None:
        nonlocal pieces
        pieces += isinstance(event, Text)
        terminal.progress("." * pieces)
        if pieces == _WRITTEN:
            job.cancel()

    answer: Answer = result_of(follow(job, count))
    info = assistant.loaded
    assistant.delete_conversation(answer.conversation_id)
    stats = answer.stats
    return {
        "model": {
            "model": stats.model,
            "engine": stats.engine,
            "device": stats.device,
            "quantization": stats.quantization,
            "threads": info.threads if info is not None else 0,
        },
        "prompt_tokens": stats.prompt_tokens,
        "reading_tokens_per_s": round((stats.prompt_tokens - stats.cached_tokens) / max(stats.ttft_s, 1e-6), 1),
        "writing_tokens_per_s": round(stats.tokens_per_s, 1),
    }


def _long_question() -> str:
    """About 600 tokens that no cache has seen, and something to write about."""
    lines = [f"Entry {number}: the lamp in room {number * 7 % 61} was lit at {number % 24}:00." for number in range(36)]
    return f"{time.time_ns()}\n" + "\n".join(lines) + "\nDescribe this list in a long paragraph."


def _search(assistant: Assistant) -> dict[str, Any] | None:
    """Times of a search, embedding of the query included; None for an empty library."""
    chunks = assistant.counts().chunks
    if not chunks:
        return None
    assistant.search(_QUERIES[0])  # loads the index
    times = sorted(assistant.search(query).ms for query in _QUERIES for _ in range(3))
    middle, worst = times[len(times) // 2], times[len(times) * 95 // 100]
    return {"p50": round(middle, 1), "p95": round(worst, 1), "chunks": chunks}
