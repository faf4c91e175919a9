"""Cutter's TARGET and LIMIT side by side: what chunking-eval and XQuAD find with each; to choose these two constants.

Questions and texts are those of the judged sets, so nothing else may be chosen by it. Vectors are kept in --work, a
run that was stopped goes on from there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpora import CHUNKING, Corpus, chunking, sampled, xquad
from program import Program
from retrieval import means
from vectors import KeptVectors

from lumbre.assistant import cut
from lumbre.core.paths import Home, default_home

PAIRS = ("120,165", "180,250", "240,330", "300,390", "360,440")
LANGUAGES = [("es", "es", "both"), ("en", "en", "both"), ("es", "en", "en"), ("en", "es", "es")]


def main() -> int:
    """Cut, embed and ask once for each pair of constants; a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="*", default=PAIRS, help="TARGET,LIMIT in estimated tokens")
    parser.add_argument("--models", type=Path, default=Home(default_home()).models)
    parser.add_argument("--work", type=Path, required=True, help="folder for vectors, kept between runs")
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th question")
    parser.add_argument("--corpora", nargs="*", default=CHUNKING, choices=CHUNKING, help="of chunking-eval")
    parser.add_argument("--no-xquad", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    embedder = KeptVectors(options.models, options.work / "vectors.db")
    sets = [sampled(chunking(only=options.corpora), options.every)] if options.corpora else []
    sets += [] if options.no_xquad else [sampled(xquad(settings=LANGUAGES), options.every)]
    for corpus in sets:
        print(f"{corpus.name}: {sum(map(len, corpus.cases.values()))} questions over {len(corpus.documents)} documents")
    for pair in options.pairs:
        cut.TARGET, cut.LIMIT = map(int, pair.split(","))
        for corpus in sets:
            _line(pair, corpus, embedder)
    embedder.close()
    return 0


def _line(pair: str, corpus: Corpus, embedder: KeptVectors) -> None:
    program = Program(corpus.documents, embedder)
    embedder.embed([case.question for those in corpus.cases.values() for case in those], "query")
    found = {
        name: means([case.judge(program.ours(case.question, case.scope, corpus.top)) for case in those])
        for name, those in corpus.cases.items()
    }
    every = [row for name, row in found.items() for _ in corpus.cases[name]]
    for name, row in ({"all": means(every)} | found).items():
        figures = "".join(f"  {column} {value:.4f}" for column, value in row.items())
        print(f"{pair:<9} {program.chunks:>6} chunks  {corpus.name} {name:<20}{figures}", flush=True)
    program.close()


if __name__ == "__main__":
    sys.exit(main())
