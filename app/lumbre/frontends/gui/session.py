"""What the pages of one window share: the assistant, the pump, the scope, and the signals between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from lumbre.core.chat import EngineInfo
from lumbre.core.documents import FileEntry, LibraryCounts
from lumbre.core.events import FileChanged, IndexProgress, LibraryChanged, WatchFailed
from lumbre.core.job import Failed, Job, Progress, Stopped
from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.pump import Pump
from lumbre.frontends.gui.theme import Theme

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Assistant

T = TypeVar("T")


@dataclass(frozen=True)
class Scope:
    """What questions are asked of: all documents, one collection, or no documents."""

    documents: bool = True
    collection: str | None = None


@dataclass
class Asked:
    """A question that is being answered, and where."""

    job: Job[Any]
    question: str
    conversation_id: int | None
    sought: bool = False
    """Whether the identity of the conversation it began was asked for."""
    left: bool = False
    """Whether the person began another new conversation before that identity was known."""


class Session(QObject):
    """The assistant seen from the GUI thread.

    Signals:
        files_changed: list of FileEntry that reached a new state.
        counts_changed: LibraryCounts.
        progress_changed: IndexProgress.
        library_changed: files came, moved or went by themselves.
        engine_changed: EngineInfo, or None when no model is loaded.
        models_changed: a model was fetched or deleted.
        conversations_changed: one was started, renamed or deleted.
        downloads_changed: a download began, went on or ended.
        scope_changed, noticed (Notice), page_wanted (name of a page), conversation_wanted (id).
        settings_changed: Settings.
    """

    files_changed = Signal(list)
    counts_changed = Signal(object)
    progress_changed = Signal(object)
    library_changed = Signal()
    engine_changed = Signal(object)
    models_changed = Signal()
    conversations_changed = Signal()
    downloads_changed = Signal()
    scope_changed = Signal()
    noticed = Signal(object)
    page_wanted = Signal(str)
    conversation_wanted = Signal(int)
    settings_changed = Signal(object)

    def __init__(self, assistant: Assistant, pump: Pump, home: Home, theme: Theme) -> None:
        super().__init__()
        self.assistant = assistant
        self.pump = pump
        self.home = home
        self.theme = theme
        self.scope = Scope()
        self.in_view: str | None = None
        """The collection that the library page shows; what is dropped on that page goes there."""
        self.asked: list[Asked] = []
        self.conversation_id: int | None = None
        self.draft = ""
        self.downloads: dict[str, Job[Any]] = {}
        self.progress: dict[str, Progress] = {}
        assistant.subscribe(pump.inlet(self, self._told))

    # --- errands ---

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None] = lambda _: None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call `work` in a thread and `done` with its result; a failure becomes a notice unless `failed` takes it."""
        self.pump.run(owner, work, done, failed or self.report)

    def report(self, failure: Exception) -> None:
        """Tell the person about an error."""
        sentence, hint = texts.error(failure)
        self.noticed.emit(Notice(sentence, hint))

    # --- verbs that more than one page uses ---

    def set_scope(self, scope: Scope) -> None:
        """Change what questions are asked of."""
        self.scope = scope
        self.scope_changed.emit()

    def change(self, settings: Settings) -> None:
        """Keep and apply new settings."""
        self.run(self, lambda: self.assistant.change_settings(settings), lambda _: self.settings_changed.emit(settings))

    def add(self, paths: list[Path], collection: str | None = None) -> None:
        """Put files and folders into the library."""
        assistant = self.assistant
        if collection is None:
            self._work(lambda: assistant.add(paths))
        else:
            self._work(lambda: assistant.add(paths, collection))

    def resume(self) -> None:
        """Go on with what an earlier run left unfinished."""
        self._work(self.assistant.resume)

    def watch(self) -> None:
        """Keep the library up to the added folders from now on."""
        self.run(self, self.assistant.watch)

    def retry(self, path: Path) -> None:
        """Read a set-aside file again."""
        self._work(lambda: self.assistant.retry(path))

    def unlock(
        self,
        owner: QObject,
        path: Path,
        password: str,
        done: Callable[[], object],
        failed: Callable[[Exception], None],
    ) -> None:
        """Keep the password of a protected file and read it; `failed` gets what is wrong with the password."""

        def begun(job: Job[LibraryCounts]) -> None:
            self.pump.follow(job, self, self._library_worked)
            done()

        self.run(owner, lambda: self.assistant.unlock(path, password), begun, failed)

    def _work(self, begin: Callable[[], Job[LibraryCounts]]) -> None:
        def begun(job: Job[LibraryCounts]) -> None:
            self.pump.follow(job, self, self._library_worked)

        self.run(self, begin, begun)

    def _library_worked(self, events: list[Any]) -> None:
        # What was added has reached the pages by way of `subscribe`; only a failure is news here.
        if isinstance(events[-1], Failed):
            self.report(events[-1].error)

    def fetch(self, name: str, begin: Callable[[], Job[Any]]) -> None:
        """Start a download known as `name` unless it runs already."""
        if name in self.downloads:
            return

        def begun(job: Job[Any]) -> None:
            self.downloads[name] = job
            self.pump.follow(job, self, lambda events: self._fetched(name, events))

        self.run(self, begin, begun)

    def _fetched(self, name: str, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, Progress):
                self.progress[name] = event
        last = events[-1]
        if self.downloads[name].ending is last:
            del self.downloads[name]
            self.progress.pop(name, None)
            self.models_changed.emit()
        if isinstance(last, Failed):
            self.report(last.error)
        elif isinstance(last, Stopped):
            self.noticed.emit(Notice(self.tr("The download was stopped; what was fetched is kept.")))
        self.downloads_changed.emit()

    def _told(self, events: list[Any]) -> None:
        files: dict[str, FileEntry] = {}
        if LibraryChanged() in events:
            self.library_changed.emit()
        for event in events:
            match event:
                case FileChanged(file=file):
                    files[file.path] = file
                case LibraryCounts():
                    self.counts_changed.emit(event)
                case IndexProgress():
                    self.progress_changed.emit(event)
                case WatchFailed(error=failure):
                    self.report(failure)
                case EngineInfo() | None:
                    self.engine_changed.emit(event)
        if files:
            self.files_changed.emit(list(files.values()))
