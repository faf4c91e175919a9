"""XML as readable text: titles as headings, records and table rows as rows, running text as paragraphs.

Entities are never expanded and nothing outside the file is ever fetched: a file that declares entities is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html.entities import name2codepoint
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, UnsafeDocument
from lumbre.readers import html, plain
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.decode import decode

_LIMIT = 16
"""Megabytes; the tree takes some fifteen times as much memory."""
_DEPTH = 200
_RECORD = 600
"""Characters up to which elements without further structure are read as one record."""
_SHORT = 100
_TAIL = 1024
_START = re.compile(
    rb"\s*(?:<\?xml[\s?]|(?:(?><!--.*?-->)\s*|<!DOCTYPE[^>\[]*>\s*)*<(?P<root>[A-Za-z_][\w:.-]*)[\s/>])", re.S
)
_MARKUP = re.compile(r"<(?:p|div|br|a|b|i|em|strong|span|ul|ol|table|img|h[1-6])\b[^>]*>", re.I)

_TITLES = frozenset({"title", "head", "heading", "headline", "subject", "título", "titulo", "encabezado", "asunto"})
_PROSE = frozenset(
    {"p", "para", "simpara", "paragraph", "text", "content", "body", "description", "summary", "abstract", "note"}
    | {"encoded", "párrafo", "parrafo", "texto", "contenido", "descripción", "descripcion", "resumen", "seg", "quote"}
)
_ITEMS = frozenset({"li", "item", "listitem", "elemento"})
_CODE = frozenset({"code", "pre", "programlisting", "screen", "literallayout", "listing", "verbatim"})
_SILENT = frozenset({"id", "class", "style", "lang", "role", "version"})
"""Attributes that say nothing to a reader."""


def recognises(file: File) -> bool:
    """Whether it opens with an XML declaration, or its last tag closes its first."""
    head = file.head
    if b"\0" in head:  # UTF-16 and UTF-32 with ASCII tags
        head = head.replace(b"\0", b"")
    start = _START.match(head.lstrip(b"\xef\xbb\xbf\xff\xfe"))
    if not start or not plain.recognises(file):
        return False
    if start["root"] is None:
        return True
    with file.open() as stream:
        stream.seek(max(0, file.size - _TAIL))
        tail = stream.read().replace(b"\0", b"").rstrip()
    return tail.endswith((b"</" + start["root"] + b">", b"/>"))


def read(file: File) -> Extracted:
    """Read the tree. Raises DamagedDocument, DocumentTooLarge, EmptyDocument, UnsafeDocument and UnsupportedFormat."""
    writer = _Writer()
    writer.take(parse(file.read()), 0)
    return writer.draft.finish(FORMAT.name)


FORMAT = Format("xml", recognises, read, _LIMIT)


def parse(data: bytes) -> Element:
    """The tree of a document in whatever encoding. Raises DamagedDocument, UnsafeDocument and UnsupportedFormat."""
    parser = expat.ParserCreate("utf-8", "}")
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise UnsafeDocument(reason=f"XML nested more than {_DEPTH} levels deep")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    # Names such as &ntilde; are declared outside the file, so the parser passes over them.
    parser.SkippedEntityHandler = lambda name, _: builder.data(chr(name2codepoint.get(name, 0xFFFD)))
    try:
        parser.Parse(decode(data, html.declared_encoding(data)).lstrip().encode(), True)
    except expat.ExpatError as error:
        raise DamagedDocument(reason=f"broken XML at line {error.lineno}") from error
    return builder.close()


def name(element: Element) -> str:
    """The name of an element without its namespace, in lower case."""
    return _bare(element.tag)


@lru_cache(4096)
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def text(element: Element) -> str:
    """All text below an element, with single spaces."""
    whole = "".join(element.itertext()) if len(element) else element.text or ""
    return " ".join(whole.split())


def _refuse(*_: object) -> NoReturn:
    raise UnsafeDocument(reason="XML that declares entities")


class _Writer:
    """Walks the tree and gathers blocks."""

    def __init__(self) -> None:
        self.draft = Draft()

    def take(self, element: Element, level: int) -> None:
        """Add an element under headings of `level`."""
        tag = name(element)
        if tag in _CODE:
            self.draft.add("".join(element.itertext()), "code")
        elif _is_running(element):
            self._running(element, tag, level)
        elif _are_cells(element):
            self.draft.add(" | ".join(text(child) for child in element), "row")
        elif tag in _ITEMS and not any(name(child) in _TITLES for child in element):
            self.draft.add(f"- {text(element)}", "list")
        elif _is_record(element):
            self._record(list(element), _attributes(element))
        else:
            self._section(element, level)

    def _running(self, element: Element, tag: str, level: int) -> None:
        """Add running text, which may be a web page in the clothes of text."""
        running = text(element)
        if _MARKUP.search(running):
            html.append(self.draft, "".join(element.itertext()), level)
        elif not running:
            self._record([], _attributes(element))
        elif tag in _ITEMS:
            self.draft.add(f"- {running}", "list")
        else:
            self.draft.add(running, "caption" if tag == "caption" else "paragraph")

    def _section(self, element: Element, level: int) -> None:
        """Add what holds more: its title as a heading, short values together as one record, the rest one by one."""
        title = next((child for child in element if name(child) in _TITLES and _is_running(child)), None)
        if title is not None and text(title):
            level += 1
            self.draft.add(text(title), "heading", min(6, level))
        tags = Counter(name(child) for child in element)
        pairs = _attributes(element)
        values: list[Element] = []
        for child in element:
            if child is title:
                continue
            if _is_value(child) and tags[name(child)] == 1:
                values.append(child)
                continue
            self._record(values, pairs)
            values, pairs = [], []
            self.take(child, level)
        self._record(values, pairs)

    def _record(self, values: list[Element], pairs: list[str]) -> None:
        """Add short values with their names on one line."""
        self.draft.add(" | ".join([*pairs, *filter(None, map(_pair, values))]), "row")


def _is_running(element: Element) -> bool:
    """Whether an element holds text rather than elements alone; marks within the text do not matter."""
    tails = (child.tail for child in element)
    return len(element) == 0 or any(part and part.strip() for part in (element.text, *tails))


def _are_cells(element: Element) -> bool:
    """Whether the elements within are the cells of a table row: all of one name, in what is called a row."""
    return name(element) in ("row", "tr", "fila") and len({child.tag for child in element}) <= 2


def _is_value(element: Element) -> bool:
    """Whether an element is a short value that needs its name to be understood."""
    return len(element) == 0 and name(element) not in _PROSE | _ITEMS | _CODE and len(text(element)) <= _SHORT


def _is_record(element: Element) -> bool:
    """Whether an element holds nothing but a few short values of different names."""
    values = list(element)
    return (
        len({value.tag for value in values}) > 1
        and all(_is_value(value) for value in values)
        and sum(len(text(value)) for value in values) <= _RECORD
    )


def _pair(element: Element) -> str:
    """The name and value of an element, with what its attributes add; empty when it says nothing."""
    value, more = text(element), ", ".join(_attributes(element))
    if value and more:
        more = f" ({more})"
    return f"{str(element.tag).rpartition('}')[2]}: {value}{more}" if value or more else ""


def _attributes(element: Element) -> list[str]:
    """The attributes that say something, each as name and value."""
    return [
        f"{key}: {' '.join(value.split())}"
        for key, value in element.attrib.items()
        if "}" not in key and key.lower() not in _SILENT and value.strip()
    ]
