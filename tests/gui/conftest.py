"""The window over a scripted assistant, offscreen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from lumbre.core.paths import Home
from lumbre.frontends.gui import translation
from lumbre.frontends.gui.app import Program, application
from lumbre.frontends.gui.single import Wish

# Tests are imported by path, so what they share must be found by name.
sys.path.insert(0, str(Path(__file__).parent))

from scripted import ScriptedAssistant

MakeProgram = Callable[..., Program]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The offscreen platform cannot raise windows, and says so each time.
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    # The one QApplication outlives every test, so it is made before a test has a system of its own.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return application()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def make_program(qtbot, qapp: QApplication, home: Home) -> Iterator[MakeProgram]:
    """Starts the window over an assistant and waits until its pages are there."""
    made: list[tuple[Program, ScriptedAssistant]] = []

    def make(assistant: ScriptedAssistant, **settings: object) -> Program:
        assistant.kept_settings = msgspec.structs.replace(assistant.kept_settings, theme="light", **settings)
        program = Program(qapp, lambda ask: assistant, home, assistant.kept_settings)
        made.append((program, assistant))
        program.start(Wish())
        qtbot.waitUntil(lambda: "chat" in program.window.pages)
        return program

    yield make
    for program, assistant in made:
        assistant.gate.set()
        for job in assistant.jobs:
            job.wait(5)
        program.window.notices.dismiss()
        program.close()
        for widget in (program.window, program.quick):
            if widget is not None:
                widget.hide()
                widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    translation.install("en")


@pytest.fixture
def program(make_program: MakeProgram, assistant: ScriptedAssistant) -> Program:
    return make_program(assistant)


@pytest.fixture
def window(program: Program):
    return program.window


@pytest.fixture
def chat(window):
    return window.pages["chat"]


@pytest.fixture
def page(window) -> Callable[[str], object]:
    def open_page(name: str) -> object:
        window.open_page(name)
        return window.pages[name]

    return open_page
