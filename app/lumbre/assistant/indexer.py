"""The library's worker: waiting files are read first, so that all are found by their words; then chunks are embedded.

All progress is in the database, so that a kill at any instant costs at most the file or batch in hand, and any process
that opens the library can go on where another one stopped. A lock on the home lets one process index at a time.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lumbre.assistant.cut import clean, cut, embedding_lead
from lumbre.assistant.pace import Pace, Speed
from lumbre.assistant.surroundings import refuse_placeholder
from lumbre.core.documents import LibraryCounts
from lumbre.core.errors import (
    FileVanished,
    LibraryError,
    LumbreError,
    ModelError,
    ReaderCrashed,
    RecognitionDeferred,
    UnreadableFile,
    UnsafeArchive,
)
from lumbre.core.events import FileChanged, Holding
from lumbre.core.language import detect
from lumbre.core.paths import on_disk
from lumbre.core.protocols import DocumentReader, Embedder
from lumbre.store.library import LibraryStore

BATCH = 64
"""Chunks embedded and committed together: about two seconds of work on two cores, the most a kill can cost."""
SWEPT_AT_ONCE = 500
"""Vectors of an embedder that serves no more that are deleted together, some 20 ms of work."""
ATTEMPTS = 3
"""Times a file may be begun and not ended before it is set aside as the one that kills the program."""
MEMBERS = 10_000
"""Files inside one file on disk, at any depth: an archive of archives grows without end."""
REPORT_SECONDS = 0.2
LOCK_POLL_SECONDS = 0.5
HELD_SECONDS = 1.0
"""How often a worker that is held sees whether it may go on."""


class Indexer:
    """One thread that empties the queue of waiting files and unembedded chunks, and sleeps when there are none."""

    def __init__(
        self,
        library: LibraryStore,
        reader: DocumentReader,
        reader_version: int,
        find_embedder: Callable[[], Embedder],
        lock_file: Path,
        tell: Callable[[object], None],
        pace: Pace | None = None,
        tend: Callable[[], None] = lambda: None,
    ) -> None:
        """`find_embedder` raises ModelError while no embedder is on this machine; words are kept all the same.

        `tend` is called when new vectors are complete, to look after the index of them.
        """
        self._pace = pace or Pace()
        self._library = library
        self._reader = reader
        self._reader_version = reader_version
        self._find_embedder = find_embedder
        self._lock = FileLock(lock_file)
        self._tell = tell
        self._tend = tend
        self._state = threading.Condition()
        self._tickets = 0
        self._served = 0
        self._questions = 0
        self._closing = False
        self._error: Exception | None = None
        self._reported = 0.0
        self._container = (Path(), 0, 0, "")
        """The file on disk whose members were read last: size, modification time in ns and sha256."""
        self._speed = Speed()
        self._thread: threading.Thread | None = None

    # --- what others ask of it ---

    def wake(self) -> int:
        """Look for work again; returns a ticket that is served once everything queued until now has been seen."""
        with self._state:
            self._tickets += 1
            self._error = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="library", daemon=True)
                self._thread.start()
            self._state.notify_all()
            return self._tickets

    def wait_for(self, ticket: int, seconds: float) -> bool:
        """Block up to `seconds`; True once that ticket is served. Raises what made the worker fail."""
        with self._state:
            ended = self._state.wait_for(lambda: self._served >= ticket or self._closing, seconds)
            if ended and self._error is not None:
                raise self._error
            return ended

    @property
    def paused(self) -> bool:
        """Whether a person holds the worker, in this process or another, now or before the last start."""
        return self._library.paused

    def pause(self, paused: bool) -> None:
        """Hold the worker after the file or batch in hand, or let it go on."""
        self._library.set_paused(paused)
        with self._state:
            self._state.notify_all()
        self._report(now=True)

    @contextmanager
    def yielding(self) -> Iterator[None]:
        """While inside, the worker starts nothing new, so that a question has the machine for itself."""
        with self._state:
            self._questions += 1
        try:
            yield
        finally:
            with self._state:
                self._questions -= 1
                self._state.notify_all()

    def close(self) -> None:
        """Stop after the file or batch in hand; idempotent."""
        with self._state:
            self._closing = True
            self._state.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    # --- the worker ---

    def _run(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._tickets > self._served or self._closing)
                if self._closing:
                    return
                serving = self._tickets
            error = self._round()
            with self._state:
                # Tickets drawn during the round are served by the next one, which sees what they queued.
                self._served = serving
                self._error = error
                self._state.notify_all()

    def _round(self) -> Exception | None:
        try:
            if self._acquire():
                try:
                    self._read_and_embed()
                    while self._recognise_next():
                        self._read_and_embed()
                finally:
                    self._lock.release()
        except Exception as error:
            if not isinstance(error, LumbreError):
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
            return error
        finally:
            self._pace.end()
            self._report(now=True)
        return None

    def _acquire(self) -> bool:
        """Wait for the other process that indexes, if any; False when closing."""
        while not self._closing:
            try:
                self._lock.acquire(timeout=LOCK_POLL_SECONDS)
            except Timeout:
                self._report()
            else:
                return True
        return False

    def _may_go_on(self) -> bool:
        """Block while held or while a question is being answered, and rest in between; False when closing."""
        rest = self._pace.rest()
        with self._state:
            if rest:
                self._state.wait_for(lambda: self._closing, rest)
            self._state.wait_for(lambda: self._closing or not self._questions)
        while not self._closing and (self._pace.held() or self._library.paused):
            self._report()
            with self._state:  # another process may let it go on
                self._state.wait_for(lambda: self._closing or not self._library.paused, HELD_SECONDS)
        self._pace.begin()
        return not self._closing

    def _read_and_embed(self) -> None:
        self._read_waiting()
        self._embed_missing()

    def _recognise_next(self) -> bool:
        """Read one file whose text must be recognised; False when there is none, or when closing.

        One at a time: what was added meanwhile and is quickly read comes before the next one.
        """
        if not self._may_go_on():
            return False
        paths = self._library.waiting(1, deferred=True)
        for path in paths:
            self._read_and_tell(path, recognise=True)
        return bool(paths)

    def _read_waiting(self) -> None:
        while self._may_go_on():
            paths = self._library.waiting(32)
            if not paths:
                return
            for path in paths:
                if not self._may_go_on():
                    return
                self._read_and_tell(path)

    def _read_and_tell(self, path: str, recognise: bool = False) -> None:
        self._read(path, recognise)
        entry = self._library.file(path)
        if entry is not None:
            self._tell(FileChanged(entry))
        self._report()

    def _read(self, path: str, recognise: bool) -> None:
        size = mtime_ns = 0
        digest = ""
        try:
            if self._library.attempts(path) >= ATTEMPTS:
                raise ReaderCrashed(reason=f"begun {ATTEMPTS} times and never ended")
            self._library.mark_reading(path)
            refuse_placeholder(path)
            size, mtime_ns, digest = self._fingerprint(Path(path))
            known = self._library.document_for(digest, self._reader_version)
            if known is not None:
                self._library.link(path, known, digest, size, mtime_ns)
                return
            extracted = self._reader.read(
                Path(path), lambda: self._closing, password=self._library.password(path), recognise=recognise
            )
            if self._fingerprint(Path(path)) != (size, mtime_ns, digest):
                if self._library.attempts(path) < ATTEMPTS:
                    self._library.requeue([path])
                    return
                size = mtime_ns = 0  # so that it is read again when it is added again
                raise UnreadableFile(reason="it changed while it was being read")
            self._check_members(path, len(extracted.members))
            self._library.keep(
                path,
                sha256=digest,
                size=size,
                mtime_ns=mtime_ns,
                extracted=extracted,
                chunks=cut(extracted),
                language=detect(extracted.text[:20_000]),
                reader_version=self._reader_version,
                embedding_text=lambda chunk: embedding_lead(chunk, extracted.title) + chunk.text,
            )
        except RecognitionDeferred:
            self._library.release(path, deferred=True)
        except LibraryError as error:
            if self._closing:
                self._library.release(path)
            else:
                self._library.set_aside(path, error, size=size, mtime_ns=mtime_ns, sha256=digest)

    def _fingerprint(self, path: Path) -> tuple[int, int, str]:
        """As `fingerprint`; a file inside another is known by that one's content and its own name, and has size 0."""
        place, inside = on_disk(path)
        if not inside:
            return fingerprint(path)
        try:
            status = place.stat()
        except OSError as error:
            raise FileVanished from error
        if self._container[:3] != (place, status.st_size, status.st_mtime_ns):
            self._container = (place, *fingerprint(place))
        _, _, mtime_ns, digest = self._container
        return 0, mtime_ns, hashlib.sha256(f"{digest}/{inside}".encode()).hexdigest()

    def _check_members(self, path: str, count: int) -> None:
        """Bound how many files are inside one on disk. Raises UnsafeArchive."""
        others = self._library.count_inside(str(on_disk(Path(path))[0])) - self._library.count_inside(path)
        if count and others + count > MEMBERS:
            raise UnsafeArchive(reason=f"more than {MEMBERS} files inside one another")

    def _embed_missing(self) -> None:
        try:
            embedder = self._find_embedder()
        except ModelError:
            return
        seen = self._tickets
        new = False
        while self._may_go_on():
            rows = self._library.unembedded(embedder.model, BATCH)
            if not rows:
                self._switch(embedder.model, new)
                return
            new = True
            vectors = _half_precision(embedder.embed([clean(text) for _, text in rows], "passage"), embedder.dimensions)
            self._tell_done(
                self._library.put_vectors(embedder.model, list(zip((key for key, _ in rows), vectors, strict=True)))
            )
            self._report()
            if self._tickets != seen:  # what came meanwhile is found by its words before the rest is embedded
                seen = self._tickets
                self._read_waiting()

    def _switch(self, embedder: str, new: bool) -> None:
        """Let the embedder serve now that its vectors are complete, and delete those of the one before."""
        switched = self._library.switch_embedder(embedder)
        self._tell_done(switched or [])
        if new or switched is not None:
            self._report(now=True)
            self._tend()
        while self._may_go_on() and self._library.sweep_vectors(embedder, SWEPT_AT_ONCE):
            pass

    def _tell_done(self, paths: list[str]) -> None:
        for path in paths:
            entry = self._library.file(path)
            if entry is not None:
                self._tell(FileChanged(entry))

    def _report(self, now: bool = False) -> None:
        if now or time.monotonic() - self._reported > REPORT_SECONDS:
            self._reported = time.monotonic()
            counts: LibraryCounts = self._library.counts()
            self._tell(counts)
            holding: Holding = "paused" if self._library.paused else self._pace.holding
            self._tell(self._speed.progress(counts, holding))


def fingerprint(path: Path) -> tuple[int, int, str]:
    """Size in bytes, modification time in ns and sha256 of a file. Raises FileVanished, UnreadableFile."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise FileVanished from error
    except OSError as error:
        raise UnreadableFile(reason=error.strerror or str(error)) from error
    return status.st_size, status.st_mtime_ns, digest


def _half_precision(vectors: bytes, dimensions: int) -> list[bytes]:
    """Split float32 vectors into one float16 blob each."""
    import numpy as np

    rows = np.frombuffer(vectors, "<f4").reshape(-1, dimensions).astype("<f2")
    return [row.tobytes() for row in rows]
