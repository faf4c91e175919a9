"""How alike the passages of one text are when it was read from files of many formats."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from lumbre.core.language import fold

RUN = 3
"""Words in a row that passages are compared by."""
_ENCODING = re.compile(r"-(?:utf-?(?:8|16|32)(?:-[bl]e)?|non-utf8|cp1252)$")
_WORD = re.compile(r"\w+")


class Read(NamedTuple):
    """A file as the program keeps it."""

    path: str
    format: str
    text: str
    passages: list[str]


class Likeness(NamedTuple):
    """A file beside the best-read one of its family, as shares between 0 and 1."""

    file: Read
    words: float
    """Words of the best that it holds too."""
    more: float
    """Words of its own that the best has not."""
    passages: float
    """Text of the best's passages that stands together in one passage of its own."""


def families(files: Sequence[Read]) -> dict[str, list[Read]]:
    """Files of the same folder and stem (a suffix that names an encoding apart), where there are several formats."""
    found: dict[str, list[Read]] = defaultdict(list)
    for file in files:
        stem = _ENCODING.sub("", PurePath(file.path).stem)
        found[f"{PurePath(file.path).parent.name}/{stem}"].append(file)
    return {name: those for name, those in sorted(found.items()) if len(those) > 1}


def likenesses(family: Sequence[Read]) -> Iterator[Likeness]:
    """The best-read file, which shares the most with all others, first; then the others, the likest first."""
    words = {file.path: Counter(_WORD.findall(fold(file.text))) for file in family}
    best = max(family, key=lambda it: sum(_common(words[it.path], words[other.path]) for other in family))
    rows = [_beside(best, file, words) for file in family]
    yield from sorted(rows, key=lambda row: (row.file is not best, -row.words))


def _beside(best: Read, file: Read, words: Mapping[str, Counter[str]]) -> Likeness:
    own, right = words[file.path], words[best.path]
    both = (own & right).total()
    return Likeness(file, both / max(1, right.total()), 1 - both / max(1, own.total()), _together(best, file))


def _common(one: Counter[str], other: Counter[str]) -> float:
    """Words in common as a share of all words of both."""
    return (one & other).total() / max(1, (one | other).total())


def _together(best: Read, file: Read) -> float:
    """Of each passage of the best, the most of its runs of words that one passage of the other holds; their mean."""
    own = [_runs(passage) for passage in file.passages]
    right = [_runs(passage) for passage in best.passages]
    shares = [max((len(wanted & runs) for runs in own), default=0) for wanted in right]
    return sum(shares) / max(1, sum(map(len, right)))


def _runs(passage: str) -> set[str]:
    words = _WORD.findall(fold(passage))
    return {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}
