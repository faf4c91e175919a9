"""The quick window: a line to ask in, passages while typing, the answer on Enter, gone on Esc."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from lumbre.core.chat import Answer
from lumbre.core.documents import Passage, SearchResult
from lumbre.core.errors import LumbreError
from lumbre.core.job import Failed, Finished, Job, Stopped
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.answer_view import AnswerView
from lumbre.frontends.gui.controls import Elided, Picture, button, column, icon_button, label, row, scrolled
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

_WIDTH = UNIT * 88
_TALLEST = UNIT * 60
_TYPING_MS = 120
"""A pause this long in the typing starts a search."""


class QuickWindow(QWidget):
    """Signals: carried(conversation id): the person wants to go on in the main window; shown(passages, number)."""

    carried = Signal(int)
    shown = Signal(list, int)

    def __init__(self, session: Session) -> None:
        super().__init__(
            None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        )
        self.setObjectName("quickwindow")
        self.setWindowTitle(self.tr("Lumbre: quick question"))
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._session = session
        self._job: Job[Answer] | None = None
        self._view: AnswerView | None = None
        self._conversation: int | None = None
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._search)
        self._frame = QFrame()
        self._frame.setObjectName("quick")
        column(self).addWidget(self._frame)
        layout = column(self._frame, margin=UNIT * 2, gap=UNIT)
        layout.addLayout(self._head())
        self.results = QWidget()
        self._list: QVBoxLayout = column(self.results, gap=UNIT * 2)
        self.results.installEventFilter(self)
        self.area: QScrollArea = scrolled(self.results)
        self.area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout.addWidget(self.area)
        layout.addLayout(self._foot())
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.carry)
        self.setFixedWidth(_WIDTH)
        self._clear()

    def _head(self) -> QVBoxLayout:
        line = row(gap=UNIT)
        line.addWidget(Picture(self._session.theme, "ember", "accent", 28))
        self.line = QLineEdit()
        self.line.setObjectName("quickline")
        self.line.setPlaceholderText(self.tr("Ask or find in your documents…"))
        self.line.setAccessibleName(self.tr("Ask or find in your documents"))
        self.line.textEdited.connect(lambda _: self._typing.start())
        self.line.returnPressed.connect(self.ask)
        line.addWidget(self.line, 1)
        layout = column()
        layout.addLayout(line)
        return layout

    def _foot(self) -> QVBoxLayout:
        line = row()
        self.hint = label(self.tr("Enter answers · Esc hides"), "small")
        self.hint.setMinimumWidth(1)
        line.addWidget(self.hint, 1)
        self.go_on: QPushButton = button(self.tr("Open in Lumbre (Ctrl+Enter)"), "link", self.carry)
        line.addWidget(self.go_on)
        layout = column()
        layout.addLayout(line)
        return layout

    # --- coming and going ---

    def toggle(self) -> None:
        """Show it in the middle of the screen where the pointer is, or hide it."""
        if self.isVisible() and self.isActiveWindow():
            self.hide()
            return
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        free = screen.availableGeometry()
        self.adjustSize()
        self.move(free.center().x() - _WIDTH // 2, free.top() + free.height() // 5)
        self.show()
        self.raise_()
        self.activateWindow()
        self.line.setFocus()
        self.line.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._typing.stop()

    # --- passages while typing ---

    def _search(self) -> None:
        query = self.line.text().strip()
        if not query:
            self._clear()
            return
        scope = self._session.scope

        def found(result: SearchResult) -> None:
            if result.query == self.line.text().strip() and self._job is None:
                self._show_passages(result.passages)

        def failed(error: Exception) -> None:
            self.hint.setText(texts.error(error)[0])

        search = self._session.assistant.search
        self._session.run(self, lambda: search(query, collection=scope.collection, top=5), found, failed)

    def _show_passages(self, passages: list[Passage]) -> None:
        self._clear()
        for number, passage in enumerate(passages, 1):
            self._put(self._found(passages, number, passage))
        if not passages:
            self._put(label(self.tr("Nothing found so far. Enter asks the model."), "muted"))

    def _found(self, passages: list[Passage], number: int, passage: Passage) -> QWidget:
        part = QWidget()
        line = row(part)
        words = column(gap=2)
        place = texts.place(passage.path, passage.page)
        words.addWidget(Elided(place, "strong"))
        quote = " ".join(passage.text.split())
        words.addWidget(label(quote[:220] + ("…" if len(quote) > 220 else ""), "muted", wrap=True))
        line.addLayout(words, 1)
        name = self.tr("Show {place}").format(place=place)
        line.addWidget(icon_button(self._session.theme, "panel", name, lambda: self._show(passages, number)))
        return part

    def _show(self, passages: list[Passage], number: int) -> None:
        self.hide()
        self.shown.emit(passages, number)

    def _put(self, part: QWidget) -> None:
        self._list.addWidget(part)
        # A layout does not count what is still hidden.
        part.show()
        self._fit()

    # --- the answer ---

    def ask(self) -> None:
        """Ask what is typed, in a conversation of its own; Enter again goes on in it."""
        question = self.line.text().strip()
        if not question or self._job is not None:
            return
        scope = self._session.scope
        try:
            job = self._session.assistant.ask(
                question, conversation_id=self._conversation, collection=scope.collection, documents=scope.documents
            )
        except LumbreError as error:
            self.hint.setText(texts.error(error)[0])
            return
        self._typing.stop()
        self._clear()
        self._job = job
        view = AnswerView(self._session.theme)
        view.again.connect(self.ask)
        view.cited.connect(lambda *_: self.carry())
        self._view = view
        self._put(view)
        self._session.pump.follow(job, view, self._fed)

    def _fed(self, events: list[Any]) -> None:
        assert self._view is not None
        self._view.feed(events)
        last = events[-1]
        if isinstance(last, (Finished, Stopped, Failed)):
            self._job = None
            if isinstance(last.result, Answer):
                self._conversation = last.result.conversation_id or None
            self.go_on.setVisible(self._conversation is not None)
            self._session.conversations_changed.emit()
        self._fit()

    def carry(self) -> None:
        """Go on in the main window."""
        if self._conversation is not None:
            self.hide()
            self.carried.emit(self._conversation)
            self._conversation = None
            self.line.clear()
            self._clear()

    # --- room ---

    def _clear(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.go_on.setVisible(self._conversation is not None)
        self._fit()

    def _fit(self) -> None:
        self._list.activate()
        wanted = 0
        if self._list.count():
            width = self.area.viewport().width()
            wanted = (
                self._list.totalHeightForWidth(width)
                if self._list.hasHeightForWidth()
                else self.results.sizeHint().height()
            )
        self.area.setFixedHeight(min(wanted, _TALLEST))
        # The window follows once its own layout has heard of the new height.
        QTimer.singleShot(0, self, self.adjustSize)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            QTimer.singleShot(0, self, self._fit)
        return super().eventFilter(watched, event)
