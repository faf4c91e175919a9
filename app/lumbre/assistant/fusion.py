"""How dense and lexical evidence become one score that is not worse than the better of the two.

Cosines are what they are; BM25 is turned into cosine by what the question's words can tell at all: a question of rare
words carries many nats of evidence, one of common words few. A passage in the language of the question is judged by
both. In a passage of another language the words are expected to be missing, so their absence says nothing: it gets the
mean of the passages where it does say something, and what it shares (names, numbers, codes) on top of that. So across
languages the dense order stands, moved only by what both languages write alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from lumbre.store.words import EXACT, Term

NAT = 0.004
"""What a nat of lexical evidence is worth in cosine: holding a word that one passage in 400 holds is 6 nats."""
KEYWORDS = 3.0
"""Factor for a query of bare keywords: embeddings of single rare words lie close together and tell little apart."""
CROSSING = {"es": 0.031, "en": 0.021}
"""Cosine that a passage usually loses by not being in the language of the question, whatever it says: the difference of
the means over passages that have nothing to do with it, from questions other than those of the benchmarks' tables."""
LEAST = 1000
"""Chunks that a library is taken to have at least: words do not become common because it is small."""
MOST = 0.3
"""The most that words may add: in long questions, evidence repeats itself."""


class Candidate(msgspec.Struct):
    """A passage in the running, with the evidence for it."""

    id: int
    same_language: bool
    bm25: float
    """0 when it is not among the best by words."""
    cosine: float | None
    """Levelled between languages; None while the passage is not embedded."""


class Evidence(msgspec.Struct, frozen=True):
    """What the words of a question can tell: in nats, and as the most they may add to a cosine."""

    nats: float
    worth: float


def evidence(terms: Sequence[Term], frequencies: Sequence[int], chunks: int, *, keywords: bool = False) -> Evidence:
    """Weigh a question's terms; `frequencies` say in how many of the chunks each occurs."""
    nats = [_idf(seen, chunks) for seen in frequencies]
    worth = sum(
        NAT * _idf(seen, max(chunks, LEAST)) * (EXACT if term.exact else 1.0)
        for seen, term in zip(frequencies, terms, strict=True)
    )
    return Evidence(sum(nats), min(worth * (KEYWORDS if keywords else 1.0), MOST))


def _idf(seen: int, chunks: int) -> float:
    """Inverse document frequency in nats, never negative."""
    seen = min(seen, chunks)
    return math.log(1 + (chunks - seen + 0.5) / (seen + 0.5))


def fuse(candidates: Sequence[Candidate], told: Evidence) -> list[float]:
    """A score for each candidate, in units of cosine."""
    lexical = _lexical(candidates, told)
    imputed = _usual(candidates)
    return [
        words + (imputed if it.cosine is None else it.cosine) for words, it in zip(lexical, candidates, strict=True)
    ]


def _lexical(candidates: Sequence[Candidate], told: Evidence) -> list[float]:
    """BM25 as a share of the best, or of all the words' worth where even the best holds little of them."""
    full = max([told.nats, *(candidate.bm25 for candidate in candidates)], default=0.0)
    scale = told.worth / full if full else 0.0
    native = [candidate.bm25 for candidate in candidates if candidate.same_language]
    expected = sum(native) / len(native) if native else 0.0
    return [scale * (it.bm25 if it.same_language else it.bm25 + expected) for it in candidates]


def _usual(candidates: Sequence[Candidate]) -> float:
    """What a passage not embedded yet may be taken to have: between the mean of all and of those found by words."""
    known = [(it.cosine, it.bm25 > 0) for it in candidates if it.cosine is not None]
    every = [cosine for cosine, _ in known]
    found = [cosine for cosine, by_words in known if by_words] or every
    return (sum(every) / len(every) + sum(found) / len(found)) / 2 if known else 0.0
