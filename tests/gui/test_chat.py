"""Asking in the window: real clicks and keys, every event of an answer, and what happens when it goes wrong."""

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QTextEdit
from scripted import ANSWER, FIRST, PASSAGES, SECOND, ScriptedAssistant, answer, live_script

from lumbre.core.chat import Answer
from lumbre.core.errors import EngineDied
from lumbre.core.events import LeftOut
from lumbre.core.job import Phase
from lumbre.frontends.gui.answer_view import AnswerView
from lumbre.frontends.gui.session import Scope


def ask(qtbot, chat, question="How long are they kept?"):
    qtbot.keyClicks(chat.composer.line, question)
    qtbot.keyClick(chat.composer.line, Qt.Key.Key_Return)
    return chat.transcript.findChildren(AnswerView)[-1]


def finished(qtbot, view):
    qtbot.waitUntil(lambda: view.findChild(QLabel, "figures") is not None)


def words(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def test_an_answer_streams_and_ends_with_its_figures(qtbot, chat, assistant):
    assistant.script = live_script()
    view = ask(qtbot, chat)
    finished(qtbot, view)
    assert "noventa días en el servidor" in view.body.toPlainText()
    figures = view.findChild(QLabel, "figures").text()
    assert figures == "Qwen2.5 1.5B Instruct · CPU · 17.3 tokens/s · first token after 2.4 s · 3 sources"
    assert chat.composer.line.toPlainText() == ""


def test_the_phase_is_said_in_words_and_sources_come_before_the_text(qtbot, chat, assistant):
    assistant.script = live_script()[:5]
    assistant.gate.clear()
    view = ask(qtbot, chat)
    qtbot.waitUntil(lambda: view.phase.text() == "Reading 420 of 812 tokens…")
    chips = [chip for chip in view.findChildren(QPushButton) if chip.property("kind") == "chip"]
    assert [chip.accessibleName() for chip in chips][:2] == [
        "Source 1: Manual de operaciones.pdf · p. 12",
        "Source 2: copias.md",
    ]
    assert view.body.toPlainText() == ""


def test_shift_enter_starts_a_line_and_the_composer_grows(qtbot, chat, assistant):
    before = chat.composer.line.height()
    qtbot.keyClicks(chat.composer.line, "one")
    qtbot.keyClick(chat.composer.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(chat.composer.line, "two")
    assert chat.composer.line.toPlainText() == "one\ntwo"
    assert chat.composer.line.height() > before
    assert not [call for call in assistant.calls if call[0] == "ask"]


def test_a_blank_question_is_not_sent(qtbot, chat, assistant):
    qtbot.keyClicks(chat.composer.line, "   ")
    qtbot.keyClick(chat.composer.line, Qt.Key.Key_Return)
    assert not chat.composer.go.isEnabled()
    assert not [call for call in assistant.calls if call[0] == "ask"]


@pytest.mark.parametrize("way", ["button", "escape"])
def test_an_answer_can_be_stopped_and_what_was_written_stays(qtbot, chat, assistant, way):
    assistant.script = live_script()[:9]
    assistant.gate.clear()
    view = ask(qtbot, chat)
    qtbot.waitUntil(lambda: "noventa" in view.body.toPlainText())
    assert chat.composer.go.accessibleName() == "Stop (Esc)"
    if way == "button":
        qtbot.mouseClick(chat.composer.go, Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(chat.composer.line, Qt.Key.Key_Escape)
    finished(qtbot, view)
    assert assistant.jobs[-1].cancelled
    qtbot.waitUntil(lambda: "Stopped" in words(view))
    assert chat.composer.go.accessibleName() == "Send (Enter)"


def test_a_citation_opens_its_page_with_the_words_marked(qtbot, chat, assistant):
    assistant.script = live_script()
    view = ask(qtbot, chat)
    finished(qtbot, view)
    click_link(qtbot, view.body, "cite:1:0")
    qtbot.waitUntil(lambda: chat.source.stack.currentWidget() is chat.source.area)
    assert chat.source.page_label.text() == "Page 2 of 3"
    pages = [call for call in assistant.calls if call[0] == "page_image"]
    assert pages[-1][1] == 2
    assert pages[-1][3] == [FIRST]


def click_link(qtbot, body: QTextEdit, href: str) -> None:
    """Click on a link of a text as a person would."""
    qtbot.waitUntil(lambda: body.height() >= body.document().size().height() - 1 > 0)
    document = body.document()
    for position in range(document.characterCount()):
        cursor = body.textCursor()
        cursor.setPosition(position)
        rect = body.cursorRect(cursor)
        for x in (1, 3, 5):
            at = QPoint(rect.x() + x, rect.center().y())
            if body.anchorAt(at) == href:
                qtbot.mouseClick(body.viewport(), Qt.MouseButton.LeftButton, pos=at)
                return
    pytest.fail(f"no link {href}")


def test_a_text_source_shows_the_passage_marked(qtbot, chat, assistant):
    chat.show_source(PASSAGES, 2, [SECOND])
    qtbot.waitUntil(lambda: chat.source.stack.currentWidget() is chat.source.text)
    marked = chat.source.text.extraSelections()
    assert [selection.cursor.selectedText() for selection in marked] == [
        "Cada viernes se comprueba que se pueden restaurar."
    ]
    assert chat.source.back.isHidden()


def test_pages_of_a_source_turn_and_the_citation_can_be_copied(qtbot, chat, assistant):
    chat.show_source(PASSAGES, 1, [FIRST])
    qtbot.waitUntil(lambda: chat.source.stack.currentWidget() is chat.source.area)
    qtbot.mouseClick(chat.source.forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: chat.source.page_label.text() == "Page 3 of 3")
    assert not chat.source.forward.isEnabled()
    qtbot.mouseClick(chat.source.copy, Qt.MouseButton.LeftButton)
    assert "noventa días" in QGuiApplication.clipboard().text()
    assert "p. 12" in QGuiApplication.clipboard().text()
    qtbot.mouseClick(chat.source.close_button, Qt.MouseButton.LeftButton)
    assert chat.source.isHidden()


def test_an_error_is_a_card_with_a_hint_and_a_retry_never_text_of_the_answer(qtbot, chat, assistant):
    assistant.script = live_script()[:9]
    assistant.error = EngineDied(reason="signal 9")
    view = ask(qtbot, chat)
    qtbot.waitUntil(lambda: view.findChild(QFrame, "error") is not None)
    card = view.findChild(QFrame, "error")
    assert "The engine stopped unexpectedly (signal 9)" in words(card)
    assert "the model is loaded anew" in words(card)
    assert "engine" not in view.body.toPlainText()
    assert "noventa" in view.body.toPlainText()
    assistant.error = None
    qtbot.mouseClick(card.findChild(QPushButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(chat.transcript.findChildren(AnswerView)) == 2)
    finished(qtbot, chat.transcript.findChildren(AnswerView)[-1])


def test_documents_that_do_not_say_are_said_so_and_it_can_be_asked_without(qtbot, chat, assistant):
    assistant.result = answer("No lo dicen.", sentences=[], sources=[], found=False)
    view = ask(qtbot, chat)
    qtbot.waitUntil(lambda: view.findChild(QFrame, "nothing-found") is not None)
    qtbot.mouseClick(view.findChild(QFrame, "nothing-found").findChild(QPushButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len([call for call in assistant.calls if call[0] == "ask"]) == 2)
    asked = [call[2]["documents"] for call in assistant.calls if call[0] == "ask"]
    assert asked == [True, False]


def test_what_did_not_fit_is_said(qtbot, chat, assistant):
    assistant.script = [LeftOut(turns=3, passages=1), *live_script()]
    view = ask(qtbot, chat)
    finished(qtbot, view)
    qtbot.waitUntil(lambda: "left out: earlier messages: 3, passages: 1" in words(view))


def test_a_new_conversation_is_known_before_its_answer_is_whole(qtbot, chat, assistant, program):
    assistant.script = [Phase("searching")]
    assistant.gate.clear()
    ask(qtbot, chat)
    qtbot.waitUntil(lambda: program.session.conversation_id == 7)


def test_the_scope_of_the_header_goes_with_the_question(qtbot, chat, assistant, program):
    program.session.set_scope(Scope(collection="Nóminas"))
    assert program.window.header.scope.text().strip() == "Nóminas"
    view = ask(qtbot, chat)
    finished(qtbot, view)
    asked = next(call for call in assistant.calls if call[0] == "ask")
    assert asked[2] == {"conversation_id": None, "collection": "Nóminas", "documents": True}


def test_a_running_answer_is_found_again_after_reading_another_conversation(qtbot, chat, assistant):
    assistant.script = live_script()[:9]
    assistant.gate.clear()
    chat.open_conversation(5)
    qtbot.waitUntil(lambda: bool(chat.transcript.findChildren(AnswerView)))
    view = ask(qtbot, chat)
    qtbot.waitUntil(lambda: "noventa" in view.body.toPlainText())
    chat.open_conversation(7)
    qtbot.waitUntil(lambda: chat.composer.go.accessibleName() == "Send (Enter)")
    chat.open_conversation(5)
    qtbot.waitUntil(lambda: chat._live is not None and "noventa" in chat._live.body.toPlainText())
    assistant.gate.set()
    finished(qtbot, chat._live)


def test_conversations_open_are_renamed_and_deleted_with_a_way_back(qtbot, chat, assistant, window):
    pane = chat.conversations
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    pane.model.setData(pane.model.index(1), "Vacaciones")
    qtbot.waitUntil(lambda: ("rename", 5, "Vacaciones") in assistant.calls)
    qtbot.waitUntil(lambda: pane.model.index(1).data() == "Vacaciones")
    pane.remove(5)
    assert pane.model.rowCount() == 1
    undo = next(button for button in window.findChildren(QPushButton) if button.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert pane.model.rowCount() == 2
    pane.remove(5)
    window.notices.dismiss()
    qtbot.waitUntil(lambda: ("delete", 5) in assistant.calls)


def test_a_click_opens_a_conversation_as_it_was_kept(qtbot, chat):
    view = chat.conversations.view
    qtbot.waitUntil(lambda: chat.conversations.model.rowCount() == 2)
    at = view.visualRect(view.model().index(0, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: bool(chat.transcript.findChildren(AnswerView)))
    assert "noventa días" in chat.transcript.findChildren(AnswerView)[0].body.toPlainText()


def test_without_a_model_the_composer_says_why_and_leads_to_one(qtbot, make_program):
    program = make_program(ScriptedAssistant(ready=False))
    composer = program.window.pages["chat"].composer
    qtbot.waitUntil(lambda: composer.help.isVisible())
    assert "no chat model on this device" in composer.why.text()
    assert composer.line.isHidden()
    qtbot.mouseClick(composer.help, Qt.MouseButton.LeftButton)
    assert program.window.current_page == "models"


def test_a_link_of_the_answer_is_not_followed_without_asking(qtbot, chat, window):
    view = chat.transcript.ask("q")
    view.show_text("[site](https://example.com/x)")
    view.body.anchorClicked.emit(QUrl("https://example.com/x"))
    assert "https://example.com/x" in words(window.notices._frame)
    assert "Open in the browser" in [button.text() for button in window.notices._frame.findChildren(QPushButton)]


def test_long_conversations_show_the_latest_and_offer_the_rest(qtbot, chat, assistant):
    assistant.kept[5] = assistant.kept[5] * 40
    chat.open_conversation(5)
    qtbot.waitUntil(lambda: len(chat.transcript.findChildren(AnswerView)) == 15)
    chat.transcript._show_earlier()
    assert len(chat.transcript.findChildren(AnswerView)) == 30


def test_copying_gives_the_text_of_the_model(qtbot, chat):
    view = chat.transcript.ask("q")
    view.show_answer(Answer(ANSWER, [], [], "finished", answer().stats))
    view._copy()
    assert QGuiApplication.clipboard().text() == ANSWER
