"""DOCX: headings by any road, lists, rows, text boxes, and what must not be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EmptyDocument
from lumbre.readers import package

MakeDocx = Callable[..., Path]


def style(identifier: str, name: str, more: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{identifier}"><w:name w:val="{name}"/>{more}</w:style>'


def paragraph(text: str, style_id: str = "", properties: str = "") -> str:
    named = f'<w:pStyle w:val="{style_id}"/>' if style_id else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def shown(document: Extracted) -> list[tuple[str, int, str]]:
    """Blocks as (kind, level, text)."""
    return [(one.kind, one.level, document.text[one.start : one.end]) for one in document.blocks]


@pytest.mark.parametrize(
    "styles",
    [
        style("Ttulo2", "heading 2"),
        style("Ttulo2", "Título 2"),
        style("Ttulo2", "Encabezado 2"),
        style("Ttulo2", "Epígrafe propio", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>'),
        style("Ttulo2", "Mío", '<w:basedOn w:val="H"/>') + style("H", "heading 2"),
    ],
)
def test_headings_by_name_outline_and_base(make_docx: MakeDocx, styles: str) -> None:
    document = readers.read(make_docx(paragraph("La leña", "Ttulo2") + paragraph("Texto."), styles))
    assert shown(document) == [("heading", 2, "La leña"), ("paragraph", 0, "Texto.")]


def test_a_style_based_on_itself_ends(make_docx: MakeDocx) -> None:
    looped = style("A", "uno", '<w:basedOn w:val="A"/>')
    assert shown(readers.read(make_docx(paragraph("x", "A"), looped))) == [("paragraph", 0, "x")]


def test_title_contents_captions_and_code(make_docx: MakeDocx) -> None:
    styles = style("T", "Title") + style("I", "toc 1") + style("C", "caption") + style("S", "Source Code")
    text = paragraph("Manual", "T") + paragraph("La leña 3", "I") + paragraph("Figura 1", "C") + paragraph("ls", "S")
    document = readers.read(make_docx(text, styles))
    assert document.title == "Manual"
    assert shown(document) == [("heading", 1, "Manual"), ("caption", 0, "Figura 1"), ("code", 0, "ls")]


def test_lists_and_rows(make_docx: MakeDocx) -> None:
    cell = "<w:tc>{}</w:tc>".format
    row = "<w:tr>" + cell(paragraph("Encina")) + cell(paragraph("alto")) + "</w:tr>"
    listed = paragraph("leña", properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    assert shown(readers.read(make_docx(f"{listed}<w:tbl>{row}{row}</w:tbl>"))) == [
        ("list", 0, "- leña"),
        ("row", 0, "Encina | alto"),
        ("row", 0, "Encina | alto"),
    ]


def test_a_table_of_one_cell_is_only_a_frame(make_docx: MakeDocx) -> None:
    framed = f"<w:tbl><w:tr><w:tc>{paragraph('uno')}{paragraph('dos')}</w:tc></w:tr></w:tbl>"
    assert shown(readers.read(make_docx(framed))) == [("paragraph", 0, "uno"), ("paragraph", 0, "dos")]


def test_content_controls_insertions_and_text_boxes_are_read(make_docx: MakeDocx) -> None:
    control = f"<w:sdt><w:sdtContent>{paragraph('control')}</w:sdtContent></w:sdt>"
    inserted = "<w:p><w:ins><w:r><w:t>nuevo</w:t></w:r></w:ins></w:p>"
    box = f"<w:p><w:r><w:t>fuera</w:t><w:pict><w:txbxContent>{paragraph('dentro')}</w:txbxContent></w:pict></w:r></w:p>"
    assert [text for _, _, text in shown(readers.read(make_docx(control + inserted + box)))] == [
        "control",
        "nuevo",
        "fuera",
        "dentro",
    ]


def test_deleted_hidden_and_field_text_is_not(make_docx: MakeDocx) -> None:
    runs = (
        "<w:del><w:r><w:delText>borrado</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>oculto</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>visible</w:t><w:tab/><w:t>y más</w:t></w:r>"
    )
    assert readers.read(make_docx(f"<w:p>{runs}</w:p>")).text == "visible\ty más"


def test_an_external_entity_is_never_fetched(make_docx: MakeDocx, tmp_path: Path) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_text("clave")
    path = make_docx("")
    document = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>' + (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>"
    )
    rewrite(path, "word/document.xml", document)
    with pytest.raises(DamagedDocument):
        readers.read(path)


def test_entities_that_multiply_are_stopped(make_docx: MakeDocx) -> None:
    path = make_docx("")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    rewrite(
        path,
        "word/document.xml",
        f'<!DOCTYPE x [<!ENTITY e0 "ja">{levels}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>",
    )
    with pytest.raises(DamagedDocument):
        readers.read(path)


def test_a_zip_bomb_is_refused_before_it_unpacks(make_docx: MakeDocx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "XML_LIMIT", 1)
    with pytest.raises(DocumentTooLarge):
        readers.read(make_docx(paragraph("hola"), extra={"word/other.xml": " " * 2_000_000}))


def test_a_document_without_text_is_empty(make_docx: MakeDocx) -> None:
    with pytest.raises(EmptyDocument):
        readers.read(make_docx("<w:p/>"))


def rewrite(path: Path, member: str, content: str) -> None:
    """Replace one member of an archive."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = content.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
