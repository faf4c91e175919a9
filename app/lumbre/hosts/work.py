"""What all kinds of work in a child share: a queue of commands, and errors that cross the pipe."""

from __future__ import annotations

import os
import queue
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from lumbre.core.errors import LumbreError
from lumbre.hosts.pipe import OUT_OF_MEMORY, Command, Problem, Report

Send = Callable[[Report], None]


class Work(ABC):
    """Commands come in from the listening thread by `take` and are done one by one in `run`."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self._inbox: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def take(self, command: Command) -> None:
        """Queue a command (the listening thread calls this)."""
        self._inbox.put(command)

    def run(self, idle: float | None) -> None:
        """Do what comes, until nothing has come for `idle` seconds."""
        while True:
            try:
                command = self._inbox.get(timeout=idle)
            except queue.Empty:
                return
            self.attempt(command)

    def attempt(self, command: Command) -> None:
        """Do one command; an error becomes its answer."""
        try:
            self.do(command)
        except LumbreError as error:
            self.send(Problem(command.id, error.code, _plain(error.details)))
        except MemoryError:
            self.out_of_memory(command)
        except Exception as error:  # a bug: told to the parent, which ends this process
            traceback.print_exc(file=sys.stderr)
            self.send(Problem(command.id, "", {"reason": f"{type(error).__name__}: {error}"[:200]}))

    @abstractmethod
    def do(self, command: Command) -> None:
        """Do one command and send its answer."""

    def out_of_memory(self, command: Command) -> None:
        """Say that memory ran out, and end: nothing here can be trusted after that."""
        try:
            self.send(Problem(command.id, "", {"reason": "out of memory"}))
        finally:
            os._exit(OUT_OF_MEMORY)


def _plain(details: dict[str, Any]) -> dict[str, str | int | float]:
    return {name: value if type(value) in (str, int, float) else str(value) for name, value in details.items()}
