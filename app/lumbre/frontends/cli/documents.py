"""The verbs that fill the library and show it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from lumbre.assistant.assistant import DEFAULT_COLLECTION, Assistant
from lumbre.core.documents import FileEntry, LibraryCounts
from lumbre.core.errors import FolderAway, LibraryError, by_code
from lumbre.core.events import FileChanged, IndexProgress
from lumbre.core.job import Job, JobEnding, Progress, Stopped
from lumbre.frontends.cli import arranging, passphrase, selftest
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.jobs import STOPPED, Meter, follow, result_of
from lumbre.frontends.cli.terminal import described, short_path


def add(context: Context) -> int:
    """`add`: index files where they lie, until they are found by their words or, with `--wait`, by their meaning."""
    options = context.options
    with context.assistant() as assistant:
        if options.paths:
            job = assistant.add(options.paths, options.collection or DEFAULT_COLLECTION)
        else:
            job = assistant.resume()
        return _Adding(context, assistant).run(job, wait=options.wait)


def follow_adding(
    context: Context, assistant: Assistant, job: Job[LibraryCounts], *, wait: bool, more: dict[str, Any]
) -> int:
    """Follow a job that indexes as `add` does and return the exit code; `more` stands before the rest of the JSON."""
    return _Adding(context, assistant, more).run(job, wait=wait)


class _Adding:
    """Follows the indexing of files and says what became of them."""

    def __init__(self, context: Context, assistant: Assistant, more: dict[str, Any] | None = None) -> None:
        self._more = more or {}
        self._context = context
        self._assistant = assistant
        self._meter = Meter(context.texts, context.terminal)
        self._touched: dict[str, FileEntry] = {}
        self._words_only = False
        self._speed = 0.0

    def run(self, job: Job[LibraryCounts], *, wait: bool) -> int:
        """Follow the job to its end and return the exit code."""

        def handle(event: object) -> None:
            if isinstance(event, FileChanged):
                self._changed(event.file)
            elif isinstance(event, IndexProgress):
                self._speed = event.chunks_per_second
            elif isinstance(event, Progress):
                self._meter.show(event, self._speed if event.unit == "chunks" else 0.0)
                # Reading is over: without --wait the embedding is left to whoever opens the library next.
                if not wait and event.unit == "files" and event.total and event.done >= event.total:
                    self._words_only = True
                    job.cancel()

        ending = follow(job, handle)
        counts: LibraryCounts = result_of(ending)
        return self._report(counts, ending)

    def _changed(self, file: FileEntry) -> None:
        self._touched[file.path] = file
        if file.state == "set-aside" and not self._context.terminal.as_json:
            text = self._context.texts(
                "add.set-aside", path=short_path(file.path), reason=_reason(file, self._language)
            )
            self._context.terminal.note(text)

    @property
    def _language(self) -> str:
        return self._context.texts.language

    def _report(self, counts: LibraryCounts, ending: JobEnding) -> int:
        stopped = isinstance(ending, Stopped) and not self._words_only
        aside = [file for file in self._touched.values() if file.state == "set-aside"]
        if self._context.terminal.as_json:
            self._context.terminal.json(
                {
                    **self._more,
                    "ending": "stopped" if stopped else "finished",
                    "counts": msgspec.to_builtins(counts),
                    "set_aside": [{"path": file.path, **_problem(file, self._language)} for file in aside],
                }
            )
        else:
            self._say(counts, stopped)
        if stopped:
            return STOPPED
        return LibraryError.exit_code if aside and len(aside) == len(self._touched) else 0

    def _say(self, counts: LibraryCounts, stopped: bool) -> None:
        texts, say = self._context.texts, self._context.terminal.say
        found, left = counts.readable + counts.done, counts.chunks - counts.embedded
        if stopped:
            say(texts("add.stopped"))
        elif counts.waiting and self._assistant.indexing_paused:
            say(texts("library.counts", **msgspec.to_builtins(counts)))
            say(texts("library.paused"))
        elif not left:
            say(texts("add.done", files=found, chunks=counts.chunks))
        else:
            say(texts("add.words", files=found))
            say(texts("add.left", left=left, chunks=counts.chunks))
            if not any(entry.model.purpose == "embed" and entry.state == "ready" for entry in self._assistant.models()):
                say(texts("add.no-embedder"))


def library(context: Context) -> int:
    """`library`: collections, files with state and reason, counts; its parts change it."""
    part = context.options.part
    with context.assistant() as assistant:
        if part == "remove":
            return _remove(context, assistant)
        if part == "retry":
            return _retry(context, assistant)
        if part == "unlock":
            return _unlock(context, assistant)
        if part == "gold":
            return selftest.gold(context, assistant)
        if part == "test":
            return selftest.test(context, assistant)
        if part in arranging.PARTS:
            return arranging.PARTS[part](context, assistant)
        if part in ("pause", "resume", "status"):
            return _status(context, assistant)
        if context.terminal.as_json:
            context.terminal.json(_as_json(context, assistant))
        else:
            _show(context, assistant)
    return 0


def _status(context: Context, assistant: Assistant) -> int:
    """`pause`, `resume` and `status`: hold all reading, in the window too, or let it go on; then how far it is."""
    if context.options.part == "pause":
        assistant.pause_indexing()
    elif context.options.part == "resume":
        assistant.resume_indexing()
    counts, paused, away = assistant.counts(), assistant.indexing_paused, assistant.away()
    texts, say = context.texts, context.terminal.say
    if context.terminal.as_json:
        context.terminal.json({"paused": paused, "away": away, "counts": msgspec.to_builtins(counts)})
        return 0
    say(texts("library.counts", **msgspec.to_builtins(counts)))
    say(texts("library.paused" if paused else "library.going"))
    for path in away:
        error = FolderAway(path=path)
        context.terminal.paragraph(f"{error.text(texts.language)} {error.advice(texts.language)}", "")
    return 0


def _remove(context: Context, assistant: Assistant) -> int:
    assistant.remove(context.options.paths)
    if context.terminal.as_json:
        context.terminal.json({"counts": msgspec.to_builtins(assistant.counts())})
    else:
        context.terminal.say(context.texts("library.removed"))
    return 0


def _retry(context: Context, assistant: Assistant) -> int:
    code = 0
    for path in context.options.paths:
        whole = Path(os.path.abspath(path))  # noqa: PTH100 — resolve() would follow links
        code = max(code, _Adding(context, assistant).run(assistant.retry(whole), wait=True))
    return code


def _unlock(context: Context, assistant: Assistant) -> int:
    whole = Path(os.path.abspath(context.options.path))  # noqa: PTH100 — resolve() would follow links
    given = context.options.password_file
    password = (
        passphrase.from_file(given, context.texts, context.terminal)
        if given
        else passphrase.typed(False, context.texts, context.terminal, "library.password-ask")
    )
    return _Adding(context, assistant).run(assistant.unlock(whole, password), wait=True)


def _as_json(context: Context, assistant: Assistant) -> dict[str, Any]:
    language = context.texts.language
    return {
        "collections": arranging.collections_as_json(assistant),
        "files": [
            {
                "path": file.path,
                "state": file.state,
                "format": file.format,
                "size": file.size,
                "pages": file.pages,
                "chunks": file.chunks,
                "collections": file.collections,
                "tags": file.tags,
                **({"reason": _problem(file, language)} if file.code else {}),
            }
            for file in assistant.files(context.options.collection, context.options.tag)
        ],
        "counts": msgspec.to_builtins(assistant.counts()),
    }


def _show(context: Context, assistant: Assistant) -> None:
    texts, say, options = context.texts, context.terminal.say, context.options
    counts = assistant.counts()
    if not counts.files:
        say(texts("library.empty"))
        return
    for collection in assistant.collections():
        if options.collection not in (None, collection.name):
            continue
        files = assistant.files(collection.name, options.tag)
        if files or not options.tag:
            say(arranging.title(collection, texts))
        for file in files:
            _show_file(file, context)
    if not options.collection and not options.tag:
        say(texts("library.counts", **msgspec.to_builtins(counts)))
        if counts.reindexed is not None:
            say(texts("library.reindexing", percent=100 * counts.reindexed // max(1, counts.chunks)))


def _show_file(file: FileEntry, context: Context) -> None:
    texts = context.texts
    pages = f"  {texts('place.page', page=file.pages)}" if file.pages else ""
    tags = "".join(f"  #{tag}" for tag in file.tags)
    context.terminal.say(f"  {texts('state.' + file.state):<12} {short_path(file.path)}{pages}{tags}")
    if file.code:
        context.terminal.paragraph(_reason(file, texts.language), " " * 15)


def _problem(file: FileEntry, language: str) -> dict[str, str]:
    return described(by_code(file.code, file.details), language)


def _reason(file: FileEntry, language: str) -> str:
    error = by_code(file.code, file.details)
    return f"{error.text(language)} {error.advice(language)}".strip()
