"""E-mail (EML): the subject as heading, who wrote to whom and when, the body with its quotes, attachments by name.

A message forwarded in another is read in its place, under its own subject; what is attached to either is a document of
its own, but for signatures and the pictures that adorn a page.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from typing import Any, NamedTuple, cast

from lumbre.core.documents import Extracted
from lumbre.core.errors import EncryptedDocument, UnsafeDocument, UnsupportedFormat
from lumbre.readers import html, kinds, plain
from lumbre.readers.base import Draft, File, Format, Member
from lumbre.readers.decode import decode
from lumbre.readers.members import file_name, unique

_LIMIT = 96
_DEPTH = 30
"""Messages within messages and parts within parts that are followed."""
_PARTS = 5_000
_FIELD = 20_000
"""Characters of a field of the head that are looked at."""
_SHOWN = ("From", "To", "Cc", "Bcc", "Date")
_STUB = 3
"""A plain text so many times shorter than the page beside it only says that one should look at the page."""
_KNOWN = re.compile(rb"(?im)^(From|To|Cc|Subject|Date|Sender|Reply-To|Message-ID|MIME-Version|Received|Return-Path):")
_LINE_BREAK = re.compile(r"\r?\n")
_SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
    | {"message/delivery-status", "text/rfc822-headers"}
)
_ADORNMENT = re.compile(r"(?:image\d{3}|outlook-[\w-]+)\.(?:png|jpe?g|gif|bmp)", re.I)
"""Names that Outlook gives to the pictures of a signature."""
_SURROGATE = re.compile("[\udc80-\udcff]")


class _Tolerant(policy.EmailPolicy):
    """Takes a broken field for an empty one: the standard library raises errors of many kinds over them."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """The parsed value of a field."""
        try:
            return super().header_fetch_parse(name, value[:_FIELD])
        except Exception:
            return self.header_factory(name, "")


class _Part(EmailMessage):
    """A message or part of one that knows how deep it lies: the parser's time grows with depth and number."""

    depth = 0

    def attach(self, payload: Any) -> None:
        """Take a part. Raises UnsafeDocument."""
        payload.depth = self.depth + 1
        if payload.depth > _DEPTH:
            raise UnsafeDocument(reason=f"a message nested more than {_DEPTH} levels deep")
        super().attach(payload)
        if len(self.get_payload()) > _PARTS:
            raise UnsafeDocument(reason=f"a message of more than {_PARTS} parts")


class Letter(NamedTuple):
    """What a reader of a message sees; `fields` are names and values of the head."""

    subject: str
    fields: list[tuple[str, str]]
    texts: list[Extracted]
    attachments: list[str]


def recognises(file: File) -> bool:
    """Whether it opens with the head of a message, in any encoding."""
    head = _narrow(file.head).lstrip()
    if kinds.is_mail(head):
        return True
    lines = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0].splitlines()
    if not lines or not all(re.match(rb"[\w-]+:|[ \t]", line) for line in lines):
        return False
    known = {name.lower() for name in _KNOWN.findall(b"\n".join(lines))}
    return len(known) >= (2 if file.extension == ".eml" else 3) and b"from" in known and plain.recognises(file)


def read(file: File) -> Extracted:
    """Read a message. Raises DocumentTooLarge, EmptyDocument, EncryptedDocument and UnsafeDocument."""
    message = _opened(file)
    draft = Draft()
    draft.members = [one.name for one in attached(append(draft, message))]
    return draft.finish(FORMAT.name)


@contextmanager
def members(file: File, _inside: str) -> Iterator[list[Member]]:
    """What is attached to the message and to those forwarded in it. Raises as `read`."""
    yield attached(append(Draft(), _opened(file)))


FORMAT = Format("mail", recognises, read, _LIMIT, members)


def _opened(file: File) -> EmailMessage:
    """The message. Raises EncryptedDocument and UnsafeDocument."""
    message = parse(_narrow(file.read()))
    if _is_encrypted(message):
        raise EncryptedDocument()
    return message


def parse(data: bytes) -> EmailMessage:
    """The message in some bytes, however broken. Raises UnsafeDocument."""
    return cast(EmailMessage, BytesParser(_Part, policy=_Tolerant()).parsebytes(data.lstrip()))


def append(draft: Draft, message: EmailMessage, level: int = 1, depth: int = 0) -> list[EmailMessage]:
    """Append a message and those forwarded in it; gives the parts attached to them. Raises DocumentTooLarge."""
    body = _Body()
    body.gather(message, depth)
    fields = [(name, field(message, name)) for name in _SHOWN]
    names = [_called(part) for part in body.attachments]
    write(draft, Letter(field(message, "Subject"), fields, body.texts, names), level)
    parts = body.attachments
    for forwarded, place in body.messages:
        parts = parts + append(draft, forwarded, min(6, level + 1), place)
    return parts


def attached(parts: list[EmailMessage], folder: str = "") -> list[Member]:
    """The parts that are documents, under names of their own."""
    found, taken = [], set[str]()
    for part in parts:
        kind = part.get_content_type()
        name = file_name(_called(part) if part.get_filename() else "", f"attachment{_ending(kind)}")
        if kind not in _SIGNATURES and not is_adornment(name):
            found.append(Member(folder + unique(name, taken), partial(_content, part)))
    return found


def is_adornment(name: str) -> bool:
    """Whether a file is one of the pictures of a signature."""
    return bool(_ADORNMENT.fullmatch(name))


def _called(part: EmailMessage) -> str:
    """What an attachment is called, else its kind."""
    name = part.get_filename() or part.get_content_type()
    if _SURROGATE.search(name):
        name = decode(name.encode("utf-8", "surrogateescape"))
    return " ".join(name.split())


def _ending(kind: str) -> str:
    return mimetypes.guess_extension(kind) or ".bin"


def _content(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def write(draft: Draft, letter: Letter, level: int = 1) -> None:
    """Append a message whose parts are known; one without a subject is headed by its sender."""
    fields = [(name, " ".join(value.split())) for name, value in letter.fields if value.strip()]
    heading = letter.subject or next((value for name, value in fields if name == "From"), "")
    draft.add(" ".join(heading.split()), "heading", level)
    if letter.attachments:
        fields.append(("Attachments", ", ".join(letter.attachments)))
    draft.add("\n".join(f"{name}: {value}" for name, value in fields))
    for text in letter.texts:
        draft.include(text, level)


def choose(plain_body: str, page: str) -> list[Extracted]:
    """The text of a body: the plain one unless it is only a stub for the page beside it; empty when there is none."""
    draft = Draft()
    if page.strip():
        html.append(draft, page)
    shown = [Extracted(draft.text(), draft.blocks, "html", hidden=draft.hidden)] if draft.blocks or draft.hidden else []
    if not plain_body.strip() or (shown and len(plain_body) * _STUB < len(shown[0].text)):
        return shown
    return [plain.from_text(plain_body), *findings(shown)]


def findings(texts: list[Extracted]) -> list[Extracted]:
    """What is hidden in texts that are not themselves read."""
    return [Extracted("", [], text.format, hidden=text.hidden) for text in texts if text.hidden]


def field(message: EmailMessage, name: str) -> str:
    """A field of the head as a person reads it; several of one name are joined."""
    values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return ", ".join(_decoded(name, _LINE_BREAK.sub("", str(value))) for value in values)


def body_text(part: EmailMessage) -> str:
    """The text of a part in its declared or found encoding; empty when it is not text."""
    payload = part.get_payload(decode=True)
    try:
        return decode(payload, part.get_content_charset("")) if isinstance(payload, bytes) else ""
    except UnsupportedFormat:
        return ""


class _Body:
    """Gathers what a message is made of, in its order."""

    def __init__(self) -> None:
        self.texts: list[Extracted] = []
        self.attachments: list[EmailMessage] = []
        self.messages: list[tuple[EmailMessage, int]] = []

    def gather(self, part: EmailMessage, depth: int) -> None:
        """Take a part and the parts in it."""
        kind = part.get_content_type()
        inner = [one for one in part.iter_parts() if isinstance(one, EmailMessage)] if part.is_multipart() else []
        if kind == "message/rfc822" and inner and depth:
            self.messages.append((inner[0], depth + 1))
        elif kind == "multipart/alternative" and inner:
            self._alternative(inner, depth)
        elif inner:
            for one in inner:
                self.gather(one, depth + 1)
        elif kind in ("text/plain", "text/html") and not part.is_attachment():
            text = body_text(part)
            self.texts += choose(text, "") if kind == "text/plain" else choose("", text)
        elif depth or part.get_filename():
            self._attach(part)

    def _alternative(self, parts: list[EmailMessage], depth: int) -> None:
        """Take one of several shapes of the same text, and what is attached to any of them."""
        shapes: dict[str, list[Extracted]] = {"plain": [], "page": []}
        for part in parts:
            shape = _Body()
            shape.gather(part, depth + 1)
            shapes["plain" if part.get_content_type() == "text/plain" else "page"] += shape.texts
            self.attachments += [one for one in shape.attachments if _called(one) != "text/calendar"]
            self.messages += shape.messages
        short, full = (sum(len(text.text) for text in shapes[name]) for name in ("plain", "page"))
        if short and short * _STUB >= full:
            self.texts += shapes["plain"] + findings(shapes["page"])
        else:
            self.texts += shapes["page"]

    def _attach(self, part: EmailMessage) -> None:
        """Keep an attachment; pictures that only adorn the page have an identifier instead."""
        if part.is_attachment() or "Content-ID" not in part:
            self.attachments.append(part)


def _decoded(name: str, value: str) -> str:
    """A raw value of the head without its encodings, also those that the standard does not allow."""
    value = value[:_FIELD]
    if _SURROGATE.search(value):
        value = decode(value.encode("utf-8", "surrogateescape"))
    if "=?" not in value:
        return value
    try:
        return str(policy.default.header_factory(name, value))
    except Exception:  # a broken field is shown as it came
        return value


def _is_encrypted(message: EmailMessage) -> bool:
    """Whether all that was written is encrypted, by PGP or S/MIME."""
    kind = message.get_content_type()
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return message.get_param("smime-type") != "signed-data"
    return kind == "multipart/encrypted"


def _narrow(data: bytes) -> bytes:
    """A message saved in UTF-16 or UTF-32, as UTF-8; any other as it is."""
    if b"\0" not in data[:64] and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return data
    try:
        return decode(data).encode()
    except UnsupportedFormat:
        return data
