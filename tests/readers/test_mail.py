"""E-mail in all its files: EML, MBOX, MSG and pages saved as MHTML."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.errors import DamagedDocument, EmptyDocument, EncryptedDocument, UnsafeDocument

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples" / "unstructured"
HEAD = b"From: a@b.es\nTo: c@d.es\nSubject: Hola\nMIME-Version: 1.0\n"
Make = Callable[[str, bytes | str], Path]


def letter(subject: str = "Leña", body: str = "Ha llegado la leña.") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Íñigo <i@example.com>", "b@example.com"
    message["Message-ID"] = "<1@example.com>"
    message.set_content(body)
    return message


def test_the_head_stands_above_the_body_and_quotes_are_kept(make_file: Make) -> None:
    message = letter(body="Sí, mañana.\n\nEl lunes escribió Begoña:\n> ¿Traes leña?\n> Gracias\n")
    message["Date"] = "Sat, 21 Nov 2026 10:30:00 +0100"
    assert readers.read(make_file("a.eml", message.as_bytes())).text == (
        "Leña\n\nFrom: Íñigo <i@example.com>\nTo: b@example.com\nDate: Sat, 21 Nov 2026 10:30:00 +0100\n\n"
        "Sí, mañana.\n\nEl lunes escribió Begoña:\n> ¿Traes leña?\n> Gracias"
    )


def test_attachments_are_named_and_pictures_of_the_page_are_not(make_file: Make) -> None:
    message = letter()
    message.add_alternative("<p>Ha llegado la leña.<img src='cid:x'></p>", subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<x>")  # type: ignore[union-attr, index]
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="factura año.pdf")
    text = readers.read(make_file("a.eml", message.as_bytes())).text
    assert "\nAttachments: factura año.pdf\n" in text
    assert "image/png" not in text
    assert text.count("Ha llegado la leña.") == 1


def test_a_plain_stub_gives_way_to_the_page(make_file: Make) -> None:
    message = letter(body="Vea el HTML.")
    message.add_alternative("<p>" + "Una noticia larga de verdad. " * 9 + "</p>", subtype="html")
    text = readers.read(make_file("a.eml", message.as_bytes())).text
    assert "noticia" in text
    assert "Vea el HTML" not in text


def test_a_forwarded_message_comes_under_its_own_subject(make_file: Make) -> None:
    message = letter("Reenvío")
    message.add_attachment(letter("El tiro", "Está abierto."))
    document = readers.read(make_file("a.eml", message.as_bytes()))
    headings = [(one.level, document.text[one.start : one.end]) for one in document.blocks if one.kind == "heading"]
    assert headings == [(1, "Reenvío"), (2, "El tiro")]
    assert document.text.endswith("Está abierto.")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_letters_that_no_header_declares_are_found(make_file: Make, encoding: str) -> None:
    text = "From: a@b.es\nTo: c@d.es\nSubject: Mañana\n\nLa leña está seca.\n"
    document = readers.read(make_file("a.eml", text.encode(encoding)))
    assert (document.format, document.title) == ("mail", "Mañana")
    assert document.text.endswith("La leña está seca.")


def test_broken_fields_do_not_hide_the_message(make_file: Make) -> None:
    head = b"Subject: =?utf-8?q?a?= =?x?y?z?=\nDate: nunca\nContent-Type: text/plain; charset=nada; name*0*=\xff\0\n"
    text = readers.read(make_file("a.eml", b"From: <<a@b.es\nTo: (((\nMIME-Version: 1.0\n" + head + b"\nhola")).text
    assert text.endswith("Date: nunca\n\nhola")


@pytest.mark.parametrize(
    "kind", [b"multipart/encrypted; boundary=b", b"application/pkcs7-mime; smime-type=enveloped-data"]
)
def test_an_encrypted_message_says_so(make_file: Make, kind: bytes) -> None:
    with pytest.raises(EncryptedDocument):
        readers.read(make_file("a.eml", HEAD + b"Content-Type: " + kind + b"\n\n--b\n\nx\n--b--\n"))


@pytest.mark.parametrize("kind", [b"multipart/mixed; boundary=b%d\n\n--b%d\n", b"message/rfc822\n\nSubject: %d%d\n"])
def test_messages_nested_without_end_are_refused(make_file: Make, kind: bytes) -> None:
    nest = b"".join(b"Content-Type: " + kind % (n, n) for n in range(2000))
    with pytest.raises(UnsafeDocument):
        readers.read(make_file("a.eml", HEAD + nest))


def test_a_message_of_endless_parts_is_refused(make_file: Make) -> None:
    parts = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 6000
    with pytest.raises(UnsafeDocument):
        readers.read(make_file("a.eml", HEAD + parts))


def test_a_mailbox_is_parted_only_where_a_message_begins(make_file: Make) -> None:
    one = b"From a@b.es Sat Nov 21 10:30:00 2026\nFrom: a@b.es\nSubject: Uno\n\n>From here on\nFrom 1999 to 2000.\n\n"
    two = b"From a@b.es Sat Nov 21 10:31:00 2026\nFrom: a@b.es\nSubject: Dos\n\nFin.\n"
    document = readers.read(make_file("a", one + two))
    headings = [document.text[one.start : one.end] for one in document.blocks if one.kind == "heading"]
    assert (document.format, headings) == ("mbox", ["Uno", "Dos"])
    assert "\n\nFrom here on\nFrom 1999 to 2000.\n\n" in document.text


def test_a_saved_page_is_no_message(make_file: Make) -> None:
    document = readers.read(SAMPLES / "mhtml.mhtml")
    assert "Saved by" not in document.text
    assert "color: black" not in document.text
    sent = (SAMPLES / "mhtml.mhtml").read_bytes().replace(b"From: <Saved by Blink>", b"From: a@b.es\r\nTo: c@d.es")
    sent = sent.replace(b"Snapshot-Content-Location", b"Content-Location")
    assert readers.read(make_file("a.mhtml", sent)).format == "mail"


def test_a_saved_page_without_its_page_is_damaged(make_file: Make) -> None:
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.mht", b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b--\n"))


def test_outlook_tells_sender_recipient_and_date() -> None:
    text = readers.read(SAMPLES / "msg.msg").text
    assert 'From: "Begoña Peña" <begona@example.com>\nTo: Íñigo Muñoz <inigo@example.com>\n' in text
    assert "Date: Sat, 21 Nov 2026 09:30:00 +0000" in text


def test_a_truncated_outlook_message_is_damaged(make_file: Make) -> None:
    whole = (SAMPLES / "msg.msg").read_bytes()
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.msg", whole[: len(whole) // 2]))


@pytest.mark.samples
def test_real_messages_read_the_same_from_every_program() -> None:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is absent")
    for name in ("fake-email.eml", "fake-email.msg", "eml/fake-email-b64.eml"):
        text = readers.read(SHARED / name).text.replace('"', "")
        assert text.startswith("Test Email\n\nFrom: Matthew Robinson <mrobinson@unstructured.io>\n")
        assert "- Roses are red\n- Violets are blue" in text
    refused = []
    for path in sorted(SHARED.rglob("*.eml")):
        try:
            assert readers.read(path).format in ("mail", "mbox")
        except (EmptyDocument, EncryptedDocument):
            refused.append(path.name)
    assert refused == ["empty.eml", "fake-encrypted.eml"]
