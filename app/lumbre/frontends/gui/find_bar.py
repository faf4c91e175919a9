"""A line to look for words in the document that is open, with the way from one place to the next."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import icon_button, label, row
from lumbre.frontends.gui.theme import UNIT, Theme

_TYPING_MS = 200
"""A pause this long in the typing starts a search."""


class FindBar(QWidget):
    """Signals: wanted(words); stepped(by): the next place (1) or the one before (-1); closed()."""

    wanted = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.line = QLineEdit()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(lambda: self.wanted.emit(self.line.text()))
        line = row(self, gap=UNIT // 2)
        self.line.setPlaceholderText(self.tr("Find in this document"))
        self.line.setAccessibleName(self.tr("Find in this document"))
        self.line.textChanged.connect(lambda _: self._typing.start())
        line.addWidget(self.line, 1)
        self.count = label("", "small")
        line.addWidget(self.count)
        self.before = icon_button(theme, "arrow-up", self.tr("Place before (Shift+F3)"), lambda: self.stepped.emit(-1))
        self.after = icon_button(theme, "arrow-down", self.tr("Next place (F3)"), lambda: self.stepped.emit(1))
        self.leave = icon_button(theme, "close", self.tr("Stop finding (Esc)"), self.closed.emit)
        for part in (self.before, self.after, self.leave):
            line.addWidget(part)
        self.show_count(0, 0, more=False)

    def begin(self) -> None:
        """Put the caret into the line with what was looked for last."""
        self.show()
        self.line.setFocus()
        self.line.selectAll()

    def show_count(self, at: int, total: int, *, more: bool) -> None:
        """Say at which of how many places one is; `more` when there are others beyond."""
        for part in (self.before, self.after):
            part.setEnabled(total > 0)
        if not self.line.text().strip():
            self.count.setText("")
        elif not total:
            self.count.setText(self.tr("Not found"))
        else:
            shown = texts.number(total) + ("+" if more else "")
            self.count.setText(self.tr("{at} of {total}").format(at=texts.number(at), total=shown))

    def event(self, event: QEvent) -> bool:
        # Else the page's own Esc would stop the answer instead.
        if event.type() == QEvent.Type.ShortcutOverride and cast(QKeyEvent, event).key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._typing.isActive():
                self._typing.stop()
                self.wanted.emit(self.line.text())
            else:
                self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
            return
        event.accept()
