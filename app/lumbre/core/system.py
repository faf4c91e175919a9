"""What the system around the program offers."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    # Qt's own platforms (offscreen, vnc…) need no display.
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
