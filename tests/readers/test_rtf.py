"""RTF: headings from styles and levels, tables, lists, encodings, and what must not be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import EmptyDocument

STYLES = r"{\stylesheet{\s0 Normal;}{\s1\b\fs32 heading 1;}{\s2\sbasedon0 heading 2;}{\s7\qc Title;}}"
Read = Callable[[str], Extracted]


def shown(document: Extracted) -> list[tuple[str, str]]:
    """Blocks as (kind, text)."""
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


@pytest.fixture
def rtf(make_file: Callable[[str, bytes], Path]) -> Read:
    """Reads RTF with this body."""
    start = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}"
    return lambda body: readers.read(make_file("a.rtf", f"{start}{STYLES}{body}}}".encode("cp1252")))


def test_headings_by_style_and_by_level(rtf: Read) -> None:
    document = rtf(
        r"\pard\s7 Manual\par\pard\s1 La le\'f1a\par\pard\s0 Texto.\par"
        r"\pard\s2\outlinelevel1 Secado\par\pard\outlinelevel2 Al sol\par\pard M\'e1s.\par"
    )
    assert shown(document) == [
        ("heading", "Manual"),
        ("heading", "La leña"),
        ("paragraph", "Texto."),
        ("heading", "Secado"),
        ("heading", "Al sol"),
        ("paragraph", "Más."),
    ]
    assert [block.level for block in document.blocks if block.kind == "heading"] == [1, 1, 2, 3]
    assert document.title == "Manual"


def test_tables_keep_their_rows_and_bars_in_text_are_no_cells(rtf: Read) -> None:
    row = r"\trowd\cellx2000\cellx4000\pard\intbl {}\cell {}\cell\row "
    table = row.format("Encina", r"alto\par muy alto") + row.format("Pino", "bajo")
    assert shown(rtf(rf"\pard a|b\par {table}\pard Fin.\par")) == [
        ("paragraph", "a|b"),
        ("row", "Encina | alto muy alto"),
        ("row", "Pino | bajo"),
        ("paragraph", "Fin."),
    ]


@pytest.mark.parametrize("mark", [r"{\listtext\'b7\tab}", r"{\listtext 1.\tab}", r"{\*\pntext\'b7\tab}"])
def test_list_items(rtf: Read, mark: str) -> None:
    assert shown(rtf(rf"\pard{mark}Apilar\par\pard{mark}Esperar\par")) == [("list", "- Apilar"), ("list", "- Esperar")]


def test_characters_of_every_kind(rtf: Read) -> None:
    assert rtf(r"\pard \'bfNi\u241 ?o? \u-10179?\u-8704? \uc0\u8364  \ldblquote s\'ed\rdblquote\par").text == (
        "¿Niño? 😀 € “sí”"
    )


def test_the_title_of_the_properties_serves_where_there_is_no_heading(rtf: Read) -> None:
    assert rtf(r"{\info{\title El a\'f1o}{\author X}}\pard Texto.\par").title == "El año"


def test_pictures_notes_headers_and_hidden_text_are_passed_over(rtf: Read) -> None:
    document = rtf(
        r"{\header P\'e1gina\par}\pard Texto{\footnote nota}{\v\fs20 oculto} a la vista"
        rf"{{\pict\pngblip {'89504e47' * 5000}}}.\par"
    )
    assert document.text == "Texto a la vista."


def test_a_link_is_its_text(rtf: Read) -> None:
    link = r'{\field{\*\fldinst{HYPERLINK "https://example.org"}}{\fldrslt{ el sitio}}}'
    assert rtf(rf"\pard Vea{link}.\par").text == "Vea el sitio."


@pytest.mark.parametrize("body", ["", r"\pard\par", r"{\pict 8950}"])
def test_no_text_is_empty(rtf: Read, body: str) -> None:
    with pytest.raises(EmptyDocument):
        rtf(body)


def test_what_is_whole_of_a_torn_file_is_read(make_file: Callable[[str, str], Path]) -> None:
    assert readers.read(make_file("a.rtf", r"{\rtf1\ansi\pard Uno.\par Dos.\par {\b Tr")).text == "Uno.\n\nDos.\n\nTr"
