"""Added folders are watched: what is added, edited, moved or deleted in them reaches the library on its own.

An event only says where to look; what is there is then read from the disk, so that events may come twice, late, in any
order or not at all when the system drops some. Everything is compared once at the start, and whenever events were lost.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lumbre.assistant import adding
from lumbre.assistant.adding import Roots
from lumbre.assistant.ignoring import IGNORE_FILE, Rules, seen
from lumbre.core.errors import FolderAway, LumbreError, WatchLimit
from lumbre.core.events import LibraryChanged, WatchFailed
from lumbre.core.settings import Settings
from lumbre.store.collections import displayed
from lumbre.store.library import LibraryStore
from lumbre.store.moving import Seen

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.api import BaseObserver

QUIET_SECONDS = 0.25
"""A file is looked at when nothing happened to it for so long: programs write in several steps."""
LONGEST_SECONDS = 20.0
"""A file that never comes to rest is looked at all the same after so long."""
GRACE_SECONDS = 1.0
"""A file stays in the library for so long after it is gone: it may be on its way to another place."""
WATCH_ANEW_SHARE = 20
"""Watching anew takes at most one part in so many of the time, however often folders move."""
PRESENCE_SECONDS = 5.0
"""How often to see whether a drive came or went, of which the system sends no event: one look for each folder."""


class Watcher:
    """One thread that keeps the library up to the added folders while the program is open."""

    def __init__(
        self,
        library: LibraryStore,
        settings: Callable[[], Settings],
        wake: Callable[[], object],
        tell: Callable[[object], None],
    ) -> None:
        """`wake` has the library's worker look for waiting files; `tell` hears LibraryChanged and WatchFailed."""
        self._library = library
        self._settings = settings
        self._wake = wake
        self._tell = tell
        self._state = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None
        # Under the lock: where something happened, with the first and the last time.
        self._touched: dict[str, tuple[float, float]] = {}
        self._lost_events = False
        self._folders_moved = False
        self._rounds = 0
        # Of the thread alone.
        self._observer: BaseObserver | None = None
        self._present: dict[str, bool] = {}
        self._gone: dict[str, float] = {}
        self._seen_at = 0.0
        self._watch_anew_at = 0.0

    def start(self) -> None:
        """Begin to watch, in a thread; idempotent."""
        with self._state:
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
                self._thread.start()

    def compare_all(self) -> None:
        """Look at every folder again, say because settings changed."""
        with self._state:
            self._lost_events = True
            self._state.notify_all()

    def look_again(self) -> None:
        """See now whether folders were added or taken out."""
        with self._state:
            self._seen_at = 0.0
            self._state.notify_all()

    def close(self) -> None:
        """Stop watching; idempotent."""
        with self._state:
            self._closing = True
            self._state.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def settle(self, seconds: float) -> bool:
        """Block until nothing is left to look at, for up to `seconds`; False when there still is."""
        with self._state:
            return self._state.wait_for(lambda: self._rounds > 0 and not self._pending(), seconds)

    def _pending(self) -> bool:
        return bool(self._touched or self._gone or self._lost_events or self._folders_moved)

    # --- the thread ---

    def _run(self) -> None:
        overflow = _Warnings(self.compare_all)
        logger = logging.getLogger("watchdog")
        logger.addHandler(overflow)
        propagates, logger.propagate = logger.propagate, False
        try:
            while not self._closing:
                try:
                    self._round()
                except LumbreError as error:  # the database is busy or the disk is full: nothing is lost by waiting
                    self._tell(WatchFailed(error))
                    self.compare_all()
                    self._rest(PRESENCE_SECONDS)
        finally:
            self._unwatch()
            logger.propagate = propagates
            logger.removeHandler(overflow)

    def _round(self) -> None:
        roots = self._look_at_roots() if time.monotonic() - self._seen_at >= PRESENCE_SECONDS else None
        if self._folders_moved and time.monotonic() >= self._watch_anew_at:
            roots = roots or Roots(self._library)
            self._watch_anew(roots)
        if self._lost_events:
            self._compare(roots or Roots(self._library), None)
        overdue = sorted(path for path, at in self._gone.items() if at <= time.monotonic())
        due = self._take_due()
        if due or overdue:
            roots = roots or Roots(self._library)
            self._look(roots, due)
            self._drop(roots, overdue)
        with self._state:
            self._rounds += 1
            self._state.notify_all()
            if not self._closing and not self._lost_events:
                self._state.wait(max(0.0, self._next() - time.monotonic()))

    def _next(self) -> float:
        """When there is something to do next."""
        quiet = [min(last + QUIET_SECONDS, first + LONGEST_SECONDS) for first, last in self._touched.values()]
        quiet += [self._watch_anew_at] if self._folders_moved else []
        return min([*quiet, *self._gone.values(), self._seen_at + PRESENCE_SECONDS])

    def _rest(self, seconds: float) -> None:
        with self._state:
            self._state.wait_for(lambda: self._closing, seconds)

    def _take_due(self) -> list[str]:
        now = time.monotonic()
        with self._state:
            times = self._touched.items()
            due = [
                path for path, (first, last) in times if now >= last + QUIET_SECONDS or now >= first + LONGEST_SECONDS
            ]
            for path in due:
                # Still to be done until it is removed from here, so that `settle` waits for it.
                self._gone.setdefault(path, now)
                del self._touched[path]
        return due

    def _rules(self) -> Rules:
        return Rules(self._settings(), self._library.left_out())

    # --- folders that come and go ---

    def _look_at_roots(self) -> Roots:
        """See which added folders are there; those that came are watched and compared."""
        self._seen_at = time.monotonic()
        roots = Roots(self._library)
        present = {root: not roots.is_away(root) for root in roots}
        if present != self._present:
            known, self._present = self._present, present
            for root in present:
                if not present[root] and known.get(root, True):
                    self._tell(WatchFailed(FolderAway(path=root)))
            # Watching begins before comparing, so that nothing falls between the two.
            self._watch([root for root in present if present[root]], roots)
            self._compare(roots, [root for root in present if present[root] and not known.get(root, False)])
        return roots

    def _watch(self, present: list[str], roots: Roots) -> None:
        from watchdog.observers import Observer

        # It warns when a folder comes back that it still knew; that does no harm here.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")
        old, self._observer = self._observer, None
        folders = {root: True for root in present if not roots.is_single(root)}
        for root in present:
            if roots.is_single(root):  # its folder, because a program that saves may put another file in its place
                folders.setdefault(str(Path(root).parent), False)
        try:
            self._observer = Observer()
            handler = _handler(self._heard)
            for folder, recursive in folders.items():
                self._observer.schedule(handler, folder, recursive=recursive, event_filter=_events())
            self._observer.start()
        except OSError as error:
            self._unwatch()
            limit = error.errno in (errno.ENOSPC, errno.EMFILE)
            self._present = {} if not limit else self._present  # a folder went just now: look again
            if limit:
                self._tell(WatchFailed(WatchLimit(reason=error.strerror or str(error))))
        _stop(old)  # only now, so that no event is lost between the two

    def _watch_anew(self, roots: Roots) -> None:
        """Watch again after folders moved: what watches them may then know them by places where they no longer are."""
        with self._state:
            self._folders_moved = False
            self._lost_events = True
        begun = time.monotonic()
        self._watch([root for root, present in self._present.items() if present], roots)
        self._watch_anew_at = begun + max(GRACE_SECONDS, WATCH_ANEW_SHARE * (time.monotonic() - begun))

    def _unwatch(self) -> None:
        old, self._observer = self._observer, None
        _stop(old)

    def _heard(self, event: FileSystemEvent) -> None:
        now = time.monotonic()
        with self._state:
            first = not self._touched
            self._folders_moved |= type(event).__name__ in ("DirMovedEvent", "DirDeletedEvent")
            for path in filter(None, map(os.fsdecode, (event.src_path, event.dest_path))):
                self._touched[path] = (self._touched.get(path, (now, now))[0], now)
            if first:  # else the thread wakes before this one is due anyway
                self._state.notify_all()

    # --- bringing the library up to the disk ---

    def _compare(self, roots: Roots, which: list[str] | None) -> None:
        """Compare added folders with what is known; all are taken first, lest what moved between them is lost."""
        if which is None:
            with self._state:
                self._lost_events = False
        rules = self._rules()
        present = [root for root in (roots if which is None else which) if self._present.get(root)]
        found = {root: adding.take_below(self._library, roots, rules, root, self._is_closing) for root in present}
        for root in present:
            if not self._closing:
                adding.drop_below(self._library, roots, rules, root, *found[root])
        if present:
            self._changed()

    def _is_closing(self) -> bool:
        return self._closing

    def _look(self, roots: Roots, paths: list[str]) -> None:
        """Look at places where something happened."""
        rules = self._rules()
        files: list[Seen] = []
        for path in paths:
            self._gone.pop(path, None)
            if not roots.above(path):
                continue
            try:
                status = Path(path).stat()
            except OSError:
                self._gone[path] = time.monotonic() + GRACE_SECONDS
                continue
            if Path(path).name == IGNORE_FILE:
                adding.compare(self._library, roots, rules, str(Path(path).parent), self._is_closing)
            elif Path(path).is_dir() or not roots.takes(path, status, rules):
                adding.compare(self._library, roots, rules, path, self._is_closing)
            elif Path(path).is_file():
                files.append(seen(path, status))
        adding.take(self._library, roots, files)
        if paths:
            self._changed()

    def _drop(self, roots: Roots, paths: list[str]) -> None:
        """Remove what has been gone for a while, if its folder is there to be asked."""
        rules = self._rules()
        for path in paths:
            if self._gone.pop(path, None) is None:
                continue
            adding.compare(self._library, roots, rules, displayed(path), self._is_closing)
            if Path(path).name == IGNORE_FILE:
                adding.compare(self._library, roots, rules, str(Path(path).parent), self._is_closing)
        if paths:
            self._changed()

    def _changed(self) -> None:
        self._wake()
        self._tell(LibraryChanged())


def _stop(observer: BaseObserver | None) -> None:
    if observer is not None:
        observer.stop()
        if observer.is_alive():
            observer.join()


class _Warnings(logging.Handler):
    """Hears the watching library say that events were lost."""

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self._heard()


def _handler(heard: Callable[[FileSystemEvent], None]) -> FileSystemEventHandler:
    """What the observer calls for each event."""
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            heard(event)

    return Handler()


def _events() -> list[type[FileSystemEvent]]:
    """The events that can mean a change; a folder that changed is told by what happened in it."""
    from watchdog import events

    return [
        *(events.FileCreatedEvent, events.FileModifiedEvent, events.FileAttribEvent, events.FileMovedEvent),
        *(events.FileDeletedEvent, events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent),
        events.DirAttribEvent,
    ]
