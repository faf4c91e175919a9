"""Pages of a PDF as the reader host draws them, with the cited words marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea

from lumbre.core.documents import PageImage, Passage
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT
from lumbre.frontends.gui.viewing import Marks, Span, page_of

if TYPE_CHECKING:
    from lumbre.assistant.sources import Source

_MARKER = QColor("#FFD98A")
"""A page is white paper in every theme, so its markers are too."""
_RING = QColor("#B1430E")


class PageView(QScrollArea):
    """Signals: moved(): another page is shown; drawn(); failed(error)."""

    moved = Signal()
    drawn = Signal()
    failed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._source: Source | None = None
        self._passage: Passage | None = None
        self._marks = Marks([])
        self._asked = 0
        self._zoom = 1.0
        self.page = 0
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.setWidget(self.picture)
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Page of the document"))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(150)
        self._later.timeout.connect(self._draw)

    # --- what the panel asks ---

    def open(self, source: Source, passage: Passage) -> None:
        """Take a document; nothing is drawn before `go`."""
        self._source, self._passage = source, passage
        self._marks = Marks([])
        self.page = 0

    def close_document(self) -> None:
        """Draw nothing any more, and let go what is on its way."""
        self._source = None
        self._asked += 1

    def mark(self, marks: Marks) -> None:
        """Show what is marked from the next drawing on."""
        changed = marks != self._marks
        self._marks = marks
        if changed and self.page:
            self._later.start()

    def go(self, span: Span) -> None:
        """Show the page of a place of the text."""
        if self._source is not None:
            self.page = page_of(self._source, span[0])
            self._draw()

    def turn(self, by: int) -> None:
        """Show another page."""
        self.page = min(max(1, self.page + by), self.pages)
        self._draw()

    def zoom(self, factor: float) -> None:
        """Larger or smaller; 0 fits the width."""
        self._zoom = min(4.0, max(0.5, self._zoom * factor)) if factor else 1.0
        self._draw()

    @property
    def pages(self) -> int:
        """Pages of the document."""
        return max(1, len(self._source.pages)) if self._source is not None else 0

    # --- drawing ---

    def _draw(self) -> None:
        self._later.stop()
        source, passage, page = self._source, self._passage, self.page
        if source is None or passage is None or not page:
            return
        self.moved.emit()
        # Behind another view of the stack it has not been laid out yet.
        stack = self.parentWidget()
        room = stack.width() if stack is not None else self.width()
        width = max(200, round((room - UNIT * 3) * self._zoom * self.devicePixelRatio()))
        spans = self._spans_on(source, page)
        self._asked += 1
        asked = self._asked

        def got(image: PageImage) -> None:
            if asked == self._asked:
                self._show(image)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self.failed.emit(error)

        self._session.run(self, lambda: self._session.assistant.page_image(passage, page, width, spans), got, failed)

    def _spans_on(self, source: Source, page: int) -> list[Span]:
        """What is marked on a page: what was looked for, the one in hand first, else what is cited."""
        here = [span for span in self._marks.shown if page_of(source, span[0]) <= page <= page_of(source, span[1] - 1)]
        return sorted(here, key=lambda span: span != self._marks.current)

    def _show(self, page: PageImage) -> None:
        image = QImage.fromData(page.png).convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for box in page.boxes:
            painter.fillRect(QRectF(*box), _MARKER)
        ratio = self.devicePixelRatio()
        if self._marks.found and self._marks.current in self._marks.found and page.boxes:
            painter.setPen(QPen(_RING, 2 * ratio))
            painter.drawRect(QRectF(*page.boxes[0]).adjusted(-2, -2, 2, 2))
        painter.end()
        image.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(image))
        self.picture.setMinimumSize(round(page.width / ratio), round(page.height / ratio))
        words = self.tr("Page {n} of {total}").format(n=self.page, total=self.pages)
        self.picture.setAccessibleName(words)
        self.drawn.emit()
        top = page.boxes[0][1] / ratio if page.boxes else 0
        left = page.boxes[0][0] / ratio if page.boxes else 0
        QTimer.singleShot(0, self, lambda: self._scroll_to(left, top))

    def _scroll_to(self, left: float, top: float) -> None:
        self.verticalScrollBar().setValue(round(top - UNIT * 12))
        across = self.horizontalScrollBar()
        across.setValue(max(0, round(left - self.viewport().width() / 3)) if self._zoom > 1 else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._source is not None and self.page and event.size().width() != event.oldSize().width():
            self._later.start()
