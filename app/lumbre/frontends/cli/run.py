"""One run of the terminal: find the verb, call it, and turn what happened into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module

from lumbre.core import settings as stored_settings
from lumbre.core.errors import LumbreError
from lumbre.core.paths import Home, default_home
from lumbre.core.texts import Texts
from lumbre.frontends.cli import arguments as command_line
from lumbre.frontends.cli.context import Context, Rooms
from lumbre.frontends.cli.jobs import STOPPED, remember_interrupts
from lumbre.frontends.cli.passphrase import Passphrase
from lumbre.frontends.cli.terminal import Terminal

BUG = 70
BROKEN_PIPE = 141
Verb = Callable[[Context], int]
# Where each verb stands; a module is imported when its verb is called.
_VERBS = {
    "add": "documents",
    "library": "documents",
    "import": "importing",
    "search": "searching",
    "ask": "answers",
    "chat": "conversation",
    "models": "models",
    "ledger": "machine",
    "doctor": "machine",
    "bench": "benchmark",
    "quick": "window",
    "start": "window",
    None: "window",
}


def run(arguments: list[str], rooms: Rooms) -> int:
    """Run one command line and return the exit code; every error ends here as a sentence."""
    folder, as_json = command_line.home_and_json(arguments)
    settings = stored_settings.load(Home(folder or default_home()).settings)
    language = settings.interface_language()
    texts, terminal = Texts("cli", language), Terminal(language, as_json)
    try:
        remember_interrupts()
        options = command_line.parse(arguments, texts)
        home = Home((options.home or default_home()).expanduser().absolute())
        passphrase = Passphrase(options.passphrase_file, texts, terminal)
        return _verb(options.verb)(Context(options, home, settings, texts, terminal, rooms, passphrase))
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except LumbreError as error:
        terminal.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        terminal.clear()
        return STOPPED
    except BrokenPipeError:
        # The reader went away; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception:
        import traceback

        terminal.note(texts("bug"))
        terminal.note(traceback.format_exc())
        return BUG


def _verb(name: str | None) -> Verb:
    module = import_module(f"lumbre.frontends.cli.{_VERBS[name]}")
    # “import” is no name that a function may have.
    verb: Verb = getattr(module, "import_" if name == "import" else name or "open_window")
    return verb
