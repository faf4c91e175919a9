"""Inside the reader host: read a file or draw a page, under limits."""

from __future__ import annotations

import os
from pathlib import Path

from lumbre.core.errors import DocumentTooLarge
from lumbre.hosts import confine
from lumbre.hosts.pipe import Command, Read, ReadDone, Render, Rendered, Step
from lumbre.hosts.work import Send, Work

_CHARACTERS = 32 * 2**20
"""Most characters of text that one file may give."""


class ReaderWork(Work):
    """Reads and draws, one file at a time."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        confine.limit_reader()

    def do(self, command: Command) -> None:
        confine.allow_processor_time()
        if isinstance(command, Read):
            self._read(command)
        elif isinstance(command, Render):
            from lumbre import readers

            path = Path(os.fsdecode(command.path))
            image = readers.render(path, command.page, command.width, command.spans, command.password)
            self.send(Rendered(command.id, image))

    def _read(self, command: Read) -> None:
        from lumbre import readers
        from lumbre.readers.base import Terms

        def step() -> None:
            confine.allow_processor_time()
            self.send(Step(command.id))

        terms = Terms(command.password, command.recognise, step)
        extracted = readers.read(Path(os.fsdecode(command.path)), terms)
        if len(extracted.text) > _CHARACTERS:
            raise DocumentTooLarge(size=len(extracted.text) >> 20, limit=_CHARACTERS >> 20)
        self.send(ReadDone(command.id, extracted))
