"""What a document is once read, what is cut from it, and what a search brings back.

All offsets count Python characters (code points) into `Extracted.text`, end-exclusive.
"""

from __future__ import annotations

from typing import Literal

import msgspec

BlockKind = Literal["heading", "paragraph", "list", "row", "code", "caption"]
FileState = Literal["waiting", "reading", "readable", "done", "set-aside"]
"""waiting → reading → readable (found by its words) → done (embedded too); set-aside carries a reason."""


DRAWN_FORMATS = ("pdf", "image")
"""Values of `Extracted.format` whose pages can be shown as pictures."""


class Block(msgspec.Struct, frozen=True):
    """A run of text that belongs together, and where it stands in the extracted text."""

    start: int
    end: int
    kind: BlockKind = "paragraph"
    level: int = 0
    """1–6 for headings, 0 for all else."""
    page: int | None = None
    """1-based page, slide or sheet; None where the format has none."""


HiddenKind = Literal["invisible", "tiny", "off-page", "zero-width", "comment", "sheet", "slide", "notes"]
"""Why a person would not see a text: no ink or the colour of the paper, too small, outside the page, characters without
width, a comment in the source, a hidden sheet or slide, a speaker's notes."""


class HiddenText(msgspec.Struct, frozen=True):
    """Text of a file that a person who opens it would not see: where injected instructions like to stand."""

    kind: HiddenKind
    text: str
    """The beginning of it, at most HIDDEN_LENGTH characters."""
    page: int | None = None


HIDDEN_LENGTH = 300
HIDDEN_MOST = 50
"""Hidden texts told of one file."""


class Extracted(msgspec.Struct, frozen=True):
    """A file turned into text by a reader: one string, and blocks in reading order that do not overlap."""

    text: str
    blocks: list[Block]
    format: str
    """Short name of the format as decided by content: "pdf", "docx", "html", "markdown", "text"…"""
    title: str = ""
    pages: list[int] = []
    """Offset in `text` at which page i+1 starts; empty where the format has no pages.

    In a PDF the text of a page is that of the rendering engine character by character, so that
    `offset - pages[i]` is the index of a character on the page."""
    warnings: list[str] = []
    hidden: list[HiddenText] = []
    """What a person would not see of it. Sheets, slides and notes are read all the same; the rest is left out."""
    members: list[str] = []
    """Names of the files inside it (attachments, members of an archive), each to be read as a document of its own under
    the path `file/name`; "/" parts folders."""


class Chunk(msgspec.Struct, frozen=True):
    """A piece of a document small enough to embed; `text == extracted.text[start:end]`."""

    start: int
    end: int
    text: str
    heading: str = ""
    """Headings above it, outermost first, joined by " › "."""
    page: int | None = None


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One search result: a span of a document with its place and score (higher is better)."""

    rank: int
    score: float
    path: str
    page: int | None
    start: int
    end: int
    heading: str
    text: str
    document_id: int = 0
    language: str = ""
    """"en", "es" or "" when it cannot be told."""
    private: bool = False
    """True when it comes from a collection that never leaves this device."""
    cosine: float | None = None
    """Nearness of its meaning to the question's, of its nearest part; None when that was not looked at."""
    bm25: float = 0.0
    """Score by words; 0 when it is not among the best by words."""
    words: list[str] = []
    """What it holds of the question: words, phrases, codes and dates, as typed as far as they can be told apart."""

    def public(self) -> dict[str, object]:
        """The fields that the terminal's JSON shows."""
        shown = ("rank", "score", "path", "page", "start", "end", "heading", "text", "private")
        return {name: getattr(self, name) for name in shown}


class Filters(msgspec.Struct, frozen=True):
    """What files a search is restricted to; empty fields restrict nothing, several values of one mean any of them."""

    collections: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    """Ends of file names, with their dot; a file passes by its format or by its ending."""
    names: tuple[str, ...] = ()
    """Parts of file names, or patterns with * and ?, folded."""
    tags: tuple[str, ...] = ()
    before: float | None = None
    """Modified before this moment, in seconds since the epoch; `after` includes its moment."""
    after: float | None = None


class SearchResult(msgspec.Struct, frozen=True):
    """Passages for one query, best first, and the milliseconds it took, embedding of the query included."""

    query: str
    ms: float
    passages: list[Passage]


class Collection(msgspec.Struct, frozen=True):
    """A named set of files."""

    id: int
    name: str
    private: bool
    files: int = 0


class AddedPlace(msgspec.Struct, frozen=True):
    """A folder or single file that was added, and is kept up to; `away` when it is not there now."""

    path: str
    collections: list[str]
    files: int
    away: bool
    single: bool = False
    """Whether it is a file."""


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the library and how far it has come."""

    id: int
    path: str
    state: FileState
    size: int = 0
    modified: float = 0.0
    """Seconds since the epoch; 0 when it has not been read, and for a file inside another one."""
    format: str = ""
    pages: int = 0
    chunks: int = 0
    collections: list[str] = []
    tags: list[str] = []
    code: str = ""
    """Error code when set aside; the text for a person is made from it and `details`."""
    details: dict[str, str | int | float] = {}
    container: str = ""
    """Path of the file that it lies inside; empty for a file on disk."""
    hidden: int = 0
    """Texts in it that a person would not see; `LibraryStore.findings` has them."""
    warnings: int = 0


class LibraryCounts(msgspec.Struct, frozen=True):
    """How much the library holds and how much of it is ready."""

    files: int = 0
    waiting: int = 0
    readable: int = 0
    done: int = 0
    set_aside: int = 0
    chunks: int = 0
    embedded: int = 0
    """Chunks with a vector of the embedder that serves."""
    reindexed: int | None = None
    """Chunks with a vector of the embedder that is to take its place; None when none is."""


class PageImage(msgspec.Struct, frozen=True):
    """A rendered page: PNG bytes, size in pixels, and the boxes (x, y, width, height in pixels) to mark."""

    png: bytes
    width: int
    height: int
    boxes: list[tuple[float, float, float, float]] = []
