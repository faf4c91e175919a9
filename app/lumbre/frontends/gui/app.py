"""The window's front door: one copy per home, painted first, opened after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from lumbre.core.paths import Home, resources_dir
from lumbre.core.settings import Settings
from lumbre.frontends.gui import theme, translation
from lumbre.frontends.gui.opening import MakeAssistant
from lumbre.frontends.gui.pump import Pump
from lumbre.frontends.gui.signals import EndOnSignals
from lumbre.frontends.gui.single import Claim, Wish, paths
from lumbre.frontends.gui.window import Window

if TYPE_CHECKING:
    from lumbre.assistant.assistant import Assistant
    from lumbre.core.documents import Passage
    from lumbre.frontends.gui.local_socket import FirstCopy
    from lumbre.frontends.gui.quick import QuickWindow
    from lumbre.frontends.gui.session import Session
    from lumbre.frontends.gui.tray import Tray


PAINT_MS = 1500
"""How long the library waits for the window to be painted."""


class Program(QObject):
    """The window, the tray and the quick window of one home, from opening to quitting."""

    def __init__(self, app: QApplication, make_assistant: MakeAssistant, home: Home, settings: Settings) -> None:
        super().__init__()
        self._app = app
        self._home = home
        self._settings = settings
        self._wants_quick = False
        self._first: FirstCopy | None = None
        self.pump = Pump()
        self.session: Session | None = None
        self.tray: Tray | None = None
        self.quick: QuickWindow | None = None
        translation.install(settings.interface_language())
        self._theme = theme.choose(settings.theme)
        theme.apply(app, self._theme)
        self.window = Window(self._theme, self.pump, home, make_assistant)
        self.window.opening.opened.connect(self._opened)
        self.window.close_asked.connect(self._close_asked)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self._redress())

    def start(self, wish: Wish) -> None:
        """Show what was wished for; once it is painted, listen for later starts and open the library."""
        self.window.painted.connect(self._begin)
        # A window that starts covered or on another desktop may not be painted for hours.
        QTimer.singleShot(PAINT_MS, self._begin)
        self.heed(wish)

    def _begin(self) -> None:
        if self._first is not None:
            return
        # Imported now, because the network's library takes as long to load as the window takes to paint.
        from lumbre.frontends.gui.local_socket import FirstCopy

        self._first = FirstCopy(self._home.socket_name)
        self._first.wished.connect(self.heed)
        self.window.opening.start()

    def heed(self, wish: Wish) -> None:
        """Do what this or a later start asks for."""
        if wish.files:
            self.window.take_paths(paths(wish))
        if not wish.quick:
            self.window.raise_up()
        elif self.session is None:
            # A passphrase may be needed, and that is asked in the main window.
            self._wants_quick = True
            self.window.raise_up()
        else:
            self.toggle_quick()

    # --- once the library is open ---

    def _opened(self, assistant: Assistant) -> None:
        from lumbre.frontends.gui.session import Session

        self.session = Session(assistant, self.pump, self._home, self._theme)
        self.session.settings_changed.connect(self._apply)
        self.window.attach(self.session)
        self._make_tray()
        self.session.resume()
        self.session.watch()
        if self._wants_quick:
            self._wants_quick = False
            self.toggle_quick()

    def _make_tray(self) -> None:
        from PySide6.QtWidgets import QSystemTrayIcon

        from lumbre.frontends.gui.tray import Tray

        if self.session is None or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self.tray is not None:
            self.tray.hide()
        self.tray = Tray(app_icon(), self.session, self.window.raise_up, self.toggle_quick, self.end)
        self.tray.show()

    def toggle_quick(self) -> None:
        """Show or hide the quick window."""
        if self.session is None:
            return
        if self.quick is None:
            from lumbre.frontends.gui.quick import QuickWindow

            self.quick = QuickWindow(self.session)
            self.quick.carried.connect(self._carried)
            self.quick.shown.connect(self._shown)
        self.quick.toggle()

    def _carried(self, conversation_id: int) -> None:
        if self.session is not None:
            self.window.open_page("chat")
            self.session.conversation_wanted.emit(conversation_id)
            self.window.raise_up()

    def _shown(self, passages: list[Passage], number: int) -> None:
        from lumbre.frontends.gui.chat_page import ChatPage

        self.window.open_page("chat")
        page = self.window.pages["chat"]
        assert isinstance(page, ChatPage)
        passage = passages[number - 1]
        page.show_source(passages, number, [(passage.start, passage.end)])
        self.window.raise_up()

    # --- settings ---

    def _apply(self, settings: Settings) -> None:
        old, self._settings = self._settings, settings
        if settings.interface_language() != old.interface_language():
            translation.install(settings.interface_language())
            self._redress()
        elif settings.theme != old.theme:
            self._redress()

    def _redress(self) -> None:
        """Build everything visible anew: pages mirror the assistant, so nothing is lost and no word is left behind."""
        self._theme = theme.choose(self._settings.theme)
        theme.apply(self._app, self._theme)
        if self.session is None:
            return
        self.session.theme = self._theme
        self.window.attach(self.session, self.window.current_page)
        if self.quick is not None:
            self.quick.close()
            self.quick.deleteLater()
            self.quick = None
        self._make_tray()

    # --- the end ---

    def _close_asked(self) -> None:
        if self.session is not None and self.tray is not None and not self._settings.close_asked:
            self._ask_about_closing(self.session)
        if self._settings.close_to_tray and self.tray is not None and self.session is not None:
            self.window.hide()
        else:
            self.end()

    def _ask_about_closing(self, session: Session) -> None:
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self.window)
        box.setText(self.tr("Keep Lumbre in the tray when its window is closed?"))
        box.setInformativeText(self.tr("It stays at hand for quick questions. You can change this in the settings."))
        stay = box.addButton(self.tr("Stay in the tray"), QMessageBox.ButtonRole.YesRole)
        box.addButton(self.tr("Quit"), QMessageBox.ButtonRole.NoRole)
        box.exec()
        kept = msgspec.structs.replace(self._settings, close_asked=True, close_to_tray=box.clickedButton() is stay)
        self._settings = kept
        session.change(kept)

    def end(self) -> None:
        """Leave the screen at once, then close the library and quit."""
        self.window.notices.dismiss()
        self.window.opening_abandoned()
        for shown in (self.window, self.quick, self.tray):
            if shown is not None:
                shown.hide()
        self._app.quit()

    def close(self) -> None:
        """Close the library, after the event loop has ended."""
        if self._first is not None:
            self._first.close()
        self.pump.close()
        if self.session is not None:
            self.session.assistant.close()


def app_icon() -> QIcon:
    """The ember."""
    return QIcon(str(resources_dir() / "icons" / "lumbre.svg"))


def application() -> QApplication:
    """The one QApplication, named so that desktops recognise it."""
    existing = QApplication.instance()
    # Named as an argument, the style is set without building Python's view of it, which takes as long as a window.
    app = existing if isinstance(existing, QApplication) else QApplication(["lumbre", "-style", "fusion"])
    app.setApplicationName("Lumbre")
    app.setDesktopFileName("lumbre")
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(app_icon())
    return app


def run(
    make_assistant: MakeAssistant,
    home: Home,
    settings: Settings,
    quick: bool = False,
    files: list[Path] | None = None,
) -> int:
    """Show the window until the person quits; 0, also when a first copy took over.

    `make_assistant(ask_passphrase)` runs in a thread after the window is painted; `ask_passphrase(new)` blocks that
    thread until the person has typed one, and raises PassphraseNeeded when they decline.
    """
    app = application()
    wish = Wish(quick=quick, files=[str(Path(file).absolute()) for file in files or []])
    claim = Claim(home.socket_name)
    if not claim.granted and _taken(home, wish):
        return 0
    program = Program(app, make_assistant, home, settings)
    signals = EndOnSignals(program.end)
    program.start(wish)
    try:
        app.exec()
    finally:
        signals.close()
        program.close()
        claim.close()
    return 0


def _taken(home: Home, wish: Wish) -> bool:
    from lumbre.frontends.gui.local_socket import hand_over

    return hand_over(home.socket_name, wish)
