"""ZIP packages of XML parts, as office programs write them: opened under limits, parsed part by part.

Parsed with the standard library: it fetches no external entity and bounds what entities expand to.
"""

from __future__ import annotations

import errno
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument
from lumbre.readers import kinds
from lumbre.readers.base import MEGABYTE, File

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)
"""What the standard library raises on a package that is not whole."""
_PARTS = (".xml", ".rels", ".bin")
XML_LIMIT = 160
"""Megabytes of XML that are unpacked: a zip bomb stops here."""
_USUAL_PARTS = ("word/document.xml", "ppt/presentation.xml", "xl/workbook.xml")
"""Where the document stands in a package that has lost its relations."""
_ENCRYPTED = 1
_PART_LIMIT = 16 * MEGABYTE


class Relation(NamedTuple):
    """How one part names another: the last word of the relation's type, and the part."""

    kind: str
    part: str


@contextmanager
def opened(file: File, limit: int = 0, parts: tuple[str, ...] = _PARTS) -> Iterator[zipfile.ZipFile]:
    """The package, once its `parts` are known to unpack to less than `limit` megabytes, or XML_LIMIT.

    Raises DamagedDocument, also for what breaks while it is open, DocumentTooLarge and EncryptedDocument.
    """
    try:
        with zipfile.ZipFile(file.source) as archive:
            _check(archive, limit or XML_LIMIT, parts)
            yield archive
    except RecursionError as error:
        raise DamagedDocument(reason="nested too deeply") from error
    except BROKEN as error:
        reason = "broken XML" if isinstance(error, ElementTree.ParseError) else "broken ZIP archive"
        raise DamagedDocument(reason=reason) from error
    except (LookupError, ValueError, OSError) as error:
        if not _is_damage(error):
            raise
        raise DamagedDocument(reason="broken ZIP archive") from error


def is_office(file: File, vocabulary: str, folder: str) -> bool:
    """Whether it is an Office Open XML document whose main part speaks `vocabulary` or is in `folder` when torn."""
    if not kinds.is_zip(file.head):
        return False
    try:
        with zipfile.ZipFile(file.source) as archive:
            return bool(main_part(archive, vocabulary))
    except (*BROKEN, LookupError, ValueError, OSError) as error:
        if not isinstance(error, BROKEN) and not _is_damage(error):
            raise
        # A torn archive has lost its directory; its first members still say what it was.
        return folder.encode() in file.head


def media_type(file: File) -> str:
    """The media type that an OpenDocument or EPUB package opens with, whole or torn; empty for anything else."""
    if not kinds.is_zip(file.head):
        return ""
    try:
        with zipfile.ZipFile(file.source) as archive:
            return archive.open("mimetype").read(200).decode("ascii", "replace").strip()
    except (*BROKEN, KeyError):
        head = file.head[30:200].split(b"PK")[0].decode("ascii", "replace")
        return head[head.find("application/") :] if head.startswith("mimetype") else ""


def zip_kind(file: File) -> str:
    """What kind of ZIP archive a file is by its members; empty when it is broken."""
    try:
        with zipfile.ZipFile(file.source) as archive:
            names = archive.namelist()
            mimetype = archive.open("mimetype").read(200) if "mimetype" in names else b""
    except (*BROKEN, ValueError, OSError) as error:
        if isinstance(error, OSError) and not _is_damage(error):
            raise
        return ""
    return kinds.zip_kind(names, mimetype)


def main_part(archive: zipfile.ZipFile, vocabulary: str) -> str:
    """The member that holds the document, by the package's relations; empty when it does not speak `vocabulary`."""
    names = set(archive.namelist())
    related = [relation.part for relation in relations(archive, "").values() if relation.kind == "officeDocument"]
    for part in related or _USUAL_PARTS:
        if part in names and vocabulary.encode() in archive.open(part).read(4096).replace(b"\0", b""):
            return part
    return ""


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, Relation]:
    """What a part names, by identifier; the package itself is the part ""."""
    folder, name = posixpath.split(part)
    found = {}
    for element in parsed(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join(folder, element.get("Target", "")))
            kind = element.get("Type", "").rpartition("/")[2]
            found[element.get("Id", "")] = Relation(kind, target.lstrip("/"))
    return found


def parsed(archive: zipfile.ZipFile, part: str) -> Element:
    """The root of a part; an empty element when there is no such part. Raises DocumentTooLarge."""
    try:
        size = archive.getinfo(part).file_size
    except KeyError:
        return Element("absent")
    if size > _PART_LIMIT:
        raise DocumentTooLarge(size=size // MEGABYTE, limit=_PART_LIMIT // MEGABYTE)
    return ElementTree.fromstring(archive.read(part))


def name_of(element: Element) -> str:
    """The name of an element without its namespace: strict and transitional documents differ only in that."""
    return element.tag.rpartition("}")[2]


def child_of(element: Element | None, *path: str) -> Element | None:
    """The first child of that name, its first child of the next, and so on."""
    for name in path:
        element = None if element is None else next((child for child in element if name_of(child) == name), None)
    return element


def children_of(element: Element | None, *path: str) -> Iterator[Element]:
    """The children of the element that `path` leads to; none when it leads nowhere."""
    found = child_of(element, *path)
    return iter(()) if found is None else iter(found)


def every(element: Element | None, name: str) -> Iterator[Element]:
    """All elements of that name below an element, in order."""
    return (one for one in (() if element is None else element.iter()) if name_of(one) == name)


def attribute_of(element: Element | None, name: str) -> str:
    """An attribute whatever its namespace; empty when there is none."""
    items = () if element is None else element.attrib.items()
    return next((value for key, value in items if key.rpartition("}")[2] == name), "")


def core_title(archive: zipfile.ZipFile) -> str:
    """The title among the properties of an Office Open XML document."""
    root = parsed(archive, "docProps/core.xml")
    return next((element.text or "" for element in root if name_of(element) == "title"), "")


def _is_damage(error: Exception) -> bool:
    """Whether an error is that of an XML encoding that does not exist, or of a place before the start of the file."""
    return "encoding" in str(error) or (isinstance(error, OSError) and error.errno == errno.EINVAL)


def _check(archive: zipfile.ZipFile, limit: int, parts: tuple[str, ...]) -> None:
    """Refuse what would unpack to too much, and what is locked."""
    members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise EncryptedDocument()
    unpacked = sum(member.file_size for member in members if member.filename.lower().endswith(parts))
    if unpacked > limit * MEGABYTE:
        raise DocumentTooLarge(size=unpacked // MEGABYTE, limit=limit)
