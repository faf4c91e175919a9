"""How many threads to compute with while other programs want the same cores.

The threads of a model wait for each other after every operation, hundreds of times a token. When another program holds
the core of one of them, all wait for it: two busy programs on two cores write a hundred times slower, not twice. Fewer
threads, each with a core to itself, do not have that trouble.
"""

from __future__ import annotations

import time
from collections.abc import Callable

HELD = 0.78
"""Share of the processor time asked for below which the threads are taken to be held up by others."""
_LOOK_S = 0.12
_WAIT_S = 1.0
_LONGEST_S = 16.0

Clock = Callable[[], float]


class Pace:
    """Watches what the system grants: fewer threads when it is less than asked for, all of them again after a while."""

    def __init__(self, threads: int, wall: Clock = time.perf_counter, cpu: Clock = time.process_time) -> None:
        """`wall` and `cpu` are seconds of the clock and of processor time of this process."""
        self.threads = threads
        """How many to use now."""
        self._full = threads
        self._wall = wall
        self._cpu = cpu
        self._again = 0.0
        self._wait = _WAIT_S
        self.begin()

    def begin(self) -> None:
        """Computing starts now; the time since the last look was somebody else's."""
        self._begun = (self._wall(), self._cpu())

    def look(self) -> bool:
        """Judge the time since the last look; True when `threads` has changed."""
        now, used = self._wall(), self._cpu()
        passed = now - self._begun[0]
        if passed < _LOOK_S:
            return False
        before, granted = self.threads, (used - self._begun[1]) / (passed * self.threads)
        self._begun = (now, used)
        if granted < HELD and before > 1:
            self.threads = max(1, int(before * granted))
            # Trying costs as much as one look under the same trouble, so each try in vain puts off the next.
            self._again, self._wait = now + self._wait, min(2 * self._wait, _LONGEST_S)
        elif before < self._full and now >= self._again:
            self.threads = self._full
        elif before == self._full:
            self._wait = _WAIT_S
        return self.threads != before
