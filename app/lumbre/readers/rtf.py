"""Rich Text Format (RTF): paragraphs, headings from styles and outline levels, lists and table rows.

striprtf gives the text but not its structure; so marks of a private area of Unicode go into the source beforehand, and
come out in the text where the structure stands. Pictures, footnotes and headers are passed over; hidden text, and white
text where nothing is shaded, is left out and told.
"""

from __future__ import annotations

import re

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge
from lumbre.readers.base import MEGABYTE, Draft, File, Format
from lumbre.readers.decode import decode

_LIMIT = 40
_TEXT_LIMIT = 16
"""Megabytes without the pictures; striprtf reads about one in a second."""
_HEADING_LENGTH = 300
_PRIVATE = 0xE000
_CELL, _ROW, _ITEM = 0xE010, 0xE011, 0xE012
_MARKS = re.compile("[\ue000-\ue012]")
_LEVELS = re.compile("[\ue001-\ue009]")
_START = b"{\\rtf"
_PICTURE = re.compile(r"[0-9a-fA-F\s]{1000,}")
_HIDDEN = re.compile(r"\{[^{}]*\\v(?![a-z0-9])[^{}]*\}|\\v(?![a-z0-9])[^{}]*?(?=\\v0(?!\d)|\\plain(?![a-z0-9])|[{}])")
_COLOURS = re.compile(r"\{\\colortbl(?P<colours>[^{}]*)\}")
_WHITE = re.compile(r"\\red(?:24\d|25\d)\\green(?:24\d|25\d)\\blue(?:24\d|25\d)")
_SHADED = re.compile(r"\\(?:highlight|cb|chcbpat|cbpat|clcbpat|shading)[1-9]")
_STYLE = re.compile(r"\{\\s(\d+)(?!\d)([^{}]*)\}")
_CONTROL = re.compile(r"\\[a-z]+-?\d* ?|;")
_HEADING_NAME = re.compile(r"heading ([1-9])", re.I)
_TITLE = re.compile(r"\{\\title (?P<text>[^{}]*)\}")
_STRUCTURE = re.compile(
    r"\\(?P<word>pard|par|intbl|nestcell|cell|row|fldinst)(?![a-z0-9]) ?"
    r"|\\outlinelevel(?P<outline>\d)(?!\d) ?|\\s(?P<style>\d+)(?!\d) ?|\{\\(?:\*\\)?(?P<item>listtext|pntext)"
)


def recognises(file: File) -> bool:
    """Whether it opens as RTF does."""
    return file.head.lstrip().startswith(_START)


def read(file: File) -> Extracted:
    """Read the body. Raises DamagedDocument, DocumentTooLarge and EmptyDocument."""
    source = _PICTURE.sub("", file.read().decode("cp1252", "replace"))
    if len(source) > _TEXT_LIMIT * MEGABYTE:
        raise DocumentTooLarge(size=len(source) // MEGABYTE, limit=_TEXT_LIMIT)
    title = _TITLE.search(source)
    draft = Draft()
    source = _visible(source, draft)
    text = _text(_Marker(source).marked())
    for line in text.replace(chr(_ROW), "\n").split("\n"):
        _add(draft, line)
    return draft.finish(FORMAT.name, _text(f"{{\\rtf1\\ansi {title['text']}}}") if title else "")


FORMAT = Format("rtf", recognises, read, _LIMIT)


def _text(source: str) -> str:
    """The text of RTF with composed accents. Raises DamagedDocument."""
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    except (LookupError, ValueError, TypeError, OverflowError) as error:
        raise DamagedDocument(reason="broken RTF") from error
    # Characters beyond the first plane are written as two halves.
    return decode(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode())


def _visible(source: str, draft: Draft) -> str:
    """The source without hidden text, which is told."""

    def leave_out(match: re.Match[str]) -> str:
        draft.hide("invisible", _text(f"{{\\rtf1\\ansi {match[0].strip('{}')}}}"))
        return ""

    source = _HIDDEN.sub(leave_out, source)
    table = _COLOURS.search(source)
    white = [str(at) for at, one in enumerate(table["colours"].split(";") if table else ()) if _WHITE.search(one)]
    if white and not _SHADED.search(source):
        source = re.sub(rf"\{{[^{{}}]*\\cf(?:{'|'.join(white)})(?!\d)[^{{}}]*\}}", leave_out, source)
    return source


class _Marker:
    """Puts marks where striprtf would lose structure."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._styles = {number: _level(body) for number, body in _STYLE.findall(source)}
        self._in_table = False

    def marked(self) -> str:
        """The source with its marks."""
        return _STRUCTURE.sub(self._mark, self._source)

    def _mark(self, match: re.Match[str]) -> str:
        """A control word with its mark."""
        word, whole = match["word"], match[0]
        if match["item"]:
            return _mark(_ITEM) + "{\\*\\" + match["item"]
        if word in ("pard", "intbl"):
            self._in_table = word == "intbl"
        elif word == "par" and self._in_table:
            return " "
        elif word in ("cell", "nestcell", "row"):
            return _mark(_ROW if word == "row" else _CELL)
        elif word == "fldinst":
            # A line break ends striprtf's search for addresses, which is slow on long lines.
            return f"{whole}\n"
        elif not word:
            level = int(match["outline"]) + 1 if match["outline"] else self._styles.get(match["style"], 0)
            return whole + (_mark(_PRIVATE + level) if 0 < level < 10 else "")
        return whole


def _mark(code: int) -> str:
    """RTF for a character."""
    return f"{{\\uc0\\u{code} }}"


def _level(body: str) -> int:
    """The heading level of a style by its name; 0 for none."""
    name = _CONTROL.sub("", body).strip()
    heading = _HEADING_NAME.fullmatch(name)
    return int(heading[1]) if heading else int(name.lower() == "title")


def _add(draft: Draft, line: str) -> None:
    """Add a paragraph by its marks."""
    level = _LEVELS.search(line)
    text = _MARKS.sub("", line).strip()
    if chr(_CELL) in line:
        cells = [" ".join(_MARKS.sub("", cell).split()) for cell in line.split(chr(_CELL))[:-1]]
        draft.add(" | ".join(cells) if any(cells) else "", "row" if len(cells) > 1 else "paragraph")
    elif level and len(text) <= _HEADING_LENGTH:
        draft.add(" ".join(text.split()), "heading", min(6, ord(level[0]) - _PRIVATE))
    elif chr(_ITEM) in line and text:
        draft.add(f"- {text}", "list")
    else:
        draft.add(text)
