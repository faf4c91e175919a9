"""Opening: painted first, then the passphrase, then the pages; and what is said when it does not open."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from scripted import ScriptedAssistant

from lumbre.core.errors import DatabaseDamaged, WrongKey
from lumbre.frontends.gui.app import Program
from lumbre.frontends.gui.local_socket import FirstCopy, hand_over
from lumbre.frontends.gui.opening import PassphraseCard
from lumbre.frontends.gui.single import Claim, Wish


@pytest.fixture
def open_with(qtbot, qapp, home):
    made = []

    def start(make_assistant, wish=None):
        program = Program(qapp, make_assistant, home, ScriptedAssistant().kept_settings)
        made.append(program)
        program.start(wish or Wish())
        return program

    yield start
    for program in made:
        program.window.opening_abandoned()
        program.close()
        program.window.hide()
        program.window.deleteLater()


def card(qtbot, program) -> PassphraseCard:
    """The passphrase card that waits to be filled in."""

    def waits():
        cards = [one for one in program.window.findChildren(PassphraseCard) if one.isVisible() and one.isEnabled()]
        return bool(cards)

    qtbot.waitUntil(waits)
    return next(one for one in program.window.findChildren(PassphraseCard) if one.isVisible() and one.isEnabled())


def test_the_window_is_painted_before_the_library_opens(qtbot, open_with):
    shown = []
    program = open_with(lambda ask: shown.append(program.window.isVisible()) or ScriptedAssistant())
    qtbot.waitUntil(lambda: "chat" in program.window.pages)
    assert shown == [True]


def test_a_new_passphrase_is_typed_twice(qtbot, open_with):
    typed = []
    program = open_with(lambda ask: typed.append(ask(True)) or ScriptedAssistant())
    asked = card(qtbot, program)
    qtbot.keyClicks(asked.first, "ember")
    assert not asked.go.isEnabled()
    qtbot.keyClicks(asked.again, "embe")
    assert asked.complaint.isVisible()
    qtbot.keyClicks(asked.again, "r")
    qtbot.mouseClick(asked.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "chat" in program.window.pages)
    assert typed == ["ember"]


def test_a_wrong_passphrase_is_asked_again_and_says_so(qtbot, open_with):
    def make(ask):
        if ask(False) != "right":
            raise WrongKey
        return ScriptedAssistant()

    program = open_with(make)
    first = card(qtbot, program)
    assert first.complaint.isHidden()
    qtbot.keyClicks(first.first, "wrong")
    qtbot.keyClick(first.first, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card(qtbot, program) is not first)
    second = card(qtbot, program)
    assert second.complaint.isVisible()
    qtbot.keyClicks(second.first, "right")
    qtbot.keyClick(second.first, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "chat" in program.window.pages)


def test_declining_leaves_a_calm_page_with_a_way_back(qtbot, open_with):
    program = open_with(lambda ask: ask(False) and ScriptedAssistant())
    asked = card(qtbot, program)
    asked.given_up.emit()
    qtbot.waitUntil(lambda: "The library stays closed" in words(program))
    retry = next(button for button in program.window.findChildren(QPushButton) if button.text() == "Try again")
    qtbot.mouseClick(retry, Qt.MouseButton.LeftButton)
    card(qtbot, program)


def words(program):
    return [label.text() for label in program.window.findChildren(QLabel) if label.isVisible()]


def test_a_library_that_does_not_open_says_why_and_can_be_tried_again(qtbot, open_with):
    failures = [DatabaseDamaged(reason="page 3")]

    def make(ask):
        if failures:
            raise failures.pop()
        return ScriptedAssistant()

    program = open_with(make)
    qtbot.waitUntil(lambda: any("damaged (page 3)" in text for text in words(program)))
    retry = next(button for button in program.window.findChildren(QPushButton) if button.text() == "Try again")
    qtbot.mouseClick(retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "chat" in program.window.pages)


def test_files_given_at_the_start_wait_until_it_is_open(qtbot, open_with, tmp_path):
    assistant = ScriptedAssistant()
    open_with(lambda ask: assistant, Wish(files=[str(tmp_path / "a.txt")]))
    qtbot.waitUntil(lambda: any(call[0] == "add" and call[1] == [tmp_path / "a.txt"] for call in assistant.calls))


def test_a_second_start_hands_its_wish_to_the_first(qtbot, home):
    name = home.socket_name
    assert not hand_over(name, Wish())
    first = FirstCopy(name)
    code = (
        "import sys; from lumbre.frontends.gui.local_socket import Wish, hand_over;"
        "sys.exit(not hand_over(sys.argv[1], Wish(quick=True, files=['/ñ.txt'])))"
    )
    with qtbot.waitSignal(first.wished) as wished:
        second = subprocess.Popen([sys.executable, "-c", code, name])
    first.close()
    assert second.wait(10) == 0
    assert wished.args == [Wish(quick=True, files=["/ñ.txt"])]


def test_only_one_copy_holds_the_claim_and_its_end_gives_it_free(qapp, home):
    first, second = Claim(home.socket_name), Claim(home.socket_name)
    assert (first.granted, second.granted) == (True, False)
    first.close()
    third = Claim(home.socket_name)
    assert third.granted
    third.close()


def test_a_wish_waits_for_a_first_copy_that_is_about_to_listen(qtbot, home):
    code = (
        "import sys; from lumbre.frontends.gui.local_socket import Wish, hand_over;"
        "print('trying', flush=True); sys.exit(not hand_over(sys.argv[1], Wish()))"
    )
    second = subprocess.Popen([sys.executable, "-c", code, home.socket_name], stdout=subprocess.PIPE, text=True)
    assert second.stdout.readline() == "trying\n"
    first = FirstCopy(home.socket_name)
    with qtbot.waitSignal(first.wished):
        pass
    assert second.wait(10) == 0
    second.stdout.close()
    first.close()


def test_the_first_copy_heeds_the_wish_for_the_quick_window(qtbot, program):
    program.heed(Wish(quick=True))
    assert program.quick.isVisible()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_idle_window_in_order(tmp_path, number):
    program = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "open\n"
    program.send_signal(number)
    out, _ = program.communicate(timeout=20)
    assert (out, program.returncode) == ("closed\n", 0)


RUN = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from scripted import ScriptedAssistant
from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.frontends.gui.app import run

class Told(ScriptedAssistant):
    def subscribe(self, tell):
        print("open", flush=True)

    def close(self):
        print("closed", flush=True)

sys.exit(run(lambda ask: Told(), Home(Path(sys.argv[1])), Settings()))
"""
