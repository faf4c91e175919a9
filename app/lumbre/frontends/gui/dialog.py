"""What the dialogs over a page have in common: a title, a sentence that says what it is for, and a foot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from lumbre.frontends.gui.controls import button, column, label, row
from lumbre.frontends.gui.theme import UNIT


class Sheet(QDialog):
    """A dialog of the window; Escape closes it. Subclasses fill `body` and may put buttons into `foot`."""

    def __init__(self, parent: QWidget, title: str, purpose: str) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        room = parent.window().size()
        self.resize(min(UNIT * 92, room.width() - UNIT * 4), min(UNIT * 84, room.height() - UNIT * 4))
        layout = column(self, margin=UNIT * 3, gap=UNIT * 2)
        head = column(gap=UNIT // 2)
        head.addWidget(label(title, "title"))
        head.addWidget(label(purpose, "muted", wrap=True))
        layout.addLayout(head)
        self.body: QVBoxLayout = column(gap=UNIT * 2)
        layout.addLayout(self.body, 1)
        self.foot: QHBoxLayout = row(gap=UNIT)
        self.close_button = button(self.tr("Close"), "", self.close)
        self.foot.addStretch(1)
        self.foot.addWidget(self.close_button)
        layout.addLayout(self.foot)
