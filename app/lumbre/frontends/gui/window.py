"""The main window: rail, header, pages made when first opened, notices, and the drop target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize, QTimer, Signal
from PySide6.QtWidgets import QFrame, QMainWindow, QStackedWidget, QWidget

from lumbre.core.paths import Home
from lumbre.frontends.gui.controls import column, row
from lumbre.frontends.gui.drop import DropTarget
from lumbre.frontends.gui.opening import MakeAssistant, OpeningPage
from lumbre.frontends.gui.pump import Pump
from lumbre.frontends.gui.rail import Rail
from lumbre.frontends.gui.theme import UNIT, Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QPaintEvent

    from lumbre.frontends.gui.notices import Notices
    from lumbre.frontends.gui.session import Session


class Window(DropTarget, QMainWindow):
    """The shell. Until `attach` gives it a session it shows the opening page.

    Signals: close_asked(): the person closed the window; whoever listens decides whether to hide or to quit.
    painted(): it is on the screen for the first time.
    """

    close_asked = Signal()
    painted = Signal()

    def __init__(self, theme: Theme, pump: Pump, home: Home, make_assistant: MakeAssistant) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setWindowTitle("Lumbre")
        self.setMinimumSize(UNIT * 90, UNIT * 60)
        self.setAcceptDrops(True)
        self._theme = theme
        self._home = home
        self._waiting: list[Path] = []
        self._was_painted = False
        self.session: Session | None = None
        self.pages: dict[str, QWidget] = {}
        self.opening: OpeningPage = OpeningPage(theme, pump, make_assistant)
        self._build(self.opening)
        self._restore()

    # --- building ---

    def _build(self, first: QWidget) -> None:
        body = QWidget()
        body.setObjectName("page")
        self._body = body
        self.setCentralWidget(body)
        line = row(body, gap=0)
        self.rail = Rail(self._theme)
        self.rail.chosen.connect(self.open_page)
        line.addWidget(self.rail)
        right = column(gap=0)
        line.addLayout(right, 1)
        self._right = right
        self.header: QFrame = QFrame()
        self.header.setObjectName("header")
        self.header.setFixedHeight(UNIT * 7)
        right.addWidget(self.header)
        self.stack = QStackedWidget()
        self.stack.addWidget(first)
        right.addWidget(self.stack, 1)
        self._notices: Notices | None = None
        self.veil = None
        self.rail.show_page("chat")
        self.rail.setEnabled(self.session is not None)

    def attach(self, session: Session, page: str = "chat") -> None:
        """Show the pages of an open library, starting with `page`."""
        from lumbre.frontends.gui.header import Header

        again = self.session is not None
        self.session = session
        self._theme = session.theme
        if again:
            self.pages.clear()
            self._build(QWidget())
        header = Header(session)
        self._right.replaceWidget(self.header, header)
        self.header.deleteLater()
        self.header = header
        self.rail.setEnabled(True)
        if not again:
            session.page_wanted.connect(self.open_page)
            session.noticed.connect(lambda notice: self.notices.show(notice))
        self.open_page(page)
        if self._waiting:
            session.add(self._waiting)
            self._waiting = []

    def open_page(self, name: str) -> None:
        """Bring a page to the front, making it when it is opened for the first time."""
        if self.session is None:
            return
        if name not in self.pages:
            self.pages[name] = page_maker(name)(self.session)
            self.stack.addWidget(self.pages[name])
        self.stack.setCurrentWidget(self.pages[name])
        self.rail.show_page(name)
        self.pages[name].setFocus()

    @property
    def current_page(self) -> str:
        """Name of the page in front."""
        current = self.stack.currentWidget()
        return next((name for name, page in self.pages.items() if page is current), "chat")

    @property
    def notices(self) -> Notices:
        """The messages at the foot of the window."""
        if self._notices is None:
            from lumbre.frontends.gui.notices import Notices

            self._notices = Notices(self._body)
        return self._notices

    # --- files ---

    def cover(self) -> None:
        """Say over the whole window what a drop will do."""
        if self.veil is None:
            from lumbre.frontends.gui.veil import Veil

            self.veil = Veil(self._body, self._theme)
        self.veil.cover(self._collection_in_view)

    def take_paths(self, paths: list[Path]) -> None:
        """Add files and folders to the library; before it is open they wait."""
        if self.session is None:
            self._waiting.extend(paths)
            return
        self.session.add(paths, self._collection_in_view)
        self.open_page("library")

    @property
    def _collection_in_view(self) -> str | None:
        """The collection on the library page when that is in front."""
        return self.session.in_view if self.session is not None and self.current_page == "library" else None

    # --- coming and going ---

    def raise_up(self) -> None:
        """Show it in front of everything."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            # Its children paint in this turn of the loop; whatever follows waits for them.
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        event.ignore()
        self.close_asked.emit()

    def opening_abandoned(self) -> None:
        """Let a thread go that waits for a passphrase."""
        if self.session is None:
            self.opening.abandon()

    def remember(self) -> None:
        """Keep the size and place of the window."""
        if self._home.root.is_dir():
            self._state().setValue("geometry", self.saveGeometry())

    def _restore(self) -> None:
        kept = self._state().value("geometry") if self._home.root.is_dir() else None
        if not (isinstance(kept, QByteArray) and self.restoreGeometry(kept)):
            room = self.screen().availableSize() - QSize(UNIT * 4, UNIT * 8)
            self.resize(QSize(UNIT * 160, UNIT * 100).boundedTo(room))

    def _state(self) -> QSettings:
        return QSettings(str(self._home.root / "window.ini"), QSettings.Format.IniFormat)


def page_maker(name: str) -> Callable[[Session], QWidget]:
    """The class of a page, imported when it is first opened."""
    if name == "library":
        from lumbre.frontends.gui.library_page import LibraryPage

        return LibraryPage
    if name == "models":
        from lumbre.frontends.gui.models_page import ModelsPage

        return ModelsPage
    if name == "privacy":
        from lumbre.frontends.gui.privacy_page import PrivacyPage

        return PrivacyPage
    if name == "settings":
        from lumbre.frontends.gui.settings_page import SettingsPage

        return SettingsPage
    from lumbre.frontends.gui.chat_page import ChatPage

    return ChatPage
