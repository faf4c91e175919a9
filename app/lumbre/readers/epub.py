"""EPUB books: the chapters in reading order, read as the web pages they are.

Nothing is unpacked to disk, and a path that leads out of the archive leads nowhere.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, EncryptedDocument
from lumbre.readers import data_xml, html, kinds
from lumbre.readers.base import MEGABYTE, Draft, File, Format
from lumbre.readers.decode import decode
from lumbre.readers.package import BROKEN, media_type, opened

_LIMIT = 256
_TEXT_LIMIT = 80
"""Megabytes of text that are unpacked: a zip bomb stops here."""
_TEXTS = (".xhtml", ".html", ".htm", ".xml", ".opf", ".ncx")
_CONTAINER = "META-INF/container.xml"
_LOCKS = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_EMPTY_TAG = re.compile(r"<((?:title|script|style|textarea|iframe|noscript|a|p|div|span)\b[^<>]*?)\s*/>", re.I)
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class _Book(NamedTuple):
    """What the package document says: title, chapters in reading order, and what the contents call them."""

    title: str
    chapters: list[str]
    labels: dict[str, str]


def recognises(file: File) -> bool:
    """Whether it is a ZIP archive that says it is a book."""
    if not kinds.is_zip(file.head):
        return False
    if media_type(file).startswith("application/epub+zip"):
        return True
    try:
        with zipfile.ZipFile(file.source) as archive:
            return _CONTAINER in archive.namelist() and _is_book(_package(archive))
    except (*BROKEN, DamagedDocument):
        return False


def read(file: File) -> Extracted:
    """Read the chapters. Raises DamagedDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument, UnsafeDocument."""
    with opened(file, _TEXT_LIMIT, _TEXTS) as archive:
        book = _book(archive)
        names = set(archive.namelist())
        missing = [chapter for chapter in book.chapters if chapter not in names]
        if len(missing) == len(book.chapters):
            raise DamagedDocument(reason="a book without chapters")
        draft = Draft()
        for chapter in book.chapters:
            if chapter in names:
                _chapter(draft, decode(archive.read(chapter)), book.labels.get(chapter, ""))
    found = draft.finish(FORMAT.name, book.title)
    return msgspec.structs.replace(found, warnings=[f"missing chapter: {name}" for name in missing])


FORMAT = Format("epub", recognises, read, _LIMIT)


def _package(archive: zipfile.ZipFile) -> str:
    """The member that describes the book. Raises DamagedDocument."""
    for element in _tree(archive, _CONTAINER).iter():
        if data_xml.name(element) == "rootfile" and element.get("full-path"):
            return _path("", element.get("full-path", ""))
    raise DamagedDocument(reason="a book without contents")


def _is_book(package: str) -> bool:
    return package.lower().endswith(".opf")


def _book(archive: zipfile.ZipFile) -> _Book:
    """Read the package document. Raises DamagedDocument and EncryptedDocument."""
    package = _package(archive)
    folder = posixpath.dirname(package)
    root = _tree(archive, package)
    items = {element.get("id", ""): element for element in _named(root, "item")}
    chapters = []
    for reference in _named(root, "itemref"):
        item = items.get(reference.get("idref", ""))
        if item is not None and item.get("media-type", "") in _PAGES:
            chapters.append(_path(folder, item.get("href", "")))
    locked = _locked(archive)
    if any(chapter in locked for chapter in chapters):
        raise EncryptedDocument()
    title = next((data_xml.text(element) for element in _named(root, "title")), "")
    return _Book(title, list(dict.fromkeys(chapters)), _labels(archive, folder, list(items.values())))


def _locked(archive: zipfile.ZipFile) -> set[str]:
    """The members that a seller's protection has encrypted; often only fonts are."""
    if _LOCKS not in archive.namelist():
        return set()
    references = _named(_tree(archive, _LOCKS), "cipherreference")
    return {_path("", reference.get("URI", "")) for reference in references}


def _labels(archive: zipfile.ZipFile, folder: str, items: list[Element]) -> dict[str, str]:
    """What the table of contents calls each chapter; a book may have one of the new kind, of the old, or both."""
    labels: dict[str, str] = {}
    for item in items:
        new = "nav" in item.get("properties", "").split()
        path = _path(folder, item.get("href", ""))
        if not (new or item.get("media-type") == "application/x-dtbncx+xml") or path not in archive.namelist():
            continue
        try:
            tree = _tree(archive, path)
        except DamagedDocument:  # a book reads without its table of contents
            continue
        for target, label in _links(tree) if new else _points(tree):
            labels.setdefault(_path(posixpath.dirname(path), target.partition("#")[0]), label)
    return labels


def _links(tree: Element) -> Iterator[tuple[str, str]]:
    """Targets and labels of a navigation page."""
    for link in _named(tree, "a"):
        yield link.get("href", ""), data_xml.text(link)


def _points(tree: Element) -> Iterator[tuple[str, str]]:
    """Targets and labels of a navigation control file."""
    for point in _named(tree, "navpoint"):
        label = next((data_xml.text(child) for child in point if data_xml.name(child) == "navlabel"), "")
        target = next((child.get("src", "") for child in point if data_xml.name(child) == "content"), "")
        yield target, label


def _chapter(draft: Draft, markup: str, label: str) -> None:
    """Append a chapter; one without a heading of its own takes its name from the table of contents."""
    # What XML closes in one tag, such as <title/>, a web page leaves open, and all that follows would be lost in it.
    markup = _EMPTY_TAG.sub(lambda tag: f"<{tag[1]}></{tag[1].split()[0]}>", markup)
    chapter = Draft()
    html.append(chapter, markup)
    if not chapter.blocks and not chapter.hidden:
        return
    if label and not any(block.kind == "heading" for block in chapter.blocks):
        draft.add(" ".join(label.split()), "heading", 1)
    draft.include(Extracted(chapter.text(), chapter.blocks, FORMAT.name, hidden=chapter.hidden))


def _tree(archive: zipfile.ZipFile, member: str) -> Element:
    """A member as a tree. Raises DamagedDocument and UnsafeDocument."""
    if member not in archive.namelist():
        raise DamagedDocument(reason="a book without contents")
    with archive.open(member) as stream:
        return data_xml.parse(stream.read(16 * MEGABYTE))


def _named(tree: Element, tag: str) -> Iterator[Element]:
    """All elements of a name, whatever their namespace."""
    return (element for element in tree.iter() if data_xml.name(element) == tag)


def _path(folder: str, target: str) -> str:
    """The member that a relative address means."""
    decoded = _ESCAPED.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), target)
    return posixpath.normpath(posixpath.join(folder, decoded)).lstrip("/")
