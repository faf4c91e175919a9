"""Outlook messages (MSG), laid out like every other e-mail.

A message attached to another one as such is not read, but told; all other attachments are documents of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import policy
from email.parser import Parser
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, EncryptedDocument
from lumbre.readers import kinds, mail
from lumbre.readers.base import Draft, File, Format, Member
from lumbre.readers.members import file_name, unique

if TYPE_CHECKING:
    from oxmsg import Message
    from oxmsg.attachment import Attachment

_T = TypeVar("_T")

_LIMIT = 96
_PROPERTIES = "__properties_version1.0"
_ENCRYPTED = ("IPM.Note.SMIME", "IPM.Note.Secure")
_CONTENT_ID = 0x3712
_SIGNED = "IPM.Note.SMIME.MultipartSigned"


def recognises(file: File) -> bool:
    """Whether it is an OLE container with the properties of a message."""
    if not kinds.is_ole(file.head):
        return False
    import olefile

    try:
        with olefile.OleFileIO(file.source) as container:
            return bool(container.exists(_PROPERTIES))
    except Exception:  # broken containers raise errors of many kinds; their first bytes may still say what they were
        return _PROPERTIES.encode("utf-16-le") in file.head


def read(file: File) -> Extracted:
    """Read a message. Raises DamagedDocument, DocumentTooLarge and EncryptedDocument."""
    message = _message(file)
    draft = Draft()
    mail.write(draft, _letter(message))
    draft.members = [one.name for one in _attached(message)]
    unread = [one for one in _attachments(message) if _bytes(one) is None]
    draft.warnings += [f"attached message was not read: {_name(one)}".rstrip(": ") for one in unread]
    if not draft.blocks:  # not even a sender: the container was cut off
        raise DamagedDocument(reason="a broken Outlook message")
    return draft.finish(FORMAT.name)


@contextmanager
def members(file: File, _inside: str) -> Iterator[list[Member]]:
    """What is attached to the message. Raises DamagedDocument."""
    yield _attached(_message(file))


FORMAT = Format("msg", recognises, read, _LIMIT, members)


def _message(file: File) -> Message:
    """The message as the library gives it. Raises DamagedDocument."""
    from oxmsg import Message

    try:
        message = Message.load(file.source)
        _ = message.subject, message.message_class
    except Exception as error:  # the library lets every error of a broken container through
        raise DamagedDocument(reason="a broken Outlook message") from error
    return message


def _letter(message: Message) -> mail.Letter:
    """What the message holds. Raises EncryptedDocument."""
    subject, kind = message.subject, message.message_class
    attachments = [_name(one) for one in _attachments(message)]
    body, page = _or(lambda: message.body, None) or "", _or(lambda: message.html_body, None) or ""
    if not (body.strip() or page.strip()) and _is_encrypted(kind, attachments):
        raise EncryptedDocument()
    body = body.replace("\r\n", "\n").replace("\0", "")
    return mail.Letter(subject, _fields(message), mail.choose(body, page), [name for name in attachments if name])


def _attachments(message: Message) -> list[Attachment]:
    """Everything attached to the message; nothing when that cannot be told."""
    return _or(lambda: list(message.attachments), [])


def _attached(message: Message) -> list[Member]:
    """The attachments that are documents, under names of their own."""
    page = _or(lambda: message.html_body, None) or ""
    found, taken = [], set[str]()
    for one in _attachments(message):
        content, name = _bytes(one), file_name(_name(one), "attachment.bin")
        if content is not None and not _is_shown(one, page) and not mail.is_adornment(name):
            found.append(Member(unique(name, taken), partial(bytes, content)))
    return found


def _bytes(attachment: Attachment) -> bytes | None:
    """What is attached; None for a message."""
    return _or(lambda: attachment.file_bytes, None)


def _name(attachment: Attachment) -> str:
    return _or(lambda: attachment.file_name, None) or ""


def _is_shown(attachment: Attachment, page: str) -> bool:
    """Whether the page of the message shows it where it belongs."""
    identifier = _or(lambda: attachment.properties.str_prop_value(_CONTENT_ID), None)
    return bool(identifier) and f"cid:{identifier}" in page


def _fields(message: Message) -> list[tuple[str, str]]:
    """The head: as it came over the network when that was kept, else put together from what Outlook knows."""
    headers: dict[str, str] = _or(lambda: message.message_headers, {})
    came = Parser(policy=policy.default).parsestr("".join(f"{key}: {value}\n" for key, value in headers.items()))
    fields = {name: mail.field(came, name) for name in ("From", "To", "Cc", "Bcc", "Date")}
    fields["From"] = fields["From"] or _or(lambda: message.sender, None) or ""
    fields["Date"] = fields["Date"] or _or(lambda: format_datetime(message.sent_date) if message.sent_date else "", "")
    if not fields["To"]:
        people: list[str] = _or(lambda: [_person(one.name, one.email_address) for one in message.recipients], [])
        fields["To"] = ", ".join(person for person in people if person)
    return list(fields.items())


def _person(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address and name != address else name or address


def _is_encrypted(kind: str, attachments: list[str]) -> bool:
    """Whether the class of the message, or what hangs on it, is that of S/MIME or PGP."""
    if kind.startswith(_ENCRYPTED) and kind != _SIGNED:
        return True
    return any(name.lower().endswith((".pgp-encrypted", ".asc", ".pgp")) for name in attachments)


def _or(get: Callable[[], _T], otherwise: _T) -> _T:
    """One property, or something else when it alone is broken: the rest of the message is still worth reading."""
    try:
        return get()
    except Exception:  # the library lets every error of a broken property through
        return otherwise
