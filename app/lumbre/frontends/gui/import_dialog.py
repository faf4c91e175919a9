"""Taking over what another assistant on this machine holds: first only looked at, then brought."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QProgressBar, QRadioButton, QWidget

from lumbre.assistant.peers import PEERS
from lumbre.core.errors import LumbreError
from lumbre.core.importing import ImportedCollection, ImportedModel, ImportReport
from lumbre.core.job import Failed, Finished, Job, Progress, Stopped
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Elided, button, card, column, empty, label, row, scrolled
from lumbre.frontends.gui.dialog import Sheet
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

translate = QCoreApplication.translate
_LISTED = 5
"""Paths named of those that are missing or damaged."""


class ImportDialog(Sheet):
    """Lists the programs found; choosing one looks what would come, and a press brings it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        purpose = translate(
            "ImportDialog",
            "Collections and models are used where they lie, conversations are copied. Nothing of the other program is"
            " changed, and what came before does not come again.",
        )
        super().__init__(parent, translate("ImportDialog", "Import from another assistant"), purpose)
        self._session = session
        self._job: Job[Any] | None = None
        self._chosen: tuple[str, Path] | None = None
        self.choices: list[QRadioButton] = []
        self._programs = column(gap=UNIT // 2)
        self.body.addLayout(self._programs)
        self.body.addLayout(self._elsewhere())
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Models that are checked"))
        self.bar.hide()
        self.body.addWidget(self.bar)
        self.report = ReportBox()
        self.body.addWidget(self.report, 1)
        self.go = button(self.tr("Import"), "primary", self._import)
        self.go.setEnabled(False)
        self.foot.addWidget(self.go)
        self.finished.connect(lambda _: self._stop())
        session.run(self, session.assistant.peers, self._show_peers)

    def _elsewhere(self) -> QHBoxLayout:
        line = row(gap=UNIT)
        line.addWidget(label(self.tr("Kept elsewhere?"), "muted"))
        self.program = QComboBox()
        self.program.setAccessibleName(self.tr("Program"))
        for name, peer in PEERS.items():
            self.program.addItem(peer.title, name)
        line.addWidget(self.program)
        line.addWidget(button(self.tr("Choose its folder…"), "link", self._choose_folder))
        line.addStretch(1)
        return line

    def _show_peers(self, peers: dict[str, str]) -> None:
        for name, folder in peers.items():
            self._offer(name, Path(folder))
        if not peers:
            titles = ", ".join(peer.title for peer in PEERS.values())
            words = self.tr("None was found in its usual place ({programs}).").format(programs=titles)
            self._programs.addWidget(label(words, wrap=True))
        elif len(peers) == 1:
            self.choices[0].click()

    def _offer(self, name: str, folder: Path) -> QRadioButton:
        choice = QRadioButton(PEERS[name].title)
        choice.setAccessibleDescription(str(folder))
        choice.clicked.connect(lambda: self._look(name, folder))
        self.choices.append(choice)
        line = row(gap=UNIT * 2)
        line.addWidget(choice)
        line.addWidget(Elided(str(folder), "small"), 1)
        self._programs.addLayout(line)
        return choice

    def _choose_folder(self) -> None:
        title = self.tr("Folder of {program}").format(program=self.program.currentText())
        folder = QFileDialog.getExistingDirectory(self, title)
        if folder:
            self._offer(self.program.currentData(), Path(folder)).click()

    # --- looking and bringing ---

    def _look(self, name: str, folder: Path) -> None:
        self._chosen = (name, folder)
        self._begin(dry_run=True)

    def _import(self) -> None:
        self._begin(dry_run=False)

    def _begin(self, *, dry_run: bool) -> None:
        if self._chosen is None:
            return
        self._stop()
        self.go.setEnabled(False)
        name, folder = self._chosen
        try:
            job = self._session.assistant.import_from(name, folder, dry_run=dry_run)
        except LumbreError as error:
            self.report.show_error(error)
            return
        self._job = job
        self.bar.setRange(0, 0)
        self.bar.show()
        self._session.pump.follow(job, self, lambda events: self._told(job, events, dry_run))

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _told(self, job: Job[Any], events: list[Any], dry_run: bool) -> None:
        if job is not self._job:
            return
        for event in events:
            if isinstance(event, Progress) and event.total:
                self.bar.setRange(0, 1000)
                self.bar.setValue(event.done * 1000 // event.total)
        last = events[-1]
        if not isinstance(last, (Finished, Stopped, Failed)):
            return
        self._job = None
        self.bar.hide()
        if isinstance(last, Failed):
            self.report.show_error(last.error)
            return
        self.report.show_report(last.result, dry_run=dry_run)
        self.go.setEnabled(dry_run and is_worth(last.result))
        if not dry_run:
            for signal in (self._session.library_changed, self._session.conversations_changed):
                signal.emit()
            self._session.models_changed.emit()


class ReportBox(QWidget):
    """What would come, or has come, in sentences."""

    def __init__(self) -> None:
        super().__init__()
        layout = column(self)
        frame = card()
        self._frame = frame
        inner = QWidget()
        self._said: list[QLabel] = []
        self._lines = column(inner, margin=UNIT, gap=UNIT)
        column(frame, margin=UNIT).addWidget(scrolled(inner))
        layout.addWidget(frame, 1)
        frame.hide()

    def lines(self) -> list[str]:
        """What it says, line by line."""
        return [line.text() for line in self._said]

    def show_error(self, error: Exception) -> None:
        """Say why nothing came."""
        self._fill([(part, role) for part, role in zip(texts.error(error), ("bad", "muted"), strict=True) if part])

    def show_report(self, report: ImportReport, *, dry_run: bool) -> None:
        """Say what came, or would come."""
        title = self.tr("From {program} would come:") if dry_run else self.tr("From {program} came:")
        said: list[tuple[str, str]] = [(title.format(program=report.program), "strong")]
        for collection in report.collections:
            said += self._collection(collection)
        if report.conversations or report.known:
            words = self.tr("Conversations: {n}").format(n=texts.number(report.conversations))
            if report.known:
                words += self.tr(", and {n} that came earlier").format(n=texts.number(report.known))
            said.append((words, ""))
        said += [(self._model(model), "") for model in report.models]
        if report.damaged:
            said.append((self.tr("Could not be read: {paths}").format(paths=_listed(report.damaged)), "warn"))
        if len(said) == 1:
            said.append((self.tr("Nothing: it holds no collection, no conversation and no model of ours."), "muted"))
        elif not dry_run and report.collections:
            said.append((self.tr("The documents are read now; the library page shows how far it has come."), "muted"))
        self._fill(said)

    def _collection(self, collection: ImportedCollection) -> list[tuple[str, str]]:
        here, missing = collection.paths, collection.missing
        words = self.tr("Collection “{name}”, read where it lies: {paths}")
        said = [(words.format(name=collection.name, paths=_listed(here)), "")] if here else []
        if missing:
            said.append((self.tr("Not there any more: {paths}").format(paths=_listed(missing)), "warn"))
        return said

    def _model(self, model: ImportedModel) -> str:
        words = {
            "used": self.tr("Model {name}: used where it lies, {path}"),
            "possible": self.tr("Model {name}: used where it lies if its contents are right, {path}"),
            "other-file": self.tr("Model {name}: passed over, the contents of {path} are others"),
            "unusable": self.tr("Model {name}: passed over, {path} cannot be used"),
        }[model.state]
        return words.format(name=model.name, path=model.path)

    def _fill(self, said: list[tuple[str, str]]) -> None:
        empty(self._lines)
        self._said = []
        for words, role in said:
            line = label(words, role, wrap=True)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._said.append(line)
            self._lines.addWidget(line)
        self._lines.addStretch(1)
        self._frame.show()


def is_worth(report: ImportReport) -> bool:
    """Whether anything would come."""
    return bool(report.conversations or report.models or any(one.paths for one in report.collections))


def _listed(paths: list[str]) -> str:
    shown = ", ".join(paths[:_LISTED])
    return f"{shown} …" if len(paths) > _LISTED else shown
