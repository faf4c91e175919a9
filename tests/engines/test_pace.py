"""Threads while others want the same cores, by clocks that the tests turn."""

from __future__ import annotations

from lumbre.engines.pace import Pace


class Machine:
    """A machine of which others take a share of each thread's time."""

    def __init__(self, threads: int) -> None:
        self.wall = self.cpu = 0.0
        self.pace = Pace(threads, lambda: self.wall, lambda: self.cpu)

    def run(self, seconds: float, granted: float) -> int:
        """Compute for some time in steps of 0.2 s; the threads used at the end."""
        for _ in range(round(seconds / 0.2)):
            self.wall += 0.2
            self.cpu += 0.2 * self.pace.threads * granted
            self.pace.look()
        return self.pace.threads


def test_a_machine_of_its_own_is_used_whole() -> None:
    assert Machine(8).run(30, 1.0) == 8


def test_threads_that_are_held_up_give_way_and_come_back() -> None:
    machine = Machine(8)
    assert machine.run(0.2, 0.5) == 4
    assert machine.run(0.6, 1.0) == 4
    assert machine.run(1.0, 1.0) == 8


def test_one_thread_always_remains() -> None:
    machine = Machine(2)
    assert machine.run(0.2, 0.01) == 1
    assert machine.run(0.6, 0.3) == 1


def test_tries_in_vain_become_rarer() -> None:
    machine = Machine(2)
    tries = 0
    for _ in range(300):
        tries += machine.run(0.2, 0.5 if machine.pace.threads == 2 else 1.0) == 2
    assert 4 <= tries <= 8


def test_time_between_two_answers_does_not_count() -> None:
    machine = Machine(4)
    machine.wall += 60
    machine.pace.begin()
    assert machine.run(0.2, 1.0) == 4


def test_moments_too_short_to_judge_are_put_together() -> None:
    machine = Machine(4)
    for _ in range(4):
        machine.wall += 0.025
        assert not machine.pace.look()
    machine.wall += 0.03
    assert machine.pace.look()
    assert machine.pace.threads == 1
