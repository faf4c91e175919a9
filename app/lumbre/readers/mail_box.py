"""Mailboxes (MBOX): every message in its order, its subject as heading.

What is attached to a message lies in a folder called by the message's number, so that one is reached without parsing
those before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from lumbre.core.documents import Extracted
from lumbre.core.errors import UnsafeDocument
from lumbre.readers import mail
from lumbre.readers.base import Draft, File, Format, Member

_LIMIT = 256
# The standard library's mailbox opens for writing, and takes any line that begins with "From " for a new message.
_SEPARATOR = re.compile(rb"From [^\r\n]{1,250}?\d{4}[^\r\n]{0,60}\r?\n")
_BETWEEN = re.compile(rb"(?:\A\s*|\n\r?\n)(" + _SEPARATOR.pattern + rb")")
_START = re.compile(_SEPARATOR.pattern + rb"(?:[\w-]+:|>From )")
_DIGITS = 9
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def recognises(file: File) -> bool:
    """Whether it opens with the line that parts messages in a mailbox."""
    return bool(_START.match(file.head.lstrip()))


def read(file: File) -> Extracted:
    """Read message by message, without unsafe ones. Raises DocumentTooLarge, EmptyDocument and UnsafeDocument."""
    draft = Draft()
    refused = None
    for number, data in enumerate(_messages(file.read()), 1):
        try:
            parts = mail.append(draft, mail.parse(data))
        except UnsafeDocument as error:
            refused = error
            draft.warnings.append(f"message {number} was not read: {error.details['reason']}")
        else:
            draft.members += [one.name for one in mail.attached(parts, f"{number}/")]
    if refused and not draft.blocks:
        raise refused
    return draft.finish(FORMAT.name)


@contextmanager
def members(file: File, inside: str) -> Iterator[list[Member]]:
    """What is attached to the message whose number `inside` begins with. Raises DocumentTooLarge and UnsafeDocument."""
    number = inside.partition("/")[0]
    wanted = int(number) - 1 if number.isascii() and number.isdecimal() and len(number) < _DIGITS else -1
    data = next(islice(_messages(file.read()), wanted, None), None) if wanted >= 0 else None
    yield mail.attached(mail.append(Draft(), mail.parse(data)), f"{number}/") if data is not None else []


FORMAT = Format("mbox", recognises, read, _LIMIT, members)


def _messages(box: bytes) -> Iterator[bytes]:
    """The messages one by one; only a separator after a blank line begins another."""
    begin = 0
    for found in _BETWEEN.finditer(box):
        if begin:
            yield _unquoted(box[begin : found.start(1)])
        begin = found.end()
    yield _unquoted(box[begin:])


def _unquoted(message: bytes) -> bytes:
    """A message as it was before it was put into the box."""
    return _QUOTED.sub(rb"\1", message)
