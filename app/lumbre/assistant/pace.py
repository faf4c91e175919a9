"""How fast the library's worker goes, and how fast it is let go: batteries and other programs come first."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from lumbre.assistant.surroundings import Busyness, on_battery
from lumbre.core.documents import LibraryCounts
from lumbre.core.events import Holding, IndexProgress
from lumbre.core.settings import Settings

LOOK_SECONDS = 5.0
"""How often batteries and the processor are looked at."""
REST = 2.0
"""A slow worker rests twice as long as it worked."""
LONGEST_REST_SECONDS = 10.0
WINDOW_SECONDS = 10.0


class Pace:
    """Whether the worker goes on at once, rests first or is held; without settings it always goes on at once."""

    def __init__(
        self,
        settings: Callable[[], Settings] | None = None,
        battery: Callable[[], bool] = on_battery,
        busy: Callable[[], bool] | None = None,
    ) -> None:
        """`battery` and `busy` say whether the machine runs on its battery, and whether other programs use it."""
        self._settings = settings
        self._battery = battery
        self._busy = busy or Busyness().others_work
        self._mode: Literal["full", "slow", "pause"] = "full"
        self._why: Holding = ""
        self._looked = -LOOK_SECONDS
        self._begun = 0.0
        self.background = False
        """Whether it works in the background of a window; what a person waits for in a terminal goes at full speed."""

    @property
    def holding(self) -> Holding:
        """What keeps the worker back."""
        return self._why

    def begin(self) -> None:
        """Note that a piece of work begins."""
        self._begun = time.monotonic()

    def end(self) -> None:
        """Note that nothing is left to do for now."""
        self._begun = 0.0

    def rest(self) -> float:
        """Seconds to rest after the piece of work that was begun last."""
        self._look()
        worked = time.monotonic() - self._begun if self._begun else 0.0
        return min(REST * worked, LONGEST_REST_SECONDS) if self._mode == "slow" else 0.0

    def held(self) -> bool:
        """Whether nothing may be begun now."""
        self._look()
        return self._mode == "pause"

    def _look(self) -> None:
        if self._settings is None or not self.background or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        settings = self._settings()
        if settings.on_battery != "full" and self._battery():
            self._mode, self._why = settings.on_battery, "battery"
        elif self._busy() and settings.when_busy == "slow":
            self._mode, self._why = "slow", "busy"
        else:
            self._mode, self._why = "full", ""


class Speed:
    """Chunks embedded in a second over the last seconds, and what is left at that speed."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def progress(self, counts: LibraryCounts, holding: Holding = "") -> IndexProgress:
        """Note how far it has come by now."""
        now = time.monotonic()
        if self._seen and counts.embedded < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, counts.embedded))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()
        (first, before), (last, after) = self._seen[0], self._seen[-1]
        speed = (after - before) / (last - first) if last > first else 0.0
        return IndexProgress(counts, speed, _left(counts) / speed if speed else 0.0, holding)


def _left(counts: LibraryCounts) -> float:
    """Chunks still to embed; files not read yet are taken for files like those that were."""
    read = counts.readable + counts.done
    unread = counts.waiting * counts.chunks / read if read else 0.0
    return counts.chunks - counts.embedded + unread
