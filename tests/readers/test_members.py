"""Files inside files: found by their names, read like any other, and none leads out of its container."""

from __future__ import annotations

import contextlib
import random
import struct
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.errors import (
    DamagedDocument,
    EmptyDocument,
    EncryptedDocument,
    FileVanished,
    LumbreError,
    UnsafeArchive,
    UnsupportedFormat,
)
from lumbre.readers import archive

from .quine import quine  # noqa: TID252 — the tests are no package that could be named

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
Make = Callable[[str, bytes | str], Path]


def packed(members: dict[str, bytes | str]) -> bytes:
    """A ZIP archive."""
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


def letter(**attached: bytes) -> EmailMessage:
    """A message with attachments by name, "__" for a dot."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Leña", "a@example.com", "b@example.com"
    message["Message-ID"] = "<1@example.com>"
    message.set_content("Ha llegado la leña.")
    for name, content in attached.items():
        filename = name.replace("__", ".")
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    return message


def test_an_archive_lists_its_members_and_each_is_read(make_file: Make) -> None:
    path = make_file("a.zip", packed({"cartas/uno.txt": "El tiro está abierto.", "dos.md": "# Dos\n\nLeña."}))
    document = readers.read(path)
    assert (document.format, document.members) == ("zip", ["cartas/uno.txt", "dos.md"])
    assert document.text == "- cartas/uno.txt\n- dos.md"
    assert readers.read(path / "cartas" / "uno.txt").text == "El tiro está abierto."
    inner = readers.read(path / "dos.md")
    assert (inner.format, inner.title) == ("markdown", "Dos")


def test_the_sample_is_read_to_its_innermost_document() -> None:
    path = SAMPLES / "zip.zip"
    assert readers.read(path).members == ["hogar/La lumbre.html", "hogar/correo.eml"]
    mail = readers.read(path / "hogar" / "correo.eml")
    assert mail.members == ["manual.pdf", "El tiro.eml"]
    nested = readers.read(path / "hogar" / "correo.eml" / "El tiro.eml")
    assert nested.members == ["lumbre.docx"]
    sentence = "La cocina de leña consume dos kilos por hora cuando el tiro está abierto."
    for inner in ("La lumbre.html", "correo.eml/manual.pdf", "correo.eml/El tiro.eml/lumbre.docx"):
        assert sentence in " ".join(readers.read(path / "hogar" / inner).text.split())


def test_a_page_of_an_attached_pdf_is_drawn() -> None:
    image = readers.render(SAMPLES / "zip.zip" / "hogar" / "correo.eml" / "manual.pdf", 1, 200, [(0, 5)])
    assert image.width == 200
    assert image.boxes


@pytest.mark.parametrize("name", ["nada.txt", "uno.txt/dentro.txt", "un", "../a.txt"])
def test_what_is_not_inside_has_vanished(make_file: Make, name: str) -> None:
    path = make_file("a.zip", packed({"uno.txt": "El tiro está abierto."}))
    make_file("a.txt", "hola")
    with pytest.raises(FileVanished):
        readers.read(Path(f"{path}/{name}") if ".." not in name else path / "x" / ".." / ".." / "b.txt")


@pytest.mark.parametrize("name", ["../fuera.txt", "/etc/motd", "C:\\fuera.txt", "a/../../b.txt", "\\\\host\\x.txt"])
def test_no_member_leads_out_of_its_archive(make_file: Make, name: str) -> None:
    document = readers.read(make_file("a.zip", packed({"bien.txt": "bien", name: "mal"})))
    assert document.members == ["bien.txt"]
    assert len(document.warnings) == 1
    assert "leads out of the archive" in document.warnings[0]


def test_a_name_with_a_nul_is_passed_over(make_file: Make) -> None:
    whole = packed({"bien.txt": "bien", "aXb.txt": "mal"}).replace(b"aXb.txt", b"a\0b.txt")
    document = readers.read(make_file("a.zip", whole))
    assert document.members == ["bien.txt"]
    assert "a\\x00b.txt" in document.warnings[0]


def test_links_encrypted_members_and_what_systems_leave_are_passed_over(make_file: Make) -> None:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        link = zipfile.ZipInfo("enlace")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
        for name in ("bien.txt", "__MACOSX/._bien.txt", ".DS_Store", "a/.git/config", "Thumbs.db"):
            made.writestr(name, "texto")
    document = readers.read(make_file("a.zip", held.getvalue()))
    assert (document.members, document.warnings) == (["bien.txt"], ["passed over: enlace (a link)"])


def test_an_encrypted_member_is_told_and_an_encrypted_archive_refused(make_file: Make) -> None:
    def locked(whole: bytes, name: bytes) -> bytes:
        data = bytearray(whole)
        at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + (name != b"a.txt"))
        data[at + 8] |= 1
        return bytes(data)

    one = packed({"a.txt": "secreto"})
    with pytest.raises(EncryptedDocument):
        readers.read(make_file("a.zip", locked(one, b"a.txt")))
    two = locked(packed({"a.txt": "bien", "b.txt": "secreto"}), b"b.txt")
    document = readers.read(make_file("b.zip", two))
    assert (document.members, document.warnings) == (["a.txt"], ["passed over: b.txt (encrypted)"])


def test_members_of_one_name_are_told_apart(make_file: Make) -> None:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("a.txt", "uno")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("a.txt", "dos")
    path = make_file("a.zip", held.getvalue())
    assert readers.read(path).members == ["a.txt", "a (2).txt"]
    assert [readers.read(path / name).text for name in ("a.txt", "a (2).txt")] == ["uno", "dos"]
    message = letter()
    for text in ("tres", "cuatro"):
        message.add_attachment(text, filename="a.txt")
    path = make_file("a.eml", message.as_bytes())
    assert readers.read(path).members == ["a.txt", "a (2).txt"]
    assert readers.read(path / "a (2).txt").text.strip() == "cuatro"


def test_an_archive_of_nothing_is_empty(make_file: Make) -> None:
    for members in ({}, {".DS_Store": "x"}):
        with pytest.raises(EmptyDocument):
            readers.read(make_file("a.zip", packed(members)))


def test_a_member_that_cannot_be_read_says_why_and_the_others_are_read(make_file: Make) -> None:
    path = make_file("a.zip", packed({"a.txt": "El tiro.", "b.pdf": b"\x7fELF" + bytes(99), "vacío.txt": ""}))
    assert readers.read(path / "a.txt").text == "El tiro."
    with pytest.raises(UnsupportedFormat) as caught:
        readers.read(path / "b.pdf")
    assert caught.value.details["kind"] == "a program"
    with pytest.raises(EmptyDocument):
        readers.read(path / "vacío.txt")


# --- mail -------------------------------------------------------------------------------------------------------------


def test_an_attachment_is_a_document_and_a_signature_is_none(make_file: Make) -> None:
    message = letter(contrato__md=b"# Contrato\n\nCl\xc3\xa1usula primera.", image001__png=b"\x89PNG\r\n\x1a\n")
    message.add_attachment(b"-", maintype="application", subtype="pgp-signature", filename="signature.asc")
    path = make_file("a.eml", message.as_bytes())
    assert readers.read(path).members == ["contrato.md"]
    assert readers.read(path / "contrato.md").title == "Contrato"


def test_names_of_attachments_stay_inside(make_file: Make) -> None:
    message = letter()
    for name in ("../../etc/passwd", "C:\\Users\\a\\b.txt", "fdp\u202etxt.txt", "...", ""):
        message.add_attachment(b"Texto de prueba", maintype="application", subtype="octet-stream", filename=name)
    path = make_file("a.eml", message.as_bytes())
    assert readers.read(path).members == ["passwd", "b.txt", "fdptxt.txt", "attachment.bin", "attachment (2).bin"]
    assert readers.read(path / "passwd").text == "Texto de prueba"


def test_what_is_attached_to_a_forwarded_message_is_reached(make_file: Make) -> None:
    message = letter(uno__txt=b"Uno, la carta.")
    message.add_attachment(letter(dos__txt=b"Dos, el recibo."))
    path = make_file("a.eml", message.as_bytes())
    assert readers.read(path).members == ["uno.txt", "dos.txt"]
    assert readers.read(path / "dos.txt").text == "Dos, el recibo."


def test_a_mailbox_numbers_its_messages_and_one_unsafe_harms_no_other(make_file: Make) -> None:
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    hostile = b"From: x@example.com\nSubject: Malo\nMIME-Version: 1.0\n" + nest
    whole = [letter(a__txt=b"Primera carta.").as_bytes(), hostile, letter(a__txt=b"Tercera carta.").as_bytes()]
    box = b"\n".join(b"From a@b.es Sat Nov 21 10:30:00 2026\n" + one + b"\n" for one in whole)
    path = make_file("a.mbox", box)
    document = readers.read(path)
    assert (document.format, document.members) == ("mbox", ["1/a.txt", "3/a.txt"])
    assert document.warnings == ["message 2 was not read: a message nested more than 30 levels deep"]
    assert readers.read(path / "3" / "a.txt").text == "Tercera carta."
    for name in ("2/a.txt", "9/a.txt", "x/a.txt", "0/a.txt"):
        with pytest.raises(LumbreError):
            readers.read(path / name)


def test_an_outlook_attachment_is_read(shared_dir: Path) -> None:
    path = shared_dir / "samples" / "unstructured" / "fake-email-attachment.msg"
    assert readers.read(path).members == ["fake-attachment.txt"]
    assert readers.read(path / "fake-attachment.txt").text.strip() == "Hey this is a fake attachment!"


# --- bombs ------------------------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_by_what_it_says_of_itself(make_file: Make) -> None:
    zeros = bytes(100_000_000)
    path = make_file("a.zip", packed({"ceros.txt": zeros}))
    for place in (path, path / "ceros.txt"):
        with pytest.raises(UnsafeArchive, match="times its size"):
            readers.read(place)


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_says(make_file: Make) -> None:
    whole = packed({"ceros.txt": bytes(100_000_000)})
    lying = whole.replace(struct.pack("<I", 100_000_000), struct.pack("<I", 1000))
    assert lying != whole
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.zip", lying) / "ceros.txt")


def test_archives_that_overlap_or_never_end_are_refused(make_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_file("a.zip", packed({f"{number}.txt": "x" for number in range(archive._MOST + 1)}))
    with pytest.raises(UnsafeArchive, match="members"):
        readers.read(path)
    monkeypatch.setattr(archive, "_LIST_LIMIT", 1000)
    with pytest.raises(UnsafeArchive, match="endless"):
        readers.read(path)


def test_nesting_ends(make_file: Make) -> None:
    data: bytes | str = "El fondo."
    name = "fondo.txt"
    for level in range(12):
        data, name = packed({name: data}), f"{level}.zip"
    path = make_file("a.zip", data)
    for level in range(10, 5, -1):
        assert readers.read(path).members == [f"{level}.zip"]
        path = path / f"{level}.zip"
    for place in (path, path / "5.zip", path / "5.zip" / "4.zip"):
        with pytest.raises(UnsafeArchive, match="deep"):
            readers.read(place)


def test_an_archive_that_contains_itself_is_refused(make_file: Make) -> None:
    path = make_file("a.zip", quine())
    (name,) = readers.read(path).members
    with zipfile.ZipFile(path) as opened:
        assert opened.read(name) == path.read_bytes()
    with pytest.raises(UnsafeArchive, match="contains itself"):
        readers.read(path / name)


@pytest.mark.parametrize("seed", range(20))
def test_broken_archives_end_in_an_error_of_ours(make_file: Make, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray((SAMPLES / "zip.zip").read_bytes())
    for _ in range(chance.randint(1, 30)):
        data[chance.randrange(4, len(data))] = chance.randrange(256)
    path = make_file("a.zip", bytes(data))
    with contextlib.suppress(LumbreError):
        for name in readers.read(path).members:
            with contextlib.suppress(LumbreError):
                readers.read(path / name)
