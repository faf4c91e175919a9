"""The index finds what an exact search finds, and follows the database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.vector_index import VectorIndex

Keep = Callable[..., str]
Embed = Callable[..., list[str]]
EMBEDDER, DIMENSIONS = "embedder@1", 8


@pytest.fixture
def index(library: LibraryStore) -> VectorIndex:
    return VectorIndex(library, EMBEDDER, DIMENSIONS)


def _vectors(library: LibraryStore) -> dict[int, np.ndarray]:
    return {id: np.frombuffer(raw, "<f2").astype("<f4") for id, raw in library.vectors_after(EMBEDDER, 0)}


def _exact(vectors: dict[int, np.ndarray], query: np.ndarray) -> list[int]:
    return sorted(vectors, key=lambda id: -float(vectors[id] @ query))


def test_nothing_in_it(index: VectorIndex) -> None:
    query = np.ones(DIMENSIONS, "<f4").tobytes()
    assert index.search(query, 5) == []
    index.refresh()
    assert index.search(query, 5) == []


def test_it_finds_what_an_exact_search_finds(
    library: LibraryStore, index: VectorIndex, keep: Keep, embed: Embed
) -> None:
    keep(library, "/a", *(f"text {n}" for n in range(300)))
    embed(library)
    index.refresh()
    vectors = _vectors(library)
    assert len(index) == len(vectors) == 300
    for id in list(vectors)[:20]:
        found = index.search(vectors[id].tobytes(), 5)
        assert found[0][0] == id
        assert found[0][1] == pytest.approx(1, abs=2e-3)
        assert {hit for hit, _ in found} == set(_exact(vectors, vectors[id])[:5])
        cosines = [cosine for _, cosine in found]
        assert cosines == sorted(cosines, reverse=True)
    everything = index.search(vectors[1].tobytes(), 1000)
    assert {id for id, _ in everything} == set(vectors)


def test_a_scope_restricts_it(library: LibraryStore, index: VectorIndex, keep: Keep, embed: Embed) -> None:
    keep(library, "/a", *(f"a {n}" for n in range(20)), collection="A")
    keep(library, "/b", "b 0", "b 1", collection="B")
    embed(library)
    index.refresh()
    scope = library.vector_ids(library.scope("B"))
    query = next(iter(_vectors(library).values())).tobytes()
    assert {id for id, _ in index.search(query, 10, scope)} == set(scope)
    assert {id for id, _ in index.search(query, 10, [*scope, 99999])} == set(scope)
    assert index.search(query, 10, []) == []


def test_it_follows_what_other_processes_do(
    library: LibraryStore, index: VectorIndex, keep: Keep, embed: Embed, tmp_path: Path, key: bytes
) -> None:
    other = Database.open(tmp_path / "lumbre.db", key)
    elsewhere = LibraryStore(other)
    keep(elsewhere, "/a", "one", "two")
    embed(elsewhere)
    index.refresh()
    assert len(index) == 2
    keep(elsewhere, "/a", "one", "three")
    embed(elsewhere)
    keep(elsewhere, "/b", "four")
    embed(elsewhere)
    index.refresh()
    assert {id for id, _ in index.search(bytes(4 * DIMENSIONS), 10)} == set(_vectors(library))
    elsewhere.remove(["/a", "/b"])
    index.refresh()
    assert len(index) == 0
    other.close()


def test_searches_and_refreshes_from_many_threads(
    library: LibraryStore, index: VectorIndex, keep: Keep, embed: Embed
) -> None:
    faults: list[Exception] = []
    over = threading.Event()

    def search() -> None:
        try:
            while not over.is_set():
                index.refresh()
                index.search(np.ones(DIMENSIONS, "<f4").tobytes(), 10)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(10):
        keep(library, f"/{n % 4}", *(f"{n} {m}" for m in range(30)))
        embed(library)
    over.set()
    for thread in threads:
        thread.join()
    assert faults == []
    index.refresh()
    assert len(index) == len(_vectors(library)) == 120
