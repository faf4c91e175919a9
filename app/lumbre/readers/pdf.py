"""PDF: the rendering engine's own text, character by character, so that an offset is also a place on the page.

Pages that are pictures of text are recognised. On all others `text[pages[i] + k]` is character k of page i+1 as the
engine counts it; only one-for-one substitutions are made. Pages are joined by a line break. What stands in no block
(running headers, page numbers, contents) is still in the text.
"""

from __future__ import annotations

import ctypes
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from lumbre.core.documents import HIDDEN_LENGTH, HIDDEN_MOST, Extracted, HiddenText
from lumbre.core.errors import (
    DamagedDocument,
    EmptyDocument,
    EncryptedDocument,
    RecognitionDeferred,
    UnreadableFile,
)
from lumbre.readers import pdf_form, pdf_hidden, pdf_layout, pdf_rows
from lumbre.readers.base import File, Format, Terms, check_length, first_heading, joined, one_line, page_ranges
from lumbre.readers.pdf_layout import Line, OutlineEntry
from lumbre.readers.pdf_scan import is_scanned, recognise_page

if TYPE_CHECKING:
    from io import BytesIO
    from pathlib import Path

    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage


_LIMIT = 512
_SIGNATURE_REACH = 1024
_ODD = re.compile("[\x00-\x09\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LAM_ALEF = re.compile("[\u0627\u0623\u0625\u0622]\u0644")
_LINE = re.compile("[^\n\u00ad]+\u00ad?")
_AT_ONCE, _FEW = 3, 0.1
"""Scanned pages, and their share of all, up to which they are recognised at once: the cover of a book."""
_FIXED_PITCH = 1
_MONO_NAME = re.compile(rb"mono|courier|consol|typewriter|cmtt|fixed|txtt|menlo", re.I)
_BOLD_NAME = re.compile(rb"bold|black|heavy|-?bx\d|medi\b", re.I)
_JUNK_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint)\s*-|untitled|sin t[ií]tulo|.*\.(?:docx?|pdf|tex|indd|dvi|ps)$)", re.I
)


class _Font(NamedTuple):
    """What matters of a font."""

    mono: bool
    bold: bool


def recognises(file: File) -> bool:
    """Whether the signature stands near the start, as the standard allows."""
    return b"%PDF-" in file.head[:_SIGNATURE_REACH]


def read(file: File) -> Extracted:
    """Read all pages. Raises what `lumbre.readers.read` says, but UnsupportedFormat and FileVanished."""
    document = open_document(file.source, file.terms.password)
    try:
        pages = _Pages(document, file.terms)
        text, starts = joined(pages.texts)
        if not text.strip():
            raise EmptyDocument()
        blocks = pdf_layout.blocks(pages.texts, starts, pages.lines, _outline(document))
        title = one_line(document.get_metadata_dict(skip_empty=True).get("Title", ""))
        if _JUNK_TITLE.match(title):
            title = ""
        said = [f"recognised: {page_ranges(pages.recognised)}"] if pages.recognised else []
        return Extracted(text, blocks, FORMAT.name, title or first_heading(text, blocks), starts, said, pages.hidden)
    finally:
        document.close()


FORMAT = Format("pdf", recognises, read, _LIMIT)


def open_document(source: Path | str | BytesIO, password: str = "") -> PdfDocument:
    """Open a PDF. Raises DamagedDocument, EncryptedDocument and UnreadableFile."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(source, password or None)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise EncryptedDocument() from error
        if error.err_code == pdfium.FPDF_ERR_FILE:
            raise UnreadableFile(reason="it cannot be opened") from error
        raise DamagedDocument(reason="not a whole PDF") from error
    if len(document) == 0:
        document.close()
        raise DamagedDocument(reason="it has no pages")
    return document


def open_text(page: PdfPage) -> PdfTextPage:
    """The text of a page in the engine's order; lines that run down the page as it is shown would come last first."""
    text_page = page.get_textpage()
    if not _runs_down(page, text_page):
        return text_page
    text_page.close()
    shown = page.get_rotation()
    page.set_rotation((shown + 90) % 360)
    try:
        return page.get_textpage()
    finally:
        page.set_rotation(shown)


def _runs_down(page: PdfPage, text_page: PdfTextPage) -> bool:
    """Whether most of a few letters are turned a quarter clockwise as the page is shown."""
    import pypdfium2.raw as pdfium

    count = text_page.count_chars()
    if not count:
        return False
    places = {count * part // 8 for part in (1, 3, 4, 5, 7)}
    angles = [math.degrees(pdfium.FPDFText_GetCharAngle(text_page, index)) for index in places]
    down: int = sum(abs((angle + page.get_rotation()) % 360 - 90) < 1 for angle in angles)
    return 2 * down > len(places)


def page_text(text_page: PdfTextPage) -> str:
    """The text of a page with exactly one character for each character of the engine."""
    import pypdfium2.raw as pdfium

    count = text_page.count_chars()
    text = str(text_page.get_text_range(errors="surrogatepass")) if count else ""
    if count and (len(text) != count or pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, count - 1) != count - 1):
        text = "".join(chr(pdfium.FPDFText_GetUnicode(text_page, index)) for index in range(count))
    text = text.replace("\r", " ").replace("\ufffe", "\u00ad").replace("\x02", "\u00ad")
    return _LAM_ALEF.sub(lambda pair: _spoken(text_page, pair), _ODD.sub(_substitute, text))


def _spoken(text_page: PdfTextPage, pair: re.Match[str]) -> str:
    """Alef and lam, in turn when both are one glyph: the engine turns the letters of that ligature around."""
    one_glyph = text_page.get_charbox(pair.start()) == text_page.get_charbox(pair.start() + 1)
    return pair.group()[::-1] if one_glyph else pair.group()


def _substitute(match: re.Match[str]) -> str:
    return " " if match.group() < " " else "\ufffd"


class _Pages:
    """Text and lines of every page; a page that cannot be loaded is empty. Raises RecognitionDeferred."""

    def __init__(self, document: PdfDocument, terms: Terms) -> None:
        self.texts: list[str] = []
        self.lines: list[list[Line]] = []
        self.recognised: list[int] = []
        """Numbers of the pages whose text was recognised, from 1."""
        self.hidden: list[HiddenText] = []
        self._document = document
        self._terms = terms
        self._fonts = _Fonts()
        self._has_form = pdf_form.begin(document)
        scanned: list[int] = []
        total = 0
        for index in range(len(document)):
            text, lines, is_picture = self._page(index)
            if is_picture:
                scanned.append(index)
            self.texts.append(text)
            self.lines.append(lines)
            total += len(text)
            check_length(total)
        if len(scanned) > min(_AT_ONCE, _FEW * len(document)) and not terms.recognise:
            raise RecognitionDeferred()
        for index in scanned:
            self._recognise(index)
            check_length(sum(map(len, self.texts)))

    def _page(self, index: int) -> tuple[str, list[Line], bool]:
        """Text and lines of a page, and whether it is a picture of text."""
        from pypdfium2 import PdfiumError

        try:
            page = self._document[index]
            text_page = open_text(page)
        except PdfiumError:
            return "", [], False
        text = page_text(text_page)
        lines = _lines(text_page, text, self._fonts)
        gone = pdf_hidden.hidden(page, text_page, text, lines)
        lines = pdf_rows.with_rows(text_page, text, pdf_hidden.without(text, lines, gone))
        is_picture = is_scanned(page, text)
        if self._has_form:
            text, lines = _with_fields(text, lines, pdf_form.fields(self._document, page))
        text_page.close()
        page.close()
        for start, end, kind in gone[: HIDDEN_MOST - len(self.hidden)]:
            shown = " ".join(text[start:end].split())[:HIDDEN_LENGTH]
            self.hidden.append(HiddenText(kind, shown, index + 1))
        return text, lines, is_picture

    def _recognise(self, index: int) -> None:
        """Put what is recognised on a page in the place of its text, if that is anything."""
        self._terms.step()
        found = recognise_page(self._document[index])
        self._terms.step()
        if found.text:
            self.texts[index], self.lines[index] = found.text, found.lines
            self.recognised.append(index + 1)


def _with_fields(text: str, lines: list[Line], fields: list[str]) -> tuple[str, list[Line]]:
    """A page with the filled fields of its form below its own text, each a row."""
    if not fields:
        return text, lines
    low = min((line.bottom for line in lines), default=0.0)
    for number, field in enumerate(fields, 1):
        text += "\n" if text else ""
        size = lines[0].size if lines else 10.0
        bottom = low - 2 * size * number
        lines = [*lines, Line(len(text), len(text) + len(field), 0.0, 100.0, bottom, size, False, False, cells=2)]
        text += field
    return text, lines


def _lines(text_page: PdfTextPage, text: str, fonts: _Fonts) -> list[Line]:
    """The visual lines of a page, measured at their first and last visible character only: that keeps it quick."""
    import pypdfium2.raw as pdfium

    handle = text_page.raw
    left, right = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    at_left, at_right = ctypes.byref(left), ctypes.byref(right)
    lines = []
    for match in _LINE.finditer(text):
        line = match.group()
        stripped = line.rstrip()
        if not stripped or stripped == "\u00ad":
            continue
        start = match.start() + len(line) - len(line.lstrip())
        end = match.start() + len(stripped)
        last = end - 2 if text[end - 1] == "\u00ad" else end - 1
        pdfium.FPDFText_GetLooseCharBox(handle, start, at_left)
        pdfium.FPDFText_GetLooseCharBox(handle, last, at_right)
        size = max(abs(left.top - left.bottom), abs(right.top - right.bottom))
        font = fonts.at(handle, start)
        if font.mono and not fonts.at(handle, last).mono:
            font = _Font(False, font.bold)
        lines.append(
            Line(
                start, end, left.left, right.right, min(left.bottom, right.bottom), round(size, 1), font.mono, font.bold
            )
        )
    return lines


class _Fonts:
    """Tells the font of a character; each name is judged once."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Font] = {}
        self._name = ctypes.create_string_buffer(96)
        self._flags = ctypes.c_int()

    def at(self, handle: object, index: int) -> _Font:
        """The font of character `index` of a text page."""
        import pypdfium2.raw as pdfium

        pdfium.FPDFText_GetFontInfo(handle, index, self._name, 96, ctypes.byref(self._flags))
        name = self._name.value
        font = self._known.get(name)
        if font is None:
            mono = bool(self._flags.value & _FIXED_PITCH or _MONO_NAME.search(name))
            font = self._known[name] = _Font(mono, bool(_BOLD_NAME.search(name)))
        return font


def _outline(document: PdfDocument) -> list[OutlineEntry]:
    """The bookmarks that point at a page."""
    entries = []
    for bookmark in document.get_toc(max_depth=6):
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if page is not None and page >= 0:
            entries.append(OutlineEntry(page, min(6, bookmark.level + 1), bookmark.get_title()))
    return entries
