"""What llama.cpp may use of this machine, and what it says it uses."""

from __future__ import annotations

import ctypes
import os
from typing import Any

_CONTEXT_LIMIT = 8192
_CONTEXT_LEAST = 2048
_SPARE = 512 * 2**20
"""Bytes left to everybody else, llama.cpp's working buffers included."""
_GPU_TYPES = {1: "GPU", 2: "GPU", 3: "accelerator"}


def usable_threads() -> int:
    """Threads for a model: the physical cores this process may use, all but one where there are more than four."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(psutil.cpu_count(logical=False) or allowed, allowed)
    return max(1, cores - 1 if cores > 4 else cores)


def context_that_fits(lib: Any, model: Any, wanted: int) -> int:
    """Tokens of context: what is wanted, or the most up to 8,192 that the model knows and free memory holds."""
    trained = int(lib.llama_model_n_ctx_train(model)) or _CONTEXT_LIMIT
    if wanted:
        return min(wanted, trained)
    import psutil

    free = psutil.virtual_memory().available - _SPARE
    fits = max(free, 0) // max(bytes_per_token(lib, model), 1)
    return min(trained, _CONTEXT_LIMIT, max(int(fits) // 256 * 256, _CONTEXT_LEAST))


def bytes_per_token(lib: Any, model: Any) -> int:
    """Bytes of keys and values that one token of context takes, in 16-bit."""
    heads = int(lib.llama_model_n_head(model)) or 1
    width = int(lib.llama_model_n_embd(model)) // heads * int(lib.llama_model_n_head_kv(model))
    return 2 * 2 * width * int(lib.llama_model_n_layer(model))


def short_quantization(name: str) -> str:
    """ "Q4_K - Medium" as people write it: "Q4_K_M"."""
    base, _, size = name.removeprefix("(guessed) ").partition(" - ")
    return f"{base}_{size[0]}" if size else base


def device(lib: Any) -> str:
    """What computes, by llama.cpp's own registry: "CPU (AMD EPYC)" or "GPU (NVIDIA …)"."""
    found = _devices()
    best = next((known for known in found if known[0] != "CPU"), None) if lib.llama_supports_gpu_offload() else None
    kind, text = best or next((known for known in found if known[0] == "CPU"), ("CPU", ""))
    return f"{kind} ({text})" if text else kind


def _devices() -> list[tuple[str, str]]:
    """Kind and description of each device that ggml knows."""
    from llama_cpp._ggml import libggml as lib

    lib.ggml_backend_dev_count.restype = ctypes.c_size_t
    lib.ggml_backend_dev_get.restype = ctypes.c_void_p
    lib.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    lib.ggml_backend_dev_description.restype = ctypes.c_char_p
    lib.ggml_backend_dev_description.argtypes = [ctypes.c_void_p]
    lib.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    devices = [lib.ggml_backend_dev_get(at) for at in range(lib.ggml_backend_dev_count())]
    return [
        (_GPU_TYPES.get(lib.ggml_backend_dev_type(one), "CPU"), (lib.ggml_backend_dev_description(one) or b"").decode())
        for one in devices
    ]
