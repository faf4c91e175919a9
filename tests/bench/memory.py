"""Memory of the program's processes while it indexes without end: a series, and how fast it grows."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import watch

from lumbre.core.job import Failed
from lumbre.core.paths import Home
from lumbre.wiring import open_assistant

_PASSPHRASE = "only for this run"
_LOOK_SECONDS = 5.0
_LINES = 30
_TEXTS = (".txt", ".md", ".html", ".csv")
_LARGEST = 2_000_000
"""Bytes of a file that is copied with variations; larger ones are read once."""


class _Series:
    """MB of each kind of process over time."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self.points: list[tuple[float, dict[str, float]]] = []

    def look(self) -> None:
        mb = {"main": watch.resident(psutil.Process())}
        for kind, processes in watch.hosts().items():
            mb[kind] = sum(map(watch.resident, processes))
        mb["all"] = sum(mb.values())
        self.points.append((time.monotonic() - self._begun, mb))


def run(work: Path, files: Sequence[Path], minutes: float) -> None:
    """Index the files, then copies with variations, until the time is over; print the series and its slope."""
    for name in ("endless", "copies"):
        shutil.rmtree(work / name, ignore_errors=True)
    series = _Series()
    until = time.monotonic() + minutes * 60
    assistant = open_assistant(Home(work / "endless"), lambda _: _PASSPHRASE)
    rounds = 0
    with watch.looking(series.look, _LOOK_SECONDS):
        for folder in _rounds(work / "copies", files):
            job = assistant.add(folder)
            while (ending := job.wait(1.0)) is None and time.monotonic() < until:
                pass
            if isinstance(ending, Failed):
                raise ending.error
            if ending is None:
                assistant.pause_indexing()
                job.cancel()
                break
            rounds += 1
            if time.monotonic() > until:
                break
    counts = assistant.counts()
    assistant.close()
    print(f"{rounds} whole rounds, {counts.files} files, {counts.chunks} chunks, {counts.embedded} embedded")
    _print(series.points)


def _rounds(target: Path, files: Sequence[Path]) -> Iterator[list[Path]]:
    """First the files themselves, then without end a folder with copies that differ from all before."""
    yield list(files)
    found = [each for path in files for each in ([path] if path.is_file() else sorted(path.rglob("*")))]
    small = [each for each in found if each.is_file() and each.stat().st_size <= _LARGEST]
    number = 0
    while True:
        number += 1
        folder = target / f"{number:04}"
        folder.mkdir(parents=True)
        for at, path in enumerate(small):
            (folder / f"{at:04}{path.suffix}").write_bytes(_varied(path, number))
        yield [folder]


def _varied(path: Path, number: int) -> bytes:
    """Text with words exchanged, so that it is embedded again; anything else with bytes at its end, read again."""
    data = path.read_bytes()
    if path.suffix not in _TEXTS:
        return data + b"\n%% %d\n" % number
    words = data.decode("utf-8", "replace").split(" ")
    chance = random.Random(number)
    for _ in range(len(words) // 20):
        one, other = chance.randrange(len(words)), chance.randrange(len(words))
        words[one], words[other] = words[other], words[one]
    return " ".join(words).encode()


def _print(points: Sequence[tuple[float, dict[str, float]]]) -> None:
    """Some lines of the series, the peak, and the slope of the second half by least squares."""
    kinds = ["main", *sorted({kind for _, mb in points for kind in mb} - {"main", "all"}), "all"]
    print(f"{'minute':>7}" + "".join(f"{kind:>9}" for kind in kinds) + "  MB resident")
    for at, mb in points[:: max(1, len(points) // _LINES)]:
        print(f"{at / 60:>7.1f}" + "".join(f"{mb.get(kind, 0):>9.0f}" for kind in kinds))
    late = points[len(points) // 2 :]
    for kind in kinds:
        values = [mb.get(kind, 0.0) for _, mb in late]
        slope = _slope([at / 60 for at, _ in late], values)
        peak = max(mb.get(kind, 0.0) for _, mb in points)
        print(
            f"{kind:<7} peak {peak:.0f} MB, second half {slope:+.2f} MB a minute ({min(values):.0f}–{max(values):.0f})"
        )


def _slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Of the straight line nearest to the points."""
    import numpy as np

    return float(np.polyfit(times, values, 1)[0]) if len(times) > 1 else 0.0
