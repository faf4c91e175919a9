"""A document as text to read: headings, pages and fields told apart, and only as much laid out as is near."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QTextBrowser, QTextEdit

from lumbre.frontends.gui.theme import UNIT, Theme, body_points, monospace
from lumbre.frontends.gui.viewing import Marks, Span, page_of, qt_length

if TYPE_CHECKING:
    from lumbre.assistant.sources import Source

WINDOW = 20_000
"""Characters laid out before and after the place in view; a whole book would take seconds."""
_CODE = re.compile(
    r"\.(py|pyi|m?js|tsx?|jsx|java|kt|c|h|cc|cpp|hpp|cs|go|rs|rb|php|pl|lua|r|jl|swift|scala|sh|bash|ps1|bat|sql|s?css"
    r"|toml|ini|cfg|conf|ya?ml|json|xml|mk|cmake|diff|patch|tex)$",
    re.IGNORECASE,
)
_MAIL = frozenset({"mail", "msg", "mbox"})
_SLIDES = frozenset({"pptx", "odp"})
_FIELD = re.compile(r"^(From|To|Cc|Bcc|Date|Attachments): ", re.MULTILINE)


class TextView(QTextBrowser):
    """Signals: moved(): another page came to the top of the view."""

    moved = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAcceptDrops(False)
        self.setAccessibleName(self.tr("Text of the document"))
        self.document().setDocumentMargin(UNIT)
        self._theme = theme
        self._source: Source | None = None
        self._marks = Marks([])
        self._scale = 1.0
        self._first = self._last = 0
        self._anchors: list[tuple[int, int]] = [(0, 0)]
        """Places of the text and where they stand in what is laid out; between two, both go on alike."""
        self._page = 0
        self._moving = False
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.sliderReleased.connect(self._scrolled)

    # --- what the panel asks ---

    def open(self, source: Source) -> None:
        """Take a document; nothing is shown before `go`."""
        self._source = source
        self._first = self._last = 0
        self._marks = Marks([])
        self._page = 0
        self.clear()
        wraps = not self._is_code()
        self.setLineWrapMode(QTextEdit.LineWrapMode.WidgetWidth if wraps else QTextEdit.LineWrapMode.NoWrap)
        self._dress()

    def mark(self, marks: Marks) -> None:
        """Show what is marked."""
        self._marks = marks
        self._paint()

    def go(self, span: Span) -> None:
        """Bring a place of the text into the upper part of the view."""
        if not self._first <= span[0] < self._last or (span[0] == self._first and self._first):
            self._lay_out(span[0])
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(span[0]))
        self.setTextCursor(cursor)
        QTimer.singleShot(0, self, lambda: self._scroll_to(span[0], self.viewport().height() // 4))

    def turn(self, by: int) -> None:
        """Go to the beginning of another page."""
        if self._source is not None and self.pages:
            start = self._source.pages[min(max(1, self.page + by), self.pages) - 1]
            if not self._first <= start < self._last:
                self._lay_out(start)
            self._scroll_to(start, UNIT * 4)

    def zoom(self, factor: float) -> None:
        """Larger or smaller letters; 0 is the usual size."""
        self._scale = min(3.0, max(0.6, self._scale * factor)) if factor else 1.0
        self._dress()
        if self._source is not None and self._last:
            self._lay_out(self.top)

    @property
    def pages(self) -> int:
        """Pages or slides of the document; 0 where it has none."""
        return len(self._source.pages) if self._source is not None else 0

    @property
    def page(self) -> int:
        """The page at the top of the view."""
        return self._page

    @property
    def top(self) -> int:
        """The place of the text at the top of the view."""
        return self._offset(self.cursorForPosition(self.viewport().rect().topLeft()).position())

    # --- the part that is laid out ---

    def _lay_out(self, middle: int) -> None:
        """Show the text around a place, from line to line."""
        assert self._source is not None
        text = self._source.text
        first = max(0, middle - WINDOW)
        last = min(len(text), middle + WINDOW)
        if first:
            first = text.rfind("\n", max(0, first - 2000), first) + 1 or first
        beyond = text.find("\n", last, last + 2000)
        self._first, self._last = first, beyond if beyond >= 0 else last
        self._moving = True
        self._write()
        self._paint()
        self._moving = False

    def _write(self) -> None:
        assert self._source is not None
        self.clear()
        self.document().setUndoRedoEnabled(False)
        text = self._source.text
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._anchors = []
        plain = self._is_code()
        at = self._first
        for start, end, block, letters, label in self._pieces():
            self._put(cursor, text, at, start)
            if label:
                cursor.insertText(label, letters)
                cursor.setBlockFormat(block)
                cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
            else:
                self._put(cursor, text, start, end, letters)
                cursor.setBlockFormat(block)
            at = end
        self._put(cursor, text, at, self._last)
        if not plain:
            self._close_gaps()
        cursor.endEditBlock()

    def _put(
        self, cursor: QTextCursor, text: str, start: int, end: int, letters: QTextCharFormat | None = None
    ) -> None:
        """Insert a part of the text and note where it stands."""
        if start >= end:
            return
        self._anchors.append((start, cursor.position()))
        lines = text[start:end].replace("\r", " ")
        if letters is None and cursor.position() and text[start] == "\n":
            # What follows a heading is no heading: its line ends before the format does.
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
            lines = lines[1:]
        cursor.insertText(lines, letters or QTextCharFormat())

    def _close_gaps(self) -> None:
        """Make the empty lines between paragraphs half as high."""
        narrow = QTextBlockFormat()
        narrow.setLineHeight(UNIT, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        block = self.document().begin()
        while block.isValid():
            if block.length() == 1:
                QTextCursor(block).mergeBlockFormat(narrow)
            block = block.next()

    def _pieces(self) -> Iterator[tuple[int, int, QTextBlockFormat, QTextCharFormat, str]]:
        """Parts of the window that look their own way, in order: start, end, formats, and words put in before."""
        inside: list[tuple[int, int, QTextBlockFormat, QTextCharFormat, str]] = []
        inside += self._page_labels()
        inside += self._headings()
        inside += self._fields()
        inside += self._notes()
        last = self._first
        for piece in sorted(inside, key=lambda it: (it[0], it[1])):
            if piece[0] >= last and piece[1] <= self._last:
                yield piece
                last = piece[1]

    def _page_labels(self) -> Iterator[tuple[int, int, QTextBlockFormat, QTextCharFormat, str]]:
        assert self._source is not None
        if len(self._source.pages) < 2 and self._source.format not in _SLIDES:
            return
        words = self.tr("Slide {n}") if self._source.format in _SLIDES else self.tr("Page {n}")
        for number, start in enumerate(self._source.pages, 1):
            if self._first <= start < self._last:
                letters = self._letters("muted", -1)
                yield start, start, _block(UNIT * 2 if number > 1 else 0, UNIT), letters, words.format(n=number)

    def _headings(self) -> Iterator[tuple[int, int, QTextBlockFormat, QTextCharFormat, str]]:
        assert self._source is not None
        for heading in self._source.headings:
            if self._first <= heading.start < self._last:
                letters = self._letters("text", max(0, 3 - heading.level), bold=True)
                yield heading.start, heading.end, _block(UNIT, UNIT // 2), letters, ""

    def _fields(self) -> Iterator[tuple[int, int, QTextBlockFormat, QTextCharFormat, str]]:
        """The names of the fields of a letter's head."""
        assert self._source is not None
        if self._source.format not in _MAIL:
            return
        for match in _FIELD.finditer(self._source.text, self._first, self._last):
            yield match.start(), match.end(), _block(0, 2), self._letters("muted", 0), ""

    def _notes(self) -> Iterator[tuple[int, int, QTextBlockFormat, QTextCharFormat, str]]:
        """A speaker's notes, which end the slide that they belong to."""
        assert self._source is not None
        source = self._source
        for one in source.hidden:
            if one.kind != "notes" or one.page is None or not 0 < one.page <= len(source.pages):
                continue
            end = source.pages[one.page] if one.page < len(source.pages) else len(source.text)
            start = source.text.find(one.text[:80].strip(), source.pages[one.page - 1], end)
            if self._first <= start < self._last:
                yield start, start, _block(UNIT, 2), self._letters("accent", -1), self.tr("Speaker's notes")

    def _letters(self, role: str, larger: int, *, bold: bool = False) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setForeground(self._theme.colour(role))
        made.setProperty(QTextFormat.Property.FontSizeAdjustment, larger)
        if bold:
            made.setFontWeight(QFont.Weight.DemiBold)
        return made

    # --- places ---

    def _position(self, offset: int) -> int:
        """Where a place of the text stands in what is laid out."""
        assert self._source is not None
        offset = min(max(offset, self._first), self._last)
        at = max(0, bisect_right(self._anchors, (offset, 1 << 60)) - 1)
        if not self._anchors:
            return 0
        start, position = self._anchors[at]
        limit = self.document().characterCount() - 1
        return min(position + qt_length(self._source.text[start:offset]), limit)

    def _offset(self, position: int) -> int:
        """The place of the text that stands somewhere in what is laid out; words put in belong to what follows."""
        assert self._source is not None
        at = max(0, bisect_right(self._anchors, position, key=lambda it: it[1]) - 1)
        if not self._anchors:
            return self._first
        start, first = self._anchors[at]
        end = self._anchors[at + 1][0] if at + 1 < len(self._anchors) else self._last
        return min(start + max(0, position - first), end)

    def _paint(self) -> None:
        """Colour what is marked in the part that is laid out."""
        selections = [self._selection(span, "mark") for span in self._marks.shown if self._shows(span)]
        if self._marks.current is not None and self._shows(self._marks.current):
            selections.append(self._selection(self._marks.current, "accent", "on_accent"))
        self.setExtraSelections(selections)

    def _shows(self, span: Span) -> bool:
        return span[0] < self._last and span[1] > self._first

    def _selection(self, span: Span, role: str, ink: str = "") -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(span[0]))
        cursor.setPosition(self._position(span[1]), QTextCursor.MoveMode.KeepAnchor)
        selection.cursor = cursor
        selection.format.setBackground(self._theme.colour(role))
        if ink:
            selection.format.setForeground(self._theme.colour(ink))
        return selection

    def _scroll_to(self, offset: int, below: int) -> None:
        """Bring a place so many pixels below the top, as far as there is text to scroll; its page is then in view."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(offset))
        bar = self.verticalScrollBar()
        self._moving = True
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - below)
        self._moving = False
        self._show_page(offset)

    # --- moving on ---

    def _scrolled(self) -> None:
        """Lay out more when the view nears the end of what is laid out, keeping what is at its top."""
        bar = self.verticalScrollBar()
        if self._source is None or self._moving or bar.isSliderDown() or not self.isVisible():
            return
        near = self.viewport().height()
        more = (bar.value() <= near and self._first > 0) or (
            bar.value() >= bar.maximum() - near and self._last < len(self._source.text)
        )
        if more:
            self._keeping_top(self._lay_out)
        self._note_page()

    def _keeping_top(self, change: Callable[[int], None]) -> None:
        top = self.top
        change(top)
        self._scroll_to(top, 0)

    def _note_page(self) -> None:
        upper = self.cursorForPosition(self.viewport().rect().center() / 2)
        self._show_page(self._offset(upper.position()))

    def _show_page(self, offset: int) -> None:
        page = page_of(self._source, offset) if self._source is not None and self.pages else 0
        if page != self._page:
            self._page = page
            self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        far = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._source.text) - 1 if self._source is not None else 0}
        if event.key() in far and event.modifiers() == Qt.KeyboardModifier.ControlModifier and self._source is not None:
            self.go((far[Qt.Key(event.key())],) * 2)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._dress()

    def _dress(self) -> None:
        font = monospace() if self._is_code() else QFont(self.document().defaultFont())
        size = body_points() * (0.92 if self._is_code() else 1.0)
        if not self._is_code():
            font = QFont(self.font())
        font.setPointSizeF(size * self._scale)
        if font != self.document().defaultFont():
            self.document().setDefaultFont(font)

    def _is_code(self) -> bool:
        source = self._source
        if source is None:
            return False
        return source.format in ("json", "xml") or _CODE.search(source.path) is not None


def _block(above: int, below: int) -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setTopMargin(above)
    made.setBottomMargin(below)
    return made
