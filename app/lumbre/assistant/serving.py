"""The embedder that serves with its index: the one wanted, or the one before while that one is incomplete."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal

from lumbre.core.errors import ModelMissing
from lumbre.core.protocols import Embedder
from lumbre.store.library import LibraryStore
from lumbre.store.vector_index import VectorIndex


class Serving:
    """An `Embedder` and `NearVectors` at once, so that what one embedder made is never sought in another's index.

    A thread that embeds a question searches with the same embedder afterwards, even if the library switches in between.
    """

    def __init__(
        self,
        library: LibraryStore,
        wanted: Embedder,
        former: Callable[[str], Embedder | None],
        make_index: Callable[[Embedder], VectorIndex],
    ) -> None:
        """`former` finds an embedder of an earlier time by its name, None when it is no longer on this machine."""
        self._library = library
        self._wanted = wanted
        self._former = former
        self._make_index = make_index
        self._lock = threading.Lock()
        self._used = threading.local()
        self._current: tuple[Embedder, VectorIndex] | None = None
        self._gone = ""

    @property
    def model(self) -> str:
        """Name of the embedder whose vectors are searched."""
        return self._library.serving_embedder() or self._wanted.model

    @property
    def dimensions(self) -> int:
        """Numbers in a vector of it. Raises ModelMissing."""
        return self._serving()[0].dimensions

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        """As Embedder.embed. Raises ModelMissing also while only an embedder serves that is no longer here."""
        self._used.pair = self._serving()
        return self._used.pair[0].embed(texts, kind)  # type: ignore[no-any-return]

    def refresh(self) -> None:
        """As VectorIndex.refresh, of the embedder that this thread last used."""
        self._index().refresh()

    def search(self, vector: bytes, k: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """As VectorIndex.search."""
        return self._index().search(vector, k, allowed)

    def tend(self) -> None:
        """Bring the index up to the library and wait until it is well made; nothing while no embedder is here."""
        try:
            index = self._serving()[1]
        except ModelMissing:
            return
        index.refresh()
        index.settle()

    def close(self) -> None:
        """Keep a snapshot, end the embedders; idempotent."""
        with self._lock:
            current, self._current = self._current, None
        self._wanted.close()
        if current is not None:
            current[1].close()
            current[0].close()

    def _index(self) -> VectorIndex:
        pair: tuple[Embedder, VectorIndex] = getattr(self._used, "pair", None) or self._serving()
        return pair[1]

    def _serving(self) -> tuple[Embedder, VectorIndex]:
        name = self.model
        with self._lock:
            if self._current is None or self._current[0].model != name:
                embedder = self._find(name)
                # The index before goes with the last search that holds it; its vectors are about to be deleted.
                self._current = embedder, self._make_index(embedder)
            return self._current

    def _find(self, name: str) -> Embedder:
        if name == self._wanted.model:
            return self._wanted
        found = None if name == self._gone else self._former(name)
        if found is None:
            self._gone = name  # it is not sought again at every question
            raise ModelMissing(name=name)
        return found
