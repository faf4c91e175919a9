"""ZIP archives: their text is the list of their members, each of which is a document of its own.

Hidden files and what systems leave behind are passed over in silence; members that lead out of the archive, links and
encrypted ones are passed over and told.
"""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument, UnsafeArchive, UnsupportedFormat
from lumbre.readers import kinds
from lumbre.readers.base import MEGABYTE, Draft, File, Format, Member
from lumbre.readers.members import inner_path, is_junk, unique
from lumbre.readers.package import BROKEN, zip_kind

_LIMIT = 2_000
_MOST = 5_000
"""Members of one archive."""
_UNPACKED = 4_000 * MEGABYTE
_MEMBER_LIMIT = 256
"""Megabytes of one member: the largest that any format reads."""
_RATIO = 200
_SMALL = 64 * MEGABYTE
"""What unpacks to less is no bomb, however well it was packed."""
_LIST_LIMIT = 4 * MEGABYTE
"""Bytes of the list of members, some 50,000 of them, which is read whole."""
_ENCRYPTED = 1
_TAIL = 66_000
_TOLD = 20
"""Members told of that were passed over."""


def recognises(file: File) -> bool:
    """Whether it is a whole ZIP archive that is no document. Raises UnsafeArchive over an endless list of members."""
    if not kinds.is_zip(file.head):
        return False
    if _list_size(file) > _LIST_LIMIT:
        raise UnsafeArchive(reason="its list of members is endless")
    return zip_kind(file) == kinds.ARCHIVE


def read(file: File) -> Extracted:
    """List the members. Raises DamagedDocument, EmptyDocument, EncryptedDocument and UnsafeArchive."""
    draft = Draft()
    with _opened(file) as archive:
        _check(archive, file.size)
        kept = _kept(archive, draft.warnings)
        if not kept and any(info.flag_bits & _ENCRYPTED for info in archive.infolist()):
            raise EncryptedDocument()
    for name, _ in kept:
        draft.add(f"- {name}", "list")
        draft.members.append(name)
    return draft.finish(FORMAT.name)


@contextmanager
def members(file: File, _inside: str) -> Iterator[list[Member]]:
    """The files in it. Raises as `read`."""
    with _opened(file) as archive:
        _check(archive, file.size)
        yield [Member(name, partial(_unpacked, archive, info)) for name, info in _kept(archive, [])]


FORMAT = Format("zip", recognises, read, _LIMIT, members)


@contextmanager
def _opened(file: File) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file.source) as archive:
            yield archive
    except BROKEN as error:
        raise DamagedDocument(reason="broken ZIP archive") from error


def _list_size(file: File) -> int:
    """Bytes of the list of members, as the end of the archive tells; 0 when it does not."""
    with file.open() as stream:
        stream.seek(max(0, file.size - _TAIL))
        tail = stream.read(_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        return 0
    large = end - 76
    if large >= 0 and tail[large : large + 4] == b"PK\x06\x06":
        return int(struct.unpack_from("<Q", tail, large + 40)[0])
    return int(struct.unpack_from("<I", tail, end + 12)[0])


def _check(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse a bomb by what it says of itself; a member gives no more than it says. Raises UnsafeArchive."""
    infos = archive.infolist()
    if len(infos) > _MOST:
        raise UnsafeArchive(reason=f"more than {_MOST} members")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > _UNPACKED:
        raise UnsafeArchive(reason=f"it unpacks to {unpacked // MEGABYTE} MB")
    if unpacked > max(_SMALL, _RATIO * size):
        raise UnsafeArchive(reason=f"it unpacks to {unpacked // size} times its size")


def _kept(archive: zipfile.ZipFile, warnings: list[str]) -> list[tuple[str, zipfile.ZipInfo]]:
    """The members that are documents, under names of their own; what is passed over is told in `warnings`."""
    kept, taken = [], set[str]()
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = inner_path(info.orig_filename)
        if name and is_junk(info.orig_filename):
            continue
        reason = _reason(name, info)
        if not reason:
            kept.append((unique(name, taken), info))
        elif len(warnings) < _TOLD:
            warnings.append(f"passed over: {name or ascii(info.orig_filename[:100])} ({reason})")
    return kept


def _reason(name: str, info: zipfile.ZipInfo) -> str:
    """Why a member is not read; empty when it is."""
    if not name:
        return "its name leads out of the archive"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    return "a link" if stat.S_ISLNK(info.external_attr >> 16) else ""


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's content. Raises DamagedDocument, DocumentTooLarge and UnsupportedFormat."""
    if info.file_size > _MEMBER_LIMIT * MEGABYTE:
        raise DocumentTooLarge(size=info.file_size // MEGABYTE, limit=_MEMBER_LIMIT)
    try:
        return archive.read(info)
    except NotImplementedError as error:
        raise UnsupportedFormat(kind="packed in an unknown way") from error
    except (*BROKEN, lzma.LZMAError, ValueError, OSError) as error:
        raise DamagedDocument(reason="broken ZIP archive") from error
