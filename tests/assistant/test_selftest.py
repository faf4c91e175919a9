"""The library's test of itself, over a real library and the program's own search by words."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lumbre.assistant.search import Searcher
from lumbre.assistant.selftest import SelfTest
from lumbre.core import job as jobs
from lumbre.core.documents import Chunk, Extracted
from lumbre.core.errors import (
    EmptyQuestion,
    GoldLineUnusable,
    NoGold,
    NotInLibrary,
    PathMissing,
    UnknownGold,
    UnreadableFile,
)
from lumbre.core.gold import GoldComparison
from lumbre.core.job import Job, Progress, Stopped
from lumbre.core.settings import SettingsFile
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore


class Bench(SelfTest):
    """The verbs over a library, with nothing else of the assistant."""

    def __init__(self, library: LibraryStore, settings: SettingsFile) -> None:
        self._library = library
        self._searcher = Searcher(library, None, None)
        self._settings = settings
        self._start = jobs.start

    def tested(self, top: int = 5) -> GoldComparison:
        return self.test_library(top).result()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "papeles de año"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LibraryStore]:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield LibraryStore(database)
    database.close()


@pytest.fixture
def bench(library: LibraryStore, folder: Path, tmp_path: Path) -> Bench:
    put(library, folder / "caldera.txt", "La válvula de seguridad\nde la caldera se abre a 3 bar.")
    put(library, folder / "socios.txt", "Los socios pagan una cuota de 48 euros al año.")
    put(library, folder / "birds.txt", "The bearded vulture eats bones.")
    return Bench(library, SettingsFile(tmp_path / "settings.toml"))


def put(library: LibraryStore, path: Path, text: str) -> None:
    library.add_files([str(path)], library.ensure_collection("Documents").id)
    library.keep(
        str(path),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=len(text),
        mtime_ns=0,
        extracted=Extracted(text, [], "text"),
        chunks=[Chunk(0, len(text), text)],
        language="es",
        reader_version=2,
    )


def test_the_right_file_with_the_right_words_is_a_hit_and_all_else_a_miss(bench: Bench, folder: Path) -> None:
    bench.add_gold("¿A qué presión abre la válvula de la caldera?", folder / "caldera.txt", "VALVULA de seguridad de")
    bench.add_gold("¿Cuánto pagan los socios?", folder / "socios.txt", "49 euros")
    bench.add_gold("bearded vulture", folder / "socios.txt")
    compared = bench.tested()
    assert [each.rank for each in compared.now.results] == [1, 0, 0]
    assert [each.gold.question for each in compared.now.misses] == ["¿Cuánto pagan los socios?", "bearded vulture"]
    assert [each.path for each in compared.now.misses[1].found] == [str(folder / "birds.txt")]
    assert compared.now.recall(1) == compared.now.mrr(5) == pytest.approx(1 / 3)
    assert (compared.before, compared.worse, compared.changed) == (None, False, {})


def test_a_question_asked_again_is_changed_and_one_can_be_removed(bench: Bench, folder: Path) -> None:
    bench.add_gold("¿Cuota?", folder / "caldera.txt")
    bench.add_gold(" ¿Cuota? ", folder / "socios.txt", "cuota")
    (gold,) = bench.gold_questions()
    assert (gold.question, gold.path, gold.words) == ("¿Cuota?", str(folder / "socios.txt"), "cuota")
    bench.remove_gold(gold.id)
    with pytest.raises(UnknownGold):
        bench.remove_gold(gold.id)
    with pytest.raises(NoGold):
        bench.test_library()
    with pytest.raises(EmptyQuestion):
        bench.add_gold("  ", folder / "socios.txt")
    with pytest.raises(NotInLibrary):
        bench.add_gold("¿?", folder / "otro.txt")


def test_what_was_found_before_and_is_not_now_makes_it_worse(bench: Bench, library: LibraryStore, folder: Path) -> None:
    bench.add_gold("cuota de los socios", folder / "socios.txt")
    bench.add_gold("vulture bones", folder / "birds.txt")
    assert bench.tested().now.recall(1) == 1
    again = bench.tested()
    assert (again.worse, again.changed) == (False, {})
    library.remove([str(folder / "socios.txt")])
    worse = bench.tested()
    assert worse.worse
    assert [(each.gone, each.gold.path) for each in worse.now.misses] == [(True, str(folder / "socios.txt"))]
    assert worse.changed["files"] == ("3", "2")
    assert not bench.tested().worse, "the last run is what it is compared with"
    put(library, folder / "socios.txt", "Los socios pagan una cuota de 48 euros al año.")
    assert not bench.tested().worse


def test_a_lower_rank_is_worse_too(bench: Bench, library: LibraryStore, folder: Path) -> None:
    bench.add_gold("vulture", folder / "birds.txt")
    assert bench.tested().now.mrr(5) == 1
    put(library, folder / "more.txt", "vulture vulture vulture")
    compared = bench.tested()
    assert (compared.now.recall(5), compared.now.mrr(5), compared.worse) == (1, 0.5, True)


def test_only_questions_of_both_runs_are_compared_and_as_far_as_both_looked(bench: Bench, folder: Path) -> None:
    bench.add_gold("vulture", folder / "birds.txt")
    bench.tested(top=1)
    bench.add_gold("unfindable", folder / "birds.txt")
    compared = bench.tested(top=5)
    assert compared.now.recall(5) == 0.5
    now, before, top = compared.common
    assert (len(now.results), len(before.results), top) == (1, 1, 1)
    assert not compared.worse


def test_marks_say_what_may_have_made_the_difference(bench: Bench, folder: Path) -> None:
    bench.add_gold("vulture", folder / "birds.txt")
    first = bench.tested().now.marks
    assert first["readers"] == "2"
    assert first["embedded"] == "0 / 3"
    bench._settings.change(msgspec.structs.replace(bench._settings.value, passages=7, theme="dark"))
    assert bench.tested().changed == {"passages": ("4", "7")}


def test_a_copy_of_the_file_is_as_good(bench: Bench, library: LibraryStore, folder: Path) -> None:
    text = "The bearded vulture eats bones."
    put(library, folder / "copy.txt", text)
    bench.add_gold("vulture bones", folder / "copy.txt")
    (result,) = bench.tested().now.results
    assert result.rank == 1


def test_a_stopped_test_is_not_kept(bench: Bench, library: LibraryStore, folder: Path) -> None:
    bench.add_gold("vulture", folder / "birds.txt")
    bench.add_gold("cuota", folder / "socios.txt")
    made: list[Job[Any]] = []

    def starting(title: str, work: Any) -> Job[Any]:
        def stopping(job: Job[Any]) -> Any:
            job.subscribe(lambda event: job.cancel() if isinstance(event, Progress) else None)
            return work(job)

        made.append(jobs.start(title, stopping))
        return made[-1]

    bench._start = starting
    bench.test_library()
    assert isinstance(made[0].wait(), Stopped)
    assert library.last_report() is None


_TABLES = {
    "comma.csv": 'question,path,words\n"¿Cuánto, en euros, pagan?",socios.txt,48 euros\n\nvulture,birds.txt\n',
    "semicolon.csv": "\ufeffPregunta;Ruta;Palabras\n"
    "¿Cuánto, en euros, pagan?;socios.txt;48 euros\nvulture;birds.txt;\n",
    "lines.jsonl": '{"question": "¿Cuánto, en euros, pagan?", "path": "socios.txt", "words": "48 euros"}\n'
    '{"question": "vulture", "path": "birds.txt"}\n',
}


@pytest.mark.parametrize("name", _TABLES)
def test_questions_are_taken_from_a_file_with_paths_from_its_folder(bench: Bench, folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_text(_TABLES[name], "utf-8")
    assert bench.import_gold(folder / name) == 2
    assert [(each.question, Path(each.path).name, each.words) for each in bench.gold_questions()] == [
        ("¿Cuánto, en euros, pagan?", "socios.txt", "48 euros"),
        ("vulture", "birds.txt", ""),
    ]
    assert bench.import_gold(folder / name) == 2
    assert len(bench.gold_questions()) == 2


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.csv", "vulture,birds.txt\nonly a question\n", 2),
        ("b.csv", "vulture,birds.txt\ncuota,otro.txt\n", 2),
        ("c.jsonl", '{"question": "vulture", "path": "birds.txt"}\n{"question": "x"}\n', 2),
        ("d.jsonl", '{"question": "vulture", "path": "birds.txt"}\n[1]\n', 2),
        ("e.jsonl", '{"question": "  ", "path": "birds.txt"}\n', 1),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken_over(
    bench: Bench, folder: Path, name: str, text: str, line: int
) -> None:
    folder.mkdir()
    (folder / name).write_text(text, "utf-8")
    with pytest.raises(GoldLineUnusable) as caught:
        bench.import_gold(folder / name)
    assert caught.value.details["line"] == line
    assert bench.gold_questions() == []


def test_a_file_that_is_not_there_or_no_text_is_said(bench: Bench, folder: Path) -> None:
    with pytest.raises(PathMissing):
        bench.import_gold(folder / "no.csv")
    folder.mkdir()
    (folder / "x.csv").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(UnreadableFile):
        bench.import_gold(folder / "x.csv")
