"""The quick window: passages while typing, the answer on Enter, gone on Esc."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton
from scripted import live_script

from lumbre.frontends.gui.answer_view import AnswerView
from lumbre.frontends.gui.controls import Elided


@pytest.fixture
def quick(program):
    program.toggle_quick()
    return program.quick


def test_passages_show_while_typing(qtbot, quick, assistant):
    qtbot.keyClicks(quick.line, "copias")
    qtbot.waitUntil(lambda: len(quick.results.findChildren(Elided)) == 3)
    assert quick.results.findChildren(Elided)[0].toolTip() == "Manual de operaciones.pdf · p. 12"
    assert quick.area.height() > 50
    searches = [call for call in assistant.calls if call[0] == "search"]
    assert searches == [("search", "copias", None)]


def test_enter_streams_the_answer_and_it_goes_on_in_the_main_window(qtbot, quick, assistant, window):
    assistant.script = live_script()
    qtbot.keyClicks(quick.line, "copias")
    qtbot.keyClick(quick.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: quick.go_on.isVisible())
    view = quick.results.findChild(AnswerView)
    assert "noventa días" in view.body.toPlainText()
    qtbot.waitUntil(lambda: view.findChild(QLabel, "figures").isVisible())
    qtbot.mouseClick(quick.go_on, Qt.MouseButton.LeftButton)
    assert quick.isHidden()
    assert window.current_page == "chat"
    qtbot.waitUntil(lambda: bool(window.pages["chat"].transcript.findChildren(AnswerView)))


def test_escape_hides_it_and_toggling_shows_it_again(qtbot, quick, program):
    assert quick.isVisible()
    qtbot.keyClick(quick, Qt.Key.Key_Escape)
    assert quick.isHidden()
    program.toggle_quick()
    assert quick.isVisible()


def test_a_passage_opens_in_the_source_panel(qtbot, quick, window):
    qtbot.keyClicks(quick.line, "copias")
    qtbot.waitUntil(lambda: bool(quick.results.findChildren(QToolButton)))
    qtbot.mouseClick(quick.results.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    source = window.pages["chat"].source
    qtbot.waitUntil(lambda: source.stack.currentWidget() is source.area)
    assert quick.isHidden()
