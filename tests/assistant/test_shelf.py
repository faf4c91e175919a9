"""The shelf of models: what is here, what may be loaded, and how it gets here; over a real server on loopback."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import random
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lumbre.assistant import shelf as shelf_module
from lumbre.assistant import stamps
from lumbre.assistant.shelf import READING_LIMIT_S, Shelf, choose_chat
from lumbre.core.errors import (
    AirGapped,
    ChecksumMismatch,
    HostRefused,
    LumbreError,
    ModelMissing,
    ModelUnverified,
    NoChatModel,
    UnknownModel,
)
from lumbre.core.job import Failed, Job, Phase, Progress, Stopped, start
from lumbre.core.models import HttpsSource, Model, ModelEntry, ModelFile, ModelState
from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.egress.door import Door

SIZE = 400_000


class _Handler(SimpleHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        super().do_GET()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """Serves a folder, and notes what was asked for. It knows no Range."""

    daemon_threads = False

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
        self.folder = folder
        self.seen: list[str] = []

    def file(self, name: str, seed: int, **more: Any) -> ModelFile:
        """Put a file of random bytes there and say what the catalogue would."""
        content = random.Random(seed).randbytes(SIZE)
        (self.folder / name).write_bytes(content)
        return ModelFile(name, SIZE, hashlib.sha256(content).hexdigest(), [self.source(name)], **more)

    def source(self, name: str) -> HttpsSource:
        """The address of a file."""
        return HttpsSource(f"http://127.0.0.1:{self.server_port}/{name}")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A running server of an empty folder."""
    folder = tmp_path / "site"
    folder.mkdir()
    with Site(folder) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site
        site.shutdown()
        thread.join()


def _model(name: str, files: list[ModelFile], **more: Any) -> Model:
    facts = {"purpose": "chat", "format": "gguf", "licence": "MIT", "context": 4096, "parameters": 0.5, "memory": 1}
    return Model(name=name, title=name.title(), files=files, **(facts | more))


@pytest.fixture
def models(site: Site) -> list[Model]:
    """An embedder made by a recipe, and three chat models."""
    inner = site.file("inner.bin", 1, intermediate=True)
    made = hashlib.sha256((site.folder / "inner.bin").read_bytes()[::-1]).hexdigest()
    recipe = ModelFile("model.onnx", SIZE, made, recipe="reverse")
    embedder = [site.file("tokenizer.json", 2), inner, recipe]
    return [
        _model("embedder", embedder, purpose="embed", format="onnx", parameters=0.1, starter=True),
        _model("small", [site.file("small.gguf", 3)], starter=True),
        _model("large", [site.file("large.gguf", 4)], starter=True, parameters=1.5),
        _model("huge", [site.file("huge.gguf", 5)], parameters=30.0, active_parameters=3.0),
    ]


class Bench:
    """A shelf with everything around it: its settings, its ledger, its recipe and its measurement."""

    def __init__(self, home: Home, models: list[Model]) -> None:
        self.home = home
        self.settings = Settings()
        self.ledger: list[dict[str, Any]] = []
        self.door = Door(lambda **entry: self.ledger.append(entry))
        self.recipes: list[str] = []
        self.measured: list[str] = []
        self.speed = 100.0
        self.shelf = Shelf(home, self.door, lambda: self.settings, self._change, self._recipe, self._measure, models)

    def _change(self, settings: Settings) -> None:
        self.settings = settings

    def _recipe(self, name: str, folder: Path) -> None:
        self.recipes.append(name)
        (folder / "model.onnx").write_bytes((folder / "inner.bin").read_bytes()[::-1])

    def _measure(self, entry: ModelEntry) -> float:
        self.measured.append(entry.model.name)
        return self.speed

    def fetch(self, *names: str) -> Job[list[ModelEntry]]:
        """Fetch in a job and wait for its end."""
        job = start("fetch", lambda job: self.shelf.fetch(list(names), job))
        job.wait()
        return job

    def states(self) -> dict[str, ModelState]:
        """The state of each model."""
        return {entry.model.name: entry.state for entry in self.shelf.entries()}

    def file(self, name: str) -> Path:
        """Where a chat model's file lies."""
        return self.home.models / name / f"{name}.gguf"


@pytest.fixture
def bench(home: Home, models: list[Model], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A shelf over an empty home with models of its own."""
    monkeypatch.delenv("LUMBRE_MODELS", raising=False)
    return Bench(home, models)


def _error(job: Job[Any]) -> LumbreError:
    assert isinstance(job.ending, Failed)
    assert isinstance(job.ending.error, LumbreError)
    return job.ending.error


def _flip(path: Path, at: int = SIZE // 2) -> None:
    """Change one bit in the middle, and put the times back as a careful hand would."""
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


# --- fetching ---------------------------------------------------------------------------------------------------------


def test_fetched_models_are_ready_and_their_files_are_handed_out(bench: Bench) -> None:
    job = bench.fetch("small", "large")
    assert [(entry.model.name, entry.state) for entry in job.result()] == [("small", "ready"), ("large", "ready")]
    assert bench.shelf.path("small") == bench.file("small")
    assert bench.states() == {"embedder": "absent", "small": "ready", "large": "ready", "huge": "absent"}
    assert sorted(path.name for path in bench.file("small").parent.iterdir()) == [".lock", "small.gguf"]
    assert [entry["outcome"] for entry in bench.ledger] == ["opened", "finished"] * 2


def test_progress_goes_over_all_files(bench: Bench) -> None:
    events = [event for event in bench.fetch("small", "embedder").events() if isinstance(event, Progress)]
    assert {event.total for event in events} == {3 * SIZE}
    assert {event.unit for event in events} == {"bytes"}
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert (events[-1].done, events[-1].label) == (3 * SIZE, "Embedder")


def test_what_is_here_is_not_fetched_again(bench: Bench, site: Site) -> None:
    bench.fetch("small")
    job = bench.fetch("small")
    assert job.result()[0].state == "ready"
    assert next(iter(job.events())) == Progress(SIZE, SIZE, "bytes", "Small")
    assert site.seen == ["/small.gguf"]


def test_an_unknown_name_fetches_nothing(bench: Bench, site: Site) -> None:
    assert isinstance(_error(bench.fetch("small", "none")), UnknownModel)
    with pytest.raises(UnknownModel):
        bench.shelf.require(["small", "none"])
    assert site.seen == []


def test_a_recipe_makes_its_file_and_the_ingredient_goes(bench: Bench) -> None:
    job = bench.fetch("embedder")
    assert job.result()[0].state == "ready"
    assert [event.name for event in job.events() if isinstance(event, Phase)] == ["fetching", "converting"]
    assert bench.shelf.path("embedder").name == "model.onnx"
    folder = bench.home.models / "embedder"
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "model.onnx", "tokenizer.json"]
    bench.fetch("embedder")
    assert bench.recipes == ["reverse"]


def test_a_lost_file_is_fetched_without_the_ingredient(bench: Bench, site: Site) -> None:
    bench.fetch("embedder")
    (bench.home.models / "embedder" / "tokenizer.json").unlink()
    assert bench.fetch("embedder").result()[0].state == "ready"
    assert site.seen == ["/tokenizer.json", "/inner.bin", "/tokenizer.json"]
    assert bench.recipes == ["reverse"]


def test_what_a_recipe_makes_wrong_is_thrown_away(bench: Bench, models: list[Model]) -> None:
    made = msgspec.structs.replace(models[0].files[2], sha256="0" * 64)
    models[0].files[2] = made
    assert isinstance(_error(bench.fetch("embedder")), ChecksumMismatch)
    assert not (bench.home.models / "embedder" / "model.onnx").exists()
    assert bench.states()["embedder"] == "partial"


def test_the_next_source_is_tried_and_each_try_is_recorded(bench: Bench, site: Site, models: list[Model]) -> None:
    models[1].files[0].sources.insert(0, site.source("moved.gguf"))
    assert bench.fetch("small").result()[0].state == "ready"
    assert [entry["outcome"] for entry in bench.ledger] == ["opened", "door.refused", "opened", "finished"]


def test_the_error_of_the_last_source_is_told(bench: Bench, site: Site) -> None:
    (site.folder / "small.gguf").unlink()
    assert isinstance(_error(bench.fetch("small")), HostRefused)


def test_wrong_bytes_are_never_kept(bench: Bench, site: Site) -> None:
    _flip(site.folder / "small.gguf")
    assert isinstance(_error(bench.fetch("small")), ChecksumMismatch)
    assert bench.states()["small"] == "absent"


def test_a_wrong_part_of_an_earlier_try_gets_a_second_chance(bench: Bench, site: Site) -> None:
    part = bench.file("small").with_suffix(".gguf.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(SIZE))
    assert bench.states()["small"] == "partial"
    assert bench.fetch("small").result()[0].state == "ready"
    assert site.seen == ["/small.gguf"]


def test_a_part_that_is_whole_only_needs_its_name(bench: Bench, site: Site) -> None:
    part = bench.file("small").with_suffix(".gguf.part")
    part.parent.mkdir(parents=True)
    part.write_bytes((site.folder / "small.gguf").read_bytes())
    assert bench.fetch("small").result()[0].state == "ready"
    assert site.seen == []
    assert bench.ledger == []


def test_stopping_keeps_what_came_and_the_next_fetch_goes_on(bench: Bench) -> None:
    job: Job[list[ModelEntry]] = Job("fetch")
    job.subscribe(lambda event: job.cancel() if isinstance(event, Progress) else None)
    entries = bench.shelf.fetch(["small", "large"], job)
    assert [entry.state for entry in entries] == ["partial", "absent"]
    assert bench.ledger[-1]["outcome"] == "stopped"
    assert [entry.state for entry in bench.fetch("small", "large").result()] == ["ready", "ready"]


def test_a_job_cancelled_before_it_starts_is_stopped(bench: Bench) -> None:
    begin = threading.Event()
    job = start("fetch", lambda job: (begin.wait() and bench.shelf.fetch(["small"], job)) or [])
    job.cancel()
    begin.set()
    assert isinstance(job.wait(), Stopped)
    assert bench.states()["small"] != "ready"


def test_air_gapped_nothing_is_connected(bench: Bench, site: Site) -> None:
    bench.door.air_gapped = True
    assert isinstance(_error(bench.fetch("small")), AirGapped)
    assert site.seen == []
    assert bench.ledger == []


def test_two_processes_at_once_fetch_it_once(bench: Bench, site: Site, models: list[Model], tmp_path: Path) -> None:
    given = tmp_path / "models.json"
    given.write_bytes(msgspec.json.encode(models))
    program = textwrap.dedent(
        f"""
        import msgspec, shutil, sys
        from pathlib import Path
        from lumbre.assistant.shelf import Shelf
        from lumbre.core.job import Job
        from lumbre.core.models import Model
        from lumbre.core.paths import Home
        from lumbre.core.settings import Settings
        from lumbre.egress.door import Door

        def reverse(name, folder):
            (folder / "model.onnx").write_bytes((folder / "inner.bin").read_bytes()[::-1])

        models = msgspec.json.decode(Path({str(given)!r}).read_bytes(), type=list[Model])
        home = Home(Path({str(bench.home.root)!r}))
        shelf = Shelf(home, Door(lambda **entry: None), Settings, None, reverse, None, models)
        print("ready", flush=True)
        sys.stdin.readline()
        print(*[entry.state for entry in shelf.fetch(["small", "large", "embedder"], Job())])
        """
    )
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    both = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate() for process in both] == [("ready ready ready\n", "")] * 2
    assert sorted(site.seen) == ["/inner.bin", "/large.gguf", "/small.gguf", "/tokenizer.json"]
    assert [bench.shelf.path(name).name for name in ("small", "embedder")] == ["small.gguf", "model.onnx"]


# --- what may be loaded -----------------------------------------------------------------------------------------------


def test_a_model_that_is_not_here_is_missing(bench: Bench) -> None:
    with pytest.raises(ModelMissing):
        bench.shelf.path("small")
    with pytest.raises(UnknownModel):
        bench.shelf.path("none")


def test_one_flipped_bit_is_never_loaded(bench: Bench) -> None:
    bench.fetch("small")
    assert bench.shelf.path("small").exists()
    _flip(bench.file("small"))
    for _ in range(2):
        with pytest.raises(ModelUnverified):
            bench.shelf.path("small")
    assert bench.states()["small"] == "unverified"
    with pytest.raises(NoChatModel):
        bench.shelf.choose_chat()
    assert bench.fetch("small").result()[0].state == "ready", "fetching it again mends it"
    assert bench.shelf.path("small").exists()


@pytest.mark.parametrize("size", [0, 1, SIZE - 1, SIZE + 1])
def test_a_file_of_another_size_is_never_loaded(bench: Bench, size: int) -> None:
    bench.fetch("small")
    os.truncate(bench.file("small"), size)
    assert bench.states()["small"] == "unverified"
    with pytest.raises(ModelUnverified):
        bench.shelf.path("small")


def test_another_file_in_its_place_is_never_loaded(bench: Bench) -> None:
    bench.fetch("small", "large")
    bench.file("large").replace(bench.file("small"))
    with pytest.raises(ModelUnverified):
        bench.shelf.path("small")


def test_every_file_of_a_model_counts(bench: Bench) -> None:
    bench.fetch("embedder")
    _flip(bench.home.models / "embedder" / "tokenizer.json")
    with pytest.raises(ModelUnverified):
        bench.shelf.path("embedder")
    (bench.home.models / "embedder" / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing):
        bench.shelf.path("embedder")
    assert bench.states()["embedder"] == "partial"


def test_a_file_put_there_by_hand_is_hashed_once(bench: Bench, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    real = stamps.sha256
    monkeypatch.setattr(stamps, "sha256", lambda path, tell=None: hashed.append(path) or real(path, tell))
    bench.file("small").parent.mkdir(parents=True)
    bench.file("small").write_bytes((site.folder / "small.gguf").read_bytes())
    assert bench.states()["small"] == "ready"
    assert bench.shelf.path("small") == bench.shelf.path("small") == bench.file("small")
    assert hashed == [bench.file("small")]


def test_a_stamp_for_another_hash_does_not_count(bench: Bench, home: Home, models: list[Model]) -> None:
    bench.fetch("small")
    models[1].files[0] = msgspec.structs.replace(models[1].files[0], sha256="0" * 64)
    with pytest.raises(ModelUnverified):
        Bench(home, models).shelf.path("small")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"x": 1}', b"\xff"])
def test_stamps_that_cannot_be_read_only_cost_a_hash(bench: Bench, content: bytes) -> None:
    bench.fetch("small")
    (bench.home.root / "verified.json").write_bytes(content)
    assert bench.shelf.path("small").exists()


def test_verify_hashes_whatever_the_stamps_say(bench: Bench) -> None:
    bench.fetch("small", "large")
    path = bench.home.root / "verified.json"
    _flip(bench.file("small"))
    forged = json.loads(path.read_text())
    forged[str(bench.file("small").resolve())]["marks"] = stamps._marks(bench.file("small"))
    path.write_text(json.dumps(forged))
    assert bench.shelf.path("small").exists(), "whoever may write the stamps is believed"
    job = start("verify", bench.shelf.verify)
    states = {entry.model.name: entry.state for entry in job.result()}
    assert (states["small"], states["large"]) == ("unverified", "ready")
    events = [event for event in job.events() if isinstance(event, Progress)]
    assert (events[-1].done, events[-1].total) == (2 * SIZE, 2 * SIZE)
    with pytest.raises(ModelUnverified):
        bench.shelf.path("small")


def test_verify_can_be_stopped(bench: Bench) -> None:
    bench.fetch("small", "large")
    job: Job[list[ModelEntry]] = Job("verify")
    job.cancel()
    assert len(bench.shelf.verify(job)) == 4


def test_several_homes_share_one_folder_of_models(
    bench: Bench, models: list[Model], site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.fetch("small")
    monkeypatch.setenv("LUMBRE_MODELS", str(bench.home.models))
    other = Bench(Home(tmp_path / "other"), models)
    assert other.states()["small"] == "ready"
    assert other.shelf.path("small") == bench.file("small")
    assert other.fetch("small").result()[0].state == "ready"
    assert site.seen == ["/small.gguf"]


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_the_starter_set_has_the_larger_model_where_it_reads_fast_enough(bench: Bench) -> None:
    bench.speed = 3 * 1000 / READING_LIMIT_S
    job = start("starter", bench.shelf.fetch_starter)
    assert [entry.model.name for entry in job.result()] == ["embedder", "small", "large"]
    assert {entry.state for entry in job.result()} == {"ready"}
    assert bench.settings.reading_speed == {"small": bench.speed}
    assert Phase("measuring") in list(job.events())


def test_the_starter_set_leaves_the_larger_model_where_it_would_read_too_slowly(bench: Bench, site: Site) -> None:
    bench.speed = 2.9 * 1000 / READING_LIMIT_S
    job = start("starter", bench.shelf.fetch_starter)
    assert [entry.model.name for entry in job.result()] == ["embedder", "small"]
    assert "/large.gguf" not in site.seen


def test_the_starter_set_leaves_the_larger_model_where_memory_is_short(
    bench: Bench, models: list[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    models[2] = msgspec.structs.replace(models[2], memory=2_000_000_000)
    monkeypatch.setattr(shelf_module, "available_memory", lambda: 1_999_999_999)
    scarce = Bench(bench.home, models)
    scarce.speed = 1e6
    assert [entry.model.name for entry in start("s", scarce.shelf.fetch_starter).result()] == ["embedder", "small"]


def test_a_good_measurement_is_taken_once(bench: Bench) -> None:
    bench.speed = 1000.0
    for _ in range(2):
        start("starter", bench.shelf.fetch_starter).result()
    assert bench.measured == ["small"]


def test_a_poor_measurement_is_taken_again_and_the_better_one_kept(bench: Bench) -> None:
    for speed in (50.0, 1000.0, 20.0):
        bench.speed = speed
        entries = start("starter", bench.shelf.fetch_starter).result()
    assert bench.measured == ["small", "small"]
    assert bench.settings.reading_speed == {"small": 1000.0}
    assert [entry.model.name for entry in entries] == ["embedder", "small", "large"]


def test_a_stopped_starter_set_measures_nothing(bench: Bench) -> None:
    job: Job[list[ModelEntry]] = Job("starter")
    job.subscribe(lambda event: job.cancel() if isinstance(event, Progress) else None)
    bench.shelf.fetch_starter(job)
    assert bench.measured == []


def test_reading_times_are_predicted_by_the_parameters_at_work(bench: Bench) -> None:
    bench.settings = Settings(reading_speed={"small": 200.0, "of yesterday": 1.0})
    seconds = {entry.model.name: entry.seconds_per_1000_tokens for entry in bench.shelf.entries()}
    assert seconds.pop("embedder") is None
    assert seconds == pytest.approx({"small": 5.0, "large": 15.0, "huge": 30.0})
    assert [entry.model.name for entry in bench.shelf.entries() if entry.measured] == ["small"]


def test_nothing_is_predicted_without_a_measurement(bench: Bench) -> None:
    assert {entry.seconds_per_1000_tokens for entry in bench.shelf.entries()} == {None}


def _entry(name: str, parameters: float, state: ModelState = "ready", **more: Any) -> ModelEntry:
    return ModelEntry(model=_model(name, [], parameters=parameters), state=state, **more)


@pytest.mark.parametrize(
    ("chosen", "entries", "expected"),
    [
        ("", [_entry("a", 1), _entry("b", 2)], "b"),
        ("a", [_entry("a", 1), _entry("b", 2)], "a"),
        ("a", [_entry("a", 1, "absent"), _entry("b", 2)], "b"),
        ("a", [_entry("a", 1, "unverified"), _entry("b", 2)], "b"),
        ("b", [_entry("a", 1), _entry("b", 2, fits=False, seconds_per_1000_tokens=99.0)], "b"),
        ("", [_entry("a", 1), _entry("b", 2, fits=False)], "a"),
        ("", [_entry("a", 1), _entry("b", 2, seconds_per_1000_tokens=25.1)], "a"),
        ("", [_entry("a", 1), _entry("b", 2, seconds_per_1000_tokens=25.0)], "b"),
        ("", [_entry("a", 1, fits=False), _entry("b", 2, fits=False)], "a"),
        ("", [_entry("b", 2, "partial"), _entry("a", 1)], "a"),
    ],
)
def test_the_model_that_is_used_when_nobody_names_one(chosen: str, entries: list[ModelEntry], expected: str) -> None:
    assert choose_chat(Settings(model=chosen), entries) == expected


def test_without_a_chat_model_there_is_nothing_to_choose(bench: Bench) -> None:
    bench.fetch("embedder")
    with pytest.raises(NoChatModel):
        bench.shelf.choose_chat()


def test_a_loaded_model_fits_though_its_memory_is_taken(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.fetch("small", "large")
    monkeypatch.setattr(shelf_module, "available_memory", lambda: 0)
    assert bench.shelf.choose_chat() == "small"
    assert bench.shelf.choose_chat(loaded="large") == "large"


@pytest.mark.model
def test_the_real_models_of_this_machine_are_the_published_ones(home: Home, models_dir: Path) -> None:
    shelf = Shelf(home, Door(lambda **entry: None), Settings, lambda settings: None, _no_recipe, _no_measure)
    here = [entry.model.name for entry in shelf.entries() if entry.state == "ready"]
    assert here
    for name in here:
        assert shelf.path(name).is_file()


def _no_recipe(name: str, folder: Path) -> None:
    raise AssertionError(name)


def _no_measure(entry: ModelEntry) -> float:
    raise AssertionError(entry)
