"""Gold questions and the reports of the tests made with them."""

from __future__ import annotations

import msgspec

from lumbre.core.errors import NotInLibrary, UnknownGold
from lumbre.core.gold import GoldQuestion, GoldReport
from lumbre.store.collections import displayed
from lumbre.store.database import Database, first, rows


class Gold:
    """What a person knows of the library, to test it with. Part of LibraryStore."""

    _db: Database

    def gold(self) -> list[GoldQuestion]:
        """All gold questions, in the order in which they were added."""
        with self._db.read() as connection:
            found = rows(connection, "SELECT id, question, path, words FROM gold ORDER BY id")
        return [GoldQuestion(id=id, question=question, path=path, words=words) for id, question, path, words in found]

    def add_gold(self, question: str, path: str, words: str) -> None:
        """Keep a gold question; one that is there already is changed. Raises NotInLibrary."""
        path = displayed(path)
        with self._db.write() as connection:
            if first(connection, "SELECT 1 FROM files WHERE path = ?", (path,)) is None:
                raise NotInLibrary(path=path)
            query = (
                "INSERT INTO gold (question, path, words) VALUES (?1, ?2, ?3)"
                " ON CONFLICT (question) DO UPDATE SET path = ?2, words = ?3"
            )
            connection.execute(query, (question, path, words))

    def remove_gold(self, id: int) -> None:
        """Forget a gold question. Raises UnknownGold."""
        with self._db.write() as connection:
            connection.execute("DELETE FROM gold WHERE id = ?", (id,))
            if not connection.changes():
                raise UnknownGold(number=id)

    def document_of(self, path: str) -> int | None:
        """The document that a file holds, or None when it is not in the library or not read."""
        with self._db.read() as connection:
            row = first(connection, "SELECT document_id FROM files WHERE path = ?", (path,))
        return None if row is None else row[0]

    def reading_marks(self) -> dict[str, str]:
        """What made the passages and vectors in use: versions of the readers, name and version of the embedder."""
        with self._db.read() as connection:
            versions = rows(connection, "SELECT DISTINCT reader_version FROM documents ORDER BY reader_version")
            embedders = rows(connection, "SELECT name FROM embedders WHERE active")
        return {
            "readers": ", ".join(str(version) for (version,) in versions),
            "embedder": ", ".join(str(name) for (name,) in embedders),
        }

    def last_report(self) -> GoldReport | None:
        """The report of the last test, or None when there was none."""
        with self._db.read() as connection:
            row = first(connection, "SELECT report FROM gold_runs ORDER BY id DESC LIMIT 1")
        return None if row is None else msgspec.msgpack.decode(row[0], type=GoldReport)

    def keep_report(self, report: GoldReport) -> None:
        """Keep the report of a test."""
        with self._db.write() as connection:
            connection.execute("INSERT INTO gold_runs (report) VALUES (?)", (msgspec.msgpack.encode(report),))
