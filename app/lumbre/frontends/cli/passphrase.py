"""How the terminal comes by a passphrase: the first line of a file, or typed twice without echo."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from lumbre.core.errors import PassphraseEmpty, PassphraseMismatch, PathMissing, UnreadableFile
from lumbre.core.texts import Texts
from lumbre.frontends.cli.terminal import Terminal


class Passphrase:
    """The passphrase of one run: read from a file, or typed once and remembered until the program ends."""

    def __init__(self, file: Path | None, texts: Texts, terminal: Terminal) -> None:
        self._file = file
        self._texts = texts
        self._terminal = terminal
        self._typed = ""

    def in_terminal(self) -> Callable[[bool], str] | None:
        """The way to get it here; None when there is no file and nobody to ask."""
        return self if self._file or (sys.stdin is not None and sys.stdin.isatty()) else None

    def known(self) -> Callable[[bool], str] | None:
        """The way to get it without asking; None leaves the question to the window."""
        return self if self._file or self._typed else None

    def __call__(self, new: bool) -> str:
        """Raises PathMissing, UnreadableFile, PassphraseEmpty, PassphraseMismatch."""
        if self._file is not None:
            return from_file(self._file, self._texts, self._terminal)
        self._typed = self._typed or typed(new, self._texts, self._terminal)
        return self._typed


def from_file(file: Path, texts: Texts, terminal: Terminal) -> str:
    """The first line of `file`. Raises PathMissing, UnreadableFile, PassphraseEmpty."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise PathMissing(path=str(file)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(reason=getattr(error, "strerror", None) or str(error)) from error
    if os.name == "posix" and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        terminal.note(texts("passphrase.readable-by-others", file=file))
    return _whole(lines[0] if lines else "")


def typed(new: bool, texts: Texts, terminal: Terminal, ask: str = "passphrase.ask") -> str:
    """A passphrase typed without echo, twice when it is a new one. Raises PassphraseEmpty, PassphraseMismatch."""
    import getpass

    if new:
        terminal.note(texts("passphrase.why"))
    try:
        first = _whole(getpass.getpass(texts("passphrase.new" if new else ask)))
        if new and getpass.getpass(texts("passphrase.again")) != first:
            raise PassphraseMismatch
    except EOFError as error:
        raise PassphraseEmpty from error
    return first


def _whole(text: str) -> str:
    if not text.strip():
        raise PassphraseEmpty
    return text
