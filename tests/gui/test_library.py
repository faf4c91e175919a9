"""The library in the window: drops, states, reasons, progress, pause."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QPushButton
from scripted import ScriptedAssistant, file_entry

from lumbre.core.documents import LibraryCounts
from lumbre.core.events import FileChanged, IndexProgress
from lumbre.frontends.gui.file_model import FileModel

MIDDLE = QPointF(300, 300)


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def choose(qtbot, library, name):
    """Click on the row of a file."""
    qtbot.waitUntil(lambda: library.model.rowCount() > 0)
    rows = [library.model.index(row, FileModel.NAME) for row in range(library.model.rowCount())]
    index = next(index for index in rows if name in index.data())
    qtbot.mouseClick(library.table.viewport(), Qt.MouseButton.LeftButton, pos=library.table.visualRect(index).center())


def test_files_and_folders_dropped_anywhere_are_added(qtbot, window, assistant, tmp_path):
    paths = [tmp_path / "año nuevo.txt", tmp_path]
    action, button, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data = mime(*paths)
    window.dragEnterEvent(QDragEnterEvent(MIDDLE.toPoint(), action, data, button, plain))
    assert window.veil.isVisible()
    window.dropEvent(QDropEvent(MIDDLE, action, data, button, plain))
    assert window.veil.isHidden()
    qtbot.waitUntil(lambda: any(call[0] == "add" for call in assistant.calls))
    assert assistant.calls[0][1] == paths
    assert window.current_page == "library"


def test_what_is_no_file_is_not_taken(window):
    data = QMimeData()
    data.setText("just words")
    event = QDragEnterEvent(
        MIDDLE.toPoint(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dragEnterEvent(event)
    assert window.veil is None


def test_a_set_aside_file_shows_its_reason_and_is_read_again(qtbot, page, assistant):
    library = page("library")
    choose(qtbot, library, "escaneo")
    assert library.detail.reason.text() == "The document is protected by a password."
    assert library.detail.hint.isVisible()
    qtbot.mouseClick(library.detail.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("retry", Path(file_entry(5).path)) in assistant.calls)


def test_reasons_speak_the_language_of_the_window(qtbot, make_program, assistant):
    program = make_program(assistant, language="es")
    program.window.open_page("library")
    library = program.window.pages["library"]
    choose(qtbot, library, "escaneo")
    assert library.detail.reason.text() == "El documento está protegido con contraseña."


def test_a_file_is_taken_out_and_can_come_back(qtbot, page, assistant, window):
    library = page("library")
    choose(qtbot, library, "copias")
    path = Path(file_entry(2).path)
    library._remove()
    qtbot.waitUntil(lambda: ("remove", [path]) in assistant.calls)
    qtbot.waitUntil(lambda: library.model.rowCount() == 5)
    undo = next(button for button in window.findChildren(QPushButton) if button.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(call[0] == "add" and call[1] == [path] for call in assistant.calls))


def test_the_filter_box_narrows_the_table(qtbot, page):
    library = page("library")
    qtbot.waitUntil(lambda: library.model.rowCount() == 6)
    qtbot.keyClicks(library.search, "informe")
    assert library.model.rowCount() == 1


def test_a_collection_narrows_the_table_and_its_privacy_is_shown(qtbot, page):
    library = page("library")
    qtbot.waitUntil(lambda: library.collections.count() == 3)
    private = library.collections.item(2)
    assert private.toolTip() == "Never leaves this device"
    qtbot.mouseClick(
        library.collections.viewport(),
        Qt.MouseButton.LeftButton,
        pos=library.collections.visualItemRect(private).center(),
    )
    qtbot.waitUntil(lambda: library.model.rowCount() == 0)


def test_progress_shows_words_and_meaning_apart_and_can_be_paused(qtbot, page, assistant):
    library = page("library")
    qtbot.waitUntil(lambda: library.strip.isVisible())
    assistant.tell(LibraryCounts(files=10, waiting=4, readable=3, done=3, chunks=1000, embedded=250))
    qtbot.waitUntil(lambda: library.strip.words.text() == "Found by words: 6 of 10 files")
    assert "250 of 1,000 pieces" in library.strip.vectors.text()
    counts = LibraryCounts(files=10, waiting=4, readable=3, done=3, chunks=1000, embedded=250)
    assistant.tell(IndexProgress(counts, chunks_per_second=40.0, seconds_left=300.0, holding="battery"))
    qtbot.waitUntil(lambda: "40 a second · about 5 min left · saving the battery" in library.strip.vectors.text())
    qtbot.mouseClick(library.strip.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: library.strip.pause.accessibleName() == "Go on reading")
    assert assistant.paused
    assert "paused" in library.strip.vectors.text()
    assistant.tell(LibraryCounts(files=10, done=10, chunks=1000, embedded=1000))
    qtbot.waitUntil(library.strip.isHidden)


def test_states_change_as_they_are_told(qtbot, page, assistant):
    library = page("library")
    qtbot.waitUntil(lambda: library.model.rowCount() == 6)
    assistant.tell(FileChanged(msgspec.structs.replace(file_entry(4), state="done")))
    row = library.model.row_of(file_entry(4).path)
    qtbot.waitUntil(lambda: library.model.index(row, FileModel.STATE).data() == "Ready")


def test_an_empty_library_offers_to_add(qtbot, make_program):
    program = make_program(ScriptedAssistant(files=0))
    program.window.open_page("library")
    library = program.window.pages["library"]
    qtbot.waitUntil(lambda: library.summary.text() == "Nothing has been added yet")
    assert library.stack.currentIndex() == 0
