"""Tables of cells: each row says the names of its columns, so that it is understood where it is found alone."""

from __future__ import annotations

import re
from itertools import zip_longest

import msgspec

from lumbre.core.documents import Extracted
from lumbre.readers.base import Draft

_LABEL_LENGTH = 80
_VALUE = re.compile(r"[-+(]?[\d.,:/\s'%€$£°TZ-]*\d[\d.,:/\s'%€$£°)TZ-]*|TRUE|FALSE|true|false|#\S+")
_USUAL_NAME = re.compile(r"(?:sheet|hoja|tabelle|feuil(?:le)?|foglio|planilha|folha|full)\s?\d*", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")


class Covered(str):
    """What a merged cell says, in the other cells that it covers."""

    __slots__ = ()


def finish_workbook(draft: Draft, format_name: str) -> Extracted:
    """The document; the name that a program gave its first sheet is no title. Raises EmptyDocument."""
    found = draft.finish(format_name)
    return msgspec.structs.replace(found, title="") if _USUAL_NAME.fullmatch(found.title) else found


class Table:
    """The tables of one sheet, row by row; empty rows part them, and lone cells above a table are text.

    The first row of a table that holds only names heads it; a row above it whose cells each span several columns
    lends them its names. After a gap a table goes on under the same names unless it has its own.
    """

    def __init__(self, draft: Draft, heading: str = "") -> None:
        self._draft = draft
        self._heading = heading
        self._held: list[str] = []
        self._names: list[str] = []
        self._groups: list[str] = []
        self._opening = True
        """Whether a row that names the columns may still come."""

    def add(self, row: list[str]) -> None:
        """Add the next row."""
        row = [type(cell)(" ".join(cell.split())) for cell in row]
        self._take(self._held, row)
        self._held = row

    def end(self) -> None:
        """Add the last row."""
        self._take(self._held, [])

    def _take(self, row: list[str], following: list[str]) -> None:
        """Add a row, knowing the one that follows."""
        filled, own = _filled(row), _own(row)
        shown = " | ".join(own)
        if not filled:
            self._opening, self._groups = True, []
            return
        self._head()
        if _is_lone(row, following) and (self._opening or filled[0] == 0):
            self._draft.add(shown, "paragraph" if self._opening else "row")
        elif self._opening and _is_above_header(row, following):
            self._groups = row if len(own) < len(filled) else []
            self._draft.add(shown, "row")
        elif self._opening and self._is_header(row, following):
            self._names = [_joined(*pair) for pair in zip_longest(self._groups, row, fillvalue="")]
            self._opening, self._groups = False, []
            self._draft.add(shown, "row")
        else:
            self._opening = False
            cells = [index for index in filled if not _goes_on(row, index)]
            self._draft.add(" | ".join(self._named(row, index) for index in cells), "row")

    def _head(self) -> None:
        """Add the heading before the first row that holds something."""
        if self._heading:
            self._draft.add(self._heading, "heading", 1)
            self._heading = ""

    def _is_header(self, row: list[str], following: list[str]) -> bool:
        """Whether a row names the columns of what follows."""
        filled, below = _filled(row), _filled(following)
        labels = all(_is_label(row[index]) for index in filled)
        if not labels or len(below) < 2 or (len(filled) == 2 and row[filled[0]].endswith(":")):
            return False
        known = [index for index, name in enumerate(self._names) if name]
        others = any(index in below and not _is_label(following[index]) for index in filled)
        return not known or known != filled or others

    def _named(self, row: list[str], index: int) -> str:
        """A cell with the name of its column."""
        name = self._names[index] if index < len(self._names) else ""
        return f"{name.rstrip(':')}: {row[index]}" if name and name != row[index] else row[index]


def _filled(row: list[str]) -> list[int]:
    """The columns of a row that hold something."""
    return [index for index, cell in enumerate(row) if cell]


def _own(row: list[str]) -> list[str]:
    """What stands in a row itself."""
    return [cell for cell in row if cell and not isinstance(cell, Covered)]


def _goes_on(row: list[str], index: int) -> bool:
    """Whether a cell is covered by the one on its left."""
    return index > 0 and isinstance(row[index], Covered) and row[index - 1] == row[index]


def _is_lone(row: list[str], following: list[str]) -> bool:
    """Whether a row is one cell, perhaps merged over the whole width of what follows."""
    filled = _filled(row)
    part = len(filled) > 1 and set(filled) < set(_filled(following))
    return len({row[index] for index in filled}) == 1 >= len(_own(row)) and not part


def _is_above_header(row: list[str], following: list[str]) -> bool:
    """Whether a row says something of the columns that the following row names one by one."""
    own, below = len(_own(row)), len(_own(following))
    labels = all(_is_label(cell) for cell in [*row, *following] if cell)
    return labels and (own < below if own < len(_filled(row)) else 2 * own <= below)


def _joined(group: str, name: str) -> str:
    """The name of a column under that of its group."""
    return f"{group} {name}" if group and name and group != name else name or group


def _is_label(cell: str) -> bool:
    """Whether a cell can be the name of a column: words, or a year."""
    return len(cell) <= _LABEL_LENGTH and not (_VALUE.fullmatch(cell) and not _YEAR.fullmatch(cell))
