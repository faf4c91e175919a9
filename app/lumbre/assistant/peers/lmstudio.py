"""LM Studio: conversations and models, from its home folder.

The program is closed and does not describe its files. Public tools that read or write them agree on this form: a
message holds versions, of which one is selected; a version of one step has its content itself, one of many steps in
blocks, and what the model only thought is styled as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lumbre.assistant.peers.places import DAMAGED, conversation, read_json, seconds
from lumbre.core.importing import Findings, ForeignConversation, ForeignTurn

TITLE = "LM Studio"
_ENDING = ".conversation.json"


def folders() -> list[Path]:
    """Where it keeps its data, the present place first."""
    return [Path.home() / ".lmstudio", Path.home() / ".cache" / "lm-studio"]


def is_folder(folder: Path) -> bool:
    """Whether a folder is its home."""
    return (folder / "conversations").is_dir() or (folder / "models").is_dir()


def read(folder: Path) -> Findings:
    """What its folder holds; a conversation that cannot be read is named."""
    conversations, damaged = [], []
    root = folder / "conversations"
    for path in sorted(root.rglob(f"*{_ENDING}")):
        try:
            conversations.append(_conversation(path, path.relative_to(root).as_posix().removesuffix(_ENDING)))
        except DAMAGED:
            damaged.append(str(path))
    return Findings(conversations=conversations, damaged=damaged, model_folders=[folder / "models"])


def _conversation(path: Path, name: str) -> ForeignConversation:
    """Raises what DAMAGED lists."""
    held = read_json(path)
    begun = seconds(held.get("createdAt"))
    model = str((held.get("lastUsedModel") or {}).get("identifier") or "")
    turns = []
    for message in held["messages"]:
        version = message["versions"][message.get("currentlySelected", 0)]
        if version["role"] in ("user", "assistant"):
            text = "\n\n".join(_texts(version))
            turns.append(ForeignTurn(version["role"], text, begun, model if version["role"] == "assistant" else ""))
    return conversation(f"lmstudio:{name}", str(held.get("name") or TITLE), turns)


def _texts(version: dict[str, Any]) -> Iterator[str]:
    steps = version["steps"] if version.get("type") == "multiStep" else [version]
    for step in steps:
        if (step.get("style") or {}).get("type") == "thinking":
            continue
        for part in step.get("content") or []:
            if part.get("type") == "text" and part["text"].strip():
                yield part["text"].strip()
