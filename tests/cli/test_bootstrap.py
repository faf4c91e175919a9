"""The way from a checkout to the program: what is missing gets one sentence, and what is done is not done again."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as an install looks at."""
    place = tmp_path / "a checkout"
    shutil.copytree(ROOT / "installers", place / "installers")
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def bootstrap(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "installers" / "bootstrap.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, timeout=300)


def gives_up_with(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def module(checkout: Path) -> Any:
    """bootstrap.py of the checkout as a module."""
    spec = importlib.util.spec_from_file_location("bootstrap_here", checkout / "installers" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the compiler is not found on the PATH")
def test_without_a_compiler_it_names_the_package(checkout: Path) -> None:
    gives_up_with(bootstrap(checkout, "run", PATH="/nowhere", CC="", CXX=""), "build-essential")
    assert not (checkout / ".venv").exists()


def test_without_the_index_it_says_so(checkout: Path) -> None:
    # A port of this machine at which nobody listens.
    done = bootstrap(
        checkout,
        "run",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_TIMEOUT="2",
        PIP_RETRIES="0",
    )
    gives_up_with(done, "The package index cannot be reached")
    assert (checkout / ".venv" / "install.log").read_text("utf-8")


def test_a_full_disk_is_said_before_anything_is_written(checkout: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(small)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by the superuser")
    try:
        shutil.copytree(checkout, small / "here")
        gives_up_with(bootstrap(small / "here", "run"), "Free some space")
        assert not (small / "here" / ".venv").exists()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_finished_install_is_not_looked_at_again(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module.VENV.mkdir()
    module.STAMP.write_text(module.stamp("test"))
    monkeypatch.setattr(module, "check_machine", lambda: pytest.fail("it installed again"))
    module.install("test")
    module.install("run")
    (module.ROOT / "pyproject.toml").write_text("changed")
    monkeypatch.setattr(module, "check_machine", lambda: sys.exit(7))
    with pytest.raises(SystemExit, match="7"):
        module.install("run")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError('", "index cannot be reached"),
        ("CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage", "compiler does not work"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one in the lock file"),
        ("something nobody has seen", "The last lines were"),
    ],
)
def test_what_pip_says_becomes_a_sentence(
    module: Any, capsys: pytest.CaptureFixture[str], said: str, sentence: str
) -> None:
    with pytest.raises(SystemExit, match="1"):
        module.report_failure("Installing packages failed.", f"many lines\n{said}\n")
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux leaves these to the person")
def test_missing_libraries_of_the_window_are_named(
    module: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "missing_libraries", lambda: ["libxcb-cursor.so.0", "libEGL.so.1"])
    monkeypatch.setenv("DISPLAY", ":7")
    with pytest.raises(SystemExit, match="1"):
        module.check_qt()
    said = capsys.readouterr().err
    assert "sudo apt install libxcb-cursor0 libegl1" in said
    assert "sudo dnf install xcb-util-cursor mesa-libEGL" in said
    monkeypatch.delenv("DISPLAY")
    module.check_qt()  # there is no window to open, so it only warns
    assert "libegl1" in capsys.readouterr().err
