"""Files and folders dropped anywhere on the window go into the library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

    from lumbre.frontends.gui.veil import Veil


def dropped(data: QMimeData) -> list[Path]:
    """The local files and folders among what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropTarget:
    """Mixed into a window: accepts drops of files, shows the veil, and hands the paths on."""

    veil: Veil | None
    cover: Callable[[], None]
    take_paths: Callable[[list[Path]], None]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event.mimeData()):
            event.acceptProposedAction()
            self.cover()

    def dragLeaveEvent(self, _: QDragLeaveEvent) -> None:
        self._uncover()

    def dropEvent(self, event: QDropEvent) -> None:
        self._uncover()
        paths = dropped(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.take_paths(paths)

    def _uncover(self) -> None:
        if self.veil is not None:
            self.veil.hide()
