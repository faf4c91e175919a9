"""The verbs that show what stands behind the answers: the ledger and the state of this machine."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from lumbre.core.ledger import LedgerEntry
from lumbre.core.texts import Texts
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.jobs import megabytes

_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


def ledger(context: Context) -> int:
    """`ledger` shows what has passed the door; `ledger verify` proves that nothing of it was changed."""
    texts, terminal = context.texts, context.terminal
    with context.assistant() as assistant:
        if context.options.part == "verify":
            entries = assistant.verify_ledger()
            if terminal.as_json:
                terminal.json({"entries": entries, "whole": True})
            else:
                terminal.say(texts("ledger.whole", entries=entries))
            return 0
        recorded, left = assistant.ledger(), assistant.left_device_bytes()
    if terminal.as_json:
        shown: dict[str, Any] = {"entries": [msgspec.to_builtins(entry) for entry in recorded]}
        terminal.json(shown | {"left_device_bytes": left})
    else:
        for entry in recorded:
            terminal.say(_line(entry, texts))
        terminal.say(texts("ledger.left", bytes=left) if recorded else texts("ledger.empty"))
    return 0


def _line(entry: LedgerEntry, texts: Texts) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.time))
    purpose = f"ledger.{entry.purpose}"
    what = f"{texts(purpose) if purpose in texts else entry.purpose}: {entry.what}"
    amounts = f"↑ {entry.bytes_out} B ↓ {megabytes(entry.bytes_in)}"
    return f"{entry.number:>4}  {when}  {entry.host}  {what}  {amounts}  {entry.outcome}"


def doctor(context: Context) -> int:
    """`doctor`: what works here and what does not; the exit code is 1 when something does not."""
    from lumbre.assistant.doctor import Check, examine

    language, terminal = context.texts.language, context.terminal
    names = Texts("doctor", language)
    checks: list[Check] = []
    for check in examine(context.home, context.rooms.probes(context.home)):
        checks.append(check)
        if not terminal.as_json:
            terminal.say(f"{_MARKS[check.state]} {names('name.' + check.name)}: {check.sentence(language)}")
            if hint := check.hint(language):
                terminal.say(f"    {hint}")
    if terminal.as_json:
        terminal.json({"checks": [_as_json(check, language) for check in checks]})
    return 1 if any(check.state == "fail" for check in checks) else 0


def _as_json(check: Any, language: str) -> dict[str, Any]:
    return {
        "name": check.name,
        "state": check.state,
        "message": check.sentence(language),
        "hint": check.hint(language),
        "details": check.details,
    }
