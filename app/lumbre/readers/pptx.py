"""PowerPoint presentations (PPTX): each slide a page, its title a heading, then its text, tables, charts and notes.

Footers, dates and slide numbers are passed over. What an audience would not see, hidden slides and speaker notes, is
read too, and told; shapes beside the slide, and text without size or of the colour of its shape, are left out and told.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lumbre.core.documents import Extracted, HiddenKind
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.package import (
    Relation,
    attribute_of,
    child_of,
    children_of,
    core_title,
    every,
    is_office,
    main_part,
    name_of,
    opened,
    parsed,
    relations,
)

_LIMIT = 256
_TITLES = {"ctrTitle": 1, "title": 2}
"""Heading levels: the title of a cover or section stands above those of the slides that follow."""
_BODIES = frozenset({"", "obj", "body"})
_PASSED_OVER = frozenset({"ftr", "dt", "sldNum", "hdr", "sldImg"})
_TINY = 100
"""Hundredths of a point."""
_DEPTH = 30
"""Groups within groups that are followed."""


def recognises(file: File) -> bool:
    """Whether it is a ZIP archive with a presentation inside."""
    return is_office(file, "presentationml", "ppt/")


def read(file: File) -> Extracted:
    """Read all slides. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and EncryptedDocument."""
    with opened(file) as archive:
        draft = Draft()
        size = _size(archive)
        for part in _slides(archive):
            draft.start_page()
            _Slide(archive, part, draft, size).read()
        title = core_title(archive)
        titled = any(block.kind == "heading" for block in draft.blocks) or "PowerPoint" in title
        return draft.finish(FORMAT.name, "" if titled else title)


FORMAT = Format("pptx", recognises, read, _LIMIT)


def _slides(archive: zipfile.ZipFile) -> Iterator[str]:
    """The slides' parts in the order in which they are shown."""
    main = main_part(archive, "presentationml")
    related = relations(archive, main)
    for element in children_of(parsed(archive, main), "sldIdLst"):
        # A slide has an identifier of its own beside that of the relation, which alone has a namespace.
        named = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        if named in related:
            yield related[named].part


def _size(archive: zipfile.ZipFile) -> tuple[int, int]:
    """Width and height of the slides; zeros when they are not said."""
    size = child_of(parsed(archive, main_part(archive, "presentationml")), "sldSz")
    return (_whole(size, "cx"), _whole(size, "cy")) if size is not None else (0, 0)


class _Slide:
    """Reads one slide into the draft."""

    def __init__(self, archive: zipfile.ZipFile, part: str, draft: Draft, size: tuple[int, int]) -> None:
        self._size = size
        self._archive = archive
        self._root = parsed(archive, part)
        self._related = relations(archive, part)
        self._draft = draft

    def read(self) -> None:
        """Take the title, the other shapes in their order, and the notes."""
        start = self._draft.mark()
        tree = child_of(self._root, "cSld", "spTree")
        beside = [shape for shape in tree if _is_beside(shape, self._size)] if tree is not None else []
        unseen = {id(one) for shape in beside for one in shape.iter()}
        for shape in beside:
            self._draft.hide("off-page", " ".join(_joined(one) for one in every(shape, "p")))
        shapes = [shape for shape in _shapes(tree, _DEPTH) if id(shape) not in unseen]
        # The title heads the slide wherever it was drawn.
        for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in _TITLES):
            if name_of(shape) == "graphicFrame":
                self._graphic(shape)
            else:
                self._text(shape)
        if self._root.get("show") in ("0", "false"):
            self._draft.hide("slide", self._draft.since(start))
        notes = self._draft.mark()
        for relation in self._related.values():
            if relation.kind == "notesSlide":
                self._notes(relation.part)
        self._draft.hide("notes", self._draft.since(notes))

    def _text(self, shape: Element) -> None:
        """Add a shape's text as a heading, list or paragraphs."""
        for kind, text in _taken_out(shape):
            self._draft.hide(kind, text)
        placeholder = _placeholder(shape)
        paragraphs = [one for one in children_of(shape, "txBody") if name_of(one) == "p" and _joined(one)]
        if placeholder in _TITLES:
            title = " ".join(" ".join(map(_joined, paragraphs)).split())
            self._draft.add(title, "heading", _TITLES[placeholder])
        elif placeholder not in _PASSED_OVER:
            usual = placeholder in _BODIES and len(paragraphs) > 1
            for paragraph in paragraphs:
                if _is_listed(paragraph, usual):
                    self._draft.add(f"- {_joined(paragraph)}", "list")
                else:
                    self._draft.add(_joined(paragraph))

    def _graphic(self, frame: Element) -> None:
        """Add a table, or what a chart or diagram kept in parts of its own says."""
        for row in every(frame, "tr"):
            cells = [cell for cell in row if name_of(cell) == "tc" and cell.get("hMerge") not in ("1", "true")]
            texts = [" ".join(" ".join(map(_joined, every(cell, "p"))).split()) for cell in cells]
            self._draft.add(" | ".join(texts) if any(texts) else "", "row")
        for element in every(frame, "chart"):
            self._chart(parsed(self._archive, self._part(attribute_of(element, "id"))))
        for element in every(frame, "relIds"):
            for point in every(parsed(self._archive, self._part(attribute_of(element, "dm"))), "t"):
                for paragraph in every(point, "p"):
                    self._draft.add(f"- {_joined(paragraph)}" if _joined(paragraph) else "", "list")

    def _chart(self, root: Element) -> None:
        """Add a chart's title, and a row for each series: its values with their categories."""
        title = child_of(root, "chart", "title", "tx")
        self._draft.add(" ".join(map(_joined, every(title, "p"))), "caption")
        for series in every(root, "ser"):
            names = dict(_points(child_of(series, "cat")))
            values = [f"{names.get(index, index)}: {value}" for index, value in _points(child_of(series, "val"))]
            called = [name for _, name in _points(child_of(series, "tx"))]
            self._draft.add(" | ".join([*called, *values]), "row")

    def _notes(self, part: str) -> None:
        """Add the speaker's notes."""
        for shape in _shapes(child_of(parsed(self._archive, part), "cSld", "spTree"), _DEPTH):
            if _placeholder(shape) == "body":
                for paragraph in every(shape, "p"):
                    self._draft.add(_joined(paragraph))

    def _part(self, identifier: str) -> str:
        """The part that the slide names so."""
        return self._related.get(identifier, Relation("", "")).part


def _shapes(tree: Element | None, depth: int) -> Iterator[Element]:
    """Shapes and graphics in order, looking into groups and at the first of alternatives."""
    for element in tree if tree is not None else ():
        name = name_of(element)
        if name in ("sp", "graphicFrame"):
            yield element
        elif name in ("grpSp", "AlternateContent", "Choice") and depth:
            yield from _shapes(element, depth - 1)


def _is_beside(shape: Element, size: tuple[int, int]) -> bool:
    """Whether a shape or group lies wholly outside the slide."""
    place = next((found for name in ("spPr", "grpSpPr") if (found := child_of(shape, name, "xfrm")) is not None), None)
    offset, extent = child_of(place, "off"), child_of(place, "ext")
    if offset is None or extent is None or not all(size):
        return False
    left, top = _whole(offset, "x"), _whole(offset, "y")
    return left >= size[0] or top >= size[1] or left + _whole(extent, "cx") <= 0 or top + _whole(extent, "cy") <= 0


def _taken_out(shape: Element) -> Iterator[tuple[HiddenKind, str]]:
    """Take runs that nobody could read out of a shape, and tell what they say."""
    paper = _fill(child_of(shape, "spPr"))
    for paragraph in every(shape, "p"):
        for run in [one for one in paragraph if name_of(one) == "r"]:
            properties = child_of(run, "rPr")
            tiny = properties is not None and 0 < _whole(properties, "sz") <= _TINY
            if tiny or (paper and _fill(properties) == paper):
                yield "tiny" if tiny else "invisible", _joined(run)
                paragraph.remove(run)


def _fill(properties: Element | None) -> str:
    """The one colour that fills a shape or its text, by number or by name in the theme; empty when it is not said."""
    colour = next(children_of(properties, "solidFill"), None)
    return "" if colour is None or len(colour) else colour.get("val", "").lower()


def _whole(element: Element, name: str) -> int:
    """An attribute as a whole number; 0 where it is none."""
    value = element.get(name, "")
    return int(value) if value.removeprefix("-").isdecimal() and len(value) < 20 else 0


def _placeholder(shape: Element) -> str | None:
    """The type of a placeholder, "" for one of any content; None for a shape that is none."""
    for properties in ("nvSpPr", "nvGraphicFramePr"):
        place = child_of(shape, properties, "nvPr", "ph")
        if place is not None:
            return place.get("type", "")
    return None


def _joined(paragraph: Element) -> str:
    """The text of a paragraph."""
    parts = []
    for element in paragraph.iter():
        name = name_of(element)
        if name == "t":
            parts.append(element.text or "")
        elif name in ("br", "tab"):
            parts.append("\n" if name == "br" else "\t")
    return "".join(parts).replace("\v", "\n").strip()


def _is_listed(paragraph: Element, usual: bool) -> bool:
    """Whether a paragraph has a bullet or number; where it says nothing, `usual` does."""
    marks = {name_of(element) for element in children_of(paragraph, "pPr")}
    return bool(marks & {"buChar", "buAutoNum", "buBlip"}) or (usual and "buNone" not in marks)


def _points(data: Element | None) -> Iterator[tuple[str, str]]:
    """The cached values of a chart's reference: their indexes and what they say."""
    for point in every(data, "pt"):
        value = child_of(point, "v")
        yield point.get("idx", ""), (value.text or "").strip() if value is not None else ""
