"""Inside the embedding host: passages in small batches, with queries let through between them."""

from __future__ import annotations

import itertools
import queue
import time
from pathlib import Path

from lumbre.core.errors import EngineDied
from lumbre.core.protocols import Embedder
from lumbre.hosts.pipe import Command, Embed, EmbedderLoaded, LoadEmbedder, Vectors
from lumbre.hosts.work import Send, Work

_TARGET = 0.08
"""Seconds a batch should take: what a query waits at most, about."""
_CHARACTERS = (400, 16000)
"""Least and most characters of a batch."""


class EmbedWork(Work):
    """Embeds; queries and loading come before passages."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self._ranked: queue.PriorityQueue[tuple[int, int, Command]] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._embedder: Embedder | None = None
        self._budget = 1500.0
        """Characters of a batch, kept near what takes _TARGET seconds."""

    def take(self, command: Command) -> None:
        waits = isinstance(command, Embed) and command.kind == "passage"
        self._ranked.put((int(waits), next(self._numbers), command))

    def run(self, idle: float | None) -> None:
        while True:
            try:
                _, _, command = self._ranked.get(timeout=idle)
            except queue.Empty:
                return
            self.attempt(command)

    def do(self, command: Command) -> None:
        if isinstance(command, LoadEmbedder):
            from lumbre.engines.onnx_embedder import OnnxEmbedder

            spec = command.spec
            self._embedder = OnnxEmbedder(Path(spec.folder), spec.name, spec.threads)
            self.send(EmbedderLoaded(command.id, self._embedder.model, self._embedder.dimensions))
        elif isinstance(command, Embed):
            if self._embedder is None:
                raise EngineDied(reason="no embedder is loaded")
            embed = self._embedder.embed
            data = self._passages(command.texts) if command.kind == "passage" else embed(command.texts, "query")
            self.send(Vectors(command.id, data))

    def _passages(self, texts: list[str]) -> bytes:
        assert self._embedder is not None
        size = self._embedder.dimensions * 4
        vectors = bytearray(size * len(texts))
        # Neighbours in length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        while order:
            self._let_queries_through()
            batch = self._cut(order, texts)
            begun = time.perf_counter()
            data = self._embedder.embed([texts[at] for at in batch], "passage")
            self._adapt(sum(len(texts[at]) for at in batch), time.perf_counter() - begun)
            for place, at in enumerate(batch):
                vectors[at * size : (at + 1) * size] = data[place * size : (place + 1) * size]
        return bytes(vectors)

    def _cut(self, order: list[int], texts: list[str]) -> list[int]:
        """Take the next batch off the end of `order`: at least one text, at most the budget."""
        batch = [order.pop()]
        longest = len(texts[batch[0]])
        while order and longest * (len(batch) + 1) <= self._budget:
            batch.append(order.pop())
        return batch

    def _adapt(self, characters: int, seconds: float) -> None:
        wanted = characters * _TARGET / max(seconds, 1e-4)
        least, most = _CHARACTERS
        self._budget = min(max(0.7 * self._budget + 0.3 * wanted, least), most)

    def _let_queries_through(self) -> None:
        while True:
            try:
                first = self._ranked.get_nowait()
            except queue.Empty:
                return
            if first[0]:
                self._ranked.put(first)
                return
            self.attempt(first[2])
