"""Comparing passages of several languages for one question.

An embedder puts the texts of one language near each other whatever they say, so a passage loses some cosine by not
being in the language of the question. How much depends on the embedder and on the question; it is measured as the
difference of the question's mean cosines with a sample of the library's passages in each language.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lumbre.assistant.fusion import CROSSING
from lumbre.store.library import LibraryStore

SAMPLE = 800
"""Vectors by which the languages of a library are told apart."""
PRIOR = 20
"""Documents in a language for which the sample counts as much as CROSSING: few documents share a subject, and their
mean would then take the subject of a question for its language."""
GROWTH = 1.2
"""How much a library has to grow before another sample is taken."""
TRANSLATION = 0.875
"""Cosine from which two passages of different languages are taken to say the same. By multilingual-e5-small, 95 % of
translated paragraphs reach it, and less than 1 % of others come so near to any one of 240."""


class _Sample(msgspec.Struct, frozen=True):
    """Mean vectors by language, and how many documents each was taken from."""

    means: Mapping[str, Any]
    documents: Mapping[str, int]


class Question(msgspec.Struct, frozen=True):
    """A question as languages see it: its vector, and what passages of each other language lose."""

    vector: bytes
    language: str
    losses: Mapping[str, float]
    neutral: bytes
    """The vector without what only tells its language; empty where there is one language only."""

    def levelled(self, cosine: float, spoken: str) -> float:
        """A cosine made comparable between passages of several languages."""
        return cosine if spoken in (self.language, "") else cosine + self.losses.get(spoken, 0.0)


class Crossing:
    """What is known of the languages of a library. Safe to use from any thread."""

    def __init__(self, library: LibraryStore) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._taken: tuple[str, int] = ("", -1)
        self._sample = _Sample({}, {})

    def question(self, embedder: str, vector: bytes, language: str) -> Question:
        """A question (float32 vector, "en", "es" or "") ready to be compared with passages."""
        import numpy as np

        sample = self._sampled(embedder)
        losses: dict[str, float] = {}
        query = np.frombuffer(vector, "<f4")
        neutral = query
        for other in CROSSING:
            if not language or other == language:
                continue
            losses[other] = CROSSING[language]
            if language in sample.means and other in sample.means:
                towards = sample.means[other] - sample.means[language]
                loss = -float(query @ towards)
                weight = _weight(min(sample.documents[language], sample.documents[other]))
                losses[other] += weight * (loss - losses[other])
                neutral = neutral + (loss / max(float(towards @ towards), 1e-9)) * towards
        same = neutral is query
        return Question(vector, language, losses, b"" if same else neutral.astype("<f4").tobytes())

    def own_first(self, ranked: Sequence[tuple[float, int]], language: str, embedder: str) -> list[tuple[float, int]]:
        """The ranked chunks (score, id) with a passage in the language of the question before its translations."""
        import numpy as np

        ids = [id for _, id in ranked]
        spoken = self._library.languages(ids)
        if not language or all(spoken.get(id, "") in (language, "") for id in ids):
            return list(ranked)
        vectors = self._library.vectors_of_chunks(ids)
        kept = dict(self._library.vectors_by_id(embedder, sorted(set(vectors.values()))))
        known = {id: np.frombuffer(kept[at], "<f2").astype("<f4") for id, at in vectors.items() if at in kept}
        order = list(ranked)
        for own in [it for it in ranked if spoken.get(it[1]) == language and it[1] in known]:
            place = order.index(own)
            for at in range(place):
                other = order[at][1]
                foreign = other in known and spoken.get(other) not in (language, "")
                if foreign and float(known[other] @ known[own[1]]) >= TRANSLATION:
                    order.insert(at, (order[at][0], order.pop(place)[1]))
                    break
        return order

    def _sampled(self, embedder: str) -> _Sample:
        size = round(math.log(self._library.counts().embedded + 1, GROWTH))
        with self._lock:
            if self._taken != (embedder, size):
                self._sample = self._take(embedder)
                self._taken = (embedder, size)
            return self._sample

    def _take(self, embedder: str) -> _Sample:
        import numpy as np

        vectors: dict[str, list[Any]] = {}
        documents: dict[str, set[int]] = {}
        for language, document, vector in self._library.spoken_sample(embedder, SAMPLE):
            vectors.setdefault(language, []).append(np.frombuffer(vector, "<f2").astype("<f4"))
            documents.setdefault(language, set()).add(document)
        means = {language: np.mean(rows, axis=0) for language, rows in vectors.items()}
        return _Sample(means, {language: len(those) for language, those in documents.items()})


def _weight(documents: int) -> float:
    """How far a sample of so many documents is believed."""
    return documents / (documents + PRIOR)
