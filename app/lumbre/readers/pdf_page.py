"""A PDF page as a picture, and where on it characters stand."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from lumbre.core.documents import PageImage
from lumbre.core.errors import DamagedDocument
from lumbre.readers.base import File
from lumbre.readers.pdf import open_document, open_text, page_text
from lumbre.readers.pdf_scan import is_scanned, recognise_page
from lumbre.readers.recognition import boxes_of

if TYPE_CHECKING:
    from pypdfium2 import PdfBitmap, PdfPage

_MOST_PIXELS = 50_000_000
_COMPRESSION = 1
"""Quick rather than small: the picture only crosses a pipe."""


def render_page(file: File, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
    """Draw a page; raises what `lumbre.readers.render` says."""
    from pypdfium2 import PdfiumError

    document = open_document(file.source, file.terms.password)
    try:
        if not 1 <= page <= len(document):
            raise DamagedDocument(reason=f"there is no page {page}")
        return _draw(document[page - 1], width, spans)
    except PdfiumError as error:
        raise DamagedDocument(reason=f"page {page} cannot be drawn") from error
    finally:
        document.close()


def _draw(page: PdfPage, width: int, spans: list[tuple[int, int]]) -> PageImage:
    """Render within a bound on pixels, however long the page is."""
    page_width, page_height = page.get_size()
    scale = (width - 0.5) / page_width  # the engine rounds up
    most = (_MOST_PIXELS / (page_width * page_height)) ** 0.5
    bitmap = page.render(scale=min(scale, most), rev_byteorder=True)
    boxes = _boxes(page, bitmap, spans)
    return PageImage(_png(bitmap), bitmap.width, bitmap.height, boxes)


def _boxes(page: PdfPage, bitmap: PdfBitmap, spans: list[tuple[int, int]]) -> list[tuple[float, float, float, float]]:
    """The rectangles of character spans, in pixels from the top left; a box for each run of a line."""
    text_page = open_text(page)
    if spans and is_scanned(page, page_text(text_page)):
        found = recognise_page(page)
        if found.text:
            return boxes_of(found, spans, bitmap.width, bitmap.height)
    place = bitmap.get_posconv(page)
    count = text_page.count_chars()
    boxes = []
    for start, end in spans:
        start, end = max(0, start), min(end, count)
        if start >= end:
            continue
        for index in range(text_page.count_rects(start, end - start)):
            left, bottom, right, top = text_page.get_rect(index)
            x1, y1 = place.to_bitmap(left, top)
            x2, y2 = place.to_bitmap(right, bottom)
            boxes.append((float(min(x1, x2)), float(min(y1, y2)), float(abs(x2 - x1)), float(abs(y2 - y1))))
    return boxes


def _png(bitmap: PdfBitmap) -> bytes:
    """A bitmap of 1, 3 or 4 channels as PNG."""
    colour = {1: 0, 3: 2, 4: 6}[bitmap.n_channels]
    row = bitmap.width * bitmap.n_channels
    data = memoryview(bitmap.buffer).cast("B")
    raw = b"".join(b"\0" + data[y * bitmap.stride : y * bitmap.stride + row] for y in range(bitmap.height))
    header = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, colour, 0, 0, 0)
    body = _part(b"IHDR", header) + _part(b"IDAT", zlib.compress(raw, _COMPRESSION)) + _part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _part(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
