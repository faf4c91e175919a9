"""What of an added folder is left out: patterns as in .gitignore files, hidden files, files that are too large.

Patterns come from the settings and from a `.lumbreignore` file in any folder; the deepest file with a word on a
path decides, and in it the last pattern that matches. What lies in a folder left out is left out with it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lumbre.assistant.surroundings import is_hidden
from lumbre.core.settings import Settings
from lumbre.store.collections import displayed
from lumbre.store.moving import Seen, stored_inode

IGNORE_FILE = ".lumbreignore"
_LARGEST_IGNORE_FILE = 1 << 20
_CASE = re.IGNORECASE if sys.platform in ("win32", "darwin") else 0
_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "xdigit": "0-9A-Fa-f",
    "space": r" \t\n\r\f\v", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "cntrl": r"\x00-\x1f\x7f", "print": " -~",
    "graph": "!-~",
}  # fmt: skip


class Pattern(NamedTuple):
    """One line of an ignore file."""

    matches: re.Pattern[str]
    taken_back: bool
    """True for a line that begins with "!": what it matches is not left out after all."""
    folders_only: bool


def parse(line: str) -> Pattern | None:
    """A line of an ignore file; None for comments, empty lines and what can match nothing."""
    line = re.sub(r"(?<!\\) +$", "", line)
    if line.startswith("#"):
        return None
    taken_back = line.startswith("!")
    line = line[taken_back:]
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anchored = "/" in line
    body = _translate(line.removeprefix("/"))
    if not line or body is None:
        return None
    whole = re.compile(body if anchored else f"(?:.*/)?{body}", re.DOTALL | _CASE)
    return Pattern(whole, taken_back, folders_only)


def _translate(glob: str) -> str | None:
    """A glob over a path with "/" as a regular expression; None when it is written so that it matches nothing."""
    parts: list[str] = []
    at = 0
    while at < len(glob):
        character = glob[at]
        if character == "*":
            part, at = _stars(glob, at)
        elif character == "[":
            found = _bracket(glob, at)
            if found is None:
                return None
            part, at = found
        elif character == "?":
            part, at = "[^/]", at + 1
        elif character == "\\":
            if at + 1 == len(glob):
                return None
            part, at = re.escape(glob[at + 1]), at + 2
        else:
            part, at = re.escape(character), at + 1
        parts.append(part)
    return "".join(parts)


def _stars(glob: str, at: int) -> tuple[str, int]:
    """One or more "*" from `at`, and where they end: two between slashes stand for any folders, else for any name."""
    end = at
    while end < len(glob) and glob[end] == "*":
        end += 1
    if end - at >= 2 and (at == 0 or glob[at - 1] == "/"):
        if end == len(glob):
            return ".+", end
        if glob[end] == "/":
            return "(?:.*/)?", end + 1
    return "[^/]*", end


def _bracket(glob: str, at: int) -> tuple[str, int] | None:
    """The characters in brackets from `at`, and where they end; None when they are not closed."""
    at += 1
    negated = glob[at : at + 1] in ("!", "^") and glob[at : at + 1] != ""
    at += negated
    inside: list[str] = []
    first = True
    while True:
        if at >= len(glob):
            return None
        if glob[at] == "]" and not first:
            break
        first = False
        if glob.startswith("[:", at) and (end := glob.find(":]", at)) > 0:
            if (name := glob[at + 2 : end]) not in _CLASSES:
                return None
            inside.append(_CLASSES[name])
            at = end + 2
            continue
        found = _range(glob, at)
        if found is None:
            return None
        part, at = found
        inside.append(part)
    listed = "".join(inside)
    if negated:
        return f"[^/{listed}]", at + 1
    return (f"(?!/)[{listed}]" if listed else "(?!)"), at + 1


def _range(glob: str, at: int) -> tuple[str, int] | None:
    """One character, or two with "-" between, inside brackets; "" for a range that is upside down."""
    low, at = _literal(glob, at)
    if glob[at : at + 1] != "-" or glob[at + 1 : at + 2] in ("]", ""):
        return None if low is None else (re.escape(low), at)
    high, at = _literal(glob, at + 1)
    if low is None or high is None:
        return None
    return (f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""), at


def _literal(glob: str, at: int) -> tuple[str | None, int]:
    if glob[at] == "\\":
        at += 1
    return (glob[at] if at < len(glob) else None), at + 1


@lru_cache(maxsize=256)
def _parsed(lines: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(pattern for line in lines if (pattern := parse(line)) is not None)


class _List(NamedTuple):
    """Patterns and the folder that they are written for."""

    folder: str
    patterns: tuple[Pattern, ...]

    def word(self, path: str, is_folder: bool) -> bool | None:
        """Whether a path inside the folder is left out; None when no pattern matches it."""
        inside = path[len(self.folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
        for pattern in reversed(self.patterns):
            if (is_folder or not pattern.folders_only) and pattern.matches.fullmatch(inside):
                return not pattern.taken_back
        return None


class Rules:
    """Decides over the files below added folders. What a person added by its own path is not asked about."""

    def __init__(self, settings: Settings, left_out: set[str]) -> None:
        """`left_out` are paths that a person took out."""
        self._patterns = _parsed(tuple(settings.ignore))
        self._hidden = settings.hidden_files
        self._largest = settings.largest_megabytes * 1_000_000
        self._left_out = left_out

    def takes(self, root: str, path: str, status: os.stat_result) -> bool:
        """Whether a path below `root` belongs into the library, judged by itself and every folder above it."""
        lists = [_List(root, self._patterns)]
        names = Path(path).relative_to(root).parts
        at = root.rstrip(os.sep)
        is_folder = Path(path).is_dir()
        for number, name in enumerate(names, 1):
            lists += _own_list(at or os.sep)
            at = f"{at}{os.sep}{name}"
            last = number == len(names)
            if Path(at).is_symlink() and Path(at).is_dir():  # what lies behind it is not in this folder
                return False
            if not self._takes_name(at, name, lists, is_folder if last else True, status if last else None):
                return False
        return is_folder or status.st_size <= self._largest

    def walk(self, root: str, folder: str, unreadable: Callable[[str], object]) -> Iterator[Seen]:
        """Files to take at or below a folder that `takes` would take, in a stable order; links to folders not followed.

        A folder that cannot be listed is told to `unreadable`.
        """
        above = [_List(root, self._patterns)]
        parent = root.rstrip(os.sep)
        for name in Path(folder).relative_to(root).parts:
            above += _own_list(parent or os.sep)
            parent = f"{parent}{os.sep}{name}"
        yield from self._walk(folder, above, unreadable)

    def _walk(self, folder: str, above: list[_List], unreadable: Callable[[str], object]) -> Iterator[Seen]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            unreadable(folder)
            return
        lists = above + _own_list(folder) if any(entry.name == IGNORE_FILE for entry in entries) else above
        for entry in entries:
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                status = entry.stat() if is_folder or entry.is_file() else None
            except OSError:
                continue
            if status is None or not self._takes_name(entry.path, entry.name, lists, is_folder, status):
                continue
            if is_folder:
                yield from self._walk(entry.path, lists, unreadable)
            elif status.st_size <= self._largest:
                yield seen(entry.path, status)

    def _takes_name(
        self, path: str, name: str, lists: list[_List], is_folder: bool, status: os.stat_result | None
    ) -> bool:
        if (not self._hidden and is_hidden(name, status)) or displayed(path) in self._left_out:
            return False
        words = (one.word(path, is_folder) for one in reversed(lists))
        return not next((word for word in words if word is not None), False)


def seen(path: str, status: os.stat_result) -> Seen:
    """A file as the disk describes it; on Windows a listing gives no inode."""
    return Seen(path, status.st_size, status.st_mtime_ns, stored_inode(status.st_ino))


def _own_list(folder: str) -> list[_List]:
    """The patterns written in a folder, or nothing."""
    path = Path(folder, IGNORE_FILE)
    try:
        if path.stat().st_size > _LARGEST_IGNORE_FILE:
            return []
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [_List(folder, _parsed(tuple(lines)))]
