"""Where sentences start and end, in Spanish and English; exact spans, standard library only."""

from __future__ import annotations

import re

_ITEM = r"[^\S\n]*+(?:[-*•·▪◦‣–—]|\d{1,3}[.)]|[a-z]\))[^\S\n]"
_BREAK = re.compile(
    rf"""
    (?P<blank> \f | \n(?=[^\S\n]*+\n) )                                         # an empty line, a page
  | (?P<item> \n(?={_ITEM}) )                                                   # the next item of a list
  | (?P<end> (?<![.!?…])[.!?…]++["'”’»)\]]*+(?:\[\d++\])*+(?=\s) )
  | (?P<wide> [。！？]++[」』”]*+ )
    """,
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\W\d_][\w.]*+$")
_NEXT = re.compile(r"\s*+[\"'“‘«(\[*_]*+")
_LABEL = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\.")
_SAME_LINE_REACH = 40

# Always followed by what they introduce.
_LEADING = frozenset(
    re.findall(
        r"\S+",
        "sr sra srta sres dr dra dña don ud uds vd vds prof profa ing lic arq gral sto sta mons excmo excma ilmo fdo"
        " avda ej e.g i.e eg ie cf cfr vs aprox ee ff aa rr mr mrs ms st gen col sgt rev hon messrs",
    )
)
# Part of a number or a place when one follows; the end of a sentence otherwise.
_NUMBERING = frozenset(
    re.findall(
        r"\S+",
        "no nos nº núm num núms nro n p pp pág págs pag art arts cap caps fig figs vol vols tel tfno sec ed eq ch ref"
        " tab jan feb mar apr jun jul aug sep sept oct nov dec",
    )
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences of `text`, in order, without overlap, trimmed, covering everything but white space.

    An empty line, a page break and the start of a list item end a sentence; a lone line break does not.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(text):
        if match.lastgroup == "end" and not _ends(text, start, match.start(), match.end()):
            continue
        cut = match.end() if match.lastgroup in ("end", "wide") else match.start()
        _keep(text, start, cut, spans)
        start = cut
    _keep(text, start, len(text), spans)
    return spans


def _keep(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Add the trimmed span unless it is blank."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left < len(piece):
        spans.append((start + left, start + len(piece.rstrip())))


def _ends(text: str, start: int, mark: int, after: int) -> bool:
    """Whether the stop at `mark`, with its closing signs until `after`, ends the sentence begun at `start`."""
    following = _following(text, after)
    if following.islower():
        return False
    if text[mark] != "." or text.startswith("..", mark) or after > mark + 1:
        return True
    if _LABEL.fullmatch(text[max(start, mark - _SAME_LINE_REACH) : mark + 1].strip()):
        return False
    word = _LAST_WORD.search(text, max(start, mark - _SAME_LINE_REACH), mark)
    if word is None:
        return True
    return _word_ends(word.group(), following)


def _word_ends(word: str, following: str) -> bool:
    """Whether a stop after `word` can end a sentence when `following` is the next character that counts."""
    if word.isupper() and (len(word) == 1 or "." in word):
        return False  # initials
    folded = word.casefold().rstrip(".")
    if folded in _LEADING:
        return False
    return not (folded in _NUMBERING and following.isdigit())


def _following(text: str, after: int) -> str:
    """The first character after white space and opening signs; empty at the end."""
    match = _NEXT.match(text, after)
    position = match.end() if match else after
    return text[position : position + 1]
