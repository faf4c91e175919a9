"""What calamine does not tell of an XLSX: how far apart its cells stand, and which of them show a percentage."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from lumbre.core.errors import DocumentTooLarge
from lumbre.readers.base import MEGABYTE
from lumbre.readers.package import attribute_of, children_of, main_part, name_of, parsed, relations

_CELLS = 5_000_000
"""Cells between the first and the last of a sheet: calamine makes room for the empty ones too."""
_CELL_BYTES = 32
_PERCENT_CELLS = 1_000_000
_PERCENT_FORMATS = frozenset({"9", "10"})
"""The numbers of the formats "0%" and "0.00%", which no file spells out."""
_READ = 4 * MEGABYTE
_LONGEST_TAG = 4096
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")


def check_areas(archive: zipfile.ZipFile) -> None:
    """Refuse sheets whose first and last cells are so far apart that what lies between fills the memory.

    Raises DocumentTooLarge.
    """
    for name in archive.namelist():
        if name.lower().endswith(".xml"):
            _check_area(archive, name)


def percent_cells(archive: zipfile.ZipFile) -> dict[str, frozenset[tuple[int, int]]]:
    """By the name of its sheet, the row and column from 0 of each cell that shows its value as a percentage."""
    main = main_part(archive, "spreadsheetml")
    related = relations(archive, main)
    styles = next((_percent_styles(archive, part) for kind, part in related.values() if kind == "styles"), [])
    found = {}
    for sheet in children_of(parsed(archive, main), "sheets"):
        relation = related.get(next((value for key, value in sheet.attrib.items() if key.endswith("}id")), ""))
        if styles and relation and relation.part in archive.namelist():
            found[attribute_of(sheet, "name")] = frozenset(_styled(archive, relation.part, styles))
    return found


def _check_area(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a part whose cells are too far apart."""
    columns: set[bytes] = set()
    rows: set[int] = set()
    for piece in _pieces(archive, name):
        places = _PLACE.findall(piece)
        columns.update(column for column, _ in places)
        numbers = {int(row) for _, row in places} | rows
        rows = {min(numbers), max(numbers)} if numbers else rows
    if rows:
        indexes = [_column(column) for column in columns]
        cells = (max(indexes) - min(indexes) + 1) * (max(rows) - min(rows) + 1)
        if cells > _CELLS:
            raise DocumentTooLarge(size=cells * _CELL_BYTES // MEGABYTE, limit=_CELLS * _CELL_BYTES // MEGABYTE)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part piece by piece; a tag that two pieces share is whole in the second."""
    rest = b""
    with archive.open(name) as stream:
        while read := stream.read(_READ):
            piece = rest + read
            yield piece
            start = piece.rfind(b"<", -_LONGEST_TAG)
            rest = piece[start:] if start >= 0 else b""


def _percent_styles(archive: zipfile.ZipFile, part: str) -> list[str]:
    """The numbers of the cell styles that show percentages."""
    root = parsed(archive, part)
    shown = _PERCENT_FORMATS | {
        attribute_of(element, "numFmtId")
        for element in children_of(root, "numFmts")
        if "%" in attribute_of(element, "formatCode")
    }
    styles = (element for element in children_of(root, "cellXfs") if name_of(element) == "xf")
    return [str(number) for number, style in enumerate(styles) if attribute_of(style, "numFmtId") in shown]


def _styled(archive: zipfile.ZipFile, part: str, styles: list[str]) -> set[tuple[int, int]]:
    """The cells of a sheet that have one of the styles; none when there are too many to remember."""
    either = "|".join(styles).encode()
    cell = re.compile(rb"""<(?:\w+:)?c(?=\s[^>]*?\ss=["'](?:%b)["'])[^>]*?%b""" % (either, _PLACE.pattern))
    found: set[tuple[int, int]] = set()
    for piece in _pieces(archive, part):
        found.update((int(row) - 1, _column(column) - 1) for column, row in cell.findall(piece))
        if len(found) > _PERCENT_CELLS:
            return set()
    return found


def _column(letters: bytes) -> int:
    """The number of a column by its letters, from 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
