"""Added folders are watched: real folders, the system's real events, a real library; a plain reader and embedder."""

from __future__ import annotations

import hashlib
import random
import secrets
import shutil
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from lumbre.assistant import adding, surroundings, watching
from lumbre.assistant.ignoring import IGNORE_FILE, Rules, parse
from lumbre.assistant.indexer import Indexer
from lumbre.assistant.pace import Pace, Speed
from lumbre.assistant.search import Searcher
from lumbre.assistant.watching import Watcher
from lumbre.core.documents import Block, Extracted, LibraryCounts
from lumbre.core.errors import EmptyDocument, FolderAway, WatchLimit
from lumbre.core.events import WatchFailed
from lumbre.core.settings import Settings
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

LONGEST = 60
"""Seconds after which a test gives up waiting; nothing is timed by it."""


class PlainReader:
    """Reads text files in this process and remembers which."""

    def __init__(self) -> None:
        self.read_paths: list[str] = []

    def read(self, path: Path, cancelled: object = None, *, password: str = "", recognise: bool = True) -> Extracted:
        self.read_paths.append(str(path))
        text = path.read_text("utf-8")
        if not text:
            raise EmptyDocument
        ends = [at for at, character in enumerate(text) if character == "\n"] + [len(text)]
        starts = [0, *(end + 1 for end in ends[:-1])]
        blocks = [Block(a, b, level=1, kind="heading") for a, b in zip(starts, ends, strict=True) if b > a]
        return Extracted(text, blocks, "text")

    def render(self, *_: object) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held."""


class PlainEmbedder:
    """A vector from the text alone; counts what it was given."""

    model = "plain@1"
    dimensions = 4

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        self.texts += texts
        return b"".join(struct.pack("<4f", *hashlib.sha256(text.encode()).digest()[:4]) for text in texts)

    def close(self) -> None:
        """Nothing is held."""


class Watched:
    """A library with its worker and its watcher over one database."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._database = Database.open(folder / "lumbre.db", key)
        self.library = LibraryStore(self._database)
        self.settings = Settings()
        self.reader, self.embedder = PlainReader(), PlainEmbedder()
        self.told: list[object] = []
        self._changed = threading.Condition()
        lock = folder / "indexing.lock"
        self.indexer = Indexer(self.library, self.reader, 1, lambda: self.embedder, lock, self._tell)
        self.watcher = Watcher(self.library, lambda: self.settings, self.indexer.wake, self._tell)

    def _tell(self, event: object) -> None:
        with self._changed:
            self.told.append(event)
            self._changed.notify_all()

    def wait(self, holds: Callable[[], bool]) -> bool:
        """Wait until something holds, looking whenever the library changes."""
        with self._changed:
            return self._changed.wait_for(holds, LONGEST)

    def add(self, path: Path, collection: str = "Documents") -> None:
        id = self.library.ensure_collection(collection).id
        adding.register(self.library, [path], id, self.rules(), lambda: False)
        self.watcher.look_again()
        self.indexer.wait_for(self.indexer.wake(), LONGEST)

    def watch(self) -> None:
        self.watcher.start()
        assert self.watcher.settle(LONGEST)

    def rules(self) -> Rules:
        return Rules(self.settings, self.library.left_out())

    def paths(self) -> set[str]:
        return {file.path for file in self.library.files()}

    def index(self) -> dict[str, str]:
        """Every file that is read and embedded, with the hash of its content as last read."""
        known = self.library.known(sorted(self.paths()))
        return {path: digest for path, (_, _, digest, state) in known.items() if state in ("done", "set-aside")}

    def found(self, word: str) -> set[str]:
        return {passage.path for passage in Searcher(self.library, None, None).search(word, top=20).passages}

    def close(self) -> None:
        self.watcher.close()
        self.indexer.close()
        self._database.close()


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def watched(tmp_path: Path, key: bytes) -> Iterator[Watched]:
    made = Watched(tmp_path, key)
    yield made
    made.close()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


def truth(*roots: Path) -> dict[str, str]:
    """What lies below folders: paths with the hash of the content."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }


# --- the index is the truth -------------------------------------------------------------------------------------------


class Hand:
    """Does to folders what persons and programs do, at random."""

    def __init__(self, chance: random.Random, roots: list[Path]) -> None:
        self._chance = chance
        self._roots = roots
        self._number = 0

    def _folders(self) -> list[Path]:
        inner = [path for root in self._roots for path in root.rglob("*") if path.is_dir() and not path.is_symlink()]
        return self._roots + sorted(inner)

    def _files(self) -> list[Path]:
        return sorted(path for root in self._roots for path in root.rglob("*.txt") if path.is_file())

    def _new(self, suffix: str = ".txt") -> Path:
        self._number += 1
        return self._chance.choice(self._folders()) / f"{self._number}{suffix}"

    def text(self) -> str:
        self._number += 1
        return "\n".join(f"palabra{self._number}x{line}" for line in range(self._chance.randrange(1, 5)))

    def act(self) -> None:
        names = ["create", "edit", "delete", "rename", "replace", "touch", "chmod", "make_folder", "move_folder",
                 "delete_folder", "copy", "append", "swap", "backup"]  # fmt: skip
        getattr(self, self._chance.choice(names))()

    def create(self) -> None:
        self._new().write_text(self.text())

    def _some(self) -> Path:
        return self._chance.choice(self._files() or [self._created()])

    def _created(self) -> Path:
        path = self._new()
        path.write_text(self.text())
        return path

    def edit(self) -> None:
        self._some().write_text(self.text())

    def append(self) -> None:
        with self._some().open("a") as file:
            file.write(f"\n{self.text()}")

    def delete(self) -> None:
        self._some().unlink()

    def rename(self) -> None:
        self._some().rename(self._new())

    def copy(self) -> None:
        shutil.copy2(self._some(), self._new())

    def replace(self) -> None:
        """As editors save: write beside, then put in place."""
        beside = self._new(".tmp")
        beside.write_text(self.text())
        beside.replace(self._some())

    def backup(self) -> None:
        """As other editors save: put the old one aside, then write the new one."""
        path = self._some()
        path.rename(path.with_name(path.name + "~"))
        path.write_text(self.text())
        path.with_name(path.name + "~").unlink()

    def swap(self) -> None:
        one, other, beside = self._some(), self._some(), self._new()
        if one != other:
            one.rename(beside)
            other.rename(one)
            beside.rename(other)

    def touch(self) -> None:
        self._some().touch()

    def chmod(self) -> None:
        path = self._some()
        path.chmod(0o600 if path.stat().st_mode & 0o040 else 0o644)

    def make_folder(self) -> None:
        self._number += 1
        (self._chance.choice(self._folders()) / f"d{self._number}").mkdir()

    def move_folder(self) -> None:
        inner = self._folders()[len(self._roots) :]
        if inner:
            folder = self._chance.choice(inner)
            targets = [one for one in self._folders() if not one.is_relative_to(folder)]
            self._number += 1
            folder.rename(self._chance.choice(targets) / f"m{self._number}")

    def delete_folder(self) -> None:
        inner = self._folders()[len(self._roots) :]
        if inner and self._chance.random() < 0.4:
            shutil.rmtree(self._chance.choice(inner))


@pytest.mark.parametrize("seed", range(4))
def test_after_200_random_operations_the_index_is_the_truth(watched: Watched, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    roots = [tmp_path / "one", tmp_path / "other"]
    for root in roots:
        root.mkdir()
        watched.add(root, root.name)
    watched.watch()
    hand = Hand(chance, roots)
    for _ in range(200):
        hand.act()
        if chance.random() < 0.05:  # let the watcher see what is between
            watched.watcher.settle(LONGEST)
    now = truth(*roots)
    watched.wait(lambda: watched.index() == now)
    assert watched.index() == now
    assert watched.paths() == set(now)
    for path in chance.sample(sorted(now), min(20, len(now))):
        word = Path(path).read_text().splitlines()[0]
        assert path in watched.found(word) or len(watched.found(word)) > 0
    for file in watched.library.files():
        assert file.collections == [Path(file.path).relative_to(tmp_path).parts[0]]
    # What is kept of it is no more than of a library filled with it at once.
    assert watched.library.counts().chunks == sum(
        file.chunks for file in {f.path: f for f in _unique(watched)}.values()
    )


def _unique(watched: Watched) -> list[Any]:
    """One file for each content."""
    by_digest = {digest: path for path, digest in watched.index().items()}
    return [file for file in watched.library.files() if file.path in by_digest.values()]


def test_what_changed_while_the_program_was_closed_is_found_at_the_next_start(
    tmp_path: Path, docs: Path, key: bytes
) -> None:
    hand = Hand(random.Random(5), [docs])
    for _ in range(30):
        hand.create()
        hand.make_folder()
    first = Watched(tmp_path, key)
    first.add(docs)
    first.close()
    for _ in range(100):
        hand.act()
    second = Watched(tmp_path, key)
    try:
        second.watch()
        now = truth(docs)
        second.wait(lambda: second.index() == now)
        assert second.index() == now
    finally:
        second.close()


# --- moves cost nothing -----------------------------------------------------------------------------------------------


def many(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.txt").write_text(f"palabra{number} de {folder.name}")


@pytest.mark.parametrize("running", [True, False], ids=["watched", "closed"])
def test_a_moved_folder_is_neither_read_nor_embedded(watched: Watched, docs: Path, running: bool) -> None:
    many(docs / "a" / "old", 300)
    watched.add(docs)
    if running:
        watched.watch()
    watched.reader.read_paths.clear()
    watched.embedder.texts.clear()
    before = {file.id for file in watched.library.files()}
    (docs / "a" / "old").rename(docs / "new")
    if not running:
        watched.watch()
    now = truth(docs)
    watched.wait(lambda: watched.index() == now)
    assert watched.index() == now
    assert (watched.reader.read_paths, watched.embedder.texts) == ([], [])
    assert {file.id for file in watched.library.files()} == before
    assert watched.found("palabra7") == {str(docs / "new" / "7.txt")}


def test_what_moves_between_folders_changes_its_collection_and_is_not_read(watched: Watched, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    many(one / "part", 5)
    other.mkdir()
    watched.add(one, "One")
    watched.add(other, "Other")
    watched.watch()
    watched.reader.read_paths.clear()
    (one / "part").rename(other / "part")
    watched.wait(lambda: watched.index() == truth(other))
    assert [file.collections for file in watched.library.files()] == [["Other"]] * 5
    assert not watched.reader.read_paths


def test_what_lies_inside_a_file_follows_it_and_goes_with_it(watched: Watched, docs: Path) -> None:
    (docs / "box.txt").write_text("caja")
    watched.add(docs)
    with watched.library._db.write() as connection:
        connection.execute(
            "INSERT INTO files (path, state, container_id) SELECT path || '/inner/a.txt', 'done', id FROM files"
        )
    watched.watch()
    (docs / "box.txt").rename(docs / "crate.txt")
    watched.wait(lambda: watched.paths() == {str(docs / "crate.txt"), str(docs / "crate.txt" / "inner" / "a.txt")})
    assert watched.paths() == {str(docs / "crate.txt"), str(docs / "crate.txt" / "inner" / "a.txt")}
    (docs / "crate.txt").unlink()
    watched.wait(lambda: not watched.paths())
    assert not watched.paths()


def test_only_changed_chunks_of_an_edited_file_are_embedded(watched: Watched, docs: Path) -> None:
    lines = [f"palabra{line} " * 200 for line in range(20)]
    (docs / "long.txt").write_text("\n".join(lines))
    watched.add(docs)
    watched.watch()
    whole = len(watched.embedder.texts)
    watched.embedder.texts.clear()
    lines[-1] = "distinta " * 200
    (docs / "long.txt").write_text("\n".join(lines))
    watched.wait(lambda: watched.index() == truth(docs))
    assert 0 < len(watched.embedder.texts) < whole / 2
    assert watched.found("distinta")


# --- what is out of sight is kept -------------------------------------------------------------------------------------


def test_files_of_a_folder_that_is_away_are_kept_and_it_is_said(
    watched: Watched, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PRESENCE_SECONDS", 0.05)
    many(docs / "part", 5)
    watched.add(docs)
    watched.watch()
    known = watched.index()
    docs.rename(docs.with_name("unplugged"))
    watched.wait(lambda: any(isinstance(one, WatchFailed) for one in watched.told))
    assert next(one.error for one in watched.told if isinstance(one, WatchFailed)).details == {"path": str(docs)}
    assert watched.watcher.settle(LONGEST)
    assert watched.index() == known
    docs.with_name("unplugged").rename(docs)
    (docs / "late.txt").write_text("tarde")
    watched.wait(lambda: watched.index() == truth(docs))
    assert watched.index() == truth(docs)


def test_an_empty_place_of_a_drive_is_not_an_empty_folder(watched: Watched, docs: Path) -> None:
    many(docs / "part", 3)
    watched.add(docs)
    known = watched.index()
    watched.library.add_root(str(docs), watched.library.ensure_collection("Documents").id, mount=str(docs))
    shutil.rmtree(docs / "part")
    assert adding.Roots(watched.library).is_away(str(docs))
    watched.watch()
    assert watched.index() == known


def test_a_limit_of_the_system_is_said_and_everything_is_compared_all_the_same(
    watched: Watched, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog.observers import Observer

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "schedule", refuse)
    many(docs / "part", 3)
    watched.library.add_root(str(docs), watched.library.ensure_collection("Documents").id)
    watched.watch()
    watched.wait(lambda: watched.index() == truth(docs))
    assert watched.index() == truth(docs)
    (failed,) = [one for one in watched.told if isinstance(one, WatchFailed)]
    assert isinstance(failed.error, WatchLimit)
    assert not isinstance(failed.error, FolderAway)


def test_links_to_folders_are_not_followed(watched: Watched, docs: Path, tmp_path: Path) -> None:
    many(tmp_path / "elsewhere", 2)
    (docs / "loop").symlink_to(docs)
    (docs / "link").symlink_to(tmp_path / "elsewhere")
    watched.add(docs)
    watched.watch()
    (docs / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "more.txt").write_text("más")
    (docs / "own.txt").write_text("propio")
    watched.wait(lambda: bool(watched.index()))
    assert watched.watcher.settle(LONGEST)
    assert watched.paths() == {str(docs / "own.txt")}


def test_what_a_person_took_out_stays_out_until_it_is_added_by_its_path(watched: Watched, docs: Path) -> None:
    many(docs / "part", 2)
    watched.add(docs)
    out = str(docs / "part" / "0.txt")
    watched.library.remove([out])
    watched.library.leave_out([out])
    watched.watch()
    Path(out).write_text("otra cosa")
    (docs / "after.txt").write_text("después")
    watched.wait(lambda: str(docs / "after.txt") in watched.index())
    assert out not in watched.paths()
    watched.add(Path(out))
    assert out in watched.index()


def test_a_pause_outlives_the_program(tmp_path: Path, docs: Path, key: bytes) -> None:
    first = Watched(tmp_path, key)
    first.indexer.pause(True)
    first.close()
    second = Watched(tmp_path, key)
    try:
        (docs / "a.txt").write_text("texto")
        second.library.add_root(str(docs), second.library.ensure_collection("Documents").id)
        second.watch()
        assert second.indexer.paused
        assert second.library.counts().waiting == 1
        second.indexer.pause(False)
        second.wait(lambda: second.index() == truth(docs))
        assert second.index() == truth(docs)
    finally:
        second.close()


# --- what is left out -------------------------------------------------------------------------------------------------


def test_what_becomes_ignored_leaves_and_comes_back(watched: Watched, docs: Path) -> None:
    many(docs / "keep", 2)
    many(docs / "drafts", 2)
    (docs / ".hidden.txt").write_text("oculto")
    (docs / "cache.tmp").write_text("provisional")
    watched.add(docs)
    assert len(watched.paths()) == 4
    watched.watch()
    (docs / IGNORE_FILE).write_text("drafts/\n")
    watched.wait(lambda: len(watched.paths()) == 2)
    assert {Path(path).parent.name for path in watched.paths()} == {"keep"}
    (docs / IGNORE_FILE).unlink()
    watched.wait(lambda: len(watched.paths()) == 4)
    assert len(watched.paths()) == 4
    watched.settings = msgspec.structs.replace(watched.settings, ignore=("*.txt",), hidden_files=True)
    watched.watcher.compare_all()
    watched.wait(lambda: watched.paths() == {str(docs / "cache.tmp")})
    assert watched.paths() == {str(docs / "cache.tmp")}


def test_a_file_added_by_its_path_is_taken_whatever_the_rules_say(watched: Watched, docs: Path) -> None:
    chosen = docs / ".notes.tmp"
    chosen.write_text("elegido")
    watched.add(chosen)
    watched.add(docs)
    watched.watch()
    assert watched.paths() == {str(chosen)}
    chosen.write_text("cambiado")
    watched.wait(lambda: watched.index() == {str(chosen): hashlib.sha256(b"cambiado").hexdigest()})
    assert watched.found("cambiado") == {str(chosen)}


_NAMES = st.sampled_from(["a", "b", "ab", "a.b", "a]", "x y", "#c", "!d", "-"])
_PARTS = st.sampled_from(
    ["a", "b", "ab", "*", "**", "?", "[ab]", "[!a]", "[^b]", "[a-b]", "[b-a]", "[]a]", "[[:alpha:]]", "a*", "*b",
     "**b", "\\*", "\\#c", "\\!d", "[a", "x\\ y", "[-a]", "[[:digit:]-]", "a.b", "#c", "!d", "***"]
)  # fmt: skip
_LINES = st.builds(
    lambda taken_back, first, parts, last, tail: taken_back + first + "/".join(parts) + last + tail,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(_PARTS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/", "/**"]),
    st.sampled_from(["", "", " ", "\\ "]),
)


@settings(max_examples=60)
@given(
    lines=st.lists(_LINES, min_size=1, max_size=4),
    inner=st.lists(_LINES, max_size=2),
    paths=st.lists(st.lists(_NAMES, min_size=1, max_size=3), min_size=1, max_size=8),
)
def test_patterns_mean_what_git_says(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], inner: list[str], paths: list[list[str]]
) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git here to compare with")
    folder = tmp_path_factory.mktemp("git")
    git = ["git", "-C", str(folder), "-c", "core.excludesFile=/dev/null"]
    subprocess.run([*git, "init", "-q"], check=True)
    for parts in paths:
        path = folder.joinpath(*parts)
        if not any(one.is_file() for one in [path, *path.parents]) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    for place, written in ((folder, lines), (folder / "a", inner)):
        if place.is_dir() and written:
            for name in (".gitignore", IGNORE_FILE):
                (place / name).write_text("".join(f"{line}\n" for line in written))
    files = [str(path) for path in folder.rglob("*") if path.is_file() and ".git" not in str(path.relative_to(folder))]
    files = [path for path in files if not path.endswith(IGNORE_FILE)]
    done = subprocess.run(
        [*git, "check-ignore", "--stdin", "-z"], input="\0".join(files), capture_output=True, text=True, check=False
    )
    rules = Rules(Settings(ignore=()), set())
    ours = {path for path in files if not rules.takes(str(folder), path, Path(path).stat())}
    walked = {one.path for one in rules.walk(str(folder), str(folder), lambda _: None)}
    shutil.rmtree(folder)
    assert ours == {path for path in done.stdout.split("\0") if path}
    assert walked == set(files) - ours


@pytest.mark.parametrize("line", ["", "# words", "   ", "[a", "a\\", "!", "/", "[[:nothing:]]"])
def test_lines_that_match_nothing(line: str) -> None:
    assert parse(line) is None


# --- the machine around it --------------------------------------------------------------------------------------------


def test_a_file_in_the_cloud_is_set_aside_and_not_opened(
    watched: Watched, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "cloud.txt").write_text("lejos")
    (docs / ".report.pdf.icloud").write_text("stub")
    monkeypatch.setattr(surroundings, "_is_icloud_stub", lambda name: name in ("cloud.txt", ".report.pdf.icloud"))
    watched.add(docs)
    assert {file.code for file in watched.library.files()} == {"library.placeholder"}
    assert len(watched.paths()) == 2
    assert not watched.reader.read_paths
    monkeypatch.setattr(surroundings, "_is_icloud_stub", lambda name: name == ".report.pdf.icloud")
    watched.watch()
    watched.wait(lambda: bool(watched.found("lejos")))
    assert watched.reader.read_paths == [str(docs / "cloud.txt")]


def test_attributes_of_windows_and_flags_of_macos_tell_what_is_in_the_cloud() -> None:
    class Status:
        def __init__(self, **fields: int) -> None:
            self.__dict__.update(fields)

    for fields in ({"st_file_attributes": 0x400000}, {"st_file_attributes": 0x1020}, {"st_flags": 0x40000000}):
        assert surroundings.is_placeholder("a.txt", Status(**fields))  # type: ignore[arg-type]
    assert not surroundings.is_placeholder("a.txt", Status(st_file_attributes=0x20, st_flags=0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("battery", "busy", "choice", "held", "slow", "why"),
    [(True, False, "pause", True, False, "battery"), (True, False, "slow", False, True, "battery"),
     (True, False, "full", False, False, ""), (False, True, "pause", False, True, "busy"),
     (False, False, "pause", False, False, "")],
)  # fmt: skip
def test_the_worker_gives_way_in_the_background(
    battery: bool, busy: bool, choice: Literal["pause", "slow", "full"], held: bool, slow: bool, why: str
) -> None:
    pace = Pace(lambda: Settings(on_battery=choice), lambda: battery, lambda: busy)
    assert (pace.held(), pace.rest()) == (False, 0.0)
    pace.background = True
    pace.begin()
    assert (pace.held(), pace.rest() > 0, pace.holding) == (held, slow, why)
    pace.end()
    assert pace.rest() == 0.0


def test_time_left_counts_what_is_not_read_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 2.0])
    monkeypatch.setattr("lumbre.assistant.pace.time.monotonic", lambda: next(clock))
    speed = Speed()
    speed.progress(LibraryCounts(files=20, waiting=10, readable=10, chunks=100))
    told = speed.progress(LibraryCounts(files=20, waiting=10, readable=10, chunks=100, embedded=20))
    assert (told.chunks_per_second, told.seconds_left) == (10.0, 18.0)
