"""Messages, answers, and what an engine is asked and says."""

from __future__ import annotations

from typing import Literal

import msgspec

from lumbre.core.documents import Passage

Role = Literal["system", "user", "assistant"]
Ending = Literal["finished", "stopped", "failed"]


class Message(msgspec.Struct, frozen=True):
    """One turn as the engine's chat template sees it."""

    role: Role
    content: str


class ChatRequest(msgspec.Struct, frozen=True):
    """What an engine is asked to write. Temperature 0 is greedy; the same seed gives the same answer."""

    messages: list[Message]
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0
    stop: list[str] = []


class EngineInfo(msgspec.Struct, frozen=True):
    """The truth about what runs: said by the engine after loading, never guessed."""

    model: str
    engine: str
    device: str
    quantization: str
    context: int
    """Tokens that fit: prompt and answer together."""
    threads: int = 0


class GenerationStats(msgspec.Struct, frozen=True):
    """Measured by the engine: tokens and seconds."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Prompt tokens reused from the previous turn."""
    answer_tokens: int = 0
    ttft_s: float = 0.0
    """Seconds from the request to the first piece of text, reading of the prompt included."""
    tokens_per_s: float = 0.0
    """Tokens per second while writing, the first one excluded."""


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """The prompt is being read: tokens done of total."""

    done: int
    total: int


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """A piece of the answer, always whole characters."""

    text: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The last thing an engine says of a request; `reason` is "length" when max_tokens cut the answer."""

    stats: GenerationStats
    reason: Literal["end", "length", "stopped"] = "end"


ChatEvent = Reading | Piece | Ended


class Citation(msgspec.Struct, frozen=True):
    """Support of a sentence: passage number (as shown, 1-based) and the span in its document."""

    number: int
    start: int
    end: int
    score: float = 1.0


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of the answer (offsets into the answer) with the spans that support it; none means unsupported."""

    start: int
    end: int
    text: str
    citations: list[Citation] = []
    claims: bool = True
    """False for a sentence that states nothing a source could support (a greeting, "your documents do not say")."""


class AnswerStats(msgspec.Struct, frozen=True):
    """What the terminal's JSON shows under "stats"."""

    model: str = ""
    engine: str = ""
    device: str = ""
    quantization: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    answer_tokens: int = 0
    ttft_s: float = 0.0
    tokens_per_s: float = 0.0


class Answer(msgspec.Struct, frozen=True):
    """A whole answer: text, sentences with citations, numbered sources, how it ended and what it took."""

    text: str
    sentences: list[Sentence]
    sources: list[Passage]
    ending: Ending
    stats: AnswerStats
    found: bool = True
    """False when the documents do not hold the answer."""
    conversation_id: int = 0
    message_id: int = 0
    left_device_bytes: int = 0


class ConversationEntry(msgspec.Struct, frozen=True):
    """A line of the list of conversations; `updated` is seconds since the epoch."""

    id: int
    title: str
    updated: float
    messages: int = 0


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as kept: a question, or an answer whole or partial."""

    id: int
    role: Role
    text: str
    created: float
    answer: Answer | None = None
    """Present on assistant messages: citations, sources, ending and figures."""
    collection: str | None = None
    """Scope of a question; None is the whole library."""
    documents: bool = True
    """Whether the question was asked of the documents at all."""
