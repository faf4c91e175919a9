"""Where things lie: one home folder that `--home` moves whole, and the read-only folders shipped with the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec


def _shipped(folder: str) -> Path:
    """A folder shipped with the program: beside the frozen executable, or at the root of the checkout."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parents[3]
    return root / folder


def resources_dir() -> Path:
    """Icons, themes, translations, prompts and texts."""
    return _shipped("resources")


def catalogue_file() -> Path:
    """The catalogue of models."""
    return _shipped("models") / "catalogue.toml"


def recipes_dir() -> Path:
    """Recipes that make a model's file from what was fetched."""
    return _shipped("models") / "recipes"


def default_home() -> Path:
    """The folder used when `--home` is not given, by the system's convention."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "lumbre"


def on_disk(path: Path) -> tuple[Path, str]:
    """The regular file that a path leads to or into, and the name of what lies inside it, "" for the file itself.

    A path that leads to no file comes back as it is.
    """
    for place in (path, *path.parents):
        if os.path.isfile(place):  # noqa: PTH113 — the method of a path lets errors through, of a name too long
            return place, path.relative_to(place).as_posix() if place != path else ""
    return path, ""


class Home(msgspec.Struct, frozen=True):
    """Every path the program writes to, below one folder."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "lumbre.db"

    @property
    def vectors(self) -> Path:
        """The snapshot of the index of vectors, encrypted like the database; it can be thrown away."""
        return self.root / "vectors.snapshot"

    @property
    def vault(self) -> Path:
        """Salt and wrapped key of a library opened by passphrase; never the key itself."""
        return self.root / "vault.json"

    @property
    def identity(self) -> Path:
        """Name of this home's entry in the keyring; no secret."""
        return self.root / "identity"

    @property
    def models(self) -> Path:
        """Model files; `LUMBRE_MODELS` points several homes at one folder, since weights are public and large."""
        shared = os.environ.get("LUMBRE_MODELS")
        return Path(shared) if shared else self.root / "models"

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def socket_name(self) -> str:
        """Name of the local socket by which a second copy finds the first."""
        import hashlib

        return "lumbre-" + hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:16]
