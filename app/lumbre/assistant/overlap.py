"""Which terms of a question stand in a text: the lexical evidence behind ranking and relevance."""

from __future__ import annotations

import re

from lumbre.core.language import fold
from lumbre.store.words import MARK, Term, codes_in, stems_of

_WORD = re.compile(r"[^\W_]+")


class Overlap:
    """Looks for terms in many texts: stems in the language of the question, codes whole, phrases word by word."""

    def __init__(self, terms: list[Term], language: str) -> None:
        self._language = language
        self._size = len(terms)
        self._stems = {stem: at for at, term in enumerate(terms) for stem in term.stems}
        self._codes = {code: at for at, term in enumerate(terms) for code in term.codes}
        self._runs = [(at, _run(term.text)) for at, term in enumerate(terms) if not term.stems]
        beginnings = {_beginning(stem) for stem in self._stems}
        self._candidates = re.compile(rf"\b(?:{'|'.join(map(re.escape, beginnings))})[^\W_]*")
        self._known: dict[str, int] = {}

    def holds(self, text: str) -> list[bool]:
        """Whether `text` holds each term."""
        found = [False] * self._size
        folded = fold(text)
        if self._stems:
            for word in self._candidates.findall(folded):
                at = self._term_of(word)
                if at >= 0:
                    found[at] = True
        for at, run in self._runs:
            found[at] = run.search(folded) is not None
        open_codes = [code for code, at in self._codes.items() if not found[at] and _may_hold(folded, code)]
        if open_codes:
            held = set(codes_in(text, folded))
            for code in open_codes:
                found[self._codes[code]] = code in held
        return found

    def _term_of(self, word: str) -> int:
        at = self._known.get(word)
        if at is None:
            stems = stems_of(word, self._language)
            at = self._known[word] = next((self._stems[stem] for stem in stems if stem in self._stems), -1)
        return at


def _may_hold(folded: str, code: str) -> bool:
    """Whether the end of each part of a code stands in the text, as it must; thousands may have been divided."""
    return all(part[-3:] in folded for part in code.split(MARK))


def _beginning(stem: str) -> str:
    """What every word of a stem starts with: English stems turn a final y into i."""
    return stem[:-1] if len(stem) > 2 and stem.endswith("i") else stem


def _run(text: str) -> re.Pattern[str]:
    """Words side by side, whatever separates them."""
    words = r"[\W_]{1,3}".join(map(re.escape, _WORD.findall(text)))
    return re.compile(rf"\b{words}\b")
