"""The folders that were added and are kept up to: where they are, how much is in them, which are away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QWidget

from lumbre.core.documents import AddedPlace
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Elided, button, column, empty, icon_button, label, row, scrolled
from lumbre.frontends.gui.dialog import Sheet
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

translate = QCoreApplication.translate


class FoldersDialog(Sheet):
    """A card for each added folder; files that were added by themselves are only counted."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        purpose = translate("FoldersDialog", "What changes in them reaches the library by itself.")
        super().__init__(parent, translate("FoldersDialog", "Added folders"), purpose)
        self._session = session
        self.cards: list[FolderCard] = []
        inner = QWidget()
        self._column = column(inner)
        self.body.addWidget(scrolled(inner), 1)
        self.single = label("", "small", wrap=True)
        self.body.addWidget(self.single)
        session.library_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read them again."""
        self._session.run(self, self._session.assistant.added, self._show)

    def _show(self, places: list[AddedPlace]) -> None:
        empty(self._column)
        folders = sorted((place for place in places if not place.single), key=lambda place: not place.away)
        self.cards = [FolderCard(self._session, place, self.refresh) for place in folders]
        for made in self.cards:
            self._column.addWidget(made)
        if not folders:
            self._column.addWidget(label(self.tr("No folder has been added yet."), "muted"))
        self._column.addStretch(1)
        count = len(places) - len(folders)
        words = self.tr("Files that were added by themselves and are kept up to as well: {n}.")
        self.single.setText(words.format(n=texts.number(count)))
        self.single.setVisible(count > 0)


class FolderCard(QFrame):
    """Path, collections, number of files, whether it is there; it is taken out after a second press."""

    def __init__(self, session: Session, place: AddedPlace, done: Callable[[], None]) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._session = session
        self._place = place
        self._done = done
        line = row(self, margin=UNIT + 4, gap=UNIT)
        words = column(gap=2)
        words.addWidget(Elided(place.path, "strong"))
        count = self.tr("1 file") if place.files == 1 else self.tr("{n} files").format(n=texts.number(place.files))
        words.addWidget(label(" · ".join((count, *place.collections)), "small"))
        line.addLayout(words, 1)
        away = place.away
        line.addWidget(
            label(self.tr("Not there now") if away else self.tr("Watched"), _badge(away)),
            0,
            Qt.AlignmentFlag.AlignVCenter,
        )
        self.bin = icon_button(session.theme, "trash", self.tr("Take out of the library"), self._ask)
        self.sure = button(self.tr("Take out, with {n} files").format(n=texts.number(place.files)), "primary", self._go)
        self.keep = button(self.tr("Keep it"), "", self._keep)
        for part in (self.bin, self.keep, self.sure):
            line.addWidget(part)
        self._keep()

    def _ask(self) -> None:
        self.bin.hide()
        self.keep.show()
        self.sure.show()
        self.keep.setFocus()

    def _keep(self) -> None:
        self.bin.show()
        self.keep.hide()
        self.sure.hide()

    def _go(self) -> None:
        paths, assistant = [Path(self._place.path)], self._session.assistant

        def removed(_: None) -> None:
            self._session.library_changed.emit()
            self._done()

        self.sure.setEnabled(False)
        self._session.run(self, lambda: assistant.remove(paths), removed)


def _badge(away: bool) -> str:
    return "badge-warn" if away else "badge-good"
