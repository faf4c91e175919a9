"""Watched folders: seconds from an edit to finding it among many files, and what moving a folder costs."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lumbre.assistant.assistant import Assistant
from lumbre.core.paths import Home
from lumbre.wiring import open_assistant

_WORDS = ("casa", "río", "luz", "mesa", "tiempo", "mano", "agua", "noche", "puerta", "libro", "árbol", "camino", "sol")
_LONGEST = 120.0


class Library:
    """The real assistant over a home of its own, watching."""

    def __init__(self, folder: Path) -> None:
        self.assistant: Assistant = open_assistant(Home(folder / "home"), lambda _: "only for this run")
        self._changed = threading.Condition()
        self.assistant.subscribe(self._told)

    def _told(self, _: object) -> None:
        with self._changed:
            self._changed.notify_all()

    def seconds_until(self, holds: Callable[[], bool]) -> float:
        """Seconds until something holds, looked at whenever the library tells of a change."""
        begun = time.perf_counter()
        with self._changed:
            while not holds():
                if time.perf_counter() - begun > _LONGEST:
                    return float("inf")
                self._changed.wait(0.02)
        return time.perf_counter() - begun


def main() -> int:
    """Measure and print; 1 when moving a folder had anything read or embedded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--moved", type=int, default=1_000)
    parser.add_argument("--edits", type=int, default=10)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lumbre-watching-"))
    library = Library(folder)
    try:
        documents = _documents(folder, options.files, options.moved)
        begun = time.perf_counter()
        library.assistant.add([documents]).result()
        counts = library.assistant.counts()
        print(f"{counts.files} files, {counts.chunks} chunks, {counts.embedded} embedded: "
              f"{time.perf_counter() - begun:.1f} s")  # fmt: skip
        library.assistant.search("agua")  # the first search loads the index
        library.assistant.watch()
        _start(library, documents)
        _edits(library, documents, options.edits, by_meaning=counts.embedded > 0)
        return _move(library, documents, options.moved)
    finally:
        library.assistant.close()
        shutil.rmtree(folder)


def _documents(folder: Path, files: int, moved: int) -> Path:
    documents = folder / "documents"
    for number in range(files):
        part = documents / ("moving" if number < moved else f"part{number // 500}")
        part.mkdir(parents=True, exist_ok=True)
        (part / f"{number}.txt").write_text(f"única{number} {' '.join(random.choices(_WORDS, k=40))}.\n", "utf-8")
    return documents


def _start(library: Library, documents: Path) -> None:
    (documents / "begun.txt").write_text("palabrainicial\n", "utf-8")
    seconds = library.seconds_until(partial(_found, library, "palabrainicial"))
    print(f"watching begun and everything compared: {seconds:.2f} s")


def _found(library: Library, word: str) -> bool:
    return any(word in passage.text for passage in library.assistant.search(word, top=3).passages)


def _edits(library: Library, documents: Path, edits: int, by_meaning: bool) -> None:
    def embedded() -> bool:
        counts = library.assistant.counts()
        return counts.waiting == 0 and counts.embedded == counts.chunks

    words, meaning = [], []
    paths = sorted(documents.glob("part*/*.txt"))
    for number, path in enumerate(random.sample(paths, edits)):
        path.write_text(f"editada{number} {' '.join(random.choices(_WORDS, k=40))}.\n", "utf-8")
        words.append(library.seconds_until(partial(_found, library, f"editada{number}")))
        meaning.append(words[-1] + library.seconds_until(embedded))
    print(f"edit to found by its words: median {statistics.median(words):.2f} s, worst {max(words):.2f} s")
    if by_meaning:
        print(f"edit to found by its meaning: median {statistics.median(meaning):.2f} s, worst {max(meaning):.2f} s")


def _move(library: Library, documents: Path, moved: int) -> int:
    """Move a folder; nothing may be read or embedded, which the states of its files and their identity show."""
    read: list[str] = []
    library.assistant.subscribe(
        lambda event: read.append(str(event)) if type(event).__name__ == "FileChanged" else None
    )
    before = {file.id for file in library.assistant.files()}
    embedded = library.assistant.counts().embedded
    (documents / "moving").rename(documents / "moved")
    stem = str(documents / "moved") + os.sep
    there: Callable[[], bool] = lambda: sum(f.path.startswith(stem) for f in library.assistant.files()) == moved  # noqa: E731
    seconds = library.seconds_until(there)
    same = {file.id for file in library.assistant.files()} == before
    now = library.assistant.counts().embedded
    print(
        f"folder of {moved} files moved: {seconds:.2f} s, {len(read)} files read, {abs(now - embedded)} chunks embedded"
    )
    return 0 if same and not read and now == embedded and seconds < _LONGEST else 1


if __name__ == "__main__":
    sys.exit(main())
