"""The verbs about model files."""

from __future__ import annotations

from typing import Any

from lumbre.core.errors import BadUsage, ModelError
from lumbre.core.job import Job, Progress, Stopped
from lumbre.core.models import ModelEntry
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.jobs import Meter, exit_code, follow, megabytes, result_of


def models(context: Context) -> int:
    """`models list`, `models fetch` and `models verify`."""
    part = {"list": _list, "fetch": _fetch, "verify": _verify}[context.options.part]
    return part(context)


def as_json(entry: ModelEntry) -> dict[str, Any]:
    """A model and its state as the terminal's JSON has it."""
    model = entry.model
    seconds = entry.seconds_per_1000_tokens
    return {
        "name": model.name,
        "title": model.title,
        "purpose": model.purpose,
        "state": entry.state,
        "loaded": entry.loaded,
        "fits": entry.fits,
        "starter": model.starter,
        "bytes": model.bytes,
        "memory": model.memory,
        "parameters": model.parameters,
        "quantization": model.quantization,
        "context": model.context,
        "licence": model.licence,
        "languages": model.languages,
        "seconds_per_1000_tokens": None if seconds is None else round(seconds, 2),
        "measured": entry.measured,
    }


def follow_fetch(context: Context, job: Job[list[ModelEntry]]) -> int:
    """Follow a fetch to its end, with progress, and say what came. Raises LumbreError."""
    meter = Meter(context.texts, context.terminal)
    ending = follow(job, lambda event: meter.show(event) if isinstance(event, Progress) else None)
    entries = [entry for entry in result_of(ending) or [] if entry.state == "ready"]
    if context.terminal.as_json:
        names = [entry.model.name for entry in entries]
        stopped = isinstance(ending, Stopped)
        context.terminal.json({"ending": "stopped" if stopped else "finished", "fetched": names})
    elif isinstance(ending, Stopped):
        context.terminal.note(context.texts("models.stopped"))
    else:
        names = [entry.model.title for entry in entries]
        context.terminal.note(context.texts("models.fetched", names=", ".join(names)))
    return exit_code(ending)


def _list(context: Context) -> int:
    with context.assistant() as assistant:
        entries = assistant.models()
        if context.terminal.as_json:
            context.terminal.json({"models": [as_json(entry) for entry in entries]})
        else:
            for entry in entries:
                _show(entry, context)
    return 0


def _show(entry: ModelEntry, context: Context) -> None:
    texts, model = context.texts, entry.model
    state = texts("models.loaded" if entry.loaded else f"models.{entry.state}")
    context.terminal.say(f"{model.name:<28} {state:<16} {megabytes(model.bytes):>9}  {model.licence}")
    notes = [model.good_for.get(texts.language, "")]
    if not entry.fits:
        notes.append(texts("models.too-large"))
    if entry.seconds_per_1000_tokens is not None:
        key = "models.speed" if entry.measured else "models.speed-guess"
        notes.append(texts(key, seconds=entry.seconds_per_1000_tokens))
    if text := " · ".join(note for note in notes if note):
        context.terminal.paragraph(text)


def _fetch(context: Context) -> int:
    options = context.options
    if bool(options.names) == options.starter:
        raise BadUsage(reason=context.texts("models.fetch-what"))
    with context.assistant() as assistant:
        return follow_fetch(context, assistant.fetch_starter() if options.starter else assistant.fetch(options.names))


def _verify(context: Context) -> int:
    texts, terminal = context.texts, context.terminal
    meter = Meter(texts, terminal, "hashing")
    with context.assistant() as assistant:
        ending = follow(
            assistant.verify_models(), lambda event: meter.show(event) if isinstance(event, Progress) else None
        )
        entries = [entry for entry in result_of(ending) or [] if entry.state != "absent"]
    if terminal.as_json:
        terminal.json({"models": [{"name": entry.model.name, "state": entry.state} for entry in entries]})
    for entry in entries if not terminal.as_json else []:
        whole = entry.state == "ready"
        key = "models.verified" if whole else "models.changed"
        terminal.say(texts(key, name=entry.model.name, state=texts(f"models.{entry.state}")))
    wrong = any(entry.state == "unverified" for entry in entries)
    return exit_code(ending) or (ModelError.exit_code if wrong else 0)
