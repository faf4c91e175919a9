"""Looking on while the program works: how long each document is read, and what memory its processes take."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

MB = 1e6


class Clocked:
    """Stands for an object and tells the seconds that each call of some of its methods takes."""

    def __init__(self, real: Any, methods: set[str], tell: Callable[[str, tuple[Any, ...], float], None]) -> None:
        """`tell` hears the method's name, its positional arguments and the seconds, also when it raises."""
        self._real = real
        self._methods = methods
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in self._methods:
            return real

        def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return real(*arguments, **named)
            finally:
                self._tell(name, arguments, time.perf_counter() - begun)

        return timed


class Journal:
    """Lines of JSON in a file, so that a run that was stopped knows what it saw before."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def add(self, line: dict[str, Any]) -> None:
        """Keep one line."""
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def lines(self) -> list[dict[str, Any]]:
        """All lines kept, oldest first."""
        if not self._file.exists():
            return []
        return [json.loads(line) for line in self._file.read_text("utf-8").splitlines()]


def resident(process: psutil.Process) -> float:
    """MB resident of a process now; 0 when it is gone."""
    try:
        return float(process.memory_info().rss / MB)
    except psutil.NoSuchProcess:
        return 0.0


def hosts() -> dict[str, list[psutil.Process]]:
    """The child processes of this one by kind ("reader", "embed", "chat")."""
    found: dict[str, list[psutil.Process]] = {}
    for child in psutil.Process().children():
        try:
            words = child.cmdline()
        except psutil.NoSuchProcess:
            continue
        kind = next((word for word in words if word in ("reader", "embed", "chat")), "")
        if kind:
            found.setdefault(kind, []).append(child)
    return found


def peak(process: psutil.Process) -> float:
    """The most MB that a process ever had resident, where the system tells (Linux), else what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return resident(process)
    high = next((line for line in lines if line.startswith("VmHWM:")), "")
    return int(high.split()[1]) * 1024 / MB if high else resident(process)


@contextmanager
def looking(look: Callable[[], None], seconds: float) -> Iterator[None]:
    """Have `look` called every so many seconds from a thread while inside."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(seconds):
            look()

    thread = threading.Thread(target=run, name="looking", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        look()
