"""The file is really encrypted, transactions really hold, and every fault of the world has its name."""

from __future__ import annotations

import hashlib
import hmac
import random
import secrets
import shutil
import struct
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lumbre.core.errors import DatabaseDamaged, HomeUnwritable, LibraryBusy, NewerDatabase, WrongKey
from lumbre.store import database as module
from lumbre.store.database import Database

PAGE, RESERVED = 4096, 80
MARKER = "una frase que nadie debe leer"


def _decrypted(page: bytes, number: int, salt: bytes, key: bytes) -> bytes:
    """A page opened by what SQLCipher 4 documents (AES-256-CBC, HMAC-SHA512), with none of the program's code."""
    body = page[16:] if number == 1 else page
    cipher_text, iv, mac = body[:-RESERVED], body[-RESERVED:-64], body[-64:]
    mac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)
    expected = hmac.new(mac_key, cipher_text + iv + struct.pack("<I", number), "sha512").digest()
    assert hmac.compare_digest(mac, expected), f"page {number}"
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(cipher_text) + decryptor.finalize()


def _count(db: Database) -> int:
    with db.read() as connection:
        return next(connection.execute("SELECT count(*) FROM collections"))[0]


def _add(db: Database, name: str) -> None:
    with db.write() as connection:
        connection.execute("INSERT INTO collections (name) VALUES (?)", (name,))


def test_file_is_sqlcipher_4(db: Database, tmp_path: Path, key: bytes) -> None:
    _add(db, MARKER)
    wal = (tmp_path / "lumbre.db-wal").read_bytes()
    assert len(wal) > PAGE
    db.close()
    raw = (tmp_path / "lumbre.db").read_bytes()
    pages = [raw[at : at + PAGE] for at in range(0, len(raw), PAGE)]
    plain = [_decrypted(page, number, raw[:16], key) for number, page in enumerate(pages, start=1)]
    assert any(MARKER.encode() in page for page in plain)
    for written in (raw, wal):
        assert MARKER.encode() not in written
        assert b"CREATE TABLE" not in written
        assert b"SQLite format" not in written


def test_only_its_owner_may_read_the_file(db: Database, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("access rights are those of the folder on Windows")
    _add(db, "a")
    files = list(tmp_path.iterdir())
    assert len(files) >= 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_another_key_does_not_open_it(db: Database, tmp_path: Path, key: bytes) -> None:
    db.close()
    before = (tmp_path / "lumbre.db").read_bytes()
    with pytest.raises(WrongKey):
        Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    assert (tmp_path / "lumbre.db").read_bytes() == before
    Database.open(tmp_path / "lumbre.db", key).close()


def test_a_newer_database_is_left_alone(db: Database, tmp_path: Path, key: bytes) -> None:
    with db.write() as connection:
        connection.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(NewerDatabase):
        Database.open(tmp_path / "lumbre.db", key)


def test_migrations_run_once_and_whole(
    db: Database, tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.close()

    def widen(connection: apsw.Connection) -> None:
        connection.execute("CREATE TABLE wider (x)")

    def fail(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(module, "MIGRATIONS", [*module.MIGRATIONS, widen, fail])
    with pytest.raises(apsw.SQLError):
        Database.open(tmp_path / "lumbre.db", key)
    monkeypatch.setattr(module, "MIGRATIONS", module.MIGRATIONS[:-1])
    for _ in range(2):
        migrated = Database.open(tmp_path / "lumbre.db", key)
        with migrated.read() as connection:
            assert connection.execute("SELECT * FROM wider").fetchall() == []
        migrated.close()


@pytest.mark.parametrize("harm", ["middle", "truncated", "nonsense"])
def test_a_damaged_file_is_named_so(db: Database, tmp_path: Path, key: bytes, harm: str) -> None:
    path = tmp_path / "lumbre.db"
    db.close()
    raw = bytearray(path.read_bytes())
    if harm == "middle":
        for at in range(PAGE + 100, len(raw), PAGE):
            raw[at] ^= 1
    path.write_bytes({"middle": raw, "truncated": raw[: PAGE + 1000], "nonsense": b"not a database at all"}[harm])
    with pytest.raises(DatabaseDamaged):  # noqa: PT012 — whichever comes first
        harmed = Database.open(path, key)
        try:
            _count(harmed)
        finally:
            harmed.close()


def test_a_home_that_is_no_folder(tmp_path: Path, key: bytes) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeUnwritable):
        Database.open(tmp_path / "file" / "lumbre.db", key)
    with pytest.raises(HomeUnwritable):
        Database.open(tmp_path / "absent" / "lumbre.db", key)


def test_what_raises_is_undone(db: Database) -> None:
    def write_and_fail() -> None:
        with db.write():
            _add(db, "a")
            assert _count(db) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert _count(db) == 0


def test_readers_see_one_state(db: Database, key: bytes) -> None:
    with db.read() as connection:
        assert _count(db) == 0
        other = threading.Thread(target=_add, args=(db, "a"))
        other.start()
        other.join()
        assert next(connection.execute("SELECT count(*) FROM collections")) == (0,)
    assert _count(db) == 1


def test_threads_write_one_after_the_other(db: Database) -> None:
    def work(name: str) -> None:
        for n in range(25):
            with db.write() as connection:
                (count,) = next(connection.execute("SELECT count(*) FROM collections"))
                connection.execute("INSERT INTO collections (name) VALUES (?)", (f"{name} {n} {count}",))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM collections ORDER BY id")]
    assert [int(name.split()[2]) for name in names] == list(range(100))


def test_a_writer_that_does_not_let_go(
    db: Database, tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY_MS", 20)
    other = Database.open(tmp_path / "lumbre.db", key)
    with db.write() as connection:
        connection.execute("INSERT INTO collections (name) VALUES ('a')")
        with pytest.raises(LibraryBusy), other.write():
            pass
    with other.write():
        assert _count(other) == 1
    other.close()


_OPEN = """
import sys
from pathlib import Path
from lumbre.store.database import Database
db = Database.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
"""

_ADD_MANY = """
for n in range(20):
    with db.write() as connection:
        (count,) = next(connection.execute("SELECT count(*) FROM collections"))
        connection.execute("INSERT INTO collections (name) VALUES (?)", (str(count),))
db.close()
"""

_ADD_PAIRS = """
n = 0
while True:
    with db.write() as connection:
        for half in "ab":
            connection.execute("INSERT INTO collections (name) VALUES (?)", (f"{sys.argv[3]} {n} {half}" + "x" * 5000,))
    n += 1
    print(n, flush=True)
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _OPEN + script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_several_first_starts_at_once(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "lumbre.db"
    processes = [_start(_ADD_MANY, str(path), key.hex()) for _ in range(3)]
    assert [process.communicate()[0] for process in processes] == [""] * 3
    assert [process.returncode for process in processes] == [0] * 3
    db = Database.open(path, key)
    assert _count(db) == 60
    db.close()


def test_killed_in_the_middle_of_writing(tmp_path: Path, key: bytes) -> None:
    path, chance = tmp_path / "lumbre.db", random.Random(4)
    committed = 0
    for run in range(8):
        process = _start(_ADD_PAIRS, str(path), key.hex(), str(run))
        assert process.stdout is not None
        for _ in range(chance.randint(1, 30)):
            process.stdout.readline()
        process.kill()
        told = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        db = Database.open(path, key)
        with db.read() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            names = connection.execute("SELECT name FROM collections WHERE name LIKE ?", (f"{run} %",)).fetchall()
        db.close()
        assert len(names) % 2 == 0
        assert len(names) // 2 >= int(told[-1] if told else 1)
        committed += len(names)
    assert committed > 16


_FILL = """
from lumbre.core.errors import DiskFull
try:
    while True:
        with db.write() as connection:
            connection.execute("INSERT INTO collections (name) VALUES (hex(randomblob(20000)))")
except DiskFull as error:
    print("full", error.details["path"])
with db.read() as connection:
    print(connection.execute("PRAGMA integrity_check").fetchall())
db.close()
"""


def test_a_full_disk(tmp_path: Path, key: bytes) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if not shutil.which("unshare"):
        pytest.skip("a small disk needs the command “unshare”")
    mount = 'mount -t tmpfs -o size=2m none "$1" && shift && exec "$@"'
    inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", str(small)]
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("this system does not let a test mount a small disk")
    command = [*inside, sys.executable, "-c", _OPEN + _FILL, str(small / "lumbre.db"), key.hex()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.splitlines() == [f"full {small}", "[('ok',)]"], done.stderr
