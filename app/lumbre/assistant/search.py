"""Search: passages for a question by meaning and by words, fused, with neighbours merged and copies folded."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest

import msgspec

from lumbre.assistant.crossing import Crossing, Question
from lumbre.assistant.filters import file_names, parse
from lumbre.assistant.fusion import Candidate, Evidence, evidence, fuse
from lumbre.assistant.reasons import Reasons
from lumbre.core.documents import Filters, Passage, SearchResult
from lumbre.core.errors import ModelError
from lumbre.core.language import detect, fold
from lumbre.core.protocols import Embedder, NearVectors
from lumbre.store.library import LibraryStore, StoredChunk
from lumbre.store.scopes import Scope
from lumbre.store.words import Term, expression, is_keywords, query_terms

NEAR = 160
"""Passages looked up by meaning; many, since those of another language come late before they are levelled."""
DENSE = 48
"""How many of them are in the running, and LEXICAL by words."""
LEXICAL = 24
NEAR_ACROSS = 48
"""Passages looked up by what a question means in any language, and ACROSS of them that are not among the nearest."""
ACROSS = 24
COLUMN_WEIGHTS = (0.5, 1.0, 1.0, 0.7)
"""Of words, stems, codes and heading in BM25: a word as typed adds half of what its stem is worth."""
POSTINGS = 4_000
"""Occurrences that one search by words may walk through; the commonest words are left out beyond that."""
MERGED_LENGTH = 2400
"""Characters that neighbours may have together."""
SPARE = 10
"""Chunks read beyond three for each place, for those that merge or fall."""
COPY_OVERLAP = 0.8
"""Share of three-word runs that two passages have in common when one is a copy of the other."""
RUN = 3
_WORD = re.compile(r"\w+")


class _Shingles(msgspec.Struct):
    """A text as its runs of three words and its numbers."""

    runs: set[str]
    numbers: set[str]


class _Place(msgspec.Struct):
    """One result in the making: chunks of a document in a row."""

    chunks: list[StoredChunk]
    score: float

    @property
    def length(self) -> int:
        return self.chunks[-1].end - self.chunks[0].start

    def touches(self, chunk: StoredChunk) -> bool:
        """Whether `chunk` continues this place and the two stay readable together."""
        first, last = self.chunks[0], self.chunks[-1]
        if chunk.document_id != first.document_id or chunk.page != first.page or chunk.heading != first.heading:
            return False
        length = max(chunk.end, last.end) - min(chunk.start, first.start)
        return chunk.ordinal in (first.ordinal - 1, last.ordinal + 1) and length <= MERGED_LENGTH

    def take(self, chunk: StoredChunk) -> None:
        self.chunks = sorted([*self.chunks, chunk], key=lambda it: it.ordinal)


class Searcher:
    """Finds passages. Without an embedder, or while documents wait for theirs, words alone do it."""

    def __init__(self, library: LibraryStore, index: NearVectors | None, embedder: Embedder | None) -> None:
        self.library = library
        self._index = index
        self._embedder = embedder
        self._crossing = Crossing(library)
        self._text = lru_cache(maxsize=4)(self._read_text)

    def search(
        self, query: str, *, collection: str | None = None, top: int = 5, filters: Filters | None = None
    ) -> SearchResult:
        """Up to `top` different places, best first, within `filters`, or those that the query holds.

        Raises UnknownCollection and FilterUnclear.
        """
        started = time.perf_counter()
        text, filters = parse(query) if filters is None else (query, filters)
        scope = self.library.scope(collection, filters)
        passages = self._find(text, scope, top)
        if named := self.library.named(file_names(text), scope):
            # Who names a file may mean what it says, or what others say of it.
            inside = self._find(text, msgspec.structs.replace(scope, files=named), top)
            passages = alternated([inside, passages], top)
        return SearchResult(query, (time.perf_counter() - started) * 1000, passages)

    def _find(self, query: str, scope: Scope, top: int) -> list[Passage]:
        terms = query_terms(query)
        told, match = self._weigh(terms, keywords=is_keywords(query))
        by_words = dict(self.library.lexical(match, LEXICAL, scope, COLUMN_WEIGHTS))
        asked = self._asked(query)
        cosines = self._by_meaning(asked, list(by_words), scope) if asked is not None else {}
        ranked = self._ranked(asked, detect(query), by_words, cosines, told)[: SPARE + 3 * top]
        if asked is not None and self._embedder is not None:
            ranked = self._crossing.own_first(ranked, asked.language, self._embedder.model)
        chunks = self.library.chunks([id for _, id in ranked], scope)
        places = _places([(score, chunks[id]) for score, id in ranked if id in chunks], top)
        passages = [self._passage(rank, place) for rank, place in enumerate(places, start=1)]
        reasons = Reasons(query, terms, cosines, by_words)
        return reasons.of(passages, [[chunk.id for chunk in place.chunks] for place in places])

    def _weigh(self, terms: Sequence[Term], *, keywords: bool) -> tuple[Evidence, str]:
        """What the terms can tell, and the expression over as many of them, rarest first, as can be walked quickly."""
        words = [_index_words(term) for term in terms]
        seen = self.library.frequencies([word for those in words for word in those])
        frequencies = [_frequency(term, those, seen) for term, those in zip(terms, words, strict=True)]
        chosen: list[Term] = []
        walked = 0
        for frequency, at in sorted(zip(frequencies, range(len(terms)), strict=True)):
            walked += frequency
            if frequency and (not chosen or walked <= POSTINGS):
                chosen.append(terms[at])
        told = evidence(terms, frequencies, self.library.counts().chunks, keywords=keywords)
        return told, expression(chosen)

    def _asked(self, query: str) -> Question | None:
        """The query embedded; None when there is no embedder to ask."""
        if self._embedder is None or self._index is None or not query.strip():
            return None
        try:
            vector = self._embedder.embed([query], "query")
        except ModelError:
            return None
        return self._crossing.question(self._embedder.model, vector, detect(query))

    def _by_meaning(self, asked: Question, also: Sequence[int], scope: Scope) -> dict[int, float]:
        """Cosines of the nearest chunks, in any language, and of those in `also`, by chunk."""
        index = self._index
        assert index is not None
        index.refresh()
        allowed = None if scope.whole else self.library.vector_ids(scope)
        near = index.search(asked.vector, NEAR, allowed)
        if asked.neutral:
            # In a large library, those of another language would all come after the nearest of the question's own.
            held = {id for id, _ in near}
            crossing = [id for id, _ in index.search(asked.neutral, NEAR_ACROSS, allowed) if id not in held]
            near += index.search(asked.vector, ACROSS, sorted(crossing[:ACROSS]))
        chunks = self.library.chunks_of_vectors([id for id, _ in near], scope)
        cosines = {chunk: cosine for id, cosine in near for chunk in chunks.get(id, ())}
        vectors = self.library.vectors_of_chunks([chunk for chunk in also if chunk not in cosines])
        rest = dict(index.search(asked.vector, len(vectors), sorted(vectors.values()))) if vectors else {}
        return cosines | {chunk: rest[id] for chunk, id in vectors.items() if id in rest}

    def _ranked(
        self,
        asked: Question | None,
        language: str,
        by_words: dict[int, float],
        cosines: dict[int, float],
        told: Evidence,
    ) -> list[tuple[float, int]]:
        """Scores and ids of the chunks in the running, best first."""
        spoken = self.library.languages(list(dict.fromkeys([*cosines, *by_words])))
        candidates = [
            Candidate(
                id=id,
                same_language=not language or other in (language, ""),
                bm25=by_words.get(id, 0.0),
                cosine=asked.levelled(cosines[id], other) if asked is not None and id in cosines else None,
            )
            for id, other in spoken.items()
        ]
        nearest = sorted(candidates, key=lambda it: -(it.cosine or 0.0))[:DENSE]
        running = [*nearest, *(it for it in candidates if it.bm25 and it not in nearest)]
        scores = fuse(running, told)
        return sorted(zip(scores, (it.id for it in running), strict=True), reverse=True)

    def _passage(self, rank: int, place: _Place) -> Passage:
        first, last = place.chunks[0], place.chunks[-1]
        text = first.text if first is last else self._text(first.document_id)[first.start : last.end]
        return Passage(
            rank=rank,
            score=round(place.score, 4),
            path=first.path,
            page=first.page,
            start=first.start,
            end=last.end,
            heading=first.heading,
            text=text,
            document_id=first.document_id,
            language=first.language or detect(text),
            private=first.private,
        )

    def _read_text(self, document_id: int) -> str:
        source = self.library.passage_source(document_id)
        return source.text if source is not None else ""


def _index_words(term: Term) -> list[str]:
    """The words of the index that stand for a term."""
    return [*term.stems, *term.codes] if term.stems else [*term.codes, *_WORD.findall(term.text)]


def _frequency(term: Term, words: Sequence[str], seen: dict[str, int]) -> int:
    """In how many chunks a term occurs, at most: a run of words no more often than its rarest word."""
    if term.stems:
        return max(seen.get(word, 0) for word in words)
    run = [seen.get(word, 0) for word in words if word not in term.codes]
    return max([seen.get(code, 0) for code in term.codes] + ([min(run)] if run else []), default=0)


def _places(ranked: Sequence[tuple[float, StoredChunk]], top: int) -> list[_Place]:
    """The first `top` places: a neighbour of one joins it, a copy of one is dropped."""
    places: list[_Place] = []
    shingles: list[_Shingles] = []
    for score, chunk in ranked:
        beside = next((place for place in places if place.touches(chunk)), None)
        if beside is not None:
            beside.take(chunk)
            continue
        own = _shingles(chunk.text)
        if any(_is_copy(own, other) for other in shingles):
            continue
        if len(places) == top:
            break
        places.append(_Place([chunk], score))
        shingles.append(own)
    return places


def alternated(lists: Sequence[Sequence[Passage]], most: int) -> list[Passage]:
    """The best of each list, then the second of each, and so on, without repetition; ranked anew."""
    mixed = [passage for rank in zip_longest(*lists) for passage in rank if passage is not None]
    first: dict[tuple[int, int, int], Passage] = {}
    for one in mixed:
        first.setdefault((one.document_id, one.start, one.end), one)
    return [msgspec.structs.replace(one, rank=rank) for rank, one in enumerate(list(first.values())[:most], start=1)]


def _shingles(text: str) -> _Shingles:
    words = _WORD.findall(fold(text))
    runs = {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}
    return _Shingles(runs, {word for word in words if word.isdigit()})


def _is_copy(one: _Shingles, other: _Shingles) -> bool:
    """Whether one holds nearly nothing that the other has not; forms filled in with other numbers are no copies."""
    smaller, larger = sorted((one, other), key=lambda it: len(it.runs))
    return len(smaller.runs & larger.runs) >= COPY_OVERLAP * len(smaller.runs) and smaller.numbers <= larger.numbers
