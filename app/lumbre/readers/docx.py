"""Word documents (DOCX): the body in order, with heading levels from styles and outline levels, lists and table rows.

Read with the standard library's parser: it streams, fetches no external entity and bounds what entities expand to.
Headers, footers, tables of contents and deleted text are passed over. Text that is marked as hidden, white on no
shading or too small to see is left out and told; in tables and shapes, which may have shadings of their own, white is
no sign.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lumbre.core.documents import BlockKind, Extracted, HiddenKind
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.docx_look import Marks, hiding, is_shaded, marks, style_marks
from lumbre.readers.package import (
    attribute_of,
    child_of,
    core_title,
    is_office,
    main_part,
    name_of,
    opened,
    parsed,
)

_LIMIT = 256
_HEADING_LENGTH = 300
_BASES = 20
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
    marks: Marks = {}


def recognises(file: File) -> bool:
    """Whether it is a ZIP archive with a word-processing document inside."""
    return is_office(file, "wordprocessingml", "word/")


def read(file: File) -> Extracted:
    """Read the body. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    with opened(file) as archive:
        main = main_part(archive, "wordprocessingml")
        reader = _Body(_styles(archive, posixpath.join(posixpath.dirname(main), "styles.xml")))
        with archive.open(main) as stream:
            reader.read(stream)
        return reader.draft.finish(FORMAT.name, reader.title or core_title(archive))


FORMAT = Format("docx", recognises, read, _LIMIT)


# --- the package ------------------------------------------------------------------------------------------------------


def _styles(archive: zipfile.ZipFile, part: str) -> dict[str, _Style]:
    """Paragraph styles by identifier, each with what it takes from the style it is based on."""
    elements = {
        attribute_of(element, "styleId"): element for element in parsed(archive, part) if name_of(element) == "style"
    }
    return {
        identifier: _style(identifier, elements)._replace(marks=style_marks(identifier, elements))
        for identifier in elements
    }


def _style(identifier: str, elements: dict[str, Element]) -> _Style:
    """The first thing that a style or one of its bases says about its kind."""
    for _ in range(_BASES):
        element = elements.get(identifier)
        if element is None:
            break
        name = _value(element, "name")
        heading = _HEADING_NAME.match(name)
        outline = _outline(child_of(element, "pPr"))
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
        if _is_listed(child_of(element, "pPr")):
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
        self._tinted = False
        """Whether the paper may have another colour than white here: of the page, a table or a shape."""

    def read(self, stream: IO[bytes]) -> None:
        """Take every paragraph and row that is not part of another, in order."""
        depth = 0
        for event, element in ElementTree.iterparse(stream, ("start", "end")):
            if name_of(element) == "background":
                self._tinted = True
            if name_of(element) not in ("p", "tr") or "math" in element.tag:
                continue
            depth += 1 if event == "start" else -1
            if event == "start" or depth:
                continue
            if name_of(element) == "p":
                self._paragraph(element)
            else:
                self._row(element)
            element.clear()

    def _paragraph(self, element: Element) -> None:
        """Add a paragraph, then the text boxes anchored in it."""
        properties = child_of(element, "pPr")
        style = self._styles.get(_value(properties, "pStyle"), _Style())
        if style.contents:
            return
        level = _outline(properties) or style.level
        text = self._joined(element)
        if level and len(text) <= _HEADING_LENGTH:
            self.draft.add(" ".join(text.split()), "heading", min(level, 6))
            if style.title and not self.title:
                self.title = text
        elif text.strip():
            kind = "paragraph" if style.kind == "heading" else style.kind
            listed = kind == "list" or _is_listed(properties)
            self.draft.add(f"- {text.strip()}" if listed else text, "list" if listed else kind)
        for box in _boxes(element):
            self._framed(box)

    def _joined(self, paragraph: Element) -> str:
        """The visible text of a paragraph; what is hidden in it is told."""
        properties = child_of(paragraph, "pPr")
        usual = self._marks(_value(properties, "pStyle"))
        if self._tinted or is_shaded(properties):
            usual = {**usual, "shaded": True}
        hidden: dict[HiddenKind, list[str]] = {}
        parts: list[str] = []
        for run, text in _pieces(paragraph, None):
            look = child_of(run, "rPr")
            said = usual | self._marks(_value(look, "rStyle")) | marks(look) if look is not None else usual
            if usual.get("shaded"):
                said["shaded"] = True
            kind = hiding(said)
            (parts if kind is None else hidden.setdefault(kind, [])).append(text)
        for kind, texts in hidden.items():
            self.draft.hide(kind, "".join(texts))
        return "".join(parts)

    def _marks(self, style: str) -> Marks:
        return self._styles.get(style, _Style()).marks

    def _framed(self, element: Element) -> None:
        """Add what a frame holds, which may be tinted."""
        tinted, self._tinted = self._tinted, True
        self._cell(element)
        self._tinted = tinted

    def _row(self, element: Element) -> None:
        """Add a row, its cells joined by bars; a row of one cell is only a frame around paragraphs."""
        cells = list(_within(element, "tc"))
        if len(cells) == 1:
            self._framed(cells[0])
            return
        tinted, self._tinted = self._tinted, True
        texts = [" ".join(self._joined(cell).split()) for cell in cells]
        self._tinted = tinted
        self.draft.add(" | ".join(texts) if any(texts) else "", "row")

    def _cell(self, element: Element) -> None:
        """Add what a frame holds."""
        for child in element:
            tag = name_of(child)
            if tag == "p":
                self._paragraph(child)
            elif tag == "tr":
                self._row(child)
            elif tag in ("tbl", "sdt", "sdtContent", "ins"):
                self._cell(child)


def _pieces(element: Element, run: Element | None) -> Iterator[tuple[Element | None, str]]:
    """The text below an element in order, each piece with the run that it is in."""
    for child in element:
        tag = name_of(child)
        if tag == "t":
            yield run, child.text or ""
        elif tag in _AS_TEXT:
            yield run, _AS_TEXT[tag]
        elif tag not in _SKIPPED:
            yield from _pieces(child, child if tag == "r" else run)
            if tag == "p":
                yield None, " "


def _boxes(element: Element) -> Iterator[Element]:
    """The text boxes anchored in a paragraph, each once."""
    for child in element:
        if name_of(child) == "txbxContent":
            yield child
        elif name_of(child) != "Fallback":
            yield from _boxes(child)


def _within(element: Element, tag: str) -> Iterator[Element]:
    """The nearest descendants of a kind, looking through content controls."""
    for child in element:
        if name_of(child) == tag:
            yield child
        elif name_of(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _within(child, tag)


def _outline(properties: Element | None) -> int:
    """The heading level that paragraph properties give; 0 for body text."""
    value = _value(properties, "outlineLvl")
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0


def _is_listed(properties: Element | None) -> bool:
    """Whether paragraph properties number it; the identifier 0 takes a numbering away."""
    return _value(child_of(properties, "numPr"), "numId") not in ("", "0")


def _value(element: Element | None, tag: str) -> str:
    """The `val` of a child; empty when there is none."""
    child = child_of(element, tag)
    return "" if child is None else attribute_of(child, "val")
