"""Start to painted window, memory and idle processor of the window, beside a bare PySide6 window of the same kind.

Both windows run in processes of their own, turn about; times count from the start of the process to the end of the
first paint. Run it under Xvfb or a desktop for real painting; offscreen works too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

_PASSPHRASE = "only for this run"
_IDLE_SECONDS = 10


def main() -> int:
    """Start both windows several times and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--child", choices=["bare", "lumbre"], help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return _child(options.child, options.home)
    with tempfile.TemporaryDirectory(prefix="lumbre-start-") as folder:
        home = Path(folder, "home")
        _measure("lumbre", home)  # makes the library and fills the disk's cache
        _measure("bare", home)
        runs = [(_measure("lumbre", home), _measure("bare", home)) for _ in range(options.times)]
    lumbre, bare = ([each[side] for each in runs] for side in (0, 1))
    for name, figures in (("lumbre", lumbre), ("bare", bare)):
        print(f"{name:<7} painted after {_middle(figures, 0):.3f} s, {_middle(figures, 1):.0f} MB")
    ratios = [mine[0] / other[0] for mine, other in runs]
    print(f"ratio   {statistics.median(ratios):.2f} (budget 1.5)")
    return _idle()


def _middle(figures: list[tuple[float, float]], at: int) -> float:
    return statistics.median(each[at] for each in figures)


def _measure(what: str, home: Path) -> tuple[float, float]:
    """Seconds to the painted window, and MB of the process just after."""
    begun = time.monotonic()
    process = _start(what, home)
    assert process.stdout is not None
    painted = float(process.stdout.readline())
    memory = psutil.Process(process.pid).memory_full_info().uss / 1e6
    process.terminate()
    process.wait()
    process.stdout.close()
    return painted - begun, memory


def _start(what: str, home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--child", what, "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _idle() -> int:
    """What the window costs when nothing happens, no model loaded."""
    with tempfile.TemporaryDirectory(prefix="lumbre-idle-") as folder:
        process = _start("lumbre", Path(folder, "home"))
        assert process.stdout is not None
        process.stdout.readline()
        window = psutil.Process(process.pid)
        time.sleep(5)  # what starting leaves to do
        family = [window, *window.children(recursive=True)]
        before = sum(sum(each.cpu_times()[:2]) for each in family)
        time.sleep(_IDLE_SECONDS)
        used = sum(sum(each.cpu_times()[:2]) for each in family) - before
        memory = [each.memory_full_info() for each in family]
        print(
            f"idle    {100 * used / _IDLE_SECONDS:.2f} % of a core (budget 0.5), {len(family)} process(es), "
            f"{sum(each.rss for each in memory) / 1e6:.0f} MB resident, "
            f"{sum(each.uss for each in memory) / 1e6:.0f} MB of its own (budget 150)"
        )
        process.terminate()
        process.wait()
        process.stdout.close()
    return 0


# --- in the child -----------------------------------------------------------------------------------------------------


def _child(what: str, home: Path) -> int:
    """Show one of the windows and print when its first paint was over, by the system's monotonic clock."""
    from PySide6 import QtWidgets
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        """Sees the first paint of a window."""

        def eventFilter(self, seen: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(seen, QtWidgets.QWidget) and seen.isWindow():
                application = QtWidgets.QApplication.instance()
                assert application is not None
                application.removeEventFilter(self)
                # The window's children paint in the same turn of the loop.
                QTimer.singleShot(0, lambda: os.write(1, f"{time.monotonic()}\n".encode()))
            return False

    watch = Watch()

    class Application(QtWidgets.QApplication):
        """The application that the program makes, with somebody watching."""

        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            self.installEventFilter(watch)

    QtWidgets.QApplication = Application  # type: ignore[misc]
    return _bare(Application) if what == "bare" else _lumbre(home)


def _lumbre(home: Path) -> int:
    passphrase = home.parent / "passphrase"
    passphrase.write_text(_PASSPHRASE)
    passphrase.chmod(0o600)
    from lumbre.__main__ import main as lumbre

    return lumbre(["--home", str(home), "--passphrase-file", str(passphrase)])


def _bare(application: type) -> int:
    from PySide6.QtWidgets import (
        QHBoxLayout,
        QLabel,
        QListWidget,
        QMainWindow,
        QPlainTextEdit,
        QPushButton,
        QTextBrowser,
        QVBoxLayout,
        QWidget,
    )

    app = application([])
    window = QMainWindow()
    body, rail, column = QWidget(), QListWidget(), QVBoxLayout()
    rail.addItems(["Chat", "Library", "Models", "Privacy", "Settings"])
    for widget in (QLabel("Model"), QTextBrowser(), QPlainTextEdit(), QPushButton("Send")):
        column.addWidget(widget)
    row = QHBoxLayout(body)
    row.addWidget(rail)
    row.addLayout(column)
    window.setCentralWidget(body)
    window.resize(1100, 720)
    window.show()
    return int(app.exec())


if __name__ == "__main__":
    sys.exit(main())
