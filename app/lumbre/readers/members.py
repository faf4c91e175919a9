"""Files inside other files: names under which they can be kept, and the way to one of them.

No name leads out of its container: none is absolute, has a drive letter or goes up. Nothing is unpacked to disk.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from lumbre.core.errors import FileVanished
from lumbre.readers.base import HEAD, File, Format, Member

DEPTH = 5
"""Files inside files inside files that are followed."""
_NAME_LENGTH = 150
_PATH_LENGTH = 400
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DRIVE = re.compile(r"[A-Za-z]:")
_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


def file_name(raw: str, otherwise: str = "") -> str:
    """The last part of a name as somebody else wrote it, fit for a path; `otherwise` when nothing is left of it."""
    name = raw.replace("\\", "/").rpartition("/")[2].replace(":", "_")
    name = "".join(sign for sign in name if unicodedata.category(sign) not in _UNSHOWN).strip(" .")
    if len(name) > _NAME_LENGTH:
        end = PurePosixPath(name).suffix[-20:]
        name = name[: _NAME_LENGTH - len(end)] + end
    return name or otherwise


def inner_path(raw: str) -> str:
    """A path in an archive, fit to stand below that of the archive; empty when it leads elsewhere."""
    path = raw.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts or "\0" in path or len(path) > _PATH_LENGTH:
        return ""
    named = [file_name(part) for part in parts]
    return "/".join(named) if all(named) else ""


def is_junk(path: str) -> bool:
    """Whether systems leave such files behind, or hide them: a folder that is added is read without them too."""
    parts = path.replace("\\", "/").lower().split("/")
    return any((part.startswith(".") and part != ".") or part in _JUNK for part in parts)


def unique(name: str, taken: set[str]) -> str:
    """The name, or the first one like it that is not taken; it is taken from now on."""
    path, number = PurePosixPath(name), 1
    while name in taken:
        number += 1
        name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    taken.add(name)
    return name


def descend(file: File, chosen: Format, inside: str) -> tuple[File, str]:
    """The file that the longest beginning of `inside` names, and what is left of the name.

    Raises FileVanished, and what reading the member raises.
    """
    if chosen.members is None:
        raise FileVanished()
    with chosen.members(file, inside) as members:
        found = max((one for one in members if _leads(one, inside)), key=lambda one: len(one.name), default=None)
        if found is None:
            raise FileVanished()
        data = found.read()
    inner = File(file.path / found.name, len(data), data[:HEAD], data, file.depth + 1)
    return inner, inside[len(found.name) + 1 :]


def _leads(member: Member, inside: str) -> bool:
    return inside == member.name or inside.startswith(f"{member.name}/")
