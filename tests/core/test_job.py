"""Jobs: one ending, a log that is replayed, a stop that is never taken back."""

from __future__ import annotations

import threading

import pytest

from lumbre.core.errors import DiskFull
from lumbre.core.job import Failed, Finished, Job, Phase, Progress, Stopped, start


def test_late_subscribers_see_every_event_and_the_ending_last() -> None:
    job = start("count", lambda job: [job.emit(Phase(name)) for name in ("one", "two")] and "done")
    job.wait(10)
    seen: list[object] = []
    job.subscribe(seen.append)
    assert seen == [Phase("one"), Phase("two"), Finished("done")]
    assert list(job.events()) == seen


def test_a_job_has_exactly_one_ending() -> None:
    job: Job[str] = Job()
    job.end(Finished("first"))
    job.end(Failed(ValueError()))
    job.emit(Phase("late"))
    assert list(job.events()) == [Finished("first")]


def test_stopping_ends_it_with_what_there_was() -> None:
    begun = threading.Event()

    def work(job: Job[int]) -> int:
        begun.set()
        while not job.cancelled:
            pass
        return 7

    job = start("wait", work)
    assert begun.wait(10)
    job.cancel()
    assert job.wait(10) == Stopped(7)
    assert job.cancelled
    assert job.result() == 7


def test_a_failure_carries_the_error_and_what_there_was() -> None:
    def work(job: Job[str]) -> str:
        raise DiskFull(path="/x")

    job = start("fail", work, partial=lambda: "half")
    ending = job.wait(10)
    assert isinstance(ending, Failed)
    assert ending.result == "half"
    with pytest.raises(DiskFull):
        job.result()


def test_what_is_said_anew_is_replayed_once() -> None:
    job: Job[None] = Job()
    heard: list[object] = []
    job.subscribe(heard.append)
    for done in range(1000):
        job.emit(Progress(done, 1000, "files"))
        job.emit(Progress(done, 1000, "chunks"))
    job.emit(Phase("looking"))
    job.end(Finished(None))
    assert len(heard) == 2002
    late: list[object] = []
    job.subscribe(late.append)
    wanted = [Progress(999, 1000, "files"), Progress(999, 1000, "chunks"), Phase("looking"), Finished(None)]
    assert late == wanted
    assert list(job.events()) == wanted
