"""A child that is started when it is needed, ends itself when it is not, and is started again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lumbre.hosts.process import Child, ChildGone


class OnDemand:
    """Holds at most one child. Safe from any thread."""

    def __init__(self, make: Callable[[], Child]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._closed = False

    @property
    def child(self) -> Child | None:
        """The child that runs now, if any."""
        child = self._child
        return child if child is not None and child.alive else None

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._closed

    def get(self) -> Child:
        """The running child, or a new one. Raises ChildGone when it cannot be started or all was closed."""
        with self._lock:
            if self._closed:
                raise ChildGone("it was closed")
            if self._child is None or not self._child.alive:
                self._child = self._make()
            return self._child

    def kill(self) -> None:
        """End the child that runs now; the next `get` starts another."""
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the child for good; idempotent."""
        with self._lock:
            self._closed = True
        self.kill()
