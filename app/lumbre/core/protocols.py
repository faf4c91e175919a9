"""What the assistant expects of the rooms that are handed in. Each has at least two implementations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol

from lumbre.core.chat import ChatEvent, ChatRequest, EngineInfo
from lumbre.core.documents import Extracted, PageImage

Cancelled = Callable[[], bool]


class ChatEngine(Protocol):
    """A loaded chat model. One request at a time; callers queue. In `engines/` it runs here; in `hosts/` in a child."""

    @property
    def info(self) -> EngineInfo: ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` alone, without template."""
        ...

    def chat(self, request: ChatRequest, cancelled: Cancelled) -> Iterator[ChatEvent]:
        """Read the prompt and write the answer; the last event is always `Ended`.

        `cancelled` is polled while the prompt is read and between tokens. Raises PromptTooLong, EngineDied.
        """
        ...

    def close(self) -> None:
        """Give the memory back; idempotent."""
        ...


class Embedder(Protocol):
    """Turns text into unit vectors."""

    @property
    def model(self) -> str:
        """Name and version, as stored beside every vector."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        """Unit vectors as float32 little-endian, len(texts) × dimensions, in the order given. Raises EngineDied."""
        ...

    def close(self) -> None: ...


class NearVectors(Protocol):
    """An index of vectors."""

    def refresh(self) -> None:
        """Take in what the library has become."""
        ...

    def search(self, vector: bytes, k: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Ids and cosines of the `k` nearest vectors, best first; `vector` is float32, `allowed` restricts the ids."""
        ...


class DocumentReader(Protocol):
    """Turns files into text and pages into pictures, apart from this process."""

    def read(self, path: Path, cancelled: Cancelled = ..., *, password: str = "", recognise: bool = True) -> Extracted:
        """Read a whole file. Raises a LibraryError that says why when it cannot.

        Without `recognise` a file that needs text recognition raises RecognitionDeferred at once.
        """
        ...

    def render(self, path: Path, page: int, width: int, spans: list[tuple[int, int]], password: str = "") -> PageImage:
        """Draw a page (1-based) `width` pixels wide; `spans` are character ranges of the page's text to box."""
        ...

    def close(self) -> None: ...
