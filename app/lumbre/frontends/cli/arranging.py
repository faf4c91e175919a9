"""The parts of `library` that arrange it: collections, what is in them, tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lumbre.assistant.assistant import Assistant
from lumbre.core.documents import Collection
from lumbre.core.errors import BadUsage
from lumbre.core.texts import Texts
from lumbre.frontends.cli.context import Context


def title(collection: Collection, texts: Texts) -> str:
    """A collection in one line: name, number of files, whether it never leaves this device."""
    key = "library.private" if collection.private else "library.collection"
    return texts(key, name=collection.name, files=collection.files)


def collections_as_json(assistant: Assistant) -> list[dict[str, Any]]:
    """The collections as the terminal's JSON has them."""
    return [{"name": each.name, "private": each.private, "files": each.files} for each in assistant.collections()]


def _list(context: Context, assistant: Assistant) -> int:
    if context.terminal.as_json:
        context.terminal.json({"collections": collections_as_json(assistant), "tags": assistant.tags()})
        return 0
    for collection in assistant.collections():
        context.terminal.say(title(collection, context.texts))
    for tag, files in assistant.tags().items():
        context.terminal.say(context.texts("library.tag", tag=tag, files=files))
    return 0


def _private(context: Context, assistant: Assistant) -> int:
    name, state = context.options.name, context.options.state
    assistant.set_private(name, state == "on")
    return _done(context, f"library.private-{state}", {"name": name, "private": state == "on"})


def _rename(context: Context, assistant: Assistant) -> int:
    name, new = context.options.name, context.options.new
    assistant.rename_collection(name, new)
    return _done(context, "library.renamed", {"name": name, "new": new})


def _delete(context: Context, assistant: Assistant) -> int:
    name = context.options.name
    return _done(context, "library.deleted", {"name": name, "files": assistant.delete_collection(name)})


def _copy(context: Context, assistant: Assistant) -> int:
    options = context.options
    files = assistant.copy_files(options.paths, options.to)
    return _done(context, "library.copied", {"name": options.to, "files": files})


def _move(context: Context, assistant: Assistant) -> int:
    options = context.options
    private = _private_files(assistant)
    files = assistant.move_files(options.paths, options.to, options.source)
    if private - _private_files(assistant) and not context.terminal.as_json:
        context.terminal.note(context.texts("library.unlabelled", name=options.to))
    return _done(context, "library.moved", {"name": options.to, "files": files})


def _private_files(assistant: Assistant) -> set[int]:
    """Ids of the files in a collection that never leaves this device."""
    return {file.id for each in assistant.collections() if each.private for file in assistant.files(each.name)}


def _tag(context: Context, assistant: Assistant) -> int:
    options = context.options
    if not options.add and not options.remove:
        raise BadUsage(reason=context.texts("library.no-tag"))
    files = assistant.tag_files(options.paths, options.add, options.remove)
    return _done(context, "library.tagged", {"files": files})


def _done(context: Context, key: str, values: dict[str, Any]) -> int:
    if context.terminal.as_json:
        context.terminal.json(values)
    else:
        context.terminal.say(context.texts(key, **values))
    return 0


PARTS: dict[str, Callable[[Context, Assistant], int]] = {
    "collections": _list,
    "private": _private,
    "rename": _rename,
    "delete": _delete,
    "copy": _copy,
    "move": _move,
    "tag": _tag,
}
