"""Spanish for the window: finds, compiles when needed, and installs the translation.

`python -m lumbre.frontends.gui.translation` compiles what is missing or older than its source.
"""

from __future__ import annotations

import os
from pathlib import Path

import PySide6
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from lumbre.core.paths import resources_dir

_installed: list[QTranslator] = []


def source(language: str) -> Path:
    """The Qt Linguist file of a language."""
    return resources_dir() / "translations" / f"lumbre_{language}.ts"


def compiled(language: str) -> Path | None:
    """The binary translation, made with lrelease when missing or older; None where that cannot be done."""
    ts = source(language)
    qm = ts.with_suffix(".qm")
    if not ts.exists():
        return None
    if qm.exists() and qm.stat().st_mtime >= ts.stat().st_mtime:
        return qm
    part = qm.with_name(f"{qm.name}.{os.getpid()}.part")
    import subprocess

    suffix = ".exe" if os.name == "nt" else ""
    tool = Path(PySide6.__file__).parent / f"lrelease{suffix}"
    try:
        subprocess.run([tool, "-silent", ts, "-qm", part], check=True, capture_output=True)
        part.replace(qm)
    except (OSError, subprocess.CalledProcessError):
        return qm if qm.exists() else None
    return qm


def install(language: str) -> None:
    """Make the application speak `language` ("en" or "es") from now on; widgets made before keep their words."""
    app = QCoreApplication.instance()
    assert app is not None
    while _installed:
        app.removeTranslator(_installed.pop())
    QLocale.setDefault(QLocale(language) if QLocale.system().name()[:2] != language else QLocale.system())
    if language == "en":
        return
    own, qt = QTranslator(), QTranslator()
    qm = compiled(language)
    if qm is not None and own.load(str(qm)):
        _keep(app, own)
    if qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        _keep(app, qt)


def _keep(app: QCoreApplication, translator: QTranslator) -> None:
    app.installTranslator(translator)
    _installed.append(translator)


def main() -> int:
    """Compile every translation; 1 when one could not be."""
    languages = [path.stem.removeprefix("lumbre_") for path in source("es").parent.glob("lumbre_*.ts")]
    return 0 if all(compiled(language) for language in languages) else 1


if __name__ == "__main__":
    raise SystemExit(main())
