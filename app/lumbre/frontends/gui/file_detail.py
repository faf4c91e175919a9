"""What is known of the chosen files, under the table: why one was set aside, what it hides, its tags."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, QStringListModel, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLineEdit, QWidget

from lumbre.core.documents import FileEntry, HiddenText
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import (
    Elided,
    Flow,
    announce,
    button,
    column,
    empty,
    icon_button,
    label,
    row,
    scrolled,
)
from lumbre.frontends.gui.file_model import reason
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

_LOCKED = "library.encrypted"


class FileDetail(QFrame):
    """Signals: retried(), opened(), removed(): asked for the chosen files; tagged(add, remove): lists of tags."""

    retried = Signal()
    opened = Signal()
    removed = Signal()
    tagged = Signal(list, list)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._session = session
        self._shown: FileEntry | None = None
        layout = column(self, margin=UNIT * 2, gap=UNIT)
        layout.addLayout(self._head())
        self.reason = label("", "bad", wrap=True)
        self.hint = label("", "muted", wrap=True)
        self.unlocking = UnlockLine(session)
        self.unlocking.ended.connect(self._show_remedies)
        self.tags = TagLine()
        self.tags.tagged.connect(self.tagged)
        self.findings = FindingsBox()
        for part in (self.reason, self.hint, self.unlocking, self.findings, self.tags):
            layout.addWidget(part)
        self.hide()

    def _head(self) -> QHBoxLayout:
        line = row(gap=UNIT // 2)
        self.path = Elided("", "strong")
        line.addWidget(self.path, 1)
        theme = self._session.theme
        self.unlock = button(self.tr("Unlock…"), "tonal", self.ask_password)
        self.retry = button(self.tr("Read again"), "", self.retried.emit)
        line.addWidget(self.unlock)
        line.addWidget(self.retry)
        line.addWidget(icon_button(theme, "external", self.tr("Open in its own program"), self.opened.emit))
        line.addWidget(icon_button(theme, "trash", self.tr("Take out of the library"), self.removed.emit))
        return line

    def show_files(self, files: list[FileEntry]) -> None:
        """Show one file in full, of several what they have in common; hidden for none."""
        self.setVisible(bool(files))
        alone = files[0] if len(files) == 1 else None
        another = self._shown is None or alone is None or alone.path != self._shown.path
        self._shown = alone
        if not files:
            return
        title = files[0].path if alone else self.tr("{n} files chosen").format(n=texts.number(len(files)))
        self.path.show_text(title)
        sentence, hint = reason(alone) if alone else ("", "")
        for part, words in ((self.reason, sentence), (self.hint, hint)):
            part.setText(words)
        self.retry.setVisible(any(file.state == "set-aside" for file in files))
        if another or not can_unlock(alone):
            self.unlocking.hide()
        self._show_remedies()
        self.tags.show_tags(sorted({tag for file in files for tag in file.tags}))
        self._show_findings(alone, another)

    def _show_remedies(self) -> None:
        """While the password is asked, what led there makes room."""
        asking = not self.unlocking.isHidden()
        self.unlock.setVisible(can_unlock(self._shown) and not asking)
        self.reason.setVisible(bool(self.reason.text()))
        self.hint.setVisible(bool(self.hint.text()) and not asking)

    def _show_findings(self, file: FileEntry | None, another: bool) -> None:
        if another:
            self.findings.hide()
        if file is None or not (file.hidden or file.warnings):
            self.findings.hide()
            return

        def got(found: tuple[list[str], list[HiddenText]]) -> None:
            if self._shown is not None and self._shown.path == file.path:
                self.findings.show_findings(*found)

        assistant = self._session.assistant
        self._session.run(self, lambda: assistant.findings(file.path), got)

    def ask_password(self) -> None:
        """Ask in place for the password of the file shown."""
        if self._shown is not None:
            self.unlocking.ask(Path(self._shown.path))
            self._show_remedies()


class UnlockLine(QWidget):
    """Asks for a password without showing it, and says in place when it is the wrong one. Signals: ended()."""

    ended = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._path = Path()
        layout = column(self, gap=UNIT // 2)
        line = row(gap=UNIT)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(self.tr("Password of the document"))
        self.password.setAccessibleName(self.tr("Password of the document"))
        self.password.setMaximumWidth(UNIT * 40)
        self.password.returnPressed.connect(self._try)
        self.go = button(self.tr("Unlock"), "primary", self._try)
        line.addWidget(self.password, 1000)
        line.addWidget(self.go)
        line.addWidget(button(self.tr("Cancel"), "", self.close))
        line.addStretch(1)
        self.wrong = label("", "bad", wrap=True)
        self.wrong.hide()
        self.password.textChanged.connect(lambda _: self.wrong.hide())
        kept = label(self.tr("It is kept encrypted on this device, so that it is asked once."), "small", wrap=True)
        layout.addLayout(line)
        layout.addWidget(self.wrong)
        layout.addWidget(kept)
        cancel = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        cancel.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        cancel.activated.connect(self.close)
        self.hide()

    def ask(self, path: Path) -> None:
        """Ask for the password of a file."""
        self._path = path
        self.password.clear()
        self.wrong.hide()
        self._set_busy(False)
        self.show()
        self.password.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.ended.emit()

    def _set_busy(self, busy: bool) -> None:
        self.go.setEnabled(not busy)
        self.password.setEnabled(not busy)

    def _try(self) -> None:
        path, password = self._path, self.password.text()
        if not password:
            return
        self._set_busy(True)

        def failed(error: Exception) -> None:
            if path == self._path:
                self._set_busy(False)
                self.password.selectAll()
                self.password.setFocus()
                self.wrong.setText(" ".join(texts.error(error)))
                self.wrong.show()
                announce(self.wrong, self.wrong.text())

        self._session.unlock(self, path, password, self.close, failed)


class TagLine(QWidget):
    """Tags as chips that a press takes away, and a field for one more. Signals: tagged(add, remove)."""

    tagged = Signal(list, list)

    def __init__(self) -> None:
        super().__init__()
        self._tags: list[str] | None = None
        self._known = QStringListModel(self)
        line = row(self, gap=UNIT)
        self.field = QLineEdit()
        self.field.setProperty("kind", "small")
        self.field.setPlaceholderText(self.tr("Add a tag"))
        self.field.setAccessibleName(self.tr("Add a tag"))
        self.field.setFixedWidth(UNIT * 18)
        self.field.setCompleter(QCompleter(self._known, self.field))
        self.field.returnPressed.connect(self._add)
        title = label(self.tr("Tags"), "small")
        title.setFixedHeight(self.field.sizeHint().height())
        line.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
        self._holder = QWidget()
        self._flow = Flow(UNIT // 2)
        self._holder.setLayout(self._flow)
        self._flow.addWidget(self.field)
        line.addWidget(self._holder, 1)

    def know(self, tags: list[str]) -> None:
        """Tags that are in use, offered while one is typed."""
        self._known.setStringList(tags)

    def show_tags(self, tags: list[str]) -> None:
        """Show the tags of the chosen files."""
        if tags == self._tags:
            return
        self._tags = tags
        had_focus = self.field.hasFocus()
        self._flow.removeWidget(self.field)
        empty(self._flow)
        for tag in tags:
            chip = button(f"#{tag}  ×", "chip", partial(self._remove, tag))
            chip.setToolTip(self.tr("Take the tag “{tag}” away").format(tag=tag))
            chip.setAccessibleName(chip.toolTip())
            self._flow.addWidget(chip)
        self._flow.addWidget(self.field)
        if had_focus:
            self.field.setFocus()
        self._holder.updateGeometry()

    def _add(self) -> None:
        tags = [tag.strip().lstrip("#") for tag in self.field.text().split(",")]
        self.field.clear()
        if wanted := [tag for tag in tags if tag]:
            self.tagged.emit(wanted, [])

    def _remove(self, tag: str) -> None:
        self.tagged.emit([], [tag])


class FindingsBox(QFrame):
    """What a person who opens a file would not see of it, quoted, and what was not read."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "warn")
        outer = column(self, margin=UNIT + 4, gap=UNIT // 2)
        self.title = label("", "strong", wrap=True)
        outer.addWidget(self.title)
        self._inner = QWidget()
        self._lines = column(self._inner, gap=UNIT)
        self.area = scrolled(self._inner)
        self.area.setObjectName("findings")
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setAccessibleName(self.tr("Text that one does not see"))
        outer.addWidget(self.area)
        self.hide()

    def show_findings(self, warnings: list[str], hidden: list[HiddenText]) -> None:
        """Show both."""
        empty(self._lines)
        if hidden:
            said = self.tr("Text that one does not see when the file is opened. What it says is never followed.")
        else:
            said = self.tr("Not everything in this file was read.")
        self.title.setText(said)
        before = ""
        for one in hidden:
            where = texts.hidden(one.kind)
            if one.page is not None:
                where = self.tr("{where}, page {n}").format(where=where, n=one.page)
            self._add(where, QLocale().quoteString(" ".join(one.text.split())), headed=where != before)
            before = where
        for warning in warnings:
            self._add(self.tr("Not read"), warning)
        self.setVisible(bool(hidden or warnings))
        most = min(UNIT * 15, self.window().height() // 7)
        self.area.setFixedHeight(min(self._inner.sizeHint().height() + 4, most))

    def _add(self, what: str, words: str, *, headed: bool = True) -> None:
        part = QWidget()
        lines = column(part, gap=0)
        if headed:
            lines.addWidget(label(what, "small"))
        quoted = label(words, wrap=True)
        quoted.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        lines.addWidget(quoted)
        part.setAccessibleName(f"{what}: {words}")
        self._lines.addWidget(part)


def can_unlock(file: FileEntry | None) -> bool:
    """Whether a password is what keeps a file from being read; only those of PDF can be given."""
    return file is not None and file.code == _LOCKED and file.path.lower().endswith(".pdf")
