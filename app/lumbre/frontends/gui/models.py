"""Qt item models: mirrors of what the assistant holds, never the truth. Free of widgets."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from lumbre.core.chat import ConversationEntry
from lumbre.core.errors import by_code
from lumbre.core.ledger import LedgerEntry
from lumbre.frontends.gui import texts

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
ENTRY = int(Role.UserRole)
"""Role under which the entry itself is found."""

NOWHERE = QModelIndex()


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

    def rowCount(self, parent: Index = NOWHERE) -> int:
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


class Table(QAbstractTableModel):
    """What tables have in common: headings, and rows of entries."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Any] = []
        self.headings: list[str] = []

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return self.headings[section]
        if role == Role.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class LedgerModel(Table):
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
