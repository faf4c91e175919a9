"""What every verb of the terminal is handed: where it works, how it speaks, and the doors to the other rooms."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.core.texts import Texts
from lumbre.frontends.cli.passphrase import Passphrase
from lumbre.frontends.cli.terminal import Terminal

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Assistant
    from lumbre.assistant.doctor import Probes

AskPassphrase = Callable[[bool], str]
"""Asks for the passphrase of a library; True when it is a new one."""


class OpenWindow(Protocol):
    """Opens the window and returns its exit code once it is closed."""

    def __call__(
        self, home: Home, settings: Settings, ask_passphrase: AskPassphrase | None, quick: bool, files: list[Path]
    ) -> int: ...


class Rooms(NamedTuple):
    """The doors handed in by `__main__`; each imports what it needs when it is called."""

    open_assistant: Callable[[Home, AskPassphrase | None], Assistant]
    open_window: OpenWindow
    probes: Callable[[Home], Probes]


class Context(NamedTuple):
    """One run of one verb."""

    options: Namespace
    home: Home
    settings: Settings
    texts: Texts
    terminal: Terminal
    rooms: Rooms
    passphrase: Passphrase

    @contextmanager
    def assistant(self) -> Iterator[Assistant]:
        """The assistant over this run's home, closed at the end. Raises StoreError."""
        assistant = self.rooms.open_assistant(self.home, self.passphrase.in_terminal())
        try:
            yield assistant
        finally:
            assistant.close()
