"""The key of the database: in the system's keyring, or wrapped by a passphrase in the vault; never in the clear."""

from __future__ import annotations

import base64
import os
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lumbre.core.errors import DatabaseDamaged, HomeUnwritable, KeyMissing, PassphraseEmpty, PassphraseNeeded, WrongKey
from lumbre.core.paths import Home
from lumbre.store.lock import locked

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from keyring.backend import KeyringBackend

_SERVICE = "lumbre"
_KEY_BYTES = 32
_SYSTEM_KEYRINGS = {
    f"keyring.backends.{name}" for name in ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
}
"""Those that encrypt what they keep. Others are not used, since some, like those of keyrings.alt, write plain files."""
_MAX_MEMORY_KIB = 1 << 20

AskPassphrase = Callable[[bool], str]
"""Asks the person: True when a passphrase is to be chosen, False when the one chosen before is wanted."""


class _Vault(msgspec.Struct, frozen=True):
    """vault.json: how the wrapping key comes from the passphrase (Argon2id), and the wrapped key (AES-GCM)."""

    salt: str
    iterations: int
    lanes: int
    memory_kib: int
    nonce: str = ""
    wrapped: str = ""


def unlock(home: Home, ask_passphrase: AskPassphrase | None) -> bytes:
    """The raw 32-byte key of this home's database, made at the first start.

    Raises PassphraseNeeded, PassphraseEmpty, WrongKey, KeyMissing, DatabaseDamaged, HomeUnwritable, LibraryBusy.
    """
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only who makes a key must be alone; nobody waits for a person who is typing a passphrase elsewhere.
        if not home.vault.exists():
            with locked(home.root / "opening.lock"):
                if not home.vault.exists():
                    return _from_keyring(home) or _new_vault(home, ask_passphrase)
        return _open_vault(home.vault, ask_passphrase)
    except OSError as error:
        raise HomeUnwritable(path=str(home.root), reason=error.strerror or str(error)) from error


def try_keyring() -> str:
    """Keep, read and delete a secret; the name of the keyring that did it. Raises PassphraseNeeded without one."""
    from keyring.errors import KeyringError

    name, secret = f"try-{secrets.token_hex(4)}", secrets.token_hex(8)
    for backend in _keyrings():
        try:
            backend.set_password(_SERVICE, name, secret)
            kept = backend.get_password(_SERVICE, name)
            backend.delete_password(_SERVICE, name)
        except KeyringError:
            continue
        if kept == secret:
            return str(backend.name)
    raise PassphraseNeeded


def _from_keyring(home: Home) -> bytes | None:
    """The key kept in the keyring, or a new one put there; None when this system has no keyring to use."""
    from keyring.errors import KeyringError

    made = home.database.exists() and home.database.stat().st_size > 0
    name = _identity(home.identity)
    for backend in _keyrings():
        try:
            kept = backend.get_password(_SERVICE, name)
            if kept is None and not made:
                backend.set_password(_SERVICE, name, secrets.token_hex(_KEY_BYTES))
                kept = backend.get_password(_SERVICE, name)
        except KeyringError:
            continue
        if kept is not None:
            return bytes.fromhex(kept)
    if made:
        raise KeyMissing(home=str(home.root))
    return None


def _keyrings() -> list[KeyringBackend]:
    """The system's own keyrings among those configured."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    members = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    return [backend for backend in members if type(backend).__module__ in _SYSTEM_KEYRINGS]


def _identity(path: Path) -> str:
    """The name of this home's entry in the keyring, made up at the first start; it is no secret."""
    if not path.exists():
        _write(path, secrets.token_hex(8).encode())
    return path.read_text("ascii").strip()


def _new_vault(home: Home, ask_passphrase: AskPassphrase | None) -> bytes:
    passphrase = _ask(ask_passphrase, new=True)
    key, salt, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(16), secrets.token_bytes(12)
    # About 0.1 s and 64 MiB for each guess.
    vault = _Vault(salt=_text(salt), iterations=3, lanes=4, memory_kib=65536)
    wrapped = _cipher(vault, passphrase).encrypt(nonce, key, _bound(vault))
    vault = msgspec.structs.replace(vault, nonce=_text(nonce), wrapped=_text(wrapped))
    _write(home.vault, msgspec.json.encode(vault))
    return key


def _open_vault(path: Path, ask_passphrase: AskPassphrase | None) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        vault = msgspec.json.decode(path.read_bytes(), type=_Vault)
        nonce, wrapped = base64.b64decode(vault.nonce), base64.b64decode(vault.wrapped)
    except ValueError as error:
        raise DatabaseDamaged(reason=path.name) from error
    if vault.memory_kib > _MAX_MEMORY_KIB:
        raise DatabaseDamaged(reason=path.name)
    try:
        cipher = _cipher(vault, _ask(ask_passphrase, new=False))
        return cipher.decrypt(nonce, wrapped, _bound(vault))
    except InvalidTag as error:
        raise WrongKey from error


def _ask(ask_passphrase: AskPassphrase | None, *, new: bool) -> bytes:
    """The passphrase as bytes that are the same on every system, however it types accents."""
    if ask_passphrase is None:
        raise PassphraseNeeded
    passphrase = unicodedata.normalize("NFC", ask_passphrase(new))
    if not passphrase.strip():
        raise PassphraseEmpty
    return passphrase.encode()


def _cipher(vault: _Vault, passphrase: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    salt = base64.b64decode(vault.salt)
    kdf = Argon2id(salt=salt, length=32, iterations=vault.iterations, lanes=vault.lanes, memory_cost=vault.memory_kib)
    return AESGCM(kdf.derive(passphrase))


def _bound(vault: _Vault) -> bytes:
    """What is authenticated with the wrapped key, so that nobody can weaken the derivation."""
    return msgspec.json.encode(msgspec.structs.replace(vault, nonce="", wrapped=""))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only, and on the disk before anything relies on it."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
