"""Text smuggled in characters that have no width, in any format: what it says, or which characters they are.

Tag characters spell ASCII, and supplementary variation selectors bytes, that nobody sees and a language model reads;
overrides of the direction show a text backwards. Flags made of tag characters and single joiners are no findings.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lumbre.core.documents import HIDDEN_LENGTH, HIDDEN_MOST, Extracted, HiddenText

_TAGS = r"[\U000e0000-\U000e007f]"
_SELECTORS = r"[\U000e0100-\U000e01ef]"
_WIDTHLESS = r"[\u200b-\u200f\u2060-\u2064\u206a-\u206f\u180e\u3164\uffa0\ufe00-\ufe0f]"
_RUN = 8
"""Characters without width in a row that no script needs: as many as make a byte."""
_FOUND = re.compile(
    rf"(?P<tags>{_TAGS}{{2,}})|(?P<selectors>{_SELECTORS}{{2,}})|(?P<run>{_WIDTHLESS}{{{_RUN},}})"
    r"|[\u202d\u202e](?P<turned>[^\u202c\n]*\w[^\u202c\n]*)"
)
_FLAG = re.compile(r"[a-z\d]{3,6}\x7f")
_BLACK_FLAG = "\U0001f3f4"


def smuggled(found: Extracted) -> list[HiddenText]:
    """What the text of a document hides in characters without width."""
    if found.text.isascii():
        return []
    told: list[HiddenText] = []
    for match in _FOUND.finditer(found.text):
        said = _said(match)
        if said and len(told) < HIDDEN_MOST:
            page = bisect_right(found.pages, match.start()) or None
            told.append(HiddenText("zero-width", said[:HIDDEN_LENGTH], page))
    return told


def _said(match: re.Match[str]) -> str:
    """What a find says; empty when it is a flag."""
    if match["tags"]:
        text = "".join(chr(ord(sign) - 0xE0000) for sign in match["tags"])
        before = match.string[max(0, match.start() - 1) : match.start()]
        flag = before == _BLACK_FLAG and _FLAG.fullmatch(text)
        return "" if flag else "".join(filter(str.isprintable, text))
    if match["selectors"]:
        data = bytes(ord(sign) - 0xE0100 + 16 for sign in match["selectors"])
        text = data.decode("utf-8", "replace")
        return text if text.isprintable() else _named(match["selectors"])
    return match["turned"] or _named(match["run"])


def _named(signs: str) -> str:
    """Characters by their numbers."""
    return " ".join(f"U+{ord(sign):04X}" for sign in signs[: HIDDEN_LENGTH // 7])
