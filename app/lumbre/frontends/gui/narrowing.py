"""The line above the files: a box that understands the filters of a question, and chips for what needs a look."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from lumbre.assistant.filters import parse
from lumbre.core.documents import FileEntry
from lumbre.core.errors import FilterUnclear, UnknownCollection
from lumbre.core.language import fold
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import button, column, label, restyle, row
from lumbre.frontends.gui.file_model import FileModel
from lumbre.frontends.gui.filter_help import help_button
from lumbre.frontends.gui.theme import UNIT, Theme


class Narrowing(QWidget):
    """Narrows the model as one types; says in place what of it is unclear and how much is shown.

    Signals: reasons_wanted(bool): only files that were set aside are shown, or others too.
    """

    reasons_wanted = Signal(bool)

    def __init__(self, theme: Theme, model: FileModel) -> None:
        super().__init__()
        self._model = model
        self._collections: set[str] = set()
        self._error = ""
        layout = column(self, gap=UNIT // 2)
        line = row(gap=UNIT)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Find files by name or folder, or type:pdf, tag:…"))
        self.field.setAccessibleName(self.tr("Find files by name or folder, or by a filter"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._typed)
        line.addWidget(self.field, 1)
        line.addWidget(help_button(theme, self.tr("What can be typed here")))
        self.aside = self._chip(self.tr("Show only files that were set aside"))
        self.marked = self._chip(self.tr("Show only files that hide text or were not read as a whole"))
        line.addWidget(self.aside)
        line.addWidget(self.marked)
        layout.addLayout(line)
        self.said = label("", "small", wrap=True)
        self.said.hide()
        layout.addWidget(self.said)
        model.modelReset.connect(self._say)

    def _chip(self, tip: str) -> QPushButton:
        made = button("", "chip")
        made.setCheckable(True)
        made.setToolTip(tip)
        made.toggled.connect(lambda on: self._ticked(made, on))
        made.hide()
        return made

    def show_files(self, files: list[FileEntry], collections: set[str]) -> None:
        """Know what there is to narrow."""
        self._collections = {fold(name) for name in collections}
        self._show_chips(files)
        self._check()
        self._say()

    def count(self) -> None:
        """Count again what needs a look."""
        self._show_chips(self._model.all)

    def _show_chips(self, files: list[FileEntry]) -> None:
        aside = sum(file.state == "set-aside" for file in files)
        marked = sum(file.hidden > 0 or file.warnings > 0 for file in files)
        for chip, words, count in (
            (self.aside, self.tr("Set aside: {n}"), aside),
            (self.marked, self.tr("Marked: {n}"), marked),
        ):
            chip.setText(words.format(n=texts.number(count)))
            chip.setAccessibleName(f"{chip.text()}. {chip.toolTip()}")
            chip.setVisible(count > 0 or chip.isChecked())

    def _ticked(self, chip: QPushButton, on: bool) -> None:
        other = self.marked if chip is self.aside else self.aside
        if on and other.isChecked():
            other.setChecked(False)
        self.reasons_wanted.emit(self.aside.isChecked())
        if not on:
            self._model.show_only(None)
        elif chip is self.aside:
            self._model.show_only(lambda file: file.state == "set-aside")
        else:
            self._model.show_only(lambda file: file.hidden > 0 or file.warnings > 0)

    def _typed(self, text: str) -> None:
        self._check()
        try:
            self._model.look_for(text)
        except FilterUnclear:
            self._say()

    def _check(self) -> None:
        """Find what is unclear in what is typed."""
        self._error = ""
        try:
            _, filters = parse(self.field.text())
        except FilterUnclear as error:
            self._error = " ".join(texts.error(error))
            return
        unknown = [name for name in filters.collections if fold(name) not in self._collections]
        if unknown:
            self._error = texts.error(UnknownCollection(name=unknown[0]))[0]

    def _say(self) -> None:
        shown, total = self._model.rowCount(), len(self._model.all)
        words = self._error
        if not words and shown < total:
            words = self.tr("{n} of {total} files").format(n=texts.number(shown), total=texts.number(total))
            if not shown:
                words = self.tr("None of the {total} files fits.").format(total=texts.number(total))
        restyle(self.said, "role", "bad" if self._error else "small")
        self.said.setText(words)
        self.said.setVisible(bool(words))
