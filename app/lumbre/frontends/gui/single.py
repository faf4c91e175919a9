"""Which copy of the program is the first for a home, and what a start wishes for."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QDir, QLockFile


class Wish(msgspec.Struct, frozen=True):
    """What a start asks for: the main window, or the quick window; and files for the library."""

    quick: bool = False
    files: list[str] = []


def paths(wish: Wish) -> list[Path]:
    """The files of a wish."""
    return [Path(file) for file in wish.files]


class Claim:
    """The claim to be the first copy; the system lets go of it when the program dies."""

    def __init__(self, socket_name: str) -> None:
        # Beside the socket, since the home may not exist yet.
        self._lock = QLockFile(QDir.temp().filePath(f"{socket_name}.lock"))
        self._lock.setStaleLockTime(0)
        self.granted = self._lock.tryLock(0)
        """False when another copy has it, or when no lock can be made here."""

    def close(self) -> None:
        """Leave it to others."""
        self._lock.unlock()
