"""Why a passage was found: how near its meaning is, its score by words, and what of the question it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from lumbre.assistant.overlap import Overlap
from lumbre.core.documents import Passage
from lumbre.core.language import detect, fold
from lumbre.store.words import Term, codes_in

_WORD = re.compile(r"[^\W_]+")
_EDGES = ".,;:!?¿¡()[]<>«»\"'“”‘’…"


class Reasons(NamedTuple):
    """The evidence of one search: cosines as measured and BM25 of the best by words, both by chunk."""

    query: str
    terms: Sequence[Term]
    cosines: dict[int, float]
    by_words: dict[int, float]

    def of(self, passages: Sequence[Passage], chunks: Sequence[Sequence[int]]) -> list[Passage]:
        """The passages with their evidence; `chunks` are the ids that each is made of."""
        names = self._names()
        overlap = Overlap(list(self.terms), detect(self.query))
        return [
            msgspec.structs.replace(
                passage,
                cosine=max((round(self.cosines[id], 4) for id in ids if id in self.cosines), default=None),
                bm25=round(max(self.by_words.get(id, 0.0) for id in ids), 4),
                words=self._held(overlap, names, f"{passage.heading}\n{passage.text}"),
            )
            for passage, ids in zip(passages, chunks, strict=True)
        ]

    def _names(self) -> list[str]:
        """The terms as they were typed; phrases and dates as they were understood."""
        typed = {fold(word): word for word in _WORD.findall(self.query)}
        for token in self.query.split():
            typed |= {code: token.strip(_EDGES) for code in codes_in(token, fold(token))}
        known = ([*term.codes, term.text] for term in self.terms)
        return [next((typed[key] for key in keys if key in typed), keys[-1]) for keys in known]

    def _held(self, overlap: Overlap, names: list[str], text: str) -> list[str]:
        held = overlap.holds(text) if names else []
        return list(dict.fromkeys(name for name, here in zip(names, held, strict=True) if here))
