"""The embedder in a process of its own; a question never waits behind a library being indexed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from lumbre.core.errors import EngineDied, LumbreError, ModelMissing, ModelWontLoad
from lumbre.hosts.on_demand import OnDemand
from lumbre.hosts.pipe import Embed, EmbedderLoaded, EmbedSpec, LoadEmbedder, Vectors
from lumbre.hosts.process import Child, ChildGone, refusal

_NICE = 5
_FLOAT = 4


class EmbedHost:
    """An `Embedder` that runs in a child process, started at the first use and again when it died or went idle."""

    def __init__(
        self,
        folder: Path,
        name: str,
        dimensions: int,
        threads: int = 0,
        *,
        idle: float = 300.0,
        command: Iterable[str] | None = None,
    ) -> None:
        """`idle`: seconds without work after which the child ends (0: never); `threads` 0 leaves it to the engine."""
        self._spec = EmbedSpec(folder=str(folder), name=name, threads=threads)
        self._dimensions = dimensions
        self._idle = idle
        self._command = list(command) if command else None
        self._host = OnDemand(self._start)

    @property
    def model(self) -> str:
        """Name and version, as stored beside every vector."""
        return self._spec.name

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @property
    def child(self) -> Child | None:
        """The child that runs now, if any."""
        return self._host.child

    def start(self) -> None:
        """Load the model now instead of at the first use. Raises as `embed`."""
        try:
            self._host.get()
        except ChildGone as gone:
            raise EngineDied(reason=gone.reason) from None

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        """Unit vectors as float32 little-endian, in the order given; several threads may ask at once.

        A query is answered before passages that wait. Raises EngineDied (after one more try in a new child),
        ModelMissing, ModelWontLoad.
        """
        if not texts:
            return b""
        failures = 0
        while True:
            try:
                return self._embed(texts, kind)
            except ChildGone as gone:
                failures += 0 if gone.idle else 1
                if failures > 1 or self._host.closed:
                    raise EngineDied(reason=gone.reason) from None

    def _embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        child = self._host.get()
        with child.exchange() as exchange:
            child.send(Embed(exchange.id, texts, kind))
            answer = exchange.next()
        if isinstance(answer, Vectors) and len(answer.data) == len(texts) * self._dimensions * _FLOAT:
            return answer.data
        raise refusal(child, answer)

    def _start(self) -> Child:
        if not Path(self._spec.folder).is_dir():
            raise ModelMissing(name=self._spec.name)
        child = Child("embed", nice=_NICE, idle=self._idle, command=self._command)
        try:
            with child.exchange() as exchange:
                child.send(LoadEmbedder(exchange.id, self._spec))
                answer = exchange.next()
            if not isinstance(answer, EmbedderLoaded):
                raise refusal(child, answer)
            if answer.dimensions != self._dimensions:
                raise ModelWontLoad(name=self._spec.name, reason=f"its vectors have {answer.dimensions} dimensions")
        except LumbreError:
            child.kill()
            raise
        return child

    def close(self) -> None:
        """End the child for good; idempotent."""
        self._host.close()
