"""Messages at the foot of the window: an error with its hint, or something done that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QWidget

from lumbre.frontends.gui.controls import announce, button, column, label, row
from lumbre.frontends.gui.theme import UNIT


@dataclass(frozen=True)
class Notice:
    """A message at the foot of the window, with at most one thing to do about it."""

    text: str
    hint: str = ""
    action: str = ""
    do: Callable[[], None] | None = None
    ignored: Callable[[], None] | None = None
    """Called when it goes away without the action."""


class Notices(QObject):
    """Shows one notice at a time over the foot of `host`; a new one takes the place of the old."""

    SHOWN_MS = 8000

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._frame: QFrame | None = None
        self._notice: Notice | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(self.SHOWN_MS)
        self._timer.timeout.connect(self.dismiss)
        host.installEventFilter(self)

    def show(self, notice: Notice) -> None:
        """Show a notice and say it to a screen reader."""
        self.dismiss()
        self._notice = notice
        self._frame = self._build(notice)
        self._frame.show()
        self._settle()
        self._timer.start()
        announce(self._host, f"{notice.text} {notice.hint}")

    def dismiss(self) -> None:
        """Take the notice away; what waited for it to pass is done now."""
        notice, self._notice = self._notice, None
        self._remove()
        if notice is not None and notice.ignored is not None:
            notice.ignored()

    def _act(self) -> None:
        notice, self._notice = self._notice, None
        self._remove()
        if notice is not None and notice.do is not None:
            notice.do()

    def _remove(self) -> None:
        self._timer.stop()
        if self._frame is not None:
            self._frame.hide()
            self._frame.deleteLater()
            self._frame = None

    def _build(self, notice: Notice) -> QFrame:
        frame = QFrame(self._host)
        frame.setObjectName("notice")
        line = row(frame, margin=UNIT * 2, gap=UNIT * 2)
        words = column(gap=UNIT // 2)
        words.addWidget(label(notice.text, "strong", wrap=True))
        if notice.hint:
            words.addWidget(label(notice.hint, "small", wrap=True))
        line.addLayout(words, 1)
        if notice.action:
            line.addWidget(button(notice.action, "plain", self._act))
        line.addWidget(button(self.tr("Dismiss"), "plain", self.dismiss))
        return frame

    def _settle(self) -> None:
        if self._frame is None:
            return
        width = min(self._host.width() - UNIT * 4, UNIT * 84)
        self._frame.setFixedWidth(width)
        height = max(self._frame.heightForWidth(width), self._frame.sizeHint().height())
        self._frame.setGeometry(
            (self._host.width() - width) // 2, self._host.height() - height - UNIT * 3, width, height
        )
        self._frame.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)
