"""Mailboxes (MBOX): every message in its order, its subject as heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lumbre.core.documents import Extracted
from lumbre.readers import mail
from lumbre.readers.base import Draft, File, Format

_LIMIT = 256
# The standard library's mailbox opens for writing, and takes any line that begins with "From " for a new message.
_SEPARATOR = re.compile(rb"From [^\r\n]{1,250}?\d{4}[^\r\n]{0,60}\r?\n")
_START = re.compile(_SEPARATOR.pattern + rb"(?:[\w-]+:|>From )")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def recognises(file: File) -> bool:
    """Whether it opens with the line that parts messages in a mailbox."""
    return bool(_START.match(file.head.lstrip()))


def read(file: File) -> Extracted:
    """Read message by message. Raises DocumentTooLarge, EmptyDocument and UnsafeDocument."""
    draft = Draft()
    for data in _messages(file):
        mail.append(draft, mail.parse(data))
    return draft.finish(FORMAT.name)


FORMAT = Format("mbox", recognises, read, _LIMIT)


def _messages(file: File) -> Iterator[bytes]:
    """The messages one by one; only a separator after a blank line begins another."""
    held: list[bytes] = []
    blank = True
    with file.open() as stream:
        for line in stream:
            if blank and _SEPARATOR.fullmatch(line):
                if held:
                    yield _unquoted(held)
                held = []
            else:
                held.append(line)
            blank = not line.strip()
    if held:
        yield _unquoted(held)


def _unquoted(lines: list[bytes]) -> bytes:
    """A message as it was before it was put into the box."""
    return _QUOTED.sub(rb"\1", b"".join(lines))
