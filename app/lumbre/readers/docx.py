"""Word documents (DOCX): the body in order, with heading levels from styles and outline levels, lists and table rows.

Read with the standard library's parser: it streams, fetches no external entity and bounds what entities expand to.
Headers, footers, tables of contents, deleted and hidden text are passed over.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lumbre.core.documents import BlockKind, Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument
from lumbre.readers import kinds
from lumbre.readers.base import MEGABYTE, Draft, File, Format

_LIMIT = 256
_XML_LIMIT = 160
"""Megabytes of XML that are unpacked: a zip bomb stops here."""
_ENCRYPTED = 1
_HEADING_LENGTH = 300
_BASES = 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)
_HEADING_NAME = re.compile(r"(?:heading|encabezado|t[ií]tulo|überschrift|titre|titolo|cabeçalho)\s*([1-9])", re.I)
_TITLE_NAMES = frozenset({"title", "título", "titel", "titre", "titolo"})
_CODE_NAME = re.compile(r"code|source|preformatted|código|verbatim", re.I)
_CONTENTS_NAME = re.compile(r"toc (?:\d|heading)|tdc \d|table of figures|contents \d|índice \d", re.I)
_CAPTION_NAMES = frozenset({"caption", "epígrafe", "descripción", "leyenda"})
_SKIPPED = frozenset({"pPr", "rPr", "del", "moveFrom", "instrText", "delText", "Fallback", "txbxContent", "rt"})
_AS_TEXT = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}


class _Style(NamedTuple):
    """What matters of a paragraph style: heading level (0 for none) and the kind of block it makes."""

    level: int = 0
    kind: BlockKind = "paragraph"
    title: bool = False
    contents: bool = False


def recognises(file: File) -> bool:
    """Whether it is a ZIP archive with a word-processing document inside."""
    if not kinds.is_zip(file.head):
        return False
    try:
        with zipfile.ZipFile(file.path) as archive:
            return bool(_main_part(archive))
    except _BROKEN:
        # A torn archive has lost its directory; its first members still say what it was.
        return b"word/" in file.head


def read(file: File) -> Extracted:
    """Read the body. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            _check(archive)
            main = _main_part(archive)
            reader = _Body(_styles(archive, posixpath.join(posixpath.dirname(main), "styles.xml")))
            with archive.open(main) as stream:
                reader.read(stream)
            return reader.draft.finish(FORMAT.name, reader.title or _core_title(archive))
    except _BROKEN as error:
        reason = "broken XML" if isinstance(error, ElementTree.ParseError) else "broken ZIP archive"
        raise DamagedDocument(reason=reason) from error


FORMAT = Format("docx", recognises, read, _LIMIT)


# --- the package ------------------------------------------------------------------------------------------------------


def _check(archive: zipfile.ZipFile) -> None:
    """Refuse what would unpack to too much, and what is locked."""
    members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise EncryptedDocument()
    unpacked = sum(member.file_size for member in members if member.filename.endswith((".xml", ".rels")))
    if unpacked > _XML_LIMIT * MEGABYTE:
        raise DocumentTooLarge(size=unpacked // MEGABYTE, limit=_XML_LIMIT)


def _main_part(archive: zipfile.ZipFile) -> str:
    """The member that holds the text, by the package's relationships; empty when it is no Word document."""
    names = set(archive.namelist())
    if "_rels/.rels" not in names:
        return "word/document.xml" if "word/document.xml" in names else ""
    for element in ElementTree.fromstring(_small(archive, "_rels/.rels")):
        if element.get("Type", "").endswith("/officeDocument"):
            part = element.get("Target", "").lstrip("/")
            if part in names and "wordprocessingml" in archive.open(part).read(4096).decode("utf-8", "replace"):
                return part
    return ""


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member that is small in any honest file."""
    with archive.open(name) as stream:
        return stream.read(16 * MEGABYTE)


def _core_title(archive: zipfile.ZipFile) -> str:
    """The title of the document's properties."""
    if "docProps/core.xml" not in archive.namelist():
        return ""
    root = ElementTree.fromstring(_small(archive, "docProps/core.xml"))
    return next((element.text or "" for element in root if _tag(element) == "title"), "")


def _styles(archive: zipfile.ZipFile, part: str) -> dict[str, _Style]:
    """Paragraph styles by identifier, each with what it takes from the style it is based on."""
    if part not in archive.namelist():
        return {}
    elements = {
        _attribute(element, "styleId"): element
        for element in ElementTree.fromstring(_small(archive, part))
        if _tag(element) == "style"
    }
    return {identifier: _style(identifier, elements) for identifier in elements}


def _style(identifier: str, elements: dict[str, Element]) -> _Style:
    """The first thing that a style or one of its bases says about its kind."""
    for _ in range(_BASES):
        element = elements.get(identifier)
        if element is None:
            break
        name = _value(element, "name")
        heading = _HEADING_NAME.match(name)
        outline = _outline(_child(element, "pPr"))
        if name.casefold() in _TITLE_NAMES:
            return _Style(1, "heading", True)
        if heading or outline:
            return _Style(min(6, int(heading[1]) if heading else outline), "heading")
        if _CONTENTS_NAME.match(name):
            return _Style(contents=True)
        if name.casefold() in _CAPTION_NAMES:
            return _Style(kind="caption")
        if _CODE_NAME.search(name):
            return _Style(kind="code")
        if _is_listed(_child(element, "pPr")):
            return _Style(kind="list")
        identifier = _value(element, "basedOn")
    return _Style()


# --- the body ---------------------------------------------------------------------------------------------------------


class _Body:
    """Reads the main part as a stream; each paragraph or table row is dropped once it is taken."""

    def __init__(self, styles: dict[str, _Style]) -> None:
        self.draft = Draft()
        self.title = ""
        self._styles = styles

    def read(self, stream: IO[bytes]) -> None:
        """Take every paragraph and row that is not part of another, in order."""
        depth = 0
        for event, element in ElementTree.iterparse(stream, ("start", "end")):
            if _tag(element) not in ("p", "tr") or "math" in element.tag:
                continue
            depth += 1 if event == "start" else -1
            if event == "start" or depth:
                continue
            if _tag(element) == "p":
                self._paragraph(element)
            else:
                self._row(element)
            element.clear()

    def _paragraph(self, element: Element) -> None:
        """Add a paragraph, then the text boxes anchored in it."""
        properties = _child(element, "pPr")
        style = self._styles.get(_value(properties, "pStyle"), _Style())
        if style.contents:
            return
        level = _outline(properties) or style.level
        text = "".join(_pieces(element))
        if level and len(text) <= _HEADING_LENGTH:
            self.draft.add(" ".join(text.split()), "heading", min(level, 6))
            if style.title and not self.title:
                self.title = text
        elif text.strip():
            kind = "paragraph" if style.kind == "heading" else style.kind
            listed = kind == "list" or _is_listed(properties)
            self.draft.add(f"- {text.strip()}" if listed else text, "list" if listed else kind)
        for box in _boxes(element):
            self._cell(box)

    def _row(self, element: Element) -> None:
        """Add a row, its cells joined by bars; a row of one cell is only a frame around paragraphs."""
        cells = list(_within(element, "tc"))
        if len(cells) == 1:
            self._cell(cells[0])
            return
        texts = [" ".join("".join(_pieces(cell)).split()) for cell in cells]
        self.draft.add(" | ".join(texts) if any(texts) else "", "row")

    def _cell(self, element: Element) -> None:
        """Add what a frame holds."""
        for child in element:
            tag = _tag(child)
            if tag == "p":
                self._paragraph(child)
            elif tag == "tr":
                self._row(child)
            elif tag in ("tbl", "sdt", "sdtContent", "ins"):
                self._cell(child)


def _pieces(element: Element) -> Iterator[str]:
    """The visible text below an element, in order."""
    for child in element:
        tag = _tag(child)
        if tag == "t":
            yield child.text or ""
        elif tag in _AS_TEXT:
            yield _AS_TEXT[tag]
        elif tag == "r" and _is_hidden(child):
            continue
        elif tag not in _SKIPPED:
            yield from _pieces(child)
            if tag == "p":
                yield " "


def _boxes(element: Element) -> Iterator[Element]:
    """The text boxes anchored in a paragraph, each once."""
    for child in element:
        if _tag(child) == "txbxContent":
            yield child
        elif _tag(child) != "Fallback":
            yield from _boxes(child)


def _within(element: Element, tag: str) -> Iterator[Element]:
    """The nearest descendants of a kind, looking through content controls."""
    for child in element:
        if _tag(child) == tag:
            yield child
        elif _tag(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _within(child, tag)


def _is_hidden(run: Element) -> bool:
    """Whether a run is marked as hidden text."""
    mark = _child(_child(run, "rPr"), "vanish")
    return mark is not None and _attribute(mark, "val") not in ("0", "false", "off")


def _outline(properties: Element | None) -> int:
    """The heading level that paragraph properties give; 0 for body text."""
    value = _value(properties, "outlineLvl")
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0


def _is_listed(properties: Element | None) -> bool:
    """Whether paragraph properties number it; the identifier 0 takes a numbering away."""
    return _value(_child(properties, "numPr"), "numId") not in ("", "0")


def _tag(element: Element) -> str:
    """The name of an element without its namespace: strict and transitional documents differ only in that."""
    return element.tag.rpartition("}")[2]


def _child(element: Element | None, tag: str) -> Element | None:
    """The first child of a kind."""
    return None if element is None else next((child for child in element if _tag(child) == tag), None)


def _attribute(element: Element, name: str) -> str:
    """An attribute whatever its namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _value(element: Element | None, tag: str) -> str:
    """The `val` of a child; empty when there is none."""
    child = _child(element, tag)
    return "" if child is None else _attribute(child, "val")
