"""Sentences: Spanish and English, and what holds for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbre.core.sentences import sentences

LIKELY = st.text(alphabet="aZé.!?…¿¡ \n\f\"»)[]1-•·。,:;'(", max_size=200)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "wanted",
    [
        ["El Sr. Pérez vive en EE. UU. desde 1990.", "¿Y usted?", "¡No!", "Pues bien... sigamos."],
        ["Véase p. ej. la pág. 3 del art. 5.", "La Dra. Núñez, n.º 4, pagó 3.50 € el 1.º de mayo.", "Fin"],
        ["Use e.g. apt, i.e. the tool.", "See No. 5 by J. R. R. Tolkien.", "The U.S. Army left."],
        ["Mr. Smith said “Stop.”", "Then (at last.) he left.", "It was 5 p.m. in Madrid."],
        ["La versión 12.1 salió.", "Debian 12.", "Ocupa 1.200 MB.", "¿Sí?", "«Sí», dijo."],
        ["Esto se sabe.[1]", "Esto también [2].", "Y esto."],
        ["1. Abra la puerta.", "A. Cierre la puerta.", "IV. Espere."],
        ["これは文です。", "次の文。"],
        ["Dijo que no.", "Etc.", "Luego calló…", "Volvió."],
        ["no hay ningún punto"],
    ],
)
def test_known_sentences(wanted: list[str]) -> None:
    assert split(" ".join(wanted)) == wanted


def test_items_empty_lines_and_pages_end_a_sentence() -> None:
    assert split("Compre:\n- leña\n- cerillas\n\nUn título\n\nuna línea\ny otra\ffin") == [
        "Compre:",
        "- leña",
        "- cerillas",
        "Un título",
        "una línea\ny otra",
        "fin",
    ]


@given(st.one_of(LIKELY, st.text(max_size=100)))
def test_spans_are_ordered_apart_trimmed_and_cover_all(text: str) -> None:
    end = 0
    for start, stop in sentences(text):
        assert not text[end:start].strip()
        assert start < stop
        assert text[start:stop] == text[start:stop].strip()
        end = stop
    assert not text[end:].strip()
