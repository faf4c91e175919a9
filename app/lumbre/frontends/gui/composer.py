"""Where a question is typed: grows with the text, Enter sends, Shift+Enter goes on in a new line, Esc stops."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QToolButton

from lumbre.frontends.gui.controls import button, label, restyle, row
from lumbre.frontends.gui.filter_help import help_button
from lumbre.frontends.gui.theme import UNIT, Theme


class Line(QPlainTextEdit):
    """The text of the question. Signals: entered(), focused(bool)."""

    entered = Signal()
    focused = Signal(bool)
    MOST_LINES = 8

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(4)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """Be as tall as the text, up to eight lines; then scroll."""
        lines = max(1, int(self.document().size().height()))
        shown = min(lines, self.MOST_LINES)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * shown + 10)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if lines > shown else policy.ScrollBarAlwaysOff)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)


class Composer(QFrame):
    """Signals: sent(question), stopped(), helped(): the person pressed the button that lifts the obstacle."""

    sent = Signal(str)
    stopped = Signal()
    helped = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("composer")
        self._theme = theme
        self._answering = False
        self._obstacle = ""
        layout = row(self, gap=UNIT)
        layout.setContentsMargins(UNIT * 2, UNIT, UNIT, UNIT)
        self.line = Line(self.tr("Ask something…"))
        self.line.entered.connect(self.press)
        self.line.textChanged.connect(self._refresh)
        self.line.focused.connect(lambda on: restyle(self, "focused", on))
        self.why = label("", "muted", wrap=True)
        self.help = button("", "primary", self.helped.emit)
        self.go = QToolButton()
        self.go.setProperty("kind", "round")
        self.go.setIconSize(QSize(20, 20))
        self.go.clicked.connect(self.press)
        self.filters = help_button(theme, self.tr("Words that narrow the search"))
        layout.addWidget(self.line, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.why, 1)
        layout.addWidget(self.help)
        layout.addWidget(self.filters, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addWidget(self.go, 0, Qt.AlignmentFlag.AlignBottom)
        self.setFocusProxy(self.line)
        self.set_obstacle("", "")

    def set_obstacle(self, why: str, remedy: str) -> None:
        """Say why nothing can be asked now and offer the remedy; an empty `why` lets the person type."""
        self._obstacle = why
        self.why.setText(why)
        self.help.setText(remedy)
        self.why.setVisible(bool(why))
        self.help.setVisible(bool(why and remedy))
        self.line.setVisible(not why)
        self.go.setVisible(not why)
        self.filters.setVisible(not why)
        self._refresh()

    def set_answering(self, on: bool) -> None:
        """While an answer is being written the button stops it."""
        self._answering = on
        self._refresh()

    def give_back(self, question: str) -> None:
        """Put a question back that could not be asked, to be mended."""
        self.line.setPlainText(question)
        self.line.moveCursor(QTextCursor.MoveOperation.End)
        self.line.setFocus()

    def press(self) -> None:
        """Send what is typed, or stop the answer."""
        if self._answering:
            self.stopped.emit()
            return
        question = self.line.toPlainText().strip()
        if question and not self._obstacle:
            self.line.clear()
            self.sent.emit(question)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._answering:
            self.stopped.emit()
        else:
            super().keyPressEvent(event)

    def _refresh(self) -> None:
        name = self.tr("Stop (Esc)") if self._answering else self.tr("Send (Enter)")
        ready = self._answering or bool(self.line.toPlainText().strip())
        self.go.setIcon(self._theme.icon("stop" if self._answering else "send", "on_accent" if ready else "outline"))
        self.go.setToolTip(name)
        self.go.setAccessibleName(name)
        self.go.setEnabled(ready)
