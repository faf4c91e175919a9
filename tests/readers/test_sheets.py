"""XLSX and XLS: rows that name their columns, values as a person reads them, what is merged, hidden or hostile."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
Read = Callable[..., Extracted]


def shown(document: Extracted) -> list[tuple[int | None, str, str]]:
    """Blocks as (sheet, kind, text)."""
    return [(one.page, one.kind, document.text[one.start : one.end]) for one in document.blocks]


def rows(document: Extracted) -> list[str]:
    """The text of everything but headings."""
    return [text for _, kind, text in shown(document) if kind != "heading"]


@pytest.fixture
def book(tmp_path: Path) -> Read:
    """Makes a workbook of sheets given as rows, lets a function change it, and reads it."""

    def make(change: Callable[[Workbook], None] | None = None, **sheets: list[list[object]]) -> Extracted:
        workbook = Workbook()
        workbook.remove(workbook.active)
        for name, content in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in content:
                sheet.append(row)
        if change:
            change(workbook)
        workbook.save(tmp_path / "a.xlsx")
        return readers.read(tmp_path / "a.xlsx")

    return make


def test_rows_know_their_sheet_and_their_columns(book: Read) -> None:
    document = book(Enero=[["Leña", "Kilos"], ["Encina", 120]], Febrero=[["Leña", "Kilos"], ["Pino", 80]])
    assert shown(document) == [
        (1, "heading", "Enero"),
        (1, "row", "Leña | Kilos"),
        (1, "row", "Leña: Encina | Kilos: 120"),
        (2, "heading", "Febrero"),
        (2, "row", "Leña | Kilos"),
        (2, "row", "Leña: Pino | Kilos: 80"),
    ]
    assert document.title == "Enero"


def test_a_sheet_without_a_name_of_its_own_gives_no_title(book: Read) -> None:
    assert book(Hoja1=[["uno", "dos"], [1, 2]]).title == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (0.1 + 0.2, "0.3"),
        (1234567.5, "1234567.5"),
        (-3.0, "-3"),
        (12345678901234, "12345678901234"),
        (True, "TRUE"),
        (datetime.date(2024, 3, 5), "2024-03-05"),
        (datetime.datetime(2024, 3, 5, 10, 30), "2024-03-05 10:30"),
        (datetime.time(9, 5), "09:05"),
        (datetime.timedelta(hours=30, minutes=5), "30:05"),
        ("dos\nlíneas", "dos líneas"),
    ],
)
def test_values_as_a_person_reads_them(book: Read, value: object, text: str) -> None:
    assert rows(book(A=[["Nombre", "Valor"], ["x", value]]))[-1] == f"Nombre: x | Valor: {text}"


@pytest.mark.parametrize("code", ["0%", "0.0 %", "0.00%;[Red]-0.00%"])
def test_percentages_as_they_are_shown(book: Read, code: str) -> None:
    def shown_so(workbook: Workbook) -> None:
        workbook["A"]["C2"].number_format = code

    content = [["Leña", "Parte", "Humedad"], ["Encina", 0.25, 0.185]]
    assert rows(book(shown_so, A=content))[-1] == "Leña: Encina | Parte: 0.25 | Humedad: 18.5 %"


def test_text_above_a_table_and_gaps_within_it(book: Read) -> None:
    content = [["Consumo del año"], [None], ["Leña", "Kilos"], ["Encina", 1], [None], ["Pino", 2], [None], ["Total", 3]]
    assert rows(book(A=content)) == [
        "Consumo del año",
        "Leña | Kilos",
        "Leña: Encina | Kilos: 1",
        "Leña: Pino | Kilos: 2",
        "Leña: Total | Kilos: 3",
    ]


def test_a_second_table_has_names_of_its_own(book: Read) -> None:
    content = [["Leña", "Kilos"], ["Encina", 1], [None], ["Mes", "Grados"], ["Enero", -4]]
    assert rows(book(A=content))[-1] == "Mes: Enero | Grados: -4"


def test_a_table_of_numbers_has_no_names(book: Read) -> None:
    assert rows(book(A=[[1, 2.5], [3, 4]])) == ["1 | 2.5", "3 | 4"]


def test_years_can_name_columns(book: Read) -> None:
    assert rows(book(A=[["Región", 2023, 2024], ["Ávila", 5, 7]]))[-1] == "Región: Ávila | 2023: 5 | 2024: 7"


def test_merged_cells_are_said_where_they_cover(book: Read) -> None:
    def merge(workbook: Workbook) -> None:
        for cells in ("B1:C1", "D1:E1", "A3:A4"):
            workbook["A"].merge_cells(cells)

    content = [
        [None, "Ventas", None, "Costes", None],
        ["Zona", "2023", "2024", "2023", "2024"],
        ["Norte", 1, 2, 3, 4],
        [None, 5, 6, 7, 8],
    ]
    assert rows(book(merge, A=content)) == [
        "Ventas | Costes",
        "Zona | 2023 | 2024 | 2023 | 2024",
        "Zona: Norte | Ventas 2023: 1 | Ventas 2024: 2 | Costes 2023: 3 | Costes 2024: 4",
        "Zona: Norte | Ventas 2023: 5 | Ventas 2024: 6 | Costes 2023: 7 | Costes 2024: 8",
    ]


def test_hidden_and_empty_sheets(book: Read) -> None:
    def hide(workbook: Workbook) -> None:
        workbook["Precios"].sheet_state = "veryHidden"

    document = book(hide, Vacía=[], Precios=[["Encina", "3 €"]])
    assert shown(document) == [(2, "heading", "Precios"), (2, "row", "Encina | 3 €")]
    assert document.pages == [0, 0]
    assert [(one.kind, one.text.split()[0], one.page) for one in document.hidden] == [("sheet", "Precios", 2)]


def test_a_workbook_without_cells_is_empty(book: Read) -> None:
    with pytest.raises(EmptyDocument):
        book(A=[])


def test_two_cells_too_far_apart_are_refused_before_they_take_memory(book: Read) -> None:
    def far(workbook: Workbook) -> None:
        workbook["A"]["XFD1048576"] = "lejos"

    with pytest.raises(DocumentTooLarge):
        book(far, A=[["cerca"]])


def test_a_lone_far_cell_is_read(book: Read) -> None:
    def far(workbook: Workbook) -> None:
        workbook["A"]["XFD1048576"] = "lejos"

    assert rows(book(far, A=[])) == ["lejos"]


def test_what_only_claims_to_be_a_workbook_is_damaged(make_file: Callable[[str, bytes], Path]) -> None:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le")
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.xls", container))


def test_what_makes_the_parser_panic_is_damaged(make_file: Callable[[str, bytes], Path]) -> None:
    whole = (SAMPLES / "xls.xls").read_bytes()
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.xls", whole[:-10]))


def test_chains_of_sectors_without_end_are_damage(make_file: Callable[[str, bytes], Path]) -> None:
    whole = bytearray((SAMPLES / "xls.xls").read_bytes())
    fat = 512 + 512 * int.from_bytes(whole[76:80], "little")
    whole[fat : fat + 4] = bytes(4)  # the first sector is followed by itself
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.xls", bytes(whole)))


def test_old_cells_too_far_apart_are_refused_before_they_take_memory(make_file: Callable[[str, bytes], Path]) -> None:
    whole = (SAMPLES / "xls.xls").read_bytes()
    cell = bytes.fromhex("fd000a00")  # a cell of shared text; its row and column follow
    far = whole.replace(cell + bytes(4), cell + b"\xff" * 4, 1)
    with pytest.raises(DocumentTooLarge):
        readers.read(make_file("a.xls", far))


@pytest.mark.samples
def test_workbooks_of_many_programs(shared_dir: Path) -> None:
    folder = shared_dir / "samples" / "unstructured"
    assert "Team: Maple Leafs | Location: TOR | Stanley Cups: 13" in readers.read(folder / "stanley-cups.xlsx").text
    assert readers.read(folder / "tests-example.xls").format == "xls"
    with pytest.raises(EncryptedDocument):
        readers.read(folder / "password_protected.xlsx")
