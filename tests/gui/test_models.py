"""Qt models: sound by Qt's own measure, and mirrors of what they were given."""

import time

import msgspec
import pytest
from PySide6.QtCore import Qt
from scripted import ScriptedAssistant, file_entry

from lumbre.core.chat import ConversationEntry
from lumbre.frontends.gui.models import ConversationModel, FileFilter, FileModel, LedgerModel, reason


@pytest.fixture
def files(qapp):
    model = FileModel()
    model.show_entries([file_entry(at) for at in range(12)])
    return model


def column(model, number):
    return [model.index(row, number).data() for row in range(model.rowCount())]


def test_models_are_sound(qtmodeltester, files):
    qtmodeltester.check(files)
    conversations = ConversationModel()
    conversations.show_entries([ConversationEntry(1, "One", time.time()), ConversationEntry(2, "Two", 0.0)])
    qtmodeltester.check(conversations)
    ledger = LedgerModel()
    ledger.show_entries(ScriptedAssistant().ledger())
    qtmodeltester.check(ledger)
    chosen = FileFilter()
    chosen.setSourceModel(files)
    qtmodeltester.check(chosen)


def test_changed_files_replace_their_row_and_new_ones_come_last(files, qtbot):
    changed = msgspec.structs.replace(file_entry(4), state="done")
    with qtbot.waitSignals([files.dataChanged, files.rowsInserted]):
        files.take([changed, file_entry(99)])
    assert files.rowCount() == 13
    assert column(files, FileModel.STATE)[4] == "Ready"
    assert column(files, FileModel.NAME)[-1].startswith("0099")


def test_thousands_of_changes_are_quick_to_look_up(files):
    many = [file_entry(at) for at in range(5000)]
    files.take(many)
    files.take(many)
    assert files.rowCount() == 5000


def test_the_filter_wants_every_word_of_the_path(files):
    chosen = FileFilter()
    chosen.setSourceModel(files)
    chosen.look_for("NOTAS informe")
    assert column(chosen, FileModel.NAME) == ["0001 Informe anual.docx", "0007 Informe anual.docx"]


def test_states_sort_by_how_far_they_have_come(files):
    chosen = FileFilter()
    chosen.setSourceModel(files)
    chosen.sort(FileModel.STATE)
    assert column(chosen, FileModel.STATE)[0] == "Reading"
    assert column(chosen, FileModel.STATE)[-1] == "Ready"


def test_a_set_aside_file_says_why_and_what_to_do():
    sentence, hint = reason(file_entry(5))
    assert sentence == "The document is protected by a password."
    assert hint


def test_renaming_asks_and_ignores_empty_titles(qapp):
    model, asked = ConversationModel(), []
    model.show_entries([ConversationEntry(1, "One", 0.0)])
    model.renamed.connect(lambda *what: asked.append(what))
    assert not model.setData(model.index(0), "  ", Qt.ItemDataRole.EditRole)
    assert model.setData(model.index(0), "Dos", Qt.ItemDataRole.EditRole)
    assert asked == [(1, "Dos")]


def test_the_ledger_shows_the_newest_first_and_outcomes_in_words(qapp):
    model = LedgerModel()
    model.show_entries(ScriptedAssistant().ledger())
    assert column(model, 1)[0] == "model-4.gguf"
    assert column(model, 5) == ["Finished", "Finished", "Stopped", "Finished"]
