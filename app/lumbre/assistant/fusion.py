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

LEXICAL_WEIGHT = 0.2
"""What holding every word of the question is worth in cosine."""
EXACT_WEIGHT = 2.0
"""A quoted phrase or a code counts this many times an ordinary word: it was typed to be found as it is."""


class Candidate(msgspec.Struct):
    """A passage in the running, with the evidence for it."""

    id: int
    same_language: bool
    holds: list[bool]
    """Which terms of the question it holds; how often has been measured to say nothing more in passages this short."""
    cosine: float | None
    """None while the passage is not embedded."""


def term_weights(terms: Sequence[Term], frequencies: Sequence[int], chunks: int) -> list[float]:
    """Inverse document frequency of each term, in nats; `frequencies` say in how many of the chunks each occurs."""
    return [
        math.log(1 + (chunks - seen + 0.5) / (seen + 0.5)) * (EXACT_WEIGHT if term.phrase or term.codes else 1.0)
        for term, seen in zip(terms, (min(seen, chunks) for seen in frequencies), strict=True)
    ]


def fuse(candidates: Sequence[Candidate], weights: Sequence[float]) -> list[float]:
    """A score for each candidate, in units of cosine."""
    lexical = _lexical(candidates, weights)
    known = [candidate.cosine for candidate in candidates if candidate.cosine is not None]
    if not known:
        return lexical
    dense = _dense(candidates, lexical)
    return [cosine + LEXICAL_WEIGHT * words for cosine, words in zip(dense, lexical, strict=True)]


def _lexical(candidates: Sequence[Candidate], weights: Sequence[float]) -> list[float]:
    """The weighted share of the question's terms that each passage holds, 0 to 1."""
    total = sum(weights)
    if not total:
        return [0.0] * len(candidates)
    native = [candidate.holds for candidate in candidates if candidate.same_language]
    usual = [sum(column) / len(native) for column in zip(*native, strict=True)] if native else [0.0] * len(weights)
    shares = [weight / total for weight in weights]
    imputed = [share * expected for share, expected in zip(shares, usual, strict=True)]
    nothing = [0.0] * len(shares)
    return [
        sum(map(_either, candidate.holds, shares, nothing if candidate.same_language else imputed))
        for candidate in candidates
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
