"""What a sentence claims, as far as its words can tell: content words, names and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from lumbre.core.language import fold
from lumbre.store.words import MARK, STOP_WORDS, codes_in, stems_of

_TOKEN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(rf"\d{{4}}{MARK}\d\d{MARK}\d\d")
_RAW_DATE = re.compile(rf"\d{{1,2}}{MARK}\d{{1,2}}{MARK}\d{{4}}")
_RANGE = re.compile(r"(?<![\w.,–—-])(\d[\d.,]*)[-–—](\d[\d.,]*)(?![\w–—-])")
# Words that carry a sentence and say nothing of their own.
_LIGHT = frozenset(
    {"debe", "deben", "debera", "deberia", "hacer", "hace", "hacen", "hizo", "realiza", "realizo", "encuentra"}
    | {"encuentran", "llama", "llaman", "llamo", "llamado", "segun", "ademas", "dicho", "trata", "necesario"}
    | {"corresponde", "following", "called", "named", "located", "need", "needs", "needed", "use", "used", "uses"}
    | {"according", "also", "must", "make", "makes", "made", "include", "includes"}
)
_NUMBER_WORDS = {
    word: str(number)
    for number, words in enumerate(
        (
            "two dos",
            "three tres",
            "four cuatro",
            "five cinco",
            "six seis",
            "seven siete",
            "eight ocho",
            "nine nueve",
            "ten diez",
            "eleven once",
            "twelve doce",
        ),
        start=2,
    )
    for word in words.split()
}


class Claim(msgspec.Struct, frozen=True):
    """Content words with their stems, which of them are names, and the numbers of a piece of text."""

    words: dict[str, tuple[str, ...]]
    names: frozenset[str]
    numbers: frozenset[str]


class Wording(msgspec.Struct, frozen=True):
    """Everything that a piece of a source holds for a claim to lean on."""

    language: str
    keys: frozenset[str]
    """Folded words and their stems."""
    numbers: frozenset[str]

    def holds(self, word: str, stems: Sequence[str], language: str) -> bool:
        """Whether a content word stands here: as it is, or in another form when the languages agree."""
        if word in self.keys:
            return True
        same = language == self.language or not language or not self.language
        return same and any(stem in self.keys for stem in stems)


def claim_of(text: str, language: str) -> Claim:
    """Take a sentence of `language` ("en", "es" or "") apart."""
    words: dict[str, tuple[str, ...]] = {}
    names: set[str] = set()
    for position, token in enumerate(_TOKEN.findall(text)):
        for word in _WORD.findall(fold(token)):
            if word in STOP_WORDS or word in _LIGHT or word.isdigit() or word in _NUMBER_WORDS:
                continue
            words[word] = stems_of(word, language)
            if _is_name(token, position):
                names.add(word)
    return Claim(words, frozenset(names), numbers_in(text))


def wording_of(text: str, language: str) -> Wording:
    """The words of a piece of a source in `language`."""
    words = _WORD.findall(fold(text))
    stems = {stem for word in words for stem in stems_of(word, language)}
    return Wording(language, frozenset(stems.union(words)), numbers_in(text))


def numbers_in(text: str) -> frozenset[str]:
    """Numbers and dates, normalised, small ones written out too: "tres", "three" and "3" are the same.

    A range counts as its two ends.
    """
    text = _RANGE.sub(r"\1 \2", text)
    folded = fold(text)
    figures = {code.strip(MARK) for code in codes_in(text, folded) if any(char.isdigit() for char in code)}
    if any(_DATE.fullmatch(figure) for figure in figures):
        figures = {figure for figure in figures if not _RAW_DATE.fullmatch(figure)}
    return frozenset(figures | {_NUMBER_WORDS[word] for word in _WORD.findall(folded) if word in _NUMBER_WORDS})


def missing_numbers(wanted: frozenset[str], held: frozenset[str]) -> frozenset[str]:
    """Numbers not held; a date holds its day, month and year."""
    dates = {part.lstrip("0") for number in held if _DATE.fullmatch(number) for part in number.split(MARK)}
    return wanted - held - dates


def _is_name(token: str, position: int) -> bool:
    """Capitals inside a sentence, or more than one anywhere: what cannot be said in other words."""
    capitals = sum(char.isupper() for char in token)
    return capitals > 1 or (capitals == 1 and position > 0 and token[0].isupper())
