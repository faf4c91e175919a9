"""What is shown over the window while files are dragged over it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from lumbre.frontends.gui.controls import Picture, column, label
from lumbre.frontends.gui.theme import UNIT, Theme


class Veil(QWidget):
    """A calm overlay that says what dropping will do."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        layout = column(self)
        layout.addStretch(1)
        layout.addWidget(Picture(theme, "ember", "accent", 48), 0, Qt.AlignmentFlag.AlignHCenter)
        self.words: QLabel = label("", "display")
        layout.addSpacing(UNIT)
        layout.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        quiet = label(self.tr("Files stay where they are; nothing is copied and nothing is sent."), "muted")
        layout.addWidget(quiet, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, collection: str | None = None) -> None:
        """Show it over the whole parent; what is dropped goes into a collection, or where all goes."""
        words = self.tr("Drop to add to your library")
        if collection is not None:
            words = self.tr("Drop to add to “{name}”").format(name=collection)
        self.words.setText(words)
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._theme.colour("window"))
        ground.setAlpha(235)
        painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(self._theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        inset = UNIT * 2
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), 16, 16)
        painter.end()
