"""Filters are taken out of a question wherever they stand, and nothing else is."""

from __future__ import annotations

from datetime import datetime

import pytest

from lumbre.assistant.filters import parse
from lumbre.core.documents import Filters
from lumbre.core.errors import FilterUnclear


def moment(year: int, month: int, day: int) -> float:
    return datetime(year, month, day).astimezone().timestamp()


def test_a_question_with_every_filter() -> None:
    text, filters = parse(
        '¿Qué dice in:"Mis contratos" tipo:pdf de la leña nombre:Año*.pdf antes:2024 after:2023-05-31?'
    )
    assert text == "¿Qué dice de la leña"
    assert filters == Filters(
        collections=("Mis contratos",),
        formats=("pdf",),
        endings=(".pdf",),
        names=("ano*.pdf",),
        before=moment(2024, 1, 1),
        after=moment(2023, 5, 31),
    )


@pytest.mark.parametrize(
    ("written", "formats"),
    [
        ("type:excel", ("xlsx", "xls", "ods", "csv")),
        ("TIPO:Correo", ("mail", "msg", "mbox")),
        ("type:py", ("py",)),
        ("tipo:presentación", ("pptx", "odp")),
    ],
)
def test_kinds_by_their_everyday_names(written: str, formats: tuple[str, ...]) -> None:
    assert parse(f"leña {written}")[1].formats == formats


@pytest.mark.parametrize(
    "question", ["en: casa", "¿Qué significa tag?", "http://in:8080/", "Reunión:in", "", "antes: de"]
)
def test_what_is_no_filter_stays(question: str) -> None:
    assert parse(question) == (question, Filters())


@pytest.mark.parametrize("value", ["ayer", "2023-13", "31/02/2023", "99999999999"])
def test_a_date_that_is_none(value: str) -> None:
    with pytest.raises(FilterUnclear):
        parse(f"leña before:{value}")
