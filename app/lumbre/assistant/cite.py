"""Ties each sentence of an answer to the words of the passages that support it: by code, never by the model.

A sentence is judged by its content words (rare ones count more, those that only repeat the question less), its names
and its numbers: a number that the span lacks refutes it. Between languages, where words differ, names and numbers are
joined by the similarity of sentence embeddings. The span is the smallest run of sentences that says as much.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from lumbre.assistant.claims import Claim, Wording, claim_of, missing_numbers, numbers_in, wording_of
from lumbre.assistant.prompts import says_not_found
from lumbre.core.chat import Citation, Sentence
from lumbre.core.documents import Passage
from lumbre.core.errors import ModelError
from lumbre.core.language import detect
from lumbre.core.protocols import Embedder
from lumbre.core.sentences import sentences

Similarity = Callable[[Sequence[str], Sequence[str]], list[list[float]]]
"""Cosines of each of the first texts with each of the second."""

SUPPORTED = 0.55
"""Share of a sentence's weight that its sources must hold."""
NEW_SUPPORTED = 0.5
"""The same for what it adds to the question."""
ECHO = 0.4
"""Weight of a word that repeats the question."""
CONTEXT = 0.5
"""Worth of a word that stands elsewhere in the passage or in its heading, not in the span."""
LOST_NAME = 0.6
"""Factor for each name that the passage lacks."""
RUN = 3
"""Sentences that a span may have."""
RUN_COST = 0.04
SHORT = 3
"""Content words up to which an answer is judged together with its question."""
SECOND = 0.2
"""Share that a second span has to add to be cited too."""
ALIKE = 0.88
"""Cosine of two sentences of different languages that say the same; over 400 pairs, 7 % of others in the text reach it.

A short answer shares less with the sentence that holds it: ALIKE_SHORT and ALIKE_STEP for each of its content words.
"""
ALIKE_SHORT = 0.785
ALIKE_STEP = 0.01

WORDS_NEAR = 0.1
"""Cosine that all words of a question are worth when the sentence nearest to it is looked for."""
MOST_UNITS = 48
"""Sentences of sources that are embedded at most."""

_MARKER = re.compile(r"[^\S\n]?\[\d{1,2}(?:\s?[,;–-]\s?\d{1,2})*\]")
_OPEN_MARKER = re.compile(r"[^\S\n]?(?:\[[\d\s,;–-]{0,12})?$")
_EMPTY = re.compile(
    r"^(?:hola|buen[oa]s \w+|hello|hi|gracias|thanks?( you)?|de nada|you're welcome|claro|por supuesto|of course|sure"
    r"|espero que|i hope|(?:si|if) (?:necesitas?|you need|tienes|you have)|no dudes|let me know|lo siento|i'm sorry"
    r"|aqu[ií] (?:tienes|est[aá]n?)|here (?:is|are))\b",
    re.IGNORECASE,
)


class _Unit(msgspec.Struct, frozen=True):
    """A sentence of a passage: where it stands in the document and what it holds."""

    start: int
    end: int
    text: str
    wording: Wording


class _Source(msgspec.Struct, frozen=True):
    """A passage taken apart."""

    number: int
    language: str
    units: list[_Unit]
    whole: Wording


class _Run(msgspec.Struct, frozen=True):
    """Consecutive sentences of a source, judged for one claim."""

    source: _Source
    first: int
    last: int
    held: dict[str, float]
    """How far each content word is held: 1 in the run, CONTEXT elsewhere in the passage."""
    numbers: frozenset[str]
    score: float

    def citation(self, score: float) -> Citation:
        units = self.source.units
        return Citation(self.source.number, units[self.first].start, units[self.last].end, round(min(score, 1.0), 3))


def align(
    answer: str, passages: Sequence[Passage], question: str, similarity: Similarity | None = None
) -> list[Sentence]:
    """The sentences of `answer` with their support; passages are numbered from 1 in the order given."""
    return Aligner(passages, question, similarity).align(answer)


def strip_markers(text: str) -> str:
    """The text without the [1] and [2, 3] that a model may write: they are guesses."""
    return _MARKER.sub("", text)


def similarity_of(embedder: Embedder) -> Similarity:
    """Cosines by an embedder, which treats both sides alike."""
    from array import array

    def similarity(ones: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        values = array("f", embedder.embed([*ones, *others], "query"))
        size = embedder.dimensions
        rows = [values[at : at + size] for at in range(0, len(values), size)]
        return [[sum(map(float.__mul__, one, other)) for other in rows[len(ones) :]] for one in rows[: len(ones)]]

    return similarity


class Citing:
    """The same for an answer that is still being written: words decide at once, `finish` adds what needs embeddings."""

    def __init__(self, passages: Sequence[Passage], question: str, similarity: Similarity | None = None) -> None:
        self._aligner = Aligner(passages, question, similarity)
        self._held = ""
        self._done = 0
        self.text = ""
        """The answer so far, without markers."""

    def feed(self, piece: str) -> tuple[str, list[Sentence]]:
        """Take a piece; returns the text to show for it and the sentences that it completes."""
        self._held += piece
        held = strip_markers(self._held)
        opening = _OPEN_MARKER.search(held)
        cut = opening.start() if opening else len(held)
        shown, self._held = held[:cut], held[cut:]
        self.text += shown
        return shown, list(self._completed())

    def finish(self) -> tuple[str, list[Sentence]]:
        """The text still held back, and all sentences of the whole answer in their final form."""
        shown, self._held = self._held, ""
        self.text += shown
        return shown, self._aligner.align(self.text)

    def says_nothing(self, sentences: Sequence[Sentence]) -> bool:
        """Whether an answer only repeats its question."""
        return all(self._aligner.echoes(it.text) for it in sentences if it.claims)

    def nearest(self) -> str:
        """The sentence of the passages that comes nearest to the question; empty without passages."""
        return self._aligner.nearest()

    def _completed(self) -> Iterator[Sentence]:
        spans = sentences(self.text[self._done :])
        base = self._done
        for start, end in spans[:-1]:
            self._done = base + end
            yield self._aligner.sentence(self.text, base + start, base + end)


class Aligner:
    """Passages made ready to be held against many sentences."""

    def __init__(self, passages: Sequence[Passage], question: str, similarity: Similarity | None = None) -> None:
        self._language = detect(question)
        self._question = question
        self._asked = claim_of(question, self._language)
        self._similarity = similarity
        self._sources = [_source(number, passage) for number, passage in enumerate(passages, start=1)]
        self._units = [unit for source in self._sources for unit in source.units]

    def align(self, answer: str) -> list[Sentence]:
        """All sentences; those that words leave without support are tried against sources of another language."""
        found = [self.sentence(answer, start, end) for start, end in sentences(answer)]
        open_at = [at for at, it in enumerate(found) if it.claims and not it.citations]
        foreign = [source for source in self._sources if source.language != self._language_of(answer)]
        if self._similarity is None or not open_at or not foreign:
            return found
        for at, citation in self._across([found[at].text for at in open_at], open_at, foreign):
            found[at] = msgspec.structs.replace(found[at], citations=[citation])
        return found

    def sentence(self, answer: str, start: int, end: int) -> Sentence:
        """One sentence of the answer, judged by its words."""
        text = answer[start:end]
        if makes_no_claim(text):
            return Sentence(start, end, text, claims=False)
        return Sentence(start, end, text, self._support(text, self._language_of(text)))

    def echoes(self, text: str) -> bool:
        """Whether a sentence adds nothing to the question; yes and no add something."""
        claim = claim_of(text, self._language)
        if not claim.words or claim.numbers - numbers_in(self._question):
            return False
        return all(self._repeats(word, stems) for word, stems in claim.words.items())

    def nearest(self) -> str:
        """The sentence nearest to the question, in words and in meaning; empty when there is none."""
        units = self._units[:MOST_UNITS]
        if not units:
            return ""
        scores = [self._dealing(unit.wording) * WORDS_NEAR for unit in units]
        if self._similarity is not None:
            with contextlib.suppress(ModelError):  # then words alone decide
                (cosines,) = self._similarity([self._question], [unit.text for unit in units])
                scores = [score + cosine for score, cosine in zip(scores, cosines, strict=True)]
        return units[max(range(len(units)), key=scores.__getitem__)].text

    def _language_of(self, text: str) -> str:
        return detect(text) or self._language

    def _support(self, text: str, language: str) -> list[Citation]:
        claim = claim_of(text, language)
        if (
            len(claim.words) + len(claim.numbers) <= 1
            and not claim.numbers
            and not claim.names - set(self._asked.words)
        ):
            claim = _joined(claim, self._asked)
        weights = self._weights(claim, language)
        runs = [run for source in self._sources for run in self._runs(source, claim, weights, language)]
        if not runs or not (weights or claim.numbers):
            return []
        best = max(runs, key=lambda run: run.score)
        chosen = [best]
        second = max(runs, key=lambda run: _coverage([best, run], weights))
        if _coverage([best, second], weights) >= _coverage(chosen, weights) + SECOND or (
            missing_numbers(claim.numbers, best.numbers)
            and not missing_numbers(claim.numbers, best.numbers | second.numbers)
        ):
            chosen.append(second)
        return self._accept(chosen, claim, weights)

    def _accept(self, chosen: Sequence[_Run], claim: Claim, weights: dict[str, float]) -> list[Citation]:
        """The citations when the runs together hold enough of the claim."""
        if missing_numbers(claim.numbers, frozenset().union(*(run.numbers for run in chosen))):
            return []
        new = {word: weight for word, weight in weights.items() if word not in self._asked.words}
        lost = sum(1 for name in claim.names if name in new and not any(run.held[name] for run in chosen))
        factor = LOST_NAME**lost
        score = _coverage(chosen, weights) * factor if weights else 1.0
        if score < SUPPORTED or (new and _coverage(chosen, new) * factor < NEW_SUPPORTED):
            return []
        if len(claim.words) + len(claim.numbers) <= SHORT and not self._answers(chosen[0]):
            return []
        return [run.citation(score) for run in chosen]

    def _answers(self, run: _Run) -> bool:
        """Whether a source deals with what was asked: a short answer alone could stand anywhere by chance."""
        foreign = run.source.language != self._language
        return foreign or not self._asked.words or self._dealing(run.source.whole) >= 0.25

    def _dealing(self, wording: Wording) -> float:
        """The share of the question's words that a piece of a source holds."""
        asked = self._asked.words
        held = sum(wording.holds(word, stems, self._language) for word, stems in asked.items())
        return held / max(1, len(asked))

    def _weights(self, claim: Claim, language: str) -> dict[str, float]:
        """How much each content word tells: the fewer sentences of the sources hold it, the more."""
        weights = {}
        for word, stems in claim.words.items():
            seen = sum(unit.wording.holds(word, stems, language) for unit in self._units)
            weight = math.log(1 + (len(self._units) + 1) / (seen + 0.5))
            weights[word] = weight * (ECHO if self._repeats(word, stems) else 1.0)
        return weights

    def _repeats(self, word: str, stems: Sequence[str]) -> bool:
        return any(word == asked or set(stems) & set(forms) for asked, forms in self._asked.words.items())

    def _runs(self, source: _Source, claim: Claim, weights: dict[str, float], language: str) -> Iterator[_Run]:
        """Every run of up to RUN sentences of a source that holds something of the claim."""
        around = {
            word: CONTEXT if source.whole.holds(word, stems, language) else 0.0 for word, stems in claim.words.items()
        }
        holding = [
            {word for word, stems in claim.words.items() if unit.wording.holds(word, stems, language)}
            for unit in source.units
        ]
        for first in range(len(source.units)):
            for last in range(first, min(first + RUN, len(source.units))):
                inside = set().union(*holding[first : last + 1])
                numbers = frozenset().union(*(unit.wording.numbers for unit in source.units[first : last + 1]))
                if inside or claim.numbers & numbers:
                    held = {word: 1.0 if word in inside else around[word] for word in claim.words}
                    yield self._judged(source, first, last, held, numbers, claim, weights)

    def _judged(
        self,
        source: _Source,
        first: int,
        last: int,
        held: dict[str, float],
        numbers: frozenset[str],
        claim: Claim,
        weights: dict[str, float],
    ) -> _Run:
        asked = self._asked.words
        units = source.units[first : last + 1]
        echoes = sum(
            any(unit.wording.holds(word, stems, self._language) for unit in units) for word, stems in asked.items()
        )
        score = sum(weight * held[word] for word, weight in weights.items()) / (sum(weights.values()) or 1.0)
        score -= 0.3 * len(missing_numbers(claim.numbers, numbers))
        score += 0.1 * self._dealing(source.whole) + 0.03 * echoes / max(1, len(asked))
        score -= RUN_COST * (last - first) + 0.005 * source.number
        return _Run(source, first, last, held, numbers, score)

    def _across(
        self, texts: Sequence[str], places: Sequence[int], foreign: Sequence[_Source]
    ) -> Iterator[tuple[int, Citation]]:
        """Support from sources of another language: the sentence nearest to question and answer, and to the answer.

        What the answer adds to the question must come near enough, and no number may be missing.
        """
        assert self._similarity is not None
        units = [(source, unit) for source in foreign for unit in source.units][:MOST_UNITS]
        added = [self._added(text) for text in texts]
        together = [f"{self._question} {text}" if new != text else text for text, new in zip(texts, added, strict=True)]
        try:
            cosines = self._similarity([*together, *added], [unit.text for _, unit in units])
        except ModelError:  # words have decided as far as they can
            return
        numbers = numbers_in(self._question)
        for place, new, whole, alone in zip(places, added, cosines, cosines[len(texts) :], strict=False):
            both = [one + other for one, other in zip(whole, alone, strict=True)]
            at = max(range(len(units)), key=both.__getitem__)
            source, unit = units[at]
            if missing_numbers(numbers_in(new) - numbers, unit.wording.numbers):
                continue
            if alone[at] >= self._alike(new):
                yield place, Citation(source.number, unit.start, unit.end, round(alone[at], 3))

    def _alike(self, text: str) -> float:
        """The cosine asked of a text: the more it says, the more of it a sentence that says the same has to share."""
        claim = claim_of(text, self._language)
        return min(ALIKE, ALIKE_SHORT + ALIKE_STEP * (len(claim.words) + len(claim.numbers)))

    def _added(self, text: str) -> str:
        """A sentence from the first to the last word that the question does not hold; whole when there is none."""
        tokens = text.split()
        new = [at for at, token in enumerate(tokens) if self._is_new(token)]
        if not new:
            return text
        return " ".join(
            token for at, token in enumerate(tokens) if new[0] <= at <= new[-1] and not self._is_echo(token)
        )

    def _is_new(self, token: str) -> bool:
        claim = claim_of(token, self._language)
        return bool(claim.numbers or claim.words) and not self._is_echo(token)

    def _is_echo(self, token: str) -> bool:
        claim = claim_of(token, self._language)
        return bool(claim.words) and all(self._repeats(word, stems) for word, stems in claim.words.items())


def makes_no_claim(text: str) -> bool:
    """Whether a sentence states nothing that a source could support."""
    bare = text.strip().strip("*_# ")
    return (
        not any(char.isalnum() for char in bare)
        or bare.endswith(("?", ":"))
        or text.lstrip().startswith("#")
        or _EMPTY.match(bare) is not None
        or says_not_found(text)
    )


def _source(number: int, passage: Passage) -> _Source:
    language = detect(passage.text) or passage.language
    units = [
        _Unit(passage.start + start, passage.start + end, text := passage.text[start:end], wording_of(text, language))
        for start, end in sentences(passage.text)
    ]
    return _Source(number, language, units, wording_of(f"{passage.heading}\n{passage.text}", language))


def _joined(claim: Claim, asked: Claim) -> Claim:
    """An answer that says too little by itself, "yes", together with what it answers."""
    return Claim({**asked.words, **claim.words}, claim.names | asked.names, claim.numbers | asked.numbers)


def _coverage(runs: Sequence[_Run], weights: dict[str, float]) -> float:
    """The share of the weight that the runs hold together."""
    total = sum(weights.values())
    held = sum(weight * max(run.held[word] for run in runs) for word, weight in weights.items())
    return held / total if total else 0.0
