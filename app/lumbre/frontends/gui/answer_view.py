"""One answer in the transcript: phase, sources, streamed text with citations, how it ended, and its figures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from lumbre.core.chat import Answer, Sentence
from lumbre.core.documents import Passage
from lumbre.core.events import Cited, LeftOut, PassagesFound, Text
from lumbre.core.job import Failed, Finished, Phase, Progress, Stopped
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Flow, button, card, column, icon_button, label, row
from lumbre.frontends.gui.markdown import mark_doubts, render
from lumbre.frontends.gui.reasons_card import ReasonsCard
from lumbre.frontends.gui.rich_text import RichText
from lumbre.frontends.gui.theme import UNIT, Theme

Span = tuple[int, int]


class AnswerView(QWidget):
    """Shows an answer as it comes, or as it was kept.

    Signals:
        cited(passages, number, spans): a source was asked for; spans in its document are to be marked.
        again(): try the question once more; plain(): ask it without documents.
        link_followed(address).
        explained(): the reasons are about to be shown, so the view should stay where it is.
    """

    cited = Signal(list, int, list)
    again = Signal()
    plain = Signal()
    link_followed = Signal(str)
    explained = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.text = ""
        self.sentences: list[Sentence] = []
        self.passages: list[Passage] = []
        self._codes: list[str] = []
        layout = column(self, gap=UNIT)
        self.phase = label("", "muted")
        self.phase.hide()
        layout.addWidget(self.phase)
        self._chips = QWidget()
        self._flow = Flow(UNIT // 2 + 2)
        self._chips.setLayout(self._flow)
        self._chips.hide()
        layout.addWidget(self._chips)
        self.why = button(self.tr("Why these passages?"), "chip", self._explain)
        self.why.setCheckable(True)
        self._reasons: ReasonsCard | None = None
        self.body = RichText(self.tr("Answer"))
        self.body.anchorClicked.connect(self._follow)
        layout.addWidget(self.body)
        self._layout = layout
        self._foot = row(gap=UNIT // 2)
        layout.addLayout(self._foot)

    # --- a live answer ---

    def feed(self, events: list[Any]) -> None:
        """Take a batch of events of the answer's job and draw once."""
        changed = False
        for event in events:
            match event:
                case Phase(name=name):
                    self._say(texts.phase(name))
                case Progress(done=done, total=total, unit="tokens"):
                    self._say(self._reading(done, total))
                case PassagesFound(passages=passages):
                    self._show_passages(passages)
                case LeftOut(turns=turns, passages=left):
                    self._layout.insertWidget(self._layout.count() - 1, self._left_out(turns, left))
                case Text(text=text):
                    self.text += text
                    changed = True
                case Cited(sentence=sentence):
                    self.sentences.append(sentence)
                    self._announce(sentence.text)
                    changed = True
                case Finished(result=Answer() as answer) | Stopped(result=Answer() as answer):
                    self.show_answer(answer)
                    return
                case Stopped():
                    self._ended(self.tr("Stopped before anything was written."))
                case Failed(error=error, result=result):
                    self._broke(error, result)
                    return
        if changed:
            self._draw()

    def _reading(self, done: int, total: int) -> str:
        if not total:
            return texts.phase("reading-prompt")
        done_text, total_text = texts.number(done), texts.number(total)
        return self.tr("Reading {done} of {total} tokens…").format(done=done_text, total=total_text)

    def _say(self, words: str) -> None:
        self.phase.setText(words)
        self.phase.setVisible(bool(words))

    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.body, words))

    def _ended(self, words: str) -> None:
        self._say(words)

    def _broke(self, error: Exception, partial: object) -> None:
        if isinstance(partial, Answer):
            self.text, self.sentences = partial.text or self.text, partial.sentences or self.sentences
            self._show_passages(partial.sources or self.passages)
        self._say("")
        self._draw()
        sentence, hint = texts.error(error)
        self._layout.insertWidget(self._layout.count() - 1, self._error_card(sentence, hint))

    def _error_card(self, sentence: str, hint: str) -> QFrame:
        frame = card("bad")
        frame.setObjectName("error")
        line = row(frame, margin=UNIT * 2, gap=UNIT * 2)
        words = column(gap=UNIT // 2)
        words.addWidget(label(sentence, "strong", wrap=True))
        if hint:
            words.addWidget(label(hint, "", wrap=True))
        line.addLayout(words, 1)
        line.addWidget(button(self.tr("Try again"), "", self.again.emit), 0, Qt.AlignmentFlag.AlignTop)
        self._announce(f"{sentence} {hint}")
        return frame

    # --- a whole answer ---

    def show_answer(self, answer: Answer) -> None:
        """Show an answer that has ended, with its figures."""
        self.text, self.sentences = answer.text, answer.sentences
        self._show_passages(answer.sources)
        self._say("")
        self._draw()
        if answer.ending == "failed":
            reason = self.tr("This answer broke off; what was written is kept.")
            self._layout.insertWidget(self._layout.count() - 1, self._error_card(reason, ""))
        if not answer.found:
            self._layout.insertWidget(self._layout.count() - 1, self._nothing_found())
        self._show_foot(answer)

    def show_text(self, text: str) -> None:
        """Show an answer of which only the text was kept."""
        self.text = text
        self._draw()

    def _left_out(self, turns: int, passages: int) -> QLabel:
        parts = []
        if turns:
            parts.append(self.tr("earlier messages: {n}").format(n=turns))
        if passages:
            parts.append(self.tr("passages: {n}").format(n=passages))
        words = self.tr("Did not fit the model and was left out: {what}").format(what=", ".join(parts))
        return label(words, "warn", wrap=True)

    def _nothing_found(self) -> QFrame:
        frame = card("warn")
        frame.setObjectName("nothing-found")
        line = row(frame, margin=UNIT * 2, gap=UNIT * 2)
        words = self.tr("Your documents do not seem to hold the answer. Other words or another collection may help.")
        line.addWidget(label(words, "", wrap=True), 1)
        line.addWidget(button(self.tr("Ask without documents"), "", self.plain.emit))
        return frame

    def _show_foot(self, answer: Answer) -> None:
        if answer.ending == "stopped":
            self._foot.addWidget(label(self.tr("Stopped"), "badge-warn"))
        figures = label(texts.figures(answer.stats, len(answer.sources)), "small", wrap=True)
        figures.setObjectName("figures")
        self._foot.addWidget(figures, 1)
        copy = icon_button(self._theme, "copy", self.tr("Copy the answer"), self._copy)
        self._foot.addWidget(copy)
        self._foot.addWidget(icon_button(self._theme, "retry", self.tr("Ask again"), self.again.emit))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    # --- drawing ---

    def _draw(self) -> None:
        made = render(self.text, self.sentences, self._theme, self.tr("Copy"))
        self._codes = made.codes
        self.body.setHtml(made.html)
        mark_doubts(self.body.document(), self.tr("No support found in your documents"))

    def _show_passages(self, passages: list[Passage]) -> None:
        if passages == self.passages:
            return
        self.passages = passages
        while (item := self._flow.takeAt(0)) is not None:
            if (old := item.widget()) is not None and old is not self.why:
                old.deleteLater()
        for number, passage in enumerate(passages, 1):
            self._flow.addWidget(self._chip(number, passage))
        self._offer_reasons()
        self._chips.setVisible(bool(passages))
        self._chips.updateGeometry()

    def _chip(self, number: int, passage: Passage) -> QPushButton:
        place = texts.place(passage.path, passage.page)
        short = self.fontMetrics().elidedText(place, Qt.TextElideMode.ElideMiddle, UNIT * 28)
        chip = button(f"{number}  {short}", "chip", lambda: self._open(number, self._spans(number)))
        chip.setAccessibleName(self.tr("Source {n}: {place}").format(n=number, place=place))
        chip.setToolTip("\n".join(part for part in (passage.path, passage.heading) if part))
        return chip

    def _offer_reasons(self) -> None:
        """Put the button that explains the passages after their chips; what it showed of others is closed."""
        self._flow.addWidget(self.why)
        self.why.setVisible(bool(self.passages))
        if self._reasons is not None:
            self._reasons.deleteLater()
            self._reasons = None
            self.why.setChecked(False)

    def _explain(self) -> None:
        """Open or close the card that says why these passages were found."""
        self.explained.emit()
        if self._reasons is None:
            self._reasons = ReasonsCard(self.passages)
            self._layout.insertWidget(self._layout.indexOf(self._chips) + 1, self._reasons)
        self._reasons.setVisible(self.why.isChecked())

    def _spans(self, number: int, start: int | None = None) -> list[Span]:
        """What source `number` supports: in the sentence that starts at `start`, or in the whole answer."""
        return [
            (citation.start, citation.end)
            for sentence in self.sentences
            if start is None or sentence.start == start
            for citation in sentence.citations
            if citation.number == number
        ]

    def _open(self, number: int, spans: list[Span]) -> None:
        passage = self.passages[number - 1]
        self.cited.emit(self.passages, number, spans or [(passage.start, passage.end)])

    def _follow(self, url: QUrl) -> None:
        kind, _, rest = url.toString().partition(":")
        if kind == "cite":
            number, _, start = rest.partition(":")
            if 0 < int(number) <= len(self.passages):
                self._open(int(number), self._spans(int(number), int(start)))
        elif kind == "copy":
            QGuiApplication.clipboard().setText(self._codes[int(rest)])
        else:
            self.link_followed.emit(url.toString())
