"""Which questions are for all that there is, and which for the best passage; in both languages."""

from __future__ import annotations

import pytest

from lumbre.assistant.planning import plan


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Enumera todas las facturas de Iberdrola", "facturas de iberdrola"),
        ("List all contracts signed with ACME", "contracts signed with acme"),
        ("Show me every invoice", "invoice"),
        ("¿Cuáles son todos los niveles de riesgo?", "niveles de riesgo"),
    ],
)
def test_all(question: str, about: str) -> None:
    found = plan(question)
    assert (found.kind, found.about, found.documents) == ("all", about, False)


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("¿En qué documentos se habla del faro?", "all", "del faro"),
        ("Which files mention LVM?", "all", "lvm"),
        ("How many documents mention RAID?", "count", "raid"),
        ("¿Cuántos archivos contienen la palabra albarán?", "count", "la palabra albaran"),
    ],
)
def test_documents_themselves(question: str, kind: str, about: str) -> None:
    found = plan(question)
    assert (found.kind, found.about, found.documents) == (kind, about, True)


@pytest.mark.parametrize(
    ("question", "operation", "about"),
    [
        ("¿Cuánto suman las facturas de Iberdrola?", "sum", "las facturas de iberdrola"),
        ("What is the average price of oak?", "mean", "price of oak"),
        ("¿Cuál es el mayor importe?", "most", "importe"),
        ("What is the lowest price?", "least", "price"),
    ],
)
def test_figures(question: str, operation: str, about: str) -> None:
    found = plan(question)
    assert (found.kind, found.operation, found.about) == ("figure", operation, about)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Compara los ingresos de 2022 y 2023", ("los ingresos de 2022", "los ingresos de 2023")),
        ("¿Qué diferencia hay entre la encina y el roble?", ("la encina", "el roble")),
        (
            "Compare the dividends of Apple and Amazon in 2022",
            ("the dividends of apple in 2022", "the dividends of amazon in 2022"),
        ),
        ("What changed between version 1 and version 2?", ("version 1", "version 2")),
        ("How did net sales change from 2021 to 2022?", ("net sales 2021", "net sales 2022")),
        (
            "¿Qué ha cambiado en la política de devoluciones entre 2022 y 2023?",
            ("la politica de devoluciones 2022", "la politica de devoluciones 2023"),
        ),
    ],
)
def test_comparisons_are_searched_side_by_side(question: str, sides: tuple[str, str]) -> None:
    found = plan(question)
    assert (found.kind, found.sides) == ("compare", sides)


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuándo se encendió el faro?",
        "Who built the tower?",
        "Dime la contraseña",
        "¿Por qué se apagó?",
        "y en 2023?",
        "",
    ],
)
def test_other_questions_want_the_best_passage(question: str) -> None:
    assert plan(question).kind == "best"
