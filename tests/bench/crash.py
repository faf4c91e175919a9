"""Kill the program at random instants while it indexes and while it answers, and look at what is left.

After every kill the database must open and be whole, files that were finished must be so still and must not be read or
embedded again, and the part of the answer that was written must be kept. With `--edits` files are edited, moved and
deleted all the while, and in the end the index must be what is on the disk. Ends with 1 when any of it does not hold.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from lumbre.core.events import FileChanged, Text
from lumbre.core.job import Failed
from lumbre.core.paths import Home
from lumbre.store.database import Database
from lumbre.store.keys import unlock
from lumbre.wiring import open_assistant

_PASSPHRASE = "only for this run"
_WORDS = ("casa", "río", "luz", "mesa", "tiempo", "mano", "agua", "noche", "puerta", "libro", "árbol", "camino", "sol")


def main() -> int:
    """Run the kills asked for and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="kills of the main process during add")
    parser.add_argument("--answers", type=int, default=0, help="kills of the engine's process during an answer")
    parser.add_argument("--edits", action="store_true", help="edit, move and delete files while it indexes")
    parser.add_argument("--files", type=int, default=120)
    parser.add_argument("--longest", type=float, default=12.0, help="most seconds that a run lasts before it is killed")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--work", nargs=2, type=Path, metavar=("HOME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        _work(*options.work)
        return 0
    random.seed(options.seed)
    print(f"seed {options.seed}")
    folder = Path(tempfile.mkdtemp(prefix="lumbre-crash-"))
    try:
        complaints = _kill_adding(folder, options) if options.kills else []
        complaints += _kill_answers(folder, options.answers, options.model) if options.answers else []
    finally:
        shutil.rmtree(folder)
    for complaint in complaints:
        print("WRONG:", complaint)
    print("all held" if not complaints else f"{len(complaints)} did not hold")
    return 1 if complaints else 0


def _home(folder: Path) -> Home:
    return Home(folder / "home")


# --- kills while indexing ---------------------------------------------------------------------------------------------


def _work(root: Path, documents: Path) -> None:
    """What is killed: the assistant adding a folder; a line for each file that reaches a state, as it happens."""
    assistant = open_assistant(Home(root), lambda _: _PASSPHRASE)
    assistant.watch()
    job = assistant.add([documents])
    for event in job.events():
        if isinstance(event, FileChanged):
            os.write(1, f"{event.file.state} {Path(event.file.path).name}\n".encode())
        elif isinstance(event, Failed):
            raise event.error
    assistant.close()


def _kill_adding(folder: Path, options: argparse.Namespace) -> list[str]:
    documents = folder / "documents"
    documents.mkdir()
    for number in range(options.files):
        text = " ".join(random.choices(_WORDS, k=random.randrange(50, 1500)))
        (documents / f"{number:04}.txt").write_text(f"única{number} {text}.\n", "utf-8")
    complaints: list[str] = []
    reached: dict[str, set[str]] = {"readable": set(), "done": set()}
    done = between = embedded = 0
    while done < options.kills:
        with _editing(documents, options.edits) as touched:
            lines, ended = _one_run(folder, documents, random.uniform(0.2, options.longest))
        done += not ended
        for names in reached.values():
            names -= touched
        for line in lines:
            state, _, name = line.partition(" ")
            if name in touched:
                continue
            # “done” may be told twice when a later batch ends; what must not happen is to be read again.
            if state == "readable" and name in reached["readable"]:
                complaints.append(f"{name} was read again")
            reached.setdefault(state, set()).add(name)
        wrong, now = _look(folder, reached, touched)
        complaints += wrong
        if now < embedded and not options.edits:
            complaints.append(f"{embedded} chunks were embedded and {now} are")
        between += not ended and now > 0
        embedded = now
        print(
            f"kill {done}: {len(reached['readable'])} read, {len(reached['done'])} done, {now} chunks embedded",
            flush=True,
        )
        if ended:  # all was done before the clock ran out: begin another library
            shutil.rmtree(folder / "home")
            reached, embedded = {"readable": set(), "done": set()}, 0
    print(f"{between} of {done} kills fell after the first batch of vectors was kept")
    lines, ended = _one_run(folder, documents, 600)
    if not ended:
        complaints.append("the last run did not end by itself")
    everything = {path.name for path in documents.rglob("*.txt")}
    return complaints + _look(folder, {"readable": set(), "done": everything})[0] + _compare(folder, documents)


@contextmanager
def _editing(documents: Path, wanted: bool) -> Iterator[set[str]]:
    """While inside, files are edited, moved and deleted; names of those that were."""
    touched: set[str] = set()
    stop = threading.Event()
    chance = random.Random(random.random())
    editor = threading.Thread(target=_edit_until, args=(stop, documents, touched, chance))
    if wanted:
        editor.start()
    try:
        yield touched
    finally:
        stop.set()
        if wanted:
            editor.join()


def _edit_until(stop: threading.Event, documents: Path, touched: set[str], chance: random.Random) -> None:
    """A name keeps its number, by which `_look` finds the file's own word."""
    while not stop.wait(chance.uniform(0.01, 0.4)):
        files = sorted(documents.rglob("*.txt"))
        path = chance.choice(files)
        touched.add(path.name)
        match chance.randrange(4):
            case 0 | 1:
                words = " ".join(chance.choices(_WORDS, k=chance.randrange(50, 500)))
                path.write_text(f"única{int(path.name[:4])} {words}.\n", "utf-8")
            case 2:
                target = documents / f"part{chance.randrange(5)}" / f"{path.name[:4]}-{chance.randrange(10**6)}.txt"
                target.parent.mkdir(exist_ok=True)
                touched.add(target.name)
                path.rename(target)
            case 3 if len(files) > 20:
                path.unlink()


def _compare(folder: Path, documents: Path) -> list[str]:
    """What the library holds that is not on the disk as it says, and the other way round."""
    home = _home(folder)
    database = Database.open(home.database, unlock(home, lambda _: _PASSPHRASE))
    with database.read() as connection:
        kept = dict(connection.execute("SELECT path, sha256 FROM files"))
    database.close()
    truth = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in documents.rglob("*.txt")}
    differing = sorted({path for path, _ in kept.items() ^ truth.items()})
    print(f"index and disk: {len(truth)} files, {len(differing)} differ")
    return [f"the index is not the truth about {path}" for path in differing]


def _one_run(folder: Path, documents: Path, seconds: float) -> tuple[list[str], bool]:
    """Let the worker run for some time and kill it; its lines, and whether it ended by itself."""
    command = [sys.executable, __file__, "--work", str(_home(folder).root), str(documents)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    family = psutil.Process(process.pid)
    try:
        out, err = process.communicate(timeout=seconds)
        if process.returncode:
            raise RuntimeError(err)
        return out.splitlines(), True
    except subprocess.TimeoutExpired:
        children = family.children(recursive=True)
        process.kill()
        out, _ = process.communicate()
        _, alive = psutil.wait_procs(children, timeout=10)
        if alive:
            raise RuntimeError(f"children outlived the program: {alive}") from None
        return out.splitlines(), False


def _look(folder: Path, reached: dict[str, set[str]], touched: Collection[str] = ()) -> tuple[list[str], int]:
    """What is wrong with the library now, and how many of its chunks are embedded."""
    home = _home(folder)
    if not home.database.exists():
        return [], 0
    complaints = []
    database = Database.open(home.database, unlock(home, lambda _: _PASSPHRASE))
    with database.read() as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()
    database.close()
    if verdict != ("ok",):
        complaints.append(f"integrity check: {verdict}")
    assistant = open_assistant(home, lambda _: _PASSPHRASE)
    try:
        states = {Path(file.path).name: file for file in assistant.files()}
        for name in reached["readable"] | reached["done"]:
            file = states.get(name)
            if file is None or file.state not in ("readable", "done"):
                complaints.append(f"{name} was finished and is {file.state if file else 'gone'}")
        complaints += [
            f"{name} was set aside: {file.code}"
            for name, file in states.items()
            # One that went while it was waiting stays so until the next start looks at the folder.
            if file.code and name not in touched and Path(file.path).exists()
        ]
        for name in random.sample(sorted(reached["done"]), min(3, len(reached["done"]))):
            word = f"única{int(name[:4])}"
            found = assistant.search(word, top=3).passages
            if name not in [Path(each.path).name for each in found]:
                complaints.append(f"{name} is done and not found by “{word}”")
        embedded = assistant.counts().embedded
    finally:
        assistant.close()
    return complaints, embedded


# --- kills while answering --------------------------------------------------------------------------------------------


def _kill_answers(folder: Path, kills: int, model: str) -> list[str]:
    """Kill the engine's process in the middle of an answer; the next question must be answered all the same."""
    complaints: list[str] = []
    assistant = open_assistant(_home(folder), lambda _: _PASSPHRASE)
    try:
        for number in range(kills):
            complaints += _kill_answer(assistant, model, number)
    finally:
        assistant.close()
    return complaints


def _kill_answer(assistant: object, model: str, number: int) -> list[str]:
    job = assistant.ask("Write a long story about a lighthouse.", documents=False, model=model)  # type: ignore[attr-defined]
    wanted, pieces, seen = random.randrange(1, 40), 0, ""
    for event in job.events():
        if isinstance(event, Text):
            pieces, seen = pieces + 1, seen + event.text
            if pieces == wanted:
                _kill_engine()
    ending = job.ending
    if not isinstance(ending, Failed):
        return [f"answer {number}: ended as {type(ending).__name__}"]
    kept = assistant.messages(ending.result.conversation_id)[-1]  # type: ignore[attr-defined]
    print(
        f"answer {number}: killed after {pieces} pieces, {len(kept.text)} characters kept, {ending.error}", flush=True
    )
    if kept.text != seen:
        return [f"answer {number}: {len(seen)} characters were shown and {len(kept.text)} kept"]
    return []


def _kill_engine() -> None:
    children = psutil.Process().children(recursive=True)
    largest = max(children, key=lambda child: child.memory_info().rss)
    os.kill(largest.pid, signal.SIGKILL)
    while largest.is_running() and largest.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
