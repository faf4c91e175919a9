"""The icon in the system tray, where the desktop has one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from lumbre.frontends.gui.session import Session


class Tray(QSystemTrayIcon):
    """Opens the window by click, and everything else by menu."""

    def __init__(
        self,
        icon: QIcon,
        session: Session,
        open_window: Callable[[], None],
        quick: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
        super().__init__(icon)
        self._session = session
        self.setToolTip("Lumbre")
        self.menu = QMenu()
        self.menu.addAction(self.tr("Open Lumbre")).triggered.connect(lambda: open_window())
        self.menu.addAction(self.tr("Quick question")).triggered.connect(lambda: quick())
        self.menu.addSeparator()
        self.pause = self.menu.addAction("")
        self.pause.triggered.connect(self._toggle)
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Quit")).triggered.connect(lambda: end())
        self.menu.aboutToShow.connect(self._refresh)
        self.setContextMenu(self.menu)
        self.activated.connect(lambda why: open_window() if why == self.ActivationReason.Trigger else None)
        self._refresh()

    def _refresh(self) -> None:
        paused = self._session.assistant.indexing_paused
        self.pause.setText(self.tr("Go on reading documents") if paused else self.tr("Pause reading documents"))

    def _toggle(self) -> None:
        assistant = self._session.assistant
        work = assistant.resume_indexing if assistant.indexing_paused else assistant.pause_indexing
        self._session.run(self._session, work)
