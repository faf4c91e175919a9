"""How text becomes words of the full-text index, and a question an expression over them: the same way on both sides."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import lru_cache

import msgspec
import Stemmer

from lumbre.core.language import ENGLISH, SPANISH, detect, fold

MARK = "ˑ"
"""Stands for every separator inside a code; the tokenizer takes it for a letter, so a code stays one word."""

EXACT = 2
"""How many times an ordinary word a quoted phrase, a code or a date counts: it was typed to be found as it is."""

STOP_WORDS = frozenset(part for word in ENGLISH | SPANISH for part in fold(word).replace("'", " ").split())

_WORD = re.compile(r"[^\W_]+")
_PLAIN_WORD = re.compile(r"\w+")
_PHRASE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»")
_EDGES = ".,;:!?¿¡()[]{}<>«»\"'“”‘’…*`|=€$£%"
_SEPARATORS = re.compile(r"[\W_]+")
_THOUSANDS = re.compile(r"(\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero january ene jan",
            "febrero february feb",
            "marzo march mar",
            "abril april abr apr",
            "mayo may",
            "junio june jun",
            "julio july jul",
            "agosto august ago aug",
            "septiembre setiembre september sept sep",
            "octubre october oct",
            "noviembre november nov",
            "diciembre december dic dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|º)?(?: de| of)? ({_MONTH})\b\.?,?(?: del?| of)? (\d{{4}})\b", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_YEAR = re.compile(r"\d{4}")
_NUMERIC = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b")


class Term(msgspec.Struct, frozen=True):
    """One thing a question asks for, with the words of the index that mean it."""

    text: str
    """As typed, folded."""
    stems: tuple[str, ...] = ()
    """Stems by language of the question: one, or one for each language when it cannot be told."""
    codes: tuple[str, ...] = ()
    """Whole identifiers, numbers and dates, normalised."""

    @property
    def exact(self) -> bool:
        """A quoted phrase, a code or a date: its words have to stand side by side."""
        return not self.stems


class _Stemmers(threading.local):
    """Snowball stemmers keep state, so each thread has its own."""

    def __init__(self) -> None:
        self.by_language = {"es": Stemmer.Stemmer("spanish"), "en": Stemmer.Stemmer("english")}


_stemmers = _Stemmers()


def index_row(text: str, heading: str, language: str) -> tuple[str, str, str, str]:
    """The columns (words, stems, codes, heading) of a passage; `language` is "en", "es" or "" for unknown."""
    folded = fold(text)
    # The same words as _WORD finds, four times as quick.
    words = _PLAIN_WORD.findall(folded.replace("_", " "))
    stems = [stem for word in words for stem in stems_of(word, language)]
    heading_words = _WORD.findall(fold(heading))
    heading_stems = {stem for word in heading_words for stem in stems_of(word, language)}
    headings = heading_words + sorted(heading_stems.difference(heading_words))
    return " ".join(words), " ".join(stems), " ".join(codes_in(text, folded)), " ".join(headings)


def match_expression(query: str) -> str:
    """The FTS5 expression for any query; empty when it holds no word at all."""
    return expression(query_terms(query))


def query_terms(query: str) -> list[Term]:
    """What a question asks for, in order and without repetition; stop words only when there is nothing else."""
    phrases = [part for groups in _PHRASE.findall(query) for part in groups if part]
    language = detect(query)
    terms = [Term(fold(phrase)) for phrase in phrases if len(_WORD.findall(phrase)) > 1]
    rest = _PHRASE.sub(lambda match: match[0] if len(_WORD.findall(match[0])) == 1 else " ", query)
    rest = _take_dates(rest, terms)
    codes = dict.fromkeys(codes_in(rest, fold(rest)))
    terms += [Term(code.replace(MARK, " ").strip(), codes=(code,)) for code in codes]
    taken = {word for token in rest.split() if any(_codes_of(token)) for word in _WORD.findall(fold(token))}
    words = [word for word in dict.fromkeys(_WORD.findall(fold(rest))) if word not in taken]
    content = [word for word in words if word not in STOP_WORDS]
    chosen = content if content or terms else words
    return terms + [Term(word, stems=stems_of(word, language)) for word in chosen]


def _take_dates(text: str, terms: list[Term]) -> str:
    """Add a term for each date; returns the text without them, since day, month and year alone are found anywhere."""
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST, _NUMERIC):
        for match in pattern.finditer(text):
            folded = fold(match[0])
            terms.append(Term(folded, codes=tuple(dict.fromkeys(_dates(folded)))))
        text = pattern.sub(" ", text)
    return text


def is_keywords(query: str) -> bool:
    """Whether a query is bare keywords, as one types to a search engine, and no sentence of a language."""
    words = _WORD.findall(fold(query))
    return bool(words) and STOP_WORDS.isdisjoint(words)


def expression(terms: list[Term]) -> str:
    """The FTS5 expression that finds passages with any of the terms; said twice, a term counts twice in BM25."""
    return " OR ".join(part for term in terms for part in _parts(term) for _ in range(EXACT if term.exact else 1))


def conjunction(terms: list[Term]) -> str:
    """The FTS5 expression that finds passages with all of the terms."""
    return " AND ".join(f"({' OR '.join(_parts(term))})" for term in terms)


def _parts(term: Term) -> Iterator[str]:
    """Alternatives for one term, each a quoted string of letters and digits only, so no syntax can get in."""
    words = " ".join(_WORD.findall(term.text))
    if words:
        yield f'{{words heading}} : "{words}"'
    for stem in term.stems:
        yield f'{{stems heading}} : "{stem}"'
    for code in term.codes:
        yield f'codes : "{code}"'


@lru_cache(maxsize=1 << 16)
def stems_of(word: str, language: str) -> tuple[str, ...]:
    """Stem of a folded word in its language; in both, when that is unknown and they differ.

    Folding comes first so that a question typed without accents meets the same stems; Spanish endings that Snowball
    knows only by their accent (-ía, -ió) then leave an "i", which is dropped.
    """
    if not language:
        return tuple(dict.fromkeys(stems_of(word, "es") + stems_of(word, "en")))
    stem = str(_stemmers.by_language[language].stemWord(word))
    return (stem[:-1] if language == "es" and len(stem) > 4 and stem.endswith("i") else stem,)


def codes_in(text: str, folded: str) -> list[str]:
    """Identifiers, numbers and dates of a text, normalised, in order; repeated as often as they occur."""
    # Most tokens are plain words: told before a generator is made for each, this is twice as quick.
    tokens = [token for token in text.split() if not token.isalpha() and not token.strip(_EDGES).isalpha()]
    return [code for token in tokens for code in _codes_of(token)] + list(_dates(folded))


def _codes_of(token: str) -> Iterator[str]:
    """A token is a code when a digit or a separator inside it makes it more than a word."""
    token = token.strip(_EDGES)
    if token.isalpha() or not token:
        return
    folded = fold(token)
    if number := _THOUSANDS.fullmatch(folded):
        yield MARK.join(part for part in (re.sub(r"\D", "", number[1]), number[3]) if part)
        return
    words = [word for word in _SEPARATORS.split(folded) if word]
    if not words or not (any(char.isdigit() for char in folded) or _is_identifier(token)):
        return
    lead = MARK if folded[0] in "-/~@" else ""
    yield lead + MARK.join(words)
    if "/" in folded:
        yield from (MARK.join(_WORD.findall(part)) for part in folded.split("/") if "." in part.strip("."))


def _is_identifier(token: str) -> bool:
    """Options, paths, file names, addresses and the like: not mere hyphenation, elision or a missing blank."""
    if token[0] in "-/~@" or "_" in token or "@" in token or "://" in token:
        return True
    stem, dot, extension = token.rpartition(".")
    if dot and stem and extension.isalnum() and extension.islower():
        return True
    return "-" in token and token.replace("-", "").isupper()


def _dates(folded: str) -> Iterator[str]:
    """Dates written out or in figures, as year, month and day; both readings where 3/4/2023 leaves a choice."""
    if not _YEAR.search(folded):
        return
    for day, month, year in _DAY_FIRST.findall(folded):
        yield _date(year, _MONTHS[month], int(day))
    for month, day, year in _MONTH_FIRST.findall(folded):
        yield _date(year, _MONTHS[month], int(day))
    for year, number, day in _YEAR_FIRST.findall(folded):
        yield _date(year, int(number), int(day))
    for first, second, year in _NUMERIC.findall(folded):
        readings = {(int(second), int(first)), (int(first), int(second))}
        yield from (_date(year, number, day) for number, day in sorted(readings) if number <= 12)


def _date(year: str, month: int, day: int) -> str:
    return f"{year}{MARK}{month:02}{MARK}{day:02}"
