"""Jan: threads, and its models, from its data folder.

A thread is a folder with thread.json and messages.jsonl (src-tauri/src/core/threads of janhq/jan, commit 08d52736);
what a message says is a list of parts, whose text older versions keep as {"value": …}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lumbre.assistant.peers.places import DAMAGED, conversation, read_json, roaming_folder, seconds
from lumbre.core.importing import Findings, ForeignConversation, ForeignTurn

TITLE = "Jan"


def folders() -> list[Path]:
    """Where it keeps its data, the present place first."""
    return [roaming_folder() / "Jan" / "data", Path.home() / "jan"]


def is_folder(folder: Path) -> bool:
    """Whether a folder is its data folder."""
    return (folder / "threads").is_dir() or (folder / "llamacpp" / "models").is_dir()


def read(folder: Path) -> Findings:
    """What its folder holds; a thread that cannot be read is named."""
    conversations, damaged = [], []
    for about in sorted(folder.glob("threads/*/thread.json")):
        try:
            conversations.append(_conversation(about))
        except DAMAGED:
            damaged.append(str(about.parent))
    models = [folder / "llamacpp" / "models", folder / "models"]
    return Findings(conversations=conversations, damaged=damaged, model_folders=models)


def _conversation(about: Path) -> ForeignConversation:
    thread = read_json(about)
    messages = about.with_name("messages.jsonl")
    lines = messages.read_text("utf-8").splitlines() if messages.exists() else []
    turns = [turn for line in lines if line.strip() for turn in _turns(json.loads(line))]
    id = str(thread.get("id") or about.parent.name)
    return conversation(f"jan:{id}", str(thread.get("title") or TITLE), turns)


def _turns(message: Any) -> list[ForeignTurn]:
    """A message as a turn; none for a tool's or a system's. Raises ValueError."""
    if not isinstance(message, dict):
        raise ValueError("not a message")
    role = message.get("role")
    if role not in ("user", "assistant"):
        return []
    parts = message.get("content")
    texts = [_text(part.get("text")) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [ForeignTurn(role, "\n\n".join(filter(None, texts)), seconds(message.get("created_at")), TITLE)]


def _text(text: object) -> str:
    if isinstance(text, dict):
        text = text.get("value")
    return text if isinstance(text, str) else ""
