"""Tokens from resources/themes made into a palette, a stylesheet, fonts and icons."""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from lumbre.core.paths import resources_dir
from lumbre.core.settings import Theme as ThemeChoice

UNIT = 8
"""The grid in pixels; every distance is a multiple, or half of it."""

_SCALE = {"small": 0.88, "body": 1.0, "title": 1.25, "display": 1.7, "meter": 3.0}
_FAMILIES = {
    "win32": ["Segoe UI Variable Text", "Segoe UI"],
    "darwin": [],
    "linux": ["Inter", "Noto Sans", "Cantarell", "Ubuntu", "DejaVu Sans"],
}
_MONO = {
    "win32": ["Cascadia Mono", "Consolas"],
    "darwin": ["SF Mono", "Menlo"],
    "linux": ["JetBrains Mono", "Noto Sans Mono", "DejaVu Sans Mono"],
}


@dataclass
class Theme:
    """Colours by role ("text", "accent"…), whether it is dark, and icons in those colours."""

    name: Literal["light", "dark"]
    dark: bool
    roles: dict[str, str]
    _icons: dict[tuple[str, str, int], QIcon] = field(default_factory=dict)

    def colour(self, role: str) -> QColor:
        """The colour of a role."""
        return QColor(self.roles[role])

    def icon(self, name: str, role: str = "muted", size: int = 20) -> QIcon:
        """An icon of resources/icons drawn `size` px large in the colour of `role`, sharp on every screen."""
        key = (name, role, size)
        if key not in self._icons:
            icon = QIcon()
            for ratio in {1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}:
                icon.addPixmap(self.pixmap(name, role, size, ratio))
            self._icons[key] = icon
        return self._icons[key]

    def pixmap(self, name: str, role: str, size: int, ratio: float = 1.0) -> QPixmap:
        """An icon as a picture of `size` logical pixels."""
        svg = (resources_dir() / "icons" / f"{name}.svg").read_text("utf-8")
        renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", self.roles[role]).encode()))
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        return pixmap

    def palette(self) -> QPalette:
        """What Fusion draws where the stylesheet says nothing."""
        parts = {
            QPalette.ColorRole.Window: "window",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "field",
            QPalette.ColorRole.AlternateBase: "rail",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.Button: "surface",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.ToolTipBase: "surface",
            QPalette.ColorRole.ToolTipText: "text",
            QPalette.ColorRole.PlaceholderText: "muted",
            QPalette.ColorRole.Highlight: "accent",
            QPalette.ColorRole.HighlightedText: "on_accent",
            QPalette.ColorRole.Link: "accent",
            QPalette.ColorRole.LinkVisited: "accent",
            QPalette.ColorRole.Accent: "accent",
        }
        palette = QPalette()
        for part, role in parts.items():
            palette.setColor(part, self.colour(role))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, self.colour("outline"))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText, self.colour("outline"))
        return palette

    def stylesheet(self) -> str:
        """The stylesheet template with roles and sizes filled in."""
        template = (resources_dir() / "themes" / "lumbre.qss").read_text("utf-8")
        body = body_points()
        values = {**self.roles, "icons": (resources_dir() / "icons").as_posix()}
        values.update({name: f"{body * factor:.1f}pt" for name, factor in _SCALE.items()})
        return re.sub(r"@(\w+)", lambda match: values[match[1]], template)


def body_points() -> float:
    """Size of running text: what the system says, but never below 10 pt."""
    return max(QFont().pointSizeF(), 10.0)


def monospace() -> QFont:
    """The font of code."""
    font = QFont()
    font.setFamilies([*_MONO.get(sys.platform, _MONO["linux"]), "monospace"])
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(body_points() * 0.92)
    return font


def read(name: Literal["light", "dark"]) -> Theme:
    """Read a theme's tokens; each role names a base colour."""
    path: Path = resources_dir() / "themes" / f"{name}.toml"
    tokens: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    roles = {role: tokens["base"][base] for role, base in tokens["roles"].items()}
    return Theme(name, tokens["dark"], roles)


def choose(choice: ThemeChoice) -> Theme:
    """The theme a person chose, or the one that the system uses now."""
    if choice != "system":
        return read(choice)
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return read("dark" if dark else "light")


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application, which was made with the Fusion style."""
    families = _FAMILIES.get(sys.platform, _FAMILIES["linux"])
    if families:
        font = app.font()
        font.setFamilies(families)
        font.setPointSizeF(body_points())
        app.setFont(font)
    app.setPalette(theme.palette())
    app.setStyleSheet(theme.stylesheet())
