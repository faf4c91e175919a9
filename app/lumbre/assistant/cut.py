"""Cut a document into chunks small enough to embed, along its structure and with exact offsets."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from lumbre.core.documents import Block, Chunk, Extracted
from lumbre.core.sentences import sentences

TARGET = 240
"""Estimated tokens at which a chunk is full."""
LIMIT = 330
"""Estimated tokens no chunk exceeds: with its headings it stays under the 512 real ones that the embedder reads."""
HEADING_LIMIT = 200
"""Characters of headings that are embedded with a chunk; the innermost are kept."""
SMALL = 60
"""Characters under which a chunk is a leftover that joins its neighbour."""
SEPARATOR = " › "

_PLAIN = re.compile(r"[A-Za-z\u00c0-\u024f\s]+")
_SOFT_HYPHEN = re.compile("\u00ad\\s*")
_SPACES = re.compile(r"\s+")
_ZERO_WIDTH = re.compile(
    "[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees and a model reads: Unicode's default ignorable ones, soft hyphens apart."""
_LEADER = re.compile(r"(?<!\.)(?<!\.\s)(?:\.\s?){4,}+\s*+[\divxlc]{0,6}\s*$")
_CELL = re.compile(r"[^|]*\|?")
_WORD = re.compile(r"\S+\s*")
_LINE = re.compile(r"[^\n]*\n?")


class _Unit(NamedTuple):
    """A span that is not divided further, and its estimated tokens."""

    start: int
    end: int
    tokens: float


class _Section(NamedTuple):
    """Blocks in a row on one page under one heading."""

    heading: str
    page: int | None
    blocks: list[Block]


def estimate_tokens(text: str) -> float:
    """Tokens of `text` to within some 20 % for Latin scripts, without the tokenizer.

    Fitted to multilingual-e5 over Spanish and English prose, code and tables: signs and digits cost twice a letter.
    """
    return 0.23 * len(text) + 0.25 * len(_PLAIN.sub("", text))


def clean(text: str) -> str:
    """A passage as a person reads it: hyphenation undone, layout breaks, repeated spaces and unseen characters gone."""
    joined = _SOFT_HYPHEN.sub("", text)
    return _SPACES.sub(" ", _ZERO_WIDTH.sub("", joined)).strip()


def embedding_lead(chunk: Chunk, title: str) -> str:
    """What is embedded before a chunk's own text: where it stands (headings, else the title); may be empty."""
    context = (chunk.heading or clean(title))[-HEADING_LIMIT:].strip()
    return f"{context}. " if context else ""


def cut(extracted: Extracted) -> list[Chunk]:
    """Chunks in reading order, never across a heading or a page; `text == extracted.text[start:end]`, without overlap.

    Lists, rows and neighbouring paragraphs are merged until a chunk is full; what is too long is divided at sentence
    ends, code at line ends. Lines of a table of contents and bare page numbers are left out.
    """
    text = extracted.text
    chunks: list[Chunk] = []
    for section in _sections(extracted):
        units = [unit for block in section.blocks for unit in _units(text, block)]
        for start, end in _pack(text, units):
            piece = text[start:end]
            if sum(map(str.isalnum, piece)) > 1:
                chunks.append(Chunk(start, end, piece, section.heading, section.page))
    return chunks


# --- sections ---------------------------------------------------------------------------------------------------------


def _sections(extracted: Extracted) -> Iterator[_Section]:
    """Group blocks by heading and page; a heading with nothing under it becomes a section of its own."""
    path: list[tuple[int, str]] = []
    bare: Block | None = None
    group: list[Block] = []
    heading = ""
    for block in extracted.blocks:
        if block.kind != "heading":
            if group and group[-1].page != block.page:
                yield _Section(heading, group[0].page, group)
                group = []
            group.append(block)
            bare = None
            continue
        if group:
            yield _Section(heading, group[0].page, group)
            group = []
        if bare and bare.level >= block.level:
            yield _Section(_joined(path[:-1]), bare.page, [bare])
        path = [entry for entry in path if entry[0] < block.level]
        path.append((block.level, clean(extracted.text[block.start : block.end])))
        heading = _joined(path)
        bare = block
    if group:
        yield _Section(heading, group[0].page, group)
    elif bare:
        yield _Section(_joined(path[:-1]), bare.page, [bare])


def _joined(path: list[tuple[int, str]]) -> str:
    """The headings as one line; of very long ones only the innermost remain."""
    titles = [title[:HEADING_LIMIT] for _, title in path if title]
    while len(titles) > 1 and len(SEPARATOR.join(titles)) > HEADING_LIMIT:
        del titles[0]
    return SEPARATOR.join(titles)


# --- units ------------------------------------------------------------------------------------------------------------


def _units(text: str, block: Block) -> Iterator[_Unit]:
    """The block whole when it fits, else its sentences, lines or cells gathered into pieces of equal size."""
    piece = text[block.start : block.end]
    if not piece.strip() or _is_contents(piece):
        return
    tokens = estimate_tokens(piece)
    if tokens <= LIMIT:
        yield _Unit(block.start, block.end, tokens)
        return
    atoms = [atom for start, end in _divide(piece, block.kind) for atom in _fit(piece, start, end)]
    for start, end, weight in _gather(atoms, _share(tokens)):
        yield _Unit(block.start + start, block.start + end, weight)


def _is_contents(piece: str) -> bool:
    """Whether most lines are those of a table of contents: a title, dots and a page number."""
    if "...." not in piece and ". . ." not in piece:
        return False
    lines = [line for line in piece.splitlines() if line.strip()]
    return 2 * sum(bool(_LEADER.search(line)) for line in lines) >= len(lines)


def _divide(piece: str, kind: str) -> list[tuple[int, int]]:
    """The natural parts of a block too long for one chunk."""
    if kind == "code":
        return [match.span() for match in _LINE.finditer(piece) if match.group().strip()]
    if kind == "row":
        return [match.span() for match in _CELL.finditer(piece) if match.group().strip()]
    return sentences(piece)


def _fit(piece: str, start: int, end: int) -> Iterator[_Unit]:
    """The span itself when it fits in a chunk, else its words, and of endless words slices."""
    tokens = estimate_tokens(piece[start:end])
    if tokens <= LIMIT:
        yield _Unit(start, end, tokens)
        return
    if "\n" in piece[start:end].strip():
        for line in _LINE.finditer(piece, start, end):
            yield from _fit(piece, *line.span()) if line.group().strip() else ()
        return
    for match in _WORD.finditer(piece, start, end):
        weight = estimate_tokens(match.group())
        if weight <= TARGET:
            yield _Unit(match.start(), match.end(), weight)
            continue
        step = TARGET  # a character costs at most half a token, white space included
        for left in range(match.start(), match.end(), step):
            right = min(left + step, match.end())
            yield _Unit(left, right, estimate_tokens(piece[left:right]))


def _share(tokens: float) -> float:
    """The size of equal pieces of so many tokens: as near TARGET as LIMIT allows."""
    return tokens / max(1, math.ceil(tokens / LIMIT), round(tokens / TARGET))


def _gather(atoms: list[_Unit], share: float) -> Iterator[_Unit]:
    """Join neighbouring atoms while they stay within `share` tokens."""
    held: _Unit | None = None
    for atom in atoms:
        if held and held.tokens + atom.tokens <= share:
            held = _Unit(held.start, atom.end, held.tokens + atom.tokens)
            continue
        if held:
            yield held
        held = atom
    if held:
        yield held


# --- packing ----------------------------------------------------------------------------------------------------------


def _pack(text: str, units: list[_Unit]) -> Iterator[tuple[int, int]]:
    """Spans of neighbouring units, of equal size as far as the units allow; trimmed."""
    run: list[_Unit] = []
    for unit in units:
        if run and text[run[-1].end : unit.start].strip():
            yield from _pack_run(text, run)
            run = []
        run.append(unit)
    yield from _pack_run(text, run)


def _pack_run(text: str, run: list[_Unit]) -> Iterator[tuple[int, int]]:
    """Join the units of a run, with nothing left out between them, into chunks near TARGET and never over LIMIT."""
    total = sum(unit.tokens for unit in run)
    share = _share(total)
    packed: list[_Unit] = []
    done, boundary = 0.0, share
    for unit in run:
        last = packed[-1] if packed else None
        middle = done + unit.tokens / 2
        small = last is not None and min(last.end - last.start, unit.end - unit.start) < SMALL
        if last and last.tokens + unit.tokens <= LIMIT and (small or middle <= boundary):
            packed[-1] = _Unit(last.start, unit.end, last.tokens + unit.tokens)
        else:
            packed.append(unit)
            boundary = max(boundary, math.ceil(middle / share) * share) if share else 0.0
        done += unit.tokens
    for unit in packed:
        piece = text[unit.start : unit.end]
        left = len(piece) - len(piece.lstrip())
        yield unit.start + left, unit.start + len(piece.rstrip())
