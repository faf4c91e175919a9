"""Events that jobs of the assistant emit, besides `Phase`, `Progress` and the endings of core.job."""

from __future__ import annotations

import msgspec

from lumbre.core.chat import Sentence
from lumbre.core.documents import FileEntry, Passage


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


class LeftOut(msgspec.Struct, frozen=True):
    """What did not fit the model's context and was not given to it: the oldest turns, the last passages."""

    turns: int
    passages: int
