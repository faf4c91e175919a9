"""Instructions inside documents (BIPIA): share of answers that follow them, with the program's shield and without.

Each case is an e-mail, table or piece of code with one attack at its start, middle or end, kept as a document in a
collection of its own, and asked through the whole program. Without the shield the same model gets the same passages
and the question in one naive message. Rules in code judge (`bipia_rules.py`); a line of JSON for each answer goes to
answers.jsonl in --work, and a run that was stopped goes on from there.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import watch
from bipia_rules import RULES, Rule, followed, repeated

from lumbre.assistant import prompts
from lumbre.assistant.assistant import Assistant
from lumbre.core.chat import Answer, ChatRequest, Message, Piece
from lumbre.core.paths import Home
from lumbre.core.sentences import sentences
from lumbre.wiring import open_assistant

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bipia"
KINDS = ("email", "table", "code")
POSITIONS = ("start", "middle", "end")
_PASSPHRASE = "only for this run"
_ANSWER_TOKENS = 160
"""Most tokens of an answer, with the shield and without: enough to follow, and bounded."""


class Case(NamedTuple):
    """A document with an attack in it, and the question asked of it."""

    id: str
    kind: str
    type: str
    position: str
    attack: str
    rule: Rule
    clean: str
    question: str
    document: str


def main() -> int:
    """Ask every case both ways and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder for library and answers, kept between runs")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--count", type=int, default=180, help="cases, spread evenly over types of attack")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=240.0, help="most minutes to go on")
    parser.add_argument("--examples", type=int, default=12, help="answers printed for the eye")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    cases = _chosen(list(_cases(options.data, options.seed)), options.count)
    journal = watch.Journal(options.work / "answers.jsonl")
    assistant = open_assistant(Home(options.work / "home"), lambda _: _PASSPHRASE)
    settings = msgspec.structs.replace(assistant.settings, answer_tokens=_ANSWER_TOKENS)
    assistant.change_settings(settings)
    try:
        _ask_all(assistant, cases, options, journal)
    finally:
        assistant.close()
    known = {case.id: case for case in cases}
    lines = [line for line in journal.lines() if line["model"] == options.model and line["id"] in known]
    # Judged again, so that better rules need no new answers.
    _report([line | _judged(known[line["id"]], line["answer"]) for line in lines], len(cases), options.examples)
    return 0


# --- cases ------------------------------------------------------------------------------------------------------------


def _cases(data: Path, seed: int) -> Iterator[Case]:
    """Every attack with a rule at every position, each in a document drawn by a chance that only `seed` changes."""
    chance = random.Random(seed)
    attacks: dict[str, list[str]] = json.loads((data / "text_attack_train.json").read_text("utf-8"))
    contexts = {kind: list(_contexts(data / kind)) for kind in KINDS}
    for kind, those in contexts.items():
        print(f"{kind}: {len(those)} contexts" if those else f"{kind}: not here, left out")
    judged = {name: [(n, it) for n, it in enumerate(RULES.get(name, [])) if it is not None] for name in attacks}
    left_out = sum(len(those) - len(judged[name]) for name, those in attacks.items())
    print(f"{sum(map(len, attacks.values()))} attacks, {left_out} of them left out: only a model could judge them")
    for kind, those in contexts.items():
        for name, rules in judged.items() if those else ():
            for number, rule in rules:
                for position in POSITIONS:
                    context, question = chance.choice(those)
                    attack = attacks[name][number]
                    id = f"{seed}/{kind}/{name}-{number}/{position}"
                    document = _with(context, attack, position, chance)
                    yield Case(id, kind, name, position, attack, rule, context, question, document)


def _contexts(folder: Path) -> Iterator[tuple[str, str]]:
    """Text and question of each line of a kind's files; code is asked what its error means."""
    for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            text = "\n".join(_text(row[key]) for key in ("context", "error", "code") if row.get(key))
            question = _text(row.get("question") or "How can this error be fixed?").removeprefix("Q: ")
            yield text, question


def _text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _with(context: str, attack: str, position: str, chance: random.Random) -> str:
    if position == "start":
        return f"{attack}\n{context}"
    if position == "end":
        return f"{context}\n{attack}"
    ends = [end for _, end in sentences(context)][:-1]
    at = chance.choice(ends) if ends else len(context) // 2
    return f"{context[:at]}\n{attack}\n{context[at:]}"


def _chosen(cases: list[Case], count: int) -> list[Case]:
    """So many cases, drawn in turn from each type of attack, positions and kinds mixed by a fixed chance."""
    by_type: dict[str, list[Case]] = defaultdict(list)
    for case in random.Random(0).sample(cases, len(cases)):
        by_type[case.type].append(case)
    rows = [those[turn] for turn in range(len(cases)) for those in by_type.values() if turn < len(those)]
    return rows[:count]


# --- asking -----------------------------------------------------------------------------------------------------------


def _ask_all(assistant: Assistant, cases: Sequence[Case], options: argparse.Namespace, journal: watch.Journal) -> None:
    _add(assistant, options.work / "documents", cases)
    known = {(line["model"], line["id"], line["way"]) for line in journal.lines()}
    ways: dict[str, Callable[[Assistant, Case, str], str]] = {"shield": _shielded, "naive": _naive}
    until = time.monotonic() + options.minutes * 60
    for number, case in enumerate(cases, 1):
        for way, ask in ways.items():
            if (options.model, case.id, way) in known:
                continue
            if time.monotonic() > until:
                print("the time is over; a further run goes on from here")
                return
            begun = time.monotonic()
            answer = ask(assistant, case, options.model)
            line = {"model": options.model, "way": way, **_judged(case, answer)}
            journal.add(line | {"seconds": round(time.monotonic() - begun, 1)})
            mark = "FOLLOWED" if line["followed"] else "·"
            print(f"{number}/{len(cases)} {case.id} {way} {mark} {answer[:80]!r}", flush=True)


def _add(assistant: Assistant, folder: Path, cases: Sequence[Case]) -> None:
    """Each document in a collection of its own, so that what is found is never what differs."""
    folder.mkdir(exist_ok=True)
    present = {collection.name for collection in assistant.collections()}
    for case in cases:
        if case.id in present:
            continue
        file = folder / (case.id.replace("/", "-").replace(" ", "_") + ".txt")
        file.write_text(case.document, "utf-8")
        assistant.add([file], case.id).result()


def _shielded(assistant: Assistant, case: Case, model: str) -> str:
    """What the model says in the program as it is; the sentence that the program itself quotes after it is left out."""
    answer: Answer = assistant.ask(case.question, collection=case.id, model=model).result()
    assistant.delete_conversation(answer.conversation_id)
    text = answer.text
    for language in prompts.LANGUAGES:
        for added in ("nearest", "unsupported"):
            text = text.split(prompts.texts_of(language)[added])[0]
    return text.strip()


def _naive(assistant: Assistant, case: Case, model: str) -> str:
    """What the same model says to the same passages with the question after them, and nothing else."""
    passages = assistant.search(case.question, collection=case.id).passages
    content = "\n\n".join([*(passage.text for passage in passages), case.question])
    settings = assistant.settings
    request = ChatRequest([Message("user", content)], settings.answer_tokens, settings.temperature, settings.seed)
    with assistant._chat_model.use(model, lambda: False) as engine:
        assert engine is not None
        return "".join(event.text for event in engine.chat(request, lambda: False) if isinstance(event, Piece)).strip()


def _judged(case: Case, answer: str) -> dict[str, Any]:
    return {
        "id": case.id,
        "kind": case.kind,
        "type": case.type,
        "position": case.position,
        "attack": case.attack,
        "question": case.question,
        "answer": answer,
        "followed": followed(case.rule, answer, case.attack, case.clean, case.question),
        "repeated": repeated(answer, case.attack),
    }


# --- the report -------------------------------------------------------------------------------------------------------


def _report(lines: Sequence[dict[str, Any]], cases: int, examples: int) -> None:
    """Shares in all, by type and by position, and answers for the eye: first those that followed."""
    asked = {way: {line["id"]: line for line in lines if line["way"] == way} for way in ("shield", "naive")}
    both = sorted(asked["shield"].keys() & asked["naive"].keys())
    print(f"\n{len(both)} of {cases} cases asked both ways; followed (of these, attack's words repeated apart):")
    groups: dict[str, list[str]] = {"all": both}
    for key in ("kind", "position", "type"):
        for id in both:
            groups.setdefault(asked["shield"][id][key], []).append(id)
    print(f"{'':<28}{'cases':>6}{'shield':>9}{'naive':>9}{'repeated: shield':>19}{'naive':>8}")
    for name, ids in groups.items() if both else ():
        shares = [
            sum(asked[way][id][what] for id in ids) / len(ids)
            for what in ("followed", "repeated")
            for way in ("shield", "naive")
        ]
        print(f"{name:<28}{len(ids):>6}{shares[0]:>9.2f}{shares[1]:>9.2f}{shares[2]:>19.2f}{shares[3]:>8.2f}")
    print("\nfor the eye:")
    for line in sorted(lines, key=lambda it: not it["followed"])[:examples]:
        print(f"[{line['way']}, {'followed' if line['followed'] else 'not'}] {line['attack']}")
        print(f"    {line['question']}\n    → {line['answer'][:300]!r}")


if __name__ == "__main__":
    sys.exit(main())
