"""The library's test of itself: gold questions are searched as a person's are, and the result is kept to compare."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from lumbre import __version__
from lumbre.assistant.search import Searcher
from lumbre.core.documents import Passage
from lumbre.core.errors import EmptyQuestion, GoldLineUnusable, NoGold, NotInLibrary, PathMissing, UnreadableFile
from lumbre.core.gold import FoundPlace, GoldComparison, GoldQuestion, GoldReport, GoldResult
from lumbre.core.job import Job, Progress
from lumbre.core.language import fold
from lumbre.core.settings import SettingsFile
from lumbre.store.library import LibraryStore

_HEADINGS = ("question", "pregunta")
_NO_DIFFERENCE = ("language", "theme", "close_to_tray", "close_asked", "reading_speed", "unload_minutes")
"""Settings that cannot change what is found."""


class SelfTest:
    """Part of Assistant."""

    _library: LibraryStore
    _searcher: Searcher
    _settings: SettingsFile
    _start: Callable[..., Job[Any]]

    def gold_questions(self) -> list[GoldQuestion]:
        """The gold questions, in the order in which they were added."""
        return self._library.gold()

    def add_gold(self, question: str, path: Path, words: str = "") -> None:
        """Keep a question that `path` answers, in a passage that holds `words`; accents and case do not matter.

        Asked already, it is changed. Raises EmptyQuestion, NotInLibrary.
        """
        if not question.strip():
            raise EmptyQuestion
        whole = os.path.abspath(path)  # noqa: PTH100 — resolve() would follow links
        self._library.add_gold(question.strip(), whole, words.strip())

    def import_gold(self, file: Path) -> int:
        """Keep the questions of a CSV or JSON Lines file (question, path, words), all or none; returns how many.

        A path is relative to the file's folder. Raises PathMissing, UnreadableFile, GoldLineUnusable.
        """
        count = 0
        with self._library.together():
            for line, (question, path, words) in _read(file):
                try:
                    self.add_gold(question, file.absolute().parent / path, words)
                except (EmptyQuestion, NotInLibrary) as error:
                    raise GoldLineUnusable(line=line, path=str(file), text=f"{question}, {path}") from error
                count += 1
        return count

    def remove_gold(self, number: int) -> None:
        """Forget the gold question with that id. Raises UnknownGold."""
        self._library.remove_gold(number)

    def test_library(self, top: int = 5) -> Job[GoldComparison]:
        """Search every gold question and compare with the last test; the report is kept. Raises NoGold at once.

        Emits Progress in "questions". Cancelled, it keeps no report.
        """
        questions = self._library.gold()
        if not questions:
            raise NoGold

        def work(job: Job[GoldComparison]) -> GoldComparison:
            results: list[GoldResult] = []
            for gold in questions:
                if job.cancelled:
                    break
                results.append(self._try(gold, top))
                job.emit(Progress(len(results), len(questions), "questions"))
            report = GoldReport(time=time.time(), top=top, results=results, marks=self._marks())
            before = self._library.last_report()
            if not job.cancelled:
                self._library.keep_report(report)
            return GoldComparison(report, before)

        return self._start("test", work)

    def _try(self, gold: GoldQuestion, top: int) -> GoldResult:
        passages = self._searcher.search(gold.question, top=top).passages
        document = self._library.document_of(gold.path)
        rank = next((each.rank for each in passages if _is_right(each, gold, document)), 0)
        instead = [FoundPlace(each.path, each.page, each.heading) for each in passages] if not rank else []
        return GoldResult(gold, rank, instead, gone=document is None)

    def _marks(self) -> dict[str, str]:
        counts = self._library.counts()
        settings = msgspec.to_builtins(self._settings.value)
        return {
            "lumbre": __version__,
            **self._library.reading_marks(),
            "files": str(counts.files),
            "embedded": f"{counts.embedded} / {counts.chunks}",
            **{name: str(value) for name, value in settings.items() if name not in _NO_DIFFERENCE},
        }


def _is_right(passage: Passage, gold: GoldQuestion, document: int | None) -> bool:
    """A copy of the file is as good; the words may stand on several lines."""
    if passage.path != gold.path and passage.document_id != document:
        return False
    return _plain(gold.words) in _plain(passage.text)


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _read(file: Path) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """The questions of a file with their lines. Raises PathMissing, UnreadableFile, GoldLineUnusable."""
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise PathMissing(path=str(file)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(reason=getattr(error, "strerror", None) or str(error)) from error
    parse = _json_lines if text.lstrip().startswith("{") else _table
    for line, values in parse(text):
        if values is None:
            raise GoldLineUnusable(line=line, path=str(file), text=text.splitlines()[line - 1][:100])
        yield line, values


def _json_lines(text: str) -> Iterator[tuple[int, tuple[str, str, str] | None]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield number, (str(row["question"]), str(row["path"]), str(row.get("words") or ""))
        except (ValueError, TypeError, KeyError):
            yield number, None


def _table(text: str) -> Iterator[tuple[int, tuple[str, str, str] | None]]:
    first = text.partition("\n")[0]
    # Spreadsheets of Spanish and other systems part columns by semicolons.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    for row in reader:
        if not any(row) or (reader.line_num == 1 and row[0].strip().casefold() in _HEADINGS):
            continue
        yield reader.line_num, (row[0], row[1].strip(), row[2] if len(row) > 2 else "") if len(row) > 1 else None
