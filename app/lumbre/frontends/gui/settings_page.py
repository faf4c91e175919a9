"""The page of settings, made from the fields of `core.settings.Settings`; a change applies at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFrame, QLineEdit, QSpinBox, QWidget

from lumbre.core.models import ModelEntry
from lumbre.core.settings import Settings
from lumbre.frontends.gui.controls import Switch, card, column, label, row, rule, scrolled
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

HIDDEN = {"reading_speed", "close_asked"}
"""What the program notes for itself."""


class SettingsPage(QWidget):
    """One line for each setting: name, explanation, control."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self.controls: dict[str, QWidget] = {}
        inner = QWidget()
        line = row(inner)
        line.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 3)
        holder = QWidget()
        holder.setMaximumWidth(UNIT * 100)
        line.addWidget(holder, 1000)
        line.addStretch(1)
        layout = column(holder, gap=UNIT * 2)
        titles = column(gap=2)
        titles.addWidget(label(self.tr("Settings"), "display"))
        titles.addWidget(label(self.tr("Changes apply at once."), "muted"))
        layout.addLayout(titles)
        fields = _fields()
        for title, names in self._groups():
            layout.addWidget(label(title, "title"))
            layout.addWidget(self._group([fields[name] for name in names]))
        layout.addStretch(1)
        column(self).addWidget(scrolled(inner))

    def _groups(self) -> list[tuple[str, list[str]]]:
        return [
            (self.tr("Window"), ["language", "theme", "close_to_tray"]),
            (self.tr("Answers"), ["model", "passages", "answer_tokens", "temperature", "seed", "unload_minutes"]),
            (self.tr("Library"), ["ignore", "hidden_files", "largest_megabytes", "on_battery", "when_busy"]),
        ]

    def words(self) -> dict[str, tuple[str, str]]:
        """Name and explanation of each setting."""
        return {
            "language": (self.tr("Language"), self.tr("Of this window; answers follow the language of the question.")),
            "theme": (self.tr("Appearance"), self.tr("Light, dark, or as the system does.")),
            "close_to_tray": (
                self.tr("Stay in the tray when closed"),
                self.tr("Closing the window keeps Lumbre at hand; quit from the tray menu."),
            ),
            "model": (self.tr("Model"), self.tr("Which model answers.")),
            "passages": (
                self.tr("Passages per question"),
                self.tr("More gives the model more to go by, and takes longer."),
            ),
            "answer_tokens": (
                self.tr("Longest answer"),
                self.tr("In tokens; a token is about three quarters of a word."),
            ),
            "temperature": (self.tr("Temperature"), self.tr("0 always gives the likeliest answer; higher is freer.")),
            "seed": (self.tr("Seed"), self.tr("The same seed and question give the same answer.")),
            "unload_minutes": (
                self.tr("Free memory after"),
                self.tr("Minutes after which an idle model gives its memory back; 0 keeps it."),
            ),
            "ignore": (
                self.tr("Leave out of added folders"),
                self.tr(
                    "Patterns as in .gitignore, with commas between; a folder may have a .lumbreignore of its own."
                ),
            ),
            "hidden_files": (self.tr("Hidden files"), self.tr("Take hidden files and folders too.")),
            "largest_megabytes": (
                self.tr("Largest file"),
                self.tr("In megabytes; larger files in added folders are left out."),
            ),
            "on_battery": (self.tr("On battery"), self.tr("How fast new documents are read while on battery.")),
            "when_busy": (
                self.tr("While other programs work"),
                self.tr("How fast new documents are read while others need the processor."),
            ),
        }

    def _options(self) -> dict[str, str]:
        return {
            "system": self.tr("As the system"),
            "en": "English",
            "es": "Español",
            "light": self.tr("Light"),
            "dark": self.tr("Dark"),
            "pause": self.tr("Pause"),
            "slow": self.tr("Slower"),
            "full": self.tr("Full speed"),
        }

    def _group(self, fields: list[Any]) -> QFrame:
        frame = card()
        layout = column(frame, gap=0)
        for at, field in enumerate(fields):
            if at:
                layout.addWidget(rule())
            name, help_text = self.words()[field.name]
            line = row(gap=UNIT * 3)
            line.setContentsMargins(UNIT * 2 + 4, UNIT + 4, UNIT * 2 + 4, UNIT + 4)
            words = column(gap=2)
            words.addWidget(label(name, "strong", wrap=True))
            words.addWidget(label(help_text, "small", wrap=True))
            line.addLayout(words, 1)
            control = self._control(field.name, field.type)
            control.setAccessibleName(name)
            control.setAccessibleDescription(help_text)
            self.controls[field.name] = control
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
            layout.addLayout(line)
        return frame

    # --- controls by type ---

    def _control(self, name: str, kind: Any) -> QWidget:
        value = getattr(self._session.assistant.settings, name)
        match kind:
            case msgspec.inspect.LiteralType(values=values):
                return self._choice(name, [(self._options()[str(one)], one) for one in values], value)
            case msgspec.inspect.IntType(ge=low, le=high):
                return self._number(QSpinBox(), name, value, low or 0, high or 2**31 - 1)
            case msgspec.inspect.FloatType(ge=low, le=high):
                spin = QDoubleSpinBox()
                spin.setSingleStep(0.1)
                return self._number(spin, name, value, low or 0.0, high or 1e6)
            case msgspec.inspect.BoolType():
                switch = Switch(self._session.theme, name)
                switch.setChecked(value)
                switch.toggled.connect(self._setter(name))
                return switch
            case msgspec.inspect.VarTupleType():
                return self._list(name, value)
        return self._models(name, value)

    def _choice(self, name: str, options: list[tuple[str, Any]], value: Any) -> QComboBox:
        box = QComboBox()
        box.setMinimumWidth(UNIT * 24)
        for title, option in options:
            box.addItem(title, option)
        box.setCurrentIndex(max(0, box.findData(value)))
        change = self._setter(name)
        box.activated.connect(lambda _: change(box.currentData()))
        return box

    def _list(self, name: str, value: tuple[str, ...]) -> QLineEdit:
        line = QLineEdit(", ".join(value))
        line.setMinimumWidth(UNIT * 30)
        line.setCursorPosition(0)
        change = self._setter(name)
        line.editingFinished.connect(
            lambda: change(tuple(part.strip() for part in line.text().split(",") if part.strip()))
        )
        return line

    def _number(self, spin: Any, name: str, value: float, low: float, high: float) -> QWidget:
        spin.setRange(low, high)
        spin.setValue(value)
        spin.setFixedWidth(UNIT * 17)
        spin.lineEdit().setTextMargins(UNIT, 0, 0, 0)
        spin.setKeyboardTracking(False)
        spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        spin.valueChanged.connect(self._setter(name))
        return spin  # type: ignore[no-any-return]

    def _models(self, name: str, value: str) -> QComboBox:
        box = self._choice(name, [(self.tr("The best that runs well here"), "")], value)

        def got(entries: list[ModelEntry]) -> None:
            for entry in entries:
                if entry.model.purpose == "chat" and entry.state == "ready":
                    box.addItem(entry.model.title, entry.model.name)
            box.setCurrentIndex(max(0, box.findData(value)))

        self._session.run(self, self._session.assistant.models, got)
        return box

    def _setter(self, name: str) -> Callable[[Any], None]:
        def change(value: Any) -> None:
            settings = self._session.assistant.settings
            if getattr(settings, name) != value:
                self._session.change(msgspec.structs.replace(settings, **{name: value}))

        return change


def _fields() -> dict[str, Any]:
    """The fields of Settings by name, as msgspec describes them."""
    described = msgspec.inspect.type_info(Settings)
    assert isinstance(described, msgspec.inspect.StructType)
    return {field.name: field for field in described.fields}
