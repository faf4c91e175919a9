"""The recipe that makes e5-small's ONNX file: the same bytes each time, and the ones the catalogue names."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lumbre.assistant.shelf import catalogue
from lumbre.core.models import ModelFile
from lumbre.core.paths import recipes_dir

NAME = "multilingual-e5-small"
SHAPE = (384, 12, 12, 1536, 250037, 512, 2)
RECIPE = recipes_dir() / "e5_small_onnx.py"
BUILD = """
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("recipe", sys.argv[1])
recipe = importlib.util.module_from_spec(spec)
spec.loader.exec_module(recipe)
print(*recipe.build(pathlib.Path(sys.argv[2])))
"""


def _build(folder: Path, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BUILD, str(RECIPE), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": hash_seed})


def _published() -> ModelFile:
    model = next(model for model in catalogue() if model.name == NAME)
    return next(file for file in model.files if file.recipe)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _tensors(random: np.random.Generator) -> list[tuple[str, int, bytes]]:
    """Name, number of elements and bytes of every tensor, as the published file has them, with random values."""

    def plain(name: str, *shape: int) -> tuple[str, int, bytes]:
        return name, int(np.prod(shape)), random.normal(size=shape).astype("<f4").tobytes()

    def packed(name: str, *shape: int) -> tuple[str, int, bytes]:
        blocks = np.zeros((int(np.prod(shape)) // 32, 18), np.uint8)
        blocks[:, :2] = random.uniform(0.01, 0.02, len(blocks)).astype("<f2").view(np.uint8).reshape(-1, 2)
        blocks[:, 2:] = random.integers(0, 256, (len(blocks), 16), np.uint8)
        return name, int(np.prod(shape)), blocks.tobytes()

    made = [packed("emb.word", 250037, 384), plain("emb.pos", 512, 384), plain("emb.type", 2, 384)]
    made += [plain("emb.ln.w", 384), plain("emb.ln.b", 384)]
    for layer in range(12):
        for part, outputs, inputs in (*((each, 384, 384) for each in ("q", "k", "v", "ao")), ("fi", 1536, 384)):
            made += [packed(f"l{layer}.{part}.w", outputs, inputs), plain(f"l{layer}.{part}.b", outputs)]
        made += [packed(f"l{layer}.fo.w", 384, 1536), plain(f"l{layer}.fo.b", 384)]
        made += [plain(f"l{layer}.{part}", 384) for part in ("aln.w", "aln.b", "oln.w", "oln.b")]
    return made


def _weights(seed: int) -> bytes:
    """A file of the published layout, with a tokenizer of two pieces."""
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *SHAPE, 1e-12, 32)
    head += struct.pack("<5iQ3I2f", 2, 0, 2, 1, 3, 4, 0, 2, 4, 0.0, 0.0) + b"abcd" + struct.pack("<iI", 0, 3) + b"xyz"
    tensors = _tensors(np.random.default_rng(seed))
    table = b"".join(struct.pack("<H", len(name)) + name.encode() + b"\0" * 21 for name, _, _ in tensors)
    at = len(head) + 4 + len(table)
    table = struct.pack("<i", len(tensors))
    for name, elements, data in tensors:
        kind = int(len(data) != 4 * elements)
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, elements, at, len(data))
        at += len(data)
    return head + table + b"".join(data for _, _, data in tensors)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights of the published layout and what the recipe made of them."""
    folder = tmp_path_factory.mktemp("e5")
    (folder / "e5-small-q4.bin").write_bytes(_weights(seed=7))
    done = _build(folder, hash_seed="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(folder / "model.onnx")]
    return folder


def test_the_same_weights_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    shutil.copy(made / "e5-small-q4.bin", tmp_path)
    assert _build(tmp_path, hash_seed="2").returncode == 0
    assert _sha256(tmp_path / "model.onnx") == _sha256(made / "model.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e5-small-q4.bin", "model.onnx"]


def test_words_places_and_types_are_kept_exactly(made: Path) -> None:
    import onnx
    from onnx import numpy_helper

    model = onnx.load(made / "model.onnx")
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    tensors = {name: data for name, _, data in _tensors(np.random.default_rng(7))}
    blocks = np.frombuffer(tensors["emb.word"], np.uint8).reshape(250037, 12, 18)[1234]
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    kept = stored["emb.word"][1234].astype(np.float32).reshape(12, 32) * stored["emb.word.scale"][1234][:, None]
    assert np.array_equal(kept, nibbles * scales)
    places, types = (np.frombuffer(tensors[name], "<f4").reshape(-1, 384) for name in ("emb.pos", "emb.type"))
    assert np.array_equal(stored["emb.pos"], places + types[0])


def test_neighbouring_weights_cannot_saturate_16_bits(made: Path) -> None:
    for name, values in _integers(made / "model.onnx").items():
        wide = values.astype(np.int32)
        for sign in (np.maximum(wide, 0), np.maximum(-wide, 0)):
            assert (sign[::2] + sign[1::2]).max() * 255 < 2**15, name


def _integers(file: Path) -> dict[str, np.ndarray[Any, Any]]:
    import onnx
    from onnx import numpy_helper

    tensors = onnx.load(file).graph.initializer
    found = {each.name: numpy_helper.to_array(each) for each in tensors if each.name.endswith(".w")}
    matrices = {name: values for name, values in found.items() if values.dtype == np.int8}
    assert len(matrices) == 12 * 6
    return matrices


@pytest.mark.parametrize("content", [b"", b"GGUF" + bytes(500), struct.pack("<4sI7ifi", b"E5S1", 2, *SHAPE, 0, 32)])
def test_another_file_is_refused_and_nothing_is_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(content)
    done = _build(tmp_path)
    assert done.returncode != 0
    assert "ValueError" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["e5-small-q4.bin"]


def test_a_file_cut_short_is_refused(made: Path, tmp_path: Path) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes((made / "e5-small-q4.bin").read_bytes()[:60_000_000])
    assert "ValueError" in _build(tmp_path).stderr
    assert not (tmp_path / "model.onnx").exists()


@pytest.mark.model
def test_what_was_made_on_this_machine_is_what_the_catalogue_names(models_dir: Path) -> None:
    file, published = models_dir / NAME / "model.onnx", _published()
    if not file.exists():
        pytest.skip(f"no {file}: “lumbre models fetch {NAME}”")
    assert (file.stat().st_size, _sha256(file)) == (published.bytes, published.sha256)


@pytest.mark.model
def test_the_published_weights_give_what_the_catalogue_names(models_dir: Path, tmp_path: Path) -> None:
    weights = models_dir / NAME / "e5-small-q4.bin"
    if not weights.exists():
        pytest.skip(f"no {weights}: it is deleted once model.onnx is made")
    shutil.copy(weights, tmp_path)
    assert _build(tmp_path).returncode == 0
    assert _sha256(tmp_path / "model.onnx") == _published().sha256
