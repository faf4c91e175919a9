"""Small widgets that every page uses, so that spacing and names are the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lumbre.frontends.gui.theme import UNIT, Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """Plain text in a type role of the stylesheet ("title", "muted", "badge"…); never interpreted as HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the stylesheet selects on, and apply it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(text: str, kind: str = "", do: Callable[[], object] | None = None) -> QPushButton:
    """A push button of a kind: "" ordinary, "primary", "plain", "link" or "chip"."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    if do is not None:
        made.clicked.connect(lambda: do())
    return made


def icon_button(theme: Theme, icon: str, name: str, do: Callable[[], object] | None = None) -> QToolButton:
    """A button that shows only an icon; `name` is its tooltip and what a screen reader says."""
    made = QToolButton()
    made.setIcon(theme.icon(icon, "muted"))
    made.setIconSize(QSize(20, 20))
    made.setProperty("kind", "icon")
    made.setToolTip(name)
    made.setAccessibleName(name)
    if do is not None:
        made.clicked.connect(lambda: do())
    return made


def column(parent: QWidget | None = None, *, margin: int = 0, gap: int = UNIT) -> QVBoxLayout:
    """A vertical layout on the grid."""
    made = QVBoxLayout(parent) if parent else QVBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    return made


def row(parent: QWidget | None = None, *, margin: int = 0, gap: int = UNIT) -> QHBoxLayout:
    """A horizontal layout on the grid."""
    made = QHBoxLayout(parent) if parent else QHBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    return made


def card(kind: str = "true") -> QFrame:
    """A rounded surface: "true" plain, "soft" in the accent, "warn" or "bad"."""
    made = QFrame()
    made.setProperty("card", kind)
    return made


def framed(inner: QWidget) -> QFrame:
    """A card around a table, whose own corners are square."""
    made = card()
    column(made, margin=UNIT // 2).addWidget(inner)
    return made


def announce(widget: QWidget, words: str) -> None:
    """Say something to a screen reader."""
    # These two types take as long to build as the rest of this module, and a start announces nothing.
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def empty(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def rule() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setObjectName("rule")
    return made


def scrolled(inner: QWidget) -> QScrollArea:
    """A page that scrolls up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    inner.setObjectName("scrolled")
    area.setWidget(inner)
    return area


class Elided(QLabel):
    """A label that shortens its text in the middle when there is no room; the whole text is its tooltip."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = text
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Replace the text."""
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(self.width(), 24)))


class Switch(QCheckBox):
    """A checkbox drawn as a switch; everything but its looks is a checkbox."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(44, 26)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2, (self.height() - 22) / 2, 40, 22)
        painter.setPen(self._theme.colour("text") if self.hasFocus() else QColor(Qt.GlobalColor.transparent))
        painter.setBrush(self._theme.colour("accent" if self.isChecked() else "outline"))
        painter.drawRoundedRect(track, 11, 11)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("on_accent" if self.isChecked() else "surface"))
        painter.drawEllipse(
            QRectF(track.right() - 19 if self.isChecked() else track.left() + 3, track.top() + 3, 16, 16)
        )
        painter.end()


class Flow(QLayout):
    """Puts widgets side by side and goes on in the next line when the width is used up."""

    def __init__(self, gap: int = UNIT) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, height = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, height = rect.x(), y + height + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(min(size.width(), rect.width()), size.height())))
            x += size.width() + self._gap
            height = max(height, size.height())
        return y + height - rect.y()


class Picture(QLabel):
    """An icon as a decoration, skipped by screen readers."""

    def __init__(self, theme: Theme, icon: str, role: str = "accent", size: int = 24) -> None:
        super().__init__()
        self.show_icon(theme, icon, role, size)
        self.setFixedSize(size, size)

    def show_icon(self, theme: Theme, icon: str, role: str, size: int) -> None:
        """Change what is shown."""
        self.setPixmap(theme.icon(icon, role, size).pixmap(size, size))


class Empty(QWidget):
    """The empty state of a page: a picture, what is missing, why it matters, and the one thing to do."""

    def __init__(self, theme: Theme, icon: str, title: str, text: str, actions: list[QPushButton]) -> None:
        super().__init__()
        layout = column(self, margin=UNIT * 4, gap=UNIT)
        layout.addStretch(2)
        layout.addWidget(Picture(theme, icon, "accent", 48), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(UNIT)
        layout.addWidget(label(title, "display"), 0, Qt.AlignmentFlag.AlignHCenter)
        words = label(text, "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words.setMaximumWidth(UNIT * 60)
        middle = row(gap=0)
        middle.addStretch(1)
        middle.addWidget(words, 1000)
        middle.addStretch(1)
        layout.addLayout(middle)
        layout.addSpacing(UNIT)
        line = row(gap=UNIT)
        line.addStretch(1)
        for action in actions:
            line.addWidget(action)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addStretch(3)
