"""What the views of a source have in common: spans of the document's text, and looking for words in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lumbre.assistant.sources import Source

Span = tuple[int, int]
"""Start and end in the document's text, in code points."""

FOUND_MOST = 5_000
"""Places that a search in a document brings at most."""
_ALIKE = [frozenset(letters) for letters in ("aáàâäãå", "eéèêë", "iíìîï", "oóòôöõ", "uúùûü", "nñ", "cç")]


class Marks(NamedTuple):
    """What is marked in a document: what an answer cites, what was looked for, and the one in hand of the latter."""

    cited: list[Span]
    found: list[Span] = []
    current: Span | None = None

    @property
    def shown(self) -> list[Span]:
        """What is coloured: while words are looked for, these instead of what is cited."""
        return self.found or self.cited


def find(text: str, words: str) -> list[Span]:
    """Where words stand in a text, whatever their case, accents and line breaks; none for blank words."""
    parts = ["".join(map(_letter, part)) for part in words.split()]
    if not parts:
        return []
    matches = re.finditer(r"\s+".join(parts), text, re.IGNORECASE)
    return [match.span() for match in islice(matches, FOUND_MOST)]


def _letter(letter: str) -> str:
    alike = next((group for group in _ALIKE if letter.lower() in group), None)
    return f"[{''.join(sorted(alike))}]" if alike else re.escape(letter)


def page_of(source: Source, offset: int) -> int:
    """The page, slide or sheet (from 1) on which a place of the text lies."""
    return max(1, bisect_right(source.pages, offset))


def qt_length(text: str) -> int:
    """Length of a text as Qt counts it: characters beyond the basic plane take two units."""
    return len(text) + sum(character > "\uffff" for character in text)
