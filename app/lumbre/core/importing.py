"""What is brought from other assistants on this machine, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec


class ForeignTurn(msgspec.Struct, frozen=True):
    """A message of a conversation held elsewhere; `created` is seconds since the epoch, `model` who wrote it."""

    role: Literal["user", "assistant"]
    text: str
    created: float
    model: str = ""


class ForeignConversation(msgspec.Struct, frozen=True):
    """A conversation held elsewhere; `origin` names it for ever, so that it comes once."""

    origin: str
    title: str
    turns: list[ForeignTurn]


class ForeignCollection(msgspec.Struct, frozen=True):
    """A named set of folders and files, where they lie."""

    name: str
    paths: list[Path]


class Findings(msgspec.Struct, frozen=True):
    """What a folder of another assistant holds; `damaged` are files of it that could not be read."""

    collections: list[ForeignCollection] = []
    conversations: list[ForeignConversation] = []
    model_folders: list[Path] = []
    damaged: list[str] = []


class ImportedCollection(msgspec.Struct, frozen=True):
    """What became of a collection: paths that are indexed in place, and paths where nothing is any more."""

    name: str
    paths: list[str]
    missing: list[str]


class ImportedModel(msgspec.Struct, frozen=True):
    """A file that has the size of a model of the catalogue: used where it lies if its hash is the published one.

    "possible" is one that a dry run has not hashed.
    """

    name: str
    path: str
    state: Literal["used", "other-file", "unusable", "possible"]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came from one program, or would come."""

    program: str
    folder: str
    collections: list[ImportedCollection] = []
    conversations: int = 0
    """Those that are new here."""
    known: int = 0
    """Conversations that came earlier."""
    models: list[ImportedModel] = []
    damaged: list[str] = []
