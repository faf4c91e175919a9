"""The main job: from files to an answer whose citations open the right page, with real models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.model
_SMALL = "qwen2.5-coder-0.5b"


@pytest.fixture
def filled(lumbre: Any, folder: Path, models_dir: Path) -> Any:
    """The program over a library with the four documents, all of it embedded."""
    run = lumbre("--json", "add", folder, "--wait")
    assert run.code == 0, run
    assert run.json == {
        "ending": "finished",
        "counts": run.json["counts"] | {"files": 4, "done": 4, "waiting": 0, "readable": 0, "set_aside": 0},
        "set_aside": [],
    }
    assert run.json["counts"]["chunks"] == run.json["counts"]["embedded"] > 0
    return lumbre


_PLACES = [
    ("At which pressure does the safety valve open?", "boiler manual.pdf", 2, "3 bar"),
    ("¿A qué presión se abre la válvula de seguridad?", "boiler manual.pdf", 2, "3 bar"),
    ("¿Cuánto pagan los socios al año?", "estatutos.md", None, "48 euros"),
    ("How much do members of the cooperative pay each year?", "estatutos.md", None, "48 euros"),
    ("What does the bearded vulture eat?", "birds.html", None, "bones"),
    ("¿Qué ave come huesos?", "birds.html", None, "bones"),
    ("cuánto tarda el pisto", "recetas año.docx", None, "cuarenta minutos"),
]


def test_search_finds_the_place_in_either_language(filled: Any, tmp_path: Path) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("\n".join(query for query, *_ in _PLACES), "utf-8")
    run = filled("search", "--from", queries, "--top", "3")
    assert run.code == 0, run
    for found, (query, file, page, words) in zip(run.lines, _PLACES, strict=True):
        assert list(found) == ["query", "ms", "passages"]
        assert found["query"] == query
        best = found["passages"][0]
        assert list(best) == ["rank", "score", "path", "page", "start", "end", "heading", "text", "private"]
        assert (Path(best["path"]).name, best["page"], best["rank"]) == (file, page, 1), query
        assert words in " ".join(best["text"].split())
        assert best["end"] - best["start"] == len(best["text"])


def test_an_answer_cites_the_page_it_comes_from(filled: Any, folder: Path) -> None:
    question = "At which pressure does the safety valve of the boiler open?"
    run = filled("--json", "ask", question, "--model", _SMALL)
    assert run.code == 0, run
    answer = run.json
    assert "3 bar" in answer["answer"]
    assert answer["ending"] == "finished"
    assert answer["left_device_bytes"] == 0
    assert " ".join(each["text"] for each in answer["sentences"]) == " ".join(answer["answer"].split())
    cited = {number for each in answer["sentences"] for number in each["citations"]}
    places = [(Path(answer["sources"][n - 1]["path"]), answer["sources"][n - 1]["page"]) for n in cited]
    assert (folder / "boiler manual.pdf", 2) in places
    stats = answer["stats"]
    assert stats["model"] == _SMALL
    assert stats["prompt_tokens"] > 100
    assert stats["answer_tokens"] > 0
    assert stats["ttft_s"] > 0
    assert list(stats) == [
        "model", "engine", "device", "quantization", "prompt_tokens", "answer_tokens", "ttft_s", "tokens_per_s"
    ]  # fmt: skip
    assert filled("--json", "ledger", "verify").json == {"entries": 0, "whole": True}


def test_a_conversation_goes_on_and_shows_its_sources(filled: Any) -> None:
    lines = ["¿Cuándo se reúne la asamblea general?", "/fuentes", "/nada", "/scope none", "Hola", "/salir"]
    run = filled("chat", "--model", _SMALL, stdin="\n".join(lines), LANG="es_ES.UTF-8")
    assert run.code == 0, run
    assert "Fuentes" in run.out
    assert "estatutos.md" in run.out
    assert "noviembre" in run.out
    assert "No existe «/nada»" in run.err
    assert "Se busca en: ningún documento" in run.err
    assert run.err.count("tokens/s") == 2


def test_queries_from_a_file_come_out_as_lines(filled: Any, tmp_path: Path) -> None:
    file = tmp_path / "queries.txt"
    file.write_text("safety valve\n\ncuota anual\n", "utf-8")
    run = filled("search", "--from", file, "--top", "1")
    assert [line["query"] for line in run.lines] == ["safety valve", "cuota anual"]
    assert all(len(line["passages"]) == 1 for line in run.lines)
    again = filled("search", "--from", "-", "--top", "1", stdin="cuota anual\n")
    assert [line["passages"] for line in again.lines] == [run.lines[1]["passages"]]


def test_only_what_changed_is_done_again(filled: Any, folder: Path) -> None:
    before = {file["path"]: file for file in filled("--json", "library").json["files"]}
    (folder / "estatutos.md").write_text("# Estatutos\n\nLa cuota mensual es de nueve euros.\n", "utf-8")
    (folder / "birds.html").unlink()
    os.utime(folder / "boiler manual.pdf")
    run = filled("--json", "add", folder, "--wait")
    assert run.code == 0, run
    after = {file["path"]: file for file in filled("--json", "library").json["files"]}
    assert set(before) - set(after) == {str(folder / "birds.html")}
    assert all(file["state"] == "done" for file in after.values())
    found = filled("--json", "search", "cuota", "--top", "1").json["passages"][0]
    assert "nueve euros" in found["text"]
    gone = filled("--json", "search", "bearded vulture bones").json["passages"]
    assert not [each for each in gone if each["path"].endswith("birds.html")]


def test_a_collection_is_a_scope(filled: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("The safety valve of the old stove opens at 9 bar.\n")
    assert filled("add", other, "--collection", "Stoves", "--wait").code == 0
    everywhere = filled("--json", "search", "safety valve").json["passages"]
    assert len({each["path"] for each in everywhere}) > 1
    inside = filled("--json", "search", "safety valve", "--in", "Stoves").json["passages"]
    assert {each["path"] for each in inside} == {str(other)}
    run = filled("--json", "search", "safety valve", "--in", "Nowhere")
    assert (run.code, run.json["error"]["code"]) == (2, "input.unknown-collection")
    names = [(each["name"], each["files"]) for each in filled("--json", "library").json["collections"]]
    assert sorted(names) == [("Documents", 4), ("Stoves", 1)]
