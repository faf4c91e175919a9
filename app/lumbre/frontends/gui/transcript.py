"""The messages of a conversation, one under another; it follows the last one unless the person scrolled away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from lumbre.core.chat import StoredMessage
from lumbre.frontends.gui.answer_view import AnswerView
from lumbre.frontends.gui.controls import button, column, label, row, scrolled
from lumbre.frontends.gui.theme import UNIT, Theme


class Transcript(QWidget):
    """A column of questions and answers.

    Signals: those of AnswerView, with the question they belong to: cited(passages, number, spans),
    again(question), plain(question), link_followed(address).
    """

    PAGE = 30
    cited = Signal(list, int, list)
    again = Signal(str)
    plain = Signal(str)
    link_followed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._follows = True
        self._earlier: list[StoredMessage] = []
        self._question = ""
        inner = QWidget()
        line = row(inner)
        line.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 3)
        self._holder = QWidget()
        self._holder.setMaximumWidth(UNIT * 95)
        self.column = column(self._holder, gap=UNIT * 3)
        self._more = button(self.tr("Show earlier messages"), "link", self._show_earlier)
        self._more.hide()
        self.column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addStretch(1)
        line.addStretch(1)
        line.addWidget(self._holder, 1000)
        line.addStretch(1)
        self.area: QScrollArea = scrolled(inner)
        column(self).addWidget(self.area)
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(self._grown)
        bar.valueChanged.connect(lambda value: setattr(self, "_follows", value >= bar.maximum() - UNIT))

    def show_messages(self, messages: list[StoredMessage]) -> None:
        """Replace everything with a conversation; the oldest wait behind a button."""
        self.clear()
        self._earlier, shown = messages[: -self.PAGE], messages[-self.PAGE :]
        self._more.setVisible(bool(self._earlier))
        for message in shown:
            self._add(message)
        self._follows = True

    def clear(self) -> None:
        """Take all messages away."""
        while self.column.count() > 2:
            item = self.column.takeAt(1)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._earlier = []
        self._more.hide()
        self._question = ""

    def ask(self, question: str) -> AnswerView:
        """Add a question and an empty answer to be fed."""
        self._question = question
        self._follows = True
        self._insert(self._bubble(question))
        return self._answer()

    def _show_earlier(self) -> None:
        messages, self._earlier = self._earlier[-self.PAGE :], self._earlier[: -self.PAGE]
        self._more.setVisible(bool(self._earlier))
        self._follows = False
        for at, message in enumerate(messages):
            self._add(message, 1 + at)

    def _add(self, message: StoredMessage, at: int | None = None) -> None:
        if message.role == "user":
            self._question = message.text
            self._insert(self._bubble(message.text), at)
        elif message.role == "assistant":
            view = self._answer(at)
            if message.answer is not None:
                view.show_answer(message.answer)
            else:
                view.show_text(message.text)

    def _insert(self, widget: QWidget, at: int | None = None) -> None:
        self.column.insertWidget(self.column.count() - 1 if at is None else at, widget)

    def _answer(self, at: int | None = None) -> AnswerView:
        view = AnswerView(self._theme)
        question = self._question
        view.cited.connect(self.cited)
        view.link_followed.connect(self.link_followed)
        view.explained.connect(self._stay)
        view.again.connect(lambda: self.again.emit(question))
        view.plain.connect(lambda: self.plain.emit(question))
        self._insert(view, at)
        return view

    def _bubble(self, question: str) -> QWidget:
        holder = QWidget()
        line: QHBoxLayout = row(holder)
        frame = QFrame()
        frame.setObjectName("question")
        words: QLabel = label(question, "", wrap=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setAccessibleName(question)
        inner = column(frame)
        inner.setContentsMargins(UNIT * 2, UNIT + 2, UNIT * 2, UNIT + 2)
        inner.addWidget(words)
        widest = max(self.fontMetrics().horizontalAdvance(part) for part in question.split("\n"))
        words.setMinimumWidth(min(widest + 2, UNIT * 60))
        line.addStretch(1)
        line.addWidget(frame)
        frame.setMaximumWidth(UNIT * 76)
        return holder

    def _stay(self) -> None:
        self._follows = False

    def _grown(self, _low: int, high: int) -> None:
        if self._follows:
            self.area.verticalScrollBar().setValue(high)
