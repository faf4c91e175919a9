"""The verb that answers a question, and how an answer is written to the terminal."""

from __future__ import annotations

import re
import sys
from typing import Any

from lumbre.core.chat import Answer, Sentence
from lumbre.core.errors import EmptyQuestion, LumbreError
from lumbre.core.events import Cited, LeftOut, PassagesFound, Text
from lumbre.core.job import Failed, Job, Phase, Progress, Stopped
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.jobs import Meter, exit_code, follow
from lumbre.frontends.cli.searching import place
from lumbre.frontends.cli.terminal import described

_QUOTED = 60  # characters by which a sentence is told from the others
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”»)\]]*(?=\s)")


def ask(context: Context) -> int:
    """`ask`: one question; the answer is written as it comes, or given whole as JSON."""
    options = context.options
    question = _question(options.question)
    with context.assistant() as assistant:
        job = assistant.ask(
            question, collection=options.collection, documents=not options.no_documents, model=options.model
        )
        code, _ = write_answer(context, job)
    return code


def write_answer(context: Context, job: Job[Answer]) -> tuple[int, Answer | None]:
    """Follow an answer to its end; returns the exit code and what there is. Raises the error it failed with."""
    writer = _Writer(context)
    ending = follow(job, writer.handle)
    answer: Answer | None = ending.result
    if isinstance(ending, Failed) and answer is None:
        raise ending.error
    if context.terminal.as_json:
        assert answer is not None
        shown = as_json(answer)
        if isinstance(ending, Failed) and isinstance(ending.error, LumbreError):
            shown["error"] = described(ending.error, context.texts.language)
        context.terminal.json(shown)
    else:
        writer.finish(answer)
        if isinstance(ending, Stopped):
            context.terminal.note(context.texts("ask.stopped"))
    if isinstance(ending, Failed) and not context.terminal.as_json:
        raise ending.error
    return exit_code(ending), answer


def as_json(answer: Answer) -> dict[str, Any]:
    """An answer as the terminal's JSON has it."""
    stats = answer.stats
    return {
        "answer": answer.text,
        "sentences": [{"text": each.text, "citations": _numbers(each)} for each in answer.sentences],
        "sources": [passage.public() for passage in answer.sources],
        "ending": answer.ending,
        "found": answer.found,
        "stats": {
            "model": stats.model,
            "engine": stats.engine,
            "device": stats.device,
            "quantization": stats.quantization,
            "prompt_tokens": stats.prompt_tokens,
            "answer_tokens": stats.answer_tokens,
            "ttft_s": round(stats.ttft_s, 3),
            "tokens_per_s": round(stats.tokens_per_s, 2),
        },
        "left_device_bytes": answer.left_device_bytes,
    }


def _mark(sentence: Sentence) -> str:
    return "".join(f" [{number}]" for number in _numbers(sentence))


def _numbers(sentence: Sentence) -> list[int]:
    return list(dict.fromkeys(citation.number for citation in sentence.citations))


def _question(words: list[str]) -> str:
    """The question from the arguments, else from standard input. Raises EmptyQuestion."""
    text = " ".join(words)
    if not words and not sys.stdin.isatty():
        text = sys.stdin.read()
    if not text.strip():
        raise EmptyQuestion
    return text.strip()


class _Writer:
    """Writes an answer as it comes; what follows a sentence waits for its citations, so that they stand in place."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._meter = Meter(context.texts, context.terminal)
        self._text = ""
        self._shown = 0
        self._cited_to = 0
        self._marks: list[tuple[int, str]] = []
        self._marked: dict[int, str] = {}
        self._sources = 0

    def handle(self, event: object) -> None:
        """Take one event of the job."""
        terminal = self._context.terminal
        if isinstance(event, Phase) and not self._shown:
            terminal.progress(self._context.texts(f"phase.{event.name}"))
        elif isinstance(event, Progress):
            self._meter.show(event)
        elif terminal.as_json:
            return
        elif isinstance(event, PassagesFound):
            self._found(event)
        elif isinstance(event, Text):
            self._text += event.text
            self._flow(self._limit())
        elif isinstance(event, Cited):
            self._cited(event.sentence)
        elif isinstance(event, LeftOut):
            terminal.note(self._context.texts("ask.left-out", turns=event.turns, passages=event.passages))

    def finish(self, answer: Answer | None) -> None:
        """Write what is left, and what the answer took."""
        say, texts = self._context.terminal.say, self._context.texts
        self._flow(len(self._text))
        if self._text:
            say()
        if answer is None:
            return
        if not answer.found and not self._text:
            say(texts("ask.not-found"))
        self._afterwards(answer)
        stats = answer.stats
        if stats.answer_tokens:
            self._context.terminal.note(
                "\n"
                + texts(
                    "ask.stats",
                    model=stats.model,
                    device=stats.device,
                    ttft=stats.ttft_s,
                    speed=stats.tokens_per_s,
                    left=answer.left_device_bytes,
                )
            )

    def _found(self, event: PassagesFound) -> None:
        """List the sources; when more come while the answer is written, these."""
        fresh = list(enumerate(event.passages, 1))[self._sources :]
        self._sources = len(event.passages)
        say, texts = self._context.terminal.say, self._context.texts
        if not fresh:
            return
        if self._text:
            self._flow(len(self._text))
            say("\n")
        say(texts("ask.sources"))
        for number, passage in fresh:
            say(f"[{number}] {place(passage, texts)}")
        say()

    def _cited(self, sentence: Sentence) -> None:
        # What is cited once more when all is written has been shown already: _afterwards says how it came out.
        if sentence.start in self._marked:
            return
        self._marked[sentence.start] = mark = _mark(sentence)
        self._marks.append((max(sentence.end, self._shown), mark))
        self._cited_to = max(self._cited_to, sentence.end)
        self._flow(self._limit())

    def _afterwards(self, answer: Answer) -> None:
        """Say of each sentence what its place in the text could not: support found late, or none."""
        if not answer.sources:
            return
        lines = []
        for sentence in answer.sentences:
            mark = _mark(sentence)
            quoted = (
                sentence.text if len(sentence.text) <= _QUOTED else sentence.text[:_QUOTED].rsplit(None, 1)[0] + "…"
            )
            if mark and mark != self._marked.get(sentence.start):
                lines.append(f"“{quoted}”{mark}")
            elif not mark and sentence.claims:
                lines.append(f"“{quoted}” [?] {self._context.texts('ask.unsupported')}")
        if lines:
            self._context.terminal.say("\n" + "\n".join(lines))

    def _limit(self) -> int:
        """How far the text may be shown: to the end of the first complete sentence that has not been cited yet."""
        end = _SENTENCE_END.search(self._text, self._cited_to) if self._sources else None
        return end.end() if end else len(self._text)

    def _flow(self, limit: int) -> None:
        say = self._context.terminal.say
        while self._marks and self._marks[0][0] <= limit:
            at, mark = self._marks.pop(0)
            say(self._text[self._shown : at] + mark, end="")
            self._shown = at
        if self._shown < limit:
            say(self._text[self._shown : limit], end="")
            self._shown = limit
