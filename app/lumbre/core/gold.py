"""Gold questions: what a person knows the place of, and how well the library finds it."""

from __future__ import annotations

import math

import msgspec


class GoldQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question, the file that holds the answer, and words that the right passage holds (empty: any)."""

    id: int = 0
    question: str
    path: str
    words: str = ""


class FoundPlace(msgspec.Struct, frozen=True):
    """Where a passage stands."""

    path: str
    page: int | None
    heading: str


class GoldResult(msgspec.Struct, frozen=True):
    """Rank of the right passage from 1, or 0 when it was not among the first."""

    gold: GoldQuestion
    rank: int
    found: list[FoundPlace] = []
    """What was found instead, best first."""
    gone: bool = False
    """Whether the file is no longer in the library."""


class GoldReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the test."""

    time: float
    """Seconds since the epoch."""
    top: int
    """Passages looked at for each question."""
    results: list[GoldResult]
    marks: dict[str, str]
    """What may make a difference: versions of program, readers and embedder, size of the library, settings."""

    def recall(self, top: int) -> float:
        """Share of the questions whose passage is among the first `top`."""
        return sum(0 < each.rank <= top for each in self.results) / max(1, len(self.results))

    def mrr(self, top: int) -> float:
        """Mean reciprocal rank, 0 for what is not among the first `top`."""
        # fsum, so that the order of the questions makes no difference.
        return math.fsum(1 / each.rank for each in self.results if 0 < each.rank <= top) / max(1, len(self.results))

    @property
    def misses(self) -> list[GoldResult]:
        """What was not found."""
        return [each for each in self.results if not each.rank]


class GoldComparison(msgspec.Struct, frozen=True):
    """A report and the one before it; the comparison is over the questions that both asked, as far as both looked."""

    now: GoldReport
    before: GoldReport | None = None

    @property
    def worse(self) -> bool:
        """Whether less was found than the last time, or later."""
        if self.before is None:
            return False
        now, before, top = self.common
        return now.recall(top) < before.recall(top) or now.mrr(top) < before.mrr(top)

    @property
    def common(self) -> tuple[GoldReport, GoldReport, int]:
        """Both reports with the questions of both, and the smaller `top`."""
        assert self.before is not None
        both = _asked(self.now) & _asked(self.before)
        return _only(self.now, both), _only(self.before, both), min(self.now.top, self.before.top)

    @property
    def changed(self) -> dict[str, tuple[str, str]]:
        """The marks that differ: before and now."""
        old = self.before.marks if self.before is not None else {}
        names = [name for name in {**old, **self.now.marks} if old.get(name, "") != self.now.marks.get(name, "")]
        return {name: (old.get(name, ""), self.now.marks.get(name, "")) for name in names} if old else {}


def _asked(report: GoldReport) -> set[tuple[str, str, str]]:
    return {_key(each) for each in report.results}


def _only(report: GoldReport, asked: set[tuple[str, str, str]]) -> GoldReport:
    return msgspec.structs.replace(report, results=[each for each in report.results if _key(each) in asked])


def _key(result: GoldResult) -> tuple[str, str, str]:
    return result.gold.question, result.gold.path, result.gold.words
