"""What other assistants hold, taken over from folders in their own forms: once, in place, and without a write there."""

from __future__ import annotations

import hashlib
import math
import os
import random
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from lumbre.assistant import adding
from lumbre.assistant.ignoring import Rules
from lumbre.assistant.importing import Importing
from lumbre.assistant.shelf import Shelf
from lumbre.core import job as jobs
from lumbre.core.errors import ModelUnverified, PeerMissing, PeerUnknown, PeerUnreadable, UnknownPeer
from lumbre.core.importing import ImportReport
from lumbre.core.job import Progress, Stopped
from lumbre.core.models import Model, ModelFile
from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.egress.door import Door
from lumbre.store.conversations import ConversationStore
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

# Tests are imported by path, so what they share must be found by name.
sys.path.insert(0, str(Path(__file__).parent))

import other_programs as others

WEIGHTS = random.Random(1).randbytes(300_000)


class Waker:
    """Stands for the library's worker: counts how often it was woken."""

    woken = 0

    def wake(self) -> int:
        self.woken += 1
        return self.woken


class Bench(Importing):
    """The verbs over a real library, real conversations and a real shelf with one model."""

    def __init__(self, database: Database, home: Home) -> None:
        self._library = LibraryStore(database)
        self._conversations = ConversationStore(database)
        file = ModelFile("small.gguf", len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
        model = Model("small", "Small", "chat", "gguf", "MIT", 4096, [file])
        settings = Settings()
        door = Door(lambda **_: None)
        never: Any = None
        self._shelf = Shelf(home, door, lambda: settings, lambda _: None, never, never, [model])
        self._indexer = Waker()  # type: ignore[assignment]
        self._start = jobs.start
        self._register = lambda paths, id, cancelled: adding.register(
            self._library, paths, id, Rules(settings, set()), cancelled
        )

    @property
    def library(self) -> LibraryStore:
        return self._library

    def brought(self, program: str, folder: Path, *, dry_run: bool = False) -> ImportReport:
        before = snapshot(folder)
        report = self.import_from(program, folder, dry_run=dry_run).result()
        assert snapshot(folder) == before, "nothing of the other program is touched"
        return report

    def conversations(self) -> dict[str, list[tuple[str, str]]]:
        return {
            entry.title: [(each.role, each.text) for each in self._conversations.messages(entry.id)]
            for entry in self._conversations.entries()
        }


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Names, sizes and times of all files; the number of links to a model may grow."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("LUMBRE_MODELS", raising=False)
    return Home(tmp_path / "home")


@pytest.fixture
def bench(tmp_path: Path, home: Home) -> Iterator[Bench]:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield Bench(database, home)
    database.close()


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papeles de España"
    folder.mkdir()
    (folder / "año.txt").write_text("La cuota es de 48 euros.", "utf-8")
    (folder / "otro.txt").write_text("La caldera.", "utf-8")
    return folder


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "su carpeta ñ#?%"
    folder.mkdir()
    return folder


# --- GPT4All ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2, 3])
def test_collections_of_gpt4all_come_with_their_folders_in_place(
    bench: Bench, papers: Path, theirs: Path, version: int
) -> None:
    gone = papers.parent / "ya no está"
    others.gpt4all(theirs, {"Cuotas 2024": [papers, gone], "Vacía": [gone]}, version)
    planned = bench.brought("gpt4all", theirs, dry_run=True)
    assert bench.library.files() == []
    assert bench.library.collections() == []
    report = bench.brought("gpt4all", theirs)
    assert report == planned
    assert [(each.name, each.paths, each.missing) for each in report.collections] == [
        ("Cuotas 2024", [str(papers)], [str(gone)]),
        ("Vacía", [], [str(gone)]),
    ]
    assert [file.path for file in bench.library.files("Cuotas 2024")] == [
        str(papers / "año.txt"),
        str(papers / "otro.txt"),
    ]
    before = bench.library.files()
    bench.brought("gpt4all", theirs)
    assert bench.library.files() == before


def test_the_newest_database_that_holds_something_counts(bench: Bench, papers: Path, theirs: Path) -> None:
    others.gpt4all(theirs, {"Vieja": [papers]}, 1)
    others.gpt4all(theirs, {"Nueva": [papers]}, 2)
    others.gpt4all(theirs, {}, 3)
    assert [each.name for each in bench.brought("gpt4all", theirs).collections] == ["Nueva"]


def test_a_damaged_database_and_one_of_another_form_are_said(bench: Bench, theirs: Path) -> None:
    others.gpt4all(theirs, {"A": [theirs]}, 3)
    path = theirs / "localdocs_v3.db"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 4000)
    with pytest.raises(PeerUnreadable):
        bench.brought("gpt4all", theirs)
    path.write_text("no database", "utf-8")
    with pytest.raises(PeerUnreadable):
        bench.brought("gpt4all", theirs)
    path.unlink()
    connection = apsw.Connection(str(theirs / "localdocs_v9.db"))
    connection.execute("CREATE TABLE collections (uuid TEXT)")
    connection.close()
    with pytest.raises(PeerUnknown) as caught:
        bench.brought("gpt4all", theirs)
    assert caught.value.details["program"] == "GPT4All"
    assert bench.library.collections() == []


def test_what_another_program_has_written_and_not_yet_folded_in_is_read(
    bench: Bench, papers: Path, theirs: Path
) -> None:
    others.gpt4all(theirs, {"A": [papers]}, 3)
    writer = apsw.Connection(str(theirs / "localdocs_v3.db"))
    writer.execute("PRAGMA journal_mode=WAL").fetchall()
    writer.execute("UPDATE collections SET name = 'Recién cambiada'")
    report = bench.import_from("gpt4all", theirs).result()
    writer.close()
    assert [each.name for each in report.collections] == ["Recién cambiada"]


def test_a_database_that_is_at_rest_gets_no_file_beside_it(bench: Bench, papers: Path, theirs: Path) -> None:
    others.gpt4all(theirs, {"A": [papers]}, 3)
    writer = apsw.Connection(str(theirs / "localdocs_v3.db"))
    writer.execute("PRAGMA journal_mode=WAL").fetchall()
    writer.close()
    assert [each.name for each in bench.brought("gpt4all", theirs).collections] == ["A"]
    assert [path.name for path in theirs.iterdir()] == ["localdocs_v3.db"]


# --- AnythingLLM ------------------------------------------------------------------------------------------------------


@pytest.fixture
def storage(theirs: Path, papers: Path) -> Path:
    """A workspace with two documents, of which one original is still there, and chats in and out of a thread."""
    made = others.AnythingLLM(theirs)
    space = made.workspace("Casa y jardín")
    made.document(space, "año", "La cuota", f"file://{papers / 'año.txt'}")
    made.document(space, "subido", "El seguro del coche cuesta 300 euros.", "file:///gone/hotdir/subido.txt")
    made.entry(space, "../../../etc/passwd", {"url": "https://example.org"})
    made.chat(space, "¿Cuánto es la cuota?", "48 euros.")
    made.chat(space, "borrada", "no", include=False)
    made.chat(space, "por la API", "no", api_session_id="x")
    made.chat(space, "¿Y en 2023?", "46 euros.", made.thread(space, "Años pasados"))
    made.close()
    return theirs


def test_workspaces_come_as_collections_of_originals_or_of_the_text_kept(
    bench: Bench, storage: Path, papers: Path
) -> None:
    report = bench.brought("anythingllm", storage)
    (collection,) = report.collections
    kept = storage / "documents" / "custom-documents" / "subido-1.json"
    assert (collection.name, collection.paths) == ("Casa y jardín", [str(papers / "año.txt"), str(kept)])
    assert collection.missing == [str(storage / "documents" / "passwd")]
    assert {file.path for file in bench.library.files("Casa y jardín")} == {str(papers / "año.txt"), str(kept)}


def test_chats_come_as_conversations_once(bench: Bench, storage: Path) -> None:
    report = bench.brought("anythingllm", storage)
    assert (report.conversations, report.known) == (2, 0)
    assert bench.conversations() == {
        "Casa y jardín": [("user", "¿Cuánto es la cuota?"), ("assistant", "48 euros.")],
        "Casa y jardín: Años pasados": [("user", "¿Y en 2023?"), ("assistant", "46 euros.")],
    }
    (entry, _) = bench._conversations.entries()
    assert entry.updated == others.CHATTED
    asked, answered = bench._conversations.messages(entry.id)
    assert not asked.documents
    assert answered.answer is not None
    assert answered.answer.ending == "finished"
    again = bench.brought("anythingllm", storage)
    assert (again.conversations, again.known) == (0, 2)
    assert len(bench.conversations()) == 2


def test_a_database_from_before_there_were_threads_is_read(bench: Bench, storage: Path) -> None:
    connection = apsw.Connection(str(storage / "anythingllm.db"))
    connection.execute("ALTER TABLE workspace_chats DROP COLUMN thread_id")
    connection.execute("ALTER TABLE workspace_chats DROP COLUMN api_session_id; DROP TABLE workspace_threads")
    connection.execute("UPDATE workspace_chats SET createdAt = '2024-05-01 10:00:00'")
    connection.close()
    bench.brought("anythingllm", storage)
    (entry,) = bench._conversations.entries()
    assert (entry.messages, entry.updated) == (6, 1714557600)


def test_a_database_without_workspaces_is_no_known_form(bench: Bench, theirs: Path) -> None:
    apsw.Connection(str(theirs / "anythingllm.db")).close()
    (theirs / "anythingllm.db").touch()
    with pytest.raises(PeerUnknown):
        bench.brought("anythingllm", theirs)


# --- Jan --------------------------------------------------------------------------------------------------------------


def test_threads_of_jan_come_as_conversations_and_a_damaged_one_is_named(bench: Bench, theirs: Path) -> None:
    others.jan(theirs, "t1", "Sobre el tejado", [("system", "Be kind"), ("user", "¿Goteras?"), ("assistant", "Sí.")])
    old = {"value": "Hola", "annotations": []}
    others.jan(theirs, "t2", "Antiguo", [("user", old), ("user", {"value": "¿Sigues?"})], others.CHATTED * 1000)
    others.jan(theirs, "t3", "Vacío", [])
    broken = others.jan(theirs, "t4", "Roto", [])
    (broken / "messages.jsonl").write_text('{"role": "user", "content"', "utf-8")
    report = bench.brought("jan", theirs)
    assert (report.conversations, report.damaged) == (2, [str(broken)])
    assert bench.conversations() == {
        "Sobre el tejado": [("user", "¿Goteras?"), ("assistant", "Sí.")],
        "Antiguo": [("user", "Hola\n\n¿Sigues?")],
    }
    times = {entry.title: entry.updated for entry in bench._conversations.entries()}
    assert times == {"Sobre el tejado": others.CHATTED + 2, "Antiguo": others.CHATTED}
    bench._conversations.delete(bench._conversations.entries()[0].id)
    assert bench.brought("jan", theirs).conversations == 1, "what was deleted here may come again"


def test_what_a_file_can_hold_and_no_database_can_does_no_harm(bench: Bench, theirs: Path) -> None:
    thread = others.jan(
        theirs, "a", "T\ud800", [("user", "medio \ud83d carácter"), ("assistant", "sí\x00no")], math.nan
    )
    about = (thread / "thread.json").read_text("utf-8")
    assert "\\ud800" in about
    deep = others.jan(theirs, "b", "Hondo", [])
    (deep / "messages.jsonl").write_text("[" * 200_000, "utf-8")
    report = bench.brought("jan", theirs)
    assert (report.conversations, report.damaged) == (1, [str(deep)])
    assert bench.conversations() == {"T?": [("user", "medio ? carácter"), ("assistant", "sí\x00no")]}
    assert bench._conversations.entries()[0].updated == 0


# --- LM Studio --------------------------------------------------------------------------------------------------------


def test_conversations_of_lm_studio_come_with_the_version_shown_and_without_thoughts(
    bench: Bench, theirs: Path
) -> None:
    messages = [
        others.said("user", "¿Qué es el pisto?", "¿Qué es el gazpacho?", selected=1),
        others.said("assistant", "Una sopa fría.", thought="Hmm, the user asks…"),
        others.said("system", "x"),
    ]
    others.lmstudio(theirs, "cocina/1760000000000", "Recetas", messages)
    bad = others.lmstudio(theirs, "2", "Mala", [{"versions": []}])
    report = bench.brought("lmstudio", theirs)
    assert (report.conversations, report.damaged) == (1, [str(bad)])
    assert bench.conversations() == {"Recetas": [("user", "¿Qué es el gazpacho?"), ("assistant", "Una sopa fría.")]}
    (entry,) = bench._conversations.entries()
    answer = bench._conversations.messages(entry.id)[1].answer
    assert answer is not None
    assert answer.stats.model == "qwen2.5-1.5b-instruct"
    assert bench.brought("lmstudio", theirs).known == 1


# --- models -----------------------------------------------------------------------------------------------------------


def put_model(folder: Path, content: bytes, name: str = "Qwen-Q4_K_M.gguf") -> Path:
    path = folder / "models" / "qwen" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_model_of_the_catalogue_is_used_where_it_lies(bench: Bench, theirs: Path, home: Home) -> None:
    path = put_model(theirs, WEIGHTS)
    put_model(theirs, b"short", "other.gguf")
    assert [(m.name, m.state) for m in bench.brought("lmstudio", theirs, dry_run=True).models] == [
        ("small", "possible")
    ]
    assert bench._shelf.entries()[0].state == "absent"
    report = bench.brought("lmstudio", theirs)
    assert [(m.name, m.path, m.state) for m in report.models] == [("small", str(path), "used")]
    assert bench._shelf.entries()[0].state == "ready"
    ours = bench._shelf.path("small")
    assert ours == home.models / "small" / "small.gguf"
    assert ours.samefile(path)
    assert bench.brought("lmstudio", theirs).models == []
    ours.unlink()
    assert path.read_bytes() == WEIGHTS


def test_a_file_of_the_same_size_that_is_another_is_not_used(bench: Bench, theirs: Path, home: Home) -> None:
    put_model(theirs, bytes(len(WEIGHTS)))
    assert [each.state for each in bench.brought("lmstudio", theirs).models] == ["other-file"]
    assert bench._shelf.entries()[0].state == "absent"
    assert not (home.models / "small" / "small.gguf").exists()


def test_a_model_on_another_disk_is_reached_by_a_symbolic_link(
    bench: Bench, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put_model(theirs, WEIGHTS)

    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert [each.state for each in bench.brought("lmstudio", theirs).models] == ["used"]
    assert bench._shelf.path("small").resolve() == path
    path.unlink()
    assert bench._shelf.entries()[0].state == "absent"


def test_a_copy_changed_by_its_program_later_is_not_loaded(bench: Bench, theirs: Path) -> None:
    path = put_model(theirs, WEIGHTS)
    bench.brought("lmstudio", theirs)
    with path.open("r+b") as file:
        file.write(b"changed")
    with pytest.raises(ModelUnverified):
        bench._shelf.path("small")


def test_an_import_can_be_stopped_while_it_hashes(bench: Bench, theirs: Path) -> None:
    put_model(theirs, WEIGHTS)

    def starting(title: str, work: Any) -> Any:
        def stopping(job: Any) -> Any:
            job.subscribe(lambda event: job.cancel() if not isinstance(event, Progress) else None)
            return work(job)

        return jobs.start(title, stopping)

    bench._start = starting
    job = bench.import_from("lmstudio", theirs)
    assert isinstance(job.wait(), Stopped)
    assert bench._shelf.entries()[0].state == "absent"


# --- where they are ---------------------------------------------------------------------------------------------------


def test_programs_are_found_in_their_usual_places_and_named_when_not(bench: Bench, papers: Path) -> None:
    assert bench.peers() == {}
    with pytest.raises(PeerMissing):
        bench.import_from("jan")
    with pytest.raises(PeerMissing):
        bench.import_from("gpt4all", papers)
    with pytest.raises(UnknownPeer):
        bench.import_from("otro")
    base = Path(os.environ["HOME"])
    others.gpt4all(Path(os.environ["XDG_DATA_HOME"]) / "nomic.ai" / "GPT4All", {"A": [papers]})
    others.jan(Path(os.environ["XDG_DATA_HOME"]) / "Jan" / "data", "t", "T", [])
    others.lmstudio(base / ".lmstudio", "1", "T", [])
    others.AnythingLLM(Path(os.environ["XDG_CONFIG_HOME"]) / "anythingllm-desktop" / "storage").close()
    assert list(bench.peers()) == ["gpt4all", "anythingllm", "jan", "lmstudio"]
    assert bench.import_from("gpt4all").result().collections[0].paths == [str(papers)]
