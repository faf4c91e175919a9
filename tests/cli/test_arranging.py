"""Collections and tags as a person at the terminal meets them, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPANISH = {"LANG": "es_ES.UTF-8"}


@pytest.fixture
def papers(lumbre: Any, tmp_path: Path) -> Path:
    """Three files of the library, in “Papeles”."""
    folder = tmp_path / "papeles de año"
    folder.mkdir()
    for name, text in (("caldera", "La caldera pierde agua."), ("tejado", "El tejado tiene goteras."), ("a", "Huerto")):
        (folder / f"{name}.txt").write_text(text, "utf-8")
    assert lumbre("add", folder, "--collection", "Papeles").code == 0
    return folder


def test_files_are_moved_tagged_and_shown(lumbre: Any, papers: Path) -> None:
    run = lumbre("library", "move", papers / "caldera.txt", "--to", "Médico", **SPANISH)
    assert (run.code, run.out) == (0, "Llevados a «Médico». Archivos: 1. No se ha vuelto a leer nada.\n")
    assert lumbre("library", "copy", papers / "tejado.txt", "--to", "Médico").code == 0
    assert lumbre("library", "tag", papers, "--add", "Casa", "--add", "2024").out == "Tags changed. Files: 3.\n"
    assert lumbre("library", "tag", papers / "a.txt", "--remove", "CASA").code == 0
    listed = {Path(file["path"]).name: file for file in lumbre("--json", "library").json["files"]}
    assert listed["caldera.txt"]["collections"] == ["Médico"]
    assert listed["tejado.txt"]["collections"] == ["Médico", "Papeles"]
    assert [listed[name]["tags"] for name in ("a.txt", "caldera.txt")] == [["2024"], ["2024", "casa"]]
    assert len(lumbre("--json", "library", "--tag", "casa", "--in", "Papeles").json["files"]) == 1
    shown = lumbre("library", "--tag", "casa", **SPANISH).out
    assert "caldera.txt  #2024  #casa" in shown
    assert "/a.txt" not in shown
    assert lumbre("library", "collections").out == "Médico (2)\nPapeles (2)\n#2024 (3)\n#casa (2)\n"
    lumbre("add", papers, "--collection", "Papeles")
    assert len(lumbre("--json", "library", "--in", "Papeles").json["files"]) == 2, "moved files stay moved"
    lumbre("add", papers / "caldera.txt", "--collection", "Papeles")
    assert len(lumbre("--json", "library", "--in", "Papeles").json["files"]) == 3, "unless they are added by name"


def test_the_label_is_kept_and_shown_everywhere(lumbre: Any, papers: Path) -> None:
    run = lumbre("library", "private", "Papeles", "on", **SPANISH)
    assert run.out == "«Papeles» ya nunca sale de este equipo.\n"
    assert "Papeles (3), nunca sale de este equipo" in lumbre("library", **SPANISH).out
    assert lumbre("--json", "library", "collections").json["collections"][0]["private"] is True
    (passage,) = lumbre("--json", "search", "caldera", "--in", "Papeles", "--top", "1").json["passages"]
    assert passage["private"] is True
    assert "caldera.txt (never leaves this device)" in lumbre("search", "caldera").out
    run = lumbre("library", "move", papers / "caldera.txt", "--to", "Otra")
    assert "Careful: “Otra” is not marked" in run.err
    assert lumbre("--json", "search", "caldera", "--top", "1").json["passages"][0]["private"] is False
    assert lumbre("library", "private", "Papeles", "off").code == 0
    assert "never leaves" not in lumbre("library").out


def test_a_collection_is_renamed_and_deleted(lumbre: Any, papers: Path) -> None:
    assert lumbre("library", "rename", "Papeles", "Archivo").out == "“Papeles” is called “Archivo” now.\n"
    lumbre("library", "copy", papers / "a.txt", "--to", "Otra")
    run = lumbre("library", "delete", "Archivo", **SPANISH)
    assert "Archivos que han salido de la biblioteca con ella: 2." in run.out
    assert [each["path"] for each in lumbre("--json", "library").json["files"]] == [str(papers / "a.txt")]
    assert (papers / "caldera.txt").exists()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["rename", "No", "x"], "input.unknown-collection"),
        (["delete", "No"], "input.unknown-collection"),
        (["move", "no.txt", "--to", "x"], "input.not-in-library"),
        (["tag", "no.txt"], "input.usage"),
        (["private", "Papeles", "perhaps"], "input.usage"),
        (["move", "x"], "input.usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_a_sentence(lumbre: Any, papers: Path, line: list[str], code: str) -> None:
    run = lumbre("--json", "library", *line, **SPANISH)
    assert (run.code, run.json["error"]["code"]) == (2, code)
    assert not [each for each in lumbre("--json", "library").json["collections"] if each["name"] == "x"]
