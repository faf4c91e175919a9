"""Files made to do harm, through the real reader host: each is refused by name, or read within the limits.

None may end the reader, run out its time or its memory: those would be refusals too, but not by name.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from lumbre.core.documents import Extracted
from lumbre.core.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    LibraryError,
    ReaderCrashed,
    ReaderTimeout,
    UnsafeArchive,
    UnsafeDocument,
    UnsupportedFormat,
)
from lumbre.hosts.reader import ReaderHost

from .conftest import pdf_bytes, write_docx  # noqa: TID252 — the tests are no package that could be named
from .quine import quine  # noqa: TID252

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SECRET = "what no document may fetch"
Make = Callable[[str, bytes | str], Path]


@pytest.fixture
def host() -> Iterator[ReaderHost]:
    made = ReaderHost()
    yield made
    made.close()


def packed(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


def refused(host: ReaderHost, path: Path) -> LibraryError:
    """The error of ours that a file is refused with; afterwards the same reader still reads."""
    with pytest.raises(LibraryError) as caught:
        host.read(path)
    assert not isinstance(caught.value, ReaderCrashed | ReaderTimeout), caught.value
    assert "tiro" in host.read(SAMPLES / "text.txt").text
    return caught.value


# --- archives ---------------------------------------------------------------------------------------------------------


def test_a_flat_bomb(host: ReaderHost, make_file: Make) -> None:
    path = make_file("a.zip", packed({f"{number}.txt": bytes(20_000_000) for number in range(16)}))
    for place in (path, path / "3.txt"):
        assert isinstance(refused(host, place), UnsafeArchive)


def test_a_nested_bomb_ends_where_it_explodes(host: ReaderHost, make_file: Make) -> None:
    data = packed({"0.dll": bytes(100_000_000)})
    for level in range(1, 4):
        data = packed({f"lib {level}.{number}.zip": data for number in range(16)})
    path = make_file("42.zip", data)
    for _ in range(3):
        members = host.read(path).members
        assert len(members) == 16
        path = path / members[-1]
    assert isinstance(refused(host, path), UnsafeArchive)
    assert isinstance(refused(host, path / "0.dll"), UnsafeArchive)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_that_says_it_is_small(host: ReaderHost, make_file: Make, method: int) -> None:
    whole = packed({"a.txt": bytes(100_000_000)}, method)
    lying = whole.replace(struct.pack("<I", 100_000_000), struct.pack("<I", 5000))
    assert isinstance(refused(host, make_file("a.zip", lying) / "a.txt"), DamagedDocument)


def test_one_content_under_a_thousand_names(host: ReaderHost, make_file: Make) -> None:
    whole = packed({"a.txt": bytes(10_000_000)})
    at, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    listed = b"".join(whole[at:end].replace(b"a.txt", b"%05d" % number) for number in range(1000))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1000, 1000, len(listed), at, 0)
    assert isinstance(refused(host, make_file("a.zip", whole[:at] + listed + tail)), UnsafeArchive)


def test_an_archive_in_itself(host: ReaderHost, make_file: Make) -> None:
    path = make_file("a.zip", quine())
    assert host.read(path).members == ["r.zip"]
    assert isinstance(refused(host, path / "r.zip"), UnsafeArchive)
    assert isinstance(refused(host, path / "r.zip" / "r.zip" / "r.zip"), UnsafeArchive)


def test_a_list_of_a_million_members(host: ReaderHost, make_file: Make) -> None:
    whole = packed({"a.txt": b"x"})
    at, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    listed = whole[at:end] * 1_000_000
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), at, 0)
    for name in ("a.zip", "a.docx", "a.epub"):
        assert isinstance(refused(host, make_file(name, whole[:at] + listed + tail)), UnsafeArchive)


@pytest.mark.parametrize("name", ["../../secreto.txt", "/secreto.txt", "..\\..\\secreto.txt", "C:/secreto.txt"])
def test_paths_that_lead_out(host: ReaderHost, make_file: Make, tmp_path: Path, name: str) -> None:
    make_file("secreto.txt", SECRET)
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    path = folder / "a.zip"
    path.write_bytes(packed({"bien.txt": "El tiro.", name: "mal"}))
    document = host.read(path)
    assert (document.members, len(document.warnings)) == (["bien.txt"], 1)
    assert not list(tmp_path.rglob("mal*"))
    with pytest.raises(LibraryError):
        host.read(path / name.lstrip("/"))


@pytest.mark.parametrize("part", ["word/document.xml", "xl/workbook.xml", "content.xml"])
def test_a_bomb_in_the_clothes_of_a_document(host: ReaderHost, make_file: Make, part: str) -> None:
    kind = {"word": "docx", "xl/w": "xlsx", "cont": "odt"}[part[:4]]
    with zipfile.ZipFile(SAMPLES / f"{kind}.{kind}") as old:
        members = {name: old.read(name) for name in old.namelist()}
    members[part] = members[part] + b" " * 300_000_000
    error = refused(host, make_file(f"a.{kind}", packed(members)))
    assert isinstance(error, DocumentTooLarge | DamagedDocument)


# --- entities ---------------------------------------------------------------------------------------------------------

BOMB = '<!DOCTYPE r [<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12)
)


def declared(place: str, entity: str) -> dict[str, str]:
    """The same document type before the roots of several formats."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return {
        "a.xml": f'<?xml version="1.0"?>{place}]><r><p>El tiro &{entity};</p></r>',
        "document": f'{place}]><w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>El tiro &{entity};</w:t></w:r></w:p>'
        "</w:body></w:document>",
    }


@pytest.mark.parametrize("kind", ["xml", "docx", "odt", "epub"])
def test_entities_that_multiply(host: ReaderHost, tmp_path: Path, kind: str) -> None:
    path = hostile(tmp_path, kind, BOMB, "a11")
    assert isinstance(refused(host, path), UnsafeDocument | DamagedDocument)


@pytest.mark.parametrize("kind", ["xml", "docx", "odt", "epub"])
def test_entities_that_fetch(host: ReaderHost, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_text(SECRET)
    for place in (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "http://192.0.2.1/x">',
    ):
        path = hostile(tmp_path, kind, place, "x")
        assert SECRET not in str(outcome(host, path))


def hostile(folder: Path, kind: str, place: str, entity: str) -> Path:
    """A file of some format with a document type and a use of an entity."""
    texts = declared(place, entity)
    path = folder / f"a.{kind}"
    if kind == "xml":
        path.write_text(texts["a.xml"])
    elif kind == "docx":
        write_docx(path, "")
        with zipfile.ZipFile(path) as old:
            members = {name: old.read(name) for name in old.namelist()}
        path.write_bytes(packed({**members, "word/document.xml": texts["document"]}))
    else:
        part = {"odt": "content.xml", "epub": "META-INF/container.xml"}[kind]
        with zipfile.ZipFile(SAMPLES / f"{kind}.{kind}") as old:
            members = {name: old.read(name) for name in old.namelist()}
        start, root = members[part].decode().split("?>", 1)
        at = root.rindex("</")
        root = f"{root[:at]}&{entity};{root[at:]}"
        path.write_bytes(packed({**members, part: f"{start}?>{place}]>{root}"}))
    return path


# --- size and depth ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ceros.txt", "ceros.pdf", "ceros.zip", "ceros"])
def test_a_gigabyte_of_zeros(host: ReaderHost, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.truncate(1_000_000_000)  # sparse: it takes no room
    assert isinstance(refused(host, path), UnsupportedFormat | DocumentTooLarge | EmptyDocument)


def test_a_gigabyte_behind_the_head_of_a_document(host: ReaderHost, tmp_path: Path) -> None:
    heads = {
        "pdf": b"%PDF-1.4\n",
        "zip": b"PK\x03\x04",
        "eml": (SAMPLES / "mail.eml").read_bytes(),
        "mbox": (SAMPLES / "mbox.mbox").read_bytes(),
        "html": b"<!doctype html><html>",
        "msg": (SAMPLES / "msg.msg").read_bytes(),
    }
    for kind, head in heads.items():
        path = tmp_path / f"a.{kind}"
        with path.open("wb") as stream:
            stream.write(head)
            stream.truncate(3_000_000_000)
        refused(host, path)
        path.unlink()


def test_ten_thousand_pages(host: ReaderHost, make_file: Make) -> None:
    pages = [[(72.0, 700.0, 12.0, f"Page {number} tells of the flue number {number}.")] for number in range(10_000)]
    document = host.read(make_file("a.pdf", pdf_bytes(pages)))
    assert len(document.pages) == 10_000
    assert "flue number 9999." in document.text


def test_letters_in_letters(host: ReaderHost, make_file: Make) -> None:
    head = b"From: a@b.es\nTo: c@d.es\nSubject: Hola\nMIME-Version: 1.0\n"
    for kind in (b"multipart/mixed; boundary=b%d\n\n--b%d\n", b"message/rfc822\n\nSubject: %d%d\n"):
        nest = b"".join(b"Content-Type: " + kind % (level, level) for level in range(20_000))
        assert isinstance(refused(host, make_file("a.eml", head + nest)), UnsafeDocument)


def test_values_in_values(host: ReaderHost, make_file: Make) -> None:
    depth = 1_000_000
    assert isinstance(refused(host, make_file("a.json", "[" * depth + "1" + "]" * depth)), UnsafeDocument)
    assert isinstance(refused(host, make_file("b.json", '{"a":' * depth + "1" + "}" * depth)), UnsafeDocument)
    cell = {"cell_type": "markdown", "source": ["> " * 100_000 + "x"], "metadata": {}}
    book = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    outcome(host, make_file("a.ipynb", book))


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "p style='color:#fff'"])
def test_elements_in_elements_of_a_page(host: ReaderHost, make_file: Make, tag: str) -> None:
    outcome(host, make_file("a.html", "<html><body>" + f"<{tag}>" * 100_000 + "El tiro."))


def test_elements_in_elements(host: ReaderHost, make_file: Make) -> None:
    outcome(host, make_file("a.xml", '<?xml version="1.0"?>' + "<a>" * 200_000 + "x" + "</a>" * 200_000))
    outcome(host, make_file("a.md", "> " * 20_000 + "El tiro." + "\n" + "- " * 20_000))
    outcome(host, make_file("a.rtf", "{\\rtf1 " + "{" * 200_000 + "x" + "}" * 200_000 + "}"))
    outcome(host, make_file("b.rtf", "{\\rtf1 \\v " + "\\v x{" * 50_000))
    outcome(
        host,
        make_file("c.html", "<html><style>" + "@media {" * 100_000 + ".a{" * 100_000 + "</style><p class=a>El tiro."),
    )
    outcome(host, make_file("d.html", "<html><p>El tiro." + "<!--" * 200_000))
    nested = "<w:p><w:r>" * 20_000
    outcome(host, write_docx(make_file("a.docx", ""), nested + "</w:r></w:p>" * 20_000))


def outcome(host: ReaderHost, path: Path) -> Extracted | LibraryError:
    """What is read of a file, or the error of ours that it is refused with."""
    try:
        return host.read(path)
    except (ReaderCrashed, ReaderTimeout):
        raise
    except LibraryError as error:
        return error


def test_a_program_that_is_called_a_document(host: ReaderHost, make_file: Make) -> None:
    error = refused(host, make_file("factura.pdf", b"\x7fELF\x02\x01\x01" + bytes(5000)))
    assert isinstance(error, UnsupportedFormat)
    assert error.details["kind"] == "a program"
