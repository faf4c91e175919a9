"""PDF: exact characters, blocks from geometry, headings from bookmarks and sizes, and pictures with boxes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, FileVanished
from lumbre.readers import pdf

MakePdf = Callable[..., Path]
SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples"


def shown(document: Extracted) -> list[tuple[str, int, str]]:
    """Blocks as (kind, level, text on one line)."""
    return [(one.kind, one.level, " ".join(document.text[one.start : one.end].split())) for one in document.blocks]


def body(top: float, *lines: str, left: float = 72) -> list[tuple[float, float, float, str]]:
    """Lines of text set close under one another."""
    return [(left, top - 14 * number, 11, line) for number, line in enumerate(lines)]


def test_pages_are_counted_as_the_engine_counts_characters(make_pdf: MakePdf) -> None:
    path = make_pdf([body(700, "primera línea", "segunda"), [], body(700, "tercera página")])
    document = readers.read(path)
    with pypdfium2.PdfDocument(path) as opened:
        for number, start in enumerate(document.pages):
            text_page = opened[number].get_textpage()
            count = text_page.count_chars()
            found = document.text[start : start + count]
            assert [ord(char) for char in found if not char.isspace()] == [
                code
                for index in range(count)
                if not chr(code := pypdfium2.raw.FPDFText_GetUnicode(text_page, index)).isspace()
            ]
    assert document.text[document.pages[2] :].startswith("tercera")
    assert [block.page for block in document.blocks] == [1, 3]


def test_only_one_for_one_substitutions() -> None:
    class Scripted:
        """A text page whose characters the engine reports with gaps, as it does for rare fonts."""

        def count_chars(self) -> int:
            return 0

    assert pdf.page_text(Scripted()) == ""  # type: ignore[arg-type]
    assert pdf._ODD.sub(pdf._substitute, "a\x00b\ud800c\x1fd") == "a b\ufffdc d"


def test_lines_become_paragraphs(make_pdf: MakePdf) -> None:
    page = [
        *body(700, "Un párrafo que ocupa todo el ancho de la página sigue", "en la línea de abajo y acaba."),
        *body(650, "Otro párrafo, más abajo, que también es bastante largo", "y sigue."),
    ]
    assert [text for _, _, text in shown(readers.read(make_pdf([page])))] == [
        "Un párrafo que ocupa todo el ancho de la página sigue en la línea de abajo y acaba.",
        "Otro párrafo, más abajo, que también es bastante largo y sigue.",
    ]


def test_items_are_lists(make_pdf: MakePdf) -> None:
    page = body(700, "Hay que traer:", "• leña de encina", "• cerillas")
    kinds = [kind for kind, _, _ in shown(readers.read(make_pdf([page])))]
    assert kinds == ["paragraph", "list", "list"]


def test_running_headers_and_page_numbers_are_in_no_block(make_pdf: MakePdf) -> None:
    woods = ["El pino arde deprisa", "La encina dura horas", "El olivo huele bien", "El haya da llama", "El roble pesa"]
    pages = [
        [
            (72, 760, 9, f"Manual · capítulo {number}"),
            *body(700, f"{wood} y calienta", "la casa."),
            (300, 30, 9, str(number)),
        ]
        for number, wood in enumerate(woods, 1)
    ]
    document = readers.read(make_pdf(pages))
    assert "Manual · capítulo 3" in document.text
    assert [text for _, _, text in shown(document)] == [f"{wood} y calienta la casa." for wood in woods]


def test_bookmarks_make_headings_of_their_level(make_pdf: MakePdf) -> None:
    page = body(700, "1.1 Preparar la leña", "La leña se corta en invierno y se seca dos veranos.")
    plain = shown(readers.read(make_pdf([page])))
    marked = shown(readers.read(make_pdf([page], [(0, "Preparar la leña")], name="b.pdf")))
    assert all(kind != "heading" for kind, _, _ in plain)
    assert marked[0] == ("heading", 1, "1.1 Preparar la leña")
    assert marked[1][0] == "paragraph"


def test_larger_letters_make_headings_by_rank(make_pdf: MakePdf) -> None:
    page = [
        (72, 720, 24, "La lumbre"),
        (72, 680, 16, "La leña"),
        *body(650, "La leña se corta en invierno y se seca dos veranos, mejor", "si son tres."),
    ]
    assert [(kind, level) for kind, level, _ in shown(readers.read(make_pdf([page])))] == [
        ("heading", 1),
        ("heading", 2),
        ("paragraph", 0),
    ]


def test_contents_are_in_no_block(make_pdf: MakePdf) -> None:
    contents = body(700, "Índice", *(f"{n} Capítulo . . . . . . . . . . . . {n * 7}" for n in range(1, 9)))
    document = readers.read(make_pdf([contents, body(700, "El texto de verdad empieza aquí.", "Y acaba.")]))
    assert [block.page for block in document.blocks] == [2]


def test_columns_are_read_one_after_the_other(make_pdf: MakePdf) -> None:
    left = body(700, "La columna de la izquierda acaba a mitad", "de una frase que")
    right = body(700, "sigue en la columna de la derecha y allí", "termina.", left=320)
    assert shown(readers.read(make_pdf([left + right])))[0][2].startswith(
        "La columna de la izquierda acaba a mitad de una frase que sigue en la columna"
    )


# --- pictures ---------------------------------------------------------------------------------------------------------


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and rows of an RGB picture that used no filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 2)
    size = struct.unpack(">I", png[33:37])[0]
    return width, height, zlib.decompress(png[41 : 41 + size])


def ink(png: bytes, box: tuple[float, float, float, float]) -> int:
    """Dark pixels inside a box."""
    width, _, rows = pixels(png)
    left, top, across, down = (round(value) for value in box)
    line = 3 * width + 1
    return sum(rows[y * line + 1 + 3 * x] < 128 for y in range(top, top + down) for x in range(left, left + across))


def test_boxes_lie_on_the_words(make_pdf: MakePdf) -> None:
    path = make_pdf([body(700, "antes del medio", "JUSTO AQUÍ", "después")])
    document = readers.read(path)
    start = document.text.index("JUSTO") - document.pages[0]
    image = readers.render(path, 1, 800, [(start, start + len("JUSTO AQUÍ"))])
    width, height, rows = pixels(image.png)
    assert (width, height) == (image.width, image.height)
    assert width == 800
    assert abs(height - 800 * 792 / 612) <= 1
    everything = ink(image.png, (0, 0, width, height))
    marked = sum(ink(image.png, box) for box in image.boxes)
    left, top, _, down = image.boxes[0]
    assert abs(left - 72 * 800 / 612) < 3
    assert top < (792 - 700 + 14) * 800 / 612 < top + down + 3
    assert 0.2 * everything < marked < 0.6 * everything
    assert len(rows) == height * (3 * width + 1)


def test_spans_beyond_the_page_are_cut(make_pdf: MakePdf) -> None:
    path = make_pdf([body(700, "corto")])
    assert readers.render(path, 1, 100, [(-5, 99), (40, 50), (3, 3)]).boxes


def test_a_page_that_is_not_there(make_pdf: MakePdf) -> None:
    with pytest.raises(DamagedDocument):
        readers.render(make_pdf([body(700, "una")]), 2, 100, [])


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileVanished):
        readers.render(tmp_path / "nada.pdf", 1, 100, [])


@pytest.mark.samples
def test_characters_that_the_engine_hides_do_not_shift_the_boxes() -> None:
    path = SHARED / "unstructured" / "pdf" / "embedded-images-tables.pdf"
    if not path.exists():
        pytest.skip(f"no sample documents at {SHARED}")
    document = readers.read(path)
    with pypdfium2.PdfDocument(path) as opened:
        text_page = opened[0].get_textpage()
        count = text_page.count_chars()
        assert len(text_page.get_text_range()) < count
        assert len(document.text) == count
        start = document.text.index("Popoola")
        assert [chr(pypdfium2.raw.FPDFText_GetUnicode(text_page, start + n)) for n in range(7)] == list("Popoola")
