"""The formats that can be read, and the choice among them by content."""

from __future__ import annotations

import stat
import zipfile
from functools import cache
from pathlib import Path

from lumbre.core.documents import Extracted, PageImage
from lumbre.core.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    FileVanished,
    LumbreError,
    UnreadableFile,
    UnsupportedFormat,
)
from lumbre.readers import kinds
from lumbre.readers.base import HEAD, MEGABYTE, File, Format, Terms
from lumbre.readers.package import BROKEN

_OLE_LOOK = 4 * MEGABYTE


@cache
def formats() -> tuple[Format, ...]:
    """The registry, in the order in which formats are asked whether a file is theirs."""
    from lumbre.readers import (
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
        *(pdf.FORMAT, images.FORMAT, docx.FORMAT, pptx.FORMAT, sheets.XLSX, sheets.XLS),
        *(opendocument.ODT, opendocument.ODS, opendocument.ODP, epub.FORMAT, rtf.FORMAT),
        *(mail_outlook.FORMAT, mail_page.FORMAT, mail_box.FORMAT, mail.FORMAT),
        *(html.FORMAT, markdown.FORMAT, notebook.FORMAT, data_json.FORMAT, data_xml.FORMAT, subtitles.FORMAT),
        *(delimited.FORMAT, plain.FORMAT),
    )


def read_file(path: Path, terms: Terms) -> Extracted:
    """Read a file with the first format that recognises it. Raises a LibraryError."""
    try:
        file = _look(path, terms)
        chosen = next((one for one in formats() if one.recognises(file)), None)
        if chosen is None:
            raise _refusal(file)
        if file.size > chosen.limit * MEGABYTE:
            raise DocumentTooLarge(size=file.size // MEGABYTE, limit=chosen.limit)
        return chosen.read(file)
    except FileNotFoundError as error:
        raise FileVanished() from error
    except OSError as error:
        raise UnreadableFile(reason=error.strerror or type(error).__name__) from error


def render_file(path: Path, page: int, width: int, spans: list[tuple[int, int]], password: str) -> PageImage:
    """Draw a page of a PDF or a picture. Raises what `lumbre.readers.render` says."""
    from lumbre.readers import images, pdf, pdf_page

    try:
        file = _look(path, Terms(password))
        if pdf.FORMAT.recognises(file):
            return pdf_page.render_page(file, page, width, spans)
        if images.FORMAT.recognises(file):
            return images.render_page(file, page, width, spans)
        raise UnsupportedFormat(kind=kinds.binary_kind(file.head) or "a document without pictures of its pages")
    except FileNotFoundError as error:
        raise FileVanished() from error
    except OSError as error:
        raise UnreadableFile(reason=error.strerror or type(error).__name__) from error


def _look(path: Path, terms: Terms) -> File:
    """Size and first bytes. Raises EmptyDocument, UnreadableFile and OSError."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(reason="not a regular file")
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    blank = not head.strip(b" \t\r\n\f\0\xef\xbb\xbf\xff\xfe")
    if blank and status.st_size <= len(head):
        raise EmptyDocument()
    return File(path, status.st_size, head, terms=terms)


def _refusal(file: File) -> LumbreError:
    """The error that names what a file is instead of a readable document."""
    if kinds.is_ole(file.head):
        with file.open() as stream:
            kind = kinds.ole_kind(stream.read(_OLE_LOOK))
        return EncryptedDocument() if kind == "encrypted" else UnsupportedFormat(kind=kind)
    if kinds.is_zip(file.head):
        try:
            with zipfile.ZipFile(file.source) as archive:
                names = archive.namelist()
                mimetype = archive.open("mimetype").read(200) if "mimetype" in names else b""
        except (*BROKEN, ValueError):
            return DamagedDocument(reason="broken ZIP archive")
        return UnsupportedFormat(kind=kinds.zip_kind(names, mimetype))
    return UnsupportedFormat(kind=kinds.binary_kind(file.head) or "binary data")
