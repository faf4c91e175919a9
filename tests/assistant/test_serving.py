"""Another embedder: the one before serves until all is embedded anew, whatever is killed in between."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from lumbre.assistant.indexer import Indexer
from lumbre.assistant.search import Searcher
from lumbre.assistant.serving import Serving
from lumbre.core.documents import Chunk, Extracted
from lumbre.core.errors import ModelMissing
from lumbre.core.protocols import Embedder
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.vector_index import VectorIndex

DIMENSIONS = 16
OLD, NEW = "embedder@1", "embedder@2"
PASSAGES = 400


class Hashing:
    """Two of the same name agree; of different names they have nothing in common."""

    dimensions = DIMENSIONS

    def __init__(self, name: str, tell: Callable[[int], object] = lambda count: None) -> None:
        """`tell` hears the number of passages of each batch before it is embedded."""
        self.model = name
        self._tell = tell

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        if kind == "passage":
            self._tell(len(texts))
        return np.stack([self._vector(text) for text in texts]).tobytes()

    def _vector(self, text: str) -> Any:
        seed = hashlib.sha256(f"{self.model}\0{text}".encode()).digest()
        vector = np.random.default_rng(int.from_bytes(seed, "big")).normal(size=DIMENSIONS).astype("<f4")
        return vector / np.linalg.norm(vector)

    def close(self) -> None:
        """Nothing is held."""


def worker(library: LibraryStore, embedder: Hashing, folder: Path, **more: Any) -> Indexer:
    """A library's worker that has only embedding to do."""
    return Indexer(library, None, 1, lambda: embedder, folder / "indexing.lock", lambda event: None, **more)  # type: ignore[arg-type]


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def library(tmp_path: Path, key: bytes) -> Iterator[LibraryStore]:
    database = Database.open(tmp_path / "lumbre.db", key)
    yield LibraryStore(database)
    database.close()


def keep(library: LibraryStore, path: str, *texts: str) -> None:
    """Keep a document whose chunks are `texts`."""
    library.add_files([path], library.ensure_collection("Documents").id)
    whole = "".join(texts)
    starts = [len("".join(texts[:at])) for at in range(len(texts))]
    library.keep(
        path,
        sha256=hashlib.sha256(whole.encode()).hexdigest(),
        size=len(whole),
        mtime_ns=0,
        extracted=Extracted(whole, [], "text"),
        chunks=[Chunk(start, start + len(text), text) for start, text in zip(starts, texts, strict=True)],
        language="en",
    )


def embed(library: LibraryStore, name: str, folder: Path) -> int:
    """Let the worker do all there is to do with an embedder; how many passages it embedded."""
    counts: list[int] = []
    indexer = worker(library, Hashing(name, counts.append), folder)
    assert indexer.wait_for(indexer.wake(), 60)
    indexer.close()
    return sum(counts)


def serving(library: LibraryStore, *here: str) -> Serving:
    """What serves where NEW is wanted and the embedders of `here` are on this machine."""

    def former(name: str) -> Embedder | None:
        return Hashing(name) if name in here else None

    return Serving(library, Hashing(NEW), former, lambda it: VectorIndex(library, it.model, it.dimensions))


def nearest(served: Serving, text: str) -> tuple[int, float]:
    """Id and cosine of the nearest vector to a text."""
    vector = served.embed([text], "query")
    served.refresh()
    return served.search(vector, 1)[0]


@pytest.fixture
def filled(library: LibraryStore, tmp_path: Path) -> LibraryStore:
    """A library embedded with OLD."""
    for number in range(4):
        keep(library, f"/{number}", *(f"passage {number} {at}" for at in range(PASSAGES // 4)))
    assert embed(library, OLD, tmp_path) == PASSAGES
    return library


def test_the_old_one_serves_until_a_killed_worker_has_ended(filled: LibraryStore, tmp_path: Path, key: bytes) -> None:
    served = serving(filled, OLD)
    done = _kill_in_the_middle(tmp_path, key, batches=3)
    counts = filled.counts()
    assert (counts.embedded, counts.reindexed, counts.done) == (PASSAGES, done, 4)
    assert 0 < done < PASSAGES
    assert served.model == OLD
    assert nearest(served, "passage 1 1")[1] == pytest.approx(1, abs=2e-3)
    assert embed(filled, NEW, tmp_path) == PASSAGES - done
    assert served.model == filled.serving_embedder() == NEW
    assert nearest(served, "passage 1 1")[1] == pytest.approx(1, abs=2e-3)
    assert list(filled.vectors_after(OLD, 0)) == []
    assert len(list(filled.vectors_after(NEW, 0))) == PASSAGES
    assert filled.counts().reindexed is None
    served.close()


def _kill_in_the_middle(folder: Path, key: bytes, batches: int) -> int:
    """Have a process embed with NEW, kill it when some batches are kept; how many passages that were."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, str(folder / "lumbre.db"), key.hex(), NEW]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        kept = 0
        for _ in range(batches):
            kept += int(process.stdout.readline())
            print(file=process.stdin, flush=True)
        process.stdout.readline()  # it has begun the next one
        process.kill()
    return kept


def test_what_is_added_meanwhile_is_embedded_first_and_found_by_words(filled: LibraryStore, tmp_path: Path) -> None:
    assert filled.unembedded(NEW, 1)
    keep(filled, "/late", "lighthouse")
    assert [text for _, text in filled.unembedded(NEW, 1)] == ["lighthouse"]
    (found,) = filled.chunks([id for id, _ in filled.lexical('"lighthouse"', 5)]).values()
    assert (found.path, filled.counts().readable) == ("/late", 1)
    embed(filled, NEW, tmp_path)
    assert filled.counts().done == 5
    served = serving(filled)
    assert nearest(served, "lighthouse")[1] == pytest.approx(1, abs=2e-3)
    served.close()


def test_without_the_old_model_words_serve_until_the_new_index_is_complete(
    filled: LibraryStore, tmp_path: Path
) -> None:
    filled.unembedded(NEW, 1)
    served = serving(filled)
    with pytest.raises(ModelMissing):
        served.embed(["passage 1 1"], "query")
    assert Searcher(filled, served, served).search("passage 1 1").passages
    embed(filled, NEW, tmp_path)
    assert nearest(served, "passage 1 1")[1] == pytest.approx(1, abs=2e-3)
    served.close()


def test_a_question_is_sought_in_the_index_of_the_embedder_that_embedded_it(
    filled: LibraryStore, tmp_path: Path
) -> None:
    served = serving(filled, OLD)
    vector = served.embed(["passage 2 2"], "query")
    served.refresh()
    embed(filled, NEW, tmp_path)
    assert served.search(vector, 1)[0][1] == pytest.approx(1, abs=2e-3)
    assert nearest(served, "passage 2 2")[1] == pytest.approx(1, abs=2e-3)
    served.close()


def test_the_index_is_tended_when_new_vectors_are_complete(filled: LibraryStore, tmp_path: Path) -> None:
    tended: list[bool] = []
    for texts, expected in ((("one more",), [True]), ((), [True])):
        if texts:
            keep(filled, "/more", *texts)
        indexer = worker(filled, Hashing(OLD), tmp_path, tend=lambda: tended.append(True))
        assert indexer.wait_for(indexer.wake(), 60)
        indexer.close()
        assert tended == expected


# --- the process that is killed --------------------------------------------------------------------------------------


def _work(database: str, key: str, name: str) -> None:
    """Embed until killed; a line for each batch, and the next one only when a line comes back."""

    def tell(count: int) -> None:
        print(count, flush=True)
        sys.stdin.readline()

    library = LibraryStore(Database.open(Path(database), bytes.fromhex(key)))
    indexer = worker(library, Hashing(name, tell), Path(database).parent)
    indexer.wait_for(indexer.wake(), 600)


if __name__ == "__main__":
    _work(*sys.argv[1:])
