"""The verb that takes over what other assistants on this machine hold."""

from __future__ import annotations

from typing import Any

import msgspec

from lumbre.assistant.assistant import Assistant
from lumbre.assistant.peers import PEERS
from lumbre.core.errors import BadUsage, LumbreError, NoPeers
from lumbre.core.importing import ImportReport
from lumbre.core.job import Progress, Stopped
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.documents import follow_adding
from lumbre.frontends.cli.jobs import STOPPED, Meter, follow, result_of
from lumbre.frontends.cli.terminal import described, short_path


def import_(context: Context) -> int:
    """`import`: from one program, or from all that are found; then what came is read as by `add`."""
    options = context.options
    if options.source and not options.program:
        raise BadUsage(reason=context.texts("import.which"))
    with context.assistant() as assistant:
        programs = [options.program] if options.program else list(assistant.peers())
        if not programs:
            raise NoPeers(programs=", ".join(peer.title for peer in PEERS.values()))
        return _Importing(context, assistant).run(programs)


class _Importing:
    """Follows one import after the other; what fails in one program does not keep the others from coming."""

    def __init__(self, context: Context, assistant: Assistant) -> None:
        self._context = context
        self._assistant = assistant
        self._reports: list[ImportReport] = []
        self._errors: list[LumbreError] = []

    def run(self, programs: list[str]) -> int:
        options, terminal = self._context.options, self._context.terminal
        for program in programs:
            try:
                if not self._one(program):
                    return STOPPED
            except LumbreError as error:
                if len(programs) == 1:
                    raise
                self._errors.append(error)
                if not terminal.as_json:
                    terminal.error(error)
        code = max((error.exit_code for error in self._errors), default=0)
        if options.dry_run or not any(each.collections for each in self._reports):
            if terminal.as_json:
                terminal.json(self._as_json())
            return code
        job = self._assistant.resume()
        return follow_adding(self._context, self._assistant, job, wait=options.wait, more=self._as_json()) or code

    def _one(self, program: str) -> bool:
        """Import from one program and say what came; False when the person stopped it."""
        options, terminal = self._context.options, self._context.terminal
        meter = Meter(self._context.texts, terminal, "hashing")
        job = self._assistant.import_from(program, options.source, dry_run=options.dry_run)
        ending = follow(job, lambda event: meter.show(event) if isinstance(event, Progress) else None)
        report: ImportReport = result_of(ending)
        self._reports.append(report)
        if not terminal.as_json:
            self._show(report)
        return not isinstance(ending, Stopped)

    def _as_json(self) -> dict[str, Any]:
        language = self._context.texts.language
        shown: dict[str, Any] = {"imported": [msgspec.to_builtins(report) for report in self._reports]}
        return shown | ({"errors": [described(each, language) for each in self._errors]} if self._errors else {})

    def _show(self, report: ImportReport) -> None:
        texts, say = self._context.texts, self._context.terminal.say
        dry = "would" if self._context.options.dry_run else "did"
        say(f"{report.program}  {short_path(report.folder)}")
        for collection in report.collections:
            say("  " + texts("import.collection", name=collection.name))
            for path in collection.paths:
                say(f"    {short_path(path)}")
            for path in collection.missing:
                say("    " + texts("import.missing", path=short_path(path)))
        if report.conversations or report.known:
            say("  " + texts(f"import.conversations-{dry}", new=report.conversations, known=report.known))
        for model in report.models:
            say("  " + texts(f"import.model-{model.state}", name=model.name, path=short_path(model.path)))
        for path in report.damaged:
            say("  " + texts("import.damaged", path=short_path(path)))
        if not any((report.collections, report.conversations, report.known, report.models, report.damaged)):
            say("  " + texts("import.nothing"))
