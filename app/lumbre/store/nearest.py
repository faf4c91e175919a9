"""Vectors in memory by nearness: every one compared while they are few, the likeliest clusters of them when many."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

FLAT_MOST = 40_000
"""Vectors up to which each is compared, in half precision: 3 ms on one core, nothing to train, nothing missed."""
GROWTH = 4
"""Times the vectors it was trained for after which an index is due to be trained anew."""
TRAINED_ON = 64
"""Vectors of the sample for each cluster."""
ROUNDS = 10
"""Of k-means; more move the recall by less than a thousandth."""


class Nearest:
    """A FAISS index of unit vectors with ids, by inner product. Not safe for several threads at once.

    A flat one is exact up to float16. A trained one (IVF with 8-bit codes of what a vector differs from its cluster's
    centre) takes half the memory and compares a part of them; its cosines are right to about 0.002.
    """

    def __init__(self, index: Any, trained_for: int) -> None:
        """Use `flat`, `trained` or `read`; `trained_for` is 0 for a flat one."""
        self._index = index
        self.trained_for = trained_for

    @classmethod
    def flat(cls, dimensions: int) -> Nearest:
        """An empty one that needs no training."""
        import faiss

        codes = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return cls(faiss.IndexIDMap(codes), 0)

    @classmethod
    def trained(cls, sample: Any, count: int, go_on: Callable[[], bool]) -> Nearest | None:
        """An empty one for some `count` vectors like those of `sample` (float32 rows); None once `go_on` says no."""
        import faiss

        _one_thread()
        dimensions, clusters = sample.shape[1], min(clusters_for(count), len(sample))
        kmeans: Any = faiss.Clustering(dimensions, clusters)
        kmeans.niter, kmeans.spherical = 1, True
        kmeans.min_points_per_centroid, kmeans.max_points_per_centroid = 1, TRAINED_ON
        centres = faiss.IndexFlatIP(dimensions)
        # A round at a time, each from the centres of the last, so that closing need not wait for all of them.
        for _ in range(ROUNDS):
            if not go_on():
                return None
            centres.reset()
            kmeans.train(sample, centres)
        codes = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexIVFScalarQuantizer(centres, dimensions, clusters, codes, faiss.METRIC_INNER_PRODUCT, True)
        index.train(sample)
        return cls(index, count)

    @classmethod
    def read(cls, read: Callable[[int], bytes], trained_for: int) -> Nearest:
        """One as `write` wrote it; `read(n)` gives at most n bytes. Raises RuntimeError when it is none."""
        import faiss

        untyped: Any = faiss
        return cls(faiss.read_index(untyped.PyCallbackIOReader(read)), trained_for)

    def write(self, write: Callable[[bytes], int]) -> None:
        """Hand all of it to `write`, piece by piece."""
        import faiss

        untyped: Any = faiss
        faiss.write_index(self._index, untyped.PyCallbackIOWriter(write))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def exact(self) -> bool:
        """Whether a search compares every vector."""
        return self.trained_for == 0

    @property
    def outgrown(self) -> bool:
        """Whether it holds so much more than it was made for that another should take its place."""
        return len(self) > (FLAT_MOST if self.exact else GROWTH * self.trained_for)

    def add(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Take in vectors (float16) by id."""
        import numpy as np

        if rows:
            _one_thread()
            vectors = np.frombuffer(b"".join(vector for _, vector in rows), "<f2").reshape(len(rows), -1)
            self._index.add_with_ids(vectors.astype("<f4"), np.array([id for id, _ in rows], "int64"))

    def remove(self, ids: Sequence[int]) -> None:
        """Drop vectors; ids that are not there are passed over."""
        import numpy as np

        if len(ids):
            self._index.remove_ids(np.array(ids, "int64"))

    def search(self, vector: Any, k: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Ids and cosines of the `k` nearest to a row of float32, best first; `allowed` restricts the ids."""
        if not len(self) or not k:
            return []
        _one_thread()
        parameters = self._parameters(allowed)
        scores, ids = self._index.search(vector.reshape(1, -1), min(k, len(self)), params=parameters)
        return [(int(id), float(score)) for id, score in zip(ids[0], scores[0], strict=True) if id >= 0]

    def _parameters(self, allowed: Sequence[int] | None) -> Any:
        import faiss

        untyped: Any = faiss  # its own stubs do not know these arguments
        chosen = {} if allowed is None else {"sel": _only(allowed)}
        if self.exact:
            return untyped.SearchParameters(**chosen)
        # Of a scope that is a tenth of all, as many are compared as without one: ten times the clusters.
        share = 1.0 if allowed is None else min(1.0, len(allowed) / len(self))
        probes = min(self._index.nlist, math.ceil(probes_for(self._index.nlist) / max(share, 1e-9)))
        return untyped.SearchParametersIVF(nprobe=probes, **chosen)


def clusters_for(count: int) -> int:
    """Into how many clusters that many vectors are divided."""
    return int(2 * math.sqrt(count))


def probes_for(clusters: int) -> int:
    """How many of the clusters are searched: measured over real questions, 0.98 of the ten nearest and more."""
    return min(clusters, max(96, clusters // 6))


def _one_thread() -> None:
    """One query runs on one core: OpenMP's waiting threads would only burn the others. It is said for each thread."""
    import faiss

    faiss.omp_set_num_threads(1)


def _only(ids: Sequence[int]) -> Any:
    """Restricts a search to some ids, by a bit for each id up to the last: quicker to make and to ask than a set."""
    import faiss
    import numpy as np

    wanted = np.asarray(ids, "int64")
    flags = np.zeros(int(wanted.max(initial=0)) + 1, bool)
    flags[wanted] = True
    untyped: Any = faiss  # its own stubs do not know these arguments
    return untyped.IDSelectorBitmap(np.packbits(flags, bitorder="little"))
