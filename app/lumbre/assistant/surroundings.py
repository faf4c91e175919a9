"""What differs between systems around the library: batteries, busy processors, drives that come and go, clouds."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from lumbre.core.errors import CloudPlaceholder

# Windows: opening or reading such a file brings its content down from somewhere else.
_RECALLED = 0x1000 | 0x40000 | 0x400000
# macOS: the content is not on the disk.
_DATALESS = 0x40000000
_BUSY = 0.5


def on_battery() -> bool:
    """Whether this machine runs on its battery now; False where there is none or nobody knows."""
    import psutil

    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError):
        return False
    return battery is not None and battery.power_plugged is False


class Busyness:
    """Tells whether other programs keep the processor busy, from one look to the next."""

    def __init__(self) -> None:
        self._before: tuple[float, float, float] | None = None

    def others_work(self) -> bool:
        """Whether others used more than half of all cores since the last call."""
        import psutil

        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        now = (sum(times) - getattr(times, "guest", 0.0), idle, _own_seconds())
        before, self._before = self._before, now
        if before is None or now[0] - before[0] <= 0:
            return False
        whole = now[0] - before[0]
        others = whole - (now[1] - before[1]) - max(0.0, now[2] - before[2])
        return bool(others / whole > _BUSY)


def _own_seconds() -> float:
    """Processor seconds of this process and its living children."""
    import psutil

    total = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        try:
            used = process.cpu_times()
        except psutil.Error:
            continue
        total += used.user + used.system
    return total


def refuse_placeholder(path: str) -> None:
    """Raise CloudPlaceholder for a file whose content a cloud drive keeps elsewhere: to open it would bring it down.

    On Linux only what its name tells is known: a file without blocks may as well be small or compressed.
    """
    try:
        status = Path(path).stat()
    except OSError:
        return  # opening it will say why
    if is_placeholder(Path(path).name, status):
        raise CloudPlaceholder


def is_placeholder(name: str, status: os.stat_result) -> bool:
    """Whether only a stand-in for a file's content is on this device."""
    if getattr(status, "st_file_attributes", 0) & _RECALLED or getattr(status, "st_flags", 0) & _DATALESS:
        return True
    return _is_icloud_stub(name)


def is_hidden(name: str, status: os.stat_result | None) -> bool:
    """Whether the system hides a file. A stand-in of iCloud is not taken for hidden: its document is not."""
    attributes = getattr(status, "st_file_attributes", 0)
    if sys.platform == "win32" and attributes & (stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM):
        return True
    return name.startswith(".") and not _is_icloud_stub(name)


def _is_icloud_stub(name: str) -> bool:
    return name.startswith(".") and name.endswith(".icloud")


def mount_of(path: str) -> str:
    """The folder at or above `path` where its drive is mounted."""
    while not os.path.ismount(path):
        parent = str(Path(path).parent)
        if parent == path:
            break
        path = parent
    return path


def is_away(root: str, mount: str, single: bool) -> bool:
    """Whether an added folder or `single` file cannot be seen now, say because its drive is not plugged in.

    A single file that is gone from a folder that is there was deleted, and is not away. `mount` is where its drive was.
    """
    if mount and not os.path.ismount(mount):
        return True
    return not (Path(root).parent if single else Path(root)).is_dir()
