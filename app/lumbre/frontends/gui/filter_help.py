"""The popover that tells which filters a question, or the box above the files, understands."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton, QWidget

from lumbre.frontends.gui.controls import column, icon_button, label
from lumbre.frontends.gui.theme import UNIT, Theme


class FilterHelp(QFrame):
    """A line for each filter; Escape or a click elsewhere closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = column(self, margin=UNIT * 2, gap=UNIT)
        title = self.tr("Words that narrow what is searched")
        layout.addWidget(label(title, "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 3)
        grid.setVerticalSpacing(UNIT // 2 + 2)
        for at, (word, meaning) in enumerate(self._filters()):
            grid.addWidget(label(word, "accent"), at, 0)
            grid.addWidget(label(meaning), at, 1)
        layout.addLayout(grid)
        layout.addWidget(
            label(self.tr("Example: {words}").format(words=self.tr("notice period type:pdf after:2023")), "small")
        )
        self.setAccessibleName(title)
        self.setAccessibleDescription("; ".join(f"{word} {meaning}" for word, meaning in self._filters()))

    def _filters(self) -> list[tuple[str, str]]:
        return [
            (self.tr('in:"Rental contracts"'), self.tr("only this collection")),
            (self.tr("type:pdf"), self.tr("only this kind: pdf, word, excel, mail, web, image…")),
            (self.tr("name:contract*"), self.tr("only files named so; * stands for any letters")),
            (self.tr("tag:urgent"), self.tr("only files with this tag")),
            (self.tr("before:2023"), self.tr("only files last changed before that year, month or day")),
            (self.tr("after:2023-05-31"), self.tr("only files changed on that day or later")),
            (self.tr('"notice period"'), self.tr("exactly these words, found by the letter")),
        ]

    def show_over(self, widget: QWidget) -> None:
        """Show it above a widget, or below where there is no room."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width() - self.width(), -self.height() - UNIT))
        screen = widget.screen().availableGeometry()
        top = corner.y()
        if top < widget.window().mapToGlobal(QPoint(0, 0)).y():
            top = widget.mapToGlobal(QPoint(0, widget.height() + UNIT)).y()
        self.move(max(screen.left(), corner.x()), max(screen.top(), top))
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
        else:
            super().keyPressEvent(event)


def help_button(theme: Theme, name: str) -> QToolButton:
    """A button that opens the popover."""
    made = icon_button(theme, "help", name)
    made.clicked.connect(lambda: FilterHelp(made).show_over(made))
    return made
