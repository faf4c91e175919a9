"""The page of proof: how much has left, what the door is doing, the ledger, and what is encrypted where."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QHeaderView, QTableView, QWidget

from lumbre.core.ledger import LedgerEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Picture, button, card, column, framed, label, restyle, row, scrolled
from lumbre.frontends.gui.models import LedgerModel
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT


class PrivacyPage(QWidget):
    """Shows only what the assistant's door and ledger say."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        inner = QWidget()
        line = row(inner)
        line.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 3)
        holder = QWidget()
        holder.setMaximumWidth(UNIT * 125)
        line.addWidget(holder, 1000)
        line.addStretch(1)
        layout = column(holder, gap=UNIT * 2)
        layout.addWidget(label(self.tr("Privacy"), "display"))
        layout.addWidget(self._meter())
        layout.addWidget(self._facts())
        layout.addLayout(self._ledger_head())
        self.model = LedgerModel()
        self.table = self._table()
        self.nothing = label(self.tr("The ledger is empty: no permit has ever been given."), "muted")
        layout.addWidget(self.nothing)
        self.framed = framed(self.table)
        layout.addWidget(self.framed, 1)
        column(self).addWidget(scrolled(inner))
        session.models_changed.connect(self.refresh)
        session.downloads_changed.connect(self.refresh)
        session.conversations_changed.connect(self.refresh)
        self.refresh()

    def _meter(self) -> QFrame:
        frame = card()
        line = row(frame, margin=UNIT * 3, gap=UNIT * 3)
        words = column(gap=UNIT // 2)
        self.meter = label("", "meter")
        words.addWidget(self.meter)
        words.addWidget(label(self.tr("of your documents and questions have left this device"), "", wrap=True))
        line.addLayout(words, 1)
        side = row(gap=UNIT)
        side.addWidget(Picture(self._session.theme, "privacy", "good", 24))
        self.door = label("", "good", wrap=True)
        self.door.setMinimumWidth(UNIT * 24)
        side.addWidget(self.door)
        line.addLayout(side)
        return frame

    def _facts(self) -> QFrame:
        frame = card()
        layout = column(frame, margin=UNIT * 3, gap=UNIT)
        layout.addWidget(label(self.tr("What is encrypted, and where"), "title"))
        home = self._session.home
        if home.vault.exists():
            key = self.tr("The key is sealed by your passphrase, which is never written down.")
        else:
            key = self.tr("The key is random and lies in the keyring of this system.")
        facts = (
            self.tr("Conversations, titles, the text of your documents and their index: one database with AES-256."),
            key,
            self.tr("Models are public files and lie unencrypted. Your documents stay where they are, untouched."),
            self.tr("The database: {path}").format(path=home.database),
        )
        for fact in facts:
            line = row(gap=UNIT)
            line.addWidget(Picture(self._session.theme, "check", "good", 16), 0, Qt.AlignmentFlag.AlignTop)
            words = label(fact, "", wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            line.addWidget(words, 1)
            layout.addLayout(line)
        return frame

    def _ledger_head(self) -> QHBoxLayout:
        line = row(gap=UNIT * 2)
        titles = column(gap=2)
        titles.addWidget(label(self.tr("Ledger of the door"), "title"))
        words = self.tr("Every connection ever permitted, each entry sealed to the one before.")
        titles.addWidget(label(words, "muted", wrap=True))
        line.addLayout(titles, 1)
        self.result = label("", "good", wrap=True)
        line.addWidget(self.result)
        self.verify = button(self.tr("Verify the ledger"), "", self._verify)
        line.addWidget(self.verify, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName(self.tr("Ledger of the door"))
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(UNIT * 5)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for at, width in ((0, 19), (2, 20), (3, 12), (4, 12), (5, 14)):
            table.setColumnWidth(at, width * UNIT)
        table.setMinimumHeight(UNIT * 30)
        return table

    def refresh(self) -> None:
        """Read meter and ledger again."""
        assistant = self._session.assistant

        def got(read: tuple[int, list[LedgerEntry]]) -> None:
            left, entries = read
            self.meter.setText(texts.size(left))
            self.model.show_entries(entries)
            self.nothing.setVisible(not entries)
            self.framed.setVisible(bool(entries))

        self._session.run(self, lambda: (assistant.left_device_bytes(), assistant.ledger()), got)
        if self._session.downloads:
            self.door.setText(
                self.tr("The door is open for one download that you asked for. Nothing of yours goes out.")
            )
        else:
            self.door.setText(self.tr("The door is closed. Nothing can leave."))

    def _verify(self) -> None:
        self.verify.setEnabled(False)

        def held(count: int) -> None:
            words = self.tr("The ledger is whole: {n} entries checked.").format(n=texts.number(count))
            self._conclude(words, "good")

        def failed(error: Exception) -> None:
            self._conclude(" ".join(texts.error(error)), "bad")

        self._session.run(self, self._session.assistant.verify_ledger, held, failed)

    def _conclude(self, words: str, role: str) -> None:
        self.result.setText(words)
        restyle(self.result, "role", role)
        self.verify.setEnabled(True)
