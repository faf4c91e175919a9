"""What works on this machine and what does not: each thing is tried, not guessed, and nothing is left behind."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from lumbre.core.errors import LumbreError
from lumbre.core.models import ModelEntry
from lumbre.core.paths import Home
from lumbre.core.system import has_display
from lumbre.core.texts import Texts

State = Literal["ok", "warn", "fail"]
_LOW_DISK_BYTES = 2 << 30
_LOW_MEMORY_BYTES = 6 << 30


class Check(msgspec.Struct, frozen=True):
    """One thing that was tried: its name, how it went, and the text that says so with what fills it."""

    name: str
    state: State
    text: str
    """Key of the sentence in resources/messages/doctor.*.toml; the hint stands under the same key in [hint]."""
    details: dict[str, Any] = {}

    def sentence(self, language: str) -> str:
        """What was found, for a person."""
        return Texts("doctor", language)(self.text, **self.details)

    def hint(self, language: str) -> str:
        """What to do about it; empty when nothing needs doing."""
        texts = Texts("doctor", language)
        return texts(f"hint.{self.text}", **self.details) if f"hint.{self.text}" in texts else ""


class Probes(NamedTuple):
    """What this room may not reach by itself. Each tries the real thing and raises when it does not work."""

    chat_devices: Callable[[], list[str]]
    """Devices that the chat engine finds, as a process of its own sees them."""
    embed_devices: Callable[[], list[str]]
    """Execution providers of the embedding engine, as a process of its own sees them."""
    read: Callable[[Path], bool]
    """Reads a file in a reader host; True when that host has no network."""
    embedding_speed: Callable[[], float]
    """Passages of ordinary length embedded in a second. Raises ModelMissing."""
    window: Callable[[], str]
    """Opens and closes a window of the toolkit; the name of the platform it ran on."""
    keyring: Callable[[], str]
    """Keeps, reads and deletes a secret; the name of the keyring. Raises LumbreError where there is none."""
    encryption: Callable[[Path], str]
    """Makes an encrypted database with full-text search in a folder; the name of the cipher."""
    models: Callable[[], list[ModelEntry]]
    """The catalogue with the state of each model here."""


def examine(home: Home, probes: Probes) -> Iterator[Check]:
    """Try everything, one after the other; each check comes as soon as it is known."""
    yield _machine()
    yield _disk(home)
    yield _display(probes)
    yield _tried("keyring", probes.keyring, "warn")
    with tempfile.TemporaryDirectory(prefix="lumbre-doctor-") as folder:
        yield _tried("encryption", lambda: probes.encryption(Path(folder)))
        yield from _reader(probes, Path(folder))
    yield _tried("chat", lambda: ", ".join(probes.chat_devices()))
    yield _tried("embedding", lambda: ", ".join(probes.embed_devices()))
    yield from _models(probes)


def _tried(name: str, probe: Callable[[], str], otherwise: State = "fail") -> Check:
    """“NAME.ok” with what the probe found, or “NAME.fail” with why it did not work."""
    try:
        return Check(name, "ok", f"{name}.ok", {"what": probe()})
    except Exception as error:  # whatever goes wrong is what the person wants to read here
        return Check(name, otherwise, f"{name}.fail", {"reason": _reason(error)})


def _machine() -> Check:
    import psutil

    memory = psutil.virtual_memory()
    details = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        "total": memory.total / 2**30,
        "free": memory.available / 2**30,
    }
    low = memory.total < _LOW_MEMORY_BYTES
    return Check("machine", "warn" if low else "ok", "machine.low" if low else "machine.ok", details)


def _processor() -> str:
    """The processor's own name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.lower().startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _disk(home: Home) -> Check:
    folder = home.root
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    details = {"path": str(home.root), "free": free / 2**30}
    if not os.access(folder, os.W_OK):
        return Check("disk", "fail", "disk.fail", details)
    low = free < _LOW_DISK_BYTES
    return Check("disk", "warn" if low else "ok", "disk.low" if low else "disk.ok", details)


def _display(probes: Probes) -> Check:
    if not has_display():
        return Check("display", "warn", "display.none")
    return _tried("display", probes.window)


def _reader(probes: Probes, folder: Path) -> Iterator[Check]:
    sample = folder / "doctor.txt"
    sample.write_text(f"A text to be read, {secrets.token_hex(4)}.\n", "utf-8")
    try:
        isolated = probes.read(sample)
    except Exception as error:  # as in _tried
        yield Check("reader", "fail", "reader.fail", {"reason": _reason(error)})
        return
    yield Check("reader", "ok", "reader.ok")
    yield Check("isolation", "ok" if isolated else "warn", "isolation.ok" if isolated else "isolation.none")


def _models(probes: Probes) -> Iterator[Check]:
    try:
        entries = probes.models()
    except LumbreError as error:
        yield Check("models", "fail", "models.fail", {"reason": _reason(error)})
        return
    for purpose in ("chat", "embed"):
        ready = [each.model.name for each in entries if each.model.purpose == purpose and each.state == "ready"]
        key = f"models.{purpose}" if ready else f"models.no-{purpose}"
        yield Check("models", "ok" if ready else "warn", key, {"names": ", ".join(ready)})
    for each in entries:
        if each.state in ("unverified", "partial"):
            yield Check("models", "warn", f"models.{each.state}", {"name": each.model.name})


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
