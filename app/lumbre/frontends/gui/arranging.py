"""What a person does to collections and tags: asks for a name where one is needed, and says what was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from lumbre.core.documents import Collection, FileEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.notices import Notice
from lumbre.frontends.gui.session import Scope, Session


class Arrange(QObject):
    """The verbs of arranging for one page; `done` is called when something was changed."""

    def __init__(self, session: Session, page: QWidget, done: Callable[[], None]) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._done = done

    def make(self, view: Callable[[str], None]) -> None:
        """Make a collection and have it viewed."""
        name = self._ask_name(self.tr("New collection"), self.tr("Name of the collection"), "")
        if name:
            make = self._session.assistant.new_collection
            self._session.run(self, lambda: make(name), lambda _: view(name))

    def rename(self, collection: Collection | None) -> None:
        """Give a collection another name; what is asked of it stays so."""
        if collection is None:
            return
        old = collection.name
        new = self._ask_name(self.tr("Rename the collection"), self.tr("New name"), old)
        if not new or new == old:
            return
        session = self._session

        def renamed(_: None) -> None:
            if session.in_view == old:
                session.in_view = new
            if session.scope.collection == old:
                session.set_scope(Scope(collection=new))
            self._done()

        session.run(self, lambda: session.assistant.rename_collection(old, new), renamed)

    def set_private(self, collection: Collection | None, private: bool) -> None:
        """Say whether what is in a collection may ever leave this device."""
        if collection is not None:
            name, verb = collection.name, self._session.assistant.set_private
            self._session.run(self, lambda: verb(name, private), lambda _: self._done())

    def delete(self, name: str) -> None:
        """Delete a collection."""
        session = self._session

        def deleted(gone: int) -> None:
            if session.scope.collection == name:
                session.set_scope(Scope())
            words = self.tr("The collection “{name}” was deleted. Files that left the library: {n}.")
            session.noticed.emit(Notice(words.format(name=name, n=texts.number(gone))))
            self._done()

        session.run(self, lambda: session.assistant.delete_collection(name), deleted)

    def put(self, files: list[FileEntry], move: bool, to: str | None) -> None:
        """Copy or move files to a collection; None asks for the name of a new one."""
        session, source = self._session, self._session.in_view
        name = to or self._ask_name(self.tr("New collection"), self.tr("Name of the collection"), "")
        if not name:
            return
        paths = [Path(file.path) for file in files]

        def work() -> int:
            assistant = session.assistant
            return assistant.move_files(paths, name, source) if move else assistant.copy_files(paths, name)

        def put(count: int) -> None:
            words = self.tr("Moved to “{name}”: {n}.") if move else self.tr("Also in “{name}” now: {n}.")
            untouched = self.tr("Nothing on the disk was changed, and nothing is read again.")
            session.noticed.emit(Notice(words.format(name=name, n=texts.number(count)), untouched))
            self._done()

        session.run(self, work, put)

    def tag(self, files: list[FileEntry], add: list[str], remove: list[str]) -> None:
        """Give files tags and take others away."""
        paths, verb = [Path(file.path) for file in files], self._session.assistant.tag_files
        if paths:
            self._session.run(self, lambda: verb(paths, add, remove), lambda _: self._done())

    def _ask_name(self, title: str, words: str, name: str) -> str:
        given, agreed = QInputDialog.getText(self._page, title, words, text=name)
        return given.strip() if agreed else ""
