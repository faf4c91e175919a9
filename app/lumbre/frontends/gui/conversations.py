"""The list of conversations: new, find, rename, delete with a way back."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lumbre.core.chat import ConversationEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import button, column
from lumbre.frontends.gui.models import ENTRY, ConversationModel
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT, Theme

_Index = QModelIndex | QPersistentModelIndex


class _Line(QStyledItemDelegate):
    """Draws a conversation: title, and when it was last used."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(UNIT * 20, QFontMetrics(option.font).height() * 2 + UNIT * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: ConversationEntry = index.data(ENTRY)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect.adjusted(0, 1, 0, -1)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(rect, 8, 8)
        inner = rect.adjusted(UNIT + 4, UNIT // 2, -UNIT, -UNIT // 2)
        half = inner.height() // 2
        painter.setPen(self._theme.colour("accent" if chosen else "text"))
        title = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner.adjusted(0, 0, 0, -half), Qt.AlignmentFlag.AlignVCenter, title)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(inner.adjusted(0, half, 0, 0), Qt.AlignmentFlag.AlignVCenter, texts.age(entry.updated))
        painter.restore()


class ConversationList(QListView):
    """Signals: removed(id)."""

    removed = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete) and self.currentIndex().isValid():
            self.removed.emit(self.currentIndex().data(ENTRY).id)
        else:
            super().keyPressEvent(event)


class Conversations(QFrame):
    """Signals: chosen(id), begun(): a new conversation was asked for."""

    chosen = Signal(int)
    begun = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("side")
        self.setMinimumWidth(UNIT * 22)
        self._session = session
        self._leaving: set[int] = set()
        self._entries: list[ConversationEntry] = []
        self.model = ConversationModel()
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self.model)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        layout = column(self, margin=UNIT + 4, gap=UNIT)
        self.new = button(" " + self.tr("New conversation"), "", self.begun.emit)
        self.new.setAccessibleName(self.tr("New conversation"))
        self.new.setIcon(session.theme.icon("plus", "accent"))
        self.new.setShortcut(QKeySequence.StandardKey.New)
        layout.addWidget(self.new)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a conversation"))
        self.search.setAccessibleName(self.tr("Find a conversation"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._found.setFilterFixedString)
        layout.addWidget(self.search)
        self.view = self._make_view()
        layout.addWidget(self.view, 1)
        self.model.renamed.connect(self._rename)
        session.conversations_changed.connect(self.refresh)
        self.refresh()

    def _make_view(self) -> ConversationList:
        view = ConversationList()
        view.setModel(self._found)
        view.setItemDelegate(_Line(self._session.theme, view))
        view.setAccessibleName(self.tr("Conversations"))
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu)
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)
        view.removed.connect(self.remove)
        return view

    def refresh(self) -> None:
        """Read the list again."""

        def got(entries: list[ConversationEntry]) -> None:
            self._entries = entries
            self._show()

        self._session.run(self, self._session.assistant.conversations, got)

    def _show(self) -> None:
        self.model.show_entries([entry for entry in self._entries if entry.id not in self._leaving])
        self.mark(self._session.conversation_id)

    def mark(self, conversation_id: int | None) -> None:
        """Show which conversation is open."""
        row = -1 if conversation_id is None else self.model.row_of(conversation_id)
        if row < 0:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
        else:
            self.view.setCurrentIndex(self._found.mapFromSource(self.model.index(row)))

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(ENTRY).id)

    def _menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename")).triggered.connect(lambda: self.view.edit(index))
        menu.addAction(self.tr("Delete")).triggered.connect(lambda: self.remove(index.data(ENTRY).id))
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _rename(self, conversation_id: int, title: str) -> None:
        rename = self._session.assistant.rename_conversation
        self._session.run(self, lambda: rename(conversation_id, title), lambda _: self.refresh())

    def remove(self, conversation_id: int) -> None:
        """Delete a conversation as soon as the offer to undo has passed."""
        entry = next((one for one in self._entries if one.id == conversation_id), None)
        if entry is None:
            return
        self._leaving.add(conversation_id)
        self._show()
        if self._session.conversation_id == conversation_id:
            self.begun.emit()
        session = self._session

        def undo() -> None:
            self._leaving.discard(conversation_id)
            self._show()

        def delete() -> None:
            session.run(session, lambda: session.assistant.delete_conversation(conversation_id))

        words = self.tr("“{title}” was deleted.").format(title=entry.title)
        session.noticed.emit(Notice(words, action=self.tr("Undo"), do=undo, ignored=delete))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self.mark(self._session.conversation_id)
        return super().event(event)
