"""Rows of tables on PDF pages: lines with wide gaps, near others of their kind."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from statistics import median
from typing import Any

from lumbre.readers.pdf_layout import Line

_GAP = 1.2
"""Width of a gap between cells, in sizes of the letters; the widest spaces of justified text are narrower."""
_LOOSE = 1.1
"""Times the usual width of a letter, spaces included, from which a line is searched for gaps: that keeps it quick."""
_WIDTH = 0.43
"""Usual width of a letter at most, in heights of its font's box: a page may be nothing but a table."""
_CELL_LENGTH = 45
"""Mean characters of a cell up to which a line is a row: lines of two columns side by side are longer."""
_MARKER = 5
"""Characters of a bullet or number before an item or a heading: the gap after it parts no cells."""


def with_rows(text_page: Any, text: str, lines: list[Line]) -> list[Line]:
    """The lines of a page, those of a row put together, with the number of their cells."""
    joined = _gathered(text, lines)
    if not joined:
        return joined
    usual = min(_WIDTH, median(_width(line) for line in joined))
    counted = [
        line._replace(cells=_cells(text_page, text, line))
        if line.cells == 1 and _width(line) > _LOOSE * usual
        else line
        for line in joined
    ]
    rows = {
        at
        for first, second in pairwise(range(len(counted)))
        for at in (first, second)
        if _is_row(counted[first]) and _is_row(counted[second])
    }
    return [line if at in rows else line._replace(cells=1) for at, line in enumerate(counted)]


def _gathered(text: str, lines: list[Line]) -> list[Line]:
    """Lines that the engine gives in pieces, one after the other at one height, as one."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if (
            last is not None
            and abs(last.bottom - line.bottom) < 0.4 * line.size
            and line.left - last.right > _GAP * line.size
            and not text[last.end : line.start].strip()
            and last.end - last.start > _MARKER
        ):
            found[-1] = last._replace(end=line.end, right=line.right, cells=last.cells + 1)
        else:
            found.append(line)
    return found


def _width(line: Line) -> float:
    """Mean width of a character, in sizes of the letters."""
    return (line.right - line.left) / ((line.end - line.start) * max(line.size, 0.1))


def _cells(text_page: Any, text: str, line: Line) -> int:
    """How many pieces stand apart on a line."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    at_box = ctypes.byref(box)
    cells, index = 1, line.start
    while (space := text.find(" ", index, line.end)) > 0:
        index = space + 1
        if (space - line.start <= _MARKER and cells == 1) or text[index : index + 1].isspace():
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, space - 1, at_box)
        right = box.right
        pdfium.FPDFText_GetLooseCharBox(text_page, index, at_box)
        cells += box.left - right > _GAP * line.size
    return cells


def _is_row(line: Line) -> bool:
    return line.cells > 1 and line.end - line.start <= _CELL_LENGTH * line.cells
