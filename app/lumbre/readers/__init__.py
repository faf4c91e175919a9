"""A file becomes blocks of text that remember where they stood; one file per format."""

from __future__ import annotations

from pathlib import Path

from lumbre.core.documents import Extracted, PageImage

VERSION = 2
"""Grows whenever the same file would give other text or blocks, so that documents are read again."""


def read(path: Path) -> Extracted:
    """Read a file by what it holds, whatever its name says.

    Raises a LibraryError: UnsupportedFormat, EmptyDocument, EncryptedDocument, DamagedDocument, DocumentTooLarge,
    UnreadableFile or FileVanished. Parsers are imported here and not before.
    """
    from lumbre.readers.formats import read_file

    return read_file(path)


def render(path: Path, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
    """Draw page `page` (1-based) of a PDF `width` pixels wide; `spans` are character ranges of the page to box.

    Raises DamagedDocument, EncryptedDocument, UnreadableFile or FileVanished.
    """
    from lumbre.readers.pdf_page import render_page

    return render_page(path, page, width, spans)
