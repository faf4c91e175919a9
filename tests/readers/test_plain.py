"""Plain text: encodings, line breaks, headings that are certain, lists, rows and pages."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.readers.plain import from_text

SPANISH = "El niño pingüino comió jamón en Logroño. ¿Qué más? ¡Nada! «Así es», dijo la señora Núñez el año pasado.\n"


def shown(document: Extracted) -> list[tuple[str, int, str]]:
    """Blocks as (kind, level, text)."""
    return [(one.kind, one.level, document.text[one.start : one.end]) for one in document.blocks]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1", "mac_roman", "cp850"]
)
def test_spanish_in_any_encoding(make_file: Callable[[str, bytes], Path], encoding: str) -> None:
    assert readers.read(make_file("a.txt", (SPANISH * 5).encode(encoding))).text == SPANISH * 5


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark(make_file: Callable[[str, bytes], Path], encoding: str) -> None:
    assert readers.read(make_file("a.txt", SPANISH.encode(encoding))).text == SPANISH


def test_a_few_accents_in_latin_1_are_enough(make_file: Callable[[str, bytes], Path]) -> None:
    assert readers.read(make_file("a.txt", "Mañana".encode("latin-1"))).text == "Mañana"


def test_other_alphabets_are_not_taken_for_western_ones(make_file: Callable[[str, bytes], Path]) -> None:
    russian = "Широкая электрификация южных губерний даст мощный толчок подъёму сельского хозяйства. " * 5
    assert readers.read(make_file("a.txt", russian.encode("cp1251"))).text == russian


def test_a_torn_character_does_not_lose_the_rest(make_file: Callable[[str, bytes], Path]) -> None:
    text = readers.read(make_file("a.txt", codecs.BOM_UTF8 + "camión ".encode() + b"\xc3")).text
    assert text.startswith("camión ")


def test_line_breaks_are_of_one_kind(make_file: Callable[[str, bytes], Path]) -> None:
    document = readers.read(make_file("a.txt", b"uno\r\ndos\r\n\r\ntres\rcuatro"))
    assert document.text == "uno\ndos\n\ntres\ncuatro"
    assert [text for _, _, text in shown(document)] == ["uno\ndos", "tres\ncuatro"]


def test_accents_written_apart_are_composed(make_file: Callable[[str, bytes], Path]) -> None:
    assert readers.read(make_file("a.txt", "cafe\u0301".encode())).text == "café"


@pytest.mark.parametrize(
    ("text", "level", "heading"),
    [
        ("Título\n======\n\nTexto.", 1, "Título"),
        ("Título\n------\nTexto.", 2, "Título"),
        ("======\nTítulo\n======\n\nTexto.", 1, "Título"),
        ("Capítulo 3\n\nTexto.", 2, "Capítulo 3"),
        ("CHAPTER XII\n\nText.", 2, "CHAPTER XII"),
        ("BOOK ONE: 1805\n\nText.", 1, "BOOK ONE: 1805"),
        ("2.3. Requisitos del sistema\n\nTexto.", 3, "2.3. Requisitos del sistema"),
        ("2 Requisitos\n\n2.1 Memoria\n\nTexto.", 2, "2 Requisitos"),
    ],
)
def test_certain_headings(text: str, level: int, heading: str) -> None:
    assert shown(from_text(text))[0] == ("heading", level, heading)


@pytest.mark.parametrize(
    "text",
    [
        "1. Abra la puerta\n\n2. Cierre la puerta\n\nTexto.",
        "1.2. Memoria . . . . . . 14\n\nTexto.",
        "Parte del texto que sigue\n\nTexto.",
        "3.5 litros de agua, dos de leche y una pizca de sal.\n\nTexto.",
        "- uno\n---\n\nTexto.",
    ],
)
def test_doubtful_headings_stay_text(text: str) -> None:
    assert all(kind != "heading" for kind, _, _ in shown(from_text(text)))


def test_items_are_blocks_and_keep_their_continuation() -> None:
    document = from_text("Compre:\n- leña\n  de encina\n- cerillas\n\n1. Encienda\n2. Espere")
    assert shown(document) == [
        ("paragraph", 0, "Compre:"),
        ("list", 0, "- leña\n  de encina"),
        ("list", 0, "- cerillas"),
        ("list", 0, "1. Encienda"),
        ("list", 0, "2. Espere"),
    ]


def test_a_number_at_a_line_start_is_no_item() -> None:
    assert len(from_text("Nació en Ávila en\n1982. Murió en\n2001. Fue feliz.").blocks) == 1


def test_rows_of_a_table_are_rows() -> None:
    assert [kind for kind, _, _ in shown(from_text("a,b,c\n1,2,3\n4,5,6"))] == ["row"] * 3


def test_form_feeds_are_pages() -> None:
    document = from_text("uno\n\fdos\n\ftres")
    assert document.pages == [0, 5, 10]
    assert [(block.page, document.text[block.start : block.end]) for block in document.blocks] == [
        (1, "uno"),
        (2, "dos"),
        (3, "tres"),
    ]


def test_a_form_feed_at_the_end_makes_no_page() -> None:
    assert from_text("uno\n\f\n").pages == []
