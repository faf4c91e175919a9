"""Folders as other assistants leave them, made anew from what their public sources write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw


def _database(path: Path, schema: str) -> apsw.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute(schema)
    return connection


# gpt4all-chat/src/database.cpp of nomic-ai/gpt4all, commit cd70db29edaf0f02a567f5eea94f5e52240be3e9 (version 3), and
# gpt4all-chat/database.cpp of its tag v2.7.5 (version 1); only the tables that name collections.
_GPT4ALL_3 = """
create table collections(id integer primary key, name text unique not null, start_update_time integer,
    last_update_time integer, embedding_model text);
create table folders(id integer primary key autoincrement, path text unique not null);
create table collection_items(collection_id integer not null, folder_id integer not null,
    foreign key(collection_id) references collections(id) foreign key(folder_id) references folders(id),
    unique(collection_id, folder_id));
create table documents(id integer primary key, folder_id integer not null, document_time integer not null,
    document_path text unique not null, foreign key(folder_id) references folders(id));
"""
_GPT4ALL_1 = """
create table collections(collection_name varchar, folder_id integer, unique(collection_name, folder_id));
create table folders(id integer primary key, folder_path varchar unique);
"""


def gpt4all(folder: Path, collections: dict[str, list[Path]], version: int = 3) -> None:
    """Write localdocs_vN.db."""
    connection = _database(folder / f"localdocs_v{version}.db", _GPT4ALL_1 if version == 1 else _GPT4ALL_3)
    paths = list(dict.fromkeys(str(path) for those in collections.values() for path in those))
    for number, path in enumerate(paths, 1):
        connection.execute("INSERT INTO folders VALUES (?, ?)", (number, path))
    for number, (name, those) in enumerate(collections.items(), 1):
        if version > 1:
            connection.execute(
                "INSERT INTO collections VALUES (?, ?, 1740000000000, 1740000000000, 'x')", (number, name)
            )
        for path in those:
            values = (name if version == 1 else number, paths.index(str(path)) + 1)
            table = "collections" if version == 1 else "collection_items"
            connection.execute(f"INSERT INTO {table} VALUES (?, ?)", values)
    connection.close()


# server/prisma/schema.prisma of Mintplex-Labs/anything-llm, commit 72aabbd15481ae405434efd4c83d46026eef1173; times are
# milliseconds, as Prisma writes them.
_ANYTHINGLLM = """
CREATE TABLE workspaces (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, slug TEXT NOT NULL);
CREATE TABLE workspace_documents (id INTEGER PRIMARY KEY AUTOINCREMENT, docId TEXT NOT NULL, filename TEXT NOT NULL,
    docpath TEXT NOT NULL, workspaceId INTEGER NOT NULL REFERENCES workspaces (id), metadata TEXT);
CREATE TABLE workspace_threads (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, slug TEXT NOT NULL,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id));
CREATE TABLE workspace_chats (id INTEGER PRIMARY KEY AUTOINCREMENT, workspaceId INTEGER NOT NULL, prompt TEXT NOT NULL,
    response TEXT NOT NULL, include BOOLEAN NOT NULL DEFAULT true, user_id INTEGER, thread_id INTEGER,
    api_session_id TEXT, createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
"""
CHATTED = 1_760_000_000


class AnythingLLM:
    """A storage folder to fill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db = _database(folder / "anythingllm.db", _ANYTHINGLLM)

    def workspace(self, name: str) -> int:
        self._db.execute("INSERT INTO workspaces (name, slug) VALUES (?, ?)", (name, name.lower().replace(" ", "-")))
        return self._db.last_insert_rowid()

    def document(self, workspace: int, title: str, text: str, url: str) -> Path:
        """As collector/utils/files writes it: the text in a JSON file, the rest also in the database."""
        about = {"id": title, "url": url, "title": title, "docSource": "a text file uploaded by the user."}
        kept = self._folder / "documents" / "custom-documents" / f"{title}-{workspace}.json"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({**about, "pageContent": text}, indent=4, ensure_ascii=False), "utf-8")
        self.entry(workspace, f"custom-documents/{kept.name}", about)
        return kept

    def entry(self, workspace: int, docpath: str, about: object) -> None:
        query = (
            "INSERT INTO workspace_documents (docId, filename, docpath, workspaceId, metadata) VALUES (?, ?, ?, ?, ?)"
        )
        self._db.execute(query, (docpath, docpath, docpath, workspace, json.dumps(about)))

    def thread(self, workspace: int, name: str) -> int:
        query = "INSERT INTO workspace_threads (name, slug, workspace_id) VALUES (?, ?, ?)"
        self._db.execute(query, (name, name, workspace))
        return self._db.last_insert_rowid()

    def chat(self, workspace: int, prompt: str, answer: str, thread: int | None = None, **more: Any) -> None:
        values = {"workspaceId": workspace, "prompt": prompt, "response": json.dumps({"text": answer, "sources": []})}
        values |= {"thread_id": thread, "createdAt": CHATTED * 1000, **more}
        names = ", ".join(values)
        self._db.execute(
            f"INSERT INTO workspace_chats ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )

    def close(self) -> None:
        self._db.close()


def jan(folder: Path, id: str, title: str, messages: list[tuple[str, object]], created: float = CHATTED) -> Path:
    """Write a thread as src-tauri/src/core/threads of janhq/jan does (commit 08d52736)."""
    thread = folder / "threads" / id
    thread.mkdir(parents=True)
    about = {"id": id, "object": "thread", "title": title, "assistants": [], "created": created, "updated": created}
    (thread / "thread.json").write_text(json.dumps(about, indent=2), "utf-8")
    lines = [
        json.dumps({"object": "message", "thread_id": id, "role": role, "created_at": created + at, "status": "ready",
                    "content": [{"type": "text", "text": text}]})
        for at, (role, text) in enumerate(messages)
    ]  # fmt: skip
    (thread / "messages.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return thread


def lmstudio(folder: Path, name: str, title: str, messages: list[dict[str, Any]]) -> Path:
    """A conversation in the form on which public tools for LM Studio agree; a message holds versions."""
    path = folder / "conversations" / f"{name}.conversation.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    held = {"name": title, "pinned": False, "createdAt": CHATTED * 1000, "systemPrompt": "", "messages": messages,
            "lastUsedModel": {"identifier": "qwen2.5-1.5b-instruct"}}  # fmt: skip
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    return path


def said(role: str, *versions: str, selected: int = 0, thought: str = "") -> dict[str, Any]:
    """A message of LM Studio: a person's in one step, a model's in several."""

    def version(text: str) -> dict[str, Any]:
        content = [{"type": "text", "text": text}]
        if role == "user":
            return {"type": "singleStep", "role": role, "content": content}
        thinking = {
            "type": "contentBlock",
            "style": {"type": "thinking"},
            "content": [{"type": "text", "text": thought}],
        }
        steps = [thinking] if thought else []
        return {"type": "multiStep", "role": role, "steps": [*steps, {"type": "contentBlock", "content": content}]}

    return {"versions": [version(text) for text in versions], "currentlySelected": selected}
