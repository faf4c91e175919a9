"""`lumbre library gold` and `lumbre library test`, as a person meets them, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_the_library_is_tested_before_and_after_a_change(lumbre: Any, tmp_path: Path) -> None:
    folder = tmp_path / "año"
    folder.mkdir()
    (folder / "socios.txt").write_text("Los socios pagan 48 euros al año.", "utf-8")
    (folder / "birds.txt").write_text("The bearded vulture eats bones.", "utf-8")
    assert lumbre("add", folder).code == 0
    assert lumbre("library", "test", LANG="es_ES.UTF-8").err.startswith("lumbre: No hay preguntas de control")
    added = lumbre("library", "gold", "add", "¿Cuánto pagan los socios?", folder / "socios.txt", "--words", "48 euros")
    assert (added.code, added.out) == (0, "Gold questions: 1.\n")
    (tmp_path / "more.csv").write_text("What eats bones?,año/birds.txt\n", "utf-8")
    assert lumbre("--json", "library", "gold", "import", tmp_path / "more.csv").json == {"imported": 1, "questions": 2}
    listed = lumbre("library", "gold", "list").out
    assert "   1  ¿Cuánto pagan los socios?" in listed
    run = lumbre("library", "test")
    assert (run.code, run.out) == (0, "Gold questions: 2. Recall@1 1.000, recall@5 1.000, MRR 1.000.\n")
    lumbre("library", "remove", folder / "socios.txt")
    run = lumbre("library", "test", LANG="es_ES.UTF-8")
    assert run.code == 1
    assert run.out.startswith("Ya no está en la biblioteca: ¿Cuánto pagan los socios?\n      se esperaba:")
    assert "files: 2 → 1" in run.out
    assert run.out.endswith("Peor que la última vez.\n")
    shown = lumbre("--json", "library", "test").json
    assert (shown["recall_at_1"], shown["worse"], shown["before"]["recall_at_1"]) == (0.5, False, 0.5)
    assert [each["gone"] for each in shown["misses"]] == [True]
    assert lumbre("library", "gold", "remove", "9").code == 2
