"""What people really do: each bad input gets a sentence, harms nothing else, and the exit code says what it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lumbre.core.paths import Home

_SAMPLES = Path(__file__).resolve().parents[1] / "samples"
_GOOD = "A line that can be found: the heron nests by the mill.\n"


def aside(run: Any) -> dict[str, str]:
    """Codes of the files set aside, by name."""
    return {Path(each["path"]).name: each["code"] for each in run.json["set_aside"]}


def test_bad_files_are_named_and_the_good_one_is_found(lumbre: Any, folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    whole = (folder / "boiler manual.pdf").read_bytes()
    (bad / "empty.txt").touch()
    (bad / "blank.md").write_text(" \n\n")
    (bad / "truncated.pdf").write_bytes(whole[: len(whole) // 3])
    (bad / "picture.pdf").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    (bad / "archive.docx").write_bytes(b"PK\x03\x04" + b"\0" * 200)
    (bad / "really a text.pdf").write_text(_GOOD)
    (bad / "good ñandú.txt").write_text(_GOOD)
    run = lumbre("--json", "add", bad)
    assert run.code == 0, run
    codes = aside(run)
    assert codes["empty.txt"] == codes["blank.md"] == "library.empty"
    assert set(codes) >= {"empty.txt", "blank.md", "truncated.pdf", "picture.pdf", "archive.docx"}
    assert "good ñandú.txt" not in codes
    for each in run.json["set_aside"]:
        assert each["message"]
        assert each["hint"]
    found = lumbre("--json", "search", "heron mill").json["passages"]
    assert str(bad / "good ñandú.txt") in [each["path"] for each in found]
    shown = lumbre("library", LANG="es_ES.UTF-8")
    assert "apartado" in shown.out
    assert "El archivo no contiene texto." in " ".join(shown.out.split())


def test_one_bad_file_alone_is_a_failure(lumbre: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    run = lumbre("add", tmp_path / "empty.txt")
    assert run.code == 3
    assert "empty.txt" in run.err
    assert "Traceback" not in run.err


def test_a_path_that_is_not_there(lumbre: Any, tmp_path: Path) -> None:
    run = lumbre("--json", "add", tmp_path / "nothing")
    assert (run.code, run.json["error"]["code"]) == (2, "input.path-missing")
    assert run.json["error"]["hint"]


@pytest.mark.skipif(os.name != "posix", reason="pipes in the file system are POSIX's")
def test_what_is_no_file_does_not_hang(lumbre: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    run = lumbre("--json", "add", tmp_path / "pipe.txt", timeout=60)
    assert run.code in (2, 3), run


@pytest.mark.skipif(os.name != "posix", reason="pipes and links as POSIX knows them")
def test_a_folder_with_a_pipe_a_loop_and_bombs_is_read_all_the_same(lumbre: Any, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "loop").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    os.mkfifo(folder / "pipe.txt")
    (folder / "good.txt").write_text(_GOOD)
    (folder / "invoice.pdf").write_bytes(b"\x7fELF" + bytes(500))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(100_000_000))
    (folder / "laughs.xml").write_text(
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "'
        + "&a;" * 1000
        + '"><!ENTITY c "'
        + "&b;" * 1000
        + '"><!ENTITY d "'
        + "&c;" * 1000
        + '">]><r>&d;</r>'
    )
    run = lumbre("--json", "add", folder, timeout=120)
    assert run.code == 0, run
    codes = aside(run)
    assert codes == {
        "invoice.pdf": "library.unsupported-format",
        "bomb.zip": "library.unsafe-archive",
        "laughs.xml": codes["laughs.xml"],
    }
    assert codes["laughs.xml"] in ("library.unsafe", "library.damaged")
    assert [Path(each["path"]).name for each in lumbre("--json", "library").json["files"]] == [
        "bomb.zip",
        "good.txt",
        "invoice.pdf",
        "laughs.xml",
    ]


def test_what_is_inside_an_archive_is_found_and_goes_with_it(lumbre: Any, tmp_path: Path) -> None:
    path = tmp_path / "hogar.zip"
    shutil.copy(_SAMPLES / "zip.zip", path)
    assert lumbre("--json", "add", path).code == 0
    inside = path / "hogar" / "correo.eml" / "El tiro.eml"
    found = lumbre("--json", "search", "barrer el tiro antes de diciembre").json["passages"]
    assert found[0]["path"] == str(inside)
    paths = [each["path"] for each in lumbre("--json", "library").json["files"]]
    assert str(inside / "lumbre.docx") in paths
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("only.txt", _GOOD)
    assert lumbre("--json", "add", path).code == 0
    paths = [each["path"] for each in lumbre("--json", "library").json["files"]]
    assert paths == [str(path), str(path / "only.txt")]
    assert lumbre("--json", "add", tmp_path).code == 0  # what is inside is not taken for gone from the folder
    assert str(path / "only.txt") in [each["path"] for each in lumbre("--json", "library").json["files"]]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(lumbre: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(_GOOD)
    secret.chmod(0)
    run = lumbre("--json", "add", secret)
    assert (run.code, aside(run)) == (3, {"secret.txt": "library.unreadable"})


def test_a_huge_text_ends_in_bounds(lumbre: Any, tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("w") as file:
        for number in range(200):
            file.write(f"Line {number} of a very long list of lines about nothing at all.\n" * 16_000)
    assert huge.stat().st_size > 190_000_000
    run = lumbre("--json", "add", huge)
    assert run.code in (0, 3), run
    assert run.code == 0 or aside(run)["huge.txt"] in ("library.too-large", "library.reader-timeout")
    assert lumbre("--json", "library").code == 0


def test_files_deleted_while_being_read_harm_nothing(lumbre: Any, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number:03}.txt").write_text(_GOOD * 200 + str(number))
    process = lumbre.start("--json", "add", many)
    for number in range(299, 100, -1):
        (many / f"{number:03}.txt").unlink()
    _, err = process.communicate(timeout=300)
    assert process.returncode in (0, 3), err
    assert "Traceback" not in err
    states = {Path(file["path"]).name: file for file in lumbre("--json", "library").json["files"]}
    assert states["000.txt"]["state"] in ("readable", "done")
    assert {file["reason"]["code"] for file in states.values() if "reason" in file} <= {"library.vanished"}


def test_a_wrong_passphrase_opens_nothing_and_harms_nothing(lumbre: Any, tmp_path: Path, passphrase_file: Path) -> None:
    assert lumbre("library").code == 0
    right = passphrase_file.read_text("utf-8")
    for text, code in (
        ("wrong\n", "store.wrong-key"),
        ("\n", "store.passphrase-empty"),
        ("", "store.passphrase-empty"),
    ):
        passphrase_file.write_text(text)
        run = lumbre("--json", "library", LANG="es_ES.UTF-8")
        assert (run.code, run.json["error"]["code"]) == (5, code)
    passphrase_file.write_text(right, "utf-8")
    assert lumbre("library").code == 0
    passphrase_file.chmod(0o644)
    assert "chmod 600" in lumbre("library").err
    passphrase_file.unlink()
    assert lumbre("--json", "library").json["error"]["code"] == "input.path-missing"


def test_without_keyring_and_terminal_a_passphrase_is_asked_for_in_a_sentence(home: Home) -> None:
    command = [sys.executable, "-m", "lumbre", "--home", str(home.root), "--json", "library"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 5
    assert "store.passphrase-needed" in done.stdout
    assert not home.database.exists()


def test_two_copies_at_once_lose_nothing(lumbre: Any, tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        made = tmp_path / name
        made.mkdir()
        for number in range(40):
            (made / f"{name}{number}.txt").write_text(f"{name} {number} " * 500)
        folders.append(made)
    copies = [lumbre.start("--json", "add", each) for each in folders]
    asked = lumbre("--json", "library")
    ends = [(copy.communicate(timeout=300), copy.returncode) for copy in copies]
    assert asked.code == 0, asked
    assert [code for _, code in ends] == [0, 0], ends
    files = lumbre("--json", "library").json["files"]
    assert len(files) == 80
    assert {file["state"] for file in files} <= {"readable", "done"}


@pytest.mark.model
def test_a_model_with_one_byte_changed_is_never_loaded(lumbre: Any, models_dir: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    for name in ("smollm2-135m", "multilingual-e5-small"):
        shutil.copytree(models_dir / name, shelf / name, ignore=shutil.ignore_patterns("*.lock"))
    file = next((shelf / "smollm2-135m").glob("*.gguf"))
    assert (
        lumbre("--json", "ask", "Hello", "--no-documents", "--model", "smollm2-135m", LUMBRE_MODELS=str(shelf)).code
        == 0
    )
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte[0] ^ 1]))
    run = lumbre("--json", "ask", "Hello", "--no-documents", "--model", "smollm2-135m", LUMBRE_MODELS=str(shelf))
    assert (run.code, run.json["error"]["code"]) == (4, "model.unverified")
    run = lumbre("--json", "models", "verify", LUMBRE_MODELS=str(shelf))
    assert run.code == 4
    assert {each["name"]: each["state"] for each in run.json["models"]}["smollm2-135m"] == "unverified"


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A file system of 12 MB."""
    place = tmp_path / "small disk"
    place.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True
        ).returncode
    ):
        pytest.skip("a small file system can only be mounted by the superuser")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_and_what_was_finished_stays(lumbre: Any, small_disk: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(60):
        (texts / f"{number:02}.txt").write_text("".join(f"word{number * 7919 + each} " for each in range(40_000)))
    at = lumbre.command.index("--home") + 1
    lumbre.command[at] = str(small_disk / "home")
    run = lumbre("--json", "add", texts)
    assert (run.code, run.json["error"]["code"]) == (5, "store.disk-full"), run
    assert run.json["error"]["hint"]
    kept = lumbre("--json", "library")
    assert kept.code == 0, kept
    assert any(file["state"] == "readable" for file in kept.json["files"])
    found = lumbre("--json", "search", "word0")
    assert found.code == 0, found
    assert found.json["passages"]
