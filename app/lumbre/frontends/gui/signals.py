"""Ctrl+C and a polite kill end the program as its menu does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class EndOnSignals(QObject):
    """Calls `end` in the GUI thread when the system asks the program to stop.

    Python runs its signal handlers only between its own instructions, and an idle event loop has none; the pipe that
    the interpreter writes to wakes the loop. Windows has no such pipe; there a console's Ctrl+C waits for an event.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        super().__init__()
        self._kept = {number: signal.signal(number, lambda *_: end()) for number in (signal.SIGINT, signal.SIGTERM)}
        self._pipe: tuple[int, int] | None = None
        if os.name != "nt":
            self._pipe = os.pipe()
            for end_of_pipe in self._pipe:
                os.set_blocking(end_of_pipe, False)
            signal.set_wakeup_fd(self._pipe[1])
            self._notifier = QSocketNotifier(self._pipe[0], QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._drain)

    def _drain(self) -> None:
        if self._pipe is not None:
            os.read(self._pipe[0], 64)

    def close(self) -> None:
        """Put the former handlers back."""
        for number, handler in self._kept.items():
            signal.signal(number, handler)
        if self._pipe is not None:
            self._notifier.setEnabled(False)
            signal.set_wakeup_fd(-1)
            for end_of_pipe in self._pipe:
                os.close(end_of_pipe)
            self._pipe = None
