"""Words and figures as a person reads them, in the language of the window."""

from __future__ import annotations

import time
from collections import deque
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from lumbre.core.errors import LumbreError

if TYPE_CHECKING:
    from lumbre.core.chat import AnswerStats
    from lumbre.core.documents import FileEntry, HiddenKind

translate = QCoreApplication.translate
_SLIDES = frozenset({".pptx", ".odp"})
_SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})


def size(count: int) -> str:
    """Bytes as "1.1 GB"."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def number(count: float, decimals: int = 0) -> str:
    """A number with the separators of the language."""
    return QLocale().toString(float(count), "f", decimals)


def duration(seconds: float) -> str:
    """A length of time in one unit: "8 s", "3 min", "2 h"."""
    if seconds < 90:
        return translate("texts", "{n} s").format(n=number(max(1, round(seconds))))
    if seconds < 90 * 60:
        return translate("texts", "{n} min").format(n=number(round(seconds / 60)))
    return translate("texts", "{n} h").format(n=number(round(seconds / 3600)))


def moment(epoch: float) -> str:
    """A point in time as day and time of day."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(round(epoch)), QLocale.FormatType.ShortFormat)


def age(epoch: float) -> str:
    """How long ago: today as time of day, else the day."""
    when = QDateTime.fromSecsSinceEpoch(round(epoch))
    if when.date() == QDate.currentDate():
        return QLocale().toString(when.time(), QLocale.FormatType.ShortFormat)
    return QLocale().toString(when.date(), QLocale.FormatType.ShortFormat)


def phase(name: str) -> str:
    """What a job is doing now, in words."""
    words = {
        "searching": translate("texts", "Searching your documents…"),
        "loading-model": translate("texts", "Loading the model…"),
        "reading-prompt": translate("texts", "Reading…"),
        "writing": translate("texts", "Writing…"),
        "citing": translate("texts", "Checking the sources…"),
    }
    return words.get(name, translate("texts", "Working…"))


def state(name: str) -> str:
    """The state of a file in words."""
    words = {
        "waiting": translate("texts", "Waiting"),
        "reading": translate("texts", "Reading"),
        "readable": translate("texts", "Found by words"),
        "done": translate("texts", "Ready"),
        "set-aside": translate("texts", "Set aside"),
    }
    return words.get(name, name)


def kind(format: str, path: str) -> str:
    """The kind of a file in a word; of one that has not been read, the end of its name."""
    words = {
        "pdf": "PDF",
        "docx": translate("texts", "Document"),
        "odt": translate("texts", "Document"),
        "rtf": translate("texts", "Document"),
        "pptx": translate("texts", "Slides"),
        "odp": translate("texts", "Slides"),
        "xlsx": translate("texts", "Spreadsheet"),
        "xls": translate("texts", "Spreadsheet"),
        "ods": translate("texts", "Spreadsheet"),
        "csv": translate("texts", "Table"),
        "mail": translate("texts", "Mail"),
        "msg": translate("texts", "Mail"),
        "mbox": translate("texts", "Mailbox"),
        "html": translate("texts", "Web page"),
        "mhtml": translate("texts", "Web page"),
        "epub": translate("texts", "Book"),
        "image": translate("texts", "Picture"),
        "zip": translate("texts", "Archive"),
        "subtitles": translate("texts", "Subtitles"),
        "notebook": translate("texts", "Notebook"),
        "markdown": "Markdown",
        "text": translate("texts", "Text"),
    }
    return words.get(format) or (format or PurePath(path).suffix[1:]).upper()


def extent(entry: FileEntry) -> str:
    """How large a file is: bytes, and pages where it has some."""
    parts = [size(entry.size)] if entry.size else []
    if entry.pages > 1:
        parts.append(translate("texts", "{n} p.").format(n=number(entry.pages)))
    return " · ".join(parts)


def hidden(kind: HiddenKind) -> str:
    """Why a person would not see a text, in words."""
    return {
        "invisible": translate("texts", "In the colour of the paper or without ink"),
        "tiny": translate("texts", "Too small to be read"),
        "off-page": translate("texts", "Outside the page"),
        "zero-width": translate("texts", "In characters without width"),
        "comment": translate("texts", "In a comment of the source"),
        "sheet": translate("texts", "On a hidden sheet"),
        "slide": translate("texts", "On a hidden slide"),
        "notes": translate("texts", "In the speaker's notes"),
    }[kind]


def place(path: str, page: int | None) -> str:
    """Where a passage stands: file name and page or slide; of a table the heading names the sheet."""
    name = PurePath(path).name
    ending = PurePath(path).suffix.lower()
    if page is None or ending in _SHEETS:
        return name
    words = (
        translate("texts", "{name} · slide {page}") if ending in _SLIDES else translate("texts", "{name} · p. {page}")
    )
    return words.format(name=name, page=page)


def figures(stats: AnswerStats, sources: int) -> str:
    """The line under an answer: model · device · speed · first token · sources."""
    parts = [part for part in (stats.model, stats.device) if part]
    if stats.tokens_per_s:
        parts.append(translate("texts", "{n} tokens/s").format(n=number(stats.tokens_per_s, 1)))
    if stats.ttft_s:
        parts.append(translate("texts", "first token after {n} s").format(n=number(stats.ttft_s, 1)))
    if sources == 1:
        parts.append(translate("texts", "1 source"))
    elif sources:
        parts.append(translate("texts", "{n} sources").format(n=sources))
    return " · ".join(parts)


def error(failure: Exception) -> tuple[str, str]:
    """Sentence and hint for a person. What is not a LumbreError is a bug and says so."""
    if isinstance(failure, LumbreError):
        language = "es" if QLocale().language() == QLocale.Language.Spanish else "en"
        return failure.text(language), _hint(failure) or failure.advice(language)
    sentence = translate("texts", "Something went wrong inside Lumbre ({kind}).").format(kind=type(failure).__name__)
    return sentence, translate("texts", "Nothing was lost. Try again; if it happens again, please report it.")


def _hint(failure: LumbreError) -> str:
    """What to do in the window, where that is another thing than at the terminal; else empty."""
    unlock = translate("texts", "If it is a PDF, choose “Unlock…” and type its password; else add a copy without one.")
    missing = translate("texts", "If it keeps its data elsewhere, choose that folder.")
    return {
        "library.encrypted": unlock,
        "input.unknown-collection": translate("texts", "The library page shows the collections."),
        "input.collection-taken": translate("texts", "Choose another name, or move the files there."),
        "input.not-in-library": translate("texts", "The library page shows what is in it."),
        "input.no-gold": translate("texts", "Add a question first, and the file that answers it."),
        "input.peer-missing": missing,
        "library.peer-unknown": translate("texts", "Add the folders with your documents yourself."),
    }.get(failure.code, "")


class Rate:
    """Speed of something counted, over the last ten seconds."""

    WINDOW_S = 10.0

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        """Record how much is done by now."""
        now = time.monotonic()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > self.WINDOW_S:
            self._seen.popleft()

    @property
    def per_second(self) -> float:
        """Units per second; 0 while unknown."""
        if len(self._seen) < 2:
            return 0.0
        (t0, n0), (t1, n1) = self._seen[0], self._seen[-1]
        return (n1 - n0) / (t1 - t0) if t1 > t0 else 0.0
