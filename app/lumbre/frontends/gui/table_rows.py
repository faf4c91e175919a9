"""The rows of a spreadsheet, found again in its extracted text ("Name: value | Name: value"). Free of Qt."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

SEPARATOR = " | "
TABLES = frozenset({"csv", "xlsx", "xls", "ods"})
"""Formats that are shown as tables."""
_LINE = re.compile(r"[^\n]+")


@dataclass
class Region:
    """Rows under one row of names; without names the cells stand as they come."""

    names: list[str] = field(default_factory=list)
    labelled: bool = False
    """Whether rows begin with a cell that no name stands over."""
    beyond: int = 0
    """Other cells without a name that a row has at most; they stand after the others."""

    @property
    def columns(self) -> list[str]:
        """The names over the cells, empty where there is none."""
        return [""] * self.labelled + self.names + [""] * self.beyond


@dataclass(frozen=True)
class Row:
    """One line of the text: its place, its region, and whether it is the row of names of that region."""

    start: int
    end: int
    region: Region
    heads: bool = False


class Sheet:
    """One sheet: its name, empty where it has none, and its rows in order."""

    def __init__(self, text: str, start: int, end: int, name: str) -> None:
        self.start = start
        self.name = name
        self._text = text
        self.rows = list(_rows(text, start, end))
        self._starts = [row.start for row in self.rows]
        widths = {id(row.region): len(row.region.columns) for row in self.rows if row.region.names}
        free = [text.count(SEPARATOR, row.start, row.end) + 1 for row in self.rows if not row.region.names]
        self.columns = max([1, *widths.values(), *free])

    def cells(self, at: int) -> list[str]:
        """The cells of a row in their columns."""
        row = self.rows[at]
        line = self._text[row.start : row.end]
        return row.region.columns if row.heads else placed(line, row.region)

    def is_line(self, at: int) -> bool:
        """Whether a row is a text that stands alone, not a row of cells."""
        row = self.rows[at]
        line = self._text[row.start : row.end]
        return not row.heads and SEPARATOR not in line and not _bears(line, row.region.names)

    def row_at(self, offset: int) -> int:
        """The row in which an offset into the text lies; the next one where it lies between two."""
        at = max(0, bisect_right(self._starts, offset) - 1)
        beyond = bool(self.rows) and offset > self.rows[at].end
        return min(at + beyond, max(0, len(self.rows) - 1))


def sheets(text: str, pages: list[int]) -> list[Sheet]:
    """The sheets of a workbook, empty ones left out; a table in a text file is one without a name."""
    if not pages:
        return [Sheet(text, 0, len(text), "")]
    found = []
    for start, end in zip(pages, [*pages[1:], len(text)], strict=True):
        line = _LINE.search(text, start, end)
        if line is not None:
            found.append(Sheet(text, line.end(), end, line[0].strip()))
    return found


class _Cells(NamedTuple):
    """The cells of a line: by column, before the first of those, and the others without a name."""

    named: list[tuple[int, str]]
    label: list[str]
    others: list[str]


def placed(line: str, region: Region) -> list[str]:
    """The cells of a line, each in the column that its name says."""
    if not region.names:
        return line.split(SEPARATOR)
    found = _told_apart(line, region.names)
    if not found.named:
        return found.label
    cells = [""] * len(region.names)
    for at, value in found.named:
        cells[at] = value
    return [SEPARATOR.join(found.label)] * region.labelled + cells + found.others


def _told_apart(line: str, names: list[str]) -> _Cells:
    found = _Cells([], [], [])
    last = -1
    for part in line.split(SEPARATOR):
        at, value = _column(part, names, last + 1)
        if at >= 0:
            found.named.append((at, value))
            last = at
        else:
            (found.others if found.named else found.label).append(part)
    return found


def _column(part: str, names: list[str], first: int) -> tuple[int, str]:
    """The column from `first` on whose name a cell bears, and the cell without it; -1 when there is none."""
    for at in range(first, len(names)):
        name = names[at]
        if part == name:
            return at, part
        if part.startswith(name) and part.startswith(": ", len(name)):
            return at, part[len(name) + 2 :]
    return -1, part


def _rows(text: str, start: int, end: int) -> Iterator[Row]:
    """The lines of a sheet with their regions: a new one begins where a line names the cells of the next."""
    lines = [match.span() for match in _LINE.finditer(text, start, end)]
    region = Region()
    before = ""
    for at, (first, last) in enumerate(lines):
        line = text[first:last]
        cells = _told_apart(line, region.names)
        if cells.named and ": " in line:
            region.labelled |= bool(cells.label)
            region.beyond = max(region.beyond, len(cells.others))
            yield Row(first, last, region)
            continue
        following = text[slice(*lines[at + 1])] if at + 1 < len(lines) else ""
        names = _names(line, following, before)
        if names:
            region = Region(names)
        elif region.names and SEPARATOR in line:
            region = Region()
        yield Row(first, last, region, heads=bool(names))
        before = line


def _bears(line: str, names: list[str]) -> bool:
    """Whether some cell of a line bears one of the names."""
    return any(_column(part, names, 0)[0] >= 0 for part in line.split(SEPARATOR))


def _names(line: str, following: str, above: str) -> list[str]:
    """The names of columns in a line, if the cells of the following line bear them; a group may stand before each."""
    own = line.split(SEPARATOR)
    if not following or (len(own) < 2 and SEPARATOR in following):
        return []
    groups = ["", *(f"{group} " for group in above.split(SEPARATOR) if group)]
    parts = following.split(SEPARATOR)
    names: list[str] = []
    borne = 0
    for name in own:
        name = name.rstrip(":")
        known = [f"{group}{name}" for group in groups]
        said = next((full for full in known if any(part.startswith(f"{full}: ") for part in parts)), "")
        borne += bool(said)
        names.append(said or name)
    return names if borne and 2 * borne >= min(len(own), len(parts)) else []
