"""A passage's document made ready for the viewer, in a worker thread: also what remains of one that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from lumbre.assistant.sources import Source
from lumbre.core.documents import Passage
from lumbre.core.errors import FileVanished
from lumbre.frontends.gui.table_rows import TABLES, Sheet, sheets
from lumbre.frontends.gui.viewing import Span

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Assistant

Remains = Literal["all", "text", "passage"]
"""The file is there; only its text in the library; only what the answer quotes."""


class Loaded(NamedTuple):
    """A document, its sheets if it is a table, what there still is of it, and the spans in its text."""

    source: Source
    sheets: list[Sheet]
    remains: Remains
    spans: list[Span]


def load(assistant: Assistant, passage: Passage, spans: list[Span]) -> Loaded:
    """Get a passage's document, or as much as there is of it."""
    spans = sorted(spans)
    try:
        source = assistant.source(passage)
    except FileVanished:
        length = len(passage.text)
        within = [(start - passage.start, end - passage.start) for start, end in spans]
        inside = [(start, end) for start, end in within if 0 <= start < end <= length]
        return Loaded(Source(passage.path, "", "", passage.text), [], "passage", inside or [(0, length)])
    found = sheets(source.text, source.pages) if source.format in TABLES else []
    try:
        assistant.source_file(passage)
    except FileVanished:
        return Loaded(source, found, "text", spans)
    return Loaded(source, found, "all", spans)
