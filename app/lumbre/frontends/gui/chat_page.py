"""The page where questions are asked: conversations, transcript, composer and the source panel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from lumbre.core.chat import Answer, ConversationEntry, StoredMessage
from lumbre.core.documents import LibraryCounts, Passage
from lumbre.core.errors import LumbreError
from lumbre.core.job import Failed, Finished, Stopped
from lumbre.core.models import ModelEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.answer_view import AnswerView
from lumbre.frontends.gui.composer import Composer
from lumbre.frontends.gui.controls import Empty, announce, button, column, label, restyle, row
from lumbre.frontends.gui.conversations import Conversations
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.session import Asked, Scope, Session
from lumbre.frontends.gui.source_panel import SourcePanel
from lumbre.frontends.gui.theme import UNIT
from lumbre.frontends.gui.transcript import Transcript

_NARROW = 1100


class ChatPage(QWidget):
    """Asks, shows, and keeps the answer of each conversation coming while another one is read."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self._live: AnswerView | None = None
        self.conversations = Conversations(session)
        self.conversations.chosen.connect(self.open_conversation)
        self.conversations.begun.connect(self.new_conversation)
        self.transcript = Transcript(session.theme)
        self.transcript.cited.connect(self.show_source)
        self.transcript.again.connect(self.ask)
        self.transcript.plain.connect(self._ask_plain)
        self.transcript.link_followed.connect(self._offer_link)
        self.composer = Composer(session.theme)
        self.composer.sent.connect(self.ask)
        self.composer.stopped.connect(self.stop)
        self.composer.helped.connect(lambda: session.page_wanted.emit("models"))
        self.source = SourcePanel(session)
        self.source.closed.connect(self.hide_source)
        self.source.widened.connect(lambda _: self._make_room())
        self._build()
        self.setFocusProxy(self.composer)
        session.models_changed.connect(self._look_for_model)
        session.conversation_wanted.connect(self.open_conversation)
        session.counts_changed.connect(self._welcome)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.stop)
        self._look_for_model()
        session.run(self, session.assistant.counts, self._welcome)
        self.composer.line.setPlainText(session.draft)
        self.composer.line.textChanged.connect(self._advise)
        self.composer.line.textChanged.connect(lambda: setattr(session, "draft", self.composer.line.toPlainText()))
        self.open_conversation(session.conversation_id)

    def _build(self) -> None:
        self.stack = QStackedWidget()
        add = button(self.tr("Add documents"), "primary", lambda: self._session.page_wanted.emit("library"))
        self._add = add
        self.empty = Empty(
            self._session.theme,
            "ember",
            self.tr("Ask your documents"),
            self.tr(
                "Answers come from your own files, by a model on this device. "
                "Every sentence shows where it comes from. Drop files or folders anywhere to begin."
            ),
            [add],
        )
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.transcript)
        middle = self._middle = QWidget()
        layout = column(middle, gap=UNIT // 2)
        layout.addWidget(self.stack, 1)
        foot = row(gap=0)
        foot.setContentsMargins(UNIT * 3, 0, UNIT * 3, 0)
        self.composer.setMaximumWidth(UNIT * 95)
        foot.addStretch(1)
        foot.addWidget(self.composer, 1000)
        foot.addStretch(1)
        layout.addLayout(foot)
        self.hint = label("", "small", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._advise()
        layout.addWidget(self.hint)
        layout.addSpacing(UNIT)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.conversations, middle, self.source):
            self.splitter.addWidget(part)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setStretchFactor(2, 2)
        self.splitter.setSizes([UNIT * 30, UNIT * 80, UNIT * 60])
        self.source.hide()
        column(self).addWidget(self.splitter)

    # --- conversations ---

    def new_conversation(self) -> None:
        """Start with an empty transcript; nothing is kept until a question is asked."""
        for asked in self._session.asked:
            asked.left = asked.left or asked.conversation_id is None
        self.open_conversation(None)
        self.composer.setFocus()

    def open_conversation(self, conversation_id: int | None) -> None:
        """Show a conversation; None is a new one."""
        self._session.conversation_id = conversation_id
        self._live = None
        self.hide_source()
        self.conversations.mark(conversation_id)
        running = self._running()
        self.composer.set_answering(running is not None)
        if conversation_id is None:
            self.transcript.clear()
            self.stack.setCurrentWidget(self.transcript if running else self.empty)
            if running is not None:
                self._watch(running)
            return

        def got(messages: list[StoredMessage]) -> None:
            if self._session.conversation_id == conversation_id:
                self._show(messages)

        self._session.run(self, lambda: self._session.assistant.messages(conversation_id), got)

    def _show(self, messages: list[StoredMessage]) -> None:
        running = self._running()
        if running is not None:
            messages = _before(messages, running.question)
        self.transcript.show_messages(messages)
        self.stack.setCurrentWidget(self.transcript)
        if running is not None:
            self._watch(running)

    # --- asking ---

    def ask(self, question: str, *, documents: bool = True) -> None:
        """Ask in the open conversation, of the scope in the header."""
        session = self._session
        if self._running() is not None:
            return
        scope = session.scope if documents else Scope(documents=False)
        try:
            job = session.assistant.ask(
                question,
                conversation_id=session.conversation_id,
                collection=scope.collection,
                documents=scope.documents,
            )
        except LumbreError as error:
            self._refuse(question, error)
            return
        asked = Asked(job, question, session.conversation_id)
        session.asked.append(asked)
        session.pump.follow(job, session, lambda events: _note(session, asked, events))
        self.stack.setCurrentWidget(self.transcript)
        self.composer.set_answering(True)
        self._watch(asked)

    def _refuse(self, question: str, error: LumbreError) -> None:
        """Give a question back that cannot be asked so, and say why where the person is looking."""
        self.composer.give_back(question)
        self.hint.setText(" ".join(texts.error(error)))
        restyle(self.hint, "role", "bad")
        announce(self.hint, self.hint.text())

    def _advise(self) -> None:
        self.hint.setText(self.tr("Enter sends · Shift+Enter starts a new line · check the sources"))
        restyle(self.hint, "role", "small")

    def _ask_plain(self, question: str) -> None:
        self.ask(question, documents=False)

    def _watch(self, asked: Asked) -> None:
        """Show a running answer from its first event on."""
        view = self.transcript.ask(asked.question)
        self._live = view

        def fed(events: list[Any]) -> None:
            view.feed(events)
            if isinstance(events[-1], (Finished, Stopped, Failed)) and self._live is view:
                self._live = None
                self.composer.set_answering(False)
                self.composer.setFocus()

        self._session.pump.follow(asked.job, view, fed)

    def _running(self) -> Asked | None:
        wanted = self._session.conversation_id
        here = (one for one in self._session.asked if one.conversation_id == wanted and one.job.ending is None)
        return next((one for one in here if not (one.left and one.conversation_id is None)), None)

    def stop(self) -> None:
        """Stop the answer of the open conversation; what was written stays."""
        running = self._running()
        if running is not None:
            running.job.cancel()

    # --- what surrounds it ---

    def _look_for_model(self) -> None:
        def got(entries: list[ModelEntry]) -> None:
            ready = any(entry.model.purpose == "chat" and entry.state == "ready" for entry in entries)
            why = "" if ready else self.tr("There is no chat model on this device yet, so nothing can answer.")
            self.composer.set_obstacle(why, self.tr("Get a model"))

        self._session.run(self, self._session.assistant.models, got)

    def _welcome(self, counts: LibraryCounts) -> None:
        self._add.setVisible(counts.files == 0)

    def show_source(self, passages: list[Passage], number: int, spans: list[tuple[int, int]]) -> None:
        """Open the panel on a source of an answer."""
        self.source.show()
        self._make_room()
        self.source.show_source(passages[number - 1], number, spans)

    def hide_source(self) -> None:
        """Close the panel."""
        self.source.wide.setChecked(False)
        self.source.hide()
        self._make_room()

    def _make_room(self) -> None:
        wide = self.source.isVisible() and self.source.wide.isChecked()
        if wide:
            self.source.take_focus()
        self._middle.setVisible(not wide)
        self.conversations.setVisible(not wide and (self.source.isHidden() or self.width() >= _NARROW))

    def _offer_link(self, address: str) -> None:
        def follow() -> None:
            QDesktopServices.openUrl(QUrl(address))

        words = self.tr("This link leads out of Lumbre: {address}").format(address=address)
        notice = Notice(
            words,
            self.tr("Opening it tells that site that you came."),
            self.tr("Open in the browser"),
            follow,
        )
        self._session.noticed.emit(notice)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()


def _before(messages: list[StoredMessage], question: str) -> list[StoredMessage]:
    """The messages before a question that is being answered: its kept part would double what is streamed."""
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].role == "user":
            return messages[:at] if messages[at].text == question else messages
    return messages


def _note(session: Session, asked: Asked, events: list[Any]) -> None:
    """Learn the identity of a new conversation as soon as it is known, and forget the question when it has ended."""
    last = events[-1]
    if isinstance(last, (Finished, Stopped, Failed)):
        session.asked.remove(asked)
        answer = last.result
        if isinstance(answer, Answer) and answer.conversation_id:
            _adopt(session, asked, answer.conversation_id)
        session.conversations_changed.emit()
        return
    if asked.conversation_id is None and not asked.sought:
        asked.sought = True
        session.run(session, session.assistant.conversations, lambda entries: _seek(session, asked, entries))


def _seek(session: Session, asked: Asked, entries: list[ConversationEntry]) -> None:
    """The question was kept before the first event, so the newest conversation is the one it began."""
    if entries and asked.conversation_id is None:
        _adopt(session, asked, entries[0].id)
        session.conversations_changed.emit()


def _adopt(session: Session, asked: Asked, conversation_id: int) -> None:
    if asked.conversation_id is None and session.conversation_id is None and not asked.left:
        session.conversation_id = conversation_id
    asked.conversation_id = conversation_id
