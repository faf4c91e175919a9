"""Why these passages: for each source of an answer, its place among the passages found, and its scores in words."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from lumbre.core.documents import Passage
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import Elided, column, label, row
from lumbre.frontends.gui.theme import UNIT


class ReasonsCard(QFrame):
    """A line of explanation, then a line or two for each passage."""

    def __init__(self, passages: list[Passage]) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.setObjectName("reasons")
        self.setAccessibleName(self.tr("Why these passages"))
        layout = column(self, margin=UNIT * 2, gap=UNIT + 2)
        words = self.tr(
            "The score adds two things: how near a passage comes to the question in meaning (at most 1),"
            " and how many of the question's rarer words it holds."
        )
        layout.addWidget(self._reading(words))
        for number, passage in enumerate(passages, 1):
            layout.addLayout(self._entry(number, passage))

    def _entry(self, number: int, passage: Passage) -> QVBoxLayout:
        lines = column(gap=2)
        head = row()
        head.addWidget(Elided(f"{number}  {texts.place(passage.path, passage.page)}", "strong"), 1)
        score = self.tr("score {n}").format(n=texts.number(passage.score, 3))
        head.addWidget(label(score, "badge"))
        lines.addLayout(head)
        lines.addWidget(self._reading(self.reason(passage)))
        return lines

    def _reading(self, words: str) -> QLabel:
        made = label(words, "muted", wrap=True)
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        made.setAccessibleName(words)
        return made

    def reason(self, passage: Passage) -> str:
        """The evidence for a passage in sentences."""
        if passage.cosine is None and not passage.bm25 and not passage.words:
            return self.tr("Number {rank} of those found; its scores are not known.").format(rank=passage.rank)
        parts = [self.tr("Number {rank} of those found.").format(rank=passage.rank)]
        if passage.cosine is None:
            parts.append(self.tr("Its meaning has not been compared yet."))
        else:
            parts.append(self.tr("Near in meaning: {n}.").format(n=texts.number(passage.cosine, 3)))
        if passage.words:
            listed = ", ".join(map(QLocale().quoteString, passage.words))
            parts.append(self.tr("It holds {words}.").format(words=listed))
        else:
            parts.append(self.tr("It holds none of the question's words."))
        if passage.bm25:
            parts.append(self.tr("Score by words (BM25): {n}.").format(n=texts.number(passage.bm25, 1)))
        return " ".join(parts)
