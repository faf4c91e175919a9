"""Conversations as trees of messages: what was asked, and what was answered so far, whatever happened then."""

from __future__ import annotations

import time
from typing import Any

import apsw
import msgspec

from lumbre.core.chat import Answer, AnswerStats, ConversationEntry, StoredMessage
from lumbre.core.importing import ForeignConversation, ForeignTurn
from lumbre.store.collections import json_list
from lumbre.store.database import Database, first, rows
from lumbre.store.process import lives, own_mark

_BRANCH = """
WITH RECURSIVE branch (id) AS (
    SELECT max(id) FROM messages WHERE conversation_id = ?
    UNION ALL SELECT m.parent_id FROM messages m JOIN branch b ON m.id = b.id WHERE m.parent_id IS NOT NULL
)
SELECT m.id, m.role, m.text, m.created, m.answer, m.collection, m.documents
FROM branch b JOIN messages m ON m.id = b.id ORDER BY m.id
"""


class ConversationStore:
    """Conversations and their messages. The branch shown is the one that ends in the newest message."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def create(self, title: str) -> int:
        """Start a conversation; returns its id."""
        with self._db.write(durable=True) as connection:
            query = "INSERT INTO conversations (title, updated) VALUES (?, ?) RETURNING id"
            (id,) = rows(connection, query, (title, time.time()))[0]
            return int(id)

    def bring_in(self, held: ForeignConversation) -> bool:
        """Keep a conversation held in another program, with its title and times; False when it came earlier."""
        with self._db.write(durable=True) as connection:
            if first(connection, "SELECT 1 FROM imported WHERE origin = ?", (held.origin,)):
                return False
            updated = max((turn.created for turn in held.turns), default=0.0)
            query = "INSERT INTO conversations (title, updated) VALUES (?, ?) RETURNING id"
            (id,) = rows(connection, query, (held.title, updated))[0]
            connection.execute("INSERT INTO imported (origin, conversation_id) VALUES (?, ?)", (held.origin, id))
            parent = None
            for turn in held.turns:
                parent = _insert_foreign(connection, int(id), parent, turn)
        return True

    def brought(self, origins: list[str]) -> set[str]:
        """Those of the conversations that came earlier."""
        query = "SELECT origin FROM imported WHERE origin IN (SELECT value FROM json_each(?))"
        with self._db.read() as connection:
            return {origin for (origin,) in rows(connection, query, (json_list(origins),))}

    def entries(self) -> list[ConversationEntry]:
        """All conversations, the latest first."""
        query = (
            "SELECT id, title, updated, (SELECT count(*) FROM messages WHERE conversation_id = c.id)"
            " FROM conversations c ORDER BY updated DESC, id DESC"
        )
        with self._db.read() as connection:
            return [ConversationEntry(*row) for row in rows(connection, query)]

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        """The current branch, oldest first. An answer being written has its text so far and no `answer`."""
        with self._db.read() as connection:
            return [_message(row) for row in rows(connection, _BRANCH, (conversation_id,))]

    def add_question(
        self,
        conversation_id: int,
        text: str,
        collection: str | None = None,
        documents: bool = True,
        *,
        instead_of: int | None = None,
    ) -> int:
        """Add a question after the newest message, or beside the question `instead_of`; returns its id."""
        with self._db.write(durable=True) as connection:
            if instead_of is None:
                parent = first(connection, "SELECT max(id) FROM messages WHERE conversation_id = ?", (conversation_id,))
            else:
                parent = first(connection, "SELECT parent_id FROM messages WHERE id = ?", (instead_of,))
            values = (conversation_id, parent and parent[0], "user", text, collection, documents, None)
            return _insert(connection, values)

    def begin_answer(self, conversation_id: int, parent: int) -> int:
        """Make room for the answer to question `parent`; another one beside it is a new try. Returns its id."""
        with self._db.write() as connection:
            return _insert(connection, (conversation_id, parent, "assistant", "", None, True, own_mark()))

    def append(self, message_id: int, text: str) -> None:
        """Keep another piece of an answer being written."""
        with self._db.write() as connection:
            connection.execute("UPDATE messages SET text = text || ? WHERE id = ?", (text, message_id))

    def finish(self, message_id: int, answer: Answer) -> None:
        """Keep a whole answer, or how far it came; its text replaces the pieces."""
        with self._db.write(durable=True) as connection:
            _finish(connection, message_id, answer)

    def recover(self) -> int:
        """End the answers that a killed process left unfinished as failed, with their text; returns how many."""
        with self._db.write() as connection:
            writers = rows(connection, "SELECT DISTINCT writer FROM messages WHERE writer IS NOT NULL")
            dead = [writer for (writer,) in writers if not lives(writer)]
            query = "SELECT id, conversation_id, text FROM messages WHERE writer IN (SELECT value FROM json_each(?))"
            left = rows(connection, query, (json_list(dead),))
            for id, conversation_id, text in left:
                _finish(connection, id, _broken_off(conversation_id, id, text))
            return len(left)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        with self._db.write() as connection:
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id))

    def delete(self, conversation_id: int) -> None:
        """Delete a conversation with all its branches."""
        with self._db.write() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))


def _insert(connection: apsw.Connection, values: tuple[Any, ...]) -> int:
    now = time.time()
    connection.execute("UPDATE conversations SET updated = ? WHERE id = ?", (now, values[0]))
    query = (
        "INSERT INTO messages (conversation_id, parent_id, role, text, collection, documents, writer, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
    )
    (id,) = rows(connection, query, (*values, now))[0]
    return int(id)


def _insert_foreign(connection: apsw.Connection, conversation_id: int, parent: int | None, turn: ForeignTurn) -> int:
    query = (
        "INSERT INTO messages (conversation_id, parent_id, role, text, created, documents) VALUES (?, ?, ?, ?, ?, 0)"
        " RETURNING id"
    )
    (id,) = rows(connection, query, (conversation_id, parent, turn.role, turn.text, turn.created))[0]
    if turn.role == "assistant":
        answer = Answer(turn.text, [], [], "finished", AnswerStats(model=turn.model), True, conversation_id, id)
        _finish(connection, id, answer)
    return int(id)


def _finish(connection: apsw.Connection, message_id: int, answer: Answer) -> None:
    connection.execute(
        "UPDATE messages SET text = ?, answer = ?, writer = NULL WHERE id = ?",
        (answer.text, msgspec.msgpack.encode(answer), message_id),
    )


def _broken_off(conversation_id: int, message_id: int, text: str) -> Answer:
    return Answer(
        text=text,
        sentences=[],
        sources=[],
        ending="failed",
        stats=AnswerStats(),
        conversation_id=conversation_id,
        message_id=message_id,
    )


def _message(row: tuple[Any, ...]) -> StoredMessage:
    id, role, text, created, answer, collection, documents = row
    return StoredMessage(
        id=id,
        role=role,
        text=text,
        created=created,
        answer=msgspec.msgpack.decode(answer, type=Answer) if answer is not None else None,
        collection=collection,
        documents=bool(documents),
    )
