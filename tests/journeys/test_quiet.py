"""Nothing leaves: what the kernel sees of the program's connections, children included."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.model
_CONNECT = re.compile(r"connect\(\d+, \{sa_family=(AF_\w+)(?:, (.*?))?\}")


@pytest.fixture
def strace(tmp_path: Path) -> list[str]:
    """The command that writes down the connections of what follows it, in `log` of the test's folder."""
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("strace is not here or may not be used")
    return [found, "-f", "-qq", "-e", "trace=connect", "-o", str(tmp_path / "log")]


@pytest.fixture
def traced(lumbre: Any, strace: list[str], tmp_path: Path) -> Any:
    """Runs the program under strace; returns its exit code and the connections tried beyond this machine."""
    lumbre.command[:0] = strace

    def run(*arguments: object, **options: Any) -> tuple[int, list[str]]:
        code = lumbre(*arguments, **options).code
        return code, _strays((tmp_path / "log").read_text("utf-8", "replace"))

    return run


def _strays(log: str) -> list[str]:
    found = [(match.group(1), match.group(2) or "") for match in _CONNECT.finditer(log)]
    return [f"{family} {place}" for family, place in found if family != "AF_UNIX" and "127.0.0.1" not in place]


def test_indexing_and_asking_connect_nowhere(traced: Any, folder: Path, models_dir: Path) -> None:
    assert traced("add", folder, "--wait") == (0, [])
    assert traced("ask", "What does the bearded vulture eat?", "--model", "smollm2-135m") == (0, [])
    assert traced("search", "bones") == (0, [])


def test_the_window_connects_nowhere(strace: list[str], models_dir: Path, tmp_path: Path) -> None:
    journey = Path(__file__).with_name("test_window.py")
    inner = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'inner'}"]
    command = [*strace, *inner, str(journey)]
    done = subprocess.run(command, env={**os.environ, "LUMBRE_MODELS": str(models_dir)}, capture_output=True, text=True)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    assert _strays((tmp_path / "log").read_text("utf-8", "replace")) == []


def test_the_trace_would_see_a_connection() -> None:
    line = (
        '12 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = -1 EINPROGRESS'
    )
    assert _strays(line) == ['AF_INET sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")']
    assert _strays('12 connect(3, {sa_family=AF_UNIX, sun_path="/run/bus"}, 110) = 0') == []
