"""The viewer of a citation's source: page, table or text, with the cited words marked and the way to them."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from lumbre.core.documents import DRAWN_FORMATS, Passage
from lumbre.core.errors import FileVanished
from lumbre.frontends.gui import citation, texts
from lumbre.frontends.gui.controls import Elided, card, column, icon_button, label, row
from lumbre.frontends.gui.find_bar import FindBar
from lumbre.frontends.gui.handing_over import hand_over
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.page_view import PageView
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.source_loading import Loaded, load
from lumbre.frontends.gui.table_view import TableView
from lumbre.frontends.gui.text_view import TextView
from lumbre.frontends.gui.theme import UNIT, Theme
from lumbre.frontends.gui.viewing import FOUND_MOST, Marks, Span, find

_ZOOM = 1.25


class SourcePanel(QFrame):
    """Signals: closed(); widened(on): it wants the room of the conversation too, or gives it back."""

    closed = Signal()
    widened = Signal(bool)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("source")
        self.setMinimumWidth(UNIT * 42)
        self._session = session
        self._theme: Theme = session.theme
        self._passage: Passage | None = None
        self._loaded: Loaded | None = None
        self._asked = 0
        self._at = 0
        self._found: list[Span] = []
        self._found_at = 0
        self._layout: QVBoxLayout = column(self, gap=UNIT)
        self._layout.setContentsMargins(UNIT * 2, UNIT, UNIT, UNIT)
        self._make_actions()
        self._layout.addLayout(self._head())
        self._layout.addLayout(self._whereabouts())
        self._layout.addLayout(self._tools())
        self.finder = FindBar(self._theme)
        self.finder.hide()
        self.finder.wanted.connect(self._find)
        self.finder.stepped.connect(self._step_found)
        self.finder.closed.connect(self._stop_finding)
        self._layout.addWidget(self.finder)
        self._layout.addWidget(self._banners())
        self._layout.addWidget(self._views(), 1)
        self._make_shortcuts()

    # --- building ---

    def _make_actions(self) -> None:
        self.actions_menu = QMenu(self)
        for words, do in (
            (self.tr("Copy the citation"), self._copy),
            (self.tr("Copy the citation as Markdown"), lambda: self._copy(markdown=True)),
            (self.tr("Open in its own program"), self._open),
            (self.tr("Show in its folder"), self._show_in_folder),
            (self.tr("Find in this document (Ctrl+F)"), self.start_finding),
        ):
            action = QAction(words, self)
            action.triggered.connect(lambda _=False, do=do: do())
            self.actions_menu.addAction(action)
        self.wide = QAction(self.tr("Use the whole width (F9)"), self)
        self.wide.setCheckable(True)
        self.wide.toggled.connect(self.widened)
        self.actions_menu.addAction(self.wide)

    def _head(self) -> QHBoxLayout:
        line = row(gap=UNIT // 2)
        self.title = Elided("", "title")
        line.addWidget(self.title, 1)
        theme = self._theme
        self.copy = icon_button(theme, "quote", self.tr("Copy the citation"), self._copy)
        self.open = icon_button(theme, "external", self.tr("Open in its own program"), self._open)
        self.more = icon_button(theme, "more", self.tr("More for this source"))
        self.more.setMenu(self.actions_menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.close_button = icon_button(theme, "close", self.tr("Close the source"), self.closed.emit)
        for part in (self.copy, self.open, self.more, self.close_button):
            line.addWidget(part)
        return line

    def _whereabouts(self) -> QHBoxLayout:
        line = row(gap=UNIT // 2)
        self.where = Elided("", "small")
        line.addWidget(self.where, 1)
        theme = self._theme
        self.mark_label = label("", "small")
        self.mark_before = icon_button(theme, "arrow-up", self.tr("Mark before"), lambda: self._step_mark(-1))
        self.mark_after = icon_button(theme, "arrow-down", self.tr("Next mark"), lambda: self._step_mark(1))
        self._marking: list[QWidget] = [self.mark_label, self.mark_before, self.mark_after]
        self.search = icon_button(theme, "search", self.tr("Find in this document (Ctrl+F)"), self.start_finding)
        for part in (*self._marking, self.search):
            line.addWidget(part)
        return line

    def _tools(self) -> QHBoxLayout:
        line = row(gap=UNIT // 2)
        theme = self._theme
        self.back = icon_button(theme, "left", self.tr("Page before"), lambda: self._turn(-1))
        self.forward = icon_button(theme, "right", self.tr("Page after"), lambda: self._turn(1))
        self.page_label = label("", "muted")
        self._paging: list[QWidget] = [self.back, self.page_label, self.forward]
        for part in self._paging:
            line.addWidget(part)
        line.addStretch(1)
        self.smaller = icon_button(theme, "zoom-out", self.tr("Smaller (Ctrl+-)"), lambda: self._zoom(1 / _ZOOM))
        self.usual = icon_button(theme, "fit-width", self.tr("Fit the width (Ctrl+0)"), lambda: self._zoom(0))
        self.larger = icon_button(theme, "zoom-in", self.tr("Larger (Ctrl++)"), lambda: self._zoom(_ZOOM))
        for button in (self.smaller, self.usual, self.larger):
            line.addWidget(button)
        return line

    def _banners(self) -> QWidget:
        """What is to be said about the file itself."""
        self.banners = QWidget()
        layout = column(self.banners, gap=UNIT // 2)
        self.gone = card("warn")
        self.gone_words = label("", "", wrap=True)
        column(self.gone, margin=UNIT).addWidget(self.gone_words)
        self.hidden = card("warn")
        self.hidden_words = label("", "", wrap=True)
        column(self.hidden, margin=UNIT).addWidget(self.hidden_words)
        for part in (self.gone, self.hidden):
            part.hide()
            layout.addWidget(part)
        return self.banners

    def _views(self) -> QStackedWidget:
        self.stack = QStackedWidget()
        self.wait = label("", "muted", wrap=True)
        self.wait.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.area = PageView(self._session)
        self.area.drawn.connect(lambda: self.stack.setCurrentWidget(self.area))
        self.area.failed.connect(self._show_text_instead)
        self.picture = self.area.picture
        self.text = TextView(self._theme)
        self.sheets = TableView(self._theme)
        self._view: PageView | TextView | TableView = self.text
        for view in (self.area, self.text, self.sheets):
            view.moved.connect(self._show_page)
        for part in (self.wait, self.area, self.text, self.sheets):
            self.stack.addWidget(part)
            part.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            part.customContextMenuRequested.connect(lambda at, part=part: self._menu(part.mapToGlobal(at)))
        return self.stack

    def _make_shortcuts(self) -> None:
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.start_finding),
            (QKeySequence("F3"), lambda: self._step(1)),
            (QKeySequence("Shift+F3"), lambda: self._step(-1)),
            (QKeySequence("F9"), self.wide.toggle),
            (QKeySequence("Ctrl++"), lambda: self._zoom(_ZOOM)),
            (QKeySequence("Ctrl+-"), lambda: self._zoom(1 / _ZOOM)),
            (QKeySequence("Ctrl+0"), lambda: self._zoom(0)),
        ):
            QShortcut(keys, self).activated.connect(do)

    def take_focus(self) -> None:
        """Let the keyboard act on the document."""
        self._view.setFocus()

    # --- showing ---

    def show_source(self, passage: Passage, number: int, spans: list[Span]) -> None:
        """Show the document of a passage with `spans` marked, at the place of the first one."""
        self._passage, self._loaded = passage, None
        self.title.show_text(f"[{number}] {PurePath(passage.path).name}")
        self.where.show_text(" › ".join(part for part in (passage.heading, str(PurePath(passage.path).parent)) if part))
        self.area.close_document()
        self._stop_finding()
        self.banners.hide()
        self.gone.hide()
        self.hidden.hide()
        for part in (*self._paging, *self._marking):
            part.hide()
        self.wait.setText(self.tr("Opening the source…"))
        self.stack.setCurrentWidget(self.wait)
        self._asked += 1
        asked = self._asked

        def got(loaded: Loaded) -> None:
            if asked == self._asked:
                self._show(loaded, passage)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self.wait.setText("\n".join(texts.error(error)))

        self._session.run(self, lambda: load(self._session.assistant, passage, spans), got, failed)

    def _show(self, loaded: Loaded, passage: Passage) -> None:
        self._loaded = loaded
        self._at = 0
        self._say_what_remains(loaded)
        self._say_what_is_hidden(loaded)
        for part in self._marking:
            part.setVisible(len(loaded.spans) > 1)
        if loaded.source.format in DRAWN_FORMATS and loaded.remains == "all":
            self.area.open(loaded.source, passage)
            self._bring(self.area, wait=True)
        elif loaded.sheets:
            self.sheets.open(loaded.source, loaded.sheets)
            self._bring(self.sheets)
        else:
            self._bring_text(loaded)

    def _bring_text(self, loaded: Loaded) -> None:
        self.text.open(loaded.source)
        self._bring(self.text)

    def _bring(self, view: PageView | TextView | TableView, *, wait: bool = False) -> None:
        self._view = view
        if not wait:
            self.stack.setCurrentWidget(view)
        self._mark()
        self._go_to_mark()
        self._show_page()

    def _show_text_instead(self, error: Exception) -> None:
        """The page cannot be drawn: say why, and show the text that was read of it."""
        if self._loaded is None:
            return
        if isinstance(error, FileVanished):
            self._say_what_remains(self._loaded._replace(remains="text"))
        else:
            self._say_of_file(" ".join(texts.error(error)))
        self._bring_text(self._loaded)

    def _say_what_remains(self, loaded: Loaded) -> None:
        words = {
            "all": "",
            "text": self.tr("The file is no longer where it was. This is its text as kept in the library."),
            "passage": self.tr("The file is no longer in the library. This is the passage that the answer was given."),
        }[loaded.remains]
        if words:
            self._say_of_file(words)

    def _say_of_file(self, words: str) -> None:
        self.gone_words.setText(words)
        self.gone.show()
        self.banners.show()

    def _say_what_is_hidden(self, loaded: Loaded) -> None:
        """Say that the file holds text that a person who opens it would not see; notes are shown in their place."""
        hidden = [one for one in loaded.source.hidden if one.kind != "notes"]
        self.hidden.setVisible(bool(hidden))
        if hidden:
            self.banners.show()
            words = self.tr("This file holds text that one does not see when it is opened: {text}")
            self.hidden_words.setText(words.format(text=f"“{_short(hidden[0].text)}”"))
            self.hidden.setToolTip("\n".join(_short(one.text) for one in hidden[:10]))

    def _show_page(self) -> None:
        """Say which page, slide or sheet is in view."""
        if self._loaded is None:
            return
        view = self._view
        paged = not isinstance(view, TableView) and view.pages > 0
        for part in self._paging:
            part.setVisible(paged)
        self.usual.setToolTip(
            self.tr("Fit the width (Ctrl+0)") if view is self.area else self.tr("Usual size (Ctrl+0)")
        )
        if isinstance(view, TableView) or not paged:
            return
        slides = self._loaded.source.format in ("pptx", "odp")
        words = self.tr("Slide {n} of {total}") if slides else self.tr("Page {n} of {total}")
        self.page_label.setText(words.format(n=max(1, view.page), total=max(view.pages, view.page)))
        self.back.setEnabled(view.page > 1)
        self.forward.setEnabled(view.page < view.pages)

    # --- the way from mark to mark ---

    def _mark(self) -> None:
        if self._loaded is not None:
            current = self._found[self._found_at] if self._found else None
            self._view.mark(Marks(self._loaded.spans, self._found, current))

    def _go_to_mark(self) -> None:
        if self._loaded is None or not self._loaded.spans:
            return
        spans = self._loaded.spans
        self.mark_label.setText(self.tr("Mark {n} of {total}").format(n=self._at + 1, total=len(spans)))
        self._view.go(spans[self._at])

    def _step_mark(self, by: int) -> None:
        if self._loaded is not None and self._loaded.spans:
            self._at = (self._at + by) % len(self._loaded.spans)
            self._go_to_mark()

    def _step(self, by: int) -> None:
        if self._found:
            self._step_found(by)
        else:
            self._step_mark(by)

    # --- finding ---

    def start_finding(self) -> None:
        """Open the line to find words in the document."""
        if self._loaded is not None:
            self.finder.begin()

    def _find(self, words: str) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        here = loaded.spans[self._at][0] if loaded.spans else 0

        def got(found: list[Span]) -> None:
            if self._loaded is loaded and self.finder.line.text() == words and self.finder.isVisible():
                self._found = found
                self._found_at = next((at for at, span in enumerate(found) if span[0] >= here), 0)
                self._show_found()

        self._session.run(self, lambda: find(loaded.source.text, words), got)

    def _step_found(self, by: int) -> None:
        if self._found:
            self._found_at = (self._found_at + by) % len(self._found)
            self._show_found()

    def _show_found(self) -> None:
        total = len(self._found)
        self.finder.show_count(self._found_at + 1, total, more=total == FOUND_MOST)
        self._mark()
        if self._found:
            self._view.go(self._found[self._found_at])

    def _stop_finding(self) -> None:
        had_focus = self.finder.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self.finder.hide()
        if self._found:
            self._found = []
            self._mark()
        if had_focus:
            self.take_focus()

    # --- what the buttons do ---

    def _turn(self, by: int) -> None:
        self._view.turn(by)

    def _zoom(self, factor: float) -> None:
        self._view.zoom(factor)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        if self._view is self.text and self.text.textCursor().hasSelection():
            copy = QAction(self.tr("Copy what is selected"), menu)
            copy.triggered.connect(self.text.copy)
            menu.addAction(copy)
            menu.addSeparator()
        menu.addActions(self.actions_menu.actions())
        menu.exec(at)

    def _copy(self, *, markdown: bool = False) -> None:
        if self._passage is None or self._loaded is None:
            return
        write = citation.markdown if markdown else citation.plain
        words = write(self._passage, self._loaded.source.text, self._loaded.spans)
        QGuiApplication.clipboard().setText(words)
        self._session.noticed.emit(Notice(self.tr("The citation was copied."), ""))

    def _open(self) -> None:
        if self._passage is not None:
            hand_over(self._session, self, self._passage, lambda file: file)

    def _show_in_folder(self) -> None:
        if self._passage is not None:
            hand_over(self._session, self, self._passage, lambda file: file.parent)


def _short(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 90 else f"{line[:90]}…"
