"""The front door: parse arguments, choose a frontend, return an exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Assistant
    from lumbre.assistant.doctor import Probes
    from lumbre.core.paths import Home
    from lumbre.core.settings import Settings
    from lumbre.frontends.cli.context import AskPassphrase


def main(arguments: list[str] | None = None) -> int:
    """Run `lumbre` with command-line arguments (the process's own by default) and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["--host"]:  # how a frozen program starts its children
        from lumbre.hosts import child

        child.main(arguments[1:])
    from lumbre.frontends.cli import run
    from lumbre.frontends.cli.context import Rooms

    rooms = Rooms(open_assistant=_open_assistant, open_window=_open_window, probes=_probes)
    return run.run(arguments, rooms)


# Each room is imported when it is entered, so that “lumbre --help” touches none of them.


def _open_assistant(home: Home, ask_passphrase: AskPassphrase | None) -> Assistant:
    from lumbre.wiring import open_assistant

    return open_assistant(home, ask_passphrase)


def _open_window(
    home: Home, settings: Settings, ask_passphrase: AskPassphrase | None, quick: bool, files: list[Path]
) -> int:
    from lumbre.frontends.gui.app import run

    return run(lambda ask: _open_assistant(home, ask_passphrase or ask), home, settings, quick, files)


def _probes(home: Home) -> Probes:
    from lumbre.probes import probes

    return probes(home)


if __name__ == "__main__":
    sys.exit(main())
