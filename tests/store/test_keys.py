"""The key is kept by the system's keyring or behind a passphrase, and nowhere else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from lumbre.core.errors import DatabaseDamaged, HomeUnwritable, KeyMissing, PassphraseEmpty, PassphraseNeeded, WrongKey
from lumbre.core.paths import Home
from lumbre.store.database import Database
from lumbre.store.keys import unlock

PASSPHRASE = "el ñandú pingüino"


class PlainKeyring(KeyringBackend):
    """Stands for those that write what they are given to a plain file; nothing may be given to it."""

    priority = 10  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("asked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("told")


def _make(home: Home) -> bytes:
    key = unlock(home, lambda new: PASSPHRASE if new else pytest.fail("asked for an old one"))
    Database.open(home.database, key).close()
    return key


def test_without_a_keyring_a_passphrase_wraps_the_key(home: Home) -> None:
    key = _make(home)
    assert len(key) == 32
    assert unlock(home, lambda new: pytest.fail("asked for a new one") if new else PASSPHRASE) == key
    kept = b"".join(path.read_bytes() for path in home.root.iterdir())
    assert not any(secret in kept for secret in (key, key.hex().encode(), PASSPHRASE.encode()))


def test_accents_typed_in_another_way_are_the_same(home: Home) -> None:
    key = _make(home)
    assert unlock(home, lambda new: unicodedata.normalize("NFD", PASSPHRASE)) == key


def test_another_passphrase(home: Home) -> None:
    key = _make(home)
    with pytest.raises(WrongKey):
        unlock(home, lambda new: PASSPHRASE + ".")
    assert unlock(home, lambda new: PASSPHRASE) == key


def test_nobody_to_ask(home: Home) -> None:
    with pytest.raises(PassphraseNeeded):
        unlock(home, None)
    _make(home)
    with pytest.raises(PassphraseNeeded):
        unlock(home, None)


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_passphrase(home: Home, empty: str) -> None:
    with pytest.raises(PassphraseEmpty):
        unlock(home, lambda new: empty)
    assert not home.vault.exists()


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    assert _make(Home(tmp_path / "a")) != _make(Home(tmp_path / "b"))


def test_a_weakened_vault_does_not_open(home: Home) -> None:
    _make(home)
    vault = json.loads(home.vault.read_text())
    home.vault.write_text(json.dumps(vault | {"iterations": 1}))
    with pytest.raises(WrongKey):
        unlock(home, lambda new: PASSPHRASE)
    home.vault.write_text(json.dumps(vault | {"memory_kib": 1 << 40}))
    with pytest.raises(DatabaseDamaged):
        unlock(home, lambda new: PASSPHRASE)
    home.vault.write_text("{")
    with pytest.raises(DatabaseDamaged):
        unlock(home, lambda new: PASSPHRASE)


def test_a_database_whose_key_is_gone(home: Home) -> None:
    _make(home)
    home.vault.unlink()
    with pytest.raises(KeyMissing):
        unlock(home, lambda new: pytest.fail("asked"))


def test_only_its_owner_may_look(home: Home) -> None:
    if sys.platform == "win32":
        pytest.skip("access rights are those of the account's folder on Windows")
    _make(home)
    assert home.root.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in home.root.iterdir()} == {0o600}


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeUnwritable):
        unlock(Home(tmp_path / "file" / "home"), lambda new: PASSPHRASE)


@pytest.mark.parametrize("chained", [False, True])
def test_a_keyring_that_writes_plainly_is_not_used(home: Home, monkeypatch: pytest.MonkeyPatch, chained: bool) -> None:
    backend: KeyringBackend = PlainKeyring()
    if chained:
        monkeypatch.setattr(ChainerBackend, "backends", [backend])
        backend = ChainerBackend()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    with pytest.raises(PassphraseNeeded):
        unlock(home, None)
    _make(home)
    assert home.vault.exists()


_UNLOCK = """
import hashlib, sys
from pathlib import Path
from lumbre.core.paths import Home
from lumbre.store.keys import unlock
key = unlock(Home(Path(sys.argv[1])), {ask})
print(hashlib.sha256(key).hexdigest())
"""


def test_several_first_starts_at_once_make_one_key(home: Home) -> None:
    script = _UNLOCK.format(ask="lambda new: 'una frase'")
    command = [sys.executable, "-c", script, str(home.root)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = {process.communicate()[0] for process in processes}
    assert len(told) == 1
    assert all(process.returncode == 0 for process in processes)


_SESSION = """
printf 'password' | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &
daemon=$!
trap 'kill $daemon; wait $daemon' EXIT
gdbus wait --session --timeout 20 org.freedesktop.secrets || exit 9
"$@"
"""

_KEYRING = """
from pathlib import Path
import keyring, sys
from lumbre.core.errors import KeyMissing
from lumbre.core.paths import Home
from lumbre.store.database import Database
from lumbre.store.keys import unlock
home = Home(Path(sys.argv[1]))
key = unlock(home, None)
Database.open(home.database, key).close()
assert unlock(home, None) == key
assert not home.vault.exists()
assert keyring.get_password("lumbre", home.identity.read_text()) == key.hex()
keyring.delete_password("lumbre", home.identity.read_text())
try:
    unlock(home, None)
except KeyMissing:
    print(type(keyring.get_keyring()).__module__)
"""


def test_the_systems_keyring(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ("dbus-run-session", "gnome-keyring-daemon", "gdbus")
    if missing := [name for name in needed if not shutil.which(name)]:
        pytest.skip(f"no keyring to test with: install gnome-keyring, dbus and libglib2.0-bin ({missing})")
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    command = ["dbus-run-session", "--", "sh", "-c", _SESSION, "sh", sys.executable, "-c", _KEYRING, str(home.root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout == "keyring.backends.SecretService\n", done.stderr
