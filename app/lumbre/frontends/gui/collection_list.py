"""Collections: the list beside the table, and the line above it that says and changes what is true of one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lumbre.core.documents import Collection
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Elided, Switch, button, icon_button, label, row
from lumbre.frontends.gui.models import ENTRY
from lumbre.frontends.gui.theme import UNIT, Theme

_COUNT = int(Qt.ItemDataRole.UserRole) + 1
_LOCK = 16
"""Width and height of the lock in pixels."""


class _LineDelegate(QStyledItemDelegate):
    """Name to the left, number of files to the right, and a lock for what never leaves this device."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        drawn = QStyleOptionViewItem(option)
        self.initStyleOption(drawn, index)
        name, drawn.text = drawn.text, ""
        drawn.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, drawn, painter, drawn.widget)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        room = option.rect.adjusted(UNIT + 4, 0, -UNIT - 4, 0)
        collection: Collection | None = index.data(ENTRY)
        painter.save()
        painter.setPen(self._theme.colour("accent" if selected else "muted"))
        count = texts.number(index.data(_COUNT))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), count)
        room.adjust(0, 0, -option.fontMetrics.horizontalAdvance(count) - UNIT, 0)
        painter.setPen(self._theme.colour("accent" if selected else "text"))
        if collection is not None and collection.private:
            room = self._lock(painter, room)
        shown = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()

    def _lock(self, painter: QPainter, room: QRect) -> QRect:
        pixmap = self._theme.icon("lock", "good", _LOCK).pixmap(_LOCK, _LOCK)
        painter.drawPixmap(room.left(), room.center().y() - _LOCK // 2, pixmap)
        return room.adjusted(_LOCK + UNIT // 2, 0, 0, 0)


class CollectionList(QListWidget):
    """All documents, then the collections. Signals: viewed(); renaming(), deleting(): asked for the one in view."""

    viewed = Signal()
    renaming = Signal()
    deleting = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Collections"))
        self.setFixedWidth(UNIT * 27)
        self.setSpacing(1)
        self.setItemDelegate(_LineDelegate(theme, self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.currentItemChanged.connect(lambda *_: self.viewed.emit())
        for key, signal in ((Qt.Key.Key_F2, self.renaming), (QKeySequence.StandardKey.Delete, self.deleting)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(signal)

    @property
    def current(self) -> Collection | None:
        """The collection in view; None when it is all documents."""
        item = self.currentItem()
        found: Collection | None = item.data(ENTRY) if item is not None else None
        return found

    def names(self) -> list[str]:
        """Names of all collections, as listed."""
        return [self.item(at).data(ENTRY).name for at in range(1, self.count())]

    def show_collections(self, collections: list[Collection], files: int, wanted: str | None) -> None:
        """Replace the list and view the collection named, or all documents."""
        self.blockSignals(True)
        self.clear()
        self._add(self.tr("All documents"), None, files)
        for collection in collections:
            self._add(collection.name, collection, collection.files)
        names = [None, *self.names()]
        self.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self.blockSignals(False)

    def _add(self, title: str, collection: Collection | None, files: int) -> None:
        item = QListWidgetItem(title)
        item.setData(ENTRY, collection)
        item.setData(_COUNT, files)
        item.setSizeHint(QSize(0, UNIT * 4 + 4))
        said = [title, self.tr("1 file") if files == 1 else self.tr("{n} files").format(n=texts.number(files))]
        if collection is not None and collection.private:
            item.setToolTip(self.tr("Never leaves this device"))
            said.append(self.tr("Never leaves this device"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(said))
        self.addItem(item)

    def _menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None or item.data(ENTRY) is None:
            return
        self.setCurrentItem(item)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename…")).triggered.connect(lambda: self.renaming.emit())
        menu.addAction(self.tr("Delete…")).triggered.connect(lambda: self.deleting.emit())
        menu.popup(self.viewport().mapToGlobal(at))


class CollectionBar(QFrame):
    """Name and label of the collection in view. Signals: private_wanted(bool), renaming(), deleting()."""

    private_wanted = Signal(bool)
    renaming = Signal()
    deleting = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        line = row(self, gap=UNIT)
        line.setContentsMargins(UNIT // 2, 0, 0, 0)
        self.title = Elided("", "title")
        line.addWidget(self.title, 1)
        words = button(self.tr("Never leaves this device"), "plain")
        words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.private = Switch(theme, words.text())
        words.clicked.connect(self.private.click)
        words.setToolTip(self.tr("What is found in it is never sent to a server, not even when you ask one"))
        self.private.clicked.connect(self.private_wanted)
        line.addWidget(words)
        line.addWidget(self.private)
        line.addWidget(icon_button(theme, "pencil", self.tr("Rename the collection (F2)"), self.renaming.emit))
        line.addWidget(icon_button(theme, "trash", self.tr("Delete the collection"), self.deleting.emit))

    def show_collection(self, collection: Collection | None) -> None:
        """Show a collection; hidden for all documents."""
        self.setVisible(collection is not None)
        if collection is not None:
            self.title.show_text(collection.name)
            self.private.setChecked(collection.private)


class AskDelete(QFrame):
    """Asks in place whether a collection may go, and says what goes with it. Signals: agreed(name), declined()."""

    agreed = Signal(str)
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "bad")
        self._name = ""
        line = row(self, margin=UNIT + 4, gap=UNIT)
        self.words = label("", wrap=True)
        line.addWidget(self.words, 1)
        self.go = button(self.tr("Delete"), "primary", self._agree)
        self.keep = button(self.tr("Keep it"), "", self._decline)
        line.addWidget(self.keep)
        line.addWidget(self.go)
        QShortcut(
            QKeySequence(Qt.Key.Key_Escape), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
        ).activated.connect(self._decline)
        self.hide()

    def ask(self, name: str, leaving: int) -> None:
        """Ask about a collection with which so many files would leave the library."""
        self._name = name
        if leaving == 0:
            words = self.tr(
                "Delete the collection “{name}”? All its files are in other collections too and stay there."
            )
        elif leaving == 1:
            words = self.tr("Delete the collection “{name}”? 1 file that is in no other leaves the library.")
        else:
            words = self.tr("Delete the collection “{name}”? {n} files that are in no other leave the library.")
        untouched = self.tr("The files themselves are not touched.")
        self.words.setText(f"{words.format(name=name, n=texts.number(leaving))} {untouched}")
        self.show()
        self.keep.setFocus()

    def _agree(self) -> None:
        self.hide()
        self.agreed.emit(self._name)

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()
