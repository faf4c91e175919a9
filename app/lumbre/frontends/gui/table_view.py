"""A spreadsheet as a table: its sheets as tabs, the names of the columns kept in sight, the cited rows marked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabBar,
    QTableView,
    QWidget,
)

from lumbre.frontends.gui.controls import column
from lumbre.frontends.gui.table_rows import Sheet
from lumbre.frontends.gui.theme import UNIT, Theme, body_points
from lumbre.frontends.gui.viewing import Marks, Span

if TYPE_CHECKING:
    from lumbre.assistant.sources import Source

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()
_WIDEST = UNIT * 30
_TAB_LETTERS = 24
_SPANNED = 300
"""Lone texts that may reach over all columns; each costs time."""


class SheetModel(QAbstractTableModel):
    """The rows of one sheet, split into cells when they come into view."""

    def __init__(self, sheet: Sheet, theme: Theme) -> None:
        super().__init__()
        self.sheet = sheet
        # The first row of names stands over the table; later ones stand in it.
        self.skipped = int(bool(sheet.rows) and sheet.rows[0].heads)
        self._theme = theme
        self._top = 0
        self._marked: set[int] = set()
        self._cells = lru_cache(maxsize=4096)(sheet.cells)

    def show_marks(self, marked: set[int]) -> None:
        """Colour rows."""
        self._marked = marked
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def show_top(self, row: int) -> None:
        """Show over the table the names that a row stands under."""
        before = self._names()
        self._top = row
        if self._names() != before:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def _names(self) -> list[str]:
        at = min(self._top + self.skipped, len(self.sheet.rows) - 1)
        return self.sheet.rows[at].region.columns if at >= 0 else []

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.sheet.rows) - self.skipped

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self.sheet.columns

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        at = index.row() + self.skipped
        if role in (Role.DisplayRole, Role.ToolTipRole):
            cells = self._cells(at)
            return cells[index.column()] if index.column() < len(cells) else ""
        if role == Role.BackgroundRole:
            return self._theme.colour("mark") if at in self._marked else None
        if role == Role.FontRole and self.sheet.rows[at].heads:
            font = QFont()
            font.setPointSizeF(body_points())
            font.setBold(True)
            return font
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if role == Role.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if role != Role.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        names = self._names()
        return names[section] if section < len(names) else ""


class _Marker(QStyledItemDelegate):
    """Draws the colour of a marked row, which the stylesheet leaves out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colour = index.data(Role.BackgroundRole)
        if colour is not None:
            painter.fillRect(option.rect, colour)
        super().paint(painter, option, index)


class TableView(QWidget):
    """Tabs and the table of the sheet in front. Signals: moved(): another sheet is in front."""

    moved = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sheets: list[Sheet] = []
        self._marks = Marks([])
        self._scale = 1.0
        self.model: SheetModel | None = None
        layout = column(self, gap=0)
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setAccessibleName(self.tr("Sheets"))
        self.tabs.currentChanged.connect(self._bring)
        layout.addWidget(self.tabs)
        self.table = QTableView()
        self.table.setObjectName("sheet")
        self.table.setAccessibleName(self.tr("Table of the document"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setItemDelegate(_Marker(self.table))
        self.table.setWordWrap(False)
        self.table.setCornerButtonEnabled(False)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(UNIT * 4)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        layout.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    # --- what the panel asks ---

    def open(self, source: Source, sheets: list[Sheet]) -> None:
        """Take the sheets of a document."""
        self._sheets = sheets
        self._marks = Marks([])
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for sheet in sheets:
            name = sheet.name or source.title
            at = self.tabs.addTab(name if len(name) <= _TAB_LETTERS else f"{name[:_TAB_LETTERS]}…")
            self.tabs.setTabToolTip(at, name)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(len(sheets) > 1 or bool(sheets and sheets[0].name))
        self._bring(0)

    def mark(self, marks: Marks) -> None:
        """Show what is marked."""
        self._marks = marks
        if self.model is not None:
            self.model.show_marks(self._rows(self.model.sheet, marks.shown))

    def go(self, span: Span) -> None:
        """Bring the row of a place of the text into the middle and select it."""
        at = max((number for number, sheet in enumerate(self._sheets) if sheet.start <= span[0]), default=0)
        self.tabs.setCurrentIndex(at)
        QTimer.singleShot(0, self, lambda: self._select(span))

    def turn(self, by: int) -> None:
        """Bring another sheet to the front."""
        self.tabs.setCurrentIndex(min(max(0, self.tabs.currentIndex() + by), len(self._sheets) - 1))

    def zoom(self, factor: float) -> None:
        """Larger or smaller letters; 0 is the usual size."""
        self._scale = min(2.0, max(0.7, self._scale * factor)) if factor else 1.0
        self.table.setStyleSheet(f"font-size: {body_points() * self._scale:.1f}pt")
        self.table.verticalHeader().setDefaultSectionSize(round(UNIT * 4 * self._scale))
        self._fit()

    # --- the sheet in front ---

    def _bring(self, at: int) -> None:
        if not 0 <= at < len(self._sheets):
            return
        self.table.clearSpans()
        self.model = SheetModel(self._sheets[at], self._theme)
        self.table.setModel(self.model)
        self.table.scrollToTop()
        model = self.model
        model.show_top(0)
        named = any(model.sheet.rows[row].region.names for row in range(min(50, len(model.sheet.rows))))
        self.table.horizontalHeader().setVisible(named)
        if model.columnCount() > 1:
            lone = (row for row in range(model.rowCount()) if model.sheet.is_line(row + model.skipped))
            for row, _ in zip(lone, range(_SPANNED), strict=False):
                self.table.setSpan(row, 0, 1, model.columnCount())
        self._fit()
        self.mark(self._marks)
        self.moved.emit()

    def _fit(self) -> None:
        """Columns as wide as what is in view of them, within bounds; one alone takes the whole width."""
        header = self.table.horizontalHeader()
        header.setResizeContentsPrecision(60)
        self.table.resizeColumnsToContents()
        for section in range(header.count()):
            header.resizeSection(section, min(header.sectionSize(section) + UNIT, round(_WIDEST * self._scale)))
        header.setStretchLastSection(True)

    def _rows(self, sheet: Sheet, spans: list[Span]) -> set[int]:
        """The rows of a sheet that spans touch."""
        found: set[int] = set()
        end = sheet.rows[-1].end if sheet.rows else 0
        for start, stop in spans:
            if start < end and stop > sheet.start:
                found.update(range(sheet.row_at(start), sheet.row_at(stop - 1) + 1))
        return {row for row in found if not sheet.rows[row].heads} or found

    def _select(self, span: Span) -> None:
        if self.model is None:
            return
        row = max(0, self.model.sheet.row_at(span[0]) - self.model.skipped)
        index = self.model.index(row, 0)
        self.table.clearSelection()
        # A cited row is current for the keyboard, but not selected: the selection would hide its mark.
        flag = QItemSelectionModel.SelectionFlag
        chosen = flag.ClearAndSelect | flag.Rows if span == self._marks.current else flag.NoUpdate
        self.table.selectionModel().setCurrentIndex(index, chosen)
        self.table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._scrolled()

    def _scrolled(self) -> None:
        if self.model is not None:
            self.model.show_top(max(0, self.table.rowAt(0)))
