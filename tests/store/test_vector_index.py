"""The index finds what an exact search finds, and follows the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lumbre.store import nearest, vector_index
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.nearest import Nearest
from lumbre.store.snapshot import Snapshot, SnapshotDamaged
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


# --- large: trained, in clusters --------------------------------------------------------------------------------------


@pytest.fixture
def small_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens at some ten thousand vectors happens at some hundred; all clusters are searched."""
    monkeypatch.setattr(nearest, "FLAT_MOST", 200)
    monkeypatch.setattr(nearest, "probes_for", lambda clusters: clusters)
    monkeypatch.setattr(vector_index, "SNAPSHOT_LEAST", 100)


@pytest.fixture
def snapshot(tmp_path: Path, key: bytes) -> Snapshot:
    return Snapshot(tmp_path / "vectors.snapshot", key)


@pytest.fixture
def kept(library: LibraryStore, snapshot: Snapshot) -> Iterator[VectorIndex]:
    """An index with a snapshot, closed in the end."""
    made = VectorIndex(library, EMBEDDER, DIMENSIONS, snapshot)
    yield made
    made.close()


def _recall(library: LibraryStore, index: VectorIndex, allowed: list[int] | None = None) -> float:
    vectors = {id: row for id, row in _vectors(library).items() if allowed is None or id in set(allowed)}
    shares = []
    for query in list(vectors.values())[::7]:
        found = {id for id, _ in index.search(query.tobytes(), 160, allowed)[:10]}
        shares.append(len(found & set(_exact(vectors, query)[:10])) / 10)
    return float(np.mean(shares))


@pytest.mark.usefixtures("small_thresholds")
def test_a_large_one_is_trained_in_the_background_and_finds_nearly_all(
    library: LibraryStore, kept: VectorIndex, keep: Keep, embed: Embed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "probes_for", lambda clusters: clusters // 2)
    keep(library, "/a", *(f"text {n}" for n in range(1000)))
    embed(library)
    kept.refresh()
    kept.settle()
    assert len(kept) == 1000
    assert not kept._held.nearest.exact  # type: ignore[union-attr]
    assert _recall(library, kept) > 0.95
    scope = sorted(_vectors(library))[::5]
    assert _recall(library, kept, scope) > 0.98
    assert {id for id, _ in kept.search(bytes(4 * DIMENSIONS), 500, scope)} == set(scope)


@pytest.mark.usefixtures("small_thresholds")
def test_a_large_one_follows_removals_and_is_trained_again_when_outgrown(
    library: LibraryStore, kept: VectorIndex, keep: Keep, embed: Embed
) -> None:
    keep(library, "/a", *(f"a {n}" for n in range(300)))
    keep(library, "/b", *(f"b {n}" for n in range(100)))
    embed(library)
    kept.refresh()
    kept.settle()
    assert kept._held.nearest.trained_for == 400  # type: ignore[union-attr]
    library.remove(["/b"])
    keep(library, "/c", *(f"c {n}" for n in range(1400)))
    embed(library, 2000)
    kept.refresh()
    assert len(kept) == 1700
    kept.settle()
    kept.refresh()
    assert kept._held.nearest.trained_for == 1700  # type: ignore[union-attr]
    assert {id for id, _ in kept.search(bytes(4 * DIMENSIONS), 4000, sorted(_vectors(library)))} == set(
        _vectors(library)
    )


@pytest.mark.usefixtures("small_thresholds")
def test_the_cosines_of_the_first_are_those_of_the_database(
    library: LibraryStore, kept: VectorIndex, keep: Keep, embed: Embed
) -> None:
    keep(library, "/a", *(f"text {n}" for n in range(500)))
    embed(library)
    kept.refresh()
    kept.settle()
    vectors = _vectors(library)
    query = vectors[7]
    for id, cosine in kept.search(query.tobytes(), 100)[:10]:
        assert cosine == pytest.approx(float(vectors[id] @ query), abs=1e-6)


def test_what_is_very_much_comes_in_the_background(
    library: LibraryStore, kept: VectorIndex, keep: Keep, embed: Embed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "AT_ONCE", 1)
    monkeypatch.setattr("lumbre.store.vectors._BATCH", 50)
    keep(library, "/a", *(f"text {n}" for n in range(500)))
    embed(library)
    kept.refresh()
    kept.settle()
    assert len(kept) == 500


# --- the snapshot -----------------------------------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many vectors each page that an index read had."""
    counts: list[int] = []
    page = LibraryStore.vectors_page

    def counted(self: LibraryStore, embedder: str, id: int) -> tuple[int, list[tuple[int, bytes]]]:
        reached, batch = page(self, embedder, id)
        counts.append(len(batch))
        return reached, batch

    monkeypatch.setattr(LibraryStore, "vectors_page", counted)
    return counts


@pytest.mark.usefixtures("small_thresholds")
@pytest.mark.parametrize("count", [150, 600])
def test_a_snapshot_is_caught_up_and_not_read_again(
    library: LibraryStore, snapshot: Snapshot, keep: Keep, embed: Embed, reads: list[int], count: int
) -> None:
    keep(library, "/a", *(f"text {n}" for n in range(count)))
    keep(library, "/b", "one", "two")
    embed(library)
    first = VectorIndex(library, EMBEDDER, DIMENSIONS, snapshot)
    first.refresh()
    first.settle()
    first.close()
    library.remove(["/b"])
    keep(library, "/c", "three", "four", "five")
    embed(library)
    reads.clear()
    second = VectorIndex(library, EMBEDDER, DIMENSIONS, snapshot)
    second.refresh()
    assert (sum(reads), len(second)) == (3, count + 3)
    assert {id for id, _ in second.search(bytes(4 * DIMENSIONS), 4000, sorted(_vectors(library)))} == set(
        _vectors(library)
    )
    second.close()


def _snapped(library: LibraryStore, snapshot: Snapshot, keep: Keep, embed: Embed) -> bytes:
    """A library of 150 vectors and its snapshot's bytes."""
    keep(library, "/a", *(f"text {n}" for n in range(150)))
    embed(library)
    index = VectorIndex(library, EMBEDDER, DIMENSIONS, snapshot)
    index.refresh()
    index.close()
    return snapshot._path.read_bytes()


@pytest.mark.usefixtures("small_thresholds")
@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign", "another embedder", "another key"])
def test_a_wrong_or_damaged_snapshot_is_made_anew(
    library: LibraryStore, snapshot: Snapshot, keep: Keep, embed: Embed, reads: list[int], harm: str
) -> None:
    written = _snapped(library, snapshot, keep, embed)
    used, embedder = snapshot, EMBEDDER
    match harm:
        case "cut":
            snapshot._path.write_bytes(written[:-20])
        case "flipped":
            snapshot._path.write_bytes(written[:900] + bytes([written[900] ^ 1]) + written[901:])
        case "empty":
            snapshot._path.write_bytes(b"")
        case "foreign":
            snapshot._path.write_bytes(b"\0" * len(written))
        case "another embedder":
            embedder = "other@2"
            embed(library, 1000, embedder)
        case "another key":
            used = Snapshot(snapshot._path, bytes(32))
    reads.clear()
    index = VectorIndex(library, embedder, DIMENSIONS, used)
    index.refresh()
    assert (sum(reads), len(index)) == (150, 150)
    index.close()
    assert not list(snapshot._path.parent.glob("*.part"))


@pytest.mark.usefixtures("small_thresholds")
def test_a_snapshot_of_another_past_is_made_anew(
    snapshot: Snapshot, keep: Keep, embed: Embed, tmp_path: Path, key: bytes, reads: list[int]
) -> None:
    one = Database.open(tmp_path / "one.db", key)
    _snapped(LibraryStore(one), snapshot, keep, embed)
    one.close()
    other = Database.open(tmp_path / "other.db", key)
    library = LibraryStore(other)
    keep(library, "/a", *(f"other text {n}" for n in range(200)))
    embed(library)
    reads.clear()
    index = VectorIndex(library, EMBEDDER, DIMENSIONS, snapshot)
    index.refresh()
    assert sum(reads) == 200
    index.close()
    other.close()


@pytest.mark.usefixtures("small_thresholds")
def test_nothing_in_a_snapshot_can_be_read(library: LibraryStore, snapshot: Snapshot, keep: Keep, embed: Embed) -> None:
    written = _snapped(library, snapshot, keep, embed)
    assert EMBEDDER.encode() not in written
    held = Nearest.flat(DIMENSIONS)
    held.add(list(library.vectors_after(EMBEDDER, 0)))
    plain: list[bytes] = []
    held.write(lambda data: plain.append(data) or len(data))  # type: ignore[func-returns-value]
    codes = max(plain, key=len)
    assert codes[:64] not in written
    assert snapshot._path.stat().st_mode & 0o077 == 0


def test_a_large_snapshot_comes_back_in_pieces_and_cannot_be_cut_between_them(tmp_path: Path, key: bytes) -> None:
    snapshot = Snapshot(tmp_path / "a.snapshot", key)
    content = bytes(range(256)) * (9 << 12)
    snapshot.write(b"header", lambda write: [write(content[at : at + 99_991]) for at in range(0, len(content), 99_991)])
    with snapshot.read() as (header, read):
        assert header == b"header"
        assert b"".join(iter(lambda: read(1 << 20), b"")) == content
    raw = snapshot._path.read_bytes()
    piece = 5 + (4 << 20) + 16
    snapshot._path.write_bytes(raw[: 16 + 32 + 5 + 6 + 16 + piece])
    with snapshot.read() as (_, read):
        assert read(4 << 20) == content[: 4 << 20]
        with pytest.raises(SnapshotDamaged):
            read(1)
