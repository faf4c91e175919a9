"""A document as the source viewer shows it: its text, where its pages start, its headings, what is hidden in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from lumbre.assistant.cut import SEPARATOR, clean
from lumbre.core.documents import HiddenText
from lumbre.core.errors import FileVanished


class Heading(msgspec.Struct, frozen=True):
    """A heading of a document: its place in the text and how many stand above it, plus one."""

    start: int
    end: int
    level: int


class Source(msgspec.Struct, frozen=True):
    """What the viewer shows of a passage's document."""

    path: str
    title: str
    format: str
    text: str
    pages: list[int] = []
    headings: list[Heading] = []
    hidden: list[HiddenText] = []


def outline(text: str, sections: Iterable[tuple[int, int, str]]) -> list[Heading]:
    """The headings of a text, found again in the gaps between its sections.

    A section is the start and end of what stands under one path of headings, and that path; in order.
    """
    found: list[Heading] = []
    before = 0
    for start, end, path in sections:
        titles = {title: level for level, title in enumerate(path.split(SEPARATOR), 1) if title}
        at = before
        for line in text[before:start].split("\n"):
            level = titles.get(clean(line))
            if level:
                found.append(Heading(at, at + len(line), level))
            at += len(line) + 1
        before = end
    return found


def file_of(path: str) -> Path:
    """The file on disk in which a document lies: itself, or the archive or letter that it is a part of.

    Raises FileVanished when neither is there.
    """
    place = Path(path)
    for candidate in (place, *place.parents):
        if os.path.isfile(candidate):  # noqa: PTH113 — a name too long is an error to Path alone
            return candidate
        if candidate.is_dir():
            break
    raise FileVanished
