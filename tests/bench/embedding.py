"""Embedding beside sentence-transformers: same e5 weights, same texts, turn about; speed, memory, retrieval.

The rival's environment and weights are those that the measurement "indexing" leaves in its --work folder. Each side
is a process of its own that answers one batch at a time, so that only one of them works at any moment.
"""
# The rival's half of this file is run with the rival's Python, so nothing of Lumbre is imported up here.

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME = "multilingual-e5-small"
XQUAD = Path(__file__).resolve().parents[3] / "shared" / "data" / "xquad"
PAIRS = ("es", "es"), ("es", "en"), ("en", "en"), ("en", "es")
TOP = 10

Embed = Callable[[list[str], str], bytes]


def main() -> int:
    """Measure both sides turn about and print figures and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="the --work folder of the measurement “indexing”")
    parser.add_argument("--texts", type=int, default=32, help="XQuAD paragraphs of a language in a turn")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--quality", action="store_true", help="hit at 1 and MRR over all of XQuAD, both sides")
    parser.add_argument("--side", choices=("lumbre", "rival"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        return _answer(_lumbre() if options.side == "lumbre" else _rival(options.work / "st"))
    rival = options.work / ("venv/Scripts/python.exe" if os.name == "nt" else "venv/bin/python")
    sides = {"lumbre": _Side(sys.executable, "lumbre", options.work), "rival": _Side(str(rival), "rival", options.work)}
    _compare_speed(sides, options.texts, options.times)
    if options.quality:
        for name, side in sides.items():
            _show_quality(name, side)
    return 0


# --- measuring --------------------------------------------------------------------------------------------------------


def _compare_speed(sides: dict[str, _Side], count: int, times: int) -> None:
    import numpy as np

    texts = [text for language in ("es", "en") for text in _xquad(language)[0][:count]]
    question = _xquad("es")[1][:1]
    turns: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for side in sides.values():
        side.embed(texts[:4], "passage")
    for _ in range(times):
        for name, side in sides.items():
            turns[name].append(side.embed(texts, "passage"))
    for name, each in turns.items():
        wall, cpu = (statistics.median(turn[key] for turn in each) for key in ("wall", "cpu"))
        query = statistics.median(sides[name].embed(question, "query")["wall"] for _ in range(20))
        print(
            f"{name:<8} {len(texts) / wall:6.1f} passages/s, {1000 * cpu / len(texts):6.1f} ms of processor each, "
            f"query {1000 * query:5.1f} ms, memory {each[-1]['memory_mb']:.0f} MB",
            flush=True,
        )
    for key, said in (("wall", "ratio of time"), ("cpu", "ratio of processor time")):
        ratios = [theirs[key] / ours[key] for ours, theirs in zip(turns["lumbre"], turns["rival"], strict=True)]
        print(f"{said} {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")
    cosines = np.sum(turns["lumbre"][0]["vectors"] * turns["rival"][0]["vectors"], axis=1)
    print(f"cosine between both: least {cosines.min():.4f}, mean {cosines.mean():.4f}", flush=True)


def _show_quality(name: str, side: _Side) -> None:
    import numpy as np

    sets = {language: _xquad(language) for language in ("es", "en")}
    passages = {language: side.embed(texts, "passage")["vectors"] for language, (texts, _, _) in sets.items()}
    questions = {language: side.embed(texts, "query")["vectors"] for language, (_, texts, _) in sets.items()}
    for asked, held in PAIRS:
        scores = questions[asked] @ passages[held].T
        gold = np.array(sets[asked][2])
        better = (scores > scores[np.arange(len(gold)), gold][:, None]).sum(axis=1)
        reciprocal = np.where(better < TOP, 1 / (better + 1), 0).mean()
        print(f"{name:<8} {asked}→{held} hit at 1 {(better == 0).mean():.4f}, MRR@10 {reciprocal:.4f}", flush=True)


def _xquad(language: str) -> tuple[list[str], list[str], list[int]]:
    """Paragraphs, questions, and the paragraph that each question is about."""
    articles = json.loads((XQUAD / f"xquad.{language}.json").read_text("utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    pairs = [(each["question"], at) for at, paragraph in enumerate(paragraphs) for each in paragraph["qas"]]
    return [paragraph["context"] for paragraph in paragraphs], [text for text, _ in pairs], [at for _, at in pairs]


class _Side:
    """A process that embeds with one of the two ways."""

    def __init__(self, python: str, side: str, work: Path) -> None:
        command = [python, __file__, "--work", str(work), "--side", side]
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "1"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def embed(self, texts: list[str], kind: str) -> dict[str, Any]:
        """The vectors, seconds of time and of processor, and memory in MB."""
        import numpy as np

        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([texts, kind]), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("one side ended early")
        answer: dict[str, Any] = json.loads(line)
        data = base64.b64decode(answer["vectors"])
        return {**answer, "vectors": np.frombuffer(data, "<f4").reshape(len(texts), -1)}


# --- the two sides, each in its own process ---------------------------------------------------------------------------


def _lumbre() -> Embed:
    from lumbre.core.paths import default_home
    from lumbre.engines.onnx_embedder import OnnxEmbedder

    models = Path(os.environ.get("LUMBRE_MODELS") or default_home() / "models")
    embedder = OnnxEmbedder(models / NAME, NAME)
    return lambda texts, kind: embedder.embed(texts, "query" if kind == "query" else "passage")


def _rival(folder: Path) -> Embed:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return lambda texts, kind: model.encode(texts, prompt=kind + ": ", normalize_embeddings=True).tobytes()


def _answer(embed: Embed) -> int:
    """Embed what each line of standard input asks for until it ends."""
    import psutil

    for line in sys.stdin:
        texts, kind = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        data = embed(texts, kind)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        memory = psutil.Process().memory_info().rss / 1e6
        answer = {"wall": wall, "cpu": cpu, "memory_mb": memory, "vectors": base64.b64encode(data).decode()}
        print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
