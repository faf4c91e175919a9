"""The strip under the library: how far reading and embedding have come, how fast, how long still, and pause."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QProgressBar

from lumbre.core.documents import LibraryCounts
from lumbre.core.events import IndexProgress
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import column, icon_button, label, row
from lumbre.frontends.gui.session import Session
from lumbre.frontends.gui.theme import UNIT


class ProgressStrip(QFrame):
    """Two bars, because a file is found by its words long before its turn to be embedded."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._session = session
        self._counts = LibraryCounts()
        self._progress = IndexProgress(self._counts)
        session.progress_changed.connect(self.show_progress)
        line = row(self, gap=UNIT * 3)
        line.setContentsMargins(UNIT * 3, UNIT + 4, UNIT * 2, UNIT + 4)
        self.words = label("", "small")
        self.vectors = label("", "small")
        self.words_bar = self._bar(self.tr("Files that are found by their words"))
        self.vectors_bar = self._bar(self.tr("Pieces that are embedded"))
        for text, bar in ((self.words, self.words_bar), (self.vectors, self.vectors_bar)):
            part = column(gap=UNIT // 2 + 2)
            text.setMinimumWidth(1)
            part.addWidget(text)
            part.addWidget(bar)
            line.addLayout(part, 1)
        self.pause = icon_button(session.theme, "pause", "", self._toggle)
        line.addWidget(self.pause)
        self._show_pause()
        self.hide()

    def _bar(self, name: str) -> QProgressBar:
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setAccessibleName(name)
        return bar

    def show_counts(self, counts: LibraryCounts) -> None:
        """Show how far it has come; when nothing is left to do the strip goes away."""
        self._counts = counts
        found = counts.readable + counts.done
        reading = counts.files - counts.set_aside
        self.words_bar.setRange(0, max(1, reading))
        self.words_bar.setValue(found)
        self.vectors_bar.setRange(0, max(1, counts.chunks))
        self.vectors_bar.setValue(self._embedded)
        done, total = texts.number(found), texts.number(reading)
        self.words.setText(self.tr("Found by words: {done} of {total} files").format(done=done, total=total))
        self.vectors.setText(self._vectors_text(counts))
        self.setVisible(found < reading or self._embedded < counts.chunks)

    @property
    def _embedded(self) -> int:
        """Pieces done by the embedder that is at work: the one that serves, or the one to come."""
        return self._counts.embedded if self._counts.reindexed is None else self._counts.reindexed

    def _vectors_text(self, counts: LibraryCounts) -> str:
        done, total = texts.number(self._embedded), texts.number(counts.chunks)
        if counts.reindexed is None:
            said = self.tr("Found by meaning: {done} of {total} pieces")
        else:
            said = self.tr("Indexed anew: {done} of {total} pieces; the index before serves")
        parts = [said.format(done=done, total=total)]
        progress = self._progress
        if self._session.assistant.indexing_paused:
            return " · ".join([*parts, self.tr("paused")])
        if progress.chunks_per_second > 0:
            parts.append(self.tr("{n} a second").format(n=texts.number(progress.chunks_per_second)))
        if progress.seconds_left > 0:
            parts.append(self.tr("about {time} left").format(time=texts.duration(progress.seconds_left)))
        if progress.holding == "battery":
            parts.append(self.tr("saving the battery"))
        elif progress.holding == "busy":
            parts.append(self.tr("slower, other programs are working"))
        return " · ".join(parts)

    def show_progress(self, progress: IndexProgress) -> None:
        """Show how fast it goes, how long it still takes and what keeps it back."""
        was_paused, self._progress = self._progress.holding == "paused", progress
        if was_paused != (progress.holding == "paused"):  # maybe by the terminal
            self._show_pause()
        self.vectors.setText(self._vectors_text(self._counts))

    def _toggle(self) -> None:
        assistant = self._session.assistant
        paused = assistant.indexing_paused
        work = assistant.resume_indexing if paused else assistant.pause_indexing
        self._session.run(self, work, lambda _: self._show_pause())

    def _show_pause(self) -> None:
        paused = self._session.assistant.indexing_paused
        name = self.tr("Go on reading") if paused else self.tr("Pause reading")
        self.pause.setIcon(self._session.theme.icon("play" if paused else "pause", "accent"))
        self.pause.setToolTip(name)
        self.pause.setAccessibleName(name)
        self.vectors.setText(self._vectors_text(self._counts))
