"""Spanish is whole, and every control has a name in both languages."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
)
from scripted import PASSAGES, SECOND

from lumbre.frontends.gui import texts, translation
from lumbre.frontends.gui.rail import PAGES

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QProgressBar, QTextEdit,
)  # fmt: skip


def messages(path: Path) -> dict[tuple[str, str], ElementTree.Element]:
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            found[context.findtext("name"), message.findtext("source")] = message.find("translation")
    return found


def test_no_entry_is_unfinished():
    entries = messages(translation.source("es"))
    assert entries
    unfinished = [key for key, entry in entries.items() if entry.get("type") or not (entry.text or "").strip()]
    assert not unfinished


def test_placeholders_are_the_same_in_both_languages():
    holes = re.compile(r"\{\w+\}")
    for (_, source), entry in messages(translation.source("es")).items():
        assert sorted(holes.findall(source)) == sorted(holes.findall(entry.text)), source


def test_the_file_holds_every_text_of_the_code(tmp_path):
    tool = Path(sys.executable).with_name("pyside6-lupdate")
    fresh = tmp_path / "fresh.ts"
    sources = sorted(Path(texts.__file__).parent.glob("*.py"))
    subprocess.run([tool, "-silent", "-locations", "none", *sources, "-ts", fresh], check=True)
    assert messages(fresh).keys() == messages(translation.source("es")).keys()


def test_it_is_compiled_when_older_than_its_source(qapp, tmp_path, monkeypatch):
    ts = tmp_path / "lumbre_es.ts"
    ts.write_text(translation.source("es").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(translation, "source", lambda language: ts)
    made = translation.compiled("es")
    assert made == tmp_path / "lumbre_es.qm"
    assert made.stat().st_size > 10_000


def test_numbers_and_sizes_follow_the_language(qapp):
    translation.install("es")
    assert (texts.size(1_120_000_000), texts.number(17.3, 1)) == ("1,1 GB", "17,3")
    translation.install("en")
    assert (texts.size(1_120_000_000), texts.number(17.3, 1)) == ("1.1 GB", "17.3")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_control_has_an_accessible_name(qtbot, make_program, assistant, language):
    window = make_program(assistant, language=language).window
    nameless = []
    for name in PAGES:
        window.open_page(name)
        if name == "chat":
            window.pages[name].open_conversation(7)
            window.pages[name].show_source(PASSAGES, 2, [SECOND])
        qtbot.wait_until(lambda: not window.session.pump._queue)
        nameless += [f"{name}: {control}" for control in controls(window) if not is_named(control)]
    assert not nameless


def controls(window) -> list:
    return [control for kind in CONTROLS for control in window.findChildren(kind)]


def is_named(control) -> bool:
    inner = isinstance(control.parentWidget(), (QAbstractSpinBox, QComboBox, QLineEdit))
    furniture = control.objectName().startswith("qt_") or type(control).__name__ in (
        "QTableCornerButton",
        "QHeaderView",
    )
    shown = control.isVisible() or isinstance(control, QAbstractButton)
    if inner or furniture or not shown or control.metaObject().className() in ("QTableCornerButton", "QHeaderView"):
        return True
    return bool(QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name).strip())


def test_no_spanish_label_is_cut_off_in_a_small_window(qtbot, make_program, assistant):
    window = make_program(assistant, language="es").window
    window.resize(900, 600)
    cut = []
    for name in PAGES:
        window.open_page(name)
        qtbot.wait_until(lambda: not window.session.pump._queue)
        cut += [
            f"{name}: {button.text()} {button.width()} < {button.sizeHint().width()}"
            for button in window.findChildren(QAbstractButton)
            if button.isVisible() and button.text() and button.width() < button.minimumSizeHint().width()
        ]
    assert not cut
