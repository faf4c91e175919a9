"""The file of a passage handed to the system: to its own program or to its folder's window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from PySide6.QtCore import QCoreApplication, QObject, QUrl
from PySide6.QtGui import QDesktopServices

from lumbre.core.documents import Passage
from lumbre.core.errors import FileVanished
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.session import Session

translate = QCoreApplication.translate


def hand_over(session: Session, owner: QObject, passage: Passage, which: Callable[[Path], Path]) -> None:
    """Open what `which` makes of the file that holds a passage; say so when the file is gone or nothing opens it."""

    def got(file: Path) -> None:
        wanted = which(file)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(wanted))):
            words = translate("handing_over", "This system has no program to open “{name}” with.")
            session.noticed.emit(Notice(words.format(name=wanted.name)))

    def failed(error: Exception) -> None:
        if not isinstance(error, FileVanished):
            session.report(error)
            return
        gone = translate("handing_over", "“{name}” is no longer there.").format(name=PurePath(passage.path).name)
        kept = translate("handing_over", "Its text is kept in the library and shown here.")
        session.noticed.emit(Notice(gone, kept))

    session.run(owner, lambda: session.assistant.source_file(passage), got, failed)
