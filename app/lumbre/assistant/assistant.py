"""The assistant: the verbs that every frontend calls, and the worker threads behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from lumbre.core.chat import Answer, ConversationEntry, EngineInfo, StoredMessage
from lumbre.core.documents import Collection, FileEntry, LibraryCounts, PageImage, Passage, SearchResult
from lumbre.core.job import Job
from lumbre.core.ledger import LedgerEntry
from lumbre.core.models import ModelEntry
from lumbre.core.settings import Settings

DEFAULT_COLLECTION = "Documents"


class Source(msgspec.Struct, frozen=True):
    """What the source panel shows of a passage's document: extracted text and where its pages start."""

    path: str
    title: str
    format: str
    text: str
    pages: list[int] = []


class Assistant:
    """Everything Lumbre does, free of any frontend. Methods that take long return a Job; the others answer at once.

    All methods may be called from any thread. Long ones emit the events named here besides their ending.
    """

    # --- documents ---

    def add(self, paths: list[Path], collection: str = DEFAULT_COLLECTION) -> Job[LibraryCounts]:
        """Put files and folders (recursively) into a collection and index them where they lie.

        Unchanged files are skipped, changed ones read again, files of an added folder that are gone disappear.
        Emits FileChanged, Progress in "files" (read) and in "chunks" (embedded). Raises PathMissing at once.
        Cancelling leaves what is finished and the rest waiting.
        """
        raise NotImplementedError

    def resume(self) -> Job[LibraryCounts]:
        """Go on with files left waiting or not yet embedded by an earlier run; ends at once when there are none."""
        raise NotImplementedError

    def remove(self, paths: list[Path]) -> None:
        """Take files or whole folders out of the library; the files themselves are not touched."""
        raise NotImplementedError

    def retry(self, path: Path) -> Job[LibraryCounts]:
        """Read a set-aside file again."""
        raise NotImplementedError

    def collections(self) -> list[Collection]:
        """All collections with their number of files."""
        raise NotImplementedError

    def files(self, collection: str | None = None) -> list[FileEntry]:
        """Files with state and reason, by path. Raises UnknownCollection."""
        raise NotImplementedError

    def counts(self) -> LibraryCounts:
        """How much is waiting, readable, done and set aside."""
        raise NotImplementedError

    def subscribe(self, tell: Callable[[object], None]) -> None:
        """Have `tell` called from a worker thread with FileChanged, LibraryCounts, EngineInfo (loaded) or None."""
        raise NotImplementedError

    def pause_indexing(self) -> None:
        """Hold the library's worker after the file or batch in hand."""
        raise NotImplementedError

    def resume_indexing(self) -> None:
        """Let the library's worker go on."""
        raise NotImplementedError

    @property
    def indexing_paused(self) -> bool:
        raise NotImplementedError

    def search(self, query: str, *, collection: str | None = None, top: int = 5) -> SearchResult:
        """Passages for a query, best first. Blocks for some tens of milliseconds (the first call loads the index)."""
        raise NotImplementedError

    def source(self, passage: Passage) -> Source:
        """The document a passage came from, as extracted."""
        raise NotImplementedError

    def page_image(self, passage: Passage, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
        """A PDF page drawn `width` pixels wide with document spans boxed; blocks, so call it from a worker."""
        raise NotImplementedError

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
        """
        raise NotImplementedError

    def conversations(self) -> list[ConversationEntry]:
        """Conversations, the latest first."""
        raise NotImplementedError

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        """All messages of a conversation, oldest first."""
        raise NotImplementedError

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        raise NotImplementedError

    def delete_conversation(self, conversation_id: int) -> None:
        raise NotImplementedError

    # --- models ---

    def models(self) -> list[ModelEntry]:
        """The catalogue with what is known of each model here; reads sizes only, so it is quick."""
        raise NotImplementedError

    def fetch(self, names: list[str]) -> Job[list[ModelEntry]]:
        """Fetch models; the call is the person's permit for these downloads. Emits Progress in "bytes"."""
        raise NotImplementedError

    def fetch_starter(self) -> Job[list[ModelEntry]]:
        """Fetch the set that suits this machine: embedder, small model, then a larger one if a measurement says so."""
        raise NotImplementedError

    def verify_models(self) -> Job[list[ModelEntry]]:
        """Hash every file on this machine against the catalogue. Emits Progress in "bytes"."""
        raise NotImplementedError

    def load(self, name: str) -> Job[EngineInfo]:
        """Load a chat model in a process of its own and make it the default."""
        raise NotImplementedError

    def unload(self) -> None:
        """End the chat model's process, so that its memory comes back."""
        raise NotImplementedError

    @property
    def loaded(self) -> EngineInfo | None:
        """The chat model in memory, as the engine describes itself."""
        raise NotImplementedError

    # --- privacy and settings ---

    def ledger(self) -> list[LedgerEntry]:
        """Every permit used, oldest first."""
        raise NotImplementedError

    def verify_ledger(self) -> int:
        """Number of entries whose chain holds. Raises LedgerBroken."""
        raise NotImplementedError

    def left_device_bytes(self) -> int:
        """Bytes of the person's data that have left this device since installation."""
        raise NotImplementedError

    @property
    def settings(self) -> Settings:
        raise NotImplementedError

    def change_settings(self, settings: Settings) -> None:
        """Keep new settings; they apply from the next use."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop jobs, end child processes, close the database; idempotent."""
        raise NotImplementedError
