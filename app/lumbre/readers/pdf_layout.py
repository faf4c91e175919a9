"""From the lines of PDF pages to paragraphs, headings, lists and code; running headers and page numbers fall out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from statistics import median
from typing import NamedTuple

from lumbre.core.documents import Block, BlockKind

_BULLET = re.compile(r"(?:[-•·▪◦‣–—●○■□*\uf0b7\uf0a7]|\(?\d{1,3}[.)]|[a-z]\))\s")
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|p[aá]g(?:ina|\.)?|hoja|folio)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|de)\s*\d{1,4})?\W*", re.I
)
_LEADER = re.compile(r"(?:\.\s?){4,}+\s*+[\divxlc]{1,6}\s*$", re.I)
_ENDS_NUMBER = re.compile(r"\s(?:\d{1,4}|[ivxlc]{1,6})$", re.I)
_CAPTION = re.compile(r"(?:figure|figura|fig\.|table|tabla|cuadro|gr[aá]fico)\s+[\dIVX]+", re.I)
_SECTION = re.compile(r"(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,4}\.?\s+\S")
_LEADING_NUMBER = re.compile(r"^\s*(?:[\dIVXA-Z]{1,4}(?:\.\d+)*\.?)\s+")
_DIGITS = re.compile(r"\d+")
_NOT_WORD = re.compile(r"[\W_]+")
_STOPS = (".", ":", "?", "!", ";", "»", "”", '"')

_EDGE = 2
"""Lines at the top and at the bottom of a page among which running headers are sought."""
_MARGIN = 0.1
_REPEATS = 3
_REPEATED_PAGES = 0.04
"""At least so many pages, and this share of all, carry a line for it to be furniture."""
_HEADER_PAGES = 0.3
"""Share of the pages with a repeated line at one height from which all edge lines of that height are furniture."""
_LARGER = 1.13
_OTHER_SIZE = 1.12
_GAP = 1.4
"""Times the usual distance between lines that sets paragraphs apart."""
_HEADING_LENGTH = 200
_HEADING_LINES = 3


class Line(NamedTuple):
    """A line of a page: characters start..end on the page, and its place in points from the bottom left."""

    start: int
    end: int
    left: float
    right: float
    bottom: float
    size: float
    """Height of the font's box in points."""
    mono: bool
    bold: bool
    cells: int = 1
    """More than one when it is a row of a table."""


class OutlineEntry(NamedTuple):
    """A bookmark: 0-based page, level from 1, title."""

    page: int
    level: int
    title: str


class _Style(NamedTuple):
    """What is usual in this document."""

    body: float
    """Size of most characters."""
    pitch: dict[float, float]
    """Usual distance between lines, by size."""
    levels: dict[float, int]
    """Heading level by size, for sizes larger than the body's."""


def blocks(texts: list[str], starts: list[int], pages: list[list[Line]], outline: list[OutlineEntry]) -> list[Block]:
    """The blocks of all pages in reading order, with offsets into the joined text."""
    dropped = _furniture(texts, pages)
    marks = _marks(texts, pages, outline)
    style = _style(pages, marks)
    found: list[Block] = []
    for number, lines in enumerate(pages):
        kept = [line for line in lines if (number, line.start) not in dropped]
        if _is_contents(texts[number], kept):
            continue
        for group in _groups(texts[number], kept, style, marks.get(number, {})):
            found.append(_block(texts[number], group, style, marks.get(number, {}), starts[number], number + 1))
    return found


# --- what is left out -------------------------------------------------------------------------------------------------


def _furniture(texts: list[str], pages: list[list[Line]]) -> set[tuple[int, int]]:
    """Lines (page, start) at the edges of pages that are page numbers or stand again at the same height elsewhere."""
    seen: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    dropped: set[tuple[int, int]] = set()
    for number, lines in enumerate(pages):
        for line in _edges(lines):
            content = texts[number][line.start : line.end]
            if len(lines) > 1 and _PAGE_NUMBER.fullmatch(content):
                dropped.add((number, line.start))
            key = (_DIGITS.sub("#", content).casefold(), round(line.bottom / 4))
            seen[key].append((number, line.start))
    heights: Counter[int] = Counter()
    for (_, height), places in seen.items():
        if len({number for number, _ in places}) >= max(_REPEATS, _REPEATED_PAGES * len(pages)):
            dropped.update(places)
            heights[height] += len(places)
    for (_, height), places in seen.items():
        if heights[height] >= _HEADER_PAGES * len(pages):
            dropped.update(places)  # a header that changes from chapter to chapter
    return dropped if 2 * _characters(pages, dropped) < _characters(pages, None) else set()


def _edges(lines: list[Line]) -> list[Line]:
    """The lines nearest the top and the bottom of a page, when they stand at the margin of what is set on it."""
    if not lines:
        return []
    by_height = sorted(lines, key=lambda line: line.bottom)
    low, high = by_height[0].bottom, by_height[-1].bottom
    margin = _MARGIN * (high - low)
    nearest = dict.fromkeys([*by_height[:_EDGE], *by_height[-_EDGE:]])
    return [line for line in nearest if line.bottom <= low + margin or line.bottom >= high - margin]


def _characters(pages: list[list[Line]], chosen: set[tuple[int, int]] | None) -> int:
    """Characters of all lines, or of the chosen ones."""
    return sum(
        line.end - line.start
        for number, lines in enumerate(pages)
        for line in lines
        if chosen is None or (number, line.start) in chosen
    )


def _is_contents(text: str, lines: list[Line]) -> bool:
    """Whether a page is a table of contents: many dotted lines, most lines ending in a number."""
    contents = [text[line.start : line.end] for line in lines]
    leaders = sum(bool(_LEADER.search(content)) for content in contents if content[-1:].isalnum())
    if leaders < 3 or leaders < 0.25 * len(lines):
        return False
    return sum(bool(_ENDS_NUMBER.search(content)) for content in contents) >= 0.6 * len(lines)


# --- headings ---------------------------------------------------------------------------------------------------------


def _marks(texts: list[str], pages: list[list[Line]], outline: list[OutlineEntry]) -> dict[int, dict[int, int]]:
    """Heading levels by page and start of line, for the lines in which a bookmark's title stands."""
    marks: dict[int, dict[int, int]] = defaultdict(dict)
    for entry in outline:
        if entry.page < len(pages):
            for line in _spelled(entry.title, texts[entry.page], pages[entry.page]):
                marks[entry.page].setdefault(line.start, entry.level)
    return marks


def _spelled(title: str, text: str, lines: list[Line]) -> list[Line]:
    """The lines in a row that together spell `title`, with or without the number before it on either side."""
    wanted = {_squeeze(title), _squeeze(_LEADING_NUMBER.sub("", title))} - {""}
    words = [word for word in re.findall(r"\w+", title) if not word.isdigit()]
    if not words:
        return []
    for index, line in enumerate(lines):
        if words[0] not in text[line.start : line.end]:
            continue
        built = ""
        for last in range(index, min(index + _HEADING_LINES, len(lines))):
            built += text[lines[last].start : lines[last].end]
            if _squeeze(built) in wanted or _squeeze(_LEADING_NUMBER.sub("", built)) in wanted:
                return lines[index : last + 1]
            if len(built) > len(title) + 20:
                break
    return []


def _squeeze(content: str) -> str:
    """Letters and digits only, in lower case."""
    return _NOT_WORD.sub("", content).casefold()


def _style(pages: list[list[Line]], marks: dict[int, dict[int, int]]) -> _Style:
    """Measure what is usual: size of the body, distance between lines, and which sizes are headings'."""
    weight: Counter[float] = Counter()
    drops: dict[float, list[float]] = defaultdict(list)
    marked: dict[float, Counter[int]] = defaultdict(Counter)
    for number, lines in enumerate(pages):
        levels = marks.get(number, {})
        for index, line in enumerate(lines):
            weight[line.size] += line.end - line.start
            if line.start in levels:
                marked[line.size][levels[line.start]] += 1
            drop = lines[index - 1].bottom - line.bottom if index else 0
            if index and lines[index - 1].size == line.size and 0.5 * line.size < drop < 2.5 * line.size:
                drops[line.size].append(drop)
    body = weight.most_common(1)[0][0] if weight else 0.0
    pitch = {size: median(sorted(values)[: max(1, len(values) * 3 // 4)]) for size, values in drops.items()}
    return _Style(body, pitch, _levels(body, weight, marked))


def _levels(body: float, weight: Counter[float], marked: dict[float, Counter[int]]) -> dict[float, int]:
    """Heading levels by size: as bookmarks of that size have it, else by rank among the larger sizes."""
    larger = sorted((size for size in weight if size >= _LARGER * body), reverse=True)
    levels = {size: min(rank, 4) for rank, size in enumerate(larger, 1)}
    if marked:
        deepest = max(max(counts) for counts in marked.values())
        top = max(marked)
        levels = {size: 1 if size > top else min(6, deepest + 1) for size in larger}
    levels.update({size: counts.most_common(1)[0][0] for size, counts in marked.items() if size in levels})
    return levels


# --- paragraphs -------------------------------------------------------------------------------------------------------


def _groups(text: str, lines: list[Line], style: _Style, marks: dict[int, int]) -> list[list[Line]]:
    """Lines gathered into what will be blocks."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _continues(text, groups[-1], line, style, marks):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _continues(text: str, group: list[Line], line: Line, style: _Style, marks: dict[int, int]) -> bool:
    """Whether a line goes on with the block that `group` has begun."""
    last = group[-1]
    if text[last.end : line.start].strip("\u00ad \n"):
        return False  # something left out stands between them
    if marks.get(last.start) != marks.get(line.start) or max(last.cells, line.cells) > 1:
        return False
    if text[last.end - 1] == "\u00ad" and line.size == last.size:
        return True
    drop = last.bottom - line.bottom
    if abs(drop) < 0.4 * line.size and line.left >= last.right - line.size:
        return True  # the same line, set in pieces
    if max(line.size, last.size) > _OTHER_SIZE * min(line.size, last.size) or line.mono != last.mono:
        return False
    ended = text[last.end - 1] in _STOPS
    if drop < -0.5 * line.size:  # the next column
        return not ended and text[line.start].islower()
    if drop > _GAP * style.pitch.get(line.size, 1.3 * line.size):
        return False
    if line.mono:
        return True
    return not _begins(text, group, line, ended)


def _begins(text: str, group: list[Line], line: Line, ended: bool) -> bool:
    """Whether a line, set close under the last one, begins a paragraph or a list item all the same."""
    last = group[-1]
    if _BULLET.match(text, line.start, line.end):
        return not text[line.start].isdigit() or ended or bool(_BULLET.match(text, group[0].start, group[0].end))
    if last.bold != line.bold and len(group) == 1 and ended:
        return True
    if not ended:
        return False
    if line.left - last.left > 0.7 * line.size and (len(group) > 1 or not _BULLET.match(text, last.start, last.end)):
        return True
    widest = max(one.right for one in group)
    return last.right < widest - 0.2 * (widest - group[0].left)


def _block(text: str, group: list[Line], style: _Style, marks: dict[int, int], offset: int, page: int) -> Block:
    """The block of a group of lines, with its kind."""
    start, end = group[0].start, group[-1].end
    content = text[start:end]
    level = marks.get(start, 0) or _level_by_font(content, group, style)
    kind: BlockKind = "paragraph"
    if group[0].cells > 1:
        kind, level = "row", 0
    elif level:
        kind = "heading"
    elif all(line.mono for line in group):
        kind = "code"
    elif _BULLET.match(content):
        kind = "list"
    elif _CAPTION.match(content) and len(content) < _HEADING_LENGTH:
        kind = "caption"
    return Block(offset + start, offset + end, kind, level, page)


def _level_by_font(content: str, group: list[Line], style: _Style) -> int:
    """The level of a heading that no bookmark names: a short block in a larger font, or bold with a number."""
    if len(content) > _HEADING_LENGTH or len(group) > _HEADING_LINES or not any(map(str.isalpha, content)):
        return 0
    if group[0].size in style.levels:
        return style.levels[group[0].size] if len(content) > 2 and not content.endswith((",", ";")) else 0
    numbered = group[0].bold and len(group) == 1 and _SECTION.match(content) and not content.endswith((".", ":", ","))
    if numbered and group[0].size >= 0.97 * style.body:
        deepest = max(style.levels.values(), default=0)
        return min(6, deepest + 1)
    return 0
