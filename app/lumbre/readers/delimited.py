"""Tables as text (CSV, TSV): encoding and delimiter found, each row with the names of its columns."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument
from lumbre.readers import plain
from lumbre.readers.base import MEGABYTE, Draft, File, Format, check_length
from lumbre.readers.decode import decode
from lumbre.readers.tabular import Table

_LIMIT = 40
_NAMED_SO = frozenset({".csv", ".tsv", ".tab"})
_PERHAPS = frozenset({".txt", ".dat", ".asc", ""})
_DELIMITERS = "\t;|,"
"""In the order in which they win when they fit equally well: in text and numbers a comma is the commonest."""
_SAMPLE_ROWS = 200
_LEAST_ROWS = 4
_LEAST_COLUMNS = 3


def recognises(file: File) -> bool:
    """Whether it is text that its name calls a table, or that nothing but a table looks like."""
    if file.extension in _NAMED_SO:
        return plain.recognises(file)
    if file.extension not in _PERHAPS or not plain.recognises(file):
        return False
    lines = decode(file.head).split("\n")
    lines = lines[:-1] if file.size > len(file.head) else [line for line in lines if line]
    if len(lines) < _LEAST_ROWS or not all(lines):
        return False
    width, share = _fit(lines, _delimiter(lines))
    return width >= _LEAST_COLUMNS and share == 1


def read(file: File) -> Extracted:
    """Read all rows. Raises DamagedDocument, EmptyDocument, DocumentTooLarge and UnsupportedFormat."""
    text = decode(file.read())
    check_length(len(text))
    lines = text.split("\n")
    delimiter = ""
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # Excel's own way to say it
        delimiter = lines.pop(0)[4]
    draft = Draft()
    csv.field_size_limit(_LIMIT * MEGABYTE)
    table = Table(draft)
    try:
        for row in csv.reader((f"{line}\n" for line in lines), delimiter=delimiter or _delimiter(lines)):
            table.add(row)
        table.end()
    except csv.Error as error:
        raise DamagedDocument(reason=str(error)) from error
    return draft.finish(FORMAT.name)


FORMAT = Format("csv", recognises, read, _LIMIT)


def _delimiter(lines: list[str]) -> str:
    """The delimiter that cuts most rows into equally many cells; a comma when none does."""
    fits = {delimiter: _fit(lines, delimiter) for delimiter in _DELIMITERS}
    cutting = [delimiter for delimiter in _DELIMITERS if fits[delimiter][0] > 1]
    return max(cutting, key=lambda delimiter: fits[delimiter][1], default=",")


def _fit(lines: list[str], delimiter: str) -> tuple[int, float]:
    """How many cells most of the first rows have, and the share of the rows that have so many."""
    rows = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    try:
        widths = Counter(len(row) for row in islice(rows, _SAMPLE_ROWS) if row)
    except csv.Error:
        return 0, 0.0
    if not widths:
        return 0, 0.0
    width, count = widths.most_common(1)[0]
    return width, count / widths.total()
