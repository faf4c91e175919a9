"""A model of the catalogue as a card, and the line that shows a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from lumbre.core.models import ModelEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import button, column, label, restyle, row
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT

if TYPE_CHECKING:
    from lumbre.frontends.gui.models_page import ModelsPage


class FetchLine(QWidget):
    """How far a download has come: bytes, speed, time left, and a button to stop it."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__()
        self._session = session
        self._name = name
        self._rate = texts.Rate()
        layout = column(self, gap=UNIT // 2)
        line = row()
        self.words = label("", "small")
        self.words.setMinimumWidth(1)
        line.addWidget(self.words, 1)
        line.addWidget(button(self.tr("Stop"), "link", self._stop))
        layout.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Download"))
        layout.addWidget(self.bar)
        self.refresh()

    def refresh(self) -> None:
        """Show what the session knows of the download; hidden when there is none."""
        self.setVisible(self._name in self._session.downloads)
        progress = self._session.progress.get(self._name)
        if progress is None:
            self.words.setText(self.tr("Beginning…"))
            self.bar.setRange(0, 0)
            return
        self._rate.note(progress.done)
        # A progress bar counts in 32 bits, and models are larger than that.
        self.bar.setRange(0, 1000)
        self.bar.setValue(progress.done * 1000 // progress.total if progress.total else 0)
        parts = [self.tr("{done} of {total}").format(done=texts.size(progress.done), total=texts.size(progress.total))]
        if (speed := self._rate.per_second) > 0:
            parts.append(self.tr("{size} a second").format(size=texts.size(round(speed))))
            left = texts.duration((progress.total - progress.done) / speed)
            parts.append(self.tr("about {time} left").format(time=left))
        self.words.setText(" · ".join([part for part in (progress.label,) if part] + parts))

    def _stop(self) -> None:
        job = self._session.downloads.get(self._name)
        if job is not None:
            job.cancel()


class ModelCard(QFrame):
    """Title, size, licence, what it is good for, whether it fits, its state, and what can be done with it."""

    def __init__(self, session: Session, page: ModelsPage) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._session = session
        self._page = page
        self._entry: ModelEntry | None = None
        self._loading = False
        layout = row(self, margin=UNIT * 2 + 4, gap=UNIT * 2)
        self._words = column(gap=UNIT // 2 + 2)
        layout.addLayout(self._words, 1)
        self._actions = column(gap=UNIT)
        layout.addLayout(self._actions)
        head = row()
        self.title = label("", "title")
        self.badge = label("", "badge")
        head.addWidget(self.title)
        head.addWidget(self.badge)
        head.addStretch(1)
        self._words.addLayout(head)
        self.facts = label("", "small", wrap=True)
        self.good_for = label("", "", wrap=True)
        self.fit = label("", "muted", wrap=True)
        for part in (self.facts, self.good_for, self.fit):
            self._words.addWidget(part)
        self.line: FetchLine | None = None
        self.fetch = button(self.tr("Fetch"), "tonal", self._fetch)
        self.load = button(self.tr("Load"), "tonal", self._load)
        self.unload = button(self.tr("Unload"), "", page.unload)
        for action in (self.fetch, self.load, self.unload):
            action.setMinimumWidth(UNIT * 14)
            self._actions.addWidget(action, 0, Qt.AlignmentFlag.AlignTop)
        self._actions.addStretch(1)

    def show_entry(self, entry: ModelEntry) -> None:
        """Show a model and its state."""
        self._entry = entry
        model = entry.model
        if self.line is None:
            self.line = FetchLine(self._session, model.name)
            self._words.addWidget(self.line)
        self.title.setText(model.title)
        facts = [self._purpose(), texts.size(model.bytes)]
        if model.parameters:
            facts.append(self.tr("{n} billion parameters").format(n=texts.number(model.parameters, 1)))
        facts += [part for part in (model.quantization, model.licence) if part]
        self.facts.setText(" · ".join(facts))
        language = QLocale().name()[:2]
        self.good_for.setText(model.good_for.get(language, model.good_for.get("en", "")))
        self.good_for.setVisible(bool(self.good_for.text()))
        self.fit.setText(self._fit_text())
        restyle(self.fit, "role", "muted" if entry.fits else "warn")
        for action, verb in (
            (self.fetch, self.fetch.text()),
            (self.load, self.load.text()),
            (self.unload, self.unload.text()),
        ):
            action.setAccessibleName(f"{verb} {model.title}")
        self.refresh()

    def _purpose(self) -> str:
        assert self._entry is not None
        return self.tr("Answers") if self._entry.model.purpose == "chat" else self.tr("Finds passages")

    def _fit_text(self) -> str:
        assert self._entry is not None
        entry = self._entry
        if not entry.fits:
            need = texts.size(entry.model.memory)
            return self.tr("Too large for this machine: it needs {size} of memory.").format(size=need)
        parts = [self.tr("Fits this machine")]
        if (seconds := entry.seconds_per_1000_tokens) is not None:
            words = (
                self.tr("reads 1,000 tokens in {time} here, measured")
                if entry.measured
                else self.tr("reads 1,000 tokens in about {time} here")
            )
            parts.append(words.format(time=texts.duration(seconds)))
        return " · ".join(parts)

    def show_loading(self, on: bool) -> None:
        """While it is being loaded nothing else can be done with it."""
        self._loading = on
        self.refresh()

    def refresh(self) -> None:
        """Show the actions that make sense now."""
        entry = self._entry
        if entry is None or self.line is None:
            return
        self.line.refresh()
        fetching = entry.model.name in self._session.downloads
        ready, chat = entry.state == "ready", entry.model.purpose == "chat"
        self.fetch.setVisible(not ready and not fetching)
        restyle(self.fetch, "kind", "tonal" if entry.fits else "")
        self.fetch.setText(self.tr("Go on fetching") if entry.state == "partial" else self.tr("Fetch"))
        self.load.setVisible(ready and chat and not entry.loaded)
        self.load.setEnabled(not self._loading and entry.fits)
        self.load.setText(self.tr("Loading…") if self._loading else self.tr("Load"))
        self.unload.setVisible(entry.loaded)
        words, role = self._state(entry)
        self.badge.setText(words)
        self.badge.setVisible(bool(words))
        restyle(self.badge, "role", role)

    def _state(self, entry: ModelEntry) -> tuple[str, str]:
        if entry.loaded:
            return self.tr("Loaded"), "badge-good"
        return {
            "ready": (self.tr("Ready"), "badge-good"),
            "partial": (self.tr("Partly fetched"), "badge-warn"),
            "unverified": (self.tr("Not verified"), "badge-warn"),
            "absent": ("", "badge"),
        }[entry.state]

    def _fetch(self) -> None:
        if self._entry is not None:
            name = self._entry.model.name
            self._session.fetch(name, lambda: self._session.assistant.fetch([name]))
            self._page.refresh()

    def _load(self) -> None:
        if self._entry is not None:
            self._page.load(self._entry.model.name, self)
