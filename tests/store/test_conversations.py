"""What was asked and answered is kept, whatever happens while it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lumbre.core.chat import Answer, AnswerStats, Citation, Sentence
from lumbre.core.documents import Passage
from lumbre.store.conversations import ConversationStore
from lumbre.store.database import Database


@pytest.fixture
def store(db: Database) -> ConversationStore:
    return ConversationStore(db)


def _answer(text: str) -> Answer:
    passage = Passage(rank=1, score=0.5, path="/a.pdf", page=3, start=0, end=4, heading="Uno › Dos", text="ñandú")
    sentence = Sentence(0, len(text), text, [Citation(1, 0, 4)])
    stats = AnswerStats(model="m", answer_tokens=3)
    return Answer(text=text, sentences=[sentence], sources=[passage], ending="finished", stats=stats)


def test_a_turn_comes_back_as_it_was(store: ConversationStore) -> None:
    conversation = store.create("Título")
    question = store.add_question(conversation, "¿Qué?", "Contratos", True)
    answer = store.begin_answer(conversation, question)
    store.append(answer, "Un ")
    store.append(answer, "ñandú")
    asked, writing = store.messages(conversation)
    assert (asked.role, asked.text, asked.collection, asked.documents) == ("user", "¿Qué?", "Contratos", True)
    assert (writing.role, writing.text, writing.answer) == ("assistant", "Un ñandú", None)
    store.finish(answer, _answer("Un ñandú."))
    assert store.messages(conversation)[1].answer == _answer("Un ñandú.")
    assert store.messages(conversation)[1].text == "Un ñandú."


def test_the_latest_conversation_comes_first(store: ConversationStore) -> None:
    first, second = store.create("first"), store.create("second")
    assert [entry.id for entry in store.entries()] == [second, first]
    store.add_question(first, "?")
    store.rename(first, "renamed")
    entries = store.entries()
    assert [(entry.id, entry.title, entry.messages) for entry in entries] == [
        (first, "renamed", 1),
        (second, "second", 0),
    ]


def test_branches(store: ConversationStore) -> None:
    conversation = store.create("t")
    one = store.add_question(conversation, "one")
    store.finish(store.begin_answer(conversation, one), _answer("1"))
    two = store.add_question(conversation, "two")
    store.finish(store.begin_answer(conversation, two), _answer("2"))
    edited = store.add_question(conversation, "two, edited", instead_of=two)
    assert [message.text for message in store.messages(conversation)] == ["one", "1", "two, edited"]
    store.finish(store.begin_answer(conversation, edited), _answer("3"))
    store.finish(store.begin_answer(conversation, edited), _answer("3, again"))
    assert [message.text for message in store.messages(conversation)] == ["one", "1", "two, edited", "3, again"]
    store.add_question(conversation, "zero", instead_of=one)
    assert [message.text for message in store.messages(conversation)] == ["zero"]


def test_deleting_leaves_nothing(store: ConversationStore, db: Database) -> None:
    gone, kept = store.create("gone"), store.create("kept")
    store.begin_answer(gone, store.add_question(gone, "?"))
    store.add_question(kept, "?")
    store.delete(gone)
    assert [entry.id for entry in store.entries()] == [kept]
    with db.read() as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchall() == [(1,)]


_WRITE = """
import sys
from pathlib import Path
from lumbre.store.conversations import ConversationStore
from lumbre.store.database import Database
store = ConversationStore(Database.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])))
conversation = store.create("t")
answer = store.begin_answer(conversation, store.add_question(conversation, "q"))
for n in range(10**9):
    store.append(answer, f"{n} ")
    print(n, flush=True)
"""


def test_a_killed_answer_keeps_its_text_and_a_living_one_is_left_alone(
    store: ConversationStore, tmp_path: Path, key: bytes
) -> None:
    mine = store.create("mine")
    store.begin_answer(mine, store.add_question(mine, "q"))
    command = [sys.executable, "-c", _WRITE, str(tmp_path / "lumbre.db"), key.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        assert store.recover() == 0
        process.kill()
        told = [int(line) for line in process.stdout.read().split()] or [19]
    (theirs,) = [entry.id for entry in store.entries() if entry.id != mine]
    assert store.recover() == 1
    answer = store.messages(theirs)[1].answer
    assert answer is not None
    assert answer.ending == "failed"
    written = [int(number) for number in answer.text.split()]
    assert written == list(range(len(written)))
    assert len(written) > told[-1]
    assert store.messages(mine)[1].answer is None
    assert store.recover() == 0
