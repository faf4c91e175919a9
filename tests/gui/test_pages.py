"""Models, privacy and settings: what they show is what the assistant says, what they do is one of its verbs."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from scripted import ScriptedAssistant

from lumbre.core.errors import LedgerBroken
from lumbre.core.settings import Settings
from lumbre.frontends.gui.models_page import STARTER
from lumbre.frontends.gui.settings_page import HIDDEN

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def models(qtbot, page):
    made = page("models")
    qtbot.waitUntil(lambda: len(made.cards) == 4)
    return made


def test_a_model_is_loaded_and_the_header_says_what_runs(qtbot, window, models, assistant):
    card = models.cards["qwen-1.5b"]
    qtbot.mouseClick(card.load, LEFT)
    qtbot.waitUntil(lambda: window.header.model.text().strip() == "Qwen2.5 1.5B Instruct · CPU")
    qtbot.waitUntil(lambda: card.badge.text() == "Loaded")
    qtbot.mouseClick(card.unload, LEFT)
    qtbot.waitUntil(lambda: window.header.model.text().strip() == "No model loaded")
    assert ("unload",) in assistant.calls


def test_cards_say_what_fits_and_how_fast(models):
    assert models.cards["qwen-1.5b"].fit.text() == "Fits this machine · reads 1,000 tokens in 6 s here, measured"
    assert "needs 21.0 GB of memory" in models.cards["large-32b"].fit.text()
    assert models.cards["qwen-0.5b"].good_for.text() == "Quick answers on any machine."


def test_the_starter_set_is_the_one_clear_action_and_shows_its_progress(qtbot, make_program):
    assistant = ScriptedAssistant(ready=False)
    assistant.gate.clear()
    program = make_program(assistant)
    program.window.open_page("models")
    page = program.window.pages["models"]
    qtbot.waitUntil(lambda: page.starter.isVisible())
    qtbot.mouseClick(page.fetch_starter, LEFT)
    qtbot.waitUntil(lambda: "243.6 MB of 609.0 MB" in page.starter_line.words.text())
    qtbot.waitUntil(lambda: "Downloading a model 40 % · 0 bytes sent" in program.window.header.door.text())
    assistant.gate.set()
    qtbot.waitUntil(lambda: STARTER not in program.session.downloads)
    qtbot.waitUntil(lambda: not page.starter.isVisible())
    qtbot.waitUntil(lambda: program.window.pages["chat"].composer.line.isVisibleTo(program.window.pages["chat"]))
    qtbot.waitUntil(lambda: "Nothing can leave · 0 bytes sent" in program.window.header.door.text())


def test_a_download_can_be_stopped(qtbot, make_program):
    assistant = ScriptedAssistant(ready=False)
    assistant.gate.clear()
    program = make_program(assistant)
    program.window.open_page("models")
    page = program.window.pages["models"]
    qtbot.waitUntil(lambda: len(page.cards) == 4)
    card = page.cards["qwen-1.5b"]
    qtbot.mouseClick(card.fetch, LEFT)
    qtbot.waitUntil(lambda: not card.line.isHidden() and card.fetch.isHidden())
    card.line._stop()
    qtbot.waitUntil(lambda: not program.session.downloads)
    assert assistant.jobs[-1].cancelled
    assert not card.fetch.isHidden()


def test_files_are_verified_on_demand(qtbot, models, window):
    qtbot.mouseClick(models.verify, LEFT)
    qtbot.waitUntil(lambda: window.notices._frame is not None)
    assert models.verify.isEnabled()
    text = " ".join(label.text() for label in window.notices._frame.findChildren(QLabel))
    assert "Every file is the published one: 3 models checked." in text


def test_the_meter_and_the_ledger(qtbot, page):
    privacy = page("privacy")
    qtbot.waitUntil(lambda: privacy.meter.text() == "0 bytes")
    assert privacy.model.rowCount() == 4
    assert privacy.door.text() == "The door is closed. Nothing can leave."
    qtbot.mouseClick(privacy.verify, LEFT)
    qtbot.waitUntil(lambda: privacy.result.text() == "The ledger is whole: 4 entries checked.")


def test_a_broken_ledger_is_said_plainly(qtbot, page, assistant):
    privacy = page("privacy")
    assistant.error = LedgerBroken(entry=2)
    qtbot.mouseClick(privacy.verify, LEFT)
    qtbot.waitUntil(lambda: "changed at entry 2" in privacy.result.text())
    assert privacy.result.property("role") == "bad"


def test_every_setting_has_a_control_with_words(page):
    settings = page("settings")
    fields = {field.name for field in msgspec.structs.fields(Settings)}
    assert settings.controls.keys() == fields - HIDDEN
    assert settings.words().keys() == fields - HIDDEN


def test_a_change_is_kept_at_once(qtbot, page, assistant):
    settings = page("settings")
    settings.controls["passages"].setValue(9)
    settings.controls["temperature"].setValue(0.5)
    qtbot.mouseClick(settings.controls["close_to_tray"], LEFT)
    qtbot.waitUntil(lambda: assistant.settings.passages == 9)
    qtbot.waitUntil(lambda: assistant.settings.close_to_tray and assistant.settings.temperature == 0.5)


def choose(box, value):
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_the_language_changes_while_a_draft_and_the_page_stay(qtbot, page, window, program):
    chat = window.pages["chat"]
    qtbot.keyClicks(chat.composer.line, "half a question")
    choose(page("settings").controls["language"], "es")
    qtbot.waitUntil(lambda: window.rail.buttons["library"].text() == "Biblioteca")
    assert window.current_page == "settings"
    window.open_page("chat")
    assert window.pages["chat"].composer.line.toPlainText() == "half a question"
    choose_again = window.pages["settings"].controls["language"]
    choose(choose_again, "en")
    qtbot.waitUntil(lambda: window.rail.buttons["library"].text() == "Library")


def test_the_theme_changes_at_once(qtbot, page, window, program, qapp):
    choose(page("settings").controls["theme"], "dark")
    qtbot.waitUntil(lambda: program.session.theme.dark)
    assert window.grab().toImage().pixelColor(400, 20).lightness() < 60


def test_ctrl_and_a_number_open_the_pages(qtbot, window):
    window.activateWindow()
    for number, name in enumerate(("chat", "library", "models", "privacy", "settings"), 1):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.current_page == name
    assert window.rail.buttons["settings"].isChecked()
