"""A file that can be thrown away: encrypted and authenticated piece by piece, replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lumbre.store.process import lives, own_mark

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MAGIC = b"lumbre-snapshot1"
_SALT = 32
_PIECE = 4 << 20
_TAG = 16
_LENGTH = 4


class SnapshotDamaged(Exception):
    """What the file holds is not what was written, or not by this library; it never leaves the store."""


class Snapshot:
    """One such file. Each is sealed with AES-256-GCM under a key of its own, derived from the library's."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def exists(self) -> bool:
        """Whether there is one to read."""
        return self._path.exists()

    def discard(self) -> None:
        """Delete it."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def write(self, header: bytes, fill: Callable[[Callable[[bytes], int]], None]) -> None:
        """Write `header` and all that `fill` hands to its argument. Raises OSError."""
        part = self._path.with_name(f"{self._path.name}.{own_mark().replace(':', '-')}.part")
        self._sweep(part)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                salt = secrets.token_bytes(_SALT)
                file.write(_MAGIC + salt)
                sealing = _Sealing(file, _cipher(self._key, salt))
                sealing.piece(header)
                fill(sealing.take)
                sealing.end()
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def read(self) -> Iterator[tuple[bytes, Callable[[int], bytes]]]:
        """The header and a way to read the rest, at most n bytes at a time. Raises SnapshotDamaged, OSError."""
        with self._path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise SnapshotDamaged
            opening = _Opening(file, _cipher(self._key, file.read(_SALT)))
            yield opening.piece(), opening.take

    def _sweep(self, own: Path) -> None:
        """Delete what processes that were killed left half written."""
        for left in self._path.parent.glob(f"{self._path.name}.*.part"):
            mark = left.name.removeprefix(f"{self._path.name}.").removesuffix(".part").replace("-", ":")
            if left != own and not lives(mark):
                left.unlink(missing_ok=True)


class _Sealing:
    """Cuts a stream into pieces and seals each with its number; the last is marked, so that none can be cut off."""

    def __init__(self, file: BinaryIO, cipher: AESGCM) -> None:
        self._file = file
        self._cipher = cipher
        self._number = 0
        self._held = bytearray()

    def take(self, data: bytes) -> int:
        self._held += data
        while len(self._held) >= _PIECE:
            self.piece(bytes(self._held[:_PIECE]))
            del self._held[:_PIECE]
        return len(data)

    def end(self) -> None:
        self.piece(bytes(self._held), last=True)

    def piece(self, data: bytes, *, last: bool = False) -> None:
        sealed = self._cipher.encrypt(self._number.to_bytes(12, "big"), data, b"last" if last else b"more")
        self._file.write(bytes([last]) + len(sealed).to_bytes(_LENGTH, "big") + sealed)
        self._number += 1


class _Opening:
    """Gives the stream back, each piece only once it is known to be as it was written."""

    def __init__(self, file: BinaryIO, cipher: AESGCM) -> None:
        self._file = file
        self._cipher = cipher
        self._number = 0
        self._ended = False
        self._held = memoryview(b"")

    def take(self, most: int) -> bytes:
        while not self._held and not self._ended:
            self._held = memoryview(self.piece())
        data = self._held[:most]
        self._held = self._held[len(data) :]
        return bytes(data)

    def piece(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        head = self._file.read(1 + _LENGTH)
        length = int.from_bytes(head[1:], "big")
        if len(head) != 1 + _LENGTH or length > _PIECE + _TAG:
            raise SnapshotDamaged
        self._ended = bool(head[0])
        sealed = self._file.read(length)
        try:
            data = self._cipher.decrypt(self._number.to_bytes(12, "big"), sealed, b"last" if self._ended else b"more")
        except (InvalidTag, ValueError) as error:
            raise SnapshotDamaged from error
        self._number += 1
        return data


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    """A key that no other file has, so that the pieces' numbers can be their nonces."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=b"lumbre snapshot").derive(key))
