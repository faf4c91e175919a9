"""PDF pages that are pictures of text: told apart from others, and drawn for recognition."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from lumbre.readers.recognition import LONGEST_SIDE, Recognised, recognise

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_FEW_LETTERS = 50
"""Letters on a page with a large picture up to which the text is in the picture: a stamp or a page number is apart."""
_LARGE = 0.5
_NO_LETTERS = 5
_SMALL = 0.05
"""Shares of the page that the pictures cover at least, with few letters and with next to none."""
_DRAWN = 100
"""Drawn shapes on a page without letters from which its text may be among them."""
_LOOKED_AT = 2000
"""Objects of a page that are looked at: one without letters may consist of a million lines."""


def is_scanned(page: PdfPage, text: str) -> bool:
    """Whether what a person reads on a page is in its pictures rather than in its `text`."""
    letters = sum(map(str.isalnum, text))
    if letters >= _FEW_LETTERS:
        return False
    share, shapes = covered(page)
    return share >= _LARGE or (letters < _NO_LETTERS and (share >= _SMALL or shapes >= _DRAWN))


def covered(page: PdfPage) -> tuple[float, int]:
    """The share of a page that its pictures cover at most, and how many drawn shapes it has."""
    import pypdfium2.raw as pdfium

    left, bottom, right, top = page.get_bbox()
    area, shapes = 0.0, 0
    bounds = [ctypes.c_float() for _ in range(4)]
    pointers = [ctypes.byref(each) for each in bounds]
    for index in range(min(_LOOKED_AT, pdfium.FPDFPage_CountObjects(page))):
        part = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(part)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            shapes += 1
        elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            if kind == pdfium.FPDF_PAGEOBJ_FORM and not _holds_picture(part):
                continue
            if pdfium.FPDFPageObj_GetBounds(part, *pointers):
                x1, y1, x2, y2 = (each.value for each in bounds)
                area += max(0.0, min(x2, right) - max(x1, left)) * max(0.0, min(y2, top) - max(y1, bottom))
    return area / max(1.0, (right - left) * (top - bottom)), shapes


def _holds_picture(form: object) -> bool:
    """Whether a picture stands among the parts of a form object."""
    import pypdfium2.raw as pdfium

    count = min(_LOOKED_AT, pdfium.FPDFFormObj_CountObjects(form))
    parts = (pdfium.FPDFFormObj_GetObject(form, index) for index in range(count))
    return any(pdfium.FPDFPageObj_GetType(part) == pdfium.FPDF_PAGEOBJ_IMAGE for part in parts)


def recognise_page(page: PdfPage) -> Recognised:
    """Draw a page as it is shown, and recognise its text."""
    import pypdfium2.raw as pdfium

    bitmap = page.render(scale=LONGEST_SIDE / max(page.get_size()), force_bitmap_format=pdfium.FPDFBitmap_BGR)
    return recognise(bitmap.to_numpy())
