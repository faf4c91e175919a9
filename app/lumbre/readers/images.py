"""Pictures of text: photographs, screenshots and scans, one page for each picture of the file."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lumbre.core.documents import Extracted, PageImage
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, RecognitionDeferred
from lumbre.readers import kinds, pdf_layout, recognition
from lumbre.readers.base import MEGABYTE, File, Format, first_heading, joined, page_ranges

if TYPE_CHECKING:
    from PIL.Image import Image

_LIMIT = 256
_PILLOW = {
    "a PNG image": "PNG",
    "a JPEG image": "JPEG",
    "a TIFF image": "TIFF",
    "a BMP image": "BMP",
    "a WebP image": "WEBP",
    "a GIF image": "GIF",
}
_MOST_PIXELS = 120_000_000
_SMALL = 1000
"""Pixels of the longer side below which a picture is enlarged to twice its size, so that small letters are read."""


def recognises(file: File) -> bool:
    """Whether the file is a picture of a kind that can be opened."""
    return kinds.binary_kind(file.head) in _PILLOW


def read(file: File) -> Extracted:
    """Recognise the text of all pictures of a TIFF, of the first one of other files.

    Raises DamagedDocument, DocumentTooLarge, EmptyDocument and RecognitionDeferred.
    """
    if not file.terms.recognise:
        raise RecognitionDeferred()
    texts: list[str] = []
    lines: list[list[pdf_layout.Line]] = []
    for picture in _pictures(file):
        file.terms.step()
        found = recognition.recognise(_pixels(picture))
        texts.append(found.text)
        lines.append(found.lines)
    file.terms.step()
    text, starts = joined(texts)
    if not text.strip():
        raise EmptyDocument()
    blocks = pdf_layout.blocks(texts, starts, lines, [])
    said = [f"recognised: {page_ranges(range(1, len(texts) + 1))}"]
    return Extracted(text, blocks, FORMAT.name, first_heading(text, blocks), starts, said)


FORMAT = Format("image", recognises, read, _LIMIT)


def render_page(file: File, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
    """Draw a picture `width` pixels wide. Raises DamagedDocument and DocumentTooLarge."""
    shown = next(_pictures(file, page - 1), None) if page > 0 else None
    if shown is None:
        raise DamagedDocument(reason=f"there is no page {page}")
    found = recognition.recognise(_pixels(shown)) if spans else None
    height = max(1, min(round(shown.height * width / shown.width), _MOST_PIXELS // (4 * width)))
    boxes = recognition.boxes_of(found, spans, width, height) if found else []
    png = BytesIO()
    shown.resize((width, height)).save(png, "PNG", compress_level=1)
    return PageImage(png.getvalue(), width, height, boxes)


def _pictures(file: File, first: int = 0) -> Iterator[Image]:
    """The pictures of the file that are pages, upright: those of a TIFF; the others of a GIF are a film.

    Raises DamagedDocument and DocumentTooLarge.
    """
    import PIL.Image

    PIL.Image.MAX_IMAGE_PIXELS = None  # bounded in _upright, by an error of ours
    kind = _PILLOW[kinds.binary_kind(file.head)]
    try:
        with PIL.Image.open(file.source, formats=[kind]) as picture:
            for number in range(first, getattr(picture, "n_frames", 1) if kind == "TIFF" else 1):
                picture.seek(number)
                if kind == "JPEG":
                    picture.draft("RGB", (recognition.LONGEST_SIDE, recognition.LONGEST_SIDE))
                yield _upright(picture)
    except (SyntaxError, ValueError, EOFError, IndexError, OverflowError, TypeError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise DamagedDocument(reason="not a whole picture") from error


def _pixels(picture: Image) -> Any:
    """A picture as height × width × 3 bytes, blue first, of the size in which letters are recognised."""
    import numpy as np

    longest = max(picture.size)
    if longest < _SMALL:
        picture = picture.resize((2 * picture.width, 2 * picture.height))
    elif longest > recognition.LONGEST_SIDE:
        shorter = round(min(picture.size) * recognition.LONGEST_SIDE / longest)
        size = (recognition.LONGEST_SIDE, max(1, shorter))
        picture = picture.resize(size if picture.width == longest else size[::-1], reducing_gap=2)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def _upright(picture: Image) -> Image:
    """The picture in red, green and blue on white, the way up that its camera noted. Raises DocumentTooLarge."""
    import PIL.Image
    import PIL.ImageOps

    if picture.width * picture.height > _MOST_PIXELS:
        size = 3 * picture.width * picture.height // MEGABYTE
        raise DocumentTooLarge(size=size, limit=3 * _MOST_PIXELS // MEGABYTE)
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256).convert("L")
    turned = PIL.ImageOps.exif_transpose(picture)
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        paper = PIL.Image.new("RGB", turned.size, "white")
        paper.paste(turned, mask=turned.getchannel("A"))
        return paper
    return turned.convert("RGB")
