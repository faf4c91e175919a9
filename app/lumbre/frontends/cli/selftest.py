"""The parts of `library` that test it: gold questions, and how many of them are found."""

from __future__ import annotations

from typing import Any

import msgspec

from lumbre.assistant.assistant import Assistant
from lumbre.core.gold import GoldComparison, GoldReport, GoldResult
from lumbre.core.job import Progress, Stopped
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.jobs import STOPPED, Meter, follow, result_of
from lumbre.frontends.cli.searching import where
from lumbre.frontends.cli.terminal import short_path

WORSE = 1
"""Exit code when less was found than the last time."""


def gold(context: Context, assistant: Assistant) -> int:
    """`library gold`: list, add, remove and import gold questions."""
    options, values = context.options, dict[str, Any]()
    if options.gold_part == "add":
        assistant.add_gold(options.question, options.path, options.words)
    elif options.gold_part == "remove":
        assistant.remove_gold(options.number)
    elif options.gold_part == "import":
        values["imported"] = assistant.import_gold(options.file)
    else:
        return _list(context, assistant)
    values["questions"] = len(assistant.gold_questions())
    if context.terminal.as_json:
        context.terminal.json(values)
    else:
        context.terminal.say(context.texts("gold.count", **values))
    return 0


def _list(context: Context, assistant: Assistant) -> int:
    questions = assistant.gold_questions()
    if context.terminal.as_json:
        context.terminal.json({"questions": [msgspec.to_builtins(each) for each in questions]})
        return 0
    for each in questions:
        words = f"  “{each.words}”" if each.words else ""
        context.terminal.say(f"{each.id:>4}  {each.question}\n      {short_path(each.path)}{words}")
    context.terminal.say(context.texts("gold.count", questions=len(questions)))
    return 0


def test(context: Context, assistant: Assistant) -> int:
    """`library test`: how many gold questions are found, and whether it got worse."""
    meter = Meter(context.texts, context.terminal)
    job = assistant.test_library(context.options.top)
    ending = follow(job, lambda event: meter.show(event) if isinstance(event, Progress) else None)
    comparison: GoldComparison = result_of(ending)
    if isinstance(ending, Stopped):
        return STOPPED
    if context.terminal.as_json:
        context.terminal.json(_as_json(comparison))
    else:
        _show(comparison, context)
    return WORSE if comparison.worse else 0


def _figures(report: GoldReport, top: int) -> dict[str, float]:
    return {
        "recall_at_1": round(report.recall(1), 4),
        "recall_at_k": round(report.recall(top), 4),
        "mrr": round(report.mrr(top), 4),
    }


def _as_json(comparison: GoldComparison) -> dict[str, Any]:
    now = comparison.now
    shown: dict[str, Any] = {
        "questions": len(now.results),
        "top": now.top,
        **_figures(now, now.top),
        "misses": [_miss(each) for each in now.misses],
        "marks": now.marks,
        "worse": comparison.worse,
        "before": None,
    }
    if comparison.before is not None:
        both, before, top = comparison.common
        shown["before"] = {
            "time": before.time,
            "questions": len(before.results),
            "top": top,
            **_figures(before, top),
            "now": _figures(both, top),
            "changed": {name: list(values) for name, values in comparison.changed.items()},
        }
    return shown


def _miss(result: GoldResult) -> dict[str, Any]:
    gold = result.gold
    about = {"id": gold.id, "question": gold.question, "path": gold.path, "words": gold.words}
    return {**about, "gone": result.gone, "found": msgspec.to_builtins(result.found)}


def _show(comparison: GoldComparison, context: Context) -> None:
    texts, say, now = context.texts, context.terminal.say, comparison.now
    for miss in now.misses:
        gold = miss.gold
        words = f"  “{gold.words}”" if gold.words else ""
        say(texts("gold.gone" if miss.gone else "gold.missed", question=gold.question))
        say(f"      {texts('gold.wanted')} {short_path(gold.path)}{words}")
        for number, found in enumerate(miss.found, 1):
            say(f"      [{number}] {where(found.path, found.page, found.heading, texts)}")
    say(texts("gold.figures", questions=len(now.results), top=now.top, **_figures(now, now.top)))
    if comparison.before is not None:
        both, before, top = comparison.common
        say(texts("gold.before", questions=len(before.results), top=top, **_figures(before, top)))
        if len(both.results) < len(now.results):
            say(texts("gold.common", top=top, **_figures(both, top)))
        for name, (old, new) in comparison.changed.items():
            say(f"  {name}: {old or '–'} → {new or '–'}")
        say(texts("gold.worse" if comparison.worse else "gold.not-worse"))
