"""What the model is asked: short prompts for small models, with document text fenced as data that orders nothing.

Prompts grow only at their end: the system message stands, earlier turns are repeated letter by letter with the
passages they showed, and a passage shown before is named by its number. So an engine that keeps what it has read
reads only what is new.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import PurePath

import msgspec

from lumbre.assistant.cut import clean
from lumbre.assistant.filters import without_filters
from lumbre.assistant.follow_up import search_query
from lumbre.assistant.overlap import Overlap
from lumbre.core.chat import Message, StoredMessage
from lumbre.core.documents import Passage
from lumbre.core.language import detect, fold
from lumbre.core.paths import resources_dir
from lumbre.core.sentences import sentences
from lumbre.store.words import query_terms

LENGTHS = (900, 300)
"""Characters shown of the first passage and of each after it."""
TEMPLATE_TOKENS = 8
"""Tokens that a chat template adds to each message, at most."""

_CONTROL = re.compile(r"<\|")
_SAYS_ES = (
    "dicen?|mencionan?|indican?|especifican?|proporcionan?|encuentran?|aparecen?|contienen?|incluyen?|ofrecen?|dan?|sabe"
    "|puede|puedo|hay|tengo|dispongo|consta|figura|estan?|responden?"
)
_SOURCE_ES = "documentos?|fragmentos?|textos?|pasajes?|informacion|contexto|respuesta|mencion|datos?"
_SOURCE_EN = "documents?|fragments?|passages?|texts?|context|information"
_SAID_EN = "mentioned|specified|stated|provided|found|included|say|mention|specify|information"
_LONG_ES = (
    "como (?!se llam)|por que|para que sirve|explica|resum|describe|enumera|lista|haz una lista|compara|cuales"
    "|cuenta(?:me)? |di(?:me)? todo|que pasos|que diferencia|que hay que|que debo|que tengo que|que dicen?"
)
_LONG_EN = (
    "how (?!many|much|long|old|far|often|tall|big|high|large|deep|wide|fast|hot|cold)|why|explain|summari|describe|list"
    "|tell (?:me )?(?:all|everything|about)|compare|what are|which are|what steps|what differ|what should"
    "|what must|what do"
)
_LONG = re.compile(rf"(?:^\W*|[¿,:;.] *)(?:{_LONG_ES}|{_LONG_EN})")
_REFUSALS = [
    rf"\bno (?:se |lo |la |los |las )*(?:{_SAYS_ES})\b.*\b(?:{_SOURCE_ES})\b",
    rf"\b(?:{_SOURCE_ES})\b.*\bno (?:se |lo |la |los |las )*(?:{_SAYS_ES})\b",
    rf"\b(?:{_SOURCE_EN})\b.*\b(?:do(?:es)?|did|is|are|was) ?(?:not|n['’]?t)\b",
    rf"\b(?:not|n['’]t|no)\b.*\b(?:{_SAID_EN})\b.*\b(?:{_SOURCE_EN})\b",
    r"\bthere is no (?:information|mention|answer)\b",
    r"^no (?:information|mention|answer|data)\b",
]
_REFUSAL = re.compile("|".join(_REFUSALS))


class Prompt(msgspec.Struct, frozen=True):
    """Messages ready for the engine, and what did not fit."""

    messages: list[Message]
    passages: list[Passage]
    """Those the model reads."""
    tokens: int
    left_out_turns: int = 0
    left_out_passages: int = 0


class _Turn(msgspec.Struct, frozen=True):
    """A question with what was shown for it, and its answer unless it is the new one."""

    question: str
    query: str
    passages: list[Passage]
    documents: bool
    answer: str = ""


def build(
    question: str,
    passages: Sequence[Passage],
    history: Sequence[StoredMessage],
    *,
    documents: bool,
    count_tokens: Callable[[str], int],
    context: int,
    answer_tokens: int,
) -> Prompt:
    """Messages for one more turn of a conversation, in the language of the question.

    What does not fit `context` tokens together with `answer_tokens` is left out: the oldest turns first, then the last
    passages. Without `documents` it is a plain conversation.
    """
    turns = _turns(history)
    query = without_filters(search_query(question, previous_query(history)))
    question = without_filters(question)
    now = _Turn(question, query, _read_for(question, passages), documents)
    language = language_of(question, history)
    room = context - answer_tokens
    left_out = 0
    kept = now.passages
    while True:
        messages = _messages([*turns[left_out:], msgspec.structs.replace(now, passages=kept)], language)
        tokens = sum(count_tokens(message.content) + TEMPLATE_TOKENS for message in messages)
        if tokens <= room or (left_out == len(turns) and len(kept) <= 1):
            break
        if left_out < len(turns):
            left_out += 1
        else:
            kept = kept[:-1]
    return Prompt(messages, kept, tokens, left_out, len(now.passages) - len(kept))


def wants_more(question: str) -> bool:
    """Whether a question asks for more than one fact: steps, reasons, a summary."""
    return _LONG.search(fold(question)) is not None


def previous_query(history: Sequence[StoredMessage]) -> str:
    """The search query of the last question answered, with its filters; empty at the beginning."""
    query = ""
    for asked, _ in _answered(history):
        query = search_query(asked.text, query)
    return query


def language_of(question: str, history: Sequence[StoredMessage] = ()) -> str:
    """The language to answer in: the question's, else that of the questions before it, else English."""
    asked = [question, *(message.text for message in reversed(history) if message.role == "user")]
    return next((language for text in asked if (language := detect(text))), "en")


def not_found(language: str) -> str:
    """What is said when the documents do not hold the answer."""
    return texts_of(language)["not_found"]


def remark(language: str, nearest: str, *, unsupported: bool) -> str:
    """What is said after a weak answer: that the documents do not support it, and their nearest sentence."""
    texts = texts_of(language)
    doubt = f" {texts['unsupported']}" if unsupported else ""
    # It will stand in the history as the model's own words, so it must not pose as anything there.
    return doubt + (f"\n\n{texts['nearest']}\n\n> {_harmless(clean(nearest))}" if nearest else "")


def says_not_found(text: str, language: str = "") -> bool:
    """Whether an answer only says that the documents do not hold it, in whatever words."""
    languages = [language] if language in LANGUAGES else LANGUAGES
    folded = fold(text).strip()
    if any(fold(not_found(one)).rstrip(".") in folded for one in languages):
        return True
    spans = sentences(folded)
    return 0 < len(spans) <= 2 and _REFUSAL.search(folded[spans[0][0] : spans[0][1]]) is not None


def _answered(history: Sequence[StoredMessage]) -> list[tuple[StoredMessage, StoredMessage]]:
    """Questions that were answered, with their answers."""
    return [
        (asked, answered)
        for asked, answered in pairwise(history)
        if asked.role == "user" and answered.role == "assistant" and answered.text.strip()
    ]


def _turns(history: Sequence[StoredMessage]) -> list[_Turn]:
    """What was asked and answered, as the model reads it."""
    turns: list[_Turn] = []
    query = ""
    for asked, answered in _answered(history):
        query = search_query(asked.text, query)
        question = without_filters(asked.text)
        sources = answered.answer.sources if answered.answer is not None else []
        shown = _read_for(question, sources)
        turns.append(_Turn(question, without_filters(query), shown, asked.documents, answered.text))
    return turns


def _read_for(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages the model reads: all for an explanation, the better half for a fact, where others only distract."""
    return list(passages if wants_more(question) else passages[: (len(passages) + 1) // 2])


def _messages(turns: Sequence[_Turn], language: str) -> list[Message]:
    """The system message and a pair for each turn; the numbers of passages run through the conversation."""
    numbers: dict[tuple[int, int, int], int] = {}
    first = language_of(turns[0].question) if len(turns) > 1 else language
    documents = any(turn.documents for turn in turns)
    messages = [Message("system", texts_of(first)["documents" if documents else "plain"])]
    for turn in turns:
        own = language_of(turn.question) if turn is not turns[-1] else language
        messages.append(Message("user", _asked(turn, own, numbers)))
        if turn.answer:
            messages.append(Message("assistant", turn.answer))
    return messages


def _asked(turn: _Turn, language: str, numbers: dict[tuple[int, int, int], int]) -> str:
    """A question as the model reads it: what is new of its passages, the question, how to answer."""
    texts = texts_of(language)
    question = _harmless(turn.question)
    if not turn.documents or not turn.passages:
        return question
    shown: list[str] = []
    again: list[str] = []
    for rank, passage in enumerate(turn.passages):
        place = (passage.document_id, passage.start, passage.end)
        if place in numbers:
            again.append(f"[{numbers[place]}]")
            continue
        numbers[place] = len(numbers) + 1
        length = LENGTHS[min(rank, len(LENGTHS) - 1)]
        shown.append(
            f"[{numbers[place]}] {_heading(passage, texts)}\n{_harmless(excerpt(passage, turn.query, length))}"
        )
    # The best stands last: small models heed most what stands nearest to the question.
    parts = [_fenced("\n\n".join(reversed(shown)), texts["fragments"])] if shown else []
    parts += [texts["again"].format(numbers=", ".join(again))] if again else []
    parts += [texts["question"].format(question=question), texts["explain" if wants_more(question) else "fact"]]
    return "\n\n".join(parts)


def excerpt(passage: Passage, query: str, length: int) -> str:
    """The run of sentences of a passage, `length` characters at most, that holds most of what is asked; cleaned."""
    text = passage.text
    spans = sentences(text)
    if len(clean(text)) <= length or not spans:
        return clean(text)
    language = detect(query)
    terms = query_terms(query)
    overlap = Overlap(terms, language)
    held = [{at for at, holds in enumerate(overlap.holds(text[start:end])) if holds} for start, end in spans]
    best = max(_windows(spans, length), key=lambda run: (len(set().union(*held[run[0] : run[1]])), -run[0]))
    piece = clean(text[spans[best[0]][0] : spans[best[1] - 1][1]])
    return piece if len(piece) <= length else piece[:length].rsplit(" ", 1)[0] + " …"


def _windows(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """For each sentence, the longest run from it that fits; one sentence at least."""
    windows = []
    for first, (start, _) in enumerate(spans):
        last = first + 1
        while last < len(spans) and spans[last][1] - start <= length:
            last += 1
        windows.append((first, last))
    return windows


def _heading(passage: Passage, texts: dict[str, str]) -> str:
    """File name, page and heading: what a person would say of where it stands."""
    name = PurePath(passage.path.replace("\\", "/")).name
    page = texts["page"].format(page=passage.page) if passage.page is not None else ""
    return _harmless(clean(", ".join(part for part in (name, page, passage.heading) if part)))


def _fenced(text: str, title: str) -> str:
    """Text between two lines that it does not hold and nobody who wrote it could foresee."""
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{title} <{mark}>\n{text}\n</{mark}>"


def _harmless(text: str) -> str:
    """Text without what a chat template could take for its own control tokens."""
    return _CONTROL.sub("< |", text)


LANGUAGES = ("en", "es")


@cache
def texts_of(language: str) -> dict[str, str]:
    """The program's own sentences in prompts and answers of a language."""
    path = resources_dir() / "prompts" / f"{language if language in LANGUAGES else 'en'}.toml"
    return tomllib.loads(path.read_text("utf-8"))
