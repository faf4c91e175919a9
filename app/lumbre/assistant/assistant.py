"""The assistant: the verbs that every frontend calls, and the worker threads behind them."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lumbre.assistant import adding
from lumbre.assistant.arranging import Arranging
from lumbre.assistant.asking import Asking, Question
from lumbre.assistant.chat_model import ChatModel
from lumbre.assistant.filters import parse
from lumbre.assistant.ignoring import Rules
from lumbre.assistant.importing import Importing
from lumbre.assistant.indexer import Indexer
from lumbre.assistant.listeners import Following, Listeners
from lumbre.assistant.pace import Pace
from lumbre.assistant.search import Searcher
from lumbre.assistant.selftest import SelfTest
from lumbre.assistant.shelf import Shelf
from lumbre.assistant.sources import Source, file_of, outline
from lumbre.assistant.watching import Watcher
from lumbre.core import job as jobs
from lumbre.core.chat import Answer, ConversationEntry, EngineInfo, StoredMessage
from lumbre.core.documents import LibraryCounts, PageImage, Passage, SearchResult
from lumbre.core.errors import EmptyQuestion, EncryptedDocument, FileVanished, WrongPassword
from lumbre.core.job import Job, Phase
from lumbre.core.ledger import LedgerEntry
from lumbre.core.models import ModelEntry
from lumbre.core.paths import Home
from lumbre.core.protocols import Cancelled, DocumentReader, Embedder
from lumbre.core.settings import Settings, SettingsFile
from lumbre.store.conversations import ConversationStore
from lumbre.store.ledger import Ledger
from lumbre.store.library import LibraryStore

T = TypeVar("T")

DEFAULT_COLLECTION = "Documents"
_LEAST_WIDTH = 64
"""Pixels of a page that is drawn only to see whether it can be."""
FOLLOW_SECONDS = 0.2
"""How long a cancelled job may go on waiting for the library's worker."""


class Assistant(Arranging, SelfTest, Importing):
    """Everything Lumbre does, free of any frontend. Methods that take long return a Job; the others answer at once.

    All methods may be called from any thread. Long ones emit the events named here besides their ending.
    """

    def __init__(
        self,
        *,
        home: Home,
        settings: SettingsFile,
        library: LibraryStore,
        conversations: ConversationStore,
        ledger: Ledger,
        shelf: Shelf,
        searcher: Searcher,
        embedder: Embedder,
        indexer: Indexer,
        watcher: Watcher,
        pace: Pace,
        reader: DocumentReader,
        chat_model: ChatModel,
        listeners: Listeners,
        close: Callable[[], None],
    ) -> None:
        """Made by `wiring.open_assistant`; `close` ends what wiring opened."""
        self.home = home
        self._settings = settings
        self._library = library
        self._conversations = conversations
        self._ledger = ledger
        self._shelf = shelf
        self._searcher = searcher
        self._indexer = indexer
        self._watcher = watcher
        self._pace = pace
        self._reader = reader
        self._chat_model = chat_model
        self._listeners = listeners
        self._asking = Asking(
            conversations, searcher, embedder, chat_model, self.chat_choice, settings, indexer.yielding
        )
        self._jobs: weakref.WeakSet[Job[Any]] = weakref.WeakSet()
        self._close = close
        self._closed = threading.Event()

    # --- documents ---

    def add(self, paths: list[Path], collection: str = DEFAULT_COLLECTION) -> Job[LibraryCounts]:
        """Put files and folders (recursively) into a collection and index them where they lie.

        Unchanged files are skipped, changed ones read again, files of an added folder that are gone disappear.
        Emits FileChanged, Progress in "files" (read) and in "chunks" (embedded). Raises PathMissing at once.
        Cancelling leaves what is finished and the rest waiting.
        """
        wanted = adding.absolute(paths)

        def work(job: Job[LibraryCounts]) -> LibraryCounts:
            collection_id = self._library.ensure_collection(collection).id
            self._library.welcome([str(path) for path in wanted if path.is_file()], collection_id)
            job.emit(Phase("looking"))
            self._register(wanted, collection_id, lambda: job.cancelled)
            return self._index(job)

        return self._start("add", work)

    def _register(self, paths: list[Path], collection_id: int, cancelled: Cancelled) -> None:
        rules = Rules(self.settings, self._library.left_out())
        adding.register(self._library, paths, collection_id, rules, cancelled)
        self._watcher.look_again()

    def resume(self) -> Job[LibraryCounts]:
        """Go on with files left waiting or not yet embedded by an earlier run; ends at once when there are none."""
        return self._start("resume", self._index)

    def _index(self, job: Job[LibraryCounts]) -> LibraryCounts:
        """Wake the worker and follow it until all that was queued is done, the job is cancelled or a person pauses."""
        following = Following(job)
        with self._listeners.hearing(following.hear):
            ticket = self._indexer.wake()
            while not job.cancelled and not self._closed.is_set() and not self._indexer.paused:
                if self._indexer.wait_for(ticket, FOLLOW_SECONDS):
                    break
        return self._library.counts()

    def remove(self, paths: list[Path]) -> None:
        """Take files or whole folders out of the library; the files themselves are not touched.

        What lies in an added folder stays out until it is added by its own path.
        """
        gone = [os.path.abspath(path) for path in paths]  # noqa: PTH100 — resolve() would follow links
        self._library.remove(gone)
        roots = adding.Roots(self._library)
        self._library.leave_out([path for path in gone if roots.above(path)])
        self._watcher.look_again()
        self._listeners.tell(self._library.counts())

    def retry(self, path: Path) -> Job[LibraryCounts]:
        """Read a set-aside file again."""
        self._library.retry(str(path))
        return self._start("retry", self._index)

    def unlock(self, path: Path, password: str) -> Job[LibraryCounts]:
        """Keep the password of a protected PDF of the library, and read it. Raises FileVanished when it is not in the
        library, WrongPassword, and as the reader when the password is not what is wrong with it."""
        name = str(path)
        if self._library.file(name) is None:
            raise FileVanished
        try:
            self._reader.render(path, 1, _LEAST_WIDTH, [], password)
        except EncryptedDocument:
            raise WrongPassword(path=name) from None
        self._library.keep_password(name, password)
        return self.retry(path)

    def counts(self) -> LibraryCounts:
        """How much is waiting, readable, done and set aside."""
        return self._library.counts()

    def subscribe(self, tell: Callable[[object], None]) -> None:
        """Have `tell` called from a worker thread with what happens.

        That is FileChanged, LibraryCounts, IndexProgress, LibraryChanged, WatchFailed, EngineInfo (loaded) or None.
        """
        self._listeners.add(tell)

    def watch(self) -> None:
        """Keep the library up to the added folders from now on, in the background.

        Subscribers hear LibraryChanged, and WatchFailed when a folder is away or is not watched.
        """
        self._pace.background = True
        self._watcher.start()

    def away(self) -> list[str]:
        """Added folders that are not there now, say because their drive is not plugged in."""
        roots = adding.Roots(self._library)
        return sorted(root for root in roots if roots.is_away(root))

    def pause_indexing(self) -> None:
        """Hold the library's worker after the file or batch in hand, in every process, until somebody resumes it."""
        self._indexer.pause(True)

    def resume_indexing(self) -> None:
        """Let the library's worker go on."""
        self._indexer.pause(False)

    @property
    def indexing_paused(self) -> bool:
        """Whether a person holds the library's worker."""
        return self._indexer.paused

    def search(self, query: str, *, collection: str | None = None, top: int = 5) -> SearchResult:
        """Passages for a query, best first. Blocks for some tens of milliseconds (the first call loads the index)."""
        if not query.strip():
            raise EmptyQuestion
        return self._searcher.search(query, collection=collection, top=top)

    def source(self, passage: Passage) -> Source:
        """The document a passage came from, as extracted. Raises FileVanished when it is no longer in the library."""
        kept = self._library.passage_source(passage.document_id)
        if kept is None:
            raise FileVanished
        headings = outline(kept.text, self._library.sections(passage.document_id))
        path = passage.path or kept.path
        return Source(path, kept.title, kept.format, kept.text, kept.pages, headings, kept.hidden)

    def source_file(self, passage: Passage) -> Path:
        """The file on disk that holds a passage: of a part of an archive or letter, the whole. Raises FileVanished."""
        return file_of(passage.path)

    def page_image(self, passage: Passage, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
        """A PDF page drawn `width` pixels wide with document spans boxed; blocks, so call it from a worker."""
        pages = self.source(passage).pages
        first = pages[page - 1]
        last = pages[page] if page < len(pages) else sys.maxsize
        on_page = [(max(start, first) - first, min(end, last) - first) for start, end in spans]
        wanted = [span for span in on_page if span[0] < span[1]]
        return self._reader.render(Path(passage.path), page, width, wanted, self._library.password(passage.path))

    # --- conversations ---

    def ask(
        self,
        question: str,
        *,
        conversation_id: int | None = None,
        collection: str | None = None,
        documents: bool = True,
        model: str | None = None,
    ) -> Job[Answer]:
        """Answer a question, from the documents in scope or plainly, as a turn of a conversation (None starts one).

        Emits Phase ("searching", "loading-model", "reading-prompt", "writing", "citing"), PassagesFound, Progress in
        "tokens" while the prompt is read, Text for each piece and Cited for each sentence. The question and the partial
        answer are kept as they come. Failed carries what was written so far as its result.
        Filters in the question (`in:`, `type:`, `before:` …) hold for it and for follow-ups.
        Raises EmptyQuestion, FilterUnclear and UnknownCollection at once.
        """
        asked, filters = parse(question)
        if not asked.strip():
            raise EmptyQuestion
        self._library.scope(collection, filters)
        return self._track(self._asking.ask(Question(question.strip(), conversation_id, collection, documents, model)))

    def conversations(self) -> list[ConversationEntry]:
        """Conversations, the latest first."""
        return self._conversations.entries()

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        """All messages of a conversation, oldest first."""
        return self._conversations.messages(conversation_id)

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        self._conversations.rename(conversation_id, title)

    def delete_conversation(self, conversation_id: int) -> None:
        """Delete a conversation with all its messages."""
        self._conversations.delete(conversation_id)

    # --- models ---

    def models(self) -> list[ModelEntry]:
        """The catalogue with what is known of each model here; reads sizes only, so it is quick."""
        loaded = self._chat_model.name
        return [msgspec.structs.replace(entry, loaded=entry.model.name == loaded) for entry in self._shelf.entries()]

    def fetch(self, names: list[str]) -> Job[list[ModelEntry]]:
        """Fetch models; the call is the person's permit for these downloads. Emits Progress in "bytes"."""
        self._shelf.require(names)
        return self._start("fetch", lambda job: self._fetched(lambda: self._shelf.fetch(names, job)))

    def fetch_starter(self) -> Job[list[ModelEntry]]:
        """Fetch the set that suits this machine: embedder, small model, then a larger one if a measurement says so."""
        return self._start("fetch", lambda job: self._fetched(lambda: self._shelf.fetch_starter(job)))

    def _fetched(self, fetch: Callable[[], object]) -> list[ModelEntry]:
        fetch()
        self._indexer.wake()  # an embedder that has just come finds work waiting
        return self.models()

    def verify_models(self) -> Job[list[ModelEntry]]:
        """Hash every file on this machine against the catalogue. Emits Progress in "bytes"."""

        def work(job: Job[list[ModelEntry]]) -> list[ModelEntry]:
            self._shelf.verify(job)
            return self.models()

        return self._start("verify", work)

    def load(self, name: str) -> Job[EngineInfo | None]:
        """Load a chat model in a process of its own and make it the default."""

        def work(job: Job[EngineInfo | None]) -> EngineInfo | None:
            job.emit(Phase("loading-model"))
            with self._chat_model.use(name, lambda: job.cancelled) as engine:
                info = engine.info if engine is not None else None
            self.change_settings(msgspec.structs.replace(self.settings, model=name))
            return info

        return self._start("load", work)

    def unload(self) -> None:
        """End the chat model's process, so that its memory comes back."""
        self._chat_model.unload()

    @property
    def loaded(self) -> EngineInfo | None:
        """The chat model in memory, as the engine describes itself."""
        return self._chat_model.info

    def chat_choice(self, model: str | None = None) -> str:
        """Name of the model that answers: the one asked for, else the chosen or best one. Raises NoChatModel."""
        return model or self._shelf.choose_chat(self._chat_model.name)

    # --- privacy and settings ---

    def ledger(self) -> list[LedgerEntry]:
        """Every permit used, oldest first."""
        return self._ledger.entries()

    def verify_ledger(self) -> int:
        """Number of entries whose chain holds. Raises LedgerBroken."""
        return self._ledger.verify()

    def left_device_bytes(self) -> int:
        """Bytes of the person's data that have left this device since installation."""
        return self._ledger.left_device_bytes()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings.value

    def change_settings(self, settings: Settings) -> None:
        """Keep new settings; they apply from the next use. Raises HomeUnwritable, DiskFull."""
        before = self.settings
        self._settings.change(settings)
        if _taken(before) != _taken(settings):
            self._watcher.compare_all()

    def close(self) -> None:
        """Stop jobs, end child processes, close the database; idempotent."""
        if self._closed.is_set():
            return
        self._closed.set()
        for job in list(self._jobs):
            job.cancel()
        for job in list(self._jobs):
            job.wait()
        self._watcher.close()
        self._indexer.close()
        self._chat_model.unload()
        self._close()

    def _start(self, title: str, work: Callable[[Job[T]], T]) -> Job[T]:
        return self._track(jobs.start(title, work))

    def _track(self, job: Job[T]) -> Job[T]:
        self._jobs.add(job)
        return job


def _taken(settings: Settings) -> tuple[object, ...]:
    """What decides which files of added folders are taken."""
    return settings.ignore, settings.hidden_files, settings.largest_megabytes
