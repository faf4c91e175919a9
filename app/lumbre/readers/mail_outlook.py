"""Outlook messages (MSG), laid out like every other e-mail."""

from __future__ import annotations

from collections.abc import Callable
from email import policy
from email.parser import Parser
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeVar

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, EncryptedDocument
from lumbre.readers import kinds, mail
from lumbre.readers.base import Draft, File, Format

if TYPE_CHECKING:
    from oxmsg import Message

_T = TypeVar("_T")

_LIMIT = 96
_PROPERTIES = "__properties_version1.0"
_ENCRYPTED = ("IPM.Note.SMIME", "IPM.Note.Secure")
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
    letter = _letter(file)
    draft = Draft()
    mail.write(draft, letter)
    if not draft.blocks:  # not even a sender: the container was cut off
        raise DamagedDocument(reason="a broken Outlook message")
    return draft.finish(FORMAT.name)


FORMAT = Format("msg", recognises, read, _LIMIT)


def _letter(file: File) -> mail.Letter:
    """What the message holds. Raises DamagedDocument and EncryptedDocument."""
    from oxmsg import Message

    try:
        message = Message.load(file.source)
        subject, kind = message.subject, message.message_class
    except Exception as error:  # the library lets every error of a broken container through
        raise DamagedDocument(reason="a broken Outlook message") from error
    attachments: list[str] = _or(lambda: [one.file_name or "" for one in message.attachments], [])
    body, page = _or(lambda: message.body, None) or "", _or(lambda: message.html_body, None) or ""
    if not (body.strip() or page.strip()) and _is_encrypted(kind, attachments):
        raise EncryptedDocument()
    body = body.replace("\r\n", "\n").replace("\0", "")
    return mail.Letter(subject, _fields(message), mail.choose(body, page), [name for name in attachments if name])


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
