"""In which order the pieces of a page are read: down a column, then the next one; along the rows of a table."""

from __future__ import annotations

from statistics import median

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; down is more."""
Piece = tuple[str, Box]
Row = list[Piece]
"""Pieces at one height, from left to right."""

_COLUMN_LINES = 3
"""Lines that each side of a gutter must have."""
_LINE_LENGTH = 12
"""Least length of the usual line of a column, in heights of a line, some 25 letters: cells of a table are shorter."""
_CROSSING = 0.25
"""Share of the lines that may cross a gutter: titles and captions over both columns."""


def rows(pieces: list[Piece]) -> list[Row]:
    """All pieces as rows in reading order."""
    gutter = _gutter(pieces)
    if gutter is None:
        return _in_rows(pieces)
    found: list[Row] = []
    band: list[Piece] = []
    for piece in sorted(pieces, key=_top):
        if _crosses(piece, gutter):
            found += [*_both_sides(band, gutter), [piece]]
            band = []
        else:
            band.append(piece)
    return found + _both_sides(band, gutter)


def _both_sides(band: list[Piece], gutter: float) -> list[Row]:
    """What stands left of a gutter, then what stands right of it."""
    left = [piece for piece in band if piece[1][2] <= gutter]
    right = [piece for piece in band if piece[1][2] > gutter]
    return [row for side in (left, right) if side for row in rows(side)]


def _gutter(pieces: list[Piece]) -> float | None:
    """The white strip that parts two columns of text, the one that fewest lines cross; None when there is none."""
    edges = sorted({right for _, (_, _, right, _) in pieces})
    best: tuple[int, float] | None = None
    for edge in edges[:-1]:
        after = [box[0] for _, box in pieces if box[0] >= edge]
        if not after:
            continue
        gutter = (edge + min(after)) / 2
        crossing = sum(_crosses(piece, gutter) for piece in pieces)
        if (best is None or crossing < best[0]) and crossing <= _CROSSING * len(pieces) and _parts(pieces, gutter):
            best = (crossing, gutter)
    return None if best is None else best[1]


def _parts(pieces: list[Piece], gutter: float) -> bool:
    """Whether running text stands on both sides, at the same heights."""
    spans = []
    for right_side in (False, True):
        side = [box for _, box in pieces if (box[0] >= gutter if right_side else box[2] <= gutter)]
        if len(side) < _COLUMN_LINES:
            return False
        if median(box[2] - box[0] for box in side) < _LINE_LENGTH * median(box[3] - box[1] for box in side):
            return False
        spans.append((min(box[1] for box in side), max(box[3] for box in side)))
    (top, bottom), (other_top, other_bottom) = spans
    shared = min(bottom, other_bottom) - max(top, other_top)
    return shared > 0.3 * min(bottom - top, other_bottom - other_top)


def _crosses(piece: Piece, gutter: float) -> bool:
    return piece[1][0] < gutter < piece[1][2]


def _in_rows(pieces: list[Piece]) -> list[Row]:
    """Pieces from top to bottom; those whose middles lie within half a height of each other are one row."""
    found: list[Row] = []
    for piece in sorted(pieces, key=_middle):
        last = found[-1] if found else None
        if last is not None and _middle(piece) - _middle(last[-1]) < 0.5 * min(_height(piece), _height(last[-1])):
            last.append(piece)
        else:
            found.append([piece])
    return [sorted(row, key=lambda piece: piece[1][0]) for row in found]


def _top(piece: Piece) -> float:
    return piece[1][1]


def _middle(piece: Piece) -> float:
    return (piece[1][1] + piece[1][3]) / 2


def _height(piece: Piece) -> float:
    return piece[1][3] - piece[1][1]
