"""The rail on the left: the five pages, by mouse or Ctrl+1…5."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton

from lumbre.frontends.gui.controls import column
from lumbre.frontends.gui.theme import UNIT, Theme

PAGES = ("chat", "library", "models", "privacy", "settings")


class Rail(QFrame):
    """Signals: chosen(name of the page)."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(UNIT * 12)
        self._theme = theme
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        layout = column(self, margin=UNIT - 2, gap=UNIT // 2)
        for index, (name, title) in enumerate(zip(PAGES, self._titles(), strict=True), 1):
            if name == "settings":
                layout.addStretch(1)
            layout.addWidget(self._button(name, title, index))

    def _titles(self) -> list[str]:
        return [self.tr("Chat"), self.tr("Library"), self.tr("Models"), self.tr("Privacy"), self.tr("Settings")]

    def _button(self, name: str, title: str, index: int) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "rail")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setIconSize(QSize(24, 24))
        button.setIcon(self._theme.icon(name, "muted", 24))
        button.setText(title)
        button.setAccessibleName(title)
        button.setToolTip(f"{title} (Ctrl+{index})")
        button.setCheckable(True)
        button.clicked.connect(lambda: self.chosen.emit(name))
        QShortcut(QKeySequence(f"Ctrl+{index}"), self).activated.connect(lambda: self.chosen.emit(name))
        self._group.addButton(button)
        self.buttons[name] = button
        return button

    def show_page(self, name: str) -> None:
        """Mark the page that is open."""
        for other, button in self.buttons.items():
            button.setChecked(other == name)
            button.setIcon(self._theme.icon(other, "accent" if other == name else "muted", 24))
