"""How dense and lexical evidence become one score that is never worse than the better of the two.

A passage in the language of the question is judged by both. In a passage of another language the question's words are
expected to be missing, so their absence says nothing: it is imputed with the mean of the passages where it does say
something, while their presence (names, numbers, codes) counts. Across languages the dense order therefore stands, moved
only by what both languages share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from lumbre.store.words import Term

NAT = 0.004
"""What a nat of lexical evidence is worth in cosine: holding a word that one passage in 400 holds is 6 nats."""
FOREIGN = 0.5
"""Share of that in another language: what both write alike are mostly names, and those stand in many places."""
KEYWORDS = 4.0
"""Factor for a query of bare keywords: embeddings of single rare words lie close together and tell little apart."""
EXACT = 3.0
"""Factor for a quoted phrase or a code: it was typed to be found as it is."""
MOST = 0.3
"""The most that words may add: with long questions, evidence repeats itself."""


class Candidate(msgspec.Struct):
    """A passage in the running, with the evidence for it."""

    id: int
    same_language: bool
    holds: list[bool]
    """Which terms of the question it holds; how often has been measured to say nothing more in passages this short."""
    cosine: float | None
    """None while the passage is not embedded."""


def term_weights(
    terms: Sequence[Term], frequencies: Sequence[int], chunks: int, *, keywords: bool = False
) -> list[float]:
    """What holding each term is worth in cosine; `frequencies` say in how many of the chunks each occurs."""
    weights = [
        NAT * math.log(1 + (chunks - seen + 0.5) / (seen + 0.5)) * (EXACT if term.phrase or term.codes else 1.0)
        for term, seen in zip(terms, (min(seen, chunks) for seen in frequencies), strict=True)
    ]
    factor = min(KEYWORDS if keywords else 1.0, MOST / max(sum(weights), 1e-9))
    return [weight * factor for weight in weights]


def fuse(candidates: Sequence[Candidate], weights: Sequence[float]) -> list[float]:
    """A score for each candidate, in units of cosine."""
    lexical = _lexical(candidates, weights)
    if all(candidate.cosine is None for candidate in candidates):
        return lexical
    dense = _dense(candidates, lexical)
    return [cosine + words for cosine, words in zip(dense, lexical, strict=True)]


def _lexical(candidates: Sequence[Candidate], weights: Sequence[float]) -> list[float]:
    """The worth of the terms that each passage holds, and of those it may be expected to hold in its language."""
    native = [candidate.holds for candidate in candidates if candidate.same_language]
    usual = [sum(column) / len(native) for column in zip(*native, strict=True)] if native else [0.0] * len(weights)
    imputed = [weight * expected for weight, expected in zip(weights, usual, strict=True)]
    foreign = [max(weight * FOREIGN, expected) for weight, expected in zip(weights, imputed, strict=True)]
    nothing = [0.0] * len(weights)
    return [
        sum(map(_either, it.holds, weights, nothing) if it.same_language else map(_either, it.holds, foreign, imputed))
        for it in candidates
    ]


def _either(holds: bool, share: float, otherwise: float) -> float:
    return share if holds else otherwise


def _dense(candidates: Sequence[Candidate], lexical: Sequence[float]) -> list[float]:
    """Cosines; for a passage not embedded yet, the mean of those that hold as many of the words, or more."""
    pairs = [(words, it.cosine) for words, it in zip(lexical, candidates, strict=True) if it.cosine is not None]
    return [
        _imputed(words, pairs) if candidate.cosine is None else candidate.cosine
        for words, candidate in zip(lexical, candidates, strict=True)
    ]


def _imputed(words: float, pairs: Sequence[tuple[float, float]]) -> float:
    peers = [cosine for held, cosine in pairs if held >= words]
    every = sum(cosine for _, cosine in pairs) / len(pairs)
    return max(every, sum(peers) / len(peers)) if peers else max(cosine for _, cosine in pairs)
