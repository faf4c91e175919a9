"""Every file ends as text or as an error that says why, whatever its name claims."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    FileVanished,
    LegacyDocument,
    UnreadableFile,
    UnsupportedFormat,
)
from lumbre.readers import base
from lumbre.readers.base import MEGABYTE

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
Make = Callable[[str, bytes | str], Path]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    "content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe \0\n\0", b"\0\0\0\0", b" " * 300_000]
)
def test_a_file_without_text_is_empty(make_file: Make, content: bytes) -> None:
    with pytest.raises(EmptyDocument):
        readers.read(make_file("vacío.txt", content))


@pytest.mark.parametrize("markup", ["<html><body></body></html>", "<!doctype html><script>let a = 1</script>"])
def test_a_page_without_text_is_empty(make_file: Make, markup: str) -> None:
    with pytest.raises(EmptyDocument):
        readers.read(make_file("a.html", markup))


def test_a_pdf_without_text_is_empty(make_pdf: Callable[..., Path]) -> None:
    with pytest.raises(EmptyDocument):
        readers.read(make_pdf([[]]))


def test_a_pdf_with_a_password_is_encrypted(make_pdf: Callable[..., Path]) -> None:
    with pytest.raises(EncryptedDocument):
        readers.read(make_pdf([[(72, 700, 12, "secreto")]], locked=True))


def test_an_office_file_with_a_password_is_encrypted(make_file: Make) -> None:
    with pytest.raises(EncryptedDocument):
        readers.read(make_file("a.docx", OLE + "EncryptedPackage".encode("utf-16-le")))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["docx.docx", "pptx.pptx", "xlsx.xlsx", "odt.odt", "ods.ods", "odp.odp"])
def test_a_truncated_office_file_is_damaged(make_file: Make, name: str, share: float) -> None:
    whole = (SAMPLES / name).read_bytes()
    with pytest.raises(DamagedDocument) as caught:
        readers.read(make_file(name, whole[: int(len(whole) * share)]))
    assert caught.value.details["reason"] == "broken ZIP archive"


def test_a_pdf_cut_off_at_the_start_is_damaged(make_file: Make) -> None:
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.pdf", (SAMPLES / "pdf.pdf").read_bytes()[:100]))


def test_what_is_whole_of_a_truncated_pdf_is_read(make_file: Make) -> None:
    whole = (SAMPLES / "pdf.pdf").read_bytes()
    assert "La lumbre del hogar" in readers.read(make_file("a.pdf", whole[: whole.index(b"startxref")])).text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"RIFF\x10\0\0\0WAVEfmt ", "a WAV recording"),
        (b"fLaC" + bytes(100), "a FLAC recording"),
        (b"\x7fELF" + bytes(100), "a program"),
        (bytes(range(256)) * 20, "binary data"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_content(make_file: Make, content: bytes, kind: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        readers.read(make_file("carta.txt", content))
    assert caught.value.details["kind"] == kind


@pytest.mark.parametrize(
    ("stream", "kind"),
    [("WordDocument", "a Word 97–2003 document"), ("PowerPoint Document", "a PowerPoint 97–2003 presentation")],
)
def test_documents_of_before_2007_say_what_to_do(make_file: Make, stream: str, kind: str) -> None:
    with pytest.raises(LegacyDocument) as caught:
        readers.read(make_file("carta.doc", OLE + stream.encode("utf-16-le")))
    assert kind in caught.value.text("en")
    assert "DOCX, PPTX or PDF" in caught.value.advice("en")
    assert "LibreOffice, guárdalo como DOCX, PPTX o PDF" in caught.value.advice("es")
    assert isinstance(caught.value, UnsupportedFormat)


@pytest.mark.parametrize(
    ("member", "content", "kind"),
    [
        ("Index/Document.iwa", "", "an Apple iWork document"),
        ("xl/workbook.xml", "", "an Excel workbook of another kind"),
        ("ppt/presentation.xml", "", "a PowerPoint presentation of another kind"),
        ("mimetype", "application/vnd.oasis.opendocument.graphics", "an OpenDocument file"),
    ],
)
def test_archives_are_named_by_what_is_inside(tmp_path: Path, member: str, content: str, kind: str) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    with pytest.raises(UnsupportedFormat) as caught:
        readers.read(path)
    assert caught.value.details["kind"] == kind


def test_the_name_does_not_decide(make_file: Make) -> None:
    assert readers.read(make_file("a.txt", (SAMPLES / "pdf.pdf").read_bytes())).format == "pdf"
    assert readers.read(make_file("a.pdf", (SAMPLES / "docx.docx").read_bytes())).format == "docx"
    assert readers.read(make_file("a.docx", (SAMPLES / "html.html").read_bytes())).format == "html"
    assert readers.read(make_file("a.bin", "hola, mundo")).format == "text"


def test_a_file_larger_than_its_format_allows_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "grande.txt"
    with path.open("wb") as stream:
        stream.write(b"palabra " * 10_000)
        stream.truncate(200 * MEGABYTE)
    with pytest.raises(DocumentTooLarge) as caught:
        readers.read(path)
    assert caught.value.details == {"size": 200, "limit": 40}


def test_more_text_than_a_document_may_hold_is_refused(make_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_CHARACTERS", 1000)
    for name, content in (
        ("a.txt", "palabra " * 200),
        ("a.md", "palabra " * 200),
        ("a.html", "<p>" + "palabra " * 200),
    ):
        with pytest.raises(DocumentTooLarge):
            readers.read(make_file(name, content))


def test_a_missing_file_has_vanished(tmp_path: Path) -> None:
    with pytest.raises(FileVanished):
        readers.read(tmp_path / "nada.txt")


def test_a_folder_and_a_pipe_are_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tubo")
    for path in (tmp_path, tmp_path / "tubo"):
        with pytest.raises(UnreadableFile):
            readers.read(path)


def test_a_file_without_permission_is_unreadable(make_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_file("a.txt", "hola")
    if os.geteuid():
        path.chmod(0)
    else:  # root reads everything, so the refusal has to be played

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableFile) as caught:
        readers.read(path)
    assert caught.value.details["reason"] == "Permission denied"
