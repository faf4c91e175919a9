"""Settings a person can change: typed values with bounds in one place, kept in settings.toml of the home."""

from __future__ import annotations

import os
import threading
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from lumbre.core.errors import HomeUnwritable

Language = Literal["system", "en", "es"]
Theme = Literal["system", "light", "dark"]

IGNORE = (
    *("node_modules/", "__pycache__/", "venv/", "site-packages/", "bower_components/", "*.egg-info/"),
    *("*.tmp", "*.temp", "*.bak", "*.swp", "*.part", "*.partial", "*.crdownload", "*.download", "~$*", "*~"),
    *("Thumbs.db", "desktop.ini", "*.pyc", "*.o", "*.obj", "*.class", "*.lock", "$RECYCLE.BIN/"),
)
"""What is no document: other people's code, caches, and files that programs keep while they work."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default. Change one with `msgspec.structs.replace` and `save`."""

    language: Language = "system"
    theme: Theme = "system"
    model: str = ""
    """Name of the chat model; empty chooses the largest one present that this machine reads fast enough."""
    passages: Annotated[int, msgspec.Meta(ge=1, le=20)] = 4
    """Passages found for a question; the model reads all of them for an explanation and the better half for a fact."""
    answer_tokens: Annotated[int, msgspec.Meta(ge=16, le=4096)] = 512
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.0
    seed: Annotated[int, msgspec.Meta(ge=0)] = 0
    unload_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 15
    """Minutes after which an idle model gives its memory back; 0 keeps it."""
    close_to_tray: bool = False
    close_asked: bool = False
    """Whether the person was asked about `close_to_tray`, at the first closing of the window."""
    hidden_files: bool = False
    """Whether hidden files and folders of added folders are taken too."""
    largest_megabytes: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 500
    """Files of added folders larger than this are left out."""
    on_battery: Literal["pause", "slow", "full"] = "slow"
    """What the library's worker does in the background while the machine runs on its battery."""
    when_busy: Literal["slow", "full"] = "slow"
    """What it does while other programs keep the processor busy."""
    ignore: tuple[str, ...] = IGNORE
    """What of added folders is left out, in the patterns of a .gitignore file."""
    reading_speed: dict[str, float] = {}
    """Measured tokens per second of prompt reading, by model name."""

    def interface_language(self) -> Literal["en", "es"]:
        """The language to speak: the chosen one, else the system's, else English."""
        if self.language != "system":
            return self.language
        names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        first = next((name for name in names if name), "")
        return "es" if first.lower().startswith("es") else "en"


def load(path: Path) -> Settings:
    """Read settings; a missing or unreadable file gives the defaults, so that a bad edit never locks a person out."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except (OSError, ValueError, msgspec.ValidationError):
        return Settings()


def save(settings: Settings, path: Path) -> None:
    """Write settings whole or not at all. Raises OSError."""
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.toml.encode(settings))
    part.replace(path)


class SettingsFile:
    """The settings in force and the file that keeps them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.value = load(path)

    def change(self, settings: Settings) -> None:
        """Keep new settings. Raises HomeUnwritable."""
        with self._lock:
            try:
                save(settings, self._path)
            except OSError as error:
                raise HomeUnwritable(path=str(self._path), reason=error.strerror or str(error)) from error
            self.value = settings
