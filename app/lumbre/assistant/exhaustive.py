"""Answers that need everything: all places, rows or documents that hold certain words, counted, listed or added up.

Nothing is guessed here. What is listed stands in the documents letter by letter, a figure is computed from the rows
shown, and the answer says how much was looked at; so it needs no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

import msgspec

from lumbre.assistant.cut import clean
from lumbre.assistant.overlap import Overlap
from lumbre.assistant.planning import Operation, Plan
from lumbre.core.chat import Citation, Sentence
from lumbre.core.documents import Passage
from lumbre.core.sentences import sentences
from lumbre.store.library import LibraryStore, StoredChunk
from lumbre.store.scopes import Scope
from lumbre.store.words import Term, conjunction, query_terms

MOST = 20_000
"""Matching chunks that are read at most: some seconds of work."""
LISTED = 20
"""Matches that an answer lists; it says how many more there are."""
READ = 8
"""Passages that the model is given when a question asks for all."""
_SLICE = 500
_WORD = re.compile(r"[^\W_]+")
_CELL = re.compile(r"\s\|\s")
_NUMBER = re.compile(r"[€$£]?\s*([-−]?\d[\d.,\s']*)(?:[€$£%]|[^\W\d_]{1,4})?\.?")
_YEAR = re.compile(r"(?:19|20)\d\d")
MOST_COLUMNS = 4
"""Columns whose figures are told when a question names none."""
_LINE_LENGTH = 300
Texts = dict[str, str]


class Match(msgspec.Struct, frozen=True):
    """A row or sentence that holds all the words, and the chunk it stands in; offsets are those of the document."""

    chunk: StoredChunk
    start: int
    end: int
    text: str
    is_row: bool


class Everything(msgspec.Struct, frozen=True):
    """All matches in the scope, and how much was looked at."""

    words: list[str]
    documents: int
    chunks: int
    matches: list[Match]
    cut_off: bool
    """Whether there were more than MOST."""

    @property
    def are_rows(self) -> bool:
        """Whether the matches are rows of tables, which can be counted and added up."""
        return bool(self.matches) and 2 * sum(match.is_row for match in self.matches) > len(self.matches)

    @property
    def held_by(self) -> dict[str, list[Match]]:
        """The matches by path of their document, in order."""
        found: dict[str, list[Match]] = {}
        for match in self.matches:
            found.setdefault(match.chunk.path, []).append(match)
        return found


class Report(msgspec.Struct, frozen=True):
    """What is said of everything found: text, its sentences with exact citations, and the passages these number."""

    text: str
    sentences: list[Sentence]
    sources: list[Passage]


def look(
    library: LibraryStore, about: str, language: str, scope: Scope, cancelled: Callable[[], bool]
) -> Everything | None:
    """Everything in scope that holds all content words of `about`; None when it has none, or nothing holds them."""
    terms = query_terms(about)
    if not terms:
        return None
    overlap = Overlap(terms, language)
    known = _matching(library, terms, overlap, scope)
    ids = list(known)
    matches: list[Match] = []
    for at in range(0, min(len(ids), MOST), _SLICE):
        if cancelled():
            return None
        chunks = library.chunks(ids[at : at + _SLICE], scope)
        for id in ids[at : at + _SLICE]:
            if id in chunks:
                matches += _in_chunk(chunks[id], overlap, known[id])
    if not matches:
        return None
    documents, seen = library.extent(scope)
    return Everything([term.text for term in terms], documents, seen, matches, len(ids) > MOST)


def _matching(library: LibraryStore, terms: list[Term], overlap: Overlap, scope: Scope) -> dict[int, tuple[bool, ...]]:
    """The chunks that hold all terms, or all but those that the name of their file holds; with these, told for each."""
    found = dict.fromkeys(library.matching(conjunction(terms), scope, MOST + 1), (False,) * len(terms))
    named: dict[tuple[bool, ...], list[int]] = {}
    for id, path in library.names(scope):
        holds = overlap.holds(" ".join(_WORD.findall(PurePath(path.replace("\\", "/")).name)))
        if any(holds):
            named.setdefault(tuple(holds), []).append(id)
    for holding, files in named.items():
        rest = [term for term, held in zip(terms, holding, strict=True) if not held]
        inside = msgspec.structs.replace(scope, files=tuple(files))
        found |= dict.fromkeys(library.matching(conjunction(rest), inside, MOST + 1), holding)
    return found


def _in_chunk(chunk: StoredChunk, overlap: Overlap, in_name: Sequence[bool]) -> list[Match]:
    """The rows or sentences of a chunk that hold all terms; in prose at least the sentence that holds most of them."""
    lines = [match.span() for match in re.finditer(r"[^\n]+", chunk.text)]
    rows = [span for span in lines if _CELL.search(chunk.text, *span)]
    in_heading = [name or above for name, above in zip(in_name, overlap.holds(chunk.heading), strict=True)]
    if 2 * len(rows) >= len(lines) > 0:
        # A row that only names the columns is none of what is counted.
        data = [span for span in rows if ": " in chunk.text[slice(*span)]] or rows
        held = [(span, overlap.holds(chunk.text[slice(*span)])) for span in data]
        return [
            _match(chunk, span, is_row=True)
            for span, holds in held
            if all(mine or above for mine, above in zip(holds, in_heading, strict=True))
        ]
    spans = sentences(chunk.text) or [(0, len(chunk.text))]
    counts = [sum(overlap.holds(chunk.text[slice(*span)])) for span in spans]
    whole = [span for span, count in zip(spans, counts, strict=True) if count == len(in_heading)]
    return [_match(chunk, span, is_row=False) for span in whole or [spans[counts.index(max(counts))]]]


def _match(chunk: StoredChunk, span: tuple[int, int], *, is_row: bool) -> Match:
    start, end = span
    return Match(chunk, chunk.start + start, chunk.start + end, clean(chunk.text[start:end]), is_row)


# --- what is said of it -----------------------------------------------------------------------------------------------


def report(found: Everything, plan: Plan, texts: Texts, shown: Sequence[Passage] = ()) -> Report:
    """The answer over everything found; `shown` are sources that have their numbers already."""
    writer = _Writer(shown)
    listed = found.matches
    for name, value, listed in _figures(found.matches, plan):
        writer.say(texts[f"all_{plan.operation}"].format(name=name, rows=len(listed), value=value), listed)
    writer.say(_extent(found, plan, texts))
    if plan.documents:
        for path, matches in list(found.held_by.items())[:LISTED]:
            times = texts["all_times"].format(count=len(matches))
            writer.item(f"{PurePath(path.replace(chr(92), '/')).name} — {times}", matches[:1])
        left = len(found.held_by) - LISTED
    else:
        for match in listed[:LISTED]:
            writer.item(match.text[:_LINE_LENGTH], [match])
        left = len(listed) - LISTED
    if left > 0:
        writer.say("\n\n" + texts["all_more"].format(count=left))
    return writer.finish()


def below(report: Report) -> Report:
    """The report as a paragraph of its own, under other text."""
    moved = [msgspec.structs.replace(one, start=one.start + 2, end=one.end + 2) for one in report.sentences]
    return Report("\n\n" + report.text, moved, report.sources)


def joined(passages: Sequence[Passage], matches: Sequence[Match]) -> list[Passage]:
    """The passages found best, and after them others that match, up to READ in all."""
    sources = list(passages)
    for match in matches:
        if len(sources) >= READ:
            break
        if not any(_holds(source, match) for source in sources):
            sources.append(passage_of(match.chunk, len(sources) + 1))
    return sources


def _holds(source: Passage, match: Match) -> bool:
    """Whether a match stands in a source."""
    same = source.document_id == match.chunk.document_id
    return same and source.start <= match.start and match.end <= source.end


def _extent(found: Everything, plan: Plan, texts: Texts) -> str:
    """One sentence: how much was looked at, and how much of it holds the words."""
    words = ", ".join(f"«{word}»" for word in found.words)
    kind = "all_documents" if plan.documents else "all_rows" if found.are_rows else "all_places"
    said = texts[kind].format(
        count=len(found.matches), held=len(found.held_by), documents=found.documents, chunks=found.chunks, words=words
    )
    return said + (" " + texts["all_cut"].format(count=MOST) if found.cut_off else "")


class _Writer:
    """Text that grows sentence by sentence, each with the matches it was taken from."""

    def __init__(self, shown: Sequence[Passage]) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._sentences: list[Sentence] = []
        self._sources = list(shown)

    def say(self, text: str, of: Sequence[Match] = ()) -> None:
        """Add a sentence."""
        body = text.lstrip("\n")
        lead = text[: len(text) - len(body)] or (" " if self._parts else "")
        start = self._length + len(lead)
        self._parts.append(lead + body)
        self._length = start + len(body)
        cited = [Citation(self._number(match), match.start, match.end) for match in of[:LISTED]]
        self._sentences.append(Sentence(start, self._length, body, cited, claims=bool(of)))

    def item(self, text: str, of: Sequence[Match]) -> None:
        """Add an item of a list."""
        self._parts.append("\n- " if self._sentences and self._sentences[-1].claims else "\n\n- ")
        self._length += len(self._parts[-1])
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        cited = [Citation(self._number(match), match.start, match.end) for match in of]
        self._sentences.append(Sentence(start, self._length, text, cited))

    def finish(self) -> Report:
        """The report."""
        return Report("".join(self._parts), self._sentences, self._sources)

    def _number(self, match: Match) -> int:
        """The number of the passage that holds a match; a new one when none does."""
        for at, source in enumerate(self._sources, start=1):
            if _holds(source, match):
                return at
        self._sources.append(passage_of(match.chunk, len(self._sources) + 1))
        return len(self._sources)


def passage_of(chunk: StoredChunk, rank: int) -> Passage:
    """A chunk as a source of its own, found by its words alone."""
    return Passage(
        rank=rank,
        score=1.0,
        path=chunk.path,
        page=chunk.page,
        start=chunk.start,
        end=chunk.end,
        heading=chunk.heading,
        text=chunk.text,
        document_id=chunk.document_id,
        language=chunk.language,
        private=chunk.private,
    )


# --- figures over rows ------------------------------------------------------------------------------------------------


def _figures(matches: Sequence[Match], plan: Plan) -> list[tuple[str, str, list[Match]]]:
    """Name of a column, the figure over it as text, and the rows it was taken from; none when no column fits."""
    rows = [(match, _cells(match.text)) for match in matches if match.is_row]
    return [figure for name in _columns([cells for _, cells in rows], plan) if (figure := _over(name, rows, plan))]


def _over(column: str, rows: Sequence[tuple[Match, dict[str, str]]], plan: Plan) -> tuple[str, str, list[Match]] | None:
    """The figure over one column."""
    texts = [(match, cells[column]) for match, cells in rows if column in cells]
    decimal = _decimal([text for _, text in texts])
    values = [(match, value) for match, text in texts if (value := number(text, decimal)) is not None]
    if plan.operation is None or not values:
        return None
    value, used = _computed(plan.operation, values)
    return column, _shown(value, decimal), used


def _computed(operation: Operation, values: list[tuple[Match, float]]) -> tuple[float, list[Match]]:
    """The figure and the rows that stand for it."""
    numbers = [value for _, value in values]
    if operation in ("sum", "mean"):
        total = sum(numbers)
        return (total if operation == "sum" else total / len(numbers)), [match for match, _ in values]
    value = max(numbers) if operation == "most" else min(numbers)
    return value, [match for match, one in values if one == value]


def _cells(row: str) -> dict[str, str]:
    """The cells of a row by the names of their columns."""
    named = (cell.partition(": ") for cell in _CELL.split(row))
    return {name.strip(): value.strip() for name, colon, value in named if colon}


def _columns(rows: Sequence[dict[str, str]], plan: Plan) -> list[str]:
    """The columns of numbers that a question names; without a name all of them, but the extreme of only one."""
    names = dict.fromkeys(name for cells in rows for name in cells)
    numeric = [name for name in names if _is_quantity([cells[name] for cells in rows if name in cells])]
    terms = query_terms(plan.about)
    named = [name for name in numeric if terms and any(Overlap(terms, "").holds(name))]
    if named or (plan.operation in ("most", "least") and len(numeric) > 1):
        return named
    return numeric[:MOST_COLUMNS]


def _is_quantity(values: Sequence[str]) -> bool:
    """Whether most cells of a column are numbers, and not all of them years."""
    numbers = [value for value in values if number(value, ".") is not None]
    return 2 * len(numbers) > len(values) and not all(_YEAR.fullmatch(value) for value in numbers)


def number(text: str, decimal: str) -> float | None:
    """A cell as a number, whatever currency or unit follows it; None when it is none. `decimal` is "." or ","."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    digits = re.sub(r"[\s']", "", found[1]).replace("−", "-").strip(".,")
    grouped = "," if decimal == "." else "."
    try:
        return float(digits.replace(grouped, "").replace(decimal, "."))
    except ValueError:
        return None


def _decimal(values: Sequence[str]) -> str:
    """The decimal sign of a column: what stands last in a number that has both, or before other than three digits."""
    for value in values:
        points, commas = value.rfind("."), value.rfind(",")
        if points >= 0 and commas >= 0:
            return "." if points > commas else ","
    odd = [value for value in values if re.search(r",\d{1,2}(?!\d)|,\d{4,}", value)]
    return "," if odd else "."


def _shown(value: float, decimal: str) -> str:
    """A figure with the decimal sign of its column, and no more digits than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", decimal)
