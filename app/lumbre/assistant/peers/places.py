"""Where programs keep their data on each system, and how what they wrote is read without trusting it."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lumbre.core.importing import ForeignConversation, ForeignTurn

DAMAGED = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading a file comes to that is damaged or made otherwise."""
_MILLISECONDS = 1e11
"""A time beyond this is not in seconds: it would be in the year 5138."""
_LAST = 1e10


def data_folder() -> Path:
    """Where programs put large data of one person on this machine."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def roaming_folder() -> Path:
    """The same, but on Windows the part that follows a person to other machines."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    return data_folder()


def config_folder() -> Path:
    """Where programs built on Electron put everything."""
    if sys.platform in ("win32", "darwin"):
        return roaming_folder()
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises OSError, ValueError."""
    value = json.loads(path.read_text("utf-8-sig"))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def seconds(value: object) -> float:
    """A time of another program as seconds since the epoch, whatever its unit; 0 when it is none."""
    if isinstance(value, str):
        try:
            # SQLite's own times are in UTC and do not say so.
            written = datetime.fromisoformat(value)
        except ValueError:
            return 0.0
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    time = value / 1000 if value > _MILLISECONDS else float(value)
    return time if 0 <= time <= _LAST else 0.0  # also false for NaN, which JSON as it is written may hold


def conversation(origin: str, title: str, turns: list[ForeignTurn]) -> ForeignConversation:
    """A conversation whose turns take turns: empty ones are dropped, those of one speaker in a row become one."""
    kept: list[ForeignTurn] = []
    for turn in turns:
        if not turn.text.strip():
            continue
        if kept and kept[-1].role == turn.role:
            last = kept.pop()
            turn = ForeignTurn(turn.role, f"{last.text}\n\n{turn.text}", last.created, turn.model or last.model)
        kept.append(turn)
    texts = [ForeignTurn(each.role, _valid(each.text), each.created, _valid(each.model)) for each in kept]
    return ForeignConversation(_valid(origin), _valid(title), texts)


def _valid(text: str) -> str:
    """Halves of characters, which JSON can hold and no file can, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
