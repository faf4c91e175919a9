"""Events that jobs of the assistant emit, besides `Phase`, `Progress` and the endings of core.job."""

from __future__ import annotations

from typing import Literal

import msgspec

from lumbre.core.chat import Sentence
from lumbre.core.documents import FileEntry, LibraryCounts, Passage
from lumbre.core.errors import LumbreError


class PassagesFound(msgspec.Struct, frozen=True):
    """The sources of the answer to come, numbered by their place in the list from 1; shown before the model reads."""

    passages: list[Passage]
    ms: float


class Text(msgspec.Struct, frozen=True):
    """A piece of the answer to append."""

    text: str


class Cited(msgspec.Struct, frozen=True):
    """A sentence of the answer that is complete, with what supports it."""

    sentence: Sentence


class FileChanged(msgspec.Struct, frozen=True):
    """A file of the library reached a new state."""

    file: FileEntry

    @property
    def replaces(self) -> object:
        """What it says anew: the state of this file."""
        return FileChanged, self.file.path


class LibraryChanged(msgspec.Struct, frozen=True):
    """Files came into the library, moved in it or left it."""


class WatchFailed(msgspec.Struct, frozen=True):
    """An added folder is away, or is not watched; what is known of it is kept."""

    error: LumbreError


Holding = Literal["", "paused", "battery", "busy"]
"""What keeps the library's worker back: nothing, a person, the battery, other programs that need the processor."""


class IndexProgress(msgspec.Struct, frozen=True):
    """How far the library's worker has come, how fast it embeds and how long it still takes."""

    counts: LibraryCounts
    chunks_per_second: float = 0.0
    """Over the last seconds; 0 while unknown."""
    seconds_left: float = 0.0
    """Of reading and embedding, as far as can be told from the files read so far; 0 while unknown."""
    holding: Holding = ""

    @property
    def replaces(self) -> object:
        """What it says anew: how far it has come."""
        return IndexProgress


class LeftOut(msgspec.Struct, frozen=True):
    """What did not fit the model's context and was not given to it: the oldest turns, the last passages."""

    turns: int
    passages: int
