"""The library's test of itself: questions whose place is known, and how many of them are found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from lumbre.core.errors import LumbreError
from lumbre.core.gold import GoldComparison, GoldQuestion, GoldResult
from lumbre.core.job import Failed, Finished, Job, Progress, Stopped
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import button, column, framed, icon_button, label, restyle, row
from lumbre.frontends.gui.dialog import Sheet
from lumbre.frontends.gui.models import ENTRY
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

translate = QCoreApplication.translate
_TOP = 5
"""Passages looked at for each question."""


class GoldDialog(Sheet):
    """The list of gold questions, a form for one more, the test and what came of it."""

    QUESTION, FILE, PLACE = range(3)

    def __init__(self, session: Session, parent: QWidget, paths: list[str], chosen: str, *, adding: bool) -> None:
        purpose = translate(
            "GoldDialog",
            "Note questions whose place in your documents you know. The test searches each of them and tells whether"
            " the right passage is found, now and after any change.",
        )
        super().__init__(parent, translate("GoldDialog", "Test the library"), purpose)
        self._session = session
        self._job: Job[Any] | None = None
        self._results: dict[int, GoldResult] = {}
        self.form = GoldForm(paths, chosen)
        self.form.go.clicked.connect(self._add)
        self.table = self._make_table()
        self.instead = label("", "small", wrap=True)
        self.outcome = ResultCard()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Questions searched"))
        self.bar.hide()
        for part in (self.form, framed(self.table), self.instead, self.bar, self.outcome):
            self.body.addWidget(part, 1 if part.findChild(QTableWidget) else 0)
        self.remove = icon_button(session.theme, "trash", self.tr("Remove the question (Delete)"), self._remove)
        self.run = button(self.tr("Run the test"), "primary", self._run)
        self.new = button(self.tr("Add a question…"), "link", lambda: self._show_form(True))
        self.foot.insertWidget(0, self.remove)
        self.foot.insertWidget(0, self.new)
        self.foot.addWidget(self.run)
        self.finished.connect(lambda _: self._stop())
        self._show_form(adding)
        self.refresh()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setAccessibleName(self.tr("Questions"))
        table.setHorizontalHeaderLabels([self.tr("Question"), self.tr("File that answers it"), self.tr("Found")])
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(UNIT * 5)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(self.QUESTION, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(self.FILE, UNIT * 26)
        table.setColumnWidth(self.PLACE, UNIT * 15)
        table.itemSelectionChanged.connect(self._show_instead)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._remove)
        return table

    # --- the questions ---

    def _show_form(self, on: bool) -> None:
        self.form.setVisible(on)
        self.new.setVisible(not on)
        for part in (self.instead, self.outcome):
            if on:
                part.hide()
        (self.form.question if on else self.table).setFocus()

    def refresh(self) -> None:
        """Read the questions again."""
        self._session.run(self, self._session.assistant.gold_questions, self._show)

    def _show(self, questions: list[GoldQuestion]) -> None:
        if not questions and self.form.isHidden():
            self._show_form(True)
        self.table.setRowCount(len(questions))
        for at, gold in enumerate(questions):
            tip = self.tr("Words of the passage: {words}").format(words=gold.words) if gold.words else gold.path
            cells = (gold.question, PurePath(gold.path).name, self._place(gold))
            for column_number, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(tip)
                item.setData(ENTRY, gold)
                self.table.setItem(at, column_number, item)
        self._enable()
        self._show_instead()

    def _place(self, gold: GoldQuestion) -> str:
        result = self._results.get(gold.id)
        if result is None:
            return ""
        if result.gone:
            return self.tr("file is gone")
        if result.rank == 1:
            return self.tr("first")
        return self.tr("as number {n}").format(n=result.rank) if result.rank else self.tr("not found")

    def _current(self) -> GoldQuestion | None:
        rows = self.table.selectionModel().selectedRows()
        gold: GoldQuestion | None = rows[0].data(ENTRY) if rows else None
        return gold

    def _show_instead(self) -> None:
        """Tell of the chosen question what was found instead of the right passage."""
        gold = self._current()
        self.remove.setEnabled(gold is not None)
        result = self._results.get(gold.id) if gold is not None else None
        words = ""
        if result is not None and not result.rank:
            found = [f"{at}. {texts.place(one.path, one.page)}" for at, one in enumerate(result.found, 1)]
            words = self.tr("Found instead: {found}").format(found="   ".join(found)) if found else ""
        self.instead.setText(words)
        self.instead.setVisible(bool(words))

    def _add(self) -> None:
        question, path, words = self.form.typed()
        assistant = self._session.assistant

        def added(_: None) -> None:
            self.form.clear()
            self.refresh()

        def failed(error: Exception) -> None:
            self.form.say(" ".join(texts.error(error)))

        self._session.run(self, lambda: assistant.add_gold(question, Path(path), words), added, failed)

    def _remove(self) -> None:
        gold = self._current()
        if gold is not None:
            id, verb = gold.id, self._session.assistant.remove_gold
            self._session.run(self, lambda: verb(id), lambda _: self.refresh())

    # --- the test ---

    def _run(self) -> None:
        if self._job is not None:
            self._stop()
            return
        try:
            self._job = self._session.assistant.test_library(_TOP)
        except LumbreError as error:
            self.outcome.show_error(error)
            return
        self.bar.setRange(0, 0)
        self.bar.show()
        self._show_form(False)
        self._enable()
        self._session.pump.follow(self._job, self, self._told)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _enable(self) -> None:
        self.run.setText(self.tr("Run the test") if self._job is None else self.tr("Stop"))
        self.run.setEnabled(self.table.rowCount() > 0)

    def _told(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, Progress):
                self.bar.setRange(0, event.total or 0)
                self.bar.setValue(event.done)
        last = events[-1]
        if not isinstance(last, (Finished, Stopped, Failed)):
            return
        self._job = None
        self.bar.hide()
        if isinstance(last, Failed):
            self.outcome.show_error(last.error)
        elif isinstance(last, Finished):
            comparison: GoldComparison = last.result
            self._results = {one.gold.id: one for one in comparison.now.results}
            self.outcome.show_comparison(comparison)
            self.refresh()
        self._enable()


class GoldForm(QFrame):
    """Asks for a question, the file that answers it, and words of the right passage."""

    def __init__(self, paths: list[str], chosen: str) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.wrong = label("", "bad", wrap=True)
        self.wrong.hide()
        layout = column(self, margin=UNIT * 2, gap=UNIT)
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 2)
        grid.setVerticalSpacing(UNIT)
        self.question = self._field(self.tr("Question"), self.tr("What does it cost to end the contract early?"))
        self.file = self._field(self.tr("File that answers it"), self.tr("Type a part of its name"))
        self.words = self._field(self.tr("Words of the passage"), self.tr("may be left out"))
        completer = QCompleter(paths, self.file)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.file.setCompleter(completer)
        self.file.setText(chosen)
        for at, field in enumerate((self.question, self.file, self.words)):
            grid.addWidget(label(field.accessibleName(), "muted"), at, 0)
            grid.addWidget(field, at, 1)
        self.go = button(self.tr("Add"), "tonal")
        self.words.returnPressed.connect(self.go.click)
        grid.addWidget(self.go, 2, 2)
        layout.addLayout(grid)
        layout.addWidget(self.wrong)

    def _field(self, name: str, example: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(example)
        made.textChanged.connect(lambda _: self.wrong.hide())
        return made

    def typed(self) -> tuple[str, str, str]:
        """Question, path and words as typed."""
        return self.question.text(), self.file.text().strip(), self.words.text()

    def clear(self) -> None:
        """Make room for the next question; the file stays, since one often holds several answers."""
        self.question.clear()
        self.words.clear()
        self.question.setFocus()

    def say(self, words: str) -> None:
        """Tell what is wrong."""
        self.wrong.setText(words)
        self.wrong.show()


class ResultCard(QFrame):
    """Shares of the questions that were found, beside those of the last time."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "soft")
        line = row(self, margin=UNIT * 2, gap=UNIT * 3)
        self.first = self._meter(self.tr("found first"))
        self.among = self._meter(self.tr("among the first five"))
        for meter, caption in (self.first, self.among):
            part = column(gap=0)
            part.addWidget(meter)
            part.addWidget(caption)
            line.addLayout(part)
        self.words = label("", wrap=True)
        line.addWidget(self.words, 1)
        self.hide()

    def _meter(self, caption: str) -> tuple[QLabel, QLabel]:
        return label("", "display"), label(caption, "small")

    def show_error(self, error: Exception) -> None:
        """Say why there was no test."""
        for meter, caption in (self.first, self.among):
            meter.hide()
            caption.hide()
        restyle(self, "card", "bad")
        self.words.setText(" ".join(texts.error(error)))
        self.show()

    def show_comparison(self, comparison: GoldComparison) -> None:
        """Show a test and what has changed since the last one."""
        now = comparison.now
        for (meter, caption), top in ((self.first, 1), (self.among, _TOP)):
            meter.setText(_share(now.recall(top)))
            meter.show()
            caption.show()
        restyle(self, "card", "bad" if comparison.worse else "soft")
        self.words.setText(self._since(comparison))
        self.show()

    def _since(self, comparison: GoldComparison) -> str:
        total = len(comparison.now.results)
        parts = [self.tr("Questions: {n}, not found: {missed}.").format(n=total, missed=len(comparison.now.misses))]
        if comparison.before is None:
            return " ".join([*parts, self.tr("The next test is compared with this one.")])
        now, before, _ = comparison.common
        when = texts.moment(comparison.before.time)
        if comparison.worse:
            said = self.tr("Worse than on {when}, when it was {first} and {among}.")
        elif now.recall(1) > before.recall(1) or now.recall(_TOP) > before.recall(_TOP):
            said = self.tr("Better than on {when}, when it was {first} and {among}.")
        else:
            said = self.tr("As on {when}: {first} and {among}.")
        values = {"when": when, "first": _share(before.recall(1)), "among": _share(before.recall(_TOP))}
        parts.append(said.format(**values))
        if comparison.changed:
            listed = ", ".join(_mark(name) for name in comparison.changed)
            parts.append(self.tr("Since then these have changed: {names}.").format(names=listed))
        return " ".join(parts)


_MARKS: dict[str, Callable[[], str]] = {
    "lumbre": lambda: translate("GoldDialog", "program"),
    "readers": lambda: translate("GoldDialog", "readers"),
    "embedder": lambda: translate("GoldDialog", "embedder"),
    "files": lambda: translate("GoldDialog", "number of files"),
    "embedded": lambda: translate("GoldDialog", "share that is embedded"),
}


def _mark(name: str) -> str:
    """What may make a difference, in words; a setting is called as in its file."""
    return _MARKS[name]() if name in _MARKS else name


def _share(part: float) -> str:
    return translate("GoldDialog", "{n} %").format(n=texts.number(part * 100))
