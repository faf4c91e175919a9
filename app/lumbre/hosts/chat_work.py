"""Inside a chat host: an engine, and the requests it is given."""

from __future__ import annotations

from pathlib import Path

from lumbre.core.errors import EngineDied, EngineMissing
from lumbre.core.protocols import ChatEngine
from lumbre.hosts.pipe import Cancel, Chat, ChatSpec, Command, Count, Counted, LoadChat, Loaded, Said
from lumbre.hosts.work import Send, Work


def load(spec: ChatSpec) -> ChatEngine:
    """The engine of a spec, loaded in this process. Raises ModelMissing, ModelWontLoad, EngineMissing."""
    if spec.engine == "echo":
        from lumbre.engines.echo import EchoEngine

        return EchoEngine(context=spec.context or 8192)
    if spec.engine == "llama.cpp":
        from lumbre.engines.llama import LlamaEngine

        return LlamaEngine(
            Path(spec.path),
            spec.name,
            quantization=spec.quantization,
            context=spec.context,
            threads=spec.threads,
        )
    raise EngineMissing(engine=spec.engine)


class ChatWork(Work):
    """Loads one engine and lets it answer; a Cancel or a Count is obeyed while it does."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self._engine: ChatEngine | None = None
        self._cancelled: set[int] = set()

    def take(self, command: Command) -> None:
        if isinstance(command, Cancel):
            self._cancelled.add(command.id)
        elif isinstance(command, Count):
            self.attempt(command)
        else:
            super().take(command)

    def do(self, command: Command) -> None:
        if isinstance(command, LoadChat):
            self._engine = load(command.spec)
            self.send(Loaded(command.id, self._engine.info))
        elif isinstance(command, Count):
            self.send(Counted(command.id, self._loaded().count_tokens(command.text)))
        elif isinstance(command, Chat):
            for event in self._loaded().chat(command.request, lambda: command.id in self._cancelled):
                self.send(Said(command.id, event))
            self._cancelled.discard(command.id)

    def _loaded(self) -> ChatEngine:
        if self._engine is None:
            raise EngineDied(reason="no model is loaded")
        return self._engine
