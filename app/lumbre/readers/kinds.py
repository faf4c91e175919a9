"""Names for what cannot be read yet, told by content."""

from __future__ import annotations

import re

_STARTS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"BZh", "a BZIP2 archive"),
    (b"\xfd7zXZ", "an XZ archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a ZSTD archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"ID3", "an MP3 recording"),
    (b"fLaC", "a FLAC recording"),
    (b"OggS", "an Ogg recording"),
    (b"GGUF", "a GGUF model"),
    (b"%!PS", "a PostScript document"),
    (b"wOF", "a font"),
    (b"\0\x01\0\0\0", "a font"),
    (b"OTTO", "a font"),
    (b"\x1aE\xdf\xa3", "a Matroska video"),
    (b"BM", "a BMP image"),
)
_RIFF = {b"WEBP": "a WebP image", b"WAVE": "a WAV recording", b"AVI ": "an AVI video"}
_ZIPPED = (
    ("word/document", "a Word document of another kind"),
    ("xl/workbook", "an Excel workbook of another kind"),
    ("ppt/presentation", "a PowerPoint presentation of another kind"),
    ("[Content_Types].xml", "an Office document of another kind"),
    ("META-INF/container.xml", "a book of another kind"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
    ("Index/Document.iwa", "an Apple iWork document"),
)
_ZIPPED_MIME = ((b"opendocument", "an OpenDocument file"), (b"epub", "a book of another kind"))
ARCHIVE = "a ZIP archive"
OLE_WORKBOOK = "an Excel 97–2003 workbook"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LEGACY = ("a Word 97–2003 document", "a PowerPoint 97–2003 presentation")
_OLE_STREAMS = (
    ("WordDocument", LEGACY[0]),
    ("PowerPoint Document", LEGACY[1]),
    ("Workbook", OLE_WORKBOOK),
    ("Book", OLE_WORKBOOK),
)
_MAIL_FIELD = re.compile(
    rb"^(?:From|To|Cc|Subject|Date|Message-ID|Received|Return-Path|MIME-Version|Content-Type|Reply-To|X-[\w-]+):", re.I
)


def is_zip(head: bytes) -> bool:
    """Whether the file is a ZIP archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_ole(head: bytes) -> bool:
    """Whether the file is an OLE container: Office before 2007, or an encrypted later one."""
    return head.startswith(_OLE)


def ole_kind(data: bytes) -> str:
    """The kind of an OLE container by the names of its streams; "encrypted" for a protected Office document."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "encrypted"
    return next((kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in data), "an Office 97–2003 file")


def zip_kind(names: list[str], mimetype: bytes) -> str:
    """The kind of a ZIP archive by its members and the content of its member "mimetype"."""
    for mark, kind in _ZIPPED_MIME:
        if mark in mimetype:
            return kind
    for start, kind in _ZIPPED:
        if any(name.startswith(start) for name in names):
            return kind
    return ARCHIVE


def binary_kind(head: bytes) -> str:
    """The kind of other content by its first bytes; empty when they say nothing."""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "a RIFF file")
    if head[4:8] == b"ftyp":
        return "an MP4 video or HEIC image"
    if head.startswith(b"BM") and b"\0" not in head[:32]:
        return ""
    return next((kind for start, kind in _STARTS if head.startswith(start)), "")


def is_mail(head: bytes) -> bool:
    """Whether it opens with the header of an e-mail that has MIME parts or a route."""
    header = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    fields = [line for line in header.splitlines() if not line.startswith((b" ", b"\t"))]
    if len(fields) < 3 or not all(re.match(rb"[\w-]+:|From ", line) for line in fields):
        return False
    known = sum(bool(_MAIL_FIELD.match(line)) for line in fields)
    return known >= 3 and bool(re.search(rb"(?im)^(?:MIME-Version|Received|Message-ID):", header))
