"""The index of the vectors in the database: a cache in memory that follows it, with a snapshot for the next start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from lumbre.store.library import LibraryStore
from lumbre.store.nearest import TRAINED_ON, Nearest, clusters_for
from lumbre.store.snapshot import Snapshot, SnapshotDamaged

AT_ONCE = 65_536
"""Vectors that a refresh takes in itself; when more are missing they come in the background."""
EXACT = 32
"""Of the nearest by codes, how many are compared by the database's own vectors, and how many ids a scope may name to be
searched by those alone: some 20 µs each."""
SNAPSHOT_LEAST = 20_000
"""Vectors under which reading them from the database is as quick as a snapshot."""
SNAPSHOT_CHANGE = 0.1
"""Share of the vectors that has to change before another snapshot is written while the program runs."""

_SLICE = 256
"""Vectors added while searches wait: some 10 ms."""


class _Header(msgspec.Struct, frozen=True):
    """What a snapshot stands for, to be checked against the database."""

    embedder: str
    dimensions: int
    count: int
    trained_for: int
    last: int
    """Id of the last vector in it, and the hash of that vector's text."""
    hash: bytes
    removed: int
    """Number of the last removal it knows of."""


class _Held(msgspec.Struct):
    """An index and how far it has followed the database."""

    nearest: Nearest
    last: int
    removed: int
    unsaved: int = 0
    """Vectors that came or went since the snapshot."""


class VectorIndex:
    """Nearest vectors by cosine. Safe to use from any thread.

    While it is being trained anew, in a thread of its own, the one before serves; no search waits for that.
    """

    def __init__(self, library: LibraryStore, embedder: str, dimensions: int, snapshot: Snapshot | None = None) -> None:
        """`snapshot` is where the index is kept between two runs; without, it is made from the database each time."""
        self._library = library
        self._embedder = embedder
        self._dimensions = dimensions
        self._snapshot = snapshot
        self._changing = threading.RLock()
        """Held by who adds or removes; taken before the other lock."""
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._frozen = False
        self._closing = False
        self._work: threading.Thread | None = None

    def __len__(self) -> int:
        """Vectors in the index, as of the last refresh."""
        with self._lock:
            return 0 if self._held is None else len(self._held.nearest)

    def refresh(self) -> None:
        """Take in what any process added to the library or removed from it since the last time.

        Where that is very much, the rest follows in the background.
        """
        with self._changing:
            if self._frozen or self._closing:
                return
            if self._held is None:
                held = self._restored() or _Held(Nearest.flat(self._dimensions), 0, self._library.last_removal())
                with self._lock:
                    self._held = held
            complete = self._follow(self._held, AT_ONCE)
            train = self._held.nearest.outgrown or (self._held.nearest.exact and not complete)
            if train or not complete or self._worth_saving(SNAPSHOT_CHANGE):
                self._begin(train)

    def search(self, vector: bytes, k: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Ids and cosines of the `k` nearest vectors, best first; `vector` is float32, `allowed` restricts the ids."""
        import numpy as np

        query = np.frombuffer(vector, "<f4")
        if allowed is not None and len(allowed) <= EXACT:
            return self._compared(query, allowed)[:k]
        with self._lock:
            found = [] if self._held is None else self._held.nearest.search(query, k, allowed)
            exact = self._held is None or self._held.nearest.exact
        if exact:
            return found
        first = self._compared(query, [id for id, _ in found[:EXACT]])
        return sorted([*first, *found[EXACT:]], key=lambda it: -it[1])

    def settle(self) -> None:
        """Wait until nothing is being done in the background."""
        work = self._work
        if work is not None:
            work.join()

    def close(self) -> None:
        """Stop what runs in the background and keep a snapshot if there is something new; idempotent."""
        self._closing = True
        self.settle()
        with self._changing:
            if self._worth_saving(0.0):
                self._save()
            with self._lock:
                self._held = None

    # --- following the database ---

    def _follow(self, held: _Held, most: int, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Bring an index up to the database, by up to `most` vectors; False when some are left."""
        # Removals are read first: a vector removed after that is still in the index, and finds no chunk.
        held.removed, gone = self._library.removed_after(held.removed)
        self._change(held, partial(held.nearest.remove, [id for id in gone if id <= held.last]), len(gone))
        taken = 0
        while go_on():
            reached, batch = self._library.vectors_page(self._embedder, held.last)
            if reached == held.last:
                return True
            if taken >= most:
                return False
            for at in range(0, len(batch), _SLICE):
                part = batch[at : at + _SLICE]
                self._change(held, partial(held.nearest.add, part), len(part))
            held.last = reached
            taken += len(batch)
        return False

    def _change(self, held: _Held, change: Callable[[], None], count: int) -> None:
        if count:
            held.unsaved += count
            with self._lock:
                change()

    def _compared(self, query: Any, ids: Sequence[int]) -> list[tuple[int, float]]:
        """Those vectors by their cosines as the database's own float16 give them, best first."""
        import numpy as np

        kept = self._library.vectors_by_id(self._embedder, ids)
        if not kept:
            return []
        rows = np.frombuffer(b"".join(vector for _, vector in kept), "<f2").reshape(len(kept), -1).astype("<f4")
        found = [(id, float(cosine)) for (id, _), cosine in zip(kept, rows @ query, strict=True)]
        return sorted(found, key=lambda it: -it[1])

    # --- in the background ---

    def _begin(self, train: bool) -> None:
        if self._work is None or not self._work.is_alive():
            self._work = threading.Thread(target=self._tend, args=(train,), name="vectors", daemon=True)
            self._work.start()

    def _goes_on(self) -> bool:
        return not self._closing

    def _tend(self, train: bool) -> None:
        """Train when that is due, catch up, and keep a snapshot."""
        if train:
            self._train()
        else:
            self._catch_up()
        with self._changing:
            worth = self._goes_on() and self._worth_saving(SNAPSHOT_CHANGE)
            self._frozen = worth
        if worth:
            try:
                self._save()
            finally:
                self._frozen = False

    def _catch_up(self) -> None:
        while self._goes_on():
            with self._changing:
                if self._held is None or self._follow(self._held, 1):
                    return

    def _train(self) -> None:
        """Make an index for as many vectors as there are now, and put it in the place of the one that serves."""
        removed = self._library.last_removal()
        nearest = self._trained(self._library.counts().embedded)
        if nearest is None:
            return
        held = _Held(nearest, 0, removed)
        while self._goes_on():
            if self._follow_apart(held):
                with self._changing, self._lock:
                    self._held = held
                return

    def _trained(self, count: int) -> Nearest | None:
        """An empty index for that many vectors; the sample it learns from is given back before it is filled."""
        import numpy as np

        sample = b"".join(self._library.sample_vectors(self._embedder, TRAINED_ON * clusters_for(count)))
        rows = np.frombuffer(sample, "<f2").reshape(-1, self._dimensions).astype("<f4")
        return Nearest.trained(rows, count, self._goes_on) if len(rows) else None

    def _follow_apart(self, held: _Held) -> bool:
        """As _follow, for an index that nobody searches yet, so that no search waits for it."""
        reached, batch = self._library.vectors_page(self._embedder, held.last)
        held.nearest.add(batch)
        held.unsaved += len(batch)
        done, held.last = reached == held.last, reached
        return done

    # --- the snapshot ---

    def _worth_saving(self, share: float) -> bool:
        held = self._held
        if self._snapshot is None or held is None or len(held.nearest) < SNAPSHOT_LEAST:
            return False
        return held.unsaved > share * len(held.nearest)

    def _save(self) -> None:
        """Write the index while nobody changes it; searches go on. A full disk costs only the snapshot."""
        held = self._held
        if self._snapshot is None or held is None:
            return
        count, trained_for = len(held.nearest), held.nearest.trained_for
        digest = self._library.vector_hash(held.last)
        header = _Header(self._embedder, self._dimensions, count, trained_for, held.last, digest, held.removed)
        with suppress(OSError):
            self._snapshot.write(msgspec.msgpack.encode(header), held.nearest.write)
        held.unsaved = 0

    def _restored(self) -> _Held | None:
        """The index as the snapshot holds it; None when there is none that this database stands behind."""
        if self._snapshot is None or not self._snapshot.exists():
            return None
        try:
            with self._snapshot.read() as (raw, read):
                header = msgspec.msgpack.decode(raw, type=_Header)
                if not self._stands_behind(header):
                    return None
                nearest = Nearest.read(read, header.trained_for)
        except (SnapshotDamaged, msgspec.DecodeError, RuntimeError, OSError):
            return None
        return _Held(nearest, header.last, header.removed) if len(nearest) == header.count else None

    def _stands_behind(self, header: _Header) -> bool:
        """Whether the database is the one that was snapped, or what became of it since."""
        if (header.embedder, header.dimensions) != (self._embedder, self._dimensions):
            return False
        if header.removed > self._library.last_removal() or header.last > self._library.last_vector():
            return False
        digest = self._library.vector_hash(header.last)
        gone = not digest and header.last in self._library.removed_after(header.removed)[1]
        return digest == header.hash or gone
