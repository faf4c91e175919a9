"""How an answer is written: citations stand at their sentences, doubts and late support are said, text is kept."""

from __future__ import annotations

import io
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from lumbre.core.chat import Answer, AnswerStats, Citation, Sentence
from lumbre.core.documents import Passage
from lumbre.core.errors import EngineDied
from lumbre.core.events import Cited, PassagesFound, Text
from lumbre.core.job import Failed, Finished, Job, JobEnding, Phase, Stopped
from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.core.texts import Texts
from lumbre.frontends.cli.answers import write_answer
from lumbre.frontends.cli.context import Context
from lumbre.frontends.cli.passphrase import Passphrase
from lumbre.frontends.cli.terminal import Terminal

SOURCE = Passage(rank=1, score=1.0, path="/x/a.pdf", page=3, start=0, end=9, heading="Fees", text="48 euros.")


def sentence(text: str, start: int, *numbers: int, claims: bool = True) -> Sentence:
    citations = [Citation(number, 0, 5) for number in numbers]
    return Sentence(start, start + len(text), text, citations, claims)


def written(ending: JobEnding, *events: object, as_json: bool = False) -> tuple[str, str, int]:
    """Standard output, standard error and exit code of an answer that happened like this."""
    out, err = io.StringIO(), io.StringIO()
    texts, terminal = Texts("cli", "en"), Terminal("en", as_json, out, err)
    rooms: Any = None
    home = Home(Path("/nowhere"))
    context = Context(Namespace(), home, Settings(), texts, terminal, rooms, Passphrase(None, texts, terminal))
    job: Job[Answer] = Job()
    for event in events:
        job.emit(event)
    job.end(ending)
    code, _ = write_answer(context, job)
    return out.getvalue(), err.getvalue(), code


def answer(*sentences: Sentence, ending: Any = "finished") -> Answer:
    text = " ".join(each.text for each in sentences)
    return Answer(text, list(sentences), [SOURCE], ending, AnswerStats(model="m", answer_tokens=7))


def test_citations_stand_at_the_end_of_their_sentences() -> None:
    first, second = sentence("It costs 48 euros.", 0, 1), sentence("Pay in March.", 19, 1)
    events = [PassagesFound([SOURCE], 3.0), Text("It costs 48"), Text(" euros. Pay"), Cited(first), Text(" in March.")]
    out, err, code = written(Finished(answer(first, second)), *events, Cited(second))
    assert "[1] /x/a.pdf, p. 3 — Fees" in out
    assert out.endswith("It costs 48 euros. [1] Pay in March. [1]\n")
    assert "m on" in err
    assert code == 0


def test_late_support_and_none_are_said_afterwards() -> None:
    early = [sentence("It is free.", 0), sentence("Pay in March.", 12)]
    final = [early[0], sentence("Pay in March.", 12, 1)]
    events = [PassagesFound([SOURCE], 3.0), Text("It is free. Pay in March."), *map(Cited, early), Cited(final[1])]
    out, _, _ = written(Finished(answer(*final)), *events)
    assert "It is free. Pay in March.\n" in out
    assert "“It is free.” [?] not in the passages" in out
    assert "“Pay in March.” [1]" in out


def test_a_stop_keeps_what_was_written() -> None:
    whole = answer(sentence("It costs", 0, claims=False), ending="stopped")
    out, err, code = written(Stopped(whole), PassagesFound([SOURCE], 1.0), Phase("writing"), Text("It costs"))
    assert out.endswith("It costs\n")
    assert "(stopped)" in err
    assert code == 130


def test_a_failure_shows_the_text_and_then_the_error() -> None:
    failed = Failed(EngineDied(reason="signal 9"), answer(sentence("Half", 0, claims=False), ending="failed"))
    with pytest.raises(EngineDied):
        written(failed, Text("Half"))
    out, err, code = written(failed, Text("Half"), as_json=True)
    assert '"ending": "failed"' in out
    assert '"code": "model.engine-died"' in out
    assert not err
    assert code == 4
