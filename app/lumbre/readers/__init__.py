"""A file becomes blocks of text that remember where they stood; one file per format."""

from __future__ import annotations

from pathlib import Path

from lumbre.core.documents import Extracted, PageImage

VERSION = 3
"""Grows whenever the same file would give other text or blocks, so that documents are read again."""


def read(path: Path) -> Extracted:
    """Read a file by what it holds, whatever its name says; `path` may go on into it, to a file inside.

    Raises a LibraryError: UnsupportedFormat, EmptyDocument, EncryptedDocument, DamagedDocument, DocumentTooLarge,
    UnsafeDocument, UnreadableFile or FileVanished. Parsers are imported here and not before.
    """
    from lumbre.readers.formats import read_file

    return read_file(path)


def render(path: Path, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
    """Draw page `page` (1-based) of a PDF `width` pixels wide; `spans` are character ranges of the page to box.

    `path` may go on into a file as in `read`.

    Raises DamagedDocument, EncryptedDocument, UnreadableFile or FileVanished.
    """
    from lumbre.readers.formats import find
    from lumbre.readers.pdf_page import render_page

    return render_page(find(path).source, page, width, spans)
