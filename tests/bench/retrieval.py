"""What is found for labelled questions: ours beside dense alone, BM25 alone, fixed cutting, LangChain, LlamaIndex.

Data: "xquad" (hit at 1 and 5), "chunking-eval" (share of the gold characters found, and of those shown that are gold),
"sec10q" (right report, right page, share of the wanted reports). Everything of ours is the program's own: reader,
cutter, encrypted library, embedder, index, search. All rows use the same weights; vectors are kept in --work, so that
a run that was stopped goes on from there. The rivals get an environment of their own in --work, installed once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import rivals
from corpora import CHUNKING, SHARED, Case, Corpus, Place, load, sampled
from program import Program
from vectors import NAME, KeptVectors

from lumbre.core.paths import Home, default_home

Way = Callable[[Case], Sequence[Place]]
FIXED = {"fixed 800/200": ("characters", 800, 200), "400 tokens": ("tokens", 400, 0), "200 tokens": ("tokens", 200, 0)}


def main() -> int:
    """Index, ask everything all ways, print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=["xquad", "chunking-eval", "sec10q"], nargs="*", default=["xquad"])
    parser.add_argument("--models", type=Path, default=Home(default_home()).models)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the data sets")
    parser.add_argument("--work", type=Path, help="folder for vectors and the rivals' environment, kept between runs")
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th question")
    parser.add_argument("--corpora", nargs="*", default=CHUNKING, choices=CHUNKING, help="of chunking-eval")
    parser.add_argument("--no-rivals", action="store_true", help="leave LangChain and LlamaIndex out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.work.resolve() if options.work else Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        for name in options.data:
            corpus = sampled(load(name, options.shared, options.corpora), options.every)
            embedder = KeptVectors(options.models, work / "vectors.db")
            program = Program(corpus.documents, embedder)
            ways = _ways(program, corpus, embedder, options.models)
            if not options.no_rivals:
                ways |= _rivals(work, corpus, options.models)
            compare(corpus, ways)
            _say_milliseconds(program)
            program.close()
            embedder.close()
    return 0


def _ways(program: Program, corpus: Corpus, embedder: KeptVectors, models: Path) -> dict[str, Way]:
    embedder.embed([case.question for those in corpus.cases.values() for case in those], "query")
    ways: dict[str, Way] = {
        "dense alone": lambda case: program.dense(case.question, case.scope, corpus.top),
        "BM25 alone": lambda case: program.bm25(case.question, case.scope, corpus.top),
    }
    if corpus.name == "chunking-eval":
        for name, (unit, size, overlap) in FIXED.items():
            ways[name] = _fixed(corpus, embedder, _spans_of(unit, size, overlap, models))
    ways["ours"] = lambda case: program.ours(case.question, case.scope, corpus.top)
    return ways


def _rivals(work: Path, corpus: Corpus, models: Path) -> dict[str, Way]:
    asked = list(dict.fromkeys((case.question, case.scope) for those in corpus.cases.values() for case in those))
    found = {chain: rivals.search(work, chain, corpus, asked, models) for chain in ("langchain", "llamaindex")}

    def way(chain: str) -> Way:
        return lambda case: found[chain][(case.question, case.scope)]

    return {"LangChain": way("langchain"), "LlamaIndex": way("llamaindex")}


# --- fixed-size cutting -----------------------------------------------------------------------------------------------

Spans = Callable[[str], Sequence[tuple[int, int]]]


def _spans_of(unit: str, size: int, overlap: int, models: Path) -> Spans:
    """Pieces of `size` characters or tokens of the embedder, the last `overlap` of each shared with the next."""
    if unit == "characters":
        return lambda text: [(at, min(at + size, len(text))) for at in range(0, len(text), size - overlap)]
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(models / NAME / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def spans(text: str) -> list[tuple[int, int]]:
        offsets = tokenizer.encode(text, add_special_tokens=False).offsets
        runs = [offsets[at : at + size] for at in range(0, len(offsets), size - overlap)]
        return [(run[0][0], run[-1][1]) for run in runs]

    return spans


def _fixed(corpus: Corpus, embedder: KeptVectors, spans_of: Spans) -> Way:
    """Nearest pieces by meaning, among all documents."""
    texts = {each.path: each.extracted.text for each in corpus.documents}
    places = [Place(path, *span) for path, text in texts.items() for span in spans_of(text)]
    pieces = [texts[place.path][place.start : place.end] for place in places]
    table = np.frombuffer(embedder.embed(pieces, "passage"), "<f4").reshape(len(pieces), -1)

    def way(case: Case) -> list[Place]:
        vector = np.frombuffer(embedder.embed([case.question], "query"), "<f4")
        return [places[at] for at in np.argsort(-(table @ vector))[: corpus.top]]

    return way


# --- the table --------------------------------------------------------------------------------------------------------


def compare(corpus: Corpus, ways: Mapping[str, Way]) -> None:
    """A table of the means of every figure, group by group and in all."""
    print(f"\n{corpus.name}: {len(corpus.documents)} documents, {sum(map(len, corpus.cases.values()))} questions")
    figures = {
        way: {name: [case.judge(look(case)) for case in those] for name, those in corpus.cases.items()}
        for way, look in ways.items()
    }
    groups = {name: [name] for name in corpus.cases} | {"all": list(corpus.cases)}
    for group, members in groups.items():
        rows = {way: means([each for name in members for each in of[name]]) for way, of in figures.items()}
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        count = sum(len(corpus.cases[name]) for name in members)
        print(f"{f'{group} ({count})':<36}" + "".join(f"{column:>11}" for column in columns))
        for way, row in rows.items():
            print(f"  {way:<34}" + "".join(f"{_shown(row.get(column)):>11}" for column in columns), flush=True)


def means(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure over the questions that have it."""
    columns = dict.fromkeys(column for row in figures for column in row)
    return {column: statistics.fmean(row[column] for row in figures if column in row) for column in columns}


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}" if value <= 1 else f"{value:.0f}"


def _say_milliseconds(program: Program) -> None:
    times = program.milliseconds
    if len(times) > 1:
        tail = statistics.quantiles(times, n=20)[-1]
        print(f"search, question embedded before: p50 {statistics.median(times):.1f} ms, p95 {tail:.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
