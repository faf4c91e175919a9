"""Web pages saved as one file (MHTML): the page itself, without the pictures and frames kept beside it."""

from __future__ import annotations

import re

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument
from lumbre.readers import html, mail
from lumbre.readers.base import Draft, File, Format

_LIMIT = 96
_RELATED = re.compile(rb"(?im)^Content-Type:\s*multipart/related")
_SAVED = re.compile(rb"(?im)^(?:Snapshot-Content-Location:|From:\s*\"?<?Saved by|X-MAF)")
_SENT = re.compile(rb"(?im)^(?:To|Cc|Bcc|Received|Message-ID|Delivered-To):")


def recognises(file: File) -> bool:
    """Whether it is a message made of a page and its pictures that nobody ever sent to anybody."""
    head = re.split(rb"\r?\n\r?\n", file.head.lstrip(), maxsplit=1)[0]
    if not re.match(rb"[\w-]+:", head) or not _RELATED.search(head):
        return False
    return bool(_SAVED.search(head)) or not _SENT.search(head)


def read(file: File) -> Extracted:
    """Read the page. Raises DamagedDocument, DocumentTooLarge, EmptyDocument and UnsafeDocument."""
    message = mail.parse(file.read())
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if page is None:
        raise DamagedDocument(reason="a saved page without its page")
    draft = Draft()
    title = html.append(draft, mail.body_text(page))
    return draft.finish(FORMAT.name, title or mail.field(message, "Subject"))


FORMAT = Format("mhtml", recognises, read, _LIMIT)
