"""OpenDocument texts, spreadsheets and presentations (ODT, ODS, ODP).

Read with the standard library's parser: it streams, fetches no external entity and bounds what entities expand to.
Deleted text, comments and tables of contents are passed over; cells say what they show. Hidden sheets and slides and
speaker notes are read and told; text that is hidden, white on nothing or without size is left out and told.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from typing import IO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lumbre.core.documents import BlockKind, Extracted, HiddenKind
from lumbre.core.errors import EncryptedDocument
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.package import attribute_of, child_of, children_of, every, media_type, name_of, opened, parsed
from lumbre.readers.tabular import Covered, Table, finish_workbook

_LIMIT = 256
_XML_LIMIT = 64
"""Megabytes of XML of texts and presentations, of which one part is held at a time."""
_SHEETS_XML_LIMIT = 256
_PART_DEPTH = 4
"""The document, its body, the text in it, and the parts of that."""
_COLUMNS = 16_384
_SPACES = 1_000
_PASSED_OVER = frozenset(
    {"tracked-changes", "annotation", "annotation-end", "table-of-content", "alphabetical-index", "illustration-index"}
    | {"table-index", "object-index", "user-index", "forms", "sequence-decls", "variable-decls", "user-field-decls"}
    | {"ruby-text", "title", "desc", "event-listeners", "settings", "date-time-decl"}
    | {"page-thumbnail", "object", "object-ole", "plugin", "image", "shapes"}
)
_APART = frozenset({"note", "frame", "custom-shape", "rect", "ellipse", "g", "line", "path", "caption", "text-box"})
_FIELDS = frozenset({"date-time", "footer", "page-number", "header"})
_CAPTIONS = frozenset({"Caption", "Illustration", "Table", "Figure", "Drawing"})
_CODE = frozenset({"Preformatted_20_Text", "Source_20_Text", "Source_20_Code"})
_BASES = 20
_MARKED_HIDDEN = frozenset({"hidden-text", "hidden-paragraph"})
_WHITE = re.compile(r"#(?:f[0-9a-f]){3}", re.I)
_NO_SIZE = re.compile(r"(?:0(?:\.\d+)?|1(?:\.0+)?)pt")
_COLOURLESS = frozenset({"", "transparent", "#ffffff"})


def _recognises(kind: str) -> Callable[[File], bool]:
    """Whether it is an OpenDocument of this kind, or a template for one."""
    return lambda file: media_type(file).startswith(f"application/vnd.oasis.opendocument.{kind}")


def _read_text(file: File) -> Extracted:
    """Read a text. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    with opened(file, _XML_LIMIT) as archive, _content(archive) as stream:
        walker = _Walker()
        for part in _parts(stream, walker.styles):
            walker.walk(part)
        return walker.draft.finish(ODT.name, walker.title or _meta_title(archive))


def _read_presentation(file: File) -> Extracted:
    """Read all slides. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    with opened(file, _XML_LIMIT) as archive, _content(archive) as stream:
        walker = _Walker(tinted=True)
        for part in _parts(stream, walker.styles):
            if name_of(part) == "page":
                walker.slide(part)
        titled = any(block.kind == "heading" for block in walker.draft.blocks)
        return walker.draft.finish(ODP.name, "" if titled else _meta_title(archive))


def _read_sheets(file: File) -> Extracted:
    """Read all sheets. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    with opened(file, _SHEETS_XML_LIMIT) as archive, _content(archive) as stream:
        return finish_workbook(_sheets(stream), ODS.name)


ODT = Format("odt", _recognises("text"), _read_text, _LIMIT)
ODS = Format("ods", _recognises("spreadsheet"), _read_sheets, _LIMIT)
ODP = Format("odp", _recognises("presentation"), _read_presentation, _LIMIT)


# --- the package ------------------------------------------------------------------------------------------------------


def _content(archive: zipfile.ZipFile) -> IO[bytes]:
    """The part that holds the document. Raises EncryptedDocument."""
    if next(every(parsed(archive, "META-INF/manifest.xml"), "encryption-data"), None) is not None:
        raise EncryptedDocument()
    if "content.xml" not in archive.namelist():
        raise zipfile.BadZipFile("no content.xml")
    return archive.open("content.xml")


def _meta_title(archive: zipfile.ZipFile) -> str:
    """The title among the document's properties."""
    title = child_of(parsed(archive, "meta.xml"), "meta", "title")
    return (title.text or "") if title is not None else ""


class _Styles:
    """What matters of the automatic styles: their parents, and those that hide; what is hidden is told in `draft`."""

    def __init__(self, draft: Draft, tinted: bool = False) -> None:
        self._draft = draft
        self._parents: dict[str, str] = {}
        self._hiding: dict[str, HiddenKind] = {}
        self._white: set[str] = set()
        self.tinted = tinted
        """Whether the paper may have another colour than white here: on slides, in tables and shapes."""

    def take(self, element: Element) -> None:
        """Keep what a style says."""
        name = attribute_of(element, "name")
        self._parents[name] = attribute_of(element, "parent-style-name")
        for properties in element:
            hidden = attribute_of(properties, "display") in ("none", "false")
            if hidden or attribute_of(properties, "visibility") == "hidden":
                self._hiding[name] = "invisible"
            elif _NO_SIZE.fullmatch(attribute_of(properties, "font-size")):
                self._hiding[name] = "tiny"
            if _WHITE.fullmatch(attribute_of(properties, "color")):
                self._white.add(name)
        if any(attribute_of(properties, "background-color").lower() not in _COLOURLESS for properties in element):
            self._white.discard(name)

    def bases(self, element: Element) -> set[str]:
        """The names of an element's style and of those it is based on."""
        found: set[str] = set()
        name = attribute_of(element, "style-name")
        while name and name not in found and len(found) < _BASES:
            found.add(name)
            name = self._parents.get(name, "")
        return found

    def hides(self, element: Element) -> HiddenKind | None:
        """How an element's own style hides it; None when it does not."""
        if not (self._hiding or self._white):
            return None
        name = attribute_of(element, "style-name")
        return "invisible" if name in self._white and not self.tinted else self._hiding.get(name)

    def leave_out(self, element: Element) -> bool:
        """Whether an element is hidden; it is told then."""
        kind: HiddenKind | None = "invisible" if name_of(element) in _MARKED_HIDDEN else self.hides(element)
        if kind:
            said = attribute_of(element, "string-value") or " ".join(element.itertext())
            self._draft.hide(kind, said)
        return kind is not None


def _parts(stream: IO[bytes], styles: _Styles) -> Iterator[Element]:
    """The parts of the body in order, each dropped once it is taken; the styles that precede them are kept."""
    depth, inside = 0, False
    for event, element in ElementTree.iterparse(stream, ("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start":
            inside = inside or name_of(element) == "body"
        elif inside and depth == _PART_DEPTH - 1:
            yield element
            element.clear()
        elif name_of(element) == "style" and depth == _PART_DEPTH - 2:
            styles.take(element)


# --- texts and slides -------------------------------------------------------------------------------------------------


class _Walker:
    """Walks parts of a document and gathers blocks."""

    def __init__(self, tinted: bool = False) -> None:
        self.draft = Draft()
        self.styles = _Styles(self.draft, tinted)
        self.title = ""
        self._lists = 0
        self._mark = ""

    def walk(self, element: Element) -> None:
        """Take everything below an element."""
        name = name_of(element)
        if name in _PASSED_OVER or self.styles.leave_out(element):
            return
        if name in ("p", "h"):
            self._paragraph(element)
        elif name == "table-row":
            self._row(element)
        else:
            listing = name == "list"
            self._lists += listing
            if name == "list-item":
                self._mark = "- "
            for child in element:
                self.walk(child)
            self._lists -= listing

    def slide(self, page: Element) -> None:
        """Take a slide: its title, the rest in order, and the notes."""
        self.draft.start_page()
        start = self.draft.mark()
        classes = [attribute_of(element, "class") for element in page]
        for element in page:
            if attribute_of(element, "class") == "title":
                text = " ".join(" ".join(self._joined(one) for one in every(element, "p")).split())
                self.draft.add(text, "heading", 1 if "subtitle" in classes else 2)
        for element in page:
            if name_of(element) != "notes" and attribute_of(element, "class") not in ("title", *_FIELDS):
                self.walk(element)
        if self.styles.hides(page):
            self.draft.hide("slide", self.draft.since(start))
        notes = self.draft.mark()
        for element in children_of(child_of(page, "notes")):
            if attribute_of(element, "class") == "notes":
                self.walk(element)
        self.draft.hide("notes", self.draft.since(notes))

    def _paragraph(self, element: Element) -> None:
        """Add a heading or paragraph, then the notes and boxes anchored in it."""
        text = self._joined(element).strip()
        bases = self.styles.bases(element)
        titled = "Title" in bases
        if text and (name_of(element) == "h" or titled):
            level = attribute_of(element, "outline-level")
            number = int(level) if level.isdecimal() and not titled else 1
            self.draft.add(" ".join(text.split()), "heading", max(1, min(6, number)))
            self.title = self.title or (text if titled else "")
        elif text:
            kind: BlockKind = "caption" if bases & _CAPTIONS else "code" if bases & _CODE else "paragraph"
            self.draft.add(self._mark + text if self._lists else text, "list" if self._lists else kind)
            self._mark = ""
        lists, self._lists = self._lists, 0
        for apart in _apart(element):
            if name_of(apart) == "note":
                for child in children_of(apart, "note-body"):
                    self.walk(child)
            else:
                self._framed(apart)
        self._lists = lists

    def _framed(self, frame: Element) -> None:
        """Take what is in a cell or box, which may be tinted."""
        tinted, self.styles.tinted = self.styles.tinted, True
        for child in frame:
            self.walk(child)
        self.styles.tinted = tinted

    def _row(self, row: Element) -> None:
        """Add a row, its cells joined by bars; a row of one cell is only a frame around paragraphs."""
        cells = [cell for cell in row if name_of(cell) == "table-cell"]
        if len(cells) == 1:
            self._framed(cells[0])
            return
        tinted, self.styles.tinted = self.styles.tinted, True
        texts = [" ".join(" ".join(self._joined(one) for one in _paragraphs(cell)).split()) for cell in cells]
        self.styles.tinted = tinted
        self.draft.add(" | ".join(texts) if any(texts) else "", "row")

    def _joined(self, element: Element) -> str:
        """The visible text of a paragraph."""
        return "".join(_pieces(element, self.styles))


def _pieces(element: Element, styles: _Styles) -> Iterator[str]:
    """The visible text below an element, in order; line breaks of the file are spaces."""
    yield (element.text or "").replace("\n", " ")
    for child in element:
        name = name_of(child)
        if name == "s":
            count = attribute_of(child, "c")
            yield " " * (min(int(count), _SPACES) if count.isdecimal() else 1)
        elif name in ("tab", "line-break"):
            yield "\t" if name == "tab" else "\n"
        elif name not in _PASSED_OVER and name not in _APART and not styles.leave_out(child):
            yield from _pieces(child, styles)
        yield (child.tail or "").replace("\n", " ")


def _paragraphs(element: Element) -> Iterator[Element]:
    """The paragraphs of a cell or box, those of comments left out."""
    for child in element:
        if name_of(child) in ("p", "h"):
            yield child
        elif name_of(child) not in _PASSED_OVER:
            yield from _paragraphs(child)


def _apart(element: Element) -> Iterator[Element]:
    """The notes and shapes anchored in a paragraph, each once."""
    for child in element:
        if name_of(child) in _APART:
            yield child
        elif name_of(child) not in _PASSED_OVER:
            yield from _apart(child)


# --- sheets -----------------------------------------------------------------------------------------------------------


def _sheets(stream: IO[bytes]) -> Draft:
    """The sheets in order, each row dropped once it is taken."""
    draft = Draft()
    styles = _Styles(draft, tinted=True)
    sheet: _Sheet | None = None
    depth = rows = start = 0
    for event, element in ElementTree.iterparse(stream, ("start", "end")):
        name, starts = name_of(element), event == "start"
        depth += 1 if starts else -1
        rows += (1 if starts else -1) if name == "table-row" else 0
        if name == "table" and starts and depth == _PART_DEPTH:
            draft.start_page()
            sheet, start = _Sheet(draft, element, styles), draft.mark()
        elif name == "table" and sheet and depth == _PART_DEPTH - 1:
            sheet.table.end()
            if sheet.hidden:
                draft.hide("sheet", draft.since(start))
            sheet = None
        elif name == "table-row" and sheet and not rows:
            sheet.take(element)
            element.clear()
        elif name == "style" and not starts and depth == _PART_DEPTH - 2:
            styles.take(element)
    return draft


class _Sheet:
    """One sheet, whose rows name their columns."""

    def __init__(self, draft: Draft, element: Element, styles: _Styles) -> None:
        self.hidden = styles.hides(element) is not None
        self.table = Table(draft, attribute_of(element, "name"))
        self._styles = styles
        self._merged: dict[int, tuple[int, str]] = {}
        """By column: the rows that a merged cell goes on to cover, and what it says."""

    def take(self, element: Element) -> None:
        """Add a row; one that is repeated says nothing new."""
        row: list[str] = []
        for cell in element:
            if name_of(cell) in ("table-cell", "covered-table-cell"):
                self._cell(cell, row)
        while row and not row[-1]:
            row.pop()
        self.table.add(row)

    def _cell(self, cell: Element, row: list[str]) -> None:
        """Put a cell at the end of a row as often as it is repeated."""
        text = " ".join("".join(_pieces(one, self._styles)) for one in _paragraphs(cell))
        start = len(row)
        for column in range(start, min(start + _number(cell, "number-columns-repeated"), _COLUMNS)):
            rows, said = self._merged.pop(column, (0, ""))
            covered = name_of(cell) == "covered-table-cell"
            row.append(Covered(said) if covered and said else text)
            if covered and rows > 1:
                self._merged[column] = (rows - 1, said)
        self._merge(cell, start, text)

    def _merge(self, cell: Element, start: int, text: str) -> None:
        """Remember what a merged cell covers, to its right and below."""
        columns, rows = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
        if text and rows > 1:
            self._merged[start] = (rows - 1, text)
        if text:
            for column in range(start + 1, min(start + columns, _COLUMNS)):
                self._merged[column] = (rows, text)


def _number(element: Element, name: str) -> int:
    """A count among the attributes: 1 where there is none."""
    value = attribute_of(element, name)
    return max(1, int(value)) if value.isdecimal() and len(value) < 10 else 1
