"""ODT, ODS and ODP: headings, lists, rows, notes and boxes; sheets as they show; slides; and what is not read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "text", "table", "draw", "style", "presentation")
)
Read = Callable[..., Extracted]


def shown(document: Extracted) -> list[tuple[int | None, str, str]]:
    """Blocks as (page, kind, text)."""
    return [(one.page, one.kind, document.text[one.start : one.end]) for one in document.blocks]


def row(*cells: str) -> str:
    """A table row of texts."""
    return f"<table:table-row>{''.join(map(cell, cells))}</table:table-row>"


def cell(text: str, attributes: str = "") -> str:
    """A cell; an empty one holds no paragraph."""
    return f"<table:table-cell {attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


@pytest.fixture
def opened(tmp_path: Path) -> Read:
    """Writes an OpenDocument of a kind with this body, styles and other members, and reads it."""

    def make(kind: str, body: str, styles: str = "", **members: str) -> Extracted:
        content = (
            f'<?xml version="1.0"?><office:document-content {NAMES}><office:automatic-styles>{styles}'
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>"
        )
        path = tmp_path / "a.odf"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
            archive.writestr("content.xml", content)
            for name, text in members.items():
                archive.writestr({"meta": "meta.xml", "manifest": "META-INF/manifest.xml"}[name], text)
        return readers.read(path)

    return make


# --- texts ------------------------------------------------------------------------------------------------------------


def test_headings_lists_rows_and_frames_of_one_cell(opened: Read) -> None:
    document = opened(
        "text",
        '<text:p text:style-name="P1">Manual</text:p><text:h text:outline-level="2">La <text:s/>leña</text:h>'
        "<text:list><text:list-item><text:p>Apilar</text:p><text:list><text:list-item><text:p>al sol</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        f"<table:table>{row('Encina', 'alto')}{row('Pino', '')}</table:table><table:table>{row('Marco')}</table:table>",
        '<style:style style:name="P1" style:parent-style-name="Title"/>',
    )
    assert document.format == "odt"
    assert document.title == "Manual"
    assert [block.level for block in document.blocks[:2]] == [1, 2]
    assert shown(document) == [
        (None, "heading", "Manual"),
        (None, "heading", "La leña"),
        (None, "list", "- Apilar"),
        (None, "list", "- al sol"),
        (None, "row", "Encina | alto"),
        (None, "row", "Pino |"),
        (None, "paragraph", "Marco"),
    ]


def test_spaces_tabs_breaks_and_spans(opened: Read) -> None:
    text = '<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d <text:span>e</text:span>\nf</text:p>'
    assert opened("text", text).text == "a   b\tc\nd e f"


def test_notes_and_boxes_follow_their_paragraph(opened: Read) -> None:
    note = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Nota</text:p></text:note-body>"
    box = "<draw:frame><draw:text-box><text:p>Caja</text:p></draw:text-box></draw:frame>"
    document = opened("text", f"<text:p>Texto{note}</text:note> seguido{box}.</text:p>")
    assert [text for _, _, text in shown(document)] == ["Texto seguido.", "Nota", "Caja"]


def test_what_is_deleted_hidden_or_said_beside_is_passed_over(opened: Read) -> None:
    document = opened(
        "text",
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>borrado</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:table-of-content><text:index-body>"
        "<text:p>La leña 3</text:p></text:index-body></text:table-of-content>"
        "<text:p>Texto<office:annotation><text:p>comentario</text:p></office:annotation> a la vista"
        '<text:span text:style-name="T1"> oculto</text:span>.</text:p>',
        '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>',
    )
    assert document.text == "Texto a la vista."


def test_the_title_of_the_properties_serves_where_none_is_styled(opened: Read) -> None:
    meta = (
        f'<office:document-meta {NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        "<dc:title>El título</dc:title></office:meta></office:document-meta>"
    )
    assert opened("text", "<text:p>Texto.</text:p>", meta=meta).title == "El título"


# --- sheets -----------------------------------------------------------------------------------------------------------


def sheet(name: str, *rows: str, style: str = "") -> str:
    """A sheet of rows."""
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def test_cells_say_what_they_show_under_their_names(opened: Read) -> None:
    percent = cell("18 %", 'office:value-type="percentage" office:value="0.18"')
    dated = f"<table:table-row>{cell('05/03/24')}{percent}</table:table-row>"
    document = opened("spreadsheet", sheet("Vacía") + sheet("Leña", row("Día", "Humedad"), dated))
    assert document.format == "ods"
    assert shown(document) == [
        (2, "heading", "Leña"),
        (2, "row", "Día | Humedad"),
        (2, "row", "Día: 05/03/24 | Humedad: 18 %"),
    ]


def test_repeated_and_merged_cells(opened: Read) -> None:
    spanned = cell("Ventas", 'table:number-columns-spanned="2"') + "<table:covered-table-cell/>"
    twice = cell("5", 'table:number-columns-repeated="2"')
    tall = cell("Norte", 'table:number-rows-spanned="2"')
    document = opened(
        "spreadsheet",
        sheet(
            "A",
            f"<table:table-row>{cell('')}{spanned}</table:table-row>",
            row("Zona", "2023", "2024"),
            f"<table:table-row>{tall}{twice}</table:table-row>",
            f"<table:table-row><table:covered-table-cell/>{cell('7')}{cell('8')}</table:table-row>",
        ),
    )
    assert [text for _, kind, text in shown(document) if kind == "row"] == [
        "Ventas",
        "Zona | 2023 | 2024",
        "Zona: Norte | Ventas 2023: 5 | Ventas 2024: 5",
        "Zona: Norte | Ventas 2023: 7 | Ventas 2024: 8",
    ]


def test_repetitions_without_end_take_no_memory(opened: Read) -> None:
    wide = cell("", 'table:number-columns-repeated="999999999"')
    deep = f'<table:table-row table:number-rows-repeated="999999999">{cell("x")}{cell("y")}{wide}</table:table-row>'
    assert [text for _, _, text in shown(opened("spreadsheet", sheet("A", deep)))] == ["A", "x | y"]


def test_hidden_sheets_are_read_and_said(opened: Read) -> None:
    style = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    document = opened("spreadsheet", sheet("Precios", row("Encina", "3 €"), style="ta2"), style)
    assert "Encina | 3 €" in document.text
    assert [(one.kind, one.text.split()[0], one.page) for one in document.hidden] == [("sheet", "Precios", 1)]


# --- slides -----------------------------------------------------------------------------------------------------------


def frame(kind: str, text: str) -> str:
    """A frame of a slide."""
    return f'<draw:frame presentation:class="{kind}"><draw:text-box>{text}</draw:text-box></draw:frame>'


def test_slides_are_pages_with_titles_first_and_notes_last(opened: Read) -> None:
    cover = frame("subtitle", "<text:p>Año 2024</text:p>") + frame("title", "<text:p>La leña</text:p>")
    notes = f"<presentation:notes>{frame('notes', '<text:p>Decirlo despacio</text:p>')}</presentation:notes>"
    listed = frame("outline", "<text:list><text:list-item><text:p>Apilar</text:p></text:list-item></text:list>")
    numbered = frame("page-number", "<text:p>2</text:p>")
    document = opened(
        "presentation",
        f"<draw:page>{cover}</draw:page><draw:page draw:style-name='dp2'>"
        f"{frame('title', '<text:p>Secado</text:p>')}{listed}{numbered}{notes}</draw:page>",
        '<style:style style:name="dp2"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>',
    )
    assert document.format == "odp"
    assert shown(document) == [
        (1, "heading", "La leña"),
        (1, "paragraph", "Año 2024"),
        (2, "heading", "Secado"),
        (2, "list", "- Apilar"),
        (2, "paragraph", "Decirlo despacio"),
    ]
    assert [block.level for block in document.blocks if block.kind == "heading"] == [1, 2]
    assert [(one.kind, one.page) for one in document.hidden] == [("slide", 2), ("notes", 2)]


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "spreadsheet", "presentation"])
def test_empty_and_encrypted(opened: Read, kind: str) -> None:
    with pytest.raises(EmptyDocument):
        opened(kind, "")
    with pytest.raises(EncryptedDocument):
        opened(kind, "", manifest="<manifest><file-entry><encryption-data/></file-entry></manifest>")


@pytest.mark.parametrize(("kind", "start", "end"), [("text", "", ""), ("presentation", "<draw:page>", "</draw:page>")])
def test_nesting_without_end_is_damage(opened: Read, kind: str, start: str, end: str) -> None:
    with pytest.raises(DamagedDocument) as caught:
        opened(kind, f"{start}{'<text:section>' * 50_000}<text:p>x</text:p>{'</text:section>' * 50_000}{end}")
    assert caught.value.details["reason"] == "nested too deeply"


def test_entities_that_multiply_are_damage(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{60 * one}">' for n, one in enumerate((f"&e{n};" for n in range(7)), 1))
    bomb = f"<!DOCTYPE a [<!ENTITY e0 'x'>{entities}]><a>&e7;</a>"
    with zipfile.ZipFile(tmp_path / "a.odt", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", bomb)
    with pytest.raises(DamagedDocument):
        readers.read(tmp_path / "a.odt")


def test_what_unpacks_to_too_much_is_refused(opened: Read) -> None:
    with pytest.raises(DocumentTooLarge):
        opened("text", " " * 65_000_000)
