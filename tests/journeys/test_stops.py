"""Stops and kills: what was finished stays, what was written is kept, and the next start goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.model


def crash(*options: str) -> None:
    """Run the measurement that kills; it ends with 1 when something was lost."""
    command = [sys.executable, "-m", "tests.bench", "crash", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_kills_while_indexing_lose_nothing(models_dir: Path) -> None:
    crash("--kills", "3", "--files", "40")


def test_a_killed_engine_loses_no_written_word(models_dir: Path) -> None:
    crash("--kills", "0", "--answers", "2", "--model", "smollm2-135m")


def wait_for_text(stream: Any) -> str:
    """The first characters that come out."""
    return str(stream.read(8))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal to send to one process")
def test_ctrl_c_keeps_what_was_written(lumbre: Any, models_dir: Path) -> None:
    process = lumbre.start("ask", "Tell a very long story.", "--no-documents", "--model", "smollm2-135m")
    begun = wait_for_text(process.stdout)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "(stopped)" in err
    assert "Traceback" not in err
    assert begun + out
    shown = lumbre("--json", "ask", "Say yes.", "--no-documents", "--model", "smollm2-135m")
    assert shown.json["ending"] == "finished"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal to send to one process")
def test_ctrl_c_while_indexing_keeps_what_was_finished(lumbre: Any, tmp_path: Path, models_dir: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(60):
        (many / f"{number:02}.txt").write_text(f"papel{number} " * 800)
    process = lumbre.start("--json", "add", many, "--wait")
    while not lumbre.home.database.exists():
        assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert '"ending": "stopped"' in out or not out
    run = lumbre("--json", "add", many, "--wait")
    assert run.code == 0, run
    assert run.json["counts"]["done"] == 60
