"""Small files made on the spot: a PDF writer and a DOCX writer, just enough to say what is on a page."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PASSWORD = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (%s) /U (%s) >> /ID [(0123456789abcdef) (0123456789abcdef)]"
)

Piece = tuple[float, float, float, str]
"""Left and bottom in points, font size, text."""


def drawn_pdf(content: str, page: str = "", extra: list[str] | None = None, catalog: str = "") -> bytes:
    """A PDF whose one page runs `content`; a font F, a transparent state G, a picture I.

    `page` and `catalog` are entries of theirs; `extra` are more objects, the first of them number 7.
    """
    body = content.encode("cp1252")
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >>"
        b" /ExtGState << /G << /ca 0 >> >> /XObject << /I 6 0 R >> >> " + page.encode() + b" >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /XObject /Subtype /Image /Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 2 >>"
        b"\nstream\n\xc0\xd0\nendstream",
        *(one.encode("cp1252") for one in extra or ()),
    ]
    return _assemble(objects, "")


@pytest.fixture
def draw_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Writes a PDF and gives its path; see `drawn_pdf`."""

    def draw(content: str, page: str = "", extra: list[str] | None = None, catalog: str = "") -> Path:
        path = tmp_path / "dibujado.pdf"
        path.write_bytes(drawn_pdf(content, page, extra, catalog))
        return path

    return draw


def pdf_bytes(pages: list[list[Piece]], outline: list[tuple[int, str]] | None = None, locked: bool = False) -> bytes:
    """A PDF of US Letter pages in Helvetica; `outline` holds (page from 0, title)."""
    outline = outline or []
    first_page, first_mark = 4, 4 + 2 * len(pages)
    kids = " ".join(f"{first_page + 2 * n} 0 R" for n in range(len(pages)))
    marks = f" /Outlines {first_mark} 0 R" if outline else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{marks} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, pieces in enumerate(pages):
        content = b"\n".join(_show(piece) for piece in pieces)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F 3 0 R >> >> "
            + f"/Contents {first_page + 2 * number + 1} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    if outline:
        last = first_mark + len(outline)
        objects.append(f"<< /First {first_mark + 1} 0 R /Last {last} 0 R /Count {len(outline)} >>".encode())
        for number, (page, title) in enumerate(outline, first_mark + 1):
            near = (f" /Prev {number - 1} 0 R" if number > first_mark + 1 else "") + (
                f" /Next {number + 1} 0 R" if number < last else ""
            )
            name = (b"\xfe\xff" + title.encode("utf-16-be")).hex()
            target = f"[{first_page + 2 * page} 0 R /Fit]"
            objects.append(f"<< /Title <{name}> /Parent {first_mark} 0 R /Dest {target}{near} >>".encode())
    return _assemble(objects, PASSWORD % ("o" * 32, "u" * 32) if locked else "")


def _show(piece: Piece) -> bytes:
    left, bottom, size, text = piece
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")
    return b"BT /F %g Tf %g %g Td (%s) Tj ET" % (size, left, bottom, escaped)


def _assemble(objects: list[bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer.encode())
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, data: bytes) -> bytes:
    state, at = list(range(256)), 0
    for index in range(256):
        at = (at + state[index] + key[index % len(key)]) % 256
        state[index], state[at] = state[at], state[index]
    out, first, second = bytearray(), 0, 0
    for byte in data:
        first = (first + 1) % 256
        second = (second + state[first]) % 256
        state[first], state[second] = state[second], state[first]
        out.append(byte ^ state[(state[first] + state[second]) % 256])
    return bytes(out)


def encrypted_pdf(text: str, user: str, owner: str) -> bytes:
    """A page of text under the oldest encryption of PDF (40-bit RC4); without a user's password it opens for anyone."""

    def padded(password: str) -> bytes:
        return (password.encode("latin-1") + _PAD)[:32]

    def digest(data: bytes) -> bytes:
        return hashlib.md5(data, usedforsecurity=False).digest()

    owned = _rc4(digest(padded(owner or user))[:5], padded(user))
    key = digest(padded(user) + owned + struct.pack("<i", -4) + b"0123456789abcdef")[:5]
    content = _rc4(digest(key + (4).to_bytes(3, "little") + bytes(2))[:10], _show((72, 700, 12, text)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F << /Type /Font"
        b" /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    secrets = f"/O <{owned.hex()}> /U <{_rc4(key, _PAD).hex()}>"
    return _assemble(
        objects,
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 {secrets} >> /ID [(0123456789abcdef) (0123456789abcdef)]",
    )


@pytest.fixture
def make_encrypted_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Writes an encrypted PDF and gives its path; see `encrypted_pdf`."""

    def make(text: str, user: str = "", owner: str = "") -> Path:
        path = tmp_path / "cerrado.pdf"
        path.write_bytes(encrypted_pdf(text, user, owner))
        return path

    return make


def write_docx(path: Path, body: str, styles: str = "", extra: dict[str, str] | None = None) -> Path:
    """A DOCX with this XML inside w:body, and these w:style elements."""
    main = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    relations = (
        f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations)
        archive.writestr("word/document.xml", main)
        archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>')
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Writes a PDF and gives its path; see `pdf_bytes`."""

    def make(
        pages: list[list[Piece]],
        outline: list[tuple[int, str]] | None = None,
        locked: bool = False,
        name: str = "a.pdf",
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(pdf_bytes(pages, outline, locked))
        return path

    return make


@pytest.fixture
def make_docx(tmp_path: Path) -> Callable[..., Path]:
    """Writes a DOCX and gives its path; see `write_docx`."""

    def make(body: str, styles: str = "", extra: dict[str, str] | None = None) -> Path:
        return write_docx(tmp_path / "a.docx", body, styles, extra)

    return make


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Writes bytes, or text as UTF-8, under a name."""

    def make(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make
