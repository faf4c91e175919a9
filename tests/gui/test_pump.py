"""From threads to the window: in order, in batches, never under a job's lock, never to what is gone."""

import sys
import threading

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel
from shiboken6 import delete

from lumbre.core.errors import EmptyQuestion
from lumbre.core.job import Finished, Job, start
from lumbre.frontends.gui.pump import Pump


@pytest.fixture
def pump(qapp):
    made = Pump()
    yield made
    made.close()


def test_events_arrive_in_order_and_few_batches(qtbot, pump):
    owner, batches = QObject(), []
    job = start("count", lambda job: [job.emit(number) for number in range(5000)])
    pump.follow(job, owner, batches.append)
    qtbot.waitUntil(lambda: bool(batches) and isinstance(batches[-1][-1], Finished))
    assert [event for batch in batches for event in batch][:-1] == list(range(5000))
    assert len(batches) < 500


def test_handlers_run_in_the_gui_thread_and_outside_the_lock_of_the_job(qtbot, pump):
    owner, seen = QObject(), []
    job: Job[None] = Job()
    job.emit("early")

    def handle(events):
        # Emitting from the handler would dead-lock if the job were replaying its log under its lock.
        seen.extend((event, threading.current_thread() is threading.main_thread()) for event in events)
        if "early" in events:
            job.emit("late")

    pump.follow(job, owner, handle)
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [("early", True), ("late", True)]


def test_nothing_reaches_an_owner_that_is_gone(qtbot, pump):
    gone, there, seen = QObject(), QObject(), []
    job: Job[None] = Job()
    pump.follow(job, gone, lambda events: seen.append("gone"))
    pump.follow(job, there, lambda events: seen.append("there"))
    delete(gone)
    job.emit("event")
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["there"]


def test_an_errand_gives_its_result_back_in_the_gui_thread(qtbot, pump):
    owner, results = QObject(), []
    pump.run(owner, threading.get_ident, lambda ident: results.append((ident, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(results))
    worker, gui = results[0]
    assert worker != gui == threading.main_thread().ident


def test_an_errand_that_fails_is_told_apart(qtbot, pump):
    owner, failures = QObject(), []

    def fail():
        raise EmptyQuestion

    pump.run(owner, fail, lambda _: failures.append("done"), failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert isinstance(failures[0], EmptyQuestion)


def test_a_closed_pump_is_silent(qtbot, pump):
    owner, seen = QObject(), []
    tell = pump.inlet(owner, seen.append)
    tell(1)
    pump.close()
    tell(2)
    pump._deliver()
    assert seen == []


def test_void_calls_of_qt_keep_the_count_of_none(qtbot):
    """PySide6 6.12.0 lost a reference to None at each such call and aborted after some thousands on Python 3.11."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(1000):
        label.setText("x")
    assert abs(sys.getrefcount(None) - before) < 50
