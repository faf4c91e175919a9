"""What every format module gives and is given, and the text that grows block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from lumbre.core.documents import HIDDEN_LENGTH, HIDDEN_MOST, Block, BlockKind, Extracted, HiddenKind, HiddenText
from lumbre.core.errors import DocumentTooLarge, EmptyDocument

MEGABYTE = 1_000_000
HEAD = 65_536
"""Bytes from the start of a file by which its format is decided."""
MAX_CHARACTERS = 40 * MEGABYTE
"""Characters of extracted text above which a document is refused: some 15,000 pages."""
_WORD = 4
"""Letters and digits below which hidden text says nothing."""


def _no_step() -> None:
    pass


class Terms(NamedTuple):
    """On what terms a file is read."""

    password: str = ""
    recognise: bool = True
    """Whether text in pictures is recognised now; else RecognitionDeferred says that there are some."""
    step: Callable[[], None] = _no_step
    """Called before and after each page that takes long."""


AT_ONCE = Terms()
"""All of it, with no password and nobody watching."""


class File(NamedTuple):
    """A file about to be read, on disk or inside another one: its size in bytes and its first HEAD bytes."""

    path: Path
    size: int
    head: bytes
    data: bytes | None = None
    """Its whole content when it lies inside another file, where `path` leads to nothing that could be opened."""
    depth: int = 0
    """Files around it."""
    terms: Terms = AT_ONCE

    @property
    def source(self) -> str | BytesIO:
        """What a library is given to open."""
        return str(self.path) if self.data is None else BytesIO(self.data)

    def open(self) -> BinaryIO:
        """A stream over the content. Raises OSError."""
        return self.path.open("rb") if self.data is None else BytesIO(self.data)

    def read(self) -> bytes:
        """The content. Raises OSError."""
        return self.path.read_bytes() if self.data is None else self.data

    @property
    def extension(self) -> str:
        """The end of the name in lower case, with its dot: a hint, never a proof."""
        return self.path.suffix.lower()


class Member(NamedTuple):
    """A file inside another one: its name, "/" between folders, and its content, of which a LibraryError may come."""

    name: str
    read: Callable[[], bytes]


class Format(NamedTuple):
    """A format that can be read: how it is recognised by content, how it is read, and up to what size."""

    name: str
    recognises: Callable[[File], bool]
    read: Callable[[File], Extracted]
    limit: int
    """Megabytes."""
    members: Callable[[File, str], AbstractContextManager[list[Member]]] | None = None
    """The files inside it, as `Extracted.members` names them; those that a given name does not lead to or into may be
    left out."""


def check_length(characters: int) -> None:
    """Raise DocumentTooLarge when there is more text than a document may hold."""
    if characters > MAX_CHARACTERS:
        raise DocumentTooLarge(size=characters // MEGABYTE, limit=MAX_CHARACTERS // MEGABYTE)


class Draft:
    """A text that grows block by block, for formats whose text is put together rather than found."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pages: list[int] = []
        self.warnings: list[str] = []
        self.hidden: list[HiddenText] = []
        self.members: list[str] = []
        self._parts: list[str] = []
        self._length = 0

    def add(self, text: str, kind: BlockKind = "paragraph", level: int = 0) -> None:
        """Append a block; blank text is passed over. Raises DocumentTooLarge."""
        text = text.strip("\n") if kind == "code" else text.strip()
        if not text.strip():
            return
        if not self._at_start():
            together = kind in ("row", "list") and self.blocks[-1].kind == kind
            self._append("\n" if together else "\n\n")
        start = self._length
        self._append(text)
        self.blocks.append(Block(start, self._length, kind, level, len(self.pages) or None))
        check_length(self._length)

    def start_page(self) -> None:
        """Begin the next page, slide or sheet: what is added from now on stands on it."""
        if not self._at_start():
            self._append("\n\n")
        self.pages.append(self._length)

    def hide(self, kind: HiddenKind, text: str) -> None:
        """Tell of text that a person would not see on this page; text of hardly a word is passed over."""
        text = " ".join(text.split())
        if len(self.hidden) < HIDDEN_MOST and sum(map(str.isalnum, text)) >= _WORD:
            self.hidden.append(HiddenText(kind, text[:HIDDEN_LENGTH], len(self.pages) or None))

    def mark(self) -> int:
        """The end of the text so far, for `since`."""
        return len(self._parts)

    def since(self, mark: int) -> str:
        """The beginning of what was added since then."""
        return "".join(self._parts[mark : mark + HIDDEN_LENGTH])

    def include(self, other: Extracted, below: int = 0) -> None:
        """Append the blocks of another text, its headings so many levels further down. Raises DocumentTooLarge."""
        for one in other.hidden:
            self.hide(one.kind, one.text)
        for block in other.blocks:
            level = min(6, block.level + below) if block.level else 0
            self.add(other.text[block.start : block.end], block.kind, level)

    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def finish(self, format_name: str, title: str = "") -> Extracted:
        """The document; without a title its first heading gives one. Raises EmptyDocument."""
        if not self.blocks:
            raise EmptyDocument()
        text = self.text()
        title = one_line(title) or first_heading(text, self.blocks)
        about = (self.pages, self.warnings, self.hidden, self.members)
        return Extracted(text, self.blocks, format_name, title, *about)

    def _at_start(self) -> bool:
        """Whether nothing stands yet in the document or on the page."""
        return self._length == (self.pages[-1] if self.pages else 0)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def joined(pages: list[str]) -> tuple[str, list[int]]:
    """The texts of pages joined by line breaks, and where each starts."""
    starts, position = [], 0
    for page in pages:
        starts.append(position)
        position += len(page) + 1
    return "\n".join(pages), starts


def page_ranges(pages: Iterable[int]) -> str:
    """Page numbers in a few characters: "1, 3-7"."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], page]
        else:
            runs.append([page])
    return ", ".join("-".join(map(str, run)) for run in runs)


def first_heading(text: str, blocks: list[Block]) -> str:
    """The first heading as one line; empty when there is none."""
    heading = next((block for block in blocks if block.kind == "heading"), None)
    return one_line(text[heading.start : heading.end]) if heading else ""


def one_line(text: str) -> str:
    """Text on one line with single spaces, cut at 200 characters: a title or a heading."""
    return " ".join(text.split())[:200]
