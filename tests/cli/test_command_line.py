"""The command line by itself: words in two languages, usage, exit codes, what a start costs."""

from __future__ import annotations

import string
import subprocess
import sys
from typing import Any

import pytest

from lumbre.core.texts import Texts, table
from lumbre.frontends.cli import arguments
from lumbre.frontends.cli.run import _VERBS

_HEAVY = ("PySide6", "numpy", "onnxruntime", "llama_cpp", "faiss", "httpx2", "tokenizers", "apsw", "cryptography")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("name", ["cli", "doctor"])
def test_both_languages_say_the_same_things(name: str) -> None:
    english, spanish = table(name, "en"), table(name, "es")
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert fields(text) == fields(spanish[key]), key


def test_every_verb_has_help_in_both_languages(lumbre: Any) -> None:
    for language, word in (("en_US.UTF-8", "usage:"), ("es_ES.UTF-8", "uso:")):
        for verb in filter(None, _VERBS):
            run = lumbre(verb, "--help", LANG=language)
            assert run.code == 0, run
            assert run.out.startswith(f"{word} lumbre {verb}")
            assert not run.err


@pytest.mark.parametrize(
    "line", [["serach"], ["search"], ["search", "x", "--from", "y"], ["search", "x", "--top", "0"], ["models"],
             ["models", "fetch"], ["models", "fetch", "x", "--starter"], ["ask", "x", "--in", "a", "--no-documents"],
             ["--no-such"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_a_sentence_and_code_2(lumbre: Any, line: list[str]) -> None:
    run = lumbre(*line)
    assert run.code == 2
    assert not run.out
    assert run.err.startswith("lumbre: The command is not understood")
    as_json = lumbre("--json", *line)
    assert (as_json.code, as_json.json["error"]["code"]) == (2, "input.usage")
    assert not as_json.err


def test_options_may_stand_before_the_verb_or_after_it() -> None:
    texts = Texts("cli", "en")
    before = arguments.parse(["--home", "h", "--json", "ledger", "verify"], texts)
    after = arguments.parse(["ledger", "verify", "--json", "--home", "h"], texts)
    assert before == after


def test_help_touches_no_other_room() -> None:
    code = "import sys; from lumbre.__main__ import main; main(['--help'])"
    code += f"; print([name for name in {_HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_window_opens_before_the_assistant_is_imported() -> None:
    code = "import sys; from lumbre.__main__ import main; from lumbre.frontends.gui import app; app.run = lambda *_: 0"
    code += "; main([]); print([name for name in sys.argv[1:] if name in sys.modules])"
    heavy = [*(name for name in _HEAVY if name != "PySide6"), "lumbre.wiring", "lumbre.assistant.asking"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_empty_question_is_refused(lumbre: Any) -> None:
    run = lumbre("--json", "ask", stdin=" \n")
    assert (run.code, run.json["error"]["code"]) == (2, "input.empty-question")


def test_a_reader_that_goes_away_is_no_complaint(lumbre: Any) -> None:
    process = lumbre.start("--help")
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.stdin.close()
    process.stderr.close()
    process.wait(60)


def test_an_empty_library_says_what_to_do(lumbre: Any) -> None:
    assert "lumbre add" in lumbre("library").out
    assert lumbre("--json", "library").json == {
        "collections": lumbre("--json", "library").json["collections"],
        "files": [],
        "counts": dict.fromkeys(["files", "waiting", "readable", "done", "set_aside", "chunks", "embedded"], 0)
        | {"reindexed": None},
    }
    assert lumbre("search", "anything").out.strip() == "Nothing found."


def test_a_search_says_why(lumbre: Any, tmp_path: Any) -> None:
    (tmp_path / "poliza.txt").write_text("La póliza P-4471 cubre los daños por agua.", "utf-8")
    assert lumbre("add", tmp_path / "poliza.txt").code == 0
    said = lumbre("search", "--why", "póliza P-4471").out
    assert "Score " in said
    assert "holds: P-4471, póliza" in said
    (plain,) = lumbre("--json", "search", "póliza P-4471").json["passages"]
    (found,) = lumbre("--json", "search", "--why", "póliza P-4471").json["passages"]
    assert found.items() >= plain.items()
    assert found["words"] == ["P-4471", "póliza"]
    assert found["bm25"] >= 0
    assert found["cosine"] is None or found["cosine"] > 0


def test_the_echo_engine_answers_without_a_model(lumbre: Any, tmp_path: Any) -> None:
    run = lumbre("--json", "ask", "Hello there", "--no-documents", "--model", "echo")
    assert run.code == 0, run
    assert run.json["stats"]["engine"] == "echo"
    assert run.json["sources"] == []
    assert "Hello there" in run.json["answer"]


def test_without_a_display_the_conversation_opens_in_the_terminal(lumbre: Any) -> None:
    environment = {"QT_QPA_PLATFORM": ""}
    run = lumbre(stdin="/exit\n", **environment)
    assert run.code == 0, run
    assert "no display" in run.err


def test_doctor_looks_at_everything_and_leaves_nothing(lumbre: Any) -> None:
    run = lumbre("--json", "doctor")
    checks = {check["name"]: check for check in run.json["checks"]}
    assert set(checks) == {
        "machine", "disk", "display", "keyring", "encryption", "reader", "isolation", "chat", "embedding", "models"
    }  # fmt: skip
    assert checks["keyring"]["state"] == "warn"
    for name in ("display", "encryption", "reader", "chat", "embedding"):
        assert checks[name]["state"] == "ok", checks[name]
    assert run.code == 0
    assert not lumbre.home.root.exists()
    spanish = lumbre("doctor", LANG="es_ES.UTF-8").out
    assert "Cifrado: La base de datos está cifrada" in spanish
