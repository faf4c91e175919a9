"""The verbs that end in the window, or in the terminal chat where there is no display."""

from __future__ import annotations

from argparse import Namespace

from lumbre.core.errors import PassphraseNeeded
from lumbre.core.system import has_display
from lumbre.frontends.cli.context import Context

# The window is painted before the assistant is imported, so nothing here may import it at the top.


def open_window(context: Context) -> int:
    """`lumbre` alone: the window; without a display, the terminal chat."""
    if not has_display():
        from lumbre.frontends.cli.conversation import chat

        context.terminal.note(context.texts("no-display"))
        scope = Namespace(collection=None, no_documents=False, model=None)
        return chat(context._replace(options=Namespace(**vars(scope) | vars(context.options))))
    return context.rooms.open_window(context.home, context.settings, context.passphrase.known(), False, [])


def quick(context: Context) -> int:
    """`quick`: show or hide the quick window of the running copy; starts one when none runs."""
    return context.rooms.open_window(context.home, context.settings, context.passphrase.known(), True, [])


def start(context: Context) -> int:
    """`start`: fetch the starter models when there is no chat model here, then open the window."""
    if not any(context.home.models.glob("*/*.gguf")) and (code := _fetch_starter(context)):
        return code
    return open_window(context)


def _fetch_starter(context: Context) -> int:
    from lumbre.frontends.cli.models import follow_fetch

    try:
        with context.assistant() as assistant:
            return follow_fetch(context, assistant.fetch_starter())
    except PassphraseNeeded:
        # Nobody to ask in this terminal: the window asks, and its Models page fetches.
        if has_display():
            return 0
        raise
