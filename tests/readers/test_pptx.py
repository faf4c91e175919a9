"""PPTX: slides as pages, titles first, lists, tables, charts, notes, and what is not read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EmptyDocument
from lumbre.readers import package

COVER, CONTENT, TITLE_ONLY, BLANK = 0, 1, 5, 6


def shown(document: Extracted) -> list[tuple[int | None, str, str]]:
    """Blocks as (slide, kind, text)."""
    return [(one.page, one.kind, document.text[one.start : one.end]) for one in document.blocks]


@pytest.fixture
def deck(tmp_path: Path) -> Callable[..., Extracted]:
    """Builds a presentation with a function, saves it and reads it."""

    def build(fill: Callable[..., None]) -> Extracted:
        presentation = Presentation()
        fill(presentation, lambda layout: presentation.slides.add_slide(presentation.slide_layouts[layout]))
        presentation.save(tmp_path / "a.pptx")
        return readers.read(tmp_path / "a.pptx")

    return build


def test_a_cover_stands_above_the_titles_of_its_slides(deck: Callable[..., Extracted]) -> None:
    def fill(_: object, add: Callable[[int], object]) -> None:
        cover, slide = add(COVER), add(CONTENT)
        cover.shapes.title.text, cover.placeholders[1].text = "La leña", "Año 2024"
        slide.shapes.title.text, slide.placeholders[1].text = "Secado", "Apilar\nEsperar"

    document = deck(fill)
    assert shown(document) == [
        (1, "heading", "La leña"),
        (1, "paragraph", "Año 2024"),
        (2, "heading", "Secado"),
        (2, "list", "- Apilar"),
        (2, "list", "- Esperar"),
    ]
    assert [block.level for block in document.blocks if block.kind == "heading"] == [1, 2]
    assert document.text[document.pages[1] :].startswith("Secado")


def test_the_title_comes_first_wherever_it_was_drawn(deck: Callable[..., Extracted]) -> None:
    def fill(_: object, add: Callable[[int], object]) -> None:
        slide = add(TITLE_ONLY)
        slide.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Texto"
        slide.shapes.title.text = "Título"
        slide.shapes._spTree.append(slide.shapes.title._element)

    assert shown(deck(fill)) == [(1, "heading", "Título"), (1, "paragraph", "Texto")]


def test_an_empty_slide_keeps_its_number(deck: Callable[..., Extracted]) -> None:
    def fill(_: object, add: Callable[[int], object]) -> None:
        add(BLANK)
        add(BLANK)
        add(TITLE_ONLY).shapes.title.text = "Tercera"
        add(BLANK)

    document = deck(fill)
    assert shown(document) == [(3, "heading", "Tercera")]
    assert document.pages == [0, 0, 0, len("Tercera\n\n")]


def test_tables_groups_and_charts(deck: Callable[..., Extracted]) -> None:
    def fill(_: object, add: Callable[[int], object]) -> None:
        slide = add(BLANK)
        table = slide.shapes.add_table(2, 3, 0, 0, Inches(5), Inches(1)).table
        for column, text in enumerate(["Leña", "Calor", "Precio"]):
            table.cell(0, column).text = text
        table.cell(1, 0).merge(table.cell(1, 1))
        table.cell(1, 0).text, table.cell(1, 2).text = "Encina", "3 €"
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "En un grupo"
        data = CategoryChartData()
        data.categories = ["Enero", "Febrero"]
        data.add_series("Kilos", (120, 95.5))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), data)

    assert shown(deck(fill)) == [
        (1, "row", "Leña | Calor | Precio"),
        (1, "row", "Encina | 3 €"),
        (1, "paragraph", "En un grupo"),
        (1, "row", "Kilos | Enero: 120 | Febrero: 95.5"),
    ]


def test_notes_and_hidden_slides_are_read_and_said(deck: Callable[..., Extracted]) -> None:
    def fill(_: object, add: Callable[[int], object]) -> None:
        add(TITLE_ONLY).shapes.title.text = "Visible"
        slide = add(TITLE_ONLY)
        slide.shapes.title.text = "Oculta"
        slide.notes_slide.notes_text_frame.text = "Decir «buenos días»"
        slide._element.set("show", "0")

    document = deck(fill)
    assert shown(document)[1:] == [(2, "heading", "Oculta"), (2, "paragraph", "Decir «buenos días»")]
    assert [(one.kind, one.page) for one in document.hidden] == [("slide", 2), ("notes", 2)]


def test_footers_dates_and_numbers_are_passed_over(deck: Callable[..., Extracted]) -> None:
    def fill(_: object, add: Callable[[int], object]) -> None:
        slide = add(TITLE_ONLY)
        slide.shapes.title.text = "Título"
        slide.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "Confidencial"
        shape = slide.shapes[-1]._element
        shape.nvSpPr.nvPr._insert_ph(shape.makeelement(f"{{{shape.nsmap['p']}}}ph", {"type": "ftr"}))

    assert shown(deck(fill)) == [(1, "heading", "Título")]


def test_slides_without_text_are_empty(deck: Callable[..., Extracted]) -> None:
    with pytest.raises(EmptyDocument):
        deck(lambda _, add: add(BLANK))


def rewritten(source: Path, target: Path, member: str, content: bytes) -> Path:
    """A copy of a package with one member replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))
    return target


SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "pptx.pptx"
SLIDE = "ppt/slides/slide1.xml"
BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 1000 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 50) for letter in b"bcdef")
    + b"]><a>&f;</a>"
)  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"<p:sld", b"no es XML", BOMB, b'<?xml version="1.0" encoding="U-8"?><a/>', b"<a>" * 200_000]
)
def test_a_broken_or_hostile_slide_is_damage(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DamagedDocument) as caught:
        readers.read(rewritten(SAMPLE, tmp_path / "a.pptx", SLIDE, content))
    assert caught.value.details["reason"].startswith("broken")


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_text("clave")
    content = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>&e;</a>'.encode()
    with pytest.raises(DamagedDocument):
        readers.read(rewritten(SAMPLE, tmp_path / "a.pptx", SLIDE, content))


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DocumentTooLarge):
        readers.read(rewritten(SAMPLE, tmp_path / "a.pptx", SLIDE, b" " * 170_000_000))
    monkeypatch.setattr(package, "_PART_LIMIT", 1000)
    with pytest.raises(DocumentTooLarge):
        readers.read(SAMPLE)
