"""Tables, forms and turned pages of PDFs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted

MakePdf = Callable[..., Path]


def shown(document: Extracted, kind: str) -> list[str]:
    """The blocks of a kind, each on one line."""
    return [" ".join(document.text[one.start : one.end].split()) for one in document.blocks if one.kind == kind]


ROWS = [("Leña", "Calor", "Humedad"), ("Encina", "alto", "18 %"), ("Pino", "bajo", "25 %"), ("Olivo", "medio", "20 %")]


def test_cells_set_apart_are_rows(make_pdf: MakePdf) -> None:
    cells = [
        (72 + 150 * column, 700 - 14 * number, 11, cell)
        for number, row in enumerate(ROWS)
        for column, cell in enumerate(row)
    ]
    text = [(72, 740, 11, "La tabla dice cuánto calienta cada leña cuando arde en la cocina.")]
    document = readers.read(make_pdf([text + cells]))
    assert shown(document, "row") == [" ".join(row) for row in ROWS]
    assert shown(document, "paragraph") == ["La tabla dice cuánto calienta cada leña cuando arde en la cocina."]


def test_a_page_of_nothing_but_a_table(draw_pdf: Callable[..., Path]) -> None:
    lines = "".join(
        f"BT /F 11 Tf 72 {700 - 14 * number} Td [({row[0]} ) -6000 ({row[1]} ) -6000 ({row[2]})] TJ ET\n"
        for number, row in enumerate(ROWS)
    )
    assert shown(readers.read(draw_pdf(lines)), "row") == [" ".join(row) for row in ROWS]


def test_two_columns_of_text_are_no_table(make_pdf: MakePdf) -> None:
    line = "una línea de texto corrido que llena su columna"
    pieces = [(left, 700 - 14 * number, 9, line) for number in range(6) for left in (72, 320)]
    assert not shown(readers.read(make_pdf([pieces])), "row")


def test_the_number_before_an_item_is_no_cell(draw_pdf: Callable[..., Path]) -> None:
    lines = "".join(
        f"BT /F 11 Tf 72 {700 - 14 * number} Td [({number}. ) -2000 (Barrer el tiro)] TJ ET\n" for number in range(1, 5)
    )
    document = readers.read(draw_pdf(lines))
    assert not shown(document, "row")
    assert shown(document, "list")


FIELDS = [
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (nombre) /TU (Nombre completo:) /V (Ana Lumbreras)"
    " /Rect [72 500 300 520] /P 3 0 R /F 4 >>",
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (vacio) /Rect [72 470 300 490] /P 3 0 R /F 4 >>",
    "<< /Type /Annot /Subtype /Widget /FT /Ch /T (leña) /Opt [(encina) (pino)] /V (encina) /Ff 131072"
    " /Rect [72 440 300 460] /P 3 0 R /F 4 >>",
]


def test_what_is_filled_into_a_form_is_found(draw_pdf: Callable[..., Path]) -> None:
    path = draw_pdf(
        "BT /F 12 Tf 72 700 Td (Solicitud de le\xf1a para el invierno) Tj ET",
        page="/Annots [7 0 R 8 0 R 9 0 R]",
        extra=FIELDS,
        catalog="/AcroForm << /Fields [7 0 R 8 0 R 9 0 R] /DA (/F 12 Tf) >>",
    )
    document = readers.read(path)
    assert shown(document, "row") == ["Nombre completo: Ana Lumbreras", "leña: encina"]
    assert document.text.startswith("Solicitud de leña")
    start = document.text.index("Ana")
    assert readers.render(path, 1, 200, [(start, start + 3)]).boxes == []


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_and_boxed_as_it_is_shown(draw_pdf: Callable[..., Path], turn: int) -> None:
    path = draw_pdf(
        "BT /F 12 Tf 72 700 Td (La cocina de le\xf1a consume dos kilos) Tj 0 -14 Td (por hora.) Tj ET",
        page=f"/Rotate {turn}",
    )
    document = readers.read(path)
    assert shown(document, "paragraph") == ["La cocina de leña consume dos kilos por hora."]
    image = readers.render(path, 1, 600, [(0, 9)])
    (_, _, width, height) = image.boxes[0]
    assert (width > height) == (turn == 180)
    assert (image.width > image.height) == (turn != 180)


@pytest.mark.parametrize("matrix", ["0 1 -1 0 300 100", "-1 0 0 -1 500 300", "0 -1 1 0 300 700"])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_lines_of_turned_text_follow_each_other(draw_pdf: Callable[..., Path], matrix: str, turn: int) -> None:
    content = f"BT /F 12 Tf 14 TL {matrix} Tm (uno es el primero) Tj T* (dos sigue) Tj T* (tres acaba) Tj ET"
    path = draw_pdf(content, page=f"/Rotate {turn}")
    text = readers.read(path).text
    assert text.split() == ["uno", "es", "el", "primero", "dos", "sigue", "tres", "acaba"]
    whole, first = readers.render(path, 1, 300, [(0, 17), (0, 3)]).boxes
    assert whole[0] - 1 <= first[0] <= whole[0] + whole[2]
    assert whole[1] - 1 <= first[1] <= whole[1] + whole[3]


@pytest.mark.samples
def test_arabic_is_in_the_order_in_which_it_is_spoken() -> None:
    samples = Path(__file__).resolve().parents[3] / "shared" / "samples" / "docling" / "pdf" / "sources"
    if not samples.exists():
        pytest.skip(f"no sample documents at {samples}")
    text = readers.read(samples / "right_to_left_01.pdf").text
    assert text.split()[0] == "تحسين"
    assert "الإنتاجية" in text
