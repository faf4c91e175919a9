"""What calamine does not tell of a workbook: how far apart its cells stand, and which of them show a percentage."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator, Sequence

from lumbre.core.errors import DamagedDocument, DocumentTooLarge
from lumbre.readers.base import MEGABYTE, File
from lumbre.readers.package import attribute_of, children_of, main_part, name_of, parsed, relations

_CELLS = 5_000_000
"""Cells between the first and the last of a sheet: calamine makes room for the empty ones too."""
_CELL_BYTES = 32
_PERCENT_CELLS = 1_000_000
_PERCENT_FORMATS = frozenset({"9", "10"})
"""The numbers of the formats "0%" and "0.00%", which no file spells out."""
_SHEET_START = 0x0809
_RUN = 0x00BD
"""Several numbers in a row; it ends with its last column."""
_CELL_RECORDS = frozenset({_RUN, 0x0006, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E})
"""Formula, number, label, Boolean, rich text, shared text and short number."""
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


def check_old_areas(file: File) -> None:
    """The same for an XLS. Raises DamagedDocument and DocumentTooLarge."""
    import olefile

    try:
        with olefile.OleFileIO(file.source) as container:
            name = next((name for name in ("Workbook", "Book") if container.exists(name)), "")
            stream = container.openstream(name).read() if name else b""
            container.loadminifat()
            # calamine would follow such a chain for ever.
            if _has_cycle(container.fat) or _has_cycle(container.minifat):
                raise DamagedDocument(reason="broken workbook")
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise DamagedDocument(reason="broken workbook") from error
    sheet = 0
    reached: dict[int, tuple[int, int, int, int]] = {}
    for number, content in _records(stream):
        sheet += number == _SHEET_START
        if number in _CELL_RECORDS and len(content) >= 6:
            row, first = struct.unpack_from("<HH", content)
            last = struct.unpack_from("<H", content, len(content) - 2)[0] if number == _RUN else first
            top, left, bottom, right = reached.get(sheet, (row, first, row, last))
            reached[sheet] = (min(top, row), min(left, first, last), max(bottom, row), max(right, first, last))
    for top, left, bottom, right in reached.values():
        _refuse_wide({top, bottom}, {left, right})


def _has_cycle(links: Sequence[int]) -> bool:
    """Whether a chain of sectors, each naming the next, comes back to itself."""
    chain_of = [0] * len(links)
    for start in range(len(links)):
        place = start
        if chain_of[start]:
            continue
        while place < len(links) and not chain_of[place]:
            chain_of[place] = start + 1
            place = links[place]
        if place < len(links) and chain_of[place] == start + 1:
            return True
    return False


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
    _refuse_wide(rows, {_column(column) for column in columns})


def _refuse_wide(rows: set[int], columns: set[int]) -> None:
    """Raise DocumentTooLarge when too many cells lie between these."""
    if rows and columns:
        cells = (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)
        if cells > _CELLS:
            raise DocumentTooLarge(size=cells * _CELL_BYTES // MEGABYTE, limit=_CELLS * _CELL_BYTES // MEGABYTE)


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of an XLS as numbers and contents."""
    place = 0
    while place + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, place)
        yield number, stream[place + 4 : place + 4 + length]
        place += 4 + length


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
