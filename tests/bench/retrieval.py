"""Hit at 1 and at 5 of dense alone, BM25 alone and both fused, over XQuAD or the excerpts of chunking-eval.

Everything is the program's own: cutter, encrypted library, embedder, index, search. XQuAD's 480 paragraphs of both
languages stand in one library, each a file; collections narrow it to one language. The gold passage is the paragraph of
the question in the language named last; "both" means that its twin in the other language competes. In "mixed"
every other article is there in Spanish only and the rest in English only, as in a library of two languages.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import secrets
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from lumbre.assistant.cut import cut, embedding_lead
from lumbre.assistant.search import Searcher
from lumbre.core.documents import Block, Extracted
from lumbre.core.language import detect
from lumbre.core.paths import Home, default_home
from lumbre.engines.onnx_embedder import OnnxEmbedder
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore, StoredChunk
from lumbre.store.scopes import Scope
from lumbre.store.vector_index import VectorIndex
from lumbre.store.words import match_expression

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
NAME = "multilingual-e5-small"
TOP = 5

SETTINGS = [("es", "es", "both"), ("en", "en", "both"), ("es", "en", "en"), ("en", "es", "es")]
SETTINGS += [("es", "en", "both"), ("en", "es", "both"), ("es", "en", "mixed"), ("en", "es", "mixed")]
SETTINGS += [("es", "es", "mixed"), ("en", "en", "mixed")]

Found = Sequence[tuple[str, int, int]]
"""Path and span of each result, best first."""
Gold = Callable[[str, int, int], bool]


class Case(NamedTuple):
    """A question, where it is asked, and what counts as found."""

    question: str
    scope: str | None
    gold: Gold


class Remembering:
    """The embedder with all questions embedded beforehand, so that three ways of searching pay for them once."""

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self._embedder = embedder
        self._known: dict[str, bytes] = {}
        self.model = embedder.model
        self.dimensions = embedder.dimensions
        self.close = embedder.close

    def learn(self, questions: Sequence[str]) -> None:
        new = list(dict.fromkeys(questions))
        vectors = np.frombuffer(self._embedder.embed(new, "query"), "<f4").reshape(len(new), -1)
        self._known |= {question: vector.tobytes() for question, vector in zip(new, vectors, strict=True)}

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        known = [self._known[text] for text in texts if kind == "query" and text in self._known]
        return b"".join(known) if len(known) == len(texts) else self._embedder.embed(texts, kind)


def main() -> int:
    """Index, ask everything three ways, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=["xquad", "chunking-eval"], nargs="?", default="xquad")
    parser.add_argument("--models", type=Path, default=Home(default_home()).models)
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th question")
    options = parser.parse_args()
    embedder = Remembering(OnnxEmbedder(options.models / NAME, NAME))
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "lumbre.db", secrets.token_bytes(32))
        library = LibraryStore(database)
        cases = {"xquad": _xquad, "chunking-eval": _chunking}[options.data](library)
        _embed(library, embedder)
        cases = {name: those[:: options.every] for name, those in cases.items()}
        embedder.learn([case.question for those in cases.values() for case in those])
        _compare(library, embedder, cases)
        database.close()
    embedder.close()
    return 0


def _compare(library: LibraryStore, embedder: Remembering, cases: dict[str, list[Case]]) -> None:
    index = VectorIndex(library, embedder.model, embedder.dimensions)
    index.refresh()
    searcher = Searcher(library, index, embedder)
    milliseconds: list[float] = []

    def ours(case: Case) -> Found:
        result = searcher.search(case.question, collection=case.scope, top=TOP)
        milliseconds.append(result.ms)
        return [(it.path, it.start, it.end) for it in result.passages]

    ways = {
        "dense": lambda case: _dense(library, index, embedder, case),
        "BM25": lambda case: _bm25(library, case),
        "ours": ours,
    }
    print(f"{'':24}" + "".join(f"{way:>8} @1{'@5':>8}" for way in ways), flush=True)
    for name, those in cases.items():
        row = [_hits(those, way) for way in ways.values()]
        print(f"{name:18}{len(those):6}" + "".join(f"{one:11.4f}{five:8.4f}" for one, five in row), flush=True)
    tail = statistics.quantiles(milliseconds, n=20)[-1]
    print(
        f"search, embedding of the question excluded: p50 {statistics.median(milliseconds):.1f} ms, p95 {tail:.1f} ms"
    )


def _hits(cases: Sequence[Case], way: Callable[[Case], Found]) -> tuple[float, float]:
    ranks = [next((n for n, found in enumerate(way(case)) if case.gold(*found)), TOP) for case in cases]
    return sum(rank < 1 for rank in ranks) / len(ranks), sum(rank < TOP for rank in ranks) / len(ranks)


def _dense(library: LibraryStore, index: VectorIndex, embedder: Remembering, case: Case) -> Found:
    scope = _scope(library, case)
    near = index.search(
        embedder.embed([case.question], "query"), 20, None if scope.whole else library.vector_ids(scope)
    )
    owners = library.chunks_of_vectors([id for id, _ in near], scope)
    return _places(library, [chunk for id, _ in near for chunk in owners[id]], scope)


def _bm25(library: LibraryStore, case: Case) -> Found:
    scope = _scope(library, case)
    return _places(library, [id for id, _ in library.lexical(match_expression(case.question), 20, scope)], scope)


def _scope(library: LibraryStore, case: Case) -> Scope:
    return library.scope(case.scope or None)


def _places(library: LibraryStore, ids: list[int], scope: Scope) -> Found:
    """The first TOP chunks, those of one paragraph counted once as in the fused results."""
    chunks = library.chunks(ids, scope)
    first: dict[tuple[str, int], StoredChunk] = {}
    for id in ids:
        first.setdefault((chunks[id].path, chunks[id].start), chunks[id])
    return [(it.path, it.start, it.end) for it in first.values()][:TOP]


def _keep(library: LibraryStore, path: str, text: str, collection: str) -> None:
    library.add_files([path], library.ensure_collection(collection).id)
    extracted = Extracted(text, list(_blocks(text)), "text")
    library.keep(
        path,
        sha256=hashlib.sha256(f"{path}\0{text}".encode()).hexdigest(),
        size=len(text),
        mtime_ns=0,
        extracted=extracted,
        chunks=cut(extracted),
        language=detect(text),
        embedding_text=lambda chunk: embedding_lead(chunk, "") + chunk.text,
    )


def _blocks(text: str) -> Iterator[Block]:
    at = 0
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            yield Block(at, at + len(paragraph))
        at += len(paragraph) + 2


def _embed(library: LibraryStore, embedder: Remembering) -> None:
    while waiting := library.unembedded(embedder.model, 256):
        vectors = np.frombuffer(embedder.embed([text for _, text in waiting], "passage"), "<f4")
        rows = vectors.reshape(len(waiting), -1).astype("<f2")
        library.put_vectors(
            embedder.model, [(digest, row.tobytes()) for (digest, _), row in zip(waiting, rows, strict=True)]
        )


def _xquad(library: LibraryStore) -> dict[str, list[Case]]:
    asked: dict[str, list[tuple[str, str, int]]] = {}
    for language in ("es", "en"):
        articles = json.loads((SHARED / "xquad" / f"xquad.{language}.json").read_text("utf-8"))["data"]
        paragraphs = [(at % 2, paragraph) for at, article in enumerate(articles) for paragraph in article["paragraphs"]]
        for number, (parity, paragraph) in enumerate(paragraphs):
            path = f"/{language}/{number:03}.txt"
            _keep(library, path, paragraph["context"], language)
            mixed = parity if language == "es" else 1 - parity
            library.add_files([path], library.ensure_collection(f"mixed {mixed}").id)
            for each in paragraph["qas"]:
                asked.setdefault(language, []).append((each["question"], f"{number:03}.txt", parity))
    cases: dict[str, list[Case]] = {}
    for one, other, where in SETTINGS:
        for question, name, parity in asked[one]:
            mixed = parity if other == "es" else 1 - parity
            scope = {"both": None, "mixed": f"mixed {mixed}"}.get(where, where)
            cases.setdefault(f"{one}→{other} {where}", []).append(Case(question, scope, _in_file(f"/{other}/{name}")))
    return cases


def _in_file(path: str) -> Gold:
    return lambda found, start, end: found == path


def _chunking(library: LibraryStore) -> dict[str, list[Case]]:
    for file in sorted((SHARED / "chunking-eval" / "corpora").glob("*.md")):
        _keep(library, f"/{file.stem}", file.open(encoding="utf-8", newline="").read(), "en")
    with (SHARED / "chunking-eval" / "questions_df.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    cases: dict[str, list[Case]] = {}
    for row in rows:
        spans = [(it["start_index"], it["end_index"]) for it in json.loads(row["references"])]
        cases.setdefault(row["corpus_id"], []).append(Case(row["question"], None, _over(f"/{row['corpus_id']}", spans)))
    return cases


def _over(path: str, spans: list[tuple[int, int]]) -> Gold:
    return lambda found, start, end: found == path and any(start < stop and begin < end for begin, stop in spans)


if __name__ == "__main__":
    sys.exit(main())
