"""Jupyter notebooks: markdown cells as they read, code cells as code, and what the code printed."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, UnsafeDocument
from lumbre.readers import html, markdown, plain
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.decode import decode

_LIMIT = 64
"""Megabytes; most of a large notebook are pictures, which are passed over."""
_OUTPUT = 20_000
"""Characters of one output that are kept: what follows is a log rather than a result."""
_MARK = re.compile(rb'"(?:cells|worksheets|nbformat|metadata)"\s*:')
_FIELD = re.compile(rb'"(?:nbformat|cell_type)"\s*:')
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OVERWRITTEN = re.compile(r"[^\n]*\n?\r(?!\n)")


class _Output(msgspec.Struct):
    """What a cell gave: printed text, a value in several shapes, or a traceback."""

    text: Any = ""
    data: dict[str, Any] = {}
    traceback: list[str] = []


class _Cell(msgspec.Struct):
    """A cell; before version 4 code stood under "input" and headings were cells of their own."""

    cell_type: str = ""
    source: str | list[str] = ""
    input: str | list[str] = ""
    level: int = 1
    outputs: list[_Output] = []


class _Sheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Metadata(msgspec.Struct):
    title: Any = ""


class _Notebook(msgspec.Struct):
    cells: list[_Cell] = []
    worksheets: list[_Sheet] = []
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def recognises(file: File) -> bool:
    """Whether it is a JSON object with cells, or with what a notebook says of itself."""
    head = file.head.lstrip(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or not _MARK.search(head) or not plain.recognises(file):
        return False
    return bool(_FIELD.search(head)) or file.extension == ".ipynb"


def read(file: File) -> Extracted:
    """Read the cells. Raises DamagedDocument, DocumentTooLarge, EmptyDocument, UnsafeDocument, UnsupportedFormat."""
    try:
        notebook = msgspec.json.decode(decode(file.read()), type=_Notebook)
    except RecursionError:
        raise UnsafeDocument(reason="JSON nested too deeply") from None
    except msgspec.MsgspecError as error:
        raise DamagedDocument(reason="a broken notebook") from error
    draft = Draft()
    for cell in [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]:
        _take(draft, cell)
    title = notebook.metadata.title
    return draft.finish(FORMAT.name, title if isinstance(title, str) else "")


FORMAT = Format("notebook", recognises, read, _LIMIT)


def _take(draft: Draft, cell: _Cell) -> None:
    """Add a cell and what it gave."""
    source = _joined(cell.source) or _joined(cell.input)
    if cell.cell_type == "markdown":
        markdown.append(draft, source)
    elif cell.cell_type == "heading":
        draft.add(" ".join(source.split()), "heading", min(6, max(1, cell.level)))
    elif cell.cell_type == "code":
        draft.add(source, "code")
        for output in cell.outputs:
            _add_output(draft, output)
    else:
        draft.include(_read_plainly(source))


def _add_output(draft: Draft, output: _Output) -> None:
    """Add what can be read of an output: a table as rows, else its plainest text; of an error its last line."""
    data = output.data
    if "text/html" in data and "<table" in _joined(data["text/html"]):
        html.append(draft, _joined(data["text/html"])[: 10 * _OUTPUT])
    elif "text/markdown" in data:
        markdown.append(draft, _joined(data["text/markdown"])[:_OUTPUT])
    elif output.traceback:
        draft.add(_printed(output.traceback[-1]), "code")
    else:
        draft.add(_printed(_joined(data.get("text/plain", output.text))), "code")


def _printed(text: str) -> str:
    """Printed text without colours, and without what a progress bar wrote over."""
    return _OVERWRITTEN.sub("", _ESCAPES.sub("", text))[:_OUTPUT].rstrip()


def _joined(lines: Any) -> str:
    """Text that stands as one string or as a list of lines."""
    if isinstance(lines, list):
        return "".join(line for line in lines if isinstance(line, str))
    return lines if isinstance(lines, str) else ""


def _read_plainly(source: str) -> Extracted:
    """A raw cell as text; an empty one has none."""
    return plain.from_text(source) if source.strip() else Extracted("", [], "text")
