"""What is written to the terminal: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, TextIO

from lumbre.core.errors import LumbreError

REDRAW_SECONDS = 0.1


class Terminal:
    """Two streams. Progress is drawn on one line of standard error, and only when a person looks at it."""

    def __init__(self, language: str, as_json: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.language = language
        self.as_json = as_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._drawn = 0.0
        self._line = ""
        for stream in (self._out, self._err):
            _make_safe(stream)

    @property
    def width(self) -> int:
        """Columns to write in."""
        return min(shutil.get_terminal_size().columns, 110) if self._out.isatty() else 100

    @property
    def watched(self) -> bool:
        """Whether a person looks at standard error, so that progress makes sense."""
        return self._err.isatty()

    def say(self, text: str = "", end: str = "\n") -> None:
        """Write a result for a person, at once."""
        self.clear()
        self._out.write(text + end)
        self._out.flush()

    def paragraph(self, text: str, indent: str = "   ") -> None:
        """Write a text folded to the width, indented."""
        self.say(textwrap.fill(" ".join(text.split()), self.width, initial_indent=indent, subsequent_indent=indent))

    def json(self, value: Any) -> None:
        """Write one JSON value on one line, at once."""
        self.clear()
        self._out.write(json.dumps(value, ensure_ascii=False) + "\n")
        self._out.flush()

    def note(self, text: str) -> None:
        """Tell the person something that is not the result."""
        self.clear()
        self._err.write(text + "\n")
        self._err.flush()

    def progress(self, text: str) -> None:
        """Redraw the line of progress; nothing when nobody looks."""
        now = time.monotonic()
        if not self.watched or (self._line and now - self._drawn < REDRAW_SECONDS):
            return
        self._drawn, self._line = now, text[: shutil.get_terminal_size().columns - 1]
        self._err.write("\r\x1b[K" + self._line)
        self._err.flush()

    def clear(self) -> None:
        """Wipe the line of progress."""
        if self._line:
            self._line = ""
            self._err.write("\r\x1b[K")
            self._err.flush()

    def error(self, error: LumbreError) -> None:
        """Say an error: as JSON on standard output, or as a sentence and a hint on standard error."""
        if self.as_json:
            self.json({"error": described(error, self.language)})
        else:
            self.note(f"lumbre: {error.text(self.language)}")
            if advice := error.advice(self.language):
                self.note(f"        {advice}")


def described(error: LumbreError, language: str) -> dict[str, str]:
    """An error as the terminal's JSON shows it."""
    return {"code": error.code, "message": error.text(language), "hint": error.advice(language)}


def short_path(path: str) -> str:
    """A path as short as it stays clear from here: below the working folder, below the person's folder, or whole."""
    for base, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        if Path(path).is_relative_to(base):
            return prefix + str(Path(path).relative_to(base))
    return path


def _make_safe(stream: TextIO) -> None:
    """Have JSON and Spanish survive any locale, and file names that are not UTF-8 not stop the program."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")
