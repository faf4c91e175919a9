"""Spreadsheets (XLSX, XLSM, XLSB, XLS): each sheet a page under its name, each row with the names of its columns.

Read with calamine, which expands no entity. Cells say what was last computed, dates as year-month-day; hidden sheets
are read too, and told.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, EncryptedDocument
from lumbre.readers import kinds
from lumbre.readers.base import MEGABYTE, Draft, File, Format
from lumbre.readers.package import BROKEN, is_office, opened
from lumbre.readers.sheet_areas import check_areas, check_old_areas, percent_cells
from lumbre.readers.tabular import Covered, Table, finish_workbook

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Cell = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta

_LIMIT = 64
_XML_LIMIT = 256
_OLE_LOOK = 4 * MEGABYTE


def _recognises_xlsx(file: File) -> bool:
    """Whether it is a ZIP archive with a workbook inside, in XML or, as in XLSB, in binary."""
    if is_office(file, "spreadsheetml", "xl/"):
        return True
    try:
        with zipfile.ZipFile(file.source) as archive:
            return "xl/workbook.bin" in archive.namelist()
    except BROKEN:
        return False


def _recognises_xls(file: File) -> bool:
    """Whether it is an OLE container with a workbook inside."""
    if not kinds.is_ole(file.head):
        return False
    with file.open() as stream:
        return kinds.ole_kind(stream.read(_OLE_LOOK)) == kinds.OLE_WORKBOOK


def _read_xlsx(file: File) -> Extracted:
    """Read a workbook. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    with opened(file, _XML_LIMIT) as archive:
        check_areas(archive)
        percents = percent_cells(archive)
    return _read(file, "xlsx", percents)


def _read_xls(file: File) -> Extracted:
    """Read a workbook. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    check_old_areas(file)
    return _read(file, "xls", {})


XLSX = Format("xlsx", _recognises_xlsx, _read_xlsx, _LIMIT)
XLS = Format("xls", _recognises_xls, _read_xls, _LIMIT)


def _read(file: File, name: str, percents: dict[str, frozenset[tuple[int, int]]]) -> Extracted:
    """Read all sheets of a workbook."""
    from python_calamine import CalamineError, PasswordError, load_workbook

    try:
        with load_workbook(file.source) as workbook:
            return finish_workbook(_sheets(workbook, percents), name)
    except PasswordError as error:
        raise EncryptedDocument() from error
    except CalamineError as error:
        raise DamagedDocument(reason="broken workbook") from error
    except BaseException as error:
        # Rust's own failures come without a class that could be named, and are no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedDocument(reason="broken workbook") from error


def _sheets(workbook: CalamineWorkbook, percents: dict[str, frozenset[tuple[int, int]]]) -> Draft:
    """The sheets in order."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    draft = Draft()
    for index, about in enumerate(workbook.sheets_metadata):
        draft.start_page()
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(index)
        if sheet.start is None:
            continue
        start = draft.mark()
        table = Table(draft, about.name)
        for row in _written(sheet, percents.get(about.name, frozenset())):
            table.add(row)
        table.end()
        if about.visible != SheetVisibleEnum.Visible:
            draft.hide("sheet", draft.since(start))
    return draft


def _written(sheet: CalamineSheet, percents: frozenset[tuple[int, int]]) -> Iterator[list[str]]:
    """Rows with their cells as text; what is merged is repeated in every cell that it covers."""
    top, left = sheet.start or (0, 0)
    merged = dict(sheet.merged_cell_ranges or ())
    open_ranges: list[tuple[int, int, int, str]] = []
    for number, cells in enumerate(sheet.iter_rows()):
        if number < top:
            continue
        row = [_text(cell, (number, left + index) in percents) for index, cell in enumerate(cells)]
        open_ranges = [one for one in open_ranges if one[0] >= number]
        for index, text in enumerate(row):
            bottom, right = merged.get((number, index + left), (-1, -1))
            if text and bottom >= 0:
                open_ranges.append((bottom, index, right - left, text))
        for _, first, last, text in open_ranges:
            for index in range(first, min(last + 1, len(row))):
                row[index] = row[index] or Covered(text)
        yield row


def _text(cell: Cell, percent: bool) -> str:
    """A cell as a person reads it: no noise in the last digits, no midnight after a date."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float) and percent:
        return f"{100 * cell:.12g} %"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else f"{cell:.15g}"
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "minutes" if not cell.second else "seconds").removesuffix(" 00:00")
    if isinstance(cell, datetime.time):
        return cell.isoformat("minutes" if not cell.second else "seconds")
    if isinstance(cell, datetime.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(cell)
