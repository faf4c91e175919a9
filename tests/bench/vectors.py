"""The shelf's embedder with each vector kept in a file: ways of searching that share a text pay for it once."""
# Imported by the rivals too, with the Python of their own environment: only numpy and what the engine needs.

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from lumbre.engines.onnx_embedder import OnnxEmbedder

NAME = "multilingual-e5-small"
BATCH = 64
_SAY_SECONDS = 30


class KeptVectors:
    """An `Embedder` that embeds only what it never embedded before; a run that was stopped goes on from there."""

    def __init__(self, models: Path, file: Path) -> None:
        """`models` is the shelf's folder; `file` is made when it is not there."""
        self._embedder = OnnxEmbedder(models / NAME, NAME)
        with (models / NAME / "model.onnx").open("rb") as weights:
            self._version = hashlib.file_digest(weights, "sha256").hexdigest()
        self._kept = sqlite3.connect(file)
        self._kept.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        self.model = NAME
        self.dimensions = self._embedder.dimensions

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> bytes:
        """Unit vectors as float32, in the order given."""
        keys = [hashlib.sha256(f"{self._version}\0{kind}\0{text}".encode()).digest() for text in texts]
        known = {key: vector for key in dict.fromkeys(keys) if (vector := self._look_up(key)) is not None}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        missing = sorted(new.items(), key=lambda each: len(each[1]))
        said = time.monotonic()
        for at in range(0, len(missing), BATCH):
            known |= self._make(missing[at : at + BATCH], kind)
            if time.monotonic() - said > _SAY_SECONDS:
                said = time.monotonic()
                print(f"  embedded {at + BATCH} of {len(missing)}", flush=True)
        return b"".join(known[key] for key in keys)

    def _look_up(self, key: bytes) -> bytes | None:
        row = self._kept.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _make(self, some: Sequence[tuple[bytes, str]], kind: Literal["query", "passage"]) -> dict[bytes, bytes]:
        data = self._embedder.embed([text for _, text in some], kind)
        size = len(data) // len(some)
        made = {key: data[at * size : (at + 1) * size] for at, (key, _) in enumerate(some)}
        with self._kept:
            self._kept.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", made.items())
        return made

    def close(self) -> None:
        """Give the model back."""
        self._kept.close()
        self._embedder.close()
