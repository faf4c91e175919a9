"""A citation to paste elsewhere: the quoted words and where they stand, as plain text or as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lumbre.core.documents import Passage
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.viewing import Span

_SIGNS = re.compile(r"([\\`*_\[\]<>#|])")


def plain(passage: Passage, text: str, spans: Sequence[Span]) -> str:
    """“Words” (file, page, heading)."""
    return f"“{_quoted(text, spans)}” ({', '.join(_place(passage))})"


def markdown(passage: Passage, text: str, spans: Sequence[Span]) -> str:
    """The words as a quotation, and under it where they stand."""
    name, *rest = map(_escaped, _place(passage))
    return f"> {_escaped(_quoted(text, spans))}\n>\n> — {', '.join([f'*{name}*', *rest])}\n"


def _escaped(words: str) -> str:
    return _SIGNS.sub(r"\\\1", words)


def _quoted(text: str, spans: Sequence[Span]) -> str:
    return " … ".join(" ".join(text[start:end].split()) for start, end in spans)


def _place(passage: Passage) -> list[str]:
    parts = texts.place(passage.path, passage.page).split(" · ")
    return [*parts, passage.heading] if passage.heading else parts
