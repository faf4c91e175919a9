"""Words of the index and expressions over them: one way of writing on both sides, and no syntax that gets through."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import connect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbre.store.library import LibraryStore
from lumbre.store.words import index_row, is_keywords, match_expression, query_terms, stems_of


def matches(query: str, text: str, language: str = "", heading: str = "") -> bool:
    """Whether an index made of `text` answers to `query`."""
    index = connect(":memory:")
    index.execute(
        "CREATE VIRTUAL TABLE passages USING fts5 (words, stems, codes, heading, content='',"
        " tokenize='unicode61 remove_diacritics 2')"
    )
    index.execute(
        "INSERT INTO passages (rowid, words, stems, codes, heading) VALUES (1, ?, ?, ?, ?)",
        index_row(text, heading, language),
    )
    expression = match_expression(query)
    found = bool(expression) and bool(
        index.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (expression,)).fetchall()
    )
    index.close()
    return found


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("¿Cuándo se instalaron los paquetes?", "La instalación de un paquete es sencilla.", "es"),
        ("instalacion", "Las INSTALACIONES eléctricas", "es"),
        ("energía", "fuentes de energias renovables", "es"),
        ("¿quién permaneció?", "decidieron permanecer allí", "es"),
        ("running servers", "The server runs every night", "en"),
        ("universities", "a university in Leeds", "en"),
        ("niño", "los niños", "es"),
        ("Beyoncé", "the singer BEYONCE", "en"),
        ("installation", "installing the system", ""),
        ("instalar", "una instalación", ""),
    ],
)
def test_other_forms_of_a_word_are_found(query: str, text: str, language: str) -> None:
    assert matches(query, text, language)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ABC-123/45", "La factura ABC-123/45 está pagada."),
        ("¿qué pone en la abc-123/45?", "Factura: ABC-123/45."),
        ("10.0.0.1", "ping 10.0.0.1 responde"),
        ("--purge", "apt-get remove --purge nano"),
        ("sources.list", "edite /etc/apt/sources.list con cuidado"),
        ("/etc/apt/sources.list", "edite «/etc/apt/sources.list»"),
        ("1.234,50", "un total de 1234,50 €"),
        ("1,234.50", "un total de 1.234,50 €"),
        ("12 de mayo de 2023", "fecha: 2023-05-12"),
        ("12/05/2023", "el 12 de mayo de 2023"),
        ("May 12, 2023", "firmado el 12 de mayo de 2023"),
        ("2023-05-12", "on 12 May 2023"),
        ("node_modules", "borra node_modules y vuelve"),
        ("ana@correo.es", "escriba a ana@correo.es"),
    ],
)
def test_codes_and_dates_are_found_whole(query: str, text: str) -> None:
    codes = {code for term in query_terms(query) for code in term.codes}
    assert codes & set(index_row(text, "", "")[2].split())
    assert matches(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("10.0.0.1", "la dirección 100.0.1"),
        ("ABC-123/45", "ABC-123/46"),
        ('"red privada virtual"', "una red virtual privada"),
    ],
)
def test_what_is_not_the_same_is_not_found(query: str, text: str) -> None:
    assert not matches(query, text)


def test_a_quoted_phrase_is_found_in_its_order() -> None:
    assert matches('"red privada virtual"', "la Red Privada\nVirtual de la empresa")
    assert matches("«red privada virtual»", "la red privada virtual")


def test_a_heading_is_found() -> None:
    assert matches("instalar", "Primero, el disco.", "es", heading="Guía › Instalación del sistema")


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("¿Cuál es la capital de Francia?", ["capital", "francia"]),
        ("¿qué es esto?", ["que", "es", "esto"]),
        ("to be or not to be", ["to", "be", "or", "not"]),
        ("", []),
        ("¿¡!?", []),
    ],
)
def test_stop_words_are_dropped_unless_nothing_else_is_left(query: str, terms: list[str]) -> None:
    assert [term.text for term in query_terms(query)] == terms


@pytest.mark.parametrize(
    ("query", "keywords"), [("puerto ssh", True), ("ABC-1", True), ("el puerto", False), ("", False)]
)
def test_keywords_are_told_from_questions(query: str, keywords: bool) -> None:
    assert is_keywords(query) is keywords


@given(st.text(max_size=60))
def test_any_text_makes_an_expression_that_sqlite_accepts_and_that_finds_the_text(text: str) -> None:
    assert matches(text, text) or not match_expression(text)


@given(st.text(alphabet="ab\"*():^-+ANDORNEAR{}\\;.'", max_size=40))
def test_fts5_syntax_in_a_query_is_only_text(text: str) -> None:
    matches(text, "a b")


def test_stems_do_not_depend_on_accents() -> None:
    assert stems_of("energia", "es") == stems_of("energias", "es")
    assert len(stems_of("navy", "")) == 2


def test_the_library_finds_what_the_index_row_keeps(library: LibraryStore, keep: Callable[..., None]) -> None:
    keep(library, "/a.txt", "El servidor escucha en 10.0.0.1:8080", "Otra cosa", language="es")
    ((id, score),) = library.lexical(match_expression("¿En qué dirección escucha el servidor?"), 5)
    assert score > 0
    assert "10.0.0.1" in library.chunks([id])[id].text
