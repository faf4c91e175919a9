"""Search, memory, start-up and room on disk over libraries of 10,000 chunks and many more; how each grows.

The texts are real (XQuAD in both languages, the corpora of chunking-eval, Debian's manuals) as far as they reach, some
ten thousand passages; beyond that each is repeated with a share of its words taken from another passage and a number of
its own. Vectors are real for the base passages; a variation has its base's vector moved along the difference of two
other real ones, so that clusters and the spread of the whole stay as they are. The libraries are made through the
store's own ways of keeping, by two processes, and stay in --work: what is there is not made again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psutil

from lumbre.assistant.search import COLUMN_WEIGHTS, LEXICAL, NEAR, Searcher
from lumbre.core.documents import Chunk, Extracted
from lumbre.core.paths import Home, default_home
from lumbre.engines.onnx_embedder import OnnxEmbedder
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.snapshot import Snapshot
from lumbre.store.vector_index import VectorIndex
from lumbre.store.words import match_expression

SHARED = Path(__file__).resolve().parents[3] / "shared"
NAME = "multilingual-e5-small"
DIMENSIONS = 384
KEY = hashlib.sha256(b"a library that holds nothing private").digest()
WINDOW, STRIDE = 420, 330
CHUNKS_IN_A_DOCUMENT = 50
SHARE_SWAPPED = 0.25
QUESTIONS = 400
_SERIAL = re.compile(r"LB-(\d+)-(\d+)$")


def main() -> int:
    """Make what is missing, measure each library in processes of its own, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the libraries, some 5 GB a million")
    parser.add_argument("--models", type=Path, default=Home(default_home()).models)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--role", choices=("keep", "embed", "measure", "start"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.role:
        {"keep": _keep, "embed": _embed, "measure": _measure, "start": _start}[options.role](options)
        return 0
    _base(options.work, options.models)
    found = []
    for chunks in options.chunks:
        _build(options, chunks)
        rebuilt = _role(options, chunks, "measure")
        found.append({**rebuilt, **_role(options, chunks, "start")})
        _show(chunks, found[-1])
    _show_growth(options.chunks, found)
    return 0


def _role(options: argparse.Namespace, chunks: int, role: str) -> dict[str, Any]:
    """Run one part as a process of its own and take the JSON of its last line."""
    done = subprocess.run(_command(options, chunks, role), stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _command(options: argparse.Namespace, chunks: int, role: str) -> list[str]:
    command = [sys.executable, __file__, "--work", str(options.work), "--models", str(options.models)]
    return [*command, "--questions", str(options.questions), "--chunks", str(chunks), "--role", role]


# --- the texts and their vectors --------------------------------------------------------------------------------------


def _base(work: Path, models: Path) -> None:
    """Embed the base passages and the questions; kept piece by piece, so that it goes on where it was stopped."""
    texts, questions = _passages(), _questions()
    if (work / "base.npy").exists() and (work / "questions.npy").exists():
        return
    embedder = OnnxEmbedder(models / NAME, NAME)
    known = dict(np.load(work / "known.npz")) if (work / "known.npz").exists() else {}
    missing = [text for text in texts if _digest(text) not in known]
    for at in range(0, len(missing), 1024):
        batch = missing[at : at + 1024]
        vectors = np.frombuffer(embedder.embed(batch, "passage"), "<f4").reshape(len(batch), -1)
        known |= {_digest(text): vector for text, vector in zip(batch, vectors, strict=True)}
        np.savez(work / "known.npz", **known)
        print(f"embedded {len(known)} of {len(texts)} base passages", flush=True)
    vectors = np.frombuffer(embedder.embed(questions, "query"), "<f4").reshape(len(questions), -1)
    np.save(work / "questions.npy", vectors)
    np.save(work / "base.npy", np.stack([known[_digest(text)] for text in texts]))
    embedder.close()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _passages() -> list[str]:
    """The base passages, always in the same order."""
    contexts = [paragraph["context"] for language in ("es", "en") for paragraph in _xquad(language)]
    corpora = sorted((SHARED / "data" / "chunking-eval").rglob("*.md"))
    manuals = sorted((SHARED / "samples" / "debian-es").rglob("*.txt"))
    cases = sorted((SHARED / "data" / "meddocan").rglob("*.txt"))[:150]
    windows = [window for file in [*corpora, *manuals, *cases] for window in _windows(file)]
    texts = list(dict.fromkeys([*contexts, *windows]))
    random.Random(1).shuffle(texts)
    return texts


def _windows(file: Path) -> Iterator[str]:
    text = " ".join(file.read_text("utf-8", "replace").split())
    pieces = (text[at : at + WINDOW] for at in range(0, len(text), STRIDE))
    return (piece for piece in pieces if len(piece) > WINDOW // 4)


def _xquad(language: str) -> list[dict[str, Any]]:
    articles = json.loads((SHARED / "data" / "xquad" / f"xquad.{language}.json").read_text("utf-8"))["data"]
    return [paragraph for article in articles for paragraph in article["paragraphs"]]


def _questions() -> list[str]:
    asked = [each["question"] for language in ("es", "en") for it in _xquad(language) for each in it["qas"]]
    return random.Random(2).sample(asked, QUESTIONS)


def _variation(texts: list[str], number: int) -> str:
    """Passage `number` of a library: a base passage, from the second round on with words of another."""
    chance = random.Random(number)
    base = number % len(texts)
    words = texts[base].split()
    if number >= len(texts):
        other = texts[chance.randrange(len(texts))].split()
        for at in chance.sample(range(len(words)), int(len(words) * SHARE_SWAPPED)):
            words[at] = other[at % len(other)]
    return " ".join([*words, f"LB-{base}-{number}"])


def _vector(base: Any, number: int) -> Any:
    """The vector of passage `number`, of unit length."""
    vector = base[number % len(base)]
    if number >= len(base):
        chance = np.random.default_rng(number)
        one, other = chance.integers(len(base), size=2)
        vector = vector + chance.uniform(0.3, 1.0) * (base[one] - base[other])
    return vector / np.linalg.norm(vector)


# --- making a library -------------------------------------------------------------------------------------------------


def _file(options: argparse.Namespace) -> Path:
    return Path(options.work / f"{options.chunks[0]}" / "lumbre.db")


def _build(options: argparse.Namespace, chunks: int) -> None:
    """One process keeps the words, another the vectors, until both are complete."""
    folder = options.work / f"{chunks}"
    folder.mkdir(exist_ok=True)
    if (folder / "complete").exists():
        return
    started = time.perf_counter()
    keeping = subprocess.Popen(_command(options, chunks, "keep"))
    embedding = subprocess.Popen(_command(options, chunks, "embed"))
    if keeping.wait():
        embedding.terminate()
    if embedding.wait() or keeping.returncode:
        raise SystemExit("making the library failed; started again, it goes on from here")
    (folder / "complete").touch()
    print(f"{chunks:,} chunks kept and embedded in {time.perf_counter() - started:.0f} s", flush=True)


def _keep(options: argparse.Namespace) -> None:
    library = LibraryStore(Database.open(_file(options), KEY))
    texts = _passages()
    total = options.chunks[0]
    collections = [library.ensure_collection(name).id for name in ("all", "tenth", "few")]
    known = set(library.paths_below("/"))
    for first in range(0, total, CHUNKS_IN_A_DOCUMENT):
        number = first // CHUNKS_IN_A_DOCUMENT
        path = f"/{number:07}"
        if path in known and library.file(path).state != "waiting":  # type: ignore[union-attr]
            continue
        for every, collection in zip((1, 10, 500), collections, strict=True):
            if number % every == 0:
                library.add_files([path], collection)
        _keep_one(library, path, [_variation(texts, at) for at in range(first, min(total, first + 50))])


def _keep_one(library: LibraryStore, path: str, passages: list[str]) -> None:
    chunks, at = [], 0
    for passage in passages:
        chunks.append(Chunk(at, at + len(passage), passage))
        at += len(passage) + 2
    whole = "\n\n".join(passages)
    library.keep(
        path,
        sha256=_digest(whole),
        size=len(whole),
        mtime_ns=0,
        extracted=Extracted(whole, [], "text"),
        chunks=chunks,
        language=("es", "en")[int(path[1:]) % 2],
    )


def _embed(options: argparse.Namespace) -> None:
    """Give vectors to what the other process keeps, until as many as asked for are there."""
    library = LibraryStore(Database.open(_file(options), KEY))
    base = np.load(options.work / "base.npy")
    said = 0
    while (counts := library.counts()).embedded < options.chunks[0]:
        waiting = library.unembedded(NAME, 1024)
        if not waiting:
            time.sleep(1)
        numbers = [int(_SERIAL.search(text)[2]) for _, text in waiting]  # type: ignore[index]
        vectors = [_vector(base, number).astype("<f2").tobytes() for number in numbers]
        digests = [digest for digest, _ in waiting]
        library.put_vectors(NAME, list(zip(digests, vectors, strict=True)))
        if counts.embedded - said >= 50_000:
            said = counts.embedded
            print(f"{counts.chunks:,} chunks kept, {said:,} embedded", flush=True)


# --- measuring --------------------------------------------------------------------------------------------------------


class _Known:
    """An embedder that has all questions embedded beforehand, so that searching is measured apart."""

    model = NAME
    dimensions = DIMENSIONS

    def __init__(self, work: Path, most: int) -> None:
        vectors = np.load(work / "questions.npy")
        self.questions = _questions()[:most]
        self._vectors = {text: row.tobytes() for text, row in zip(self.questions, vectors, strict=False)}

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        return b"".join(self._vectors[text] for text in texts)

    def close(self) -> None:
        """Nothing is held."""


def _opened(options: argparse.Namespace) -> tuple[LibraryStore, VectorIndex, _Known, dict[str, Any]]:
    """The library with its first question answered, and how long that took."""
    embedder = _Known(options.work, options.questions)
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    library = LibraryStore(Database.open(_file(options), KEY))
    index = VectorIndex(library, NAME, DIMENSIONS, Snapshot(_file(options).with_name("vectors.snapshot"), KEY))
    Searcher(library, index, embedder).search(embedder.questions[0])
    seconds = time.perf_counter() - started
    return library, index, embedder, {"first answer s": seconds, "vectors at once": len(index), "before": before}


def _measure(options: argparse.Namespace) -> None:
    _file(options).with_name("vectors.snapshot").unlink(missing_ok=True)
    library, index, embedder, first = _opened(options)
    started = time.perf_counter()
    index.settle()
    index.refresh()
    found: dict[str, Any] = {f"{key}, no snapshot": value for key, value in first.items() if key != "before"}
    found["whole index s, no snapshot"] = time.perf_counter() - started + first["first answer s"]
    found["memory MB"] = (psutil.Process().memory_info().rss - first["before"]) / 1e6
    found["peak memory MB"] = _peak_megabytes()
    found |= _timed(library, index, embedder)
    found["recall@10"] = _recall(library, index, embedder)
    index.close()
    with_embedding = Searcher(library, index, OnnxEmbedder(options.models / NAME, NAME))
    with_embedding.search(embedder.questions[0])
    found |= _percentiles("fused, embedding included", embedder.questions[:100], with_embedding.search)
    found["database MB"] = _file(options).stat().st_size / 1e6
    found["snapshot MB"] = _size(_file(options).with_name("vectors.snapshot"))
    print(json.dumps(found))


def _start(options: argparse.Namespace) -> None:
    _, index, _, first = _opened(options)
    print(json.dumps({f"{key}, snapshot": value for key, value in first.items() if key != "before"}), flush=True)
    index.settle()


def _size(file: Path) -> float:
    return file.stat().st_size / 1e6 if file.exists() else 0.0


def _peak_megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _timed(library: LibraryStore, index: VectorIndex, embedder: _Known) -> dict[str, Any]:
    """Milliseconds of each way of searching; the first tenth of the questions only warms up."""
    words, fused = Searcher(library, None, None), Searcher(library, index, embedder)
    questions = embedder.questions
    vectors = {text: embedder.embed([text], "query") for text in questions}
    some = questions[:100]
    found = _percentiles("words only", questions, words.search)
    found |= _percentiles("meaning only", questions, lambda text: index.search(vectors[text], NEAR))
    found |= _percentiles("fused", questions, fused.search)
    for scope in ("tenth", "few"):
        found |= _percentiles(
            f"fused, in {scope}", some, lambda text, scope=scope: fused.search(text, collection=scope)
        )
    matches = {text: match_expression(text) for text in some}
    return found | _percentiles(
        "BM25 of every word", some, lambda text: library.lexical(matches[text], LEXICAL, weights=COLUMN_WEIGHTS)
    )


def _percentiles(name: str, questions: list[str], search: Callable[[str], object]) -> dict[str, Any]:
    for question in questions[: len(questions) // 10]:
        search(question)
    milliseconds = []
    for question in questions:
        started = time.perf_counter()
        search(question)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return {f"{name} p50": statistics.median(milliseconds), f"{name} p95": statistics.quantiles(milliseconds, n=20)[-1]}


def _recall(library: LibraryStore, index: VectorIndex, embedder: _Known) -> float:
    """Share of the ten exactly nearest that a search finds."""
    asked = embedder.questions[:200]
    queries = np.stack([np.frombuffer(embedder.embed([text], "query"), "<f4") for text in asked])
    best = np.full((len(asked), 10), -2.0, "<f4")
    ids = np.zeros((len(asked), 10), "int64")
    last, reached = -1, 0
    while last != reached:
        last = reached
        reached, page = library.vectors_page(NAME, last)
        if page:
            rows = np.frombuffer(b"".join(vector for _, vector in page), "<f2").reshape(len(page), -1).astype("<f4")
            scores = np.hstack([best, queries @ rows.T])
            names = np.hstack([ids, np.tile([id for id, _ in page], (len(asked), 1))])
            order = np.argsort(-scores, axis=1)[:, :10]
            best, ids = np.take_along_axis(scores, order, 1), np.take_along_axis(names, order, 1)
    found = [{id for id, _ in index.search(query.tobytes(), NEAR)[:10]} for query in queries]
    return statistics.mean(len(set(exact) & near) / 10 for exact, near in zip(ids.tolist(), found, strict=True))


# --- showing ----------------------------------------------------------------------------------------------------------


def _show(chunks: int, found: dict[str, Any]) -> None:
    print(f"\n{chunks:,} chunks")
    for name, value in found.items():
        print(f"  {name:36}{value:12.3f}", flush=True)


def _show_growth(sizes: list[int], found: list[dict[str, Any]]) -> None:
    """How many times as much each takes in the largest library as in the smallest."""
    if len(sizes) > 1:
        print(f"\nfrom {sizes[0]:,} to {sizes[-1]:,} chunks, {sizes[-1] / sizes[0]:.0f} times as many:")
        for name, value in found[-1].items():
            if found[0].get(name):
                print(f"  {name:36}{value / found[0][name]:12.1f} times")


if __name__ == "__main__":
    sys.exit(main())
