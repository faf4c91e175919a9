"""From a fresh checkout to the running program, with nothing but Python, a compiler and a package index.

    python3 installers/bootstrap.py run [ARGUMENTS…]     install what is missing, then run lumbre: the starter models
                                                         are fetched and the window opens, or do what ARGUMENTS say
    python3 installers/bootstrap.py check                format, lint, types, import rules
    python3 installers/bootstrap.py test [ARGUMENTS…]    check, then all tests (ARGUMENTS go to pytest)

Only the standard library is used here, since nothing else is there yet. What is finished is not done again: an
interrupted run goes on where it stopped, and a run with nothing to install starts the program at once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCKS = {"run": ROOT / "installers" / "requirements.lock", "test": ROOT / "installers" / "requirements-dev.lock"}
STAMP = VENV / "lumbre-installed"
LOG = VENV / "install.log"
NEEDED_BYTES = 6 << 30
"""Packages, the build of llama.cpp and the starter models."""
TEST_MODELS = ["smollm2-135m", "qwen2.5-coder-0.5b", "multilingual-e5-small"]
LARGER_TEST_MODEL, LARGER_NEEDS_BYTES = "qwen2.5-coder-1.5b", 8 * 10**9
OLDEST_PIP = (23, 1)
"""The first that finds a wheel built from a hashed source again, instead of building it anew."""
HEARTBEAT_SECONDS = 30

# Library of the system → its package in Debian or Ubuntu, and in Fedora.
SYSTEM_LIBRARIES = {
    "libEGL.so.1": ("libegl1", "mesa-libEGL"),
    "libGL.so.1": ("libgl1", "mesa-libGL"),
    "libGLX.so.0": ("libglx0", "libglvnd-glx"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libgomp.so.1": ("libgomp1", "libgomp"),
}
# What pip and the compiler say → what a person can do. The first that is found counts.
COMPLAINTS = [
    (
        r"No space left on device|Errno 28|disk quota",
        "The disk is full. Free about 6 GB and run the same command again.",
    ),
    (
        r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Max retries exceeded"
        r"|connection broken|ReadTimeout|ConnectTimeout|Network is unreachable|ProxyError|Connection refused",
        "The package index cannot be reached. Check the network connection (or pip's index-url), and run the same "
        "command again; what was fetched is kept.",
    ),
    (
        r"CMAKE_C(?:XX)?_COMPILER|No CMAKE_|compiler identification is unknown|command '.*(?:cc|c\+\+|cl\.exe)' failed",
        "The C/C++ compiler does not work. {compiler}",
    ),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        "A package from the index is not the one in the lock file; nothing of it was installed.",
    ),
    (
        r"MemoryError|Cannot allocate memory|Killed signal",
        "There is not enough memory to build llama.cpp. Close other programs and run the same command again.",
    ),
]


def main(arguments: list[str]) -> int:
    """Do what the command line says and return an exit code."""
    verbs = {"run": run, "check": check, "test": test}
    if not arguments or arguments[0] not in verbs:
        print(__doc__)
        return 2
    try:
        return verbs[arguments[0]](arguments[1:])
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno == 28:
            give_up("The disk is full. Free about 6 GB and run the same command again.")
        give_up(f"{error.filename or ROOT}: {error.strerror or error}.")


def run(arguments: list[str]) -> int:
    """Install what the program needs, then become the program."""
    install("run")
    command = [str(python()), "-m", "lumbre", *(arguments or ["start"])]
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.call(command)


def check(_arguments: list[str]) -> int:
    """Format, lint, types and import rules; all of them run, so that one sees everything at once."""
    install("test")
    commands = [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        ["lint-imports"],
    ]
    failed = [command[0] for command in commands if subprocess.call([str(tool(command[0])), *command[1:]], cwd=ROOT)]
    if failed:
        print(f"check: {', '.join(failed)} found something to mend", file=sys.stderr)
    return 1 if failed else 0


def test(arguments: list[str]) -> int:
    """Check, fetch the models that tests use, run all tests."""
    failed = check([])
    fetch_test_models()
    return subprocess.call([str(python()), "-m", "pytest", *arguments], cwd=ROOT) or failed


def fetch_test_models() -> None:
    """Fetch through the program's own door, into the folder that LUMBRE_MODELS names or the person's own."""
    import tempfile

    names = list(TEST_MODELS)
    if memory_bytes() >= LARGER_NEEDS_BYTES:
        names.append(LARGER_TEST_MODEL)
    shelf = subprocess.check_output(
        [str(python()), "-c", "from lumbre.core.paths import Home, default_home; print(Home(default_home()).models)"],
        text=True,
    ).strip()
    os.environ["LUMBRE_MODELS"] = shelf
    with tempfile.TemporaryDirectory(prefix="lumbre-test-") as folder, beat(f"Models for the tests, in {shelf}"):
        passphrase = Path(folder, "passphrase")
        passphrase.write_text("only for this run")
        passphrase.chmod(0o600)
        # The keyring of whoever runs the tests is left alone.
        environment = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        command = [str(python()), "-m", "lumbre", "--home", folder, "--passphrase-file", str(passphrase)]
        if subprocess.call([*command, "models", "fetch", *names], env=environment):
            give_up("The models for the tests could not be fetched; see above.")


# --- installing -------------------------------------------------------------------------------------------------------


def install(what: str) -> None:
    """Have `.venv` hold what the lock file of `what` names; at once when it already does."""
    if STAMP.exists() and STAMP.read_text() in stamps(what):
        return
    check_machine()
    make_venv()
    say("Packages (the first time takes about 7 minutes, 5 of them to build llama.cpp for this processor)")
    LOG.unlink(missing_ok=True)
    if pip_version() < OLDEST_PIP:
        pip("a newer pip", "install", "--upgrade", f"pip>={'.'.join(map(str, OLDEST_PIP))}")
    lock = LOCKS[what]
    pip("packages", "install", "--require-hashes", "--requirement", str(lock), total=len(locked(lock)))
    pip("Lumbre itself", "install", "--no-deps", "--editable", str(ROOT))
    check_qt()
    STAMP.write_text(stamp(what))


def stamp(what: str) -> str:
    """A name for what the lock file and the project file ask for."""
    digest = hashlib.sha256(f"{what} {sys.version_info[:2]}".encode())
    for path in (LOCKS[what], ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return f"{what} {digest.hexdigest()}"


def stamps(what: str) -> list[str]:
    """The stamps that satisfy `what`: the environment of the tests holds all that the program needs."""
    return [stamp(what), stamp("test")]


def locked(lock: Path) -> list[str]:
    """Names of the packages of a lock file, those of other systems included."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text("utf-8"), re.MULTILINE)


def check_machine() -> None:
    """Stop with a sentence when something is missing that no package index can give."""
    if sys.version_info < (3, 11):  # noqa: UP036 — whoever has an older one should read a sentence
        give_up(f"Lumbre needs Python 3.11 or newer; this is {platform.python_version()}. {python_advice()}")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        give_up(f"This Python lacks venv. Install it: “sudo apt install python{version}-venv” (Debian, Ubuntu).")
    if not has_compiler():
        give_up(f"There is no C/C++ compiler, and llama.cpp is built for this processor. {compiler_advice()}")
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES and not STAMP.exists():
        give_up(
            f"Only {free / 2**30:.1f} GB are free here, and about 6 are needed. Free some space and run this again."
        )


def has_compiler() -> bool:
    """Whether a C and a C++ compiler are where CMake will find them."""
    if os.name == "nt":
        installer = Path(os.environ.get("PROGRAMFILES(X86)", "C:/"), "Microsoft Visual Studio/Installer/vswhere.exe")
        return installer.exists() or bool(shutil.which("cl"))
    c = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), "")
    cxx = os.environ.get("CXX") or next(filter(shutil.which, ("c++", "g++", "clang++")), "")
    return bool(c and cxx and shutil.which(c.split()[0]) and shutil.which(cxx.split()[0]))


def compiler_advice() -> str:
    if os.name == "nt":
        return "Install “Build Tools for Visual Studio” with “Desktop development with C++”."
    if sys.platform == "darwin":
        return "Install it with “xcode-select --install”."
    return "Install one: “sudo apt install build-essential” (Debian, Ubuntu) or “sudo dnf install gcc-c++” (Fedora)."


def python_advice() -> str:
    if sys.platform.startswith("linux"):
        return "Install one (“sudo apt install python3.11 python3.11-venv”) and run “make PYTHON=python3.11 run”."
    return "Install one from python.org and run the same command with it."


def make_venv() -> None:
    """Make `.venv`, or make it anew when it is of another Python or was left half made."""
    marker = VENV / "pyvenv.cfg"
    version = ".".join(map(str, sys.version_info[:2]))
    if marker.exists() and python().exists() and f"version = {version}" in marker.read_text("utf-8"):
        return
    say(f"An environment of its own, in {VENV.name}")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if done.returncode:
        report_failure("The environment could not be made.", done.stdout + done.stderr)


def python() -> Path:
    """The Python of the environment."""
    return tool("python")


def tool(name: str) -> Path:
    """A program of the environment."""
    return VENV / ("Scripts" if os.name == "nt" else "bin") / (f"{name}.exe" if os.name == "nt" else name)


def pip_version() -> tuple[int, ...]:
    shown = subprocess.check_output([str(python()), "-m", "pip", "--version"], text=True)
    found = re.match(r"pip (\d+)\.(\d+)", shown)
    return tuple(map(int, found.groups())) if found else (0,)


def pip(what: str, *arguments: str, total: int = 0) -> None:
    """Run pip quietly, showing how far it is; its own words are only shown when it fails."""
    command = [str(python()), "-m", "pip", "--no-input", "--disable-pip-version-check", "--retries", "3", *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with LOG.open("a", encoding="utf-8") as log, beat(what) as tell:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
        )
        assert process.stdout is not None
        try:
            said = follow(process.stdout, log, tell, what, total)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
        failed = process.wait()
    if failed:
        report_failure(f"Installing {what} failed.", said)


def follow(lines: IO[str], log: IO[str], tell: Tell, what: str, total: int) -> str:
    """Keep what pip says, and tell from it how far it is. Returns all it said."""
    said, collected = [], 0
    for line in lines:
        said.append(line)
        log.write(line)
        if line.startswith("Collecting "):
            collected += 1
            tell(f"{what}: fetching {collected} of about {total}" if total else what)
        elif line.lstrip().startswith("Building wheel"):
            name = line.split()[3] if len(line.split()) > 3 else ""
            slow = " (about 5 minutes, once)" if "llama" in name else ""
            tell(f"{what}: building {name}{slow}")
        elif line.startswith("Installing collected"):
            tell(f"{what}: unpacking")
    return "".join(said)


def report_failure(sentence: str, said: str) -> NoReturn:
    """Say what a person can do when it is known, else show the last lines."""
    for pattern, advice in COMPLAINTS:
        if re.search(pattern, said):
            give_up(advice.format(compiler=compiler_advice()))
    tail = "\n".join(f"    {line}" for line in said.strip().splitlines()[-15:])
    give_up(f"{sentence} The last lines were:\n{tail}\n(all of it is in {LOG})")


def check_qt() -> None:
    """Stop with the packages to install when the system lacks a library that the window needs."""
    if not sys.platform.startswith("linux"):
        return
    missing = [name for name in missing_libraries() if name in SYSTEM_LIBRARIES]
    needed_now = bool(os.environ.get("DISPLAY"))
    if not missing or not (needed_now or "libEGL.so.1" in missing or "libGL.so.1" in missing):
        return
    debian = " ".join(dict.fromkeys(SYSTEM_LIBRARIES[name][0] for name in missing))
    fedora = " ".join(dict.fromkeys(SYSTEM_LIBRARIES[name][1] for name in missing))
    sentence = (
        f"The window needs libraries of the system that are not here ({', '.join(missing)}). Install them:\n"
        f"    sudo apt install {debian}        (Debian, Ubuntu)\n    sudo dnf install {fedora}        (Fedora)"
    )
    if needed_now or os.environ.get("WAYLAND_DISPLAY"):
        give_up(sentence)
    print(sentence, file=sys.stderr)


def missing_libraries() -> list[str]:
    """Libraries that the linker does not find for the window and for its X11 platform."""
    if not shutil.which("ldd"):
        return []
    packages = subprocess.check_output(
        [str(python()), "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"], text=True
    ).strip()
    qt = Path(packages, "PySide6")
    found: dict[str, None] = {}
    for library in (qt / "QtWidgets.abi3.so", qt / "Qt/plugins/platforms/libqxcb.so"):
        shown = subprocess.run(["ldd", str(library)], capture_output=True, text=True).stdout
        found |= dict.fromkeys(re.findall(r"^\s*(\S+) => not found", shown, re.MULTILINE))
    return list(found)


def memory_bytes() -> int:
    """Memory of this machine."""
    code = "import psutil; print(psutil.virtual_memory().total)"
    return int(subprocess.check_output([str(python()), "-c", code], text=True))


# --- talking ----------------------------------------------------------------------------------------------------------


class Tell:
    """The line that says what is going on; redrawn every second for a person, repeated now and then in a log."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._begun = time.monotonic()
        self._drawn = sys.stderr.isatty()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def __call__(self, text: str) -> None:
        self.text = text

    def _beat(self) -> None:
        while not self._over.wait(1 if self._drawn else HEARTBEAT_SECONDS):
            self._show("\r\x1b[K" if self._drawn else "", "" if self._drawn else "\n")

    def _show(self, before: str, after: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        columns = shutil.get_terminal_size().columns - 1
        line = f"  {self.text}  {minutes}:{seconds:02}"
        sys.stderr.write(before + (line[:columns] if self._drawn else line) + after)
        sys.stderr.flush()

    def end(self) -> None:
        """Stop repeating it."""
        self._over.set()
        self._thread.join()
        if self._drawn:
            sys.stderr.write("\r\x1b[K")


@contextmanager
def beat(text: str) -> Iterator[Tell]:
    """Show a line as long as the block runs."""
    tell = Tell(text)
    try:
        yield tell
    finally:
        tell.end()


def say(text: str) -> None:
    """Tell the person what comes next."""
    print(text, file=sys.stderr, flush=True)


def give_up(sentence: str) -> NoReturn:
    """End with a sentence that says what to do."""
    print(f"\nlumbre: {sentence}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
