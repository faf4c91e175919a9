"""Other assistants whose collections, conversations and models can be taken over; one module reads each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from lumbre.assistant.peers import anythingllm, gpt4all, jan, lmstudio
from lumbre.core.importing import Findings

__all__ = ["PEERS", "Peer"]


class Peer(msgspec.Struct, frozen=True):
    """Another assistant: its name, where it keeps things by default, what tells its folder, and how to read that."""

    title: str
    folders: Callable[[], list[Path]]
    is_folder: Callable[[Path], bool]
    read: Callable[[Path], Findings]

    def found(self) -> Path | None:
        """Its folder on this machine, or None."""
        return next((folder for folder in self.folders() if self.is_folder(folder)), None)


PEERS: dict[str, Peer] = {
    "gpt4all": Peer(gpt4all.TITLE, gpt4all.folders, gpt4all.is_folder, gpt4all.read),
    "anythingllm": Peer(anythingllm.TITLE, anythingllm.folders, anythingllm.is_folder, anythingllm.read),
    "jan": Peer(jan.TITLE, jan.folders, jan.is_folder, jan.read),
    "lmstudio": Peer(lmstudio.TITLE, lmstudio.folders, lmstudio.is_folder, lmstudio.read),
}
