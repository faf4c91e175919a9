"""Text to unit vectors with an ONNX model on ONNX Runtime."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from lumbre.core.errors import EngineDied, EngineMissing, ModelMissing, ModelWontLoad

_PREFIXES = {"query": "query: ", "passage": "passage: "}
_LONGEST = 512
"""Tokens that the model reads; what stands beyond is not embedded."""
_PROVIDERS = ["CPUExecutionProvider"]


class OnnxEmbedder:
    """An e5 model: `model.onnx` and `tokenizer.json` of a folder.

    Each text is run alone: nothing is padded, and its vector does not depend on what it was embedded with. Threads
    serve several texts at once, and the parts of one text when there is only one. May be called from several threads.
    """

    def __init__(self, folder: Path, name: str, threads: int = 0) -> None:
        """Load the model; `threads` 0 takes as many as there are cores.

        Raises ModelMissing, EngineMissing, ModelWontLoad.
        """
        files = folder / "tokenizer.json", folder / "model.onnx"
        if not all(file.is_file() for file in files):
            raise ModelMissing(name=name)
        self._name = name
        self._threads = threads or _cores()
        self._tokenizer = _load_tokenizer(files[0], name)
        self._session: Any = _load_session(files[1], name, self._threads)
        self._dimensions = int(self._session.get_outputs()[0].shape[-1])

    @property
    def model(self) -> str:
        """Name and version, as stored beside every vector."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return self._dimensions

    @property
    def devices(self) -> list[str]:
        """The execution providers that the model really runs on."""
        return list(self._session.get_providers()) if self._session else []

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        """Unit vectors as float32 little-endian, len(texts) × dimensions, in the order given. Raises EngineDied."""
        if not texts:
            return b""
        import numpy as np

        encodings = self._tokenizer.encode_batch_fast([_PREFIXES[kind] + text for text in texts])
        tokens = [np.array([encoding.ids], np.int64) for encoding in encodings]
        vectors = np.empty((len(texts), self._dimensions), "<f4")
        # Longest first, so that the threads end at about the same time.
        order = sorted(range(len(texts)), key=lambda at: -tokens[at].size)
        self._share(order, tokens, vectors)
        return vectors.tobytes()

    def _share(self, order: Sequence[int], tokens: list[Any], vectors: Any) -> None:
        """Fill `vectors` from several threads, this one among them; the first failure is raised."""
        session = self._session
        if session is None:
            raise EngineDied(reason="it was closed")
        waiting = iter(order)
        failures: list[Exception] = []

        def work() -> None:
            try:
                for at in _drawn(waiting, lock):
                    vectors[at] = session.run(None, {"input_ids": tokens[at]})[0][0]
            except Exception as cause:  # ONNX Runtime's errors have no common class of their own
                failures.append(cause)

        lock = threading.Lock()
        helpers = [threading.Thread(target=work, name="embed") for _ in range(min(self._threads, len(order)) - 1)]
        for helper in helpers:
            helper.start()
        work()
        for helper in helpers:
            helper.join()
        if failures:
            raise EngineDied(reason=str(failures[0])) from failures[0]

    def close(self) -> None:
        """Give the memory back; idempotent."""
        self._session = None


def _drawn(waiting: Iterator[int], lock: threading.Lock) -> Iterator[int]:
    """What is left of an iterator that several threads draw from."""
    while True:
        with lock:
            at = next(waiting, None)
        if at is None:
            return
        yield at


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load_tokenizer(file: Path, name: str) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise EngineMissing(engine="tokenizers") from None
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as cause:  # the library raises bare Exception
        raise ModelWontLoad(name=name, reason=f"its tokenizer: {cause}") from cause
    tokenizer.enable_truncation(_LONGEST)
    tokenizer.no_padding()
    return tokenizer


def _load_session(file: Path, name: str, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise EngineMissing(engine="ONNX Runtime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin between two operators would take the cores from the chat model and the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The graph is fused as it should be; the further levels would join LayerNormalization into a slower node.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=_PROVIDERS)
    except Exception as cause:  # ONNX Runtime's errors have no common class of their own
        raise ModelWontLoad(name=name, reason=str(cause)) from cause
