"""Qt models: sound by Qt's own measure, and mirrors of what they were given."""

import time
from pathlib import PurePath

import msgspec
import pytest
from PySide6.QtCore import Qt
from scripted import ScriptedAssistant, file_entry

from lumbre.core.chat import ConversationEntry
from lumbre.core.documents import FileEntry
from lumbre.core.errors import FilterUnclear
from lumbre.frontends.gui.file_model import FileModel, reason
from lumbre.frontends.gui.models import ConversationModel, LedgerModel


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


def row(model, at):
    return model.row_of(file_entry(at).path)


def test_changed_files_replace_their_row_and_new_ones_come_soon(files, qtbot):
    before = row(files, 4)
    with qtbot.waitSignal(files.dataChanged):
        files.take([msgspec.structs.replace(file_entry(4), state="done"), file_entry(99)])
    assert column(files, FileModel.STATE)[before] == "Ready"
    qtbot.waitUntil(lambda: files.rowCount() == 13)
    assert "0099 acta.html" in column(files, FileModel.NAME)


def test_a_file_that_no_longer_fits_goes_and_one_that_fits_comes(files, qtbot):
    files.show_only(lambda file: file.state == "set-aside")
    assert files.rowCount() == 2
    files.take([
        msgspec.structs.replace(file_entry(5), state="done", code=""),
        msgspec.structs.replace(file_entry(0), state="set-aside", code="library.empty"),
    ])  # fmt: skip
    qtbot.waitUntil(lambda: row(files, 5) is None)
    assert row(files, 0) is not None


def test_thousands_of_changes_are_quick_to_look_up(files, qtbot):
    many = [file_entry(at) for at in range(5000)]
    files.take(many)
    files.take(many)
    qtbot.waitUntil(lambda: files.rowCount() == 5000)


def test_the_filter_wants_every_word_of_the_path(files):
    files.look_for("NOTAS informe")
    assert column(files, FileModel.NAME) == ["0001 Informe anual.docx", "0007 Informe anual.docx"]


LABELLED = [
    FileEntry(id=1, path="/a/Contrato de alquiler.pdf", state="done", format="pdf", tags=["urgente"],
              collections=["Casa"], modified=1_700_000_000.0),
    FileEntry(id=2, path="/a/cartas.zip", state="done", format="zip", collections=["Casa", "Trabajo"]),
    FileEntry(id=3, path="/a/cartas.zip/marzo/oferta.docx", state="done", format="docx", container="/a/cartas.zip",
              collections=["Trabajo"], modified=1_500_000_000.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("type:pdf", [1]), ("tipo:word", [3]), ("name:contra*", [1]), ("nombre:OFERTA", [3]), ("tag:URGENTE", [1]),
        ("in:trabajo", [2, 3]), ("en:casa type:pdf", [1]), ("after:2020", [1]), ("cartas tipo:docx", [3]),
        ("in:Nada", []), ("marzo", [3]),
    ],
)  # fmt: skip
def test_the_filters_of_a_question_narrow_the_files(qapp, typed, ids):
    model = FileModel()
    model.show_entries(LABELLED)
    model.look_for(typed)
    assert sorted(entry.id for entry in model.entries) == ids


def test_a_filter_that_is_unclear_is_refused_and_changes_nothing(files):
    files.look_for("informe")
    with pytest.raises(FilterUnclear):
        files.look_for("informe before:yesterday")
    assert files.rowCount() == 2


def test_files_inside_others_stand_below_them_by_their_name(qapp):
    model = FileModel()
    model.show_entries(LABELLED[::-1])
    assert column(model, FileModel.NAME) == ["cartas.zip", "cartas.zip › marzo/oferta.docx", "Contrato de alquiler.pdf"]
    assert column(model, FileModel.FOLDER) == [str(PurePath("/a"))] * 3
    assert column(model, FileModel.LABELS)[2] == "#urgente · Casa"


@pytest.mark.parametrize("number", range(6))
def test_every_column_sorts_both_ways(files, number):
    files.sort(number, Qt.SortOrder.AscendingOrder)
    up = [entry.path for entry in files.entries]
    files.sort(number, Qt.SortOrder.DescendingOrder)
    assert [entry.path for entry in files.entries] == up[::-1]


def test_states_sort_by_how_far_they_have_come(files):
    files.sort(FileModel.STATE)
    assert column(files, FileModel.STATE)[0] == "Reading"
    assert column(files, FileModel.STATE)[-1] == "Ready"


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
