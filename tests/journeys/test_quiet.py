"""Nothing leaves: what the kernel sees of the program's connections, children included."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.model
_CONNECT = re.compile(r"connect\(\d+, \{sa_family=(AF_\w+)(?:, (.*?))?\}")


@pytest.fixture
def traced(lumbre: Any, tmp_path: Path) -> Any:
    """Runs the program under strace; returns its exit code and the connections tried beyond this machine."""
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("strace is not here or may not be used")
    log = tmp_path / "strace.log"
    lumbre.command[:0] = [strace, "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(log)]

    def run(*arguments: object, **options: Any) -> tuple[int, list[str]]:
        code = lumbre(*arguments, **options).code
        return code, _strays(log.read_text("utf-8", "replace"))

    return run


def _strays(log: str) -> list[str]:
    found = [(match.group(1), match.group(2) or "") for match in _CONNECT.finditer(log)]
    return [f"{family} {place}" for family, place in found if family != "AF_UNIX" and "127.0.0.1" not in place]


def test_indexing_and_asking_connect_nowhere(traced: Any, folder: Path, models_dir: Path) -> None:
    assert traced("add", folder, "--wait") == (0, [])
    assert traced("ask", "What does the bearded vulture eat?", "--model", "smollm2-135m") == (0, [])
    assert traced("search", "bones") == (0, [])


def test_the_trace_would_see_a_connection() -> None:
    line = (
        '12 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = -1 EINPROGRESS'
    )
    assert _strays(line) == ['AF_INET sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")']
    assert _strays('12 connect(3, {sa_family=AF_UNIX, sun_path="/run/bus"}, 110) = 0') == []
