"""Text of a PDF page that nobody who looks at it would see: without ink, in the colour of the paper, tiny, or outside.

A page is looked at closely only when one of its parts is suspicious. Whether suspicious text can be seen is then
decided by drawing the page: white letters on a dark ground show, white ones on paper do not.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from lumbre.core.documents import HiddenKind
from lumbre.readers.pdf_layout import Line
from lumbre.readers.pdf_scan import covered

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

_PALE = 200
"""Least of red, green and blue from which a letter may vanish on paper."""
_THIN = 40
"""Opacity of 255 below which a letter may vanish anywhere."""
_CONTRAST = 24
"""Shades of 255 between the lightest and the darkest point of a text that can be seen."""
_TINY = 2.0
"""Points below which nobody reads a letter."""
_PICTURE = 0.5
"""Share of the page that pictures cover from which text without ink is what was recognised in them."""
_SCALE = 2.0
_UNSEEN = (3, 7)
"""Modes of drawing text that leave no ink."""
_DEPTH = 3
_SHARE_TINY = 0.5
"""Share of a page's letters up to which tiny ones are out of place: a page of nothing else is a reduced one."""


class Hidden(NamedTuple):
    """Characters start..end of a page, and why they are not seen."""

    start: int
    end: int
    kind: HiddenKind


def hidden(page: PdfPage, text_page: PdfTextPage, text: str, lines: list[Line]) -> list[Hidden]:
    """What of a page's text is not seen, in order; what follows each other is one."""
    found = _misplaced(page, text_page, lines, len(text))
    if _suspicious(page):
        found += _Inkless(page, text_page).runs(text)
    joined: list[Hidden] = []
    for one in sorted(found):
        last = joined[-1] if joined else None
        if last is not None and last.kind == one.kind and not text[last.end : one.start].strip():
            joined[-1] = Hidden(last.start, max(last.end, one.end), one.kind)
        else:
            joined.append(one)
    return joined


def without(text: str, lines: list[Line], gone: list[Hidden]) -> list[Line]:
    """The lines, less what is hidden of them."""
    for one in gone:
        lines = [rest for line in lines for rest in _less(text, line, one)]
    return lines


def _less(text: str, line: Line, gone: Hidden) -> list[Line]:
    """A line without a run: none, one or two pieces; they keep the place of the whole."""
    if gone.end <= line.start or gone.start >= line.end:
        return [line]
    pieces = []
    for start, end in ((line.start, gone.start), (gone.end, line.end)):
        kept = text[start:end] if start < end else ""
        if kept.strip():
            first = start + len(kept) - len(kept.lstrip())
            pieces.append(line._replace(start=first, end=start + len(kept.rstrip())))
    return pieces


def _misplaced(page: PdfPage, text_page: PdfTextPage, lines: list[Line], length: int) -> list[Hidden]:
    """Lines too small to be read, and lines outside the page."""
    left, bottom, right, top = page.get_bbox()
    found = []
    tiny = [line for line in lines if 0 < line.size < _TINY]
    if sum(line.end - line.start for line in tiny) < _SHARE_TINY * length:
        found += [Hidden(line.start, line.end, "tiny") for line in tiny]
    for line in lines:
        outside = line.bottom > top or line.bottom + line.size < bottom or line.left > right or line.right < left
        if outside and line.size >= _TINY and _is_outside(page, text_page, line):
            found.append(Hidden(line.start, line.end, "off-page"))
    return found


def _is_outside(page: PdfPage, text_page: PdfTextPage, line: Line) -> bool:
    """Whether the ends and the middle of a line are outside: its own measures mean little when it is turned."""
    left, bottom, right, top = page.get_bbox()
    for index in (line.start, (line.start + line.end) // 2, line.end - 1):
        x1, y1, x2, y2 = text_page.get_charbox(index)
        if x2 >= left and x1 <= right and y2 >= bottom and y1 <= top:
            return False
    return True


def _suspicious(page: PdfPage) -> bool:
    """Whether text of a page is drawn without ink, all but transparent, or in a pale colour."""
    import pypdfium2.raw as pdfium

    return any(_is_faint(part) or pdfium.FPDFTextObj_GetTextRenderMode(part) in _UNSEEN for part in _texts(page))


_CHANNELS = [ctypes.c_uint() for _ in range(4)]
_POINTERS = [ctypes.byref(each) for each in _CHANNELS]


def _is_faint(part: Any) -> bool:
    """Whether a text object is filled with a pale colour or next to none."""
    import pypdfium2.raw as pdfium

    pdfium.FPDFPageObj_GetFillColor(part, *_POINTERS)
    red, green, blue, opacity = (each.value for each in _CHANNELS)
    return opacity < _THIN or (red >= _PALE and green >= _PALE and blue >= _PALE)


def _texts(page: PdfPage) -> Iterator[Any]:
    """The text objects of a page, also those inside its forms."""
    import pypdfium2.raw as pdfium

    def walk(holder: Any, count: Any, get: Any, depth: int) -> Iterator[Any]:
        for index in range(count(holder)):
            part = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(part)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                yield part
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
                yield from walk(part, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, depth + 1)

    return walk(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, 0)


class _Inkless:
    """Finds the characters of a page that leave no mark on its picture."""

    def __init__(self, page: PdfPage, text_page: PdfTextPage) -> None:
        self._page = page
        self._text_page = text_page
        self._picture: Any = None
        self._place: Any = None
        self._over_picture: bool | None = None
        self._known: dict[int, bool] = {}
        """What is thought of each text object, by its address."""

    def runs(self, text: str) -> list[Hidden]:
        """Runs of suspicious characters that cannot be seen."""
        return [Hidden(start, end, "invisible") for start, end in self._suspicious(text) if self._unseen(start, end)]

    def _suspicious(self, text: str) -> Iterator[tuple[int, int]]:
        """Runs of suspicious characters, a line at most."""
        start = None
        for index, char in enumerate(text):
            if char.isspace():
                if char == "\n" and start is not None:
                    yield start, index
                    start = None
                continue
            if self._is_suspicious(index):
                start = index if start is None else start
            elif start is not None:
                yield start, index
                start = None
        if start is not None:
            yield start, len(text)

    def _is_suspicious(self, index: int) -> bool:
        import pypdfium2.raw as pdfium

        part = pdfium.FPDFText_GetTextObject(self._text_page, index)
        if not part:  # a space that the engine has put there
            return False
        address = ctypes.addressof(part.contents)
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = self._may_be_unseen(part)
        return known

    def _may_be_unseen(self, part: Any) -> bool:
        """Judge a text object by how it is drawn."""
        import pypdfium2.raw as pdfium

        if pdfium.FPDFTextObj_GetTextRenderMode(part) in _UNSEEN:
            return not self._is_recognised
        return _is_faint(part)

    @property
    def _is_recognised(self) -> bool:
        """Whether text without ink is the text layer of a scan."""
        if self._over_picture is None:
            self._over_picture = covered(self._page)[0] >= _PICTURE
        return self._over_picture

    def _unseen(self, start: int, end: int) -> bool:
        """Whether the picture of the page is of one shade where the characters stand."""
        if self._picture is None:
            bitmap = self._page.render(scale=_SCALE, grayscale=True)
            self._picture, self._place = bitmap.to_numpy(), bitmap.get_posconv(self._page)
        height, width = self._picture.shape[:2]
        for index in range(start, end):
            left, bottom, right, top = self._text_page.get_charbox(index)
            (x1, y1), (x2, y2) = self._place.to_bitmap(left, top), self._place.to_bitmap(right, bottom)
            across = slice(max(0, min(x1, x2)), min(width, max(x1, x2) + 1))
            part = self._picture[max(0, min(y1, y2)) : min(height, max(y1, y2) + 1), across]
            if part.size and int(part.max()) - int(part.min()) >= _CONTRAST:
                return False
        return True
