"""The page of documents: collections, files with their state, why some were set aside, and progress."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QWidget

from lumbre.core.documents import Collection, FileEntry, LibraryCounts
from lumbre.core.paths import on_disk
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.arranging import Arrange
from lumbre.frontends.gui.collection_list import AskDelete, CollectionBar, CollectionList
from lumbre.frontends.gui.controls import Elided, Empty, button, card, column, framed, icon_button, label, row
from lumbre.frontends.gui.file_detail import FileDetail, can_unlock
from lumbre.frontends.gui.file_model import FileModel
from lumbre.frontends.gui.file_table import FileTable, fill_collections
from lumbre.frontends.gui.narrowing import Narrowing
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.progress_strip import ProgressStrip
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

Read = tuple[list[Collection], list[FileEntry], LibraryCounts, dict[str, int], list[str]]


class LibraryPage(QWidget):
    """Mirrors the library; everything it does is a verb of the assistant."""

    LISTS_MS = 500
    """How long the numbers beside the collections and in the chips may lag behind."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self._counts = LibraryCounts()
        self._reading = self._again = False
        self._arrange = Arrange(session, self, self.refresh)
        self.model = FileModel()
        self.table = FileTable(session.theme, self.model)
        self.collections = CollectionList(session.theme)
        self.bar = CollectionBar(session.theme)
        self.ask_delete = AskDelete()
        self.narrowing = Narrowing(session.theme, self.model)
        self.search = self.narrowing.field
        self.detail = FileDetail(session)
        self.strip = ProgressStrip(session)
        self._lists = QTimer(self)
        self._lists.setSingleShot(True)
        self._lists.setInterval(self.LISTS_MS)
        self._lists.timeout.connect(self._read_collections)
        self._lists.timeout.connect(self.narrowing.count)
        self._build()
        self._connect()
        self.refresh()

    # --- building ---

    def _build(self) -> None:
        layout = column(self, gap=0)
        layout.addLayout(self._head())
        self.stack = QStackedWidget()
        words = self.tr(
            "Drop files or folders anywhere on this window. They stay where they are; "
            "what is read from them is kept encrypted on this device."
        )
        actions = [
            button(self.tr("Import from another assistant…"), "link", self.open_import),
            button(self.tr("Add folder…"), "", self._add_folder),
            button(self.tr("Add files…"), "primary", self._add_files),
        ]
        self.stack.addWidget(Empty(self._session.theme, "library", self.tr("No documents yet"), words, actions))
        self.stack.addWidget(self._body())
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.strip)

    def _head(self) -> QHBoxLayout:
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
        self.more = icon_button(theme, "more", self.tr("More about the library"))
        self.more.setIcon(theme.icon("more", "text"))
        self.more.setPopupMode(self.more.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.addAction(self.tr("Added folders…")).triggered.connect(self.open_folders)
        menu.addAction(self.tr("Test the library…")).triggered.connect(self.open_test)
        menu.addAction(self.tr("Import from another assistant…")).triggered.connect(self.open_import)
        self.more.setMenu(menu)
        head.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        return head

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
        for part in (self._away_card(), self.ask_delete, self.bar, self.narrowing):
            right.addWidget(part)
        right.addWidget(framed(self.table), 1)
        right.addWidget(self.detail)
        line.addLayout(right, 1)
        return body

    def _away_card(self) -> QWidget:
        self.away = card("warn")
        line = row(self.away, margin=UNIT, gap=UNIT)
        line.setContentsMargins(UNIT * 2, UNIT // 2, UNIT, UNIT // 2)
        self.away_words = Elided("", "warn")
        line.addWidget(self.away_words, 1)
        line.addWidget(button(self.tr("Show"), "plain", self.open_folders))
        self.away.hide()
        return self.away

    def _connect(self) -> None:
        session = self._session
        session.files_changed.connect(self._files_changed)
        session.counts_changed.connect(self.show_counts)
        session.library_changed.connect(self.refresh)
        self.collections.viewed.connect(self._view)
        self.table.chosen_changed.connect(self._selected)
        self.table.removed.connect(self._remove)
        self.table.menu_wanted.connect(self._fill_menu)
        self.table.doubleClicked.connect(lambda _: self._open())
        self.narrowing.reasons_wanted.connect(self.table.show_reasons)
        self.detail.retried.connect(self._retry)
        self.detail.opened.connect(self._open)
        self.detail.removed.connect(self._remove)
        self.detail.tagged.connect(lambda add, remove: self._arrange.tag(self.chosen(), add, remove))
        for part in (self.collections, self.bar):
            part.renaming.connect(lambda: self._arrange.rename(self.collections.current))
            part.deleting.connect(self._ask_delete)
        self.bar.private_wanted.connect(lambda on: self._arrange.set_private(self.collections.current, on))
        self.ask_delete.agreed.connect(self._delete_collection)
        self.ask_delete.declined.connect(self._kept)

    # --- reading ---

    def refresh(self) -> None:
        """Read everything again; asked for while reading, it is done once more after that."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        wanted, assistant = self._session.in_view, self._session.assistant

        def read() -> Read:
            collections = assistant.collections()
            known = wanted if any(one.name == wanted for one in collections) else None
            return collections, assistant.files(known), assistant.counts(), assistant.tags(), assistant.away()

        def failed(error: Exception) -> None:
            self._reading = False
            self._session.report(error)

        self._session.run(self, read, self._show, failed)

    def _show(self, read: Read) -> None:
        collections, files, counts, tags, away = read
        self._reading = False
        if self._again:
            self._again = False
            self.refresh()
            return
        self._show_collections(collections, counts)
        self.model.show_entries(files)
        self.narrowing.show_files(files, {one.name for one in collections})
        self.detail.tags.know(list(tags))
        self._show_away(away)
        self.show_counts(counts)

    def _show_collections(self, collections: list[Collection], counts: LibraryCounts) -> None:
        self.collections.show_collections(collections, counts.files, self._session.in_view)
        current = self.collections.current
        self._session.in_view = current.name if current is not None else None
        if self.ask_delete.isHidden():
            self.bar.show_collection(current)

    def _read_collections(self) -> None:
        assistant = self._session.assistant
        self._session.run(self, assistant.collections, lambda found: self._show_collections(found, self._counts))

    def _show_away(self, away: list[str]) -> None:
        self.away.setVisible(bool(away))
        if len(away) == 1:
            words = self.tr("Not there now: {path}. What was read of it is kept.").format(path=away[0])
        else:
            words = self.tr("Not there now: {n} added folders. What was read of them is kept.")
        self.away_words.show_text(words.format(n=len(away)))

    def show_counts(self, counts: LibraryCounts) -> None:
        """Show how much there is and how far it has come."""
        known, self._counts = self._counts.files, counts
        self.strip.show_counts(counts)
        parts = [self.tr("1 file") if counts.files == 1 else self.tr("{n} files").format(n=texts.number(counts.files))]
        parts.append(self.tr("{n} ready").format(n=texts.number(counts.done)))
        if counts.set_aside:
            parts.append(self.tr("{n} set aside").format(n=texts.number(counts.set_aside)))
        self.summary.setText(" · ".join(parts) if counts.files else self.tr("Nothing has been added yet"))
        # Where there are collections of one's own, something is arranged already though nothing is in it.
        arranged = len(self.collections.names()) > 1
        self.stack.setCurrentIndex(1 if counts.files or arranged else 0)
        if counts.files < known:
            self.refresh()
        elif counts.files > known and not self._lists.isActive():
            self._lists.start()

    def _files_changed(self, files: list[FileEntry]) -> None:
        here = self._session.in_view
        self.model.take([file for file in files if here is None or here in file.collections])
        known = set(self.collections.names())
        if any(name not in known for file in files for name in file.collections):
            self.refresh()
        if not self._lists.isActive():
            self._lists.start()
        changed = {file.path for file in files}
        if any(file.path in changed for file in self.chosen()):
            self._selected()

    def _view(self) -> None:
        current = self.collections.current
        self._session.in_view = current.name if current is not None else None
        self.bar.show_collection(current)
        self.ask_delete.hide()
        self.refresh()

    # --- the chosen files ---

    def chosen(self) -> list[FileEntry]:
        """The files that are selected."""
        return self.table.chosen()

    def _selected(self) -> None:
        self.detail.show_files(self.chosen())

    def _fill_menu(self, menu: QMenu) -> None:
        files = self.chosen()
        menu.addAction(self.tr("Open in its own program")).triggered.connect(self._open)
        menu.addAction(self.tr("Show in its folder")).triggered.connect(self._open_folder)
        menu.addSeparator()
        new = self.tr("New collection…")
        for title, move in ((self.tr("Copy to collection"), False), (self.tr("Move to collection"), True)):
            within = menu.addMenu(title)
            names = [name for name in self.collections.names() if name != self._session.in_view]
            fill_collections(within, names, new, partial(self._arrange.put, files, move))
        menu.addAction(self.tr("Tags…")).triggered.connect(self.detail.tags.field.setFocus)
        menu.addSeparator()
        if len(files) == 1 and can_unlock(files[0]):
            menu.addAction(self.tr("Unlock…")).triggered.connect(self.detail.ask_password)
        if any(file.state == "set-aside" for file in files):
            menu.addAction(self.tr("Read again")).triggered.connect(self._retry)
        if len(files) == 1 and not files[0].container:
            menu.addAction(self.tr("Test the library with it…")).triggered.connect(self._test_with_chosen)
        menu.addAction(self.tr("Take out of the library")).triggered.connect(self._remove)

    def _retry(self) -> None:
        for file in self.chosen():
            if file.state == "set-aside":
                self._session.retry(Path(file.path))

    def _open(self) -> None:
        for file in self.chosen()[:5]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(on_disk(Path(file.path))[0])))

    def _open_folder(self) -> None:
        folders = {on_disk(Path(file.path))[0].parent for file in self.chosen()[:5]}
        for folder in folders:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _remove(self) -> None:
        files = self.chosen()
        paths = [Path(file.path) for file in files]
        if not paths:
            return
        session = self._session
        # What lies inside another file comes back with that one only.
        whole = [file for file in files if not file.container]

        def undo() -> None:
            for name in sorted({name for file in whole for name in file.collections}):
                session.add([Path(file.path) for file in whole if name in file.collections], name)

        def removed(_: None) -> None:
            words = self.tr("Taken out of the library: {n}. The files themselves were not touched.")
            action = self.tr("Undo") if whole else ""
            session.noticed.emit(Notice(words.format(n=len(paths)), "", action, undo))
            self.refresh()

        session.run(self, lambda: session.assistant.remove(paths), removed)

    # --- collections ---

    def _ask_delete(self) -> None:
        current, assistant = self.collections.current, self._session.assistant
        if current is not None:
            name = current.name
            self._session.run(self, lambda: assistant.leaving(name), partial(self._ask, name))

    def _ask(self, name: str, leaving: int) -> None:
        self.table.clearSelection()
        self.bar.hide()
        self.ask_delete.ask(name, leaving)

    def _kept(self) -> None:
        self.bar.show_collection(self.collections.current)
        self.collections.setFocus()

    def _delete_collection(self, name: str) -> None:
        if self._session.in_view == name:
            self._session.in_view = None
        self._arrange.delete(name)

    def _new_collection(self) -> None:
        self._arrange.make(self._view_named)

    def _view_named(self, name: str) -> None:
        self._session.in_view = name
        self.refresh()

    # --- adding, and what opens over the page ---

    def _add_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Add files to the library"))
        if names:
            self._session.add([Path(name) for name in names], self._session.in_view)

    def _add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Add a folder to the library"))
        if name:
            self._session.add([Path(name)], self._session.in_view)

    def open_folders(self) -> None:
        """Show what was added and is kept up to."""
        from lumbre.frontends.gui.folders_dialog import FoldersDialog

        FoldersDialog(self._session, self).open()

    def open_test(self) -> None:
        """Show the gold questions."""
        self._open_gold("")

    def _test_with_chosen(self) -> None:
        self._open_gold(self.chosen()[0].path)

    def _open_gold(self, path: str) -> None:
        from lumbre.frontends.gui.gold_dialog import GoldDialog

        files = [file for file in self.model.all if file.state in ("readable", "done")]
        GoldDialog(self._session, self, [file.path for file in files], path, adding=bool(path)).open()

    def open_import(self) -> None:
        """Offer to take over what other assistants hold."""
        from lumbre.frontends.gui.import_dialog import ImportDialog

        ImportDialog(self._session, self).open()
