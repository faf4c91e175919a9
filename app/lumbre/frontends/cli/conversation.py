"""The verb that holds a conversation in the terminal."""

from __future__ import annotations

import sys

from lumbre.assistant.assistant import Assistant
from lumbre.core.chat import Answer
from lumbre.core.documents import Passage
from lumbre.core.errors import LumbreError, UnknownCollection
from lumbre.frontends.cli.answers import write_answer
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.searching import show_passage

_EXIT = ("/exit", "/quit", "/salir")
_SOURCES = ("/sources", "/fuentes")
_SCOPE = ("/scope", "/ámbito", "/ambito")


def chat(context: Context) -> int:
    """`chat`: questions from the terminal, or a line each from standard input, as turns of one conversation."""
    with context.assistant() as assistant:
        return _Conversation(context, assistant).run()


class _Conversation:
    def __init__(self, context: Context, assistant: Assistant) -> None:
        self._context = context
        self._assistant = assistant
        self._id: int | None = None
        self._collection: str | None = context.options.collection
        self._documents = not context.options.no_documents
        self._sources: list[Passage] = []
        self._talks = sys.stdin.isatty() and not context.terminal.as_json

    def run(self) -> int:
        """Take lines until the person leaves; returns the exit code of the last answer."""
        code = 0
        if self._talks:
            import readline  # noqa: F401 — gives input() its line editing; nothing is written to disk

            self._context.terminal.say(self._context.texts("chat.welcome"))
        while (line := self._line()) is not None and line not in _EXIT:
            if line.startswith("/"):
                self._command(*line.split(maxsplit=1))
            elif line:
                code = self._ask(line)
        return code

    def _line(self) -> str | None:
        try:
            return input("\n" + self._context.texts("chat.prompt") if self._talks else "").strip()
        except EOFError:
            return None

    def _ask(self, question: str) -> int:
        options, terminal = self._context.options, self._context.terminal
        try:
            job = self._assistant.ask(
                question,
                conversation_id=self._id,
                collection=self._collection,
                documents=self._documents,
                model=options.model,
            )
            code, answer = write_answer(self._context, job)
        except LumbreError as error:  # one failed answer does not end the conversation
            terminal.error(error)
            return error.exit_code
        self._keep(answer)
        return code

    def _keep(self, answer: Answer | None) -> None:
        if answer is not None:
            self._id = answer.conversation_id or self._id
            self._sources = answer.sources

    def _command(self, name: str, argument: str = "") -> None:
        texts, terminal = self._context.texts, self._context.terminal
        if name in _SOURCES:
            for passage in self._sources:
                show_passage(passage, texts, terminal)
            if not self._sources:
                terminal.note(texts("chat.no-sources"))
        elif name in _SCOPE:
            self._scope(argument)
        else:
            terminal.note(texts("chat.unknown", command=name))

    def _scope(self, argument: str) -> None:
        """Choose where to look; the name alone says where that is now."""
        texts, terminal = self._context.texts, self._context.terminal
        if argument in ("all", "none"):
            self._collection, self._documents = None, argument == "all"
        elif argument:
            if argument not in [each.name for each in self._assistant.collections()]:
                terminal.error(UnknownCollection(name=argument))
                return
            self._collection, self._documents = argument, True
        everything = texts("chat.scope-all" if self._documents else "chat.scope-none")
        terminal.note(texts("chat.scope", scope=self._collection or everything))
