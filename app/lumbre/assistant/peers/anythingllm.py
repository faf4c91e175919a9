"""AnythingLLM: workspaces with their documents and chats, from the storage folder of its desktop version.

The tables are those of server/prisma/schema.prisma, the files those that collector/utils/files writes
(Mintplex-Labs/anything-llm, commit 72aabbd1). A document's original is indexed where it still lies; else the text that
AnythingLLM keeps of it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import apsw

from lumbre.assistant.peers.places import DAMAGED, config_folder, conversation, seconds
from lumbre.core.importing import Findings, ForeignCollection, ForeignConversation, ForeignTurn
from lumbre.store.database import rows
from lumbre.store.foreign import columns, foreign

TITLE = "AnythingLLM"
_DATABASE = "anythingllm.db"
_FILE = "file://"


def folders() -> list[Path]:
    """Where its desktop version keeps its data."""
    return [config_folder() / "anythingllm-desktop" / "storage"]


def is_folder(folder: Path) -> bool:
    """Whether a folder is its storage."""
    return (folder / _DATABASE).is_file()


def read(folder: Path) -> Findings:
    """What its folder holds. Raises PeerUnreadable, PeerUnknown."""
    with foreign(folder / _DATABASE, TITLE) as connection:
        collections = _collections(connection, folder)
        conversations = _conversations(connection)
    return Findings(collections=collections, conversations=conversations, model_folders=[folder / "models"])


def _collections(connection: apsw.Connection, folder: Path) -> list[ForeignCollection]:
    query = (
        "SELECT w.name, d.docpath, d.metadata FROM workspace_documents d JOIN workspaces w ON w.id = d.workspaceId"
        " ORDER BY w.id, d.id"
    )
    found: dict[str, list[Path]] = {}
    for name, kept, metadata in rows(connection, query):
        found.setdefault(str(name), []).append(_document(folder / "documents", str(kept), metadata))
    return [ForeignCollection(name, list(dict.fromkeys(paths))) for name, paths in found.items()]


def _document(documents: Path, kept: str, metadata: object) -> Path:
    """The original if it is still there, else the file with its text, never one outside of the folder."""
    try:
        url = json.loads(str(metadata))["url"]
    except DAMAGED:
        url = None
    if isinstance(url, str) and url.startswith(_FILE):
        # Written as the path stands, without escapes; on Windows after a slash of its own or without one.
        original = Path(url.removeprefix(_FILE).removeprefix("/") if os.name == "nt" else url.removeprefix(_FILE))
        if original.is_absolute() and original.is_file():
            return original
    inside = documents / kept.replace("\\", "/")
    return inside if inside.resolve().is_relative_to(documents.resolve()) else documents / inside.name


def _conversations(connection: apsw.Connection) -> list[ForeignConversation]:
    """A conversation for each thread and for what was said in a workspace without one; answers to its API are left."""
    there = columns(connection, "workspace_chats")
    thread = "c.thread_id" if "thread_id" in there else "NULL"
    api = "AND c.api_session_id IS NULL" if "api_session_id" in there else ""
    threads = (
        {id: str(name) for id, name in rows(connection, "SELECT id, name FROM workspace_threads")}
        if (columns(connection, "workspace_threads"))
        else {}
    )
    query = (
        f"SELECT w.slug, w.name, {thread}, c.prompt, c.response, c.createdAt FROM workspace_chats c"
        f" JOIN workspaces w ON w.id = c.workspaceId WHERE c.include {api} ORDER BY c.id"
    )
    held: dict[tuple[str, int | None], list[ForeignTurn]] = {}
    titles: dict[tuple[str, int | None], str] = {}
    for slug, name, number, prompt, response, created in rows(connection, query):
        key = (str(slug), number)
        titles[key] = f"{name}: {threads[number]}" if number in threads else str(name)
        held.setdefault(key, []).extend(_turns(str(prompt), str(response), seconds(created)))
    return [
        conversation(f"anythingllm:{slug}/{number or ''}", titles[slug, number], turns)
        for (slug, number), turns in held.items()
    ]


def _turns(prompt: str, response: str, created: float) -> list[ForeignTurn]:
    try:
        text = json.loads(response)["text"]
    except DAMAGED:
        text = response
    return [ForeignTurn("user", prompt, created), ForeignTurn("assistant", str(text), created, TITLE)]
