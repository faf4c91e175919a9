"""The Qt model of the library's files: sorted and narrowed here, so that twenty thousand rows do not lag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Qt, QTimer

from lumbre.assistant import filters as typed
from lumbre.core.documents import FileEntry, Filters
from lumbre.core.errors import by_code
from lumbre.core.language import fold
from lumbre.core.matching import passes
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.models import ENTRY, Index, Role, Table

_NONE = Filters()
_STATES = ("reading", "waiting", "set-aside", "readable", "done")
MEMBER = " › "
"""Between the name of a container and that of a file inside it."""


class FileModel(Table):
    """Files of the library that pass what is typed and ticked, in the order of one column.

    A row that changes is replaced where it stands; its place is looked after a moment later, once for all changes.
    """

    NAME, FOLDER, STATE, KIND, EXTENT, LABELS = range(6)
    SETTLE_MS = 300

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, FileEntry] = {}
        self._rows: dict[str, int] = {}
        self._folded: dict[str, str] = {}
        self._keys: dict[str, Any] = {}
        """Of the column that sorts, by path: kept because each takes longer to make than to compare."""
        self._kinds: dict[tuple[str, str], str] = {}
        self._words: list[str] = []
        self._filters = _NONE
        self._wanted: set[str] = set()
        self._special: Callable[[FileEntry], bool] | None = None
        self._column, self._order = self.NAME, Qt.SortOrder.AscendingOrder
        self.reasons = False
        """Whether the state of a file that was set aside is told by the reason."""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(self.SETTLE_MS)
        self._late.timeout.connect(self._arrange)
        self.headings = [
            self.tr("Name"),
            self.tr("Folder"),
            self.tr("State"),
            self.tr("Kind"),
            self.tr("Size"),
            self.tr("Tags and collections"),
        ]

    # --- what is shown ---

    def show_entries(self, entries: list[FileEntry]) -> None:
        """Replace all."""
        self._files = {entry.path: entry for entry in entries}
        self._folded.clear()
        self._keys.clear()
        self._arrange()

    def take(self, changed: list[FileEntry]) -> None:
        """Update files by path and add the new ones."""
        for entry in changed:
            before, row = self._files.get(entry.path), self._rows.get(entry.path)
            self._files[entry.path] = entry
            self._keys.pop(entry.path, None)
            if row is not None:
                self.entries[row] = entry
                self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))
            if (before is None or self._moves(before, entry, row)) and not self._late.isActive():
                self._late.start()

    def _moves(self, before: FileEntry, entry: FileEntry, row: int | None) -> bool:
        return self._admits(entry) != (row is not None) or self._made_key(entry) != self._made_key(before)

    def look_for(self, text: str) -> None:
        """Show only files with all words in their path that pass the filters among them. Raises FilterUnclear."""
        asked, filters = typed.parse(text)
        self._filters = filters if filters != _NONE else _NONE
        self._wanted = {fold(name) for name in filters.collections}
        self._words = fold(asked).split()
        self._arrange()

    def show_only(self, special: Callable[[FileEntry], bool] | None) -> None:
        """Show only files that are special in some way, or all again."""
        self._special = special
        self._arrange()

    def show_reasons(self, on: bool) -> None:
        """Tell why files were set aside, or only that they were."""
        self.reasons = on
        if self.entries:
            last = len(self.entries) - 1
            self.dataChanged.emit(self.index(0, self.STATE), self.index(last, self.STATE))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column != self._column:
            self._keys.clear()
        self._column, self._order = column, order
        self._arrange()

    def row_of(self, path: str) -> int | None:
        """Row of a file, None when it is not shown."""
        return self._rows.get(path)

    @property
    def all(self) -> list[FileEntry]:
        """All files, whether shown or not."""
        return list(self._files.values())

    def _arrange(self) -> None:
        self.beginResetModel()
        shown = [entry for entry in self._files.values() if self._admits(entry)]
        shown.sort(key=self._key, reverse=self._order == Qt.SortOrder.DescendingOrder)
        self.entries = shown
        self._rows = {entry.path: row for row, entry in enumerate(shown)}
        self.endResetModel()

    def _admits(self, entry: FileEntry) -> bool:
        if self._special is not None and not self._special(entry):
            return False
        if self._words:
            path = self._folded.get(entry.path)
            if path is None:
                path = self._folded[entry.path] = fold(entry.path)
            if not all(word in path for word in self._words):
                return False
        if self._filters is _NONE:
            return True
        wanted = self._wanted
        return (not wanted or not wanted.isdisjoint(map(fold, entry.collections))) and passes(
            self._filters, entry.path, entry.modified, entry.format, entry.tags
        )

    # --- what a row says ---

    def outermost(self, entry: FileEntry) -> str:
        """Path of the file on disk that holds an entry; its own when it lies in none."""
        path = entry.path
        while entry.container:
            path = entry.container
            found = self._files.get(path)
            if found is None:
                break
            entry = found
        return path

    def _key(self, entry: FileEntry) -> Any:
        key = self._keys.get(entry.path)
        if key is None:
            key = self._keys[entry.path] = self._made_key(entry)
        return key

    def _made_key(self, entry: FileEntry) -> Any:
        outer = self.outermost(entry)
        head, _, name = outer.replace("\\", "/").rpartition("/")
        by_name = (fold(name), outer, entry.path)
        match self._column:
            case self.FOLDER:
                return (fold(head), *by_name)
            case self.STATE:
                return (_STATES.index(entry.state), entry.code, *by_name)
            case self.KIND:
                return (fold(self._kind(entry)), *by_name)
            case self.EXTENT:
                return (entry.size, entry.pages, *by_name)
            case self.LABELS:
                return (fold(self._labels(entry)), *by_name)
        return by_name

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry: FileEntry = self.entries[index.row()]
        if role == Role.DisplayRole:
            return self._value(entry, index.column())
        if role == ENTRY:
            return entry
        if role == Role.ToolTipRole:
            return "\n".join([entry.path, *filter(None, (" ".join(reason(entry)), self.mark(entry)))])
        if role == Role.AccessibleTextRole:
            marks = self.mark(entry) if index.column() == self.NAME else ""
            return ", ".join(filter(None, (self._value(entry, index.column()), marks)))
        return None

    def mark(self, entry: FileEntry) -> str:
        """What is unusual about a file that was read, in words; empty for the others."""
        if entry.hidden:
            return self.tr("Holds text that one does not see")
        return self.tr("Was not read as a whole") if entry.warnings else ""

    def _value(self, entry: FileEntry, column: int) -> str:
        match column:
            case self.NAME:
                return self.name(entry)
            case self.FOLDER:
                return str(PurePath(self.outermost(entry)).parent)
            case self.STATE:
                return reason(entry)[0] if entry.code and self.reasons else texts.state(entry.state)
            case self.KIND:
                return self._kind(entry)
            case self.EXTENT:
                return texts.extent(entry)
        return self._labels(entry)

    def name(self, entry: FileEntry) -> str:
        """The name of a file; inside another one it follows that one's name."""
        if not entry.container:
            return PurePath(entry.path).name
        outer = self.outermost(entry)
        inner = entry.path[len(outer) :].lstrip("/\\")
        return f"{PurePath(outer).name}{MEMBER}{inner}"

    def _kind(self, entry: FileEntry) -> str:
        named = (entry.format, "" if entry.format else PurePath(entry.path).suffix)
        if named not in self._kinds:
            self._kinds[named] = texts.kind(entry.format, entry.path)
        return self._kinds[named]

    def _labels(self, entry: FileEntry) -> str:
        return " · ".join(filter(None, (" ".join(f"#{tag}" for tag in entry.tags), ", ".join(entry.collections))))


def reason(entry: FileEntry) -> tuple[str, str]:
    """Why a file was set aside and what to do, in words; empty for the others."""
    return texts.error(by_code(entry.code, entry.details)) if entry.code else ("", "")
