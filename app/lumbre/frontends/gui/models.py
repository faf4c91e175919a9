"""Qt item models: mirrors of what the assistant holds, never the truth. Free of widgets."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from lumbre.core.chat import ConversationEntry
from lumbre.core.documents import FileEntry
from lumbre.core.errors import by_code
from lumbre.core.ledger import LedgerEntry
from lumbre.frontends.gui import texts

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
ENTRY = int(Role.UserRole)
"""Role under which the entry itself is found."""
SORT = int(Role.UserRole) + 1

_NOWHERE = QModelIndex()
_STATES = ("reading", "waiting", "set-aside", "readable", "done")


class ConversationModel(QAbstractListModel):
    """Conversations, the latest first. Signals: renamed(id, title)."""

    renamed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[ConversationEntry] = []

    def show_entries(self, entries: list[ConversationEntry]) -> None:
        """Replace all."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def row_of(self, conversation_id: int) -> int:
        """Row of a conversation, -1 when it is not there."""
        return next((row for row, entry in enumerate(self._entries) if entry.id == conversation_id), -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role in (Role.DisplayRole, Role.EditRole, Role.ToolTipRole):
            return entry.title
        if role == Role.AccessibleTextRole:
            return f"{entry.title}, {texts.age(entry.updated)}"
        return entry if role == ENTRY else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        title = str(value).strip()
        if role != Role.EditRole or not title or not index.isValid():
            return False
        entry = self._entries[index.row()]
        if title != entry.title:
            self.renamed.emit(entry.id, title)
        return True


class _Table(QAbstractTableModel):
    """What tables have in common: headings, and rows of entries."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Any] = []
        self.headings: list[str] = []

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return self.headings[section]
        if role == Role.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class FileModel(_Table):
    """Files of the library."""

    NAME, FOLDER, STATE, PAGES, CHUNKS = range(5)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, int] = {}
        self.headings = [self.tr("Name"), self.tr("Folder"), self.tr("State"), self.tr("Pages"), self.tr("Pieces")]

    def show_entries(self, entries: list[FileEntry]) -> None:
        """Replace all."""
        self.beginResetModel()
        self.entries = list(entries)
        self._rows = {entry.path: row for row, entry in enumerate(self.entries)}
        self.endResetModel()

    def take(self, changed: list[FileEntry]) -> None:
        """Update files by path and add the new ones."""
        new = [entry for entry in changed if entry.path not in self._rows]
        for entry in changed:
            row = self._rows.get(entry.path)
            if row is not None:
                self.entries[row] = entry
                self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))
        if new:
            first = len(self.entries)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._rows.update({entry.path: first + at for at, entry in enumerate(new)})
            self.entries.extend(new)
            self.endInsertRows()

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry: FileEntry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Role.ToolTipRole:
            return " ".join(reason(entry)) or entry.path
        if role == SORT:
            return self._value(entry, index.column(), sort=True)
        return self._value(entry, index.column()) if role == Role.DisplayRole else None

    def _value(self, entry: FileEntry, column: int, *, sort: bool = False) -> Any:
        path = PurePath(entry.path)
        if column == self.STATE:
            return _STATES.index(entry.state) if sort else texts.state(entry.state)
        if column in (self.PAGES, self.CHUNKS):
            count = entry.pages if column == self.PAGES else entry.chunks
            return count if sort else (texts.number(count) if count else "")
        value = path.name if column == self.NAME else str(path.parent)
        return value.casefold() if sort else value


class FileFilter(QSortFilterProxyModel):
    """Files whose name or folder holds the words typed, sorted by any column."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []
        self.setSortRole(SORT)

    def look_for(self, text: str) -> None:
        """Show only files with all these words in their path."""
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        if not self._words:
            return True
        path = self.sourceModel().index(row, 0, parent).data(ENTRY).path.casefold()
        return all(word in path for word in self._words)


class LedgerModel(_Table):
    """The ledger of the door, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [
            self.tr("When"),
            self.tr("What"),
            self.tr("Host"),
            self.tr("Sent"),
            self.tr("Received"),
            self.tr("Outcome"),
        ]

    def show_entries(self, entries: list[LedgerEntry]) -> None:
        """Replace all."""
        self.beginResetModel()
        self.entries = list(reversed(entries))
        self.endResetModel()

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry: LedgerEntry = self.entries[index.row()]
        if role == Role.ToolTipRole:
            return self.tr("Entry {number}, digest {digest}").format(number=entry.number, digest=entry.digest)
        if role != Role.DisplayRole:
            return entry if role == ENTRY else None
        values = [
            texts.moment(entry.time),
            entry.what,
            entry.host,
            texts.size(entry.bytes_out),
            texts.size(entry.bytes_in),
        ]
        return [*values, self._outcome(entry.outcome)][index.column()]

    def _outcome(self, outcome: str) -> str:
        words = {"finished": self.tr("Finished"), "stopped": self.tr("Stopped")}
        return words.get(outcome) or texts.error(by_code(outcome, {}))[0]


def reason(entry: FileEntry) -> tuple[str, str]:
    """Why a file was set aside and what to do, in words; empty for the others."""
    return texts.error(by_code(entry.code, entry.details)) if entry.code else ("", "")
