"""Inside the reader host: read a file or draw a page, under limits."""

from __future__ import annotations

import os
from pathlib import Path

from lumbre.core.errors import DocumentTooLarge
from lumbre.hosts import confine
from lumbre.hosts.pipe import Command, Read, ReadDone, Render, Rendered
from lumbre.hosts.work import Send, Work

_CHARACTERS = 32 * 2**20
"""Most characters of text that one file may give."""


class ReaderWork(Work):
    """Reads and draws, one file at a time."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        confine.limit_reader()

    def do(self, command: Command) -> None:
        from lumbre import readers

        confine.allow_processor_time()
        if isinstance(command, Read):
            extracted = readers.read(Path(os.fsdecode(command.path)))
            if len(extracted.text) > _CHARACTERS:
                raise DocumentTooLarge(size=len(extracted.text) >> 20, limit=_CHARACTERS >> 20)
            self.send(ReadDone(command.id, extracted))
        elif isinstance(command, Render):
            path = Path(os.fsdecode(command.path))
            self.send(Rendered(command.id, readers.render(path, command.page, command.width, command.spans)))
