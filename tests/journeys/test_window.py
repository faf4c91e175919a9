"""The window over the real assistant: passphrase, drop, question, streamed answer, the page with its words marked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtWidgets import QLabel

from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.frontends.gui.answer_view import AnswerView
from lumbre.frontends.gui.app import Program, application
from lumbre.frontends.gui.opening import PassphraseCard
from lumbre.frontends.gui.single import Wish
from lumbre.wiring import open_assistant

pytestmark = [pytest.mark.model, pytest.mark.qt_log_ignore("This plugin does not support")]
_SMALL = "qwen2.5-coder-0.5b"
_SLOW_MS = 240_000


@pytest.fixture(scope="session")
def qapp() -> Any:
    # The one QApplication outlives every test, so it is made before a test has a system of its own.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return application()


@pytest.fixture
def program(qtbot: Any, qapp: Any, home: Home, models_dir: Path) -> Iterator[Program]:
    """The window over a new library, opened with a passphrase typed twice."""
    settings = Settings(language="en", theme="light", model=_SMALL)
    home.root.mkdir(parents=True)
    home.settings.write_bytes(msgspec.toml.encode(settings))
    made = Program(qapp, lambda ask: open_assistant(home, ask), home, settings)
    made.start(Wish())
    qtbot.waitUntil(lambda: made.window.findChild(PassphraseCard) is not None, timeout=20_000)
    card = made.window.findChild(PassphraseCard)
    for line in (card.first, card.again):
        qtbot.keyClicks(line, "una frase larga de paso")
    qtbot.mouseClick(card.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "chat" in made.window.pages, timeout=20_000)
    yield made
    made.window.notices.dismiss()
    made.close()
    made.window.hide()
    made.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def drop(window: Any, folder: Path) -> None:
    """Drop a folder on the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    action, button, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(300, 300), action, data, button, plain))


def ask(qtbot: Any, chat: Any, question: str) -> AnswerView:
    """Type a question, press Enter, and wait for the whole answer."""
    qtbot.waitUntil(lambda: not chat.composer.line.isHidden(), timeout=20_000)
    qtbot.keyClicks(chat.composer.line, question)
    qtbot.keyClick(chat.composer.line, Qt.Key.Key_Return)
    view: AnswerView = chat.transcript.findChildren(AnswerView)[-1]
    qtbot.waitUntil(lambda: view.findChild(QLabel, "figures") is not None, timeout=_SLOW_MS)
    return view


def test_from_a_dropped_folder_to_the_marked_page(qtbot: Any, program: Program, folder: Path) -> None:
    window = program.window
    drop(window, folder)
    library = window.pages["library"]
    qtbot.waitUntil(lambda: library.summary.text() == "4 files · 4 ready", timeout=_SLOW_MS)
    qtbot.waitUntil(lambda: library.strip.isHidden(), timeout=20_000)
    window.open_page("chat")
    chat = window.pages["chat"]
    view = ask(qtbot, chat, "At which pressure does the safety valve of the boiler open?")
    assert "3 bar" in view.body.toPlainText()
    assert view.findChild(QLabel, "figures").text().startswith(_SMALL)
    cited = next(citation.number for sentence in view.sentences for citation in sentence.citations)
    chat.transcript.cited.emit(view.passages, cited, view._spans(cited))
    qtbot.waitUntil(lambda: chat.source.stack.currentWidget() is chat.source.area, timeout=_SLOW_MS)
    assert chat.source.title.toolTip() == f"[{cited}] boiler manual.pdf"
    assert chat.source.page_label.text() == "Page 2 of 3"
    assert is_marked(chat.source.picture)
    qtbot.waitUntil(lambda: _SMALL in window.header.model.text(), timeout=20_000)
    qtbot.waitUntil(lambda: "Nothing can leave · 0 bytes sent" in window.header.door.text(), timeout=20_000)
    assert program.session is not None
    assert [entry.messages for entry in program.session.assistant.conversations()] == [2]


def is_marked(picture: QLabel) -> bool:
    """Whether some of the page has the colour of the marker."""
    image = picture.pixmap().toImage()
    marker = QColor("#FFD98A")
    return any(
        image.pixelColor(x, y) == marker for y in range(0, image.height(), 3) for x in range(0, image.width(), 3)
    )
