"""Everything is looked at, counted and added up, over a real library; what is cited stands where it is said to."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbre import readers
from lumbre.assistant.cut import cut
from lumbre.assistant.exhaustive import LISTED, Everything, look, number, report
from lumbre.assistant.planning import plan
from lumbre.assistant.prompts import texts_of
from lumbre.core.language import detect
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.scopes import EVERYWHERE, Scope

BILLS = """Factura;Proveedor;Fecha;Importe
F-001;Eléctrica Ñandú;2023-01-15;1.234,50 €
F-002;Aguas del Sur;2023-02-11;310,00 €
F-003;Eléctrica Ñandú;2023-03-15;2.000,25 €
F-004;Eléctrica Ñandú;2024-02-15;99,25 €
"""
NOTES = (
    "El contrato con Aguas del Sur vence en 2025. El seguro vence en 2027.\n\nEl contrato de la leña vence en 2026.\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LibraryStore]:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield LibraryStore(database)
    database.close()


def put(library: LibraryStore, path: Path, text: str, collection: str = "Documents") -> None:
    """Read a real file into the library."""
    path.write_text(text, "utf-8")
    extracted = readers.read(path)
    library.add_files([str(path)], library.ensure_collection(collection).id)
    library.keep(
        str(path),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=len(text),
        mtime_ns=0,
        extracted=extracted,
        chunks=cut(extracted),
        language=detect(extracted.text),
    )


def found(library: LibraryStore, question: str, scope: Scope = EVERYWHERE) -> Everything:
    everything = look(library, plan(question).about, "es", scope, lambda: False)
    assert everything is not None
    return everything


def answer(library: LibraryStore, question: str) -> str:
    return report(found(library, question), plan(question), texts_of("es")).text


def test_rows_are_counted_and_added_up(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "facturas.csv", BILLS)
    put(library, tmp_path / "notas.md", NOTES)
    total = answer(library, "¿Cuánto suman las facturas de Eléctrica Ñandú?")
    assert "La suma de «Importe» en 3 filas es 3334." in total
    assert total.count("\n- ") == 3
    assert "F-002" not in total
    assert "es 2000,25." in answer(library, "¿Cuál es el mayor importe?")
    assert "es 911." in answer(library, "¿Cuál es la media del importe?")
    assert "contienen «facturas», «aguas», «sur»: 1 (" in answer(library, "¿Cuántas facturas de Aguas del Sur hay?")


def test_places_in_prose_are_listed_word_for_word(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "notas.md", NOTES)
    everything = found(library, "Enumera todos los contratos")
    assert [match.text for match in everything.matches] == [
        "El contrato con Aguas del Sur vence en 2025.",
        "El contrato de la leña vence en 2026.",
    ]
    assert not everything.are_rows


def test_documents_are_listed_once_each(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "facturas.csv", BILLS)
    put(library, tmp_path / "notas.md", NOTES)
    said = answer(library, "¿Qué documentos mencionan Aguas del Sur?")
    assert said.startswith("He mirado los ")
    assert "facturas.csv — sitios: 1" in said
    assert "notas.md — sitios: 1" in said


def test_citations_point_at_what_is_listed(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "facturas.csv", BILLS)
    question = "¿Cuánto suman las facturas de Eléctrica Ñandú?"
    made = report(found(library, question), plan(question), texts_of("es"))
    whole = readers.read(tmp_path / "facturas.csv").text
    for sentence in made.sentences:
        assert made.text[sentence.start : sentence.end] == sentence.text
    rows = [sentence for sentence in made.sentences if sentence.text.startswith("Factura")]
    assert len(rows) == 3
    for sentence in rows:
        (citation,) = sentence.citations
        assert whole[citation.start : citation.end] == sentence.text
        source = made.sources[citation.number - 1]
        assert source.start <= citation.start < citation.end <= source.end


def test_a_long_list_says_how_many_are_left(library: LibraryStore, tmp_path: Path) -> None:
    lines = "".join(f"R-{n};roble;{n}\n" for n in range(LISTED + 7))
    put(library, tmp_path / "robles.csv", "Pieza;Madera;Precio\n" + lines)
    said = answer(library, "Enumera todos los robles")
    assert said.count("\n- ") == LISTED
    assert said.endswith("Y 7 más.")


def test_nothing_is_found_outside_the_scope(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "facturas.csv", BILLS)
    library.ensure_collection("Otra")
    other = library.scope("Otra")
    assert look(library, "facturas", "es", other, lambda: False) is None
    put(library, tmp_path / "mas.csv", BILLS.replace("F-00", "G-00"), "Otra")
    everything = found(library, "¿Cuántas facturas hay?", other)
    assert (len(everything.matches), everything.documents) == (4, 1)


def test_words_that_no_passage_holds_together(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "notas.md", NOTES)
    assert look(library, "contratos de gas", "es", EVERYWHERE, lambda: False) is None
    assert look(library, "", "es", EVERYWHERE, lambda: False) is None


@given(st.floats(-1e9, 1e9).map(lambda value: round(value, 2)))
def test_numbers_are_read_as_both_languages_write_them(value: float) -> None:
    english = f"{value:,.2f}"
    spanish = english.translate(str.maketrans(",.", ".,"))
    assert number(f"{english} USD", ".") == pytest.approx(value)
    assert number(f"{spanish} €", ",") == pytest.approx(value)


def test_columns_without_a_name_in_the_question(library: LibraryStore, tmp_path: Path) -> None:
    put(library, tmp_path / "cuotas.csv", "Socio;Alta;Base;IVA\nAna Ñu;2019;100,50;21,10\nLuis;2021;200,00;42,00\n")
    said = answer(library, "¿Cuánto suman las cuotas del socio?")
    assert "La suma de «Base» en 2 filas es 300,5. La suma de «IVA» en 2 filas es 63,1." in said
    assert "Alta" not in said.split("He mirado")[0]
    assert answer(library, "¿Cuál es el mayor socio?").startswith("He mirado")


@pytest.mark.parametrize("text", ["", "roble", "€", "12 de enero de 2023", "2023-01-15", "F-001"])
def test_what_is_no_number(text: str) -> None:
    assert number(text, ",") is None
