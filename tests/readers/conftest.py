"""Small files made on the spot: a PDF writer and a DOCX writer, just enough to say what is on a page."""

from __future__ import annotations

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
