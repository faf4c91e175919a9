"""Makes `model.onnx` from `e5-small-q4.bin`: multilingual-e5-small as int8 matrix products and a 4-bit word table.

Run once after the download. The same input gives the same bytes on every machine: arithmetic is elementwise in
IEEE float32, tensors are stored raw and little-endian, and nothing of time, order or versions gets into the file.

The graph takes `input_ids` (int64, batch × length; texts of one length, so nothing is padded and nothing is masked) and
gives `embedding` (float32, batch × 384, unit length). The word table stays in its 4-bit blocks, exactly. Each other
matrix becomes int8 with one scale per output; what is multiplied by it becomes uint8 as it comes, with one scale.
Two things keep that as good as float32 in retrieval:

- A few channels carry values many times larger than the rest and would take the whole range of uint8. They are divided
  by a power of two before, and the weights that they meet are multiplied by it (`_OUTLIERS`).
- Processors without VNNI add two products in 16 bits, which saturates when both weights are large. Scales are
  chosen so that no two neighbours can reach that: the integers are then exact, and the same on every processor.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, TYPES = 384, 12, 12, 1536, 250037, 512, 2
EPSILON = 1e-12
BLOCK = 32
_SHAPE = (HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, TYPES)
_FLOAT_KIND = 0
_BLOCK_BYTES = 2 + BLOCK // 2
_OPSET, _IR_VERSION = 23, 11
_CONTRIB = "com.microsoft"
_INT8_TOP = 127
_OUTLIERS: tuple[dict[str, dict[int, int]], ...] = (
    {"qkv": {15: 2, 87: 2, 321: 2}, "fi": {15: 2, 60: 4, 87: 2, 321: 4}, "fo": {318: 8}},
    {"qkv": {15: 4}, "fi": {15: 8, 321: 4}, "fo": {1462: 4}},
    {"qkv": {15: 2}, "fi": {15: 8, 321: 4}, "fo": {354: 4}},
    {"qkv": {15: 2}, "fi": {15: 8, 321: 2}, "fo": {408: 2, 803: 2}},
    {"qkv": {15: 2}, "fi": {15: 4}, "fo": {778: 32}},
    {"qkv": {}, "fi": {15: 2, 35: 8}, "fo": {658: 16}},
    {"qkv": {}, "fi": {15: 4, 35: 16}, "fo": {1152: 4, 1219: 2}},
    {"qkv": {}, "fi": {15: 2, 35: 8}, "fo": {413: 4}},
    {"qkv": {35: 2}, "fi": {15: 4, 35: 8}, "fo": {563: 2}},
    {"qkv": {15: 2, 35: 2}, "fi": {15: 4, 35: 8, 351: 2}, "fo": {}},
    {"qkv": {35: 4}, "fi": {15: 4, 35: 8, 351: 4}, "fo": {1128: 2, 1247: 2}},
    {"qkv": {35: 4}, "fi": {35: 8, 146: 4, 351: 2}, "fo": {119: 4, 554: 4, 712: 4, 934: 4, 1332: 2, 1371: 4}},
)
"""By layer and matrix: channels whose largest value, over Spanish and English texts, is beyond 1.5 × the 99th
percentile of all channels' largest values, and the power of two that brings it back there."""

Floats = NDArray[np.float32]


def build(folder: Path) -> list[Path]:
    """Write `folder/model.onnx` from `folder/e5-small-q4.bin` and name what was written.

    Raises OSError, and ValueError when the file is not these weights.
    """
    model = _model(Weights(folder / "e5-small-q4.bin"))
    target = folder / "model.onnx"
    part = folder / "model.onnx.part"
    part.write_bytes(model.SerializeToString(deterministic=True))
    part.replace(target)
    return [target]


# --- the weights ------------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where a tensor lies: kind of storage, number of elements, offset and length in bytes."""

    kind: int
    elements: int
    offset: int
    length: int


class Weights:
    """The tensors of the 4-bit file by name: `emb.word`, `emb.pos`, `l0.q.w`, `l0.q.b`…"""

    def __init__(self, path: Path) -> None:
        """Read the table of tensors. Raises OSError, and ValueError for a file of another kind."""
        self._bytes = np.fromfile(path, np.uint8)
        self._at = 0
        try:
            self._check_header()
            self._skip_tokenizer()
            self._places = self._read_places()
        except struct.error as cause:
            raise ValueError(f"{path.name} is cut short") from cause

    def floats(self, name: str) -> Floats:
        """A tensor as numbers, flat."""
        place = self._places[name]
        if place.kind == _FLOAT_KIND:
            return self._data(place).view("<f4").astype(np.float32)
        scales, values = self.blocks(name)
        return (values.astype(np.float32) * scales[:, None]).reshape(-1)

    def matrix(self, name: str, columns: int) -> Floats:
        """A tensor in rows of `columns` numbers."""
        return self.floats(name).reshape(-1, columns)

    def blocks(self, name: str) -> tuple[Floats, NDArray[np.int8]]:
        """A 4-bit tensor as it is: scales, and rows of 32 values from -8 to 7; a weight is its value × its scale."""
        rows = self._data(self._places[name]).reshape(-1, _BLOCK_BYTES)
        scales = rows[:, :2].copy().view("<f2").astype(np.float32).reshape(-1)
        packed = rows[:, 2:]
        values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.int8) - np.int8(8)
        return scales, values

    def _data(self, place: _Place) -> NDArray[np.uint8]:
        return self._bytes[place.offset : place.offset + place.length].copy()

    def _check_header(self) -> None:
        magic, version, *rest = self._take("4sI7ifi")
        shape, block = tuple(rest[:7]), rest[8]
        if (magic, version, shape, block) != (b"E5S1", 1, _SHAPE, BLOCK):
            raise ValueError("not the 4-bit weights of multilingual-e5-small")

    def _skip_tokenizer(self) -> None:
        pieces, _bos, _eos, _pad, _unknown, pieces_length = self._take("5iQ")
        offsets, scores = 4 * (pieces + 1), 4 * pieces
        self._at += offsets + scores + pieces_length
        _count, normalization_length = self._take("iI")
        self._at += normalization_length

    def _read_places(self) -> dict[str, _Place]:
        (tensors,) = self._take("i")
        places = {}
        for _ in range(tensors):
            (length,) = self._take("H")
            (name,) = self._take(f"{length}s")
            places[name.decode()] = _Place(*self._take("BIQQ"))
        return places

    def _take(self, layout: str) -> tuple[Any, ...]:
        """The next values of the file, little-endian and unaligned."""
        size = struct.calcsize("<" + layout)
        values = struct.unpack("<" + layout, self._bytes[self._at : self._at + size].tobytes())
        self._at += size
        return values


# --- the graph --------------------------------------------------------------------------------------------------------


class _Graph:
    """Nodes and constants in the order in which they are added; a node's output carries the node's name."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        kind = helper.np_dtype_to_tensor_dtype(values.dtype)
        return self.packed(name, kind, list(values.shape), little.tobytes())

    def packed(self, name: str, kind: int, shape: list[int], data: bytes) -> str:
        self.constants.append(helper.make_tensor(name, kind, shape, data, raw=True))
        return name

    def node(self, kind: str, name: str, inputs: list[str], **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name


def _model(weights: Weights) -> Any:
    graph = _Graph()
    hidden = _embed(graph, weights)
    for layer in range(LAYERS):
        hidden = _attend(graph, weights, layer, hidden)
        hidden = _think(graph, weights, layer, hidden)
    mean = graph.node("ReduceMean", "mean", [hidden, graph.constant("axis.length", np.array([1]))], keepdims=0)
    graph.node("LpNormalization", "embedding", [mean], axis=-1, p=2)
    made = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(
        made, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="lumbre", producer_version="1"
    )


def _embed(graph: _Graph, weights: Weights) -> str:
    """Word, position and type of each token, added and normalized."""
    scales, values = weights.blocks("emb.word")
    pairs = values.reshape(-1, 2).view(np.uint8) & 15
    table = graph.packed("emb.word", TensorProto.INT4, [VOCABULARY, HIDDEN], (pairs[:, 0] | pairs[:, 1] << 4).tobytes())
    scale = graph.constant("emb.word.scale", scales.reshape(VOCABULARY, HIDDEN // BLOCK))
    inputs = [table, "input_ids", scale]
    layout = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
    words = graph.node("GatherBlockQuantized", "words", inputs, domain=_CONTRIB, **layout)
    places = weights.matrix("emb.pos", HIDDEN) + weights.matrix("emb.type", HIDDEN)[0]
    first = graph.constant("axis.first", np.array([0]))
    length = graph.node("Shape", "length", ["input_ids"], start=1, end=2)
    positions = graph.node("Slice", "positions", [graph.constant("emb.pos", places), first, length, first])
    return _normalize(graph, weights, "emb.ln", words, positions)


def _attend(graph: _Graph, weights: Weights, layer: int, hidden: str) -> str:
    """Self-attention over the whole text, and its residual."""
    name = f"l{layer}."
    outliers = _OUTLIERS[layer]["qkv"]
    quantized = _quantize(graph, name + "qkv", hidden, HIDDEN, outliers)
    inputs = [_linear(graph, weights, name + part, quantized, HIDDEN, outliers) for part in "qkv"]
    attended = graph.node("Attention", name + "attention", inputs, q_num_heads=HEADS, kv_num_heads=HEADS)
    quantized = _quantize(graph, name + "ao", attended, HIDDEN, {})
    output = _linear(graph, weights, name + "ao", quantized, HIDDEN, {})
    return _normalize(graph, weights, name + "aln", output, hidden)


def _think(graph: _Graph, weights: Weights, layer: int, hidden: str) -> str:
    """The feed-forward half of a layer, and its residual."""
    name = f"l{layer}."
    outliers = _OUTLIERS[layer]
    quantized = _quantize(graph, name + "fi", hidden, HIDDEN, outliers["fi"])
    inner = _linear(graph, weights, name + "fi", quantized, HIDDEN, outliers["fi"])
    active = graph.node("Gelu", name + "gelu", [inner], domain=_CONTRIB)
    quantized = _quantize(graph, name + "fo", active, INNER, outliers["fo"])
    output = _linear(graph, weights, name + "fo", quantized, INNER, outliers["fo"])
    return _normalize(graph, weights, name + "oln", output, hidden)


class _Quantized(NamedTuple):
    """Names of uint8 values, their scale and their zero point."""

    values: str
    scale: str
    zero: str


def _quantize(graph: _Graph, name: str, hidden: str, width: int, outliers: dict[int, int]) -> _Quantized:
    """`hidden` as uint8, its outlying channels divided first."""
    if outliers:
        shares = graph.constant(name + ".shares", 1 / _factors(width, outliers))
        hidden = graph.node("Mul", name + ".shared", [hidden, shares])
    outputs = _Quantized(*(f"{name}.uint8{part}" for part in ("", ".scale", ".zero")))
    graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [hidden], list(outputs), name=name + ".quantize"))
    return outputs


def _linear(
    graph: _Graph, weights: Weights, name: str, inputs: _Quantized, width: int, outliers: dict[int, int]
) -> str:
    """Inputs × matrix + bias: integers inside, float32 outside."""
    matrix = (weights.matrix(name + ".w", width) * _factors(width, outliers)).T
    scale = _safe_scale(matrix)
    operands = [
        inputs.values,
        graph.constant(name + ".w", np.rint(matrix / scale).astype(np.int8)),
        inputs.scale,
        graph.constant(name + ".scale", scale),
        inputs.zero,
        graph.constant(name + ".zero", np.zeros(len(scale), np.int8)),
        graph.constant(name + ".b", weights.floats(name + ".b")),
    ]
    return graph.node("MatMulIntegerToFloat", name, operands, domain=_CONTRIB)


def _factors(width: int, outliers: dict[int, int]) -> Floats:
    factors = np.ones(width, np.float32)
    for channel, factor in outliers.items():
        factors[channel] = factor
    return factors


def _safe_scale(matrix: Floats) -> Floats:
    """A scale for each output such that neighbouring weights of one sign never sum to more than 128 in int8.

    Twice 255 × 64 is what 16 bits hold. Rounding adds at most 1 to a sum of 127.
    """
    sums = [(part[::2] + part[1::2]).max(axis=0) for part in (np.maximum(matrix, 0), np.maximum(-matrix, 0))]
    largest: Floats = np.maximum(*sums)
    return largest / np.float32(_INT8_TOP)


def _normalize(graph: _Graph, weights: Weights, name: str, left: str, right: str) -> str:
    # ONNX Runtime's fused SkipLayerNormalization is several times slower on a CPU than these two nodes.
    total = graph.node("Add", name + ".sum", [left, right])
    scale, shift = (graph.constant(name + part, weights.floats(name + part)) for part in (".w", ".b"))
    return graph.node("LayerNormalization", name, [total, scale, shift], axis=-1, epsilon=EPSILON)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
