"""While the library opens: the wait, the passphrase, and what to read when it does not open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QStackedWidget, QWidget

from lumbre.core.errors import PassphraseNeeded, WrongKey
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Empty, Picture, button, column, label, row
from lumbre.frontends.gui.pump import Pump
from lumbre.frontends.gui.theme import UNIT, Theme

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Assistant

MakeAssistant = Callable[[Callable[[bool], str]], "Assistant"]
"""Builds the assistant; given a function that asks for a passphrase (True: a new one) and blocks until it is typed."""


class PassphraseCard(QFrame):
    """Asks for a passphrase: a new one twice, a known one once, or once more when it was wrong.

    Signals: typed(str), given_up().
    """

    typed = Signal(str)
    given_up = Signal()

    def __init__(self, *, new: bool, wrong: bool = False) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.setFixedWidth(UNIT * 56)
        self._new = new
        layout = column(self, margin=UNIT * 4, gap=UNIT)
        layout.addWidget(label(self.tr("Choose a passphrase") if new else self.tr("Passphrase"), "title"))
        layout.addWidget(label(self._why(), "muted", wrap=True))
        layout.addSpacing(UNIT)
        self.first = self._line(self.tr("Passphrase"))
        layout.addWidget(self.first)
        self.again = self._line(self.tr("The same passphrase again"))
        self.again.setVisible(new)
        layout.addWidget(self.again)
        self.complaint = label(
            self.tr("That passphrase does not open this library. Nothing was changed."), "bad", wrap=True
        )
        self.complaint.setVisible(wrong)
        layout.addWidget(self.complaint)
        layout.addSpacing(UNIT)
        line = row()
        line.addStretch(1)
        line.addWidget(button(self.tr("Not now"), "", self.given_up.emit))
        self.go = button(self.tr("Create the library") if new else self.tr("Open"), "primary", self._submit)
        line.addWidget(self.go)
        layout.addLayout(line)
        self._check()

    def _why(self) -> str:
        if self._new:
            return self.tr(
                "This system offers no keyring, so a passphrase protects your library. It is never written down: "
                "without it nobody can read what is kept here, not even you."
            )
        return self.tr("It opens your encrypted library on this device.")

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit()
        line.setEchoMode(QLineEdit.EchoMode.Password)
        line.setPlaceholderText(name)
        line.setAccessibleName(name)
        line.textChanged.connect(self._check)
        line.returnPressed.connect(self._submit)
        return line

    def _check(self) -> None:
        same = not self._new or self.first.text() == self.again.text()
        self.go.setEnabled(bool(self.first.text()) and same)
        if self._new:
            self.complaint.setText(self.tr("The two are not the same yet."))
            self.complaint.setVisible(bool(self.again.text()) and not same)

    def _submit(self) -> None:
        if self.go.isEnabled():
            self.setEnabled(False)
            self.typed.emit(self.first.text())


class OpeningPage(QStackedWidget):
    """What stands in the place of the pages until the library is open. Signals: opened(Assistant)."""

    opened = Signal(object)
    _asked = Signal(bool)

    def __init__(self, theme: Theme, pump: Pump, make_assistant: MakeAssistant) -> None:
        super().__init__()
        self._theme = theme
        self._pump = pump
        self._make = make_assistant
        self._typed: str | None = None
        self._answered = threading.Event()
        self._tries = 0
        self._asked.connect(self._show_card, Qt.ConnectionType.QueuedConnection)
        self._wait = self._waiting()
        self.addWidget(self._wait)

    def start(self) -> None:
        """Open the library in a thread."""
        self._tries = 0
        self._begin()

    def abandon(self) -> None:
        """Let a thread that waits for a passphrase go: the window is closing."""
        self._typed = None
        self._answered.set()

    def _begin(self) -> None:
        self._show(self._wait)
        self._pump.run(self, lambda: self._make(self._ask), self.opened.emit, self._failed)

    def _ask(self, new: bool) -> str:
        # Called in the thread that opens the library; the card is shown in the GUI thread meanwhile.
        self._answered.clear()
        self._asked.emit(new)
        self._answered.wait()
        if self._typed is None:
            raise PassphraseNeeded
        return self._typed

    def _show_card(self, new: bool) -> None:
        self._tries += 1
        made = PassphraseCard(new=new, wrong=self._tries > 1 and not new)
        made.typed.connect(self._answer)
        made.given_up.connect(self.abandon)
        page = QWidget()
        layout = column(page)
        layout.addStretch(2)
        layout.addWidget(Picture(self._theme, "lock", "accent", 40), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(UNIT * 2)
        middle = row(gap=0)
        middle.addStretch(1)
        middle.addWidget(made)
        middle.addStretch(1)
        layout.addLayout(middle)
        layout.addStretch(3)
        self._show(page)
        made.first.setFocus()

    def _answer(self, passphrase: str) -> None:
        self._typed = passphrase
        self._answered.set()

    def _failed(self, failure: Exception) -> None:
        if isinstance(failure, WrongKey) and self._tries:
            self._begin()
            return
        sentence, hint = texts.error(failure)
        retry = button(self.tr("Try again"), "primary", self.start)
        self._show(
            Empty(self._theme, "lock", self.tr("The library stays closed"), f"{sentence}\n{hint}".strip(), [retry])
        )

    def _waiting(self) -> QWidget:
        page = QWidget()
        layout = column(page)
        layout.addStretch(2)
        layout.addWidget(Picture(self._theme, "ember", "accent", 48), 0, Qt.AlignmentFlag.AlignHCenter)
        words = label(self.tr("Opening your library…"), "muted")
        words.hide()
        # Most openings are over before this; words that flash would only disturb.
        QTimer.singleShot(400, words, words.show)
        layout.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page

    def _show(self, page: QWidget) -> None:
        old = self.currentWidget()
        if old is page:
            return
        if self.indexOf(page) < 0:
            self.addWidget(page)
        self.setCurrentWidget(page)
        if old is not None and old is not self._wait:
            self.removeWidget(old)
            old.deleteLater()
