"""The table of files: what a row looks like, which columns there is room for, and its menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QKeySequence, QPainter, QPixmap, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lumbre.core.documents import FileEntry
from lumbre.frontends.gui.file_model import MEMBER, FileModel
from lumbre.frontends.gui.models import ENTRY
from lumbre.frontends.gui.theme import UNIT, Theme

_DOTS = {"waiting": "outline", "reading": "accent", "readable": "warn", "done": "good", "set-aside": "bad"}
_MARK = 18
"""Width and height of a mark in pixels."""
Cell = QModelIndex | QPersistentModelIndex


class StateDelegate(QStyledItemDelegate):
    """Draws a file's state as a coloured dot before the words; the words alone say it too."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._dots: dict[str, QIcon] = {}

    def initStyleOption(self, option: QStyleOptionViewItem, index: Cell) -> None:
        super().initStyleOption(option, index)
        entry: FileEntry = index.data(ENTRY)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.decorationSize = QSize(UNIT + 4, UNIT + 4)
        option.icon = self._dot(_DOTS[entry.state])

    def _dot(self, role: str) -> QIcon:
        if role not in self._dots:
            pixmap = QPixmap(24, 24)
            pixmap.setDevicePixelRatio(2)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(role))
            painter.drawEllipse(2, 2, 8, 8)
            painter.end()
            self._dots[role] = QIcon(pixmap)
        return self._dots[role]


class NameDelegate(QStyledItemDelegate):
    """Draws the container's name paler than that of the file inside it, and a mark for what is unusual."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Cell) -> None:
        entry: FileEntry = index.data(ENTRY)
        drawn = QStyleOptionViewItem(option)
        self.initStyleOption(drawn, index)
        drawn.text = ""
        style = drawn.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, drawn, painter, drawn.widget)
        room = option.rect.adjusted(UNIT + 3, 0, -UNIT, -3)
        mark = "hidden" if entry.hidden else "warning" if entry.warnings else ""
        painter.save()
        if mark:
            pixmap = self._theme.icon(mark, "warn", _MARK).pixmap(_MARK, _MARK)
            painter.drawPixmap(room.right() - _MARK, room.center().y() - _MARK // 2 + 1, pixmap)
            room.adjust(0, 0, -_MARK - UNIT, 0)
        self._write(painter, room, option, str(index.data()))
        painter.restore()

    def _write(self, painter: QPainter, room: QRect, option: QStyleOptionViewItem, text: str) -> None:
        metrics = option.fontMetrics
        outer, parted, inner = text.partition(MEMBER)
        if parted:
            needed = metrics.horizontalAdvance(inner)
            most = max(room.width() - needed, room.width() * 2 // 5)
            outer = metrics.elidedText(outer + MEMBER, Qt.TextElideMode.ElideMiddle, most)
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), outer)
            room.adjust(metrics.horizontalAdvance(outer), 0, 0, 0)
        painter.setPen(self._theme.colour("text"))
        shown = metrics.elidedText(inner or outer, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)


class FileTable(QTableView):
    """Signals: chosen_changed(); removed() by the Delete key; menu_wanted(QMenu): fill it, then it is shown."""

    chosen_changed = Signal()
    removed = Signal()
    menu_wanted = Signal(QMenu)

    def __init__(self, theme: Theme, model: FileModel) -> None:
        super().__init__()
        self._files = model
        self._kept: tuple[list[str], str] = ([], "")
        self.setAccessibleName(self.tr("Files"))
        self.setModel(model)
        self.setItemDelegateForColumn(FileModel.NAME, NameDelegate(theme, self))
        self.setItemDelegateForColumn(FileModel.STATE, StateDelegate(theme, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_headers()
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._choose_again)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.removed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _set_headers(self) -> None:
        self.verticalHeader().hide()
        # Fixed, so that no row is asked for its height.
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(UNIT * 5)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(FileModel.NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in (
            (FileModel.FOLDER, 26),
            (FileModel.STATE, 18),
            (FileModel.KIND, 14),
            (FileModel.EXTENT, 15),
            (FileModel.LABELS, 24),
        ):
            self.setColumnWidth(column, UNIT * width)
        self.setSortingEnabled(True)
        self.sortByColumn(FileModel.NAME, Qt.SortOrder.AscendingOrder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()
        if self.selectionModel().isSelected(self.currentIndex()):
            self.scrollTo(self.currentIndex())

    def show_reasons(self, on: bool) -> None:
        """Tell in the column of the state why a file was set aside, with room for a sentence."""
        self._files.show_reasons(on)
        mode = QHeaderView.ResizeMode.Stretch if on else QHeaderView.ResizeMode.Interactive
        self.horizontalHeader().setSectionResizeMode(FileModel.STATE, mode)
        self.setColumnWidth(FileModel.STATE, UNIT * 18)
        self._share_room()

    def _share_room(self) -> None:
        # The name and the state are what a person looks for; the rest stands aside when there is no room.
        for column, needed in (
            (FileModel.KIND, 62),
            (FileModel.LABELS, 84),
            (FileModel.EXTENT, 96),
            (FileModel.FOLDER, 130),
        ):
            hidden = self.width() < needed * UNIT or (self._files.reasons and column != FileModel.FOLDER)
            self.setColumnHidden(column, hidden)

    def chosen(self) -> list[FileEntry]:
        """The files that are selected, in the order of the table."""
        selection = self.selectionModel().selection()
        ranges = (selection.at(number) for number in range(selection.count()))
        runs = sorted((one.top(), one.bottom()) for one in ranges)
        return [entry for first, last in runs for entry in self._files.entries[first : last + 1]]

    # --- what is chosen outlives a new order ---

    def _keep(self) -> None:
        current = self.currentIndex()
        self._kept = ([file.path for file in self.chosen()], current.data(ENTRY).path if current.isValid() else "")

    def _choose_again(self) -> None:
        paths, current = self._kept
        rows = sorted(row for path in paths if (row := self._files.row_of(path)) is not None)
        selection = QItemSelection()
        last = self._files.columnCount() - 1
        for first, end in _runs(rows):
            selection.select(self._files.index(first, 0), self._files.index(end, last))
        if (at := self._files.row_of(current)) is not None:
            here = self._files.index(at, 0)
            self.selectionModel().setCurrentIndex(here, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if not rows:
            self.chosen_changed.emit()

    def _menu(self, at: QPoint) -> None:
        if not self.chosen():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_wanted.emit(menu)
        menu.popup(self.viewport().mapToGlobal(at))


def fill_collections(menu: QMenu, names: list[str], new: str, do: Callable[[str | None], object]) -> None:
    """Offer collections by name in a menu, and `new` for one that is still to be named (None)."""
    for name in names:
        menu.addAction(name.replace("&", "&&")).triggered.connect(partial(_call, do, name))
    menu.addSeparator()
    menu.addAction(new).triggered.connect(partial(_call, do, None))


def _call(do: Callable[[str | None], object], name: str | None, _checked: bool = False) -> None:
    do(name)


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """Sorted row numbers as first and last of each unbroken run."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
