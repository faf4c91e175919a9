"""What `doctor` and `bench` try on this machine, in processes of their own: the second fuse box, beside wiring."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from lumbre.assistant.doctor import Probes
from lumbre.assistant.shelf import Shelf
from lumbre.core.errors import EngineMissing
from lumbre.core.paths import Home
from lumbre.core.settings import SettingsFile
from lumbre.egress.door import Door
from lumbre.hosts.reader import ReaderHost
from lumbre.store.database import Database
from lumbre.store.keys import try_keyring
from lumbre.wiring import ShelfEmbedder, run_recipe

_CHAT = "import llama_cpp; from lumbre.engines.llama_memory import device; print(device(llama_cpp))"
# Azure's provider sends what it computes elsewhere, so it is none of ours.
_EMBED = (
    "import onnxruntime; "
    "print(*(name for name in onnxruntime.get_available_providers() if 'Azure' not in name), sep='\\n')"
)
_WINDOW = (
    "from PySide6.QtWidgets import QApplication, QWidget; app = QApplication([]); window = QWidget(); window.show();"
    "app.processEvents(); print(app.platformName())"
)
_TRY_SECONDS = 60
_PASSAGE = "El plazo para presentar la solicitud es de treinta días desde la publicación. " * 8
_PASSAGES = 64


def probes(home: Home) -> Probes:
    """The probes for one home; nothing is tried before it is called."""
    return Probes(
        chat_devices=lambda: _apart("llama.cpp", _CHAT),
        embed_devices=lambda: _apart("ONNX Runtime", _EMBED),
        embedding_speed=lambda: _embedding_speed(home),
        window=lambda: _apart("Qt", _WINDOW)[-1],
        keyring=try_keyring,
        encryption=_encrypted,
        read=_read,
        models=lambda: _shelf(home).entries(),
    )


def _apart(what: str, code: str) -> list[str]:
    """Lines that a process of its own prints. Raises EngineMissing with its last words when it fails."""
    command = [sys.executable, "-P", "-c", code]
    # Without it ONNX Runtime reports to its maker at import.
    quiet = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_TRY_SECONDS, env=quiet)
    if done.returncode:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "")
        raise EngineMissing(engine=f"{what}: {last.strip() or done.returncode}")
    return [line for line in done.stdout.splitlines() if line]


def _read(path: Path) -> bool:
    reader = ReaderHost()
    try:
        reader.read(path)
        return all(child.isolated for child in reader.children)
    finally:
        reader.close()


def _encrypted(folder: Path) -> str:
    database = Database.open(folder / "try.db", secrets.token_bytes(32))
    try:
        with database.write() as connection:
            connection.execute("CREATE VIRTUAL TABLE tried USING fts5(words)")
            connection.execute("INSERT INTO tried VALUES ('lumbre del hogar')")
            found = connection.execute("SELECT count(*) FROM tried WHERE tried MATCH 'hogar'").fetchone()
        if found != (1,) or (folder / "try.db").read_bytes().startswith(b"SQLite format"):
            raise EngineMissing(engine="SQLite")
    finally:
        database.close()
    return "SQLCipher 4, AES-256"


def _embedding_speed(home: Home) -> float:
    embedder = ShelfEmbedder(_shelf(home))
    try:
        embedder.embed([_PASSAGE], "passage")
        begun = time.perf_counter()
        embedder.embed([f"{number} {_PASSAGE}" for number in range(_PASSAGES)], "passage")
        return _PASSAGES / (time.perf_counter() - begun)
    finally:
        embedder.close()


def _shelf(home: Home) -> Shelf:
    """The models here, for looking only: through its door nothing can be fetched."""
    settings = SettingsFile(home.settings)
    door = Door(_never_recorded, air_gapped=True)
    return Shelf(home, door, lambda: settings.value, settings.change, run_recipe, lambda _: 0.0)


def _never_recorded(**_: object) -> None:
    raise AssertionError("nothing passes a door that is nailed shut")
