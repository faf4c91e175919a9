"""The line at the top that always tells three truths: the model, the scope, and whether anything can leave."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QMenu, QPushButton

from lumbre.core.chat import EngineInfo
from lumbre.core.documents import Collection
from lumbre.core.models import ModelEntry
from lumbre.frontends.gui import texts
from lumbre.frontends.gui.controls import row
from lumbre.frontends.gui.session import Scope, Session
from lumbre.frontends.gui.theme import UNIT


class Header(QFrame):
    """Three buttons that say how things stand; each opens what can be changed about it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setFixedHeight(UNIT * 7)
        self._session = session
        self._collections: list[Collection] = []
        self._ready: list[ModelEntry] = []
        self._loading = ""
        self.model = self._button("models", self.tr("Model and device"))
        self.scope = self._button("library", self.tr("Documents in scope"))
        self.door = self._button("privacy", self.tr("What can leave this device"))
        for part in (self.model, self.scope):
            part.setMenu(QMenu(part))
            part.setProperty("menu", True)
        self.model.menu().aboutToShow.connect(self._fill_models)
        self.scope.menu().aboutToShow.connect(self._fill_scopes)
        self.door.clicked.connect(lambda: session.page_wanted.emit("privacy"))
        line = row(self, gap=UNIT // 2)
        line.setContentsMargins(UNIT * 2, 0, UNIT * 2, 0)
        line.addWidget(self.model)
        line.addWidget(self.scope)
        line.addStretch(1)
        line.addWidget(self.door)
        session.engine_changed.connect(self.show_engine)
        session.scope_changed.connect(self._show_scope)
        session.downloads_changed.connect(self.refresh)
        session.models_changed.connect(self.refresh)
        session.conversations_changed.connect(self.refresh)
        session.counts_changed.connect(self._read_collections)
        self.show_engine(session.assistant.loaded)
        self._show_scope()
        self.refresh()
        self._read_collections()

    def _button(self, icon: str, name: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "plain")
        button.setIcon(self._session.theme.icon(icon, "muted", 18))
        button.setIconSize(QSize(18, 18))
        button.setAccessibleName(name)
        return button

    def _say(self, button: QPushButton, text: str, tip: str) -> None:
        button.setText(f" {text}")
        button.setToolTip(tip)
        button.setAccessibleDescription(text)

    # --- model ---

    def show_engine(self, engine: EngineInfo | None) -> None:
        """Say which model is loaded on which device."""
        self._loading = ""
        if engine is None:
            self._say(self.model, self.tr("No model loaded"), self.tr("Choose a model to load"))
            return
        tip = self.tr("{engine}, {quantization}, reads up to {context} tokens at once").format(
            engine=engine.engine, quantization=engine.quantization, context=texts.number(engine.context)
        )
        self._say(self.model, f"{engine.model} · {engine.device}", tip)

    def _fill_models(self) -> None:
        menu = self.model.menu()
        menu.clear()
        loaded = self._session.assistant.loaded
        for entry in self._ready:
            name = entry.model.name
            if loaded is not None and loaded.model in (name, entry.model.title):
                self._act(menu, self.tr("Unload {title}").format(title=entry.model.title), self._unload)
            else:
                title = self.tr("Load {title}").format(title=entry.model.title)
                self._act(menu, title, partial(self._load, name))
        menu.addSeparator()
        self._act(menu, self.tr("All models…"), lambda: self._session.page_wanted.emit("models"))

    def _act(self, menu: QMenu, title: str, do: Callable[[], object]) -> QAction:
        action = menu.addAction(title)
        action.triggered.connect(lambda: do())
        return action

    def _load(self, name: str) -> None:
        self._say(self.model, texts.phase("loading-model"), name)

        def failed(error: Exception) -> None:
            self.show_engine(self._session.assistant.loaded)
            self._session.report(error)

        self._session.run(self, lambda: self._session.assistant.load(name).result(), self.show_engine, failed)

    def _unload(self) -> None:
        self._session.run(self, self._session.assistant.unload, lambda _: self.show_engine(None))

    # --- scope ---

    def _show_scope(self) -> None:
        scope = self._session.scope
        if not scope.documents:
            self._say(self.scope, self.tr("No documents"), self.tr("Questions are answered by the model alone"))
        elif scope.collection is None:
            self._say(self.scope, self.tr("All documents"), self.tr("Questions are asked of the whole library"))
        else:
            self._say(self.scope, scope.collection, self.tr("Questions are asked of this collection"))

    def _fill_scopes(self) -> None:
        menu = self.scope.menu()
        menu.clear()
        group = QActionGroup(menu)
        options = [(self.tr("All documents"), Scope())]
        for collection in self._collections:
            title = f"{collection.name} ({texts.number(collection.files)})"
            options.append((title, Scope(collection=collection.name)))
        options.append((self.tr("No documents"), Scope(documents=False)))
        for title, scope in options:
            action = self._act(menu, title, partial(self._session.set_scope, scope))
            action.setCheckable(True)
            action.setChecked(scope == self._session.scope)
            group.addAction(action)

    def _read_collections(self) -> None:
        def got(collections: list[Collection]) -> None:
            self._collections = collections

        self._session.run(self, self._session.assistant.collections, got)

    # --- the door ---

    def refresh(self) -> None:
        """Read again what may have changed: bytes that left, downloads, models that are ready."""

        def got(read: tuple[int, list[ModelEntry]]) -> None:
            left, entries = read
            self._ready = [e for e in entries if e.model.purpose == "chat" and e.state == "ready"]
            self._show_door(left)

        assistant = self._session.assistant
        self._session.run(self, lambda: (assistant.left_device_bytes(), assistant.models()), got)

    def _show_door(self, left: int) -> None:
        sent = self.tr("{size} sent").format(size=texts.size(left))
        tip = self.tr("Your documents and questions stay here. Open the privacy page for the proof.")
        if self._session.downloads:
            progress = next(iter(self._session.progress.values()), None)
            share = f" {progress.done * 100 // progress.total} %" if progress and progress.total else ""
            text = self.tr("Downloading a model{share}").format(share=share) + f" · {sent}"
        else:
            text = self.tr("Nothing can leave") + f" · {sent}"
        self._say(self.door, text, tip)
