"""The formats that can be read, and the choice among them by content."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec

from lumbre.core.documents import HIDDEN_MOST, Extracted, PageImage
from lumbre.core.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    FileVanished,
    LegacyDocument,
    LumbreError,
    UnreadableFile,
    UnsafeArchive,
    UnsupportedFormat,
)
from lumbre.core.paths import on_disk
from lumbre.readers import kinds
from lumbre.readers.base import HEAD, MEGABYTE, File, Format, Terms
from lumbre.readers.hidden import smuggled
from lumbre.readers.members import DEPTH, descend
from lumbre.readers.package import zip_kind

_OLE_LOOK = 4 * MEGABYTE


@cache
def formats() -> tuple[Format, ...]:
    """The registry, in the order in which formats are asked whether a file is theirs."""
    from lumbre.readers import (
        archive,
        data_json,
        data_xml,
        delimited,
        docx,
        epub,
        html,
        images,
        mail,
        mail_box,
        mail_outlook,
        mail_page,
        markdown,
        notebook,
        opendocument,
        pdf,
        plain,
        pptx,
        rtf,
        sheets,
        subtitles,
    )

    return (
        # Archives come before the documents that are ZIP packages: one look tells them apart.
        *(pdf.FORMAT, images.FORMAT, archive.FORMAT, docx.FORMAT, pptx.FORMAT, sheets.XLSX, sheets.XLS),
        *(opendocument.ODT, opendocument.ODS, opendocument.ODP, epub.FORMAT, rtf.FORMAT),
        *(mail_outlook.FORMAT, mail_page.FORMAT, mail_box.FORMAT, mail.FORMAT),
        *(html.FORMAT, markdown.FORMAT, notebook.FORMAT, data_json.FORMAT, data_xml.FORMAT, subtitles.FORMAT),
        *(delimited.FORMAT, plain.FORMAT),
    )


def read_file(path: Path, terms: Terms) -> Extracted:
    """Read a file with the first format that recognises it, and tell what is hidden in it. Raises a LibraryError."""
    with _translated():
        file = _found(path, terms)
        found = _chosen(file).read(file)
        if found.members and file.depth >= DEPTH:
            raise UnsafeArchive(reason=f"files nested more than {DEPTH} deep")
        return msgspec.structs.replace(found, hidden=[*smuggled(found), *found.hidden][:HIDDEN_MOST])


def render_file(path: Path, page: int, width: int, spans: list[tuple[int, int]], password: str) -> PageImage:
    """Draw a page of a PDF or a picture. Raises what `lumbre.readers.render` says."""
    from lumbre.readers import images, pdf, pdf_page

    with _translated():
        file = _found(path, Terms(password))
        if pdf.FORMAT.recognises(file):
            return pdf_page.render_page(file, page, width, spans)
        if images.FORMAT.recognises(file):
            return images.render_page(file, page, width, spans)
        raise UnsupportedFormat(kind=kinds.binary_kind(file.head) or "a document without pictures of its pages")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileVanished() from error
    except OSError as error:
        raise UnreadableFile(reason=error.strerror or type(error).__name__) from error


def _found(path: Path, terms: Terms) -> File:
    """The file that a path leads to, on disk or inside other files. Raises a LibraryError and OSError."""
    place, inside = on_disk(path)
    around = [_look(place, terms)]
    while inside:
        if len(around) > DEPTH:
            raise UnsafeArchive(reason=f"files nested more than {DEPTH} deep")
        file, inside = descend(around[-1], _chosen(around[-1]), inside)
        if any(file.size == outer.size and file.data == outer.read() for outer in around):
            raise UnsafeArchive(reason="it contains itself")
        around.append(_filled(file._replace(terms=terms)))
    return around[-1]


def _look(path: Path, terms: Terms) -> File:
    """Size and first bytes. Raises EmptyDocument, UnreadableFile and OSError."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(reason="not a regular file")
    with path.open("rb") as stream:
        return _filled(File(path, status.st_size, stream.read(HEAD), terms=terms))


def _filled(file: File) -> File:
    """The file, if there is something in it. Raises EmptyDocument."""
    blank = not file.head.strip(b" \t\r\n\f\0\xef\xbb\xbf\xff\xfe")
    if blank and file.size <= len(file.head):
        raise EmptyDocument()
    return file


def _chosen(file: File) -> Format:
    """The first format that recognises a file. Raises a LibraryError when there is none, or the file is too large."""
    chosen = next((one for one in formats() if one.recognises(file)), None)
    if chosen is None:
        raise _refusal(file)
    if file.size > chosen.limit * MEGABYTE:
        raise DocumentTooLarge(size=file.size // MEGABYTE, limit=chosen.limit)
    return chosen


def _refusal(file: File) -> LumbreError:
    """The error that names what a file is instead of a readable document."""
    if kinds.is_ole(file.head):
        with file.open() as stream:
            kind = kinds.ole_kind(stream.read(_OLE_LOOK))
        if kind == "encrypted":
            return EncryptedDocument()
        return LegacyDocument(kind=kind) if kind in kinds.LEGACY else UnsupportedFormat(kind=kind)
    if kinds.is_zip(file.head):
        kind = zip_kind(file)
        return UnsupportedFormat(kind=kind) if kind else DamagedDocument(reason="broken ZIP archive")
    return UnsupportedFormat(kind=kinds.binary_kind(file.head) or "binary data")
