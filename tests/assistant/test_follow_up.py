"""Questions that lean on the one before are searched with it, without what they say otherwise."""

from __future__ import annotations

import pytest

from lumbre.assistant.follow_up import search_query


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("¿y en 2023?", True),
        ("¿Y quién lo construyó?", True),
        ("what about Spain?", True),
        ("¿Cuándo?", True),
        ("Where is it?", True),
        ("¿Qué puerto usa SSH?", False),
        ("¿Cuántos habitantes tiene Bilbao?", False),
        ("Which port does the server use?", False),
        ("AX-204/19", False),
        ("faro", False),
    ],
)
def test_a_question_that_leans_on_the_one_before_is_searched_with_it(question: str, leans: bool) -> None:
    before = "¿Cuánto costó el mantenimiento en 2022?"
    assert (search_query(question, before) != question) == leans
    assert search_query(question, "") == question
    if leans:
        assert search_query(question, before).endswith(question)
        assert search_query(question, before).startswith("¿Cuánto costó el mantenimiento")


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("¿Cuánto costó la leña en 2022?", "¿Y en 2023?", "¿Cuánto costó la leña en ? ¿Y en 2023?"),
        (
            "¿Cuánto suman las facturas de Ñandú?",
            "¿y las de Endesa?",
            "¿Cuánto suman las facturas de ? ¿y las de Endesa?",
        ),
        ("What did Apple earn in Spain?", "And in France?", "What did Apple earn in ? And in France?"),
        ("Who built the tower of Punta Lucero?", "And when?", "Who built the tower of Punta Lucero? And when?"),
    ],
)
def test_the_new_year_or_name_takes_the_place_of_the_old(before: str, question: str, query: str) -> None:
    assert search_query(question, before) == query
