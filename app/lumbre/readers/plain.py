"""Plain text: paragraphs by empty lines, headings only where they are certain, form feeds as pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from lumbre.core.documents import Block, BlockKind, Extracted
from lumbre.core.errors import EmptyDocument
from lumbre.readers import kinds
from lumbre.readers.base import File, Format, check_length, first_heading, one_line
from lumbre.readers.decode import decode, is_text

_LIMIT = 40
_HEADING_LENGTH = 100
_LONG_LINE = 200
"""Characters from which a line is a paragraph by itself."""
_UNDERLINE = re.compile(r"([=\-~*^#\"+])\1{2,}")
_UNDERLINE_LEVELS = {"=": 1, "*": 1, "#": 1, "-": 2}
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})\.?\s+[^\W\d_]")
_DIVISION = re.compile(
    r"(?i:(?P<high>part|parte|book|libro)|chapter|cap[ií]tulo|appendix|ap[eé]ndice|anexo|annex)"
    r"\s+(?:\d{1,3}|[IVXLC]{1,8}|[A-Z]|[A-ZÁÉÍÓÚ]{3,12})\b"
)
_BULLET = re.compile(r"\s*(?:[-*•·▪◦‣–—]|\(?\d{1,3}[.)]|[a-z]\))\s")
_LEADER = re.compile(r"\.{4}|(?:\. ){4}")


class _Line(NamedTuple):
    """A line and where it starts."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where its last visible character ends."""
        return self.start + len(self.text.rstrip())


def recognises(file: File) -> bool:
    """Whether it is text of any kind but a mail or a page description."""
    head = file.head
    return not (kinds.is_ole(head) or kinds.is_zip(head) or kinds.binary_kind(head) or kinds.is_mail(head)) and is_text(
        head
    )


def read(file: File) -> Extracted:
    """Read text in any encoding. Raises EmptyDocument, DocumentTooLarge and UnsupportedFormat."""
    return from_text(decode(file.read()))


def from_text(text: str) -> Extracted:
    """The blocks and pages of a text with "\\n" line breaks."""
    check_length(len(text))
    if not text.strip():
        raise EmptyDocument()
    pages = [0, *(match.end() for match in re.finditer("\f", text))]
    if not text[pages[-1] :].strip():
        pages.pop()
    if len(pages) == 1:
        pages = []
    paragraphs = list(_paragraphs(text))
    numbers = _section_numbers(paragraphs)
    blocks = [block for lines in paragraphs for block in _blocks(lines, numbers)]
    if pages:
        blocks = _with_pages(blocks, pages)
    return Extracted(text, blocks, "text", _opening(text, blocks) or first_heading(text, blocks), pages)


FORMAT = Format("text", recognises, read, _LIMIT)


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    """Runs of lines that are not blank; a form feed ends a run."""
    run: list[_Line] = []
    start = 0
    for piece in re.split("([\n\f])", text):
        if piece.strip():
            run.append(_Line(start, piece))
        elif run and piece != "\n":
            yield run
            run = []
        start += len(piece)
    if run:
        yield run


def _section_numbers(paragraphs: list[list[_Line]]) -> set[str]:
    """Numbers such as "2.1" that head a section; "2" is taken for a heading only beside "2.1"."""
    found = set()
    for lines in paragraphs:
        match = _NUMBERED.match(lines[0].text) if len(lines) == 1 else None
        if match and "." in match.group(1):
            found.add(match.group(1))
    return found


def _blocks(lines: list[_Line], numbers: set[str]) -> Iterator[Block]:
    """The blocks of a run of lines: perhaps a heading, then rows, list items or a paragraph."""
    taken, level = _heading(lines, numbers)
    if taken:
        titles = [line for line in lines[:taken] if not _UNDERLINE.fullmatch(line.text.strip())]
        yield Block(_first(titles[0]), titles[-1].end, "heading", level)
        lines = lines[taken:]
    if not lines:
        return
    if _are_rows(lines):
        yield from (Block(_first(line), line.end, "row") for line in lines)
    elif max(len(line.text) for line in lines) > _LONG_LINE:
        yield from (Block(_first(line), line.end) for line in lines)
    elif _is_drawn(lines):
        yield Block(_first(lines[0]), lines[-1].end, "code")
    else:
        yield from _items(lines)


def _heading(lines: list[_Line], numbers: set[str]) -> tuple[int, int]:
    """How many lines from the first make a heading, and its level; (0, 0) for none."""
    rules = [_UNDERLINE.fullmatch(line.text.strip()) for line in lines[:3]]
    if len(lines) >= 3 and rules[0] and rules[2] and not rules[1]:
        return 3, 1
    first = lines[0].text.strip()
    if len(lines) >= 2 and rules[1] and not rules[0] and _underlines(lines[1].text.strip(), first):
        return 2, _UNDERLINE_LEVELS.get(rules[1].group(1), 3)
    if len(lines) > 2 or len(first) > _HEADING_LENGTH or first.endswith((".", ",", ";", ":")) or _LEADER.search(first):
        return 0, 0
    division = _DIVISION.match(first)
    if division:
        return len(lines), 1 if division["high"] else 2
    number = _NUMBERED.match(lines[0].text)
    if number and len(lines) == 1 and ("." in number[1] or f"{number[1]}.1" in numbers):
        return 1, min(6, 2 + number[1].count("."))
    return 0, 0


def _underlines(rule: str, first: str) -> bool:
    """Whether a rule is long enough to underline a line that can be a heading."""
    return len(first) <= _HEADING_LENGTH and len(rule) >= 0.6 * len(first) and not _BULLET.match(first)


def _are_rows(lines: list[_Line]) -> bool:
    """Whether all lines have the same number of the same delimiter, as a table does."""
    if len(lines) < 2:
        return False
    for delimiter, least in (("\t", 1), ("|", 1), (";", 1), (",", 2)):
        count = lines[0].text.count(delimiter)
        if count >= least and all(line.text.count(delimiter) == count for line in lines):
            return True
    return False


def _is_drawn(lines: list[_Line]) -> bool:
    """Whether the lines are a table drawn with signs, or commands: what is lost when lines are joined."""
    firsts = [line.text.lstrip()[:2] for line in lines]
    return firsts[0] in ("$ ", "# ") or 2 * sum(first[0] in "|+" for first in firsts) > len(firsts)


def _items(lines: list[_Line]) -> Iterator[Block]:
    """A paragraph, or one block for each list item; lines without a mark go on with the item above."""
    start = lines[0]
    kind: BlockKind = "list" if _BULLET.match(start.text) else "paragraph"
    last = start
    for line in lines[1:]:
        mark = line.text.lstrip()[0]
        if _BULLET.match(line.text) and (kind == "list" or not (mark.isdigit() or mark == "(")):
            yield Block(_first(start), last.end, kind)
            start, kind = line, "list"
        last = line
    yield Block(_first(start), last.end, kind)


def _first(line: _Line) -> int:
    """Where the line's first visible character stands."""
    return line.start + len(line.text) - len(line.text.lstrip())


def _with_pages(blocks: list[Block], pages: list[int]) -> list[Block]:
    """The same blocks with their page numbers."""
    return [Block(one.start, one.end, one.kind, one.level, bisect_right(pages, one.start)) for one in blocks]


def _opening(text: str, blocks: list[Block]) -> str:
    """The first block as a title when it is short enough to be one."""
    first = one_line(text[blocks[0].start : blocks[0].end]) if blocks else ""
    ends = (".", ",", ";", ":")
    return first if len(first) <= _HEADING_LENGTH and re.search(r"\w", first) and not first.endswith(ends) else ""
