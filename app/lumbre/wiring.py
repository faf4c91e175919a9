"""The fuse box: the only module that names concrete classes and joins them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from lumbre.assistant.assistant import Assistant
from lumbre.assistant.chat_model import ChatModel
from lumbre.assistant.indexer import Indexer
from lumbre.assistant.listeners import Listeners
from lumbre.assistant.measure import reading_speed
from lumbre.assistant.pace import Pace
from lumbre.assistant.search import Searcher
from lumbre.assistant.serving import Serving
from lumbre.assistant.shelf import Shelf, catalogue
from lumbre.assistant.watching import Watcher
from lumbre.core.errors import ModelWontLoad
from lumbre.core.models import Model, ModelEntry
from lumbre.core.paths import Home, recipes_dir
from lumbre.core.protocols import ChatEngine, Embedder
from lumbre.core.settings import SettingsFile
from lumbre.egress import audit_hook
from lumbre.egress.door import Door
from lumbre.hosts.chat import ChatHost
from lumbre.hosts.embed import EmbedHost
from lumbre.hosts.pipe import ChatSpec
from lumbre.hosts.reader import ReaderHost
from lumbre.readers import VERSION as READER_VERSION
from lumbre.store.conversations import ConversationStore
from lumbre.store.database import Database
from lumbre.store.keys import unlock
from lumbre.store.ledger import Ledger
from lumbre.store.library import LibraryStore
from lumbre.store.snapshot import Snapshot
from lumbre.store.vector_index import VectorIndex

EMBEDDER = "multilingual-e5-small"
DIMENSIONS = 384
ECHO = "echo"
"""Name of the engine that repeats, for demonstrations and tests; it needs no file."""


def open_assistant(home: Home, ask_passphrase: Callable[[bool], str] | None) -> Assistant:
    """The assistant over one home, unlocked and ready. Raises StoreError.

    `ask_passphrase(new)` is called when this system has no keyring; None means nobody can be asked.
    """
    key = unlock(home, ask_passphrase)
    database = Database.open(home.database, key)
    library, ledger, conversations = LibraryStore(database), Ledger(database), ConversationStore(database)
    conversations.recover()
    door = Door(ledger.record)
    audit_hook.install(door.allows)
    settings = SettingsFile(home.settings)
    shelf = Shelf(home, door, lambda: settings.value, settings.change, run_recipe, lambda entry: _measure(shelf, entry))
    embedder = ShelfEmbedder(shelf)
    snapshot = Snapshot(home.vectors, key)
    serving = Serving(
        library,
        embedder,
        lambda name: _former(home, name),
        lambda each: VectorIndex(library, each.model, each.dimensions, snapshot),
    )
    reader = ReaderHost()
    listeners = Listeners()
    pace = Pace(lambda: settings.value)
    indexer = Indexer(
        library, reader, READER_VERSION, embedder.ready, home.root / "indexing.lock", listeners.tell, pace, serving.tend
    )

    def close() -> None:
        serving.close()
        reader.close()
        database.close()

    return Assistant(
        home=home,
        settings=settings,
        library=library,
        conversations=conversations,
        ledger=ledger,
        shelf=shelf,
        searcher=Searcher(library, serving, serving),
        embedder=serving,
        indexer=indexer,
        watcher=Watcher(library, lambda: settings.value, indexer.wake, listeners.tell),
        pace=pace,
        reader=reader,
        chat_model=ChatModel(
            lambda name: _chat_host(shelf, name), lambda: settings.value.unload_minutes, listeners.tell
        ),
        listeners=listeners,
        close=close,
    )


class ShelfEmbedder:
    """The embedder of the catalogue, in a host that starts when first used; ModelMissing until it has been fetched."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._host: EmbedHost | None = None
        weights = next(file for file in _model(EMBEDDER).files if file.name.endswith(".onnx"))
        # The weights' hash is the version: other weights make other vectors, which must not be compared with these.
        self._name = f"{EMBEDDER}@{weights.sha256[:12]}"

    @property
    def model(self) -> str:
        """Name and version, as stored beside every vector."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return DIMENSIONS

    def ready(self) -> ShelfEmbedder:
        """This embedder, once its files are known to be here and right. Raises ModelMissing, ModelUnverified."""
        self._ready_host()
        return self

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        """As Embedder.embed. Raises ModelMissing, ModelUnverified, EngineDied."""
        return self._ready_host().embed(texts, kind)

    def close(self) -> None:
        """End the host; idempotent."""
        with self._lock:
            if self._host is not None:
                self._host.close()

    def _ready_host(self) -> EmbedHost:
        with self._lock:
            if self._host is None:
                self._host = EmbedHost(self._shelf.path(EMBEDDER).parent, self._name, DIMENSIONS)
            return self._host


def _former(home: Home, name: str) -> Embedder | None:
    """An embedder that served before this version of Lumbre, if its weights are still here as they were."""
    model, _, version = name.partition("@")
    folder = home.models / model
    weights = [file for file in folder.glob("*.onnx") if _hash(file).startswith(version)] if version else []
    return EmbedHost(folder, name, DIMENSIONS) if weights else None


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _chat_host(shelf: Shelf, name: str) -> ChatEngine:
    if name == ECHO:
        return ChatHost(ChatSpec(name=ECHO, engine="echo"))
    path = shelf.path(name)
    return ChatHost(ChatSpec(name=name, path=str(path), quantization=_model(name).quantization))


def _measure(shelf: Shelf, entry: ModelEntry) -> float:
    engine = _chat_host(shelf, entry.model.name)
    try:
        return reading_speed(engine)
    finally:
        engine.close()


def _model(name: str) -> Model:
    return next(model for model in catalogue() if model.name == name)


def run_recipe(name: str, folder: Path) -> None:
    """Run a recipe of models/recipes over a model's folder, in a process of its own. Raises ModelWontLoad."""
    recipe = str(recipes_dir() / f"{name}.py")
    done = subprocess.run([sys.executable, "-P", recipe, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ModelWontLoad(name=folder.name, reason=(done.stderr.strip().splitlines() or ["?"])[-1])
