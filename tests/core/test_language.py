"""Telling Spanish from English from all else, and folding."""

from __future__ import annotations

import pytest

from lumbre.core.language import detect, fold


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "¿y en 2023?"),
        ("es", "¿Quién lo fundó?"),
        ("es", "cuanto cuesta el billete"),
        ("es", "contraseña del router"),
        ("es", "instalar paquetes de la red"),
        ("es", "El comité aprobó los presupuestos de 2024."),
        ("en", "and in 2023?"),
        ("en", "Which port does ssh use"),
        ("en", "How much?"),
        ("en", "The committee approved the budget."),
        ("en", "Where is the config file of Ubuntu?"),
    ],
)
def test_few_words_are_enough(language: str, text: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12/05/2023",
        "ABC-123",
        "Où se trouve le fichier de configuration ?",
        "Qual é a capital da França?",
        "Wie heißt die Hauptstadt von Frankreich?",
        "Qual è la capitale della Francia?",
        "Quina és la capital de França?",
        "Wat is de hoofdstad van Frankrijk?",
        "私は学生です",
        "Как дела?",
    ],
)
def test_other_languages_and_bare_codes_have_none(text: str) -> None:
    assert detect(text) == ""


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert detect("Este es el texto de los estatutos. " * 200 + "the of and " * 5000) == "es"


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Información", "informacion"), ("AÑO", "ano"), ("ﬁn", "fin"), ("Straße", "strasse"), ("plain", "plain")],
)
def test_folding_takes_case_accents_and_ligatures_away(text: str, folded: str) -> None:
    assert fold(text) == folded
