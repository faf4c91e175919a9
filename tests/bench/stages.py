"""Where the time of indexing goes: reading, cutting, embedding, keeping; and what the embedder gives at its best."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import watch
from vectors import NAME

from lumbre.assistant import indexer as indexing
from lumbre.core.paths import Home
from lumbre.wiring import open_assistant

_PASSPHRASE = "only for this run"
_RAW_TEXTS = 2000
"""Texts of the bare loop at most, evenly drawn: enough that its speed stands."""
_BATCHES = (16, 64, 256, _RAW_TEXTS)
_STORE = {
    "keep", "link", "put_vectors", "unembedded", "waiting", "attempts", "mark_reading", "document_for", "file",
    "counts", "set_aside", "release",
}  # fmt: skip


def split(work: Path, documents: Path) -> None:
    """Index the documents in a new library with each stage clocked; print shares, chunks/s and share of the limit."""
    shutil.rmtree(work / "staged", ignore_errors=True)
    assistant = open_assistant(Home(work / "staged"), lambda _: _PASSPHRASE)
    seconds, texts = _clock(assistant._indexer)
    begun = time.perf_counter()
    counts = assistant.add([documents]).result()
    whole = time.perf_counter() - begun
    assistant.close()
    seconds["other"] = whole - sum(seconds.values())
    print(f"\nby stage: {counts.files} files ({counts.set_aside} set aside), {counts.chunks} chunks in {whole:.1f} s")
    for stage, spent in seconds.items():
        print(f"  {stage:<8}{spent:>9.2f} s{spent / whole:>8.1%}")
    if not texts:
        return
    limit = _raw(texts)
    embedding, all_in_all = len(texts) / seconds["embed"], len(texts) / whole
    print(
        f"{all_in_all:.1f} chunks/s; {embedding:.1f} while embedding; the embedder alone gives {limit:.1f}: "
        f"{embedding / limit:.0%} of its limit while embedding, {all_in_all / limit:.0%} all in all"
    )


def _clock(indexer: Any) -> tuple[dict[str, float], list[str]]:
    """Clock the worker's stages; the seconds of each and the texts embedded fill up as it works."""
    seconds = dict.fromkeys(("hash", "read", "cut", "keep", "embed"), 0.0)
    texts: list[str] = []

    def into(stage: str) -> Any:
        def tell(_: str, arguments: tuple[Any, ...], spent: float) -> None:
            seconds[stage] += spent
            if stage == "embed":
                texts.extend(arguments[0])

        return tell

    indexer._reader = watch.Clocked(indexer._reader, {"read"}, into("read"))
    indexer._library = watch.Clocked(indexer._library, _STORE, into("keep"))
    find = indexer._find_embedder
    indexer._find_embedder = lambda: watch.Clocked(find(), {"embed"}, into("embed"))
    for name, stage in (("cut", "cut"), ("detect", "cut"), ("fingerprint", "hash")):
        clocked = watch.Clocked(indexing, {name}, into(stage))
        setattr(indexing, name, getattr(clocked, name))
    return seconds, texts


def _raw(texts: list[str]) -> float:
    """Texts per second of the engine called in a bare loop, with the best of some sizes of batch."""
    from lumbre.core.paths import default_home
    from lumbre.engines.onnx_embedder import OnnxEmbedder

    some = texts[:: -(-len(texts) // _RAW_TEXTS)]
    models = Path(os.environ.get("LUMBRE_MODELS") or default_home() / "models")
    embedder = OnnxEmbedder(models / NAME, NAME)
    embedder.embed(some[:16], "passage")
    speeds = {}
    for size in _BATCHES:
        begun = time.perf_counter()
        for at in range(0, len(some), size):
            embedder.embed(some[at : at + size], "passage")
        speeds[size] = len(some) / (time.perf_counter() - begun)
    embedder.close()
    told = ", ".join(f"{size}: {speed:.1f}" for size, speed in speeds.items())
    print(f"the embedder alone over {len(some)} of the same texts, texts/s by batch: {told}")
    return max(speeds.values())
