"""GPT4All: collections of LocalDocs, and its models.

The tables are those of gpt4all-chat/src/database.cpp (nomic-ai/gpt4all, commit cd70db29): version 1 keeps a line for
each collection and folder, versions 2 and 3 join them by collection_items.
"""

from __future__ import annotations

import re
from pathlib import Path

from lumbre.assistant.peers.places import data_folder
from lumbre.core.errors import PeerUnknown
from lumbre.core.importing import Findings, ForeignCollection
from lumbre.store.database import rows
from lumbre.store.foreign import columns, foreign

TITLE = "GPT4All"
_NAME = re.compile(r"localdocs_v(\d+)\.db")
_FIRST = """
SELECT c.collection_name, f.folder_path FROM collections c JOIN folders f ON f.id = c.folder_id ORDER BY 1, 2
"""
_LATER = """
SELECT c.name, f.path FROM collections c JOIN collection_items i ON i.collection_id = c.id
JOIN folders f ON f.id = i.folder_id ORDER BY 1, 2
"""


def folders() -> list[Path]:
    """Where it keeps its data and models."""
    return [data_folder() / "nomic.ai" / "GPT4All"]


def is_folder(folder: Path) -> bool:
    """Whether a folder is one of its own."""
    return bool(_databases(folder)) or any(folder.glob("*.gguf"))


def read(folder: Path) -> Findings:
    """What its folder holds. Raises PeerUnreadable, PeerUnknown."""
    collections: list[ForeignCollection] = []
    # As the program itself does: the newest that holds something counts, older ones are leftovers.
    for database in _databases(folder):
        collections = _collections(database)
        if collections:
            break
    return Findings(collections=collections, model_folders=[folder])


def _databases(folder: Path) -> list[Path]:
    found = [(int(match[1]), path) for path in folder.glob("localdocs_v*.db") if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found, reverse=True)]


def _collections(path: Path) -> list[ForeignCollection]:
    with foreign(path, TITLE) as connection:
        if {"collection_name", "folder_id"} <= columns(connection, "collections"):
            query = _FIRST
        elif "name" in columns(connection, "collections") and "path" in columns(connection, "folders"):
            query = _LATER
        else:
            raise PeerUnknown(program=TITLE, path=str(path), reason="collections, folders")
        found: dict[str, list[Path]] = {}
        for name, folder in rows(connection, query):
            found.setdefault(str(name), []).append(Path(str(folder)))
    return [ForeignCollection(name, paths) for name, paths in found.items()]
