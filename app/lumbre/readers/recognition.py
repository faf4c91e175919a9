"""Text in pictures: RapidOCR finds and reads the lines, with the models of its own package and nothing else."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lumbre.readers.page_order import Box, Piece, Row, rows
from lumbre.readers.pdf_layout import Line

LONGEST_SIDE = 2000
"""Pixels of the longer side of a picture to recognise: some 170 dots per inch of an A4 page."""
_DETECTION_SIDE = 1280
"""Lines are sought in a smaller picture than they are read in: a third of the time and 150 MB less, as many lines."""
_THREADS = 4
_SURE = 0.9
"""Mean score of a page below which it may stand on its head."""
_CELL_GAP = " | "
_BODY = 10.0
"""Points that most letters of a page are taken to be high: layout only compares sizes."""
_SIZES = (5.0, 7.5, 14.0, 18.0, 25.0, 35.0)
"""Sizes told apart, each from its own height up."""


class Recognised(NamedTuple):
    """What stands in a picture, in reading order: a line of `text` for each line of the layout."""

    text: str
    lines: list[Line]
    boxes: list[tuple[int, int, Box]]
    """Characters start..end of `text` and where they stand: left, top, right, bottom in shares of the picture."""


def boxes_of(page: Recognised, spans: list[tuple[int, int]], width: int, height: int) -> list[Box]:
    """Rectangles (x, y, width, height) of spans in a picture of that size; letters count as equally wide."""
    found = []
    for start, end in spans:
        for first, last, (left, top, right, bottom) in page.boxes:
            begin, finish = max(start, first), min(end, last)
            if begin >= finish:
                continue
            if right - left >= bottom - top:
                step = (right - left) / (last - first)
                left, right = left + step * (begin - first), left + step * (finish - first)
            found.append((left * width, top * height, (right - left) * width, (bottom - top) * height))
    return found


class _Found(NamedTuple):
    """The lines of a picture, and how sure the engine is of them: its mean score by letter."""

    pieces: list[Piece]
    sure: float


def recognise(picture: Any) -> Recognised:
    """The text in a picture (height × width × 3 bytes), also when it lies on its side or upside down."""
    import numpy as np

    found, turns = _found(picture), 0
    tall = sum(
        bottom - top > 1.5 * (right - left) for text, (left, top, right, bottom) in found.pieces if len(text) > 2
    )
    if 2 * tall > sum(len(text) > 2 for text, _ in found.pieces):
        picture, turns = np.ascontiguousarray(np.rot90(picture)), 1
        found = _found(picture)
    if found.pieces and found.sure < _SURE:
        other = _found(np.ascontiguousarray(np.rot90(picture, 2)))
        if other.sure > found.sure:
            found, turns = other, turns + 2
    height, width = picture.shape[:2]
    return _laid_out(rows(found.pieces), width, height, turns)


def _found(picture: Any) -> _Found:
    """Each line that is found, with its upright box in pixels."""
    answer = _engine()(picture)
    if answer.boxes is None or answer.txts is None:
        return _Found([], 0.0)
    found: list[Piece] = []
    score = letters = 0.0
    for text, corners, sure in zip(answer.txts, answer.boxes.tolist(), answer.scores, strict=True):
        across, down = [x for x, _ in corners], [y for _, y in corners]
        score, letters = score + sure * len(text), letters + len(text)
        if text := " ".join(text.split()):
            found.append((text, (min(across), min(down), max(across), max(down))))
    return _Found(found, score / max(1.0, letters))


def _laid_out(found: list[Row], width: int, height: int, turns: int) -> Recognised:
    """Text and lines of rows in reading order."""
    text = ""
    lines: list[Line] = []
    boxes: list[tuple[int, int, Box]] = []
    scale = _BODY / _usual_height(found)
    for row in found:
        start = len(text)
        for number, (words, box) in enumerate(row):
            text += _CELL_GAP if number else ""
            boxes.append((len(text), len(text) + len(words), _turned(box, width, height, turns)))
            text += words
        top, bottom = min(box[1] for _, box in row), max(box[3] for _, box in row)
        left, right = row[0][1][0] * scale, max(box[2] for _, box in row) * scale
        size = _even((bottom - top) * scale)
        low = (height - bottom) * scale
        lines.append(Line(start, len(text), left, right, low, size, mono=False, bold=False, cells=len(row)))
        text += "\n"
    return Recognised(text.rstrip("\n"), lines, boxes)


def _usual_height(found: list[Row]) -> float:
    """Height in pixels of the line in which the middle letter of the page stands."""
    heights = sorted((box[3] - box[1], len(text)) for row in found for text, box in row)
    letters, half = 0, sum(length for _, length in heights) / 2
    for height, length in heights:
        letters += length
        if letters >= half:
            return max(1.0, height)
    return _BODY


def _even(size: float) -> float:
    """The nearest of a few sizes: the boxes of one font differ with the letters in them."""
    return max((usual for usual in _SIZES if usual <= size), default=_SIZES[0])


def _turned(box: Box, width: int, height: int, turns: int) -> Box:
    """A box of a picture that was turned so many quarters counterclockwise, in shares of the picture as it was."""
    left, top, right, bottom = box[0] / width, box[1] / height, box[2] / width, box[3] / height
    if turns >= 2:
        left, top, right, bottom = 1 - right, 1 - bottom, 1 - left, 1 - top
    if turns % 2:
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return left, top, right, bottom


@cache
def _engine() -> Any:
    """The engine; its models are named, so that it looks for none elsewhere."""
    import cv2
    import rapidocr

    cv2.setNumThreads(1)
    models = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": LONGEST_SIDE,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTION_SIDE,
            # It takes upright lines for ones on their heads; whole pages are tried instead.
            "Global.use_cls": False,
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            # One at a time: a batch is padded to its longest line, which costs more than it saves.
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": min(_THREADS, os.cpu_count() or 1),
        }
    )
