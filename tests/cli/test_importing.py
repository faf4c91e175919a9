"""`lumbre import`, as a person who comes from another assistant meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw


def test_what_came_is_found_and_comes_once(lumbre: Any, tmp_path: Path) -> None:
    papers = tmp_path / "papeles año"
    papers.mkdir()
    (papers / "cuota.txt").write_text("La cuota de los socios es de 48 euros.", "utf-8")
    theirs = tmp_path / "GPT4All"
    theirs.mkdir()
    connection = apsw.Connection(str(theirs / "localdocs_v3.db"))
    connection.execute(
        "CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE folders (id INTEGER, path TEXT);"
        "CREATE TABLE collection_items (collection_id, folder_id); INSERT INTO collections VALUES (1, 'Socios');"
        "INSERT INTO collection_items VALUES (1, 1), (1, 2)"
    )
    connection.execute("INSERT INTO folders VALUES (1, ?), (2, '/no/está')", (str(papers),))
    connection.close()
    dry = lumbre("import", "gpt4all", "--from", theirs, "--dry-run", LANG="es_ES.UTF-8")
    assert dry.code == 0, dry
    assert "Colección «Socios», indexada donde está:" in dry.out
    assert "ya no está: /no/está" in dry.out
    assert lumbre("--json", "library").json["counts"]["files"] == 0
    run = lumbre("--json", "import", "gpt4all", "--from", theirs)
    assert run.code == 0, run
    assert run.json["imported"][0]["collections"] == [
        {"name": "Socios", "paths": [str(papers)], "missing": ["/no/está"]}
    ]
    assert run.json["counts"]["files"] == 1
    assert lumbre("--json", "search", "cuota", "--in", "Socios").json["passages"][0]["path"] == str(
        papers / "cuota.txt"
    )
    assert lumbre("--json", "import", "gpt4all", "--from", theirs).json["counts"]["files"] == 1


def test_all_that_is_found_comes_even_when_one_is_damaged(lumbre: Any, tmp_path: Path) -> None:
    places = {"XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}
    nothing = lumbre("import", **places)
    assert (nothing.code, nothing.err.splitlines()[0]) == (
        2, "lumbre: No other assistant was found in its usual place (GPT4All, AnythingLLM, Jan, LM Studio)."
    )  # fmt: skip
    thread = tmp_path / "data" / "Jan" / "data" / "threads" / "t"
    thread.mkdir(parents=True)
    (thread / "thread.json").write_text(json.dumps({"id": "t", "title": "Hola"}), "utf-8")
    message = {"role": "user", "content": [{"type": "text", "text": "¿Qué tal?"}], "created_at": 1760000000}
    (thread / "messages.jsonl").write_text(json.dumps(message) + "\n", "utf-8")
    damaged = tmp_path / "data" / "nomic.ai" / "GPT4All" / "localdocs_v3.db"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("nothing of the kind", "utf-8")
    run = lumbre("import", LANG="es_ES.UTF-8", **places)
    assert run.code == 3
    assert "de GPT4All no se puede leer" in run.err
    assert "Conversaciones: 1 nuevas, 0 vinieron antes." in run.out
    again = lumbre("--json", "import", **places)
    assert (again.code, again.json["imported"][0]["known"]) == (3, 1)
    assert again.json["errors"][0]["code"] == "library.peer-unreadable"
    assert lumbre("import", "--from", tmp_path).code == 2
