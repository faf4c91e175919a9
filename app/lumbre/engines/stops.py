"""Stop strings in a stream: nothing of one is ever shown, even when it arrives in halves."""

from __future__ import annotations


class Stops:
    """Holds back text that may be the beginning of a stop string."""

    def __init__(self, stops: list[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.met = False
        """True once one came; whatever is fed later is dropped."""

    def feed(self, text: str) -> str:
        """Add `text`; what may be shown now."""
        if self.met:
            return ""
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.met = True
            return self._give(min(found), drop=True)
        return self._give(len(self._held) - self._doubtful())

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        return "" if self.met else self._give(len(self._held))

    def _give(self, count: int, *, drop: bool = False) -> str:
        shown, self._held = self._held[:count], "" if drop else self._held[count:]
        return shown

    def _doubtful(self) -> int:
        """Length of the longest end of the held text that begins a stop string."""
        longest = max((len(stop) - 1 for stop in self._stops), default=0)
        ends = range(min(longest, len(self._held)), 0, -1)
        return next((n for n in ends if any(stop.startswith(self._held[-n:]) for stop in self._stops)), 0)
