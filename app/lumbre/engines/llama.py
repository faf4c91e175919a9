"""Chat models in GGUF files, run by llama.cpp through its C interface."""

from __future__ import annotations

import codecs
import collections
import contextlib
import ctypes
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Literal

from lumbre.core.chat import ChatEvent, ChatRequest, Ended, EngineInfo, GenerationStats, Piece, Reading
from lumbre.core.errors import EngineDied, EngineMissing, ModelMissing, ModelWontLoad, PromptTooLong
from lumbre.core.protocols import Cancelled
from lumbre.engines import llama_memory
from lumbre.engines.llama_template import Template
from lumbre.engines.pace import Pace
from lumbre.engines.stops import Stops

_SLICE = 128
"""Prompt tokens read at once."""
_ABORTED = 2
_ERROR_LEVEL = 3
Reason = Literal["end", "length", "stopped"]


class LlamaEngine:
    """A loaded GGUF model. The prefix that a prompt shares with what was read before is not read again."""

    def __init__(self, path: Path, name: str, *, quantization: str = "", context: int = 0, threads: int = 0) -> None:
        """Load the file. Raises ModelMissing, EngineMissing, ModelWontLoad."""
        self._model: Any = None
        self._context: Any = None
        if not path.exists():
            raise ModelMissing(name=name)
        self._lib = _library()
        self._log = _ErrorLog(self._lib)
        threads = threads or llama_memory.usable_threads()
        self._pace = Pace(threads)
        self._open(path, name, context, threads)
        self._kept: list[int] = []
        """The tokens whose keys and values are in the context."""
        self._info = self._describe(name, quantization, threads)
        self._abort = self._lib.ggml_abort_callback(lambda _data: self._asked_to_stop())
        self._asked_to_stop: Callable[[], bool] = lambda: False
        self._warm_up()

    # --- loading ---

    def _open(self, path: Path, name: str, context: int, threads: int) -> None:
        lib = self._lib
        lib.llama_backend_init()
        options = lib.llama_model_default_params()
        options.n_gpu_layers = 999 if lib.llama_supports_gpu_offload() else 0
        self._model = lib.llama_model_load_from_file(str(path).encode(), options)
        if not self._model:
            raise ModelWontLoad(name=name, reason=self._log.last or "the file cannot be used")
        self._vocab = lib.llama_model_get_vocab(self._model)
        shape = lib.llama_context_default_params()
        shape.n_ctx = llama_memory.context_that_fits(lib, self._model, context)
        shape.n_batch = shape.n_ubatch = min(_SLICE, shape.n_ctx)
        shape.n_threads = shape.n_threads_batch = threads
        shape.no_perf = True
        self._context = lib.llama_init_from_model(self._model, shape)
        if not self._context:
            self.close()
            raise ModelWontLoad(name=name, reason=self._log.last or "not enough memory")
        self._memory = lib.llama_get_memory(self._context)
        self._template = Template(lib, self._model, name)

    def _describe(self, name: str, quantization: str, threads: int) -> EngineInfo:
        lib = self._lib
        said = (lib.llama_ftype_name(lib.llama_model_ftype(self._model)) or b"").decode()
        return EngineInfo(
            model=name,
            engine=f"llama.cpp {lib.llama_version().decode()}",
            device=llama_memory.device(lib),
            quantization=llama_memory.short_quantization(said) or quantization,
            context=lib.llama_n_ctx(self._context),
            threads=threads,
        )

    def _warm_up(self) -> None:
        """Touch every weight once, so that the first question does not wait for the disk."""
        self._lib.llama_set_warmup(self._context, True)
        self._decode([self._template.any_token])
        self._lib.llama_set_warmup(self._context, False)
        self._forget(0)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def count_tokens(self, text: str) -> int:
        return len(self._template.plain_tokens(text))

    # --- answering ---

    def chat(self, request: ChatRequest, cancelled: Cancelled) -> Iterator[ChatEvent]:
        begun = time.perf_counter()
        tokens = self._template.tokens(request.messages)
        limit = self._info.context - min(request.max_tokens, self._info.context // 4)
        if len(tokens) > limit:
            raise PromptTooLong(needed=len(tokens), limit=limit)
        cached = self._keep_shared(tokens)
        self._pace.begin()
        if not (yield from self._read(tokens, cached, cancelled)):
            yield Ended(GenerationStats(len(tokens), cached), "stopped")
            return
        yield from self._write(request, cancelled, _Measure(begun, len(tokens), cached))

    def _keep_shared(self, tokens: list[int]) -> int:
        """Drop what the context holds beyond the common prefix; how many tokens remain."""
        pairs = zip(self._kept, tokens[:-1], strict=False)
        same = next((at for at, (kept, token) in enumerate(pairs) if kept != token), None)
        shared = min(len(self._kept), len(tokens) - 1) if same is None else same
        return self._forget(shared)

    def _forget(self, keep: int) -> int:
        """Cut the context down to its first `keep` tokens; 0 where the model cannot be cut."""
        if not self._lib.llama_memory_seq_rm(self._memory, 0, keep, -1):
            self._lib.llama_memory_clear(self._memory, True)
            keep = 0
        del self._kept[keep:]
        return keep

    def _read(self, tokens: list[int], done: int, cancelled: Cancelled) -> Generator[Reading, None, bool]:
        """Read the prompt from token `done`; the generator's value is False when it was stopped."""
        with self._stoppable(cancelled):
            while done < len(tokens):
                yield Reading(done, len(tokens))
                self._keep_pace()
                if cancelled() or not self._decode(tokens[done : done + _SLICE]):
                    return False
                done = len(self._kept)
        yield Reading(done, len(tokens))
        return True

    @contextlib.contextmanager
    def _stoppable(self, cancelled: Cancelled) -> Iterator[None]:
        """Let `cancelled` interrupt a slice in hand. Not while writing: asking hundreds of times a token costs."""
        self._asked_to_stop = cancelled
        self._lib.llama_set_abort_callback(self._context, self._abort, None)
        try:
            yield
        finally:
            self._lib.llama_set_abort_callback(self._context, self._lib.ggml_abort_callback(), None)

    def _decode(self, tokens: list[int]) -> bool:
        """Run tokens through the model; False when it was interrupted, with the context as before."""
        batch = (self._lib.llama_token * len(tokens))(*tokens)
        code = self._lib.llama_decode(self._context, self._lib.llama_batch_get_one(batch, len(tokens)))
        if code == 0:
            self._kept += tokens
            return True
        self._forget(len(self._kept))
        if code == _ABORTED:
            return False
        raise EngineDied(reason=self._log.last or f"llama_decode returned {code}")

    def _keep_pace(self) -> None:
        if self._pace.look():
            self._lib.llama_set_n_threads(self._context, self._pace.threads, self._pace.threads)

    def _write(self, request: ChatRequest, cancelled: Cancelled, measure: _Measure) -> Iterator[ChatEvent]:
        text, stops = codecs.getincrementaldecoder("utf-8")("replace"), Stops(request.stop)
        with self._sampler(request) as sampler:
            reason: Reason = "length"
            while measure.written < request.max_tokens and len(self._kept) < self._info.context:
                if cancelled():
                    reason = "stopped"
                    break
                token = self._lib.llama_sampler_sample(sampler, self._context, -1)
                if self._lib.llama_vocab_is_eog(self._vocab, token):
                    reason = "end"
                    break
                if piece := stops.feed(text.decode(self._template.piece(token))):
                    yield Piece(piece)
                measure.token()
                if stops.met:
                    reason = "end"
                    break
                self._keep_pace()
                self._decode([token])
        if rest := stops.feed(text.decode(b"", final=True)) + stops.rest():
            yield Piece(rest)
        yield Ended(measure.stats(), reason)

    @contextlib.contextmanager
    def _sampler(self, request: ChatRequest) -> Iterator[Any]:
        lib = self._lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if request.temperature <= 0:
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
        else:
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_k(40))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_top_p(0.95, 1))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_min_p(0.05, 1))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_temp(request.temperature))
            lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_dist(request.seed & 0xFFFFFFFF))
        try:
            yield chain
        finally:
            lib.llama_sampler_free(chain)

    def close(self) -> None:
        if self._context:
            self._lib.llama_free(self._context)
        if self._model:
            self._lib.llama_model_free(self._model)
        self._context = self._model = None


class _Measure:
    """Counts an answer's tokens and the seconds they take."""

    def __init__(self, begun: float, prompt: int, cached: int) -> None:
        self._begun = begun
        self._prompt = prompt
        self._cached = cached
        self._first = self._last = begun
        self.written = 0

    def token(self) -> None:
        """One more token is there."""
        self._last = time.perf_counter()
        if not self.written:
            self._first = self._last
        self.written += 1

    def stats(self) -> GenerationStats:
        """What was measured."""
        took = self._last - self._first
        rate = (self.written - 1) / took if self.written > 1 and took else 0.0
        ttft = self._first - self._begun
        return GenerationStats(self._prompt, self._cached, self.written, ttft, rate)


class _ErrorLog:
    """Keeps the last error lines of llama.cpp in memory instead of printing everything."""

    def __init__(self, lib: Any) -> None:
        self._lines: collections.deque[str] = collections.deque(maxlen=5)
        self._callback = lib.llama_log_callback(self._take)
        lib.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _take(self, level: int, text: bytes, _data: object) -> None:
        if level == _ERROR_LEVEL and text.strip():
            self._lines.append(text.decode("utf-8", "replace").strip())

    @property
    def last(self) -> str:
        """The last error; empty when there was none."""
        return self._lines[-1] if self._lines else ""


def _library() -> Any:
    try:
        from llama_cpp import llama_cpp
    except (ImportError, OSError) as error:
        raise EngineMissing(engine="llama.cpp") from error
    return llama_cpp
