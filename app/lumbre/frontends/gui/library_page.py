"""The page of documents: collections, files with their state, why some were set aside, and progress."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QIcon, QKeySequence, QPainter, QPixmap, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHeaderView,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lumbre.core.documents import Collection, FileEntry, LibraryCounts
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Elided, Empty, button, card, column, framed, icon_button, label, row
from lumbre.frontends.gui.models import ENTRY, FileFilter, FileModel, reason
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.progress_strip import ProgressStrip
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT, Theme

_DOTS = {"waiting": "outline", "reading": "accent", "readable": "warn", "done": "good", "set-aside": "bad"}


class StateDelegate(QStyledItemDelegate):
    """Draws a file's state as a coloured dot before the words; the words alone say it too."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._dots: dict[str, QIcon] = {}

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
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


class LibraryPage(QWidget):
    """Mirrors the library; everything it does is a verb of the assistant."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self._collection: str | None = None
        self._counts = LibraryCounts()
        self.model = FileModel()
        self.filter = FileFilter()
        self.filter.setSourceModel(self.model)
        self.collections = self._make_collections()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a file by name or folder"))
        self.search.setAccessibleName(self.tr("Find a file by name or folder"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.filter.look_for)
        self.table = self._make_table()
        self.detail = self._make_detail()
        self.strip = ProgressStrip(session)
        self._build()
        session.files_changed.connect(self._files_changed)
        session.counts_changed.connect(self.show_counts)
        session.library_changed.connect(self.refresh)
        self.refresh()

    # --- building ---

    def _build(self) -> None:
        layout = column(self, gap=0)
        head = row(gap=UNIT)
        head.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        titles = column(gap=2)
        titles.addWidget(label(self.tr("Library"), "display"))
        self.summary = label("", "muted")
        self.summary.setMinimumWidth(1)
        titles.addWidget(self.summary)
        head.addLayout(titles, 1)
        theme = self._session.theme
        for text, icon, do in (
            (self.tr("Add folder…"), "folder", self._add_folder),
            (self.tr("Add files…"), "file", self._add_files),
        ):
            made = button(text, "primary" if icon == "file" else "", do)
            made.setIcon(theme.icon(icon, "on_accent" if icon == "file" else "muted"))
            head.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(head)
        self.stack = QStackedWidget()
        add = [
            button(self.tr("Add folder…"), "", self._add_folder),
            button(self.tr("Add files…"), "primary", self._add_files),
        ]
        words = self.tr(
            "Drop files or folders anywhere on this window. They stay where they are; "
            "what is read from them is kept encrypted on this device."
        )
        self.stack.addWidget(Empty(theme, "library", self.tr("No documents yet"), words, add))
        self.stack.addWidget(self._body())
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.strip)

    def _body(self) -> QWidget:
        body = QWidget()
        line = row(body, gap=UNIT * 2)
        line.setContentsMargins(UNIT * 3, 0, UNIT * 3, UNIT * 2)
        left = column()
        left.addWidget(label(self.tr("Collections"), "small"))
        left.addWidget(self.collections, 1)
        new = button(self.tr("New collection…"), "link", self._new_collection)
        left.addWidget(new, 0, Qt.AlignmentFlag.AlignLeft)
        line.addLayout(left)
        right = column(gap=UNIT)
        right.addWidget(self.search)
        right.addWidget(framed(self.table), 1)
        right.addWidget(self.detail)
        line.addLayout(right, 1)
        return body

    def _make_collections(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(self.tr("Collections"))
        made.setFixedWidth(UNIT * 26)
        made.setSpacing(1)
        made.currentItemChanged.connect(self._choose)
        return made

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName(self.tr("Files"))
        table.setModel(self.filter)
        table.setItemDelegateForColumn(FileModel.STATE, StateDelegate(self._session.theme, table))
        table.setSortingEnabled(True)
        table.sortByColumn(FileModel.NAME, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(UNIT * 5)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setSectionResizeMode(FileModel.NAME, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(FileModel.FOLDER, UNIT * 26)
        table.setColumnWidth(FileModel.STATE, UNIT * 21)
        table.setColumnWidth(FileModel.PAGES, UNIT * 10)
        table.setColumnWidth(FileModel.CHUNKS, UNIT * 13)
        table.selectionModel().selectionChanged.connect(self._selected)
        QShortcut(QKeySequence.StandardKey.Delete, table).activated.connect(self._remove)
        return table

    def _make_detail(self) -> QFrame:
        frame = card()
        line = row(frame, margin=UNIT * 2, gap=UNIT)
        words = column(gap=UNIT // 2)
        self.detail_path = Elided("", "strong")
        self.detail_reason = label("", "bad", wrap=True)
        self.detail_hint = label("", "muted", wrap=True)
        for part in (self.detail_path, self.detail_reason, self.detail_hint):
            words.addWidget(part)
        line.addLayout(words, 1)
        self.retry = button(self.tr("Read again"), "", self._retry)
        line.addWidget(self.retry)
        theme = self._session.theme
        line.addWidget(icon_button(theme, "external", self.tr("Open in its own program"), self._open))
        line.addWidget(icon_button(theme, "trash", self.tr("Take out of the library"), self._remove))
        frame.hide()
        return frame

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The name and the state are what a person looks for; the rest stands aside when there is no room.
        for column_number, needed in ((FileModel.FOLDER, 130), (FileModel.PAGES, 110), (FileModel.CHUNKS, 110)):
            self.table.setColumnHidden(column_number, self.width() < needed * UNIT)

    # --- reading ---

    def refresh(self) -> None:
        """Read everything again."""
        collection = self._collection
        assistant = self._session.assistant

        def got(read: tuple[list[Collection], list[FileEntry], LibraryCounts]) -> None:
            collections, files, counts = read
            self._show_collections(collections, counts)
            if collection == self._collection:
                self.model.show_entries(files)
            self.show_counts(counts)

        self._session.run(self, lambda: (assistant.collections(), assistant.files(collection), assistant.counts()), got)

    def show_counts(self, counts: LibraryCounts) -> None:
        """Show how much there is and how far it has come."""
        known = self._counts.files
        self._counts = counts
        self.strip.show_counts(counts)
        parts = [self.tr("1 file") if counts.files == 1 else self.tr("{n} files").format(n=texts.number(counts.files))]
        parts.append(self.tr("{n} ready").format(n=texts.number(counts.done)))
        if counts.set_aside:
            parts.append(self.tr("{n} set aside").format(n=texts.number(counts.set_aside)))
        self.summary.setText(" · ".join(parts) if counts.files else self.tr("Nothing has been added yet"))
        self.stack.setCurrentIndex(1 if counts.files else 0)
        if counts.files < known:
            self.refresh()

    def _files_changed(self, files: list[FileEntry]) -> None:
        mine = [file for file in files if self._collection is None or self._collection in file.collections]
        self.model.take(mine)
        known = {self.collections.item(row).data(ENTRY) for row in range(self.collections.count())}
        if any(name not in known for file in files for name in file.collections):
            self.refresh()
        self._selected()

    def _show_collections(self, collections: list[Collection], counts: LibraryCounts) -> None:
        self.collections.blockSignals(True)
        self.collections.clear()
        self._add_line(self.tr("All documents"), None, counts.files, private=False)
        for collection in collections:
            self._add_line(collection.name, collection.name, collection.files, private=collection.private)
        for at in range(self.collections.count()):
            if self.collections.item(at).data(ENTRY) == self._collection:
                self.collections.setCurrentRow(at)
        self.collections.blockSignals(False)

    def _add_line(self, title: str, name: str | None, files: int, *, private: bool) -> None:
        item = QListWidgetItem(f"{title}  {texts.number(files)}")
        item.setData(ENTRY, name)
        item.setSizeHint(QSize(0, UNIT * 4 + 4))
        if private:
            item.setIcon(self._session.theme.icon("lock", "good", 16))
            item.setToolTip(self.tr("Never leaves this device"))
        self.collections.addItem(item)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._collection = item.data(ENTRY)
            self.refresh()

    # --- the chosen file ---

    def chosen(self) -> list[FileEntry]:
        """The files that are selected."""
        return [index.data(ENTRY) for index in self.table.selectionModel().selectedRows()]

    def _selected(self, *_: QItemSelection) -> None:
        files = self.chosen()
        self.detail.setVisible(bool(files))
        if not files:
            return
        sentence, hint = reason(files[0])
        alone = len(files) == 1
        title = files[0].path if alone else self.tr("{n} files chosen").format(n=texts.number(len(files)))
        self.detail_path.show_text(title)
        self.detail_reason.setText(sentence)
        self.detail_hint.setText(hint)
        self.detail_reason.setVisible(alone and bool(sentence))
        self.detail_hint.setVisible(alone and bool(hint))
        self.retry.setVisible(any(file.state == "set-aside" for file in files))

    def _retry(self) -> None:
        for file in self.chosen():
            if file.state == "set-aside":
                self._session.retry(Path(file.path))

    def _open(self) -> None:
        for file in self.chosen()[:5]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(file.path))

    def _remove(self) -> None:
        paths = [Path(file.path) for file in self.chosen()]
        if not paths:
            return
        session, collection = self._session, self._collection

        def removed(_: None) -> None:
            words = self.tr("Taken out of the library: {n}. The files themselves were not touched.")
            undo = Notice(words.format(n=len(paths)), "", self.tr("Undo"), lambda: session.add(paths, collection))
            session.noticed.emit(undo)
            self.refresh()

        session.run(self, lambda: session.assistant.remove(paths), removed)

    # --- adding ---

    def _add_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Add files to the library"))
        if names:
            self._session.add([Path(name) for name in names], self._collection)

    def _add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Add a folder to the library"))
        if name:
            self._session.add([Path(name)], self._collection)

    def _new_collection(self) -> None:
        title = self.tr("New collection")
        name, agreed = QInputDialog.getText(self, title, self.tr("Name of the collection; next, choose its folder:"))
        if not agreed or not name.strip():
            return
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder to the collection"))
        if folder:
            self._session.add([Path(folder)], name.strip())
