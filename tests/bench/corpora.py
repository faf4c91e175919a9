"""The labelled data sets as documents, questions and a judge of what was found for each question."""

from __future__ import annotations

import csv
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.readers import plain

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SETTINGS = [("es", "es", "both"), ("en", "en", "both"), ("es", "en", "en"), ("en", "es", "es")]
SETTINGS += [("es", "en", "both"), ("en", "es", "both"), ("es", "en", "mixed"), ("en", "es", "mixed")]
SETTINGS += [("es", "es", "mixed"), ("en", "en", "mixed")]
CHUNKING = ("chatlogs", "finance", "pubmed", "state_of_the_union", "wikitexts")
ROOM = 4000
"""Characters of passages, about a thousand tokens, over which ways are compared whatever their passages' length."""
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+")


class Place(NamedTuple):
    """One result: a span of a document, and its page (1-based) where there are pages."""

    path: str
    start: int
    end: int
    page: int | None = None


Judge = Callable[[Sequence[Place]], Mapping[str, float]]
"""Figures between 0 and 1 (and characters) of the results of one question, best first."""


class Case(NamedTuple):
    """A question, the set of documents where it is asked (None: all), and who judges what is found."""

    question: str
    scope: str | None
    judge: Judge


class Document(NamedTuple):
    """A document as the program reads it; `file` is where rivals find it, None when its text stands for it."""

    path: str
    extracted: Extracted
    scopes: list[str]
    file: Path | None = None


class Corpus(NamedTuple):
    """Documents and groups of questions; `top` is how many passages each question gets."""

    name: str
    top: int
    documents: list[Document]
    cases: dict[str, list[Case]]


def load(name: str, data: Path = SHARED, only: Sequence[str] = CHUNKING) -> Corpus:
    """One of "xquad", "chunking-eval" (of which `only` some texts) and "sec10q"."""
    if name == "chunking-eval":
        return chunking(data, only)
    return {"xquad": xquad, "sec10q": sec10q}[name](data)


def sampled(corpus: Corpus, every: int) -> Corpus:
    """The same documents with only every n-th question of each group."""
    return corpus._replace(cases={name: those[::every] for name, those in corpus.cases.items()})


# --- XQuAD: the paragraph of each question ----------------------------------------------------------------------------


def xquad(data: Path = SHARED, settings: Sequence[tuple[str, str, str]] = tuple(SETTINGS)) -> Corpus:
    """480 paragraphs of both languages in one library, and questions (language, gold's language, where) over them.

    "both" means that the gold paragraph's twin in the other language competes. In "mixed" every other article is there
    in Spanish only and the rest in English only, as in a library of two languages.
    """
    documents: list[Document] = []
    asked: dict[str, list[tuple[str, str, int]]] = {"es": [], "en": []}
    for language, questions in asked.items():
        articles = json.loads((data / "xquad" / f"xquad.{language}.json").read_text("utf-8"))["data"]
        paragraphs = [(at % 2, paragraph) for at, article in enumerate(articles) for paragraph in article["paragraphs"]]
        for number, (parity, paragraph) in enumerate(paragraphs):
            mixed = parity if language == "es" else 1 - parity
            text = paragraph["context"].lstrip("\ufeff")
            path = f"/{language}/{number:03}.txt"
            documents.append(Document(path, plain.from_text(text), [language, f"mixed {mixed}"]))
            questions += [(each["question"], f"{number:03}.txt", parity) for each in paragraph["qas"]]
    cases: dict[str, list[Case]] = {}
    for one, other, where in settings:
        for question, name, parity in asked[one]:
            mixed = parity if other == "es" else 1 - parity
            scope = {"both": None, "mixed": f"mixed {mixed}"}.get(where, where)
            cases.setdefault(f"{one}→{other} {where}", []).append(Case(question, scope, _in_file(f"/{other}/{name}")))
    return Corpus("xquad", 5, documents, cases)


def _in_file(path: str) -> Judge:
    def judge(found: Sequence[Place]) -> dict[str, float]:
        rank = next((at for at, place in enumerate(found[:5]) if place.path == path), 5)
        return {"@1": float(rank < 1), "@5": float(rank < 5)}

    return judge


# --- chunking-eval: the characters that answer each question ----------------------------------------------------------


def chunking(data: Path = SHARED, only: Sequence[str] = CHUNKING) -> Corpus:
    """Five long texts in one library; a question's gold are spans of characters of one of them."""
    texts = {
        stem: (data / "chunking-eval" / "corpora" / f"{stem}.md").open(encoding="utf-8", newline="").read()
        for stem in only
    }
    documents = [Document(f"/{stem}.txt", plain.from_text(text), []) for stem, text in texts.items()]
    with (data / "chunking-eval" / "questions_df.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["corpus_id"] in only]
    cases: dict[str, list[Case]] = {}
    for row in rows:
        text = texts[row["corpus_id"]]
        gold = [_occurrences(text, text[it["start_index"] : it["end_index"]]) for it in json.loads(row["references"])]
        case = Case(row["question"], None, _covering(f"/{row['corpus_id']}.txt", gold))
        cases.setdefault(row["corpus_id"], []).append(case)
    return Corpus("chunking-eval", 5, documents, cases)


def _occurrences(text: str, excerpt: str) -> list[tuple[int, int]]:
    """Everywhere that an excerpt stands: these texts repeat whole pages, and a copy answers as well as the original."""
    return [(match.start(), match.end()) for match in re.finditer(re.escape(excerpt), text)]


def _covering(path: str, gold: list[list[tuple[int, int]]]) -> Judge:
    """Of characters: recall, precision (what was shown twice counts twice), intersection over union, and how many.

    Each part of the gold may be found in any of its places. "recall 4k" is the recall of the first 4,000 characters
    shown: equal room for ways whose passages differ in length.
    """
    length = sum(places[0][1] - places[0][0] for places in gold)

    def common(covered: set[int]) -> int:
        return sum(max(sum(at in covered for at in range(*place)) for place in places) for places in gold)

    def judge(found: Sequence[Place]) -> dict[str, float]:
        shown = sum(place.end - place.start for place in found[:5])
        covered = {at for place in found[:5] if place.path == path for at in range(place.start, place.end)}
        held = common(covered)
        return {
            "recall@5": held / length,
            "recall 4k": common(_first(found, path, ROOM)) / length,
            "precision": held / shown if shown else 0.0,
            "IoU": held / (shown + length - held),
            "chars": shown,
        }

    return judge


def _first(found: Sequence[Place], path: str, room: int) -> set[int]:
    """The characters of a document among the first `room` that are shown."""
    shown: set[int] = set()
    for place in found:
        end = min(place.end, place.start + room)
        shown |= set(range(place.start, end)) if place.path == path else set()
        room -= end - place.start
    return shown


# --- kg-rag-sec10q: the right report and page -------------------------------------------------------------------------


def sec10q(data: Path = SHARED) -> Corpus:
    """Quarterly reports as PDF; questions whose reports are all here, by kind.

    The labels name documents only. A page counts as right when it holds the most of the figures of the label's answer
    (thousands with commas, decimals): the questions without such a figure have no page.
    """
    folder = data / "kg-rag-sec10q"
    files = sorted((folder / "pdfs").glob("*.pdf"))
    documents = [Document(f"/{file.name}", readers.read(file), [], file) for file in files]
    companies = {file.stem.split()[-1] for file in files}
    with (folder / "qna_data.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    here = [row for row in rows if row["Source Docs"].strip("*").split()[-1] in companies]
    print(f"sec10q: {len(files)} reports, {len(here)} of {len(rows)} questions are about them")
    cases: dict[str, list[Case]] = {}
    for row in here:
        wanted = {each.path: each for each in documents if fnmatch(each.path[1:], row["Source Docs"] + ".pdf")}
        if wanted:
            judge = _of_documents(set(wanted), set(_pages(wanted.values(), row["Answer"])))
            cases.setdefault(row["Question Type"], []).append(Case(row["Question"], None, judge))
    return Corpus("sec10q", 10, documents, cases)


def _pages(documents: Iterable[Document], answer: str) -> Iterator[tuple[str, int]]:
    """In each document, the pages with the most of the answer's figures."""
    figures = set(_FIGURE.findall(answer))
    for path, extracted, _, _ in documents:
        seen: dict[int, set[str]] = {}
        for match in _FIGURE.finditer(extracted.text):
            if match.group() in figures:
                seen.setdefault(bisect_right(extracted.pages, match.start()), set()).add(match.group())
        most = max(map(len, seen.values()), default=0)
        yield from ((path, page) for page, those in seen.items() if len(those) == most)


def _of_documents(wanted: set[str], pages: set[tuple[str, int]]) -> Judge:
    def judge(found: Sequence[Place]) -> dict[str, float]:
        if len(wanted) > 1:
            return {"docs@10": len(wanted & {place.path for place in found[:10]}) / len(wanted)} | _page_hits(found)
        here = [place.path in wanted for place in found]
        return {"doc@1": float(any(here[:1])), "doc@5": float(any(here[:5]))} | _page_hits(found)

    def _page_hits(found: Sequence[Place]) -> dict[str, float]:
        if not pages:
            return {}
        here = [(place.path, place.page) in pages for place in found]
        return {"page@1": float(any(here[:1])), "page@5": float(any(here[:5]))}

    return judge
