"""The page of models: what there is, what fits this machine, fetch, load, verify."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from lumbre.core.chat import EngineInfo
from lumbre.core.job import Job, Progress
from lumbre.core.models import ModelEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Picture, button, card, column, label, row, scrolled
from lumbre.frontends.gui.model_card import FetchLine, ModelCard
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

STARTER = "*starter"
"""Name under which the download of the starter set is known to the session."""


class ModelsPage(QWidget):
    """A card for each model of the catalogue; above them the starter set while nothing is ready."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self.cards: dict[str, ModelCard] = {}
        inner = QWidget()
        line = row(inner)
        line.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 3)
        holder = QWidget()
        holder.setMaximumWidth(UNIT * 110)
        line.addWidget(holder, 1000)
        line.addStretch(1)
        self._column = column(holder, gap=UNIT * 2)
        self._column.addLayout(self._head())
        self.starter = self._starter_card()
        self._column.addWidget(self.starter)
        self._column.addStretch(1)
        column(self).addWidget(scrolled(inner))
        session.models_changed.connect(self.refresh)
        session.engine_changed.connect(lambda _: self.refresh())
        session.downloads_changed.connect(self._show_downloads)
        self.refresh()

    def _head(self) -> QHBoxLayout:
        line = row()
        titles = column(gap=2)
        titles.addWidget(label(self.tr("Models"), "display"))
        words = self.tr(
            "They run on this device. What is fetched is checked against the published file before it is used."
        )
        titles.addWidget(label(words, "muted", wrap=True))
        line.addLayout(titles, 1)
        self.verify = button(self.tr("Verify files"), "", self._verify)
        line.addWidget(self.verify)
        return line

    def _starter_card(self) -> QFrame:
        frame = card("soft")
        line = row(frame, margin=UNIT * 3, gap=UNIT * 2)
        line.addWidget(Picture(self._session.theme, "ember", "accent", 40))
        words = column(gap=UNIT // 2)
        words.addWidget(label(self.tr("Begin with the starter set"), "title"))
        text = self.tr(
            "It fits this machine: a small model that finds your documents, and a model that answers. "
            "This is the only time Lumbre needs the network, and only because you ask."
        )
        words.addWidget(label(text, "", wrap=True))
        self.starter_line = FetchLine(self._session, STARTER)
        words.addWidget(self.starter_line)
        line.addLayout(words, 1)
        self.fetch_starter = button(self.tr("Fetch the starter set"), "primary", self._fetch_starter)
        line.addWidget(self.fetch_starter)
        frame.hide()
        return frame

    # --- reading ---

    def refresh(self) -> None:
        """Read the catalogue and what is here again."""
        self._session.run(self, self._session.assistant.models, self._show)

    def _show(self, entries: list[ModelEntry]) -> None:
        ready = any(entry.model.purpose == "chat" and entry.state == "ready" for entry in entries)
        self.starter.setVisible(not ready or STARTER in self._session.downloads)
        for entry in entries:
            if entry.model.name not in self.cards:
                made = ModelCard(self._session, self)
                self.cards[entry.model.name] = made
                self._column.insertWidget(self._column.count() - 1, made)
            self.cards[entry.model.name].show_entry(entry)
        self._show_downloads()

    def _show_downloads(self) -> None:
        self.starter_line.refresh()
        self.fetch_starter.setVisible(STARTER not in self._session.downloads)
        for made in self.cards.values():
            made.refresh()

    # --- doing ---

    def _fetch_starter(self) -> None:
        self._session.fetch(STARTER, self._session.assistant.fetch_starter)

    def load(self, name: str, made: ModelCard) -> None:
        """Load a chat model; the card says so meanwhile."""
        made.show_loading(True)

        def ended(_: EngineInfo | None) -> None:
            made.show_loading(False)
            self._session.engine_changed.emit(self._session.assistant.loaded)

        def failed(error: Exception) -> None:
            made.show_loading(False)
            self._session.report(error)

        def load() -> EngineInfo | None:
            return self._session.assistant.load(name).result()

        self._session.run(self, load, ended, failed)

    def unload(self) -> None:
        """Give the model's memory back."""
        session = self._session
        session.run(self, session.assistant.unload, lambda _: session.engine_changed.emit(None))

    def _verify(self) -> None:
        self.verify.setEnabled(False)
        session = self._session
        job: Job[list[ModelEntry]] = session.assistant.verify_models()

        def followed(events: list[object]) -> None:
            for event in events:
                if isinstance(event, Progress) and event.total:
                    share = event.done * 100 // event.total
                    self.verify.setText(self.tr("Verifying… {share} %").format(share=share))
            if job.ending is events[-1]:
                self.verify.setText(self.tr("Verify files"))
                self.verify.setEnabled(True)
                session.run(self, job.result, self._verified)

        session.pump.follow(job, self, followed)

    def _verified(self, entries: list[ModelEntry]) -> None:
        bad = [entry.model.title for entry in entries if entry.state == "unverified"]
        good = sum(entry.state == "ready" for entry in entries)
        if bad:
            words = self.tr("Not the published file: {names}").format(names=", ".join(bad))
            self._session.noticed.emit(Notice(words, self.tr("It will not be loaded. Fetch it again.")))
        else:
            words = self.tr("Every file is the published one: {n} models checked.").format(n=texts.number(good))
            self._session.noticed.emit(Notice(words))
        self._session.models_changed.emit()
