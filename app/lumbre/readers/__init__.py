"""A file becomes blocks of text that remember where they stood; one file per format."""

from __future__ import annotations

from pathlib import Path

from lumbre.core.documents import Extracted, PageImage
from lumbre.readers.base import AT_ONCE, Terms

VERSION = 3
"""Grows whenever the same file would give other text or blocks, so that documents are read again."""


def read(path: Path, terms: Terms = AT_ONCE) -> Extracted:
    """Read a file by what it holds, whatever its name says; `path` may go on into it, to a file inside.

    Raises a LibraryError: UnsupportedFormat, EmptyDocument, EncryptedDocument, DamagedDocument, DocumentTooLarge,
    UnsafeDocument, UnreadableFile, FileVanished or RecognitionDeferred. Parsers are imported here and not before.
    """
    from lumbre.readers.formats import read_file

    return read_file(path, terms)


def render(path: Path, page: int, width: int, spans: list[tuple[int, int]], password: str = "") -> PageImage:
    """Draw page `page` (1-based) of a PDF or a picture `width` pixels wide; `spans` are character ranges of the page
    to box. A page whose text was recognised is recognised again for its boxes.

    `path` may go on into a file as in `read`.

    Raises DamagedDocument, DocumentTooLarge, EncryptedDocument, UnsupportedFormat, UnreadableFile or FileVanished.
    """
    from lumbre.readers.formats import render_file

    return render_file(path, page, width, spans, password)
