"""The panel that shows where a citation comes from: the page, or the text, with the words marked."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QGuiApplication,
    QImage,
    QPainter,
    QPixmap,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QTextBrowser,
    QTextEdit,
    QToolButton,
)

from lumbre.core.documents import DRAWN_FORMATS, PageImage, Passage
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Elided, column, icon_button, label, row
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT, Theme

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Source

Span = tuple[int, int]
_AROUND = 20_000
"""Characters of a text shown before and after the passage; a whole book would take seconds to lay out."""

_MARKER = QColor("#FFD98A")
"""A page is white paper in every theme, so its marker is too."""


class SourcePanel(QFrame):
    """Signals: closed()."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("source")
        self.setMinimumWidth(UNIT * 40)
        self._session = session
        self._theme: Theme = session.theme
        self._passage: Passage | None = None
        self._source: Source | None = None
        self._spans: list[Span] = []
        self._number = 0
        self._page = 0
        self._zoom = 1.0
        self._asked = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(150)
        self._later.timeout.connect(self._draw_page)
        layout = column(self, gap=UNIT)
        layout.setContentsMargins(UNIT * 2, UNIT, UNIT, UNIT)
        layout.addLayout(self._head())
        self.where = Elided("", "small")
        layout.addWidget(self.where)
        layout.addLayout(self._tools())
        self.stack = QStackedWidget()
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.area = QScrollArea()
        self.area.setWidget(self.picture)
        self.area.setWidgetResizable(True)
        self.area.setAccessibleName(self.tr("Page of the document"))
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.tr("Text of the document"))
        self.wait = label(self.tr("Opening the source…"), "muted")
        self.wait.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (self.wait, self.area, self.text):
            self.stack.addWidget(part)
        layout.addWidget(self.stack, 1)

    def _head(self) -> QHBoxLayout:
        line = row(gap=UNIT // 2)
        self.title = Elided("", "title")
        line.addWidget(self.title, 1)
        self.copy = icon_button(self._theme, "quote", self.tr("Copy the citation"), self._copy)
        self.open = icon_button(self._theme, "external", self.tr("Open in its own program"), self._open)
        self.close_button = icon_button(self._theme, "close", self.tr("Close the source"), self.closed.emit)
        for part in (self.copy, self.open, self.close_button):
            line.addWidget(part)
        return line

    def _tools(self) -> QHBoxLayout:
        line = row(gap=UNIT // 2)
        theme = self._theme
        self.back = icon_button(theme, "left", self.tr("Page before"), lambda: self._turn(-1))
        self.forward = icon_button(theme, "right", self.tr("Page after"), lambda: self._turn(1))
        self.smaller = icon_button(theme, "zoom-out", self.tr("Smaller"), lambda: self._scale(0.8))
        self.larger = icon_button(theme, "zoom-in", self.tr("Larger"), lambda: self._scale(1.25))
        self.page_label = label("", "muted")
        line.addWidget(self.back)
        line.addWidget(self.page_label)
        line.addWidget(self.forward)
        line.addStretch(1)
        line.addWidget(self.smaller)
        line.addWidget(self.larger)
        self._paging: list[QToolButton | QLabel] = [self.back, self.page_label, self.forward]
        return line

    # --- showing ---

    def show_source(self, passage: Passage, number: int, spans: list[Span]) -> None:
        """Show the document of a passage with `spans` marked, at the page of the first one."""
        self._passage, self._number, self._spans = passage, number, sorted(spans)
        self.title.show_text(f"[{number}] {PurePath(passage.path).name}")
        self.where.show_text(" › ".join(part for part in (str(PurePath(passage.path).parent), passage.heading) if part))
        self.stack.setCurrentWidget(self.wait)
        self.wait.setText(self.tr("Opening the source…"))
        asked = self._next()

        def got(source: Source) -> None:
            if asked == self._asked:
                self._show(source)

        self._session.run(self, lambda: self._session.assistant.source(passage), got, self._failed)

    def _next(self) -> int:
        self._asked += 1
        return self._asked

    def _show(self, source: Source) -> None:
        self._source = source
        paged = source.format in DRAWN_FORMATS
        for part in self._paging:
            part.setVisible(paged)
        if paged:
            self._page = self._page_of(self._spans[0][0])
            self._draw_page()
        else:
            self._show_text(source.text)

    def _page_of(self, offset: int) -> int:
        assert self._source is not None
        starts = self._source.pages
        return max(1, sum(start <= offset for start in starts))

    def _show_text(self, text: str) -> None:
        first = max(0, self._spans[0][0] - _AROUND)
        self.text.setPlainText(text[first : self._spans[-1][1] + _AROUND])
        marked = QTextCharFormat()
        marked.setBackground(self._theme.colour("mark"))
        selections = []
        for start, end in self._spans:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.text.document())
            # Qt counts UTF-16 units; characters beyond the basic plane take two.
            cursor.setPosition(_units(text[first:start]))
            cursor.setPosition(_units(text[first:end]), QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format = marked
            selections.append(selection)
        self.text.setExtraSelections(selections)
        self.stack.setCurrentWidget(self.text)
        start_cursor = QTextCursor(self.text.document())
        start_cursor.setPosition(_units(text[first : self._spans[0][0]]))
        self.text.setTextCursor(start_cursor)
        QTimer.singleShot(0, self.text, self._scroll_to_mark)

    def _scroll_to_mark(self) -> None:
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.value() + self.text.cursorRect().top() - self.text.viewport().height() // 4)

    def _draw_page(self) -> None:
        if self._passage is None or self._source is None:
            return
        total = len(self._source.pages)
        self.page_label.setText(self.tr("Page {n} of {total}").format(n=self._page, total=max(total, self._page)))
        self.back.setEnabled(self._page > 1)
        self.forward.setEnabled(self._page < total)
        passage, page, spans = self._passage, self._page, self._spans_on(self._page)
        width = max(200, round((self.stack.width() - UNIT * 3) * self._zoom * self.devicePixelRatio()))
        asked = self._next()

        def got(image: PageImage) -> None:
            if asked == self._asked:
                self._show_page(image)

        self._session.run(
            self, lambda: self._session.assistant.page_image(passage, page, width, spans), got, self._failed
        )

    def _spans_on(self, page: int) -> list[Span]:
        return [(start, end) for start, end in self._spans if self._page_of(start) <= page <= self._page_of(end - 1)]

    def _show_page(self, page: PageImage) -> None:
        image = QImage.fromData(page.png).convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.setPen(Qt.PenStyle.NoPen)
        for box in page.boxes:
            painter.fillRect(QRectF(*box), _MARKER)
        painter.end()
        ratio = self.devicePixelRatio()
        image.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(image))
        self.picture.setMinimumSize(round(page.width / ratio), round(page.height / ratio))
        self.picture.setAccessibleName(self.page_label.text())
        self.stack.setCurrentWidget(self.area)
        top = page.boxes[0][1] / ratio if page.boxes else 0
        QTimer.singleShot(0, self.area, lambda: self.area.verticalScrollBar().setValue(round(top - UNIT * 12)))

    def _failed(self, error: Exception) -> None:
        self.wait.setText("\n".join(texts.error(error)))
        self.stack.setCurrentWidget(self.wait)

    # --- what the buttons do ---

    def _turn(self, by: int) -> None:
        self._page += by
        self._draw_page()

    def _scale(self, by: float) -> None:
        self._zoom = min(4.0, max(0.5, self._zoom * by))
        if self.stack.currentWidget() is self.text:
            (self.text.zoomIn if by > 1 else self.text.zoomOut)(1)
        else:
            self._draw_page()

    def _copy(self) -> None:
        if self._passage is None or self._source is None:
            return
        quotes = " … ".join(" ".join(self._source.text[start:end].split()) for start, end in self._spans)
        place = texts.place(self._passage.path, self._passage.page)
        QGuiApplication.clipboard().setText(f"“{quotes}” ({place})")

    def _open(self) -> None:
        if self._passage is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._passage.path))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._source is not None and self._source.format in DRAWN_FORMATS:
            self._later.start()


def _units(text: str) -> int:
    """Length of a text as Qt counts it."""
    return len(text) + sum(character > "\uffff" for character in text)
