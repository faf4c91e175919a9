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
from lumbre.store.vector_index import VectorIndex

SHARED = Path(__file__).resolve().parents[3] / "shared"
NAME = "multilingual-e5-small"
DIMENSIONS = 384
KEY = hashlib.sha256(b"a library that holds nothing private").digest()
WINDOW, STRIDE = 420, 330
CHUNKS_IN_A_DOCUMENT = 50
SHARE_SWAPPED = 0.25
QUESTIONS = 400
KEEP_AT_ONCE = 4
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
    if keeping.wait() or embedding.wait():
        raise SystemExit("making the library failed")
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
