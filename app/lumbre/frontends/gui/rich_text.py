"""A read-only text as tall as what it holds, which never fetches anything."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSizeF, Qt, QTimer, QUrl
from PySide6.QtGui import QImage, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from lumbre.frontends.gui.theme import body_points


class RichText(QTextBrowser):
    """Shows an answer. Links are only announced by `anchorClicked`; pictures are never loaded."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = self.document().defaultFont()
        font.setPointSizeF(body_points())
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.setFixedHeight(0)

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
        nothing.fill(Qt.GlobalColor.transparent)
        return nothing

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A height set while the layouts above are at work would be forgotten by them.
        QTimer.singleShot(0, self, lambda: self._fit(self.document().size()))

    def _fit(self, size: QSizeF) -> None:
        self.setFixedHeight(math.ceil(size.height()))
