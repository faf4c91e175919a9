"""The verb that finds passages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lumbre.core.documents import Passage, SearchResult
from lumbre.core.errors import BadUsage, PathMissing, UnreadableFile
from lumbre.core.texts import Texts
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.terminal import Terminal, short_path

_SHOWN = 400  # characters of a passage in the terminal; the JSON has it whole


def search(context: Context) -> int:
    """`search`: passages for one query, or for each line of a file."""
    options = context.options
    query = " ".join(options.query).strip()
    if bool(query) == bool(options.queries):
        raise BadUsage(reason=context.texts("search.no-query"))
    with context.assistant() as assistant:
        for each in [query] if query else _lines(options.queries):
            result = assistant.search(each, collection=options.collection, top=options.top)
            if context.terminal.as_json or options.queries:
                context.terminal.json(as_json(result, why=options.why))
            else:
                _show(result, context)
    return 0


def as_json(result: SearchResult, *, why: bool = False) -> dict[str, Any]:
    """A search result as the terminal's JSON has it, with `why` also the evidence for each passage."""
    passages = [passage.public() | (_evidence(passage) if why else {}) for passage in result.passages]
    return {"query": result.query, "ms": round(result.ms, 1), "passages": passages}


def _evidence(passage: Passage) -> dict[str, Any]:
    return {"cosine": passage.cosine, "bm25": passage.bm25, "words": passage.words}


def reasons(passage: Passage, texts: Texts) -> str:
    """Why a passage was found, as one line for a person."""
    parts = [texts("search.score", score=passage.score)]
    if passage.cosine is not None:
        parts.append(texts("search.meaning", cosine=passage.cosine))
    if passage.bm25:
        parts.append(texts("search.by-words", bm25=passage.bm25))
    if passage.words:
        parts.append(texts("search.holds", words=", ".join(passage.words)))
    else:
        parts.append(texts("search.holds-none"))
    return " · ".join(parts)


def place(passage: Passage, texts: Texts) -> str:
    """Where a passage stands, for a person: file, page, heading, whether it never leaves this device."""
    stands = where(passage.path, passage.page, passage.heading, texts)
    return f"{stands} ({texts('place.private')})" if passage.private else stands


def where(path: str, page: int | None, heading: str, texts: Texts) -> str:
    """File, page and heading."""
    stands = short_path(path) if page is None else f"{short_path(path)}, {texts('place.page', page=page)}"
    return f"{stands} — {heading}" if heading else stands


def show_passage(passage: Passage, texts: Texts, terminal: Terminal) -> None:
    """Write a passage with its number, its place and the beginning of its text."""
    terminal.say(f"[{passage.rank}] {place(passage, texts)}")
    text = passage.text
    terminal.paragraph(text if len(text) <= _SHOWN else text[:_SHOWN].rsplit(None, 1)[0] + "…")


def _show(result: SearchResult, context: Context) -> None:
    if not result.passages:
        context.terminal.say(context.texts("search.none"))
    for passage in result.passages:
        show_passage(passage, context.texts, context.terminal)
        if context.options.why:
            context.terminal.say(f"   {reasons(passage, context.texts)}\n")


def _lines(file: Path) -> Iterator[str]:
    """Queries of a file, a line each, as they come; empty lines are left out. Raises PathMissing, UnreadableFile."""
    with ExitStack() as stack:
        try:
            stream = sys.stdin if str(file) == "-" else stack.enter_context(file.open(encoding="utf-8-sig"))
            for line in stream:
                if line.strip():
                    yield line.strip()
        except FileNotFoundError as error:
            raise PathMissing(path=str(file)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(reason=getattr(error, "strerror", None) or str(error)) from error
