"""Whatever happens in whatever order, files, documents, chunks, words and vectors agree and nothing is left over."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lumbre.core.documents import Chunk, Extracted
from lumbre.core.errors import EmptyDocument
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.scopes import Scope
from lumbre.store.vector_index import VectorIndex

EMBEDDER, VECTOR = "embedder@1", bytes(16)
WORDS = ["alfa", "beta", "gamma", "delta"]
PATHS = st.sampled_from(["/d/a", "/d/b", "/e/c"])
CONTENTS = st.lists(st.sampled_from(WORDS), max_size=4).map(tuple)
COLLECTIONS = st.sampled_from(["One", "Two"])


class LibraryMachine(RuleBasedStateMachine):
    """A library beside the plainest model of it: what each file holds."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.db = Database.open(Path(self.folder.name) / "lumbre.db", secrets.token_bytes(32))
        self.library = LibraryStore(self.db)
        self.index = VectorIndex(self.library, EMBEDDER, 8)
        self.contents: dict[str, tuple[str, ...]] = {}
        self.collections: dict[str, set[str]] = {}

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    @rule(path=PATHS, content=CONTENTS, collection=COLLECTIONS)
    def keep(self, path: str, content: tuple[str, ...], collection: str) -> None:
        self.library.add_files([path], self.library.ensure_collection(collection).id)
        text = "".join(content)
        chunks, at = [], 0
        for word in content:
            chunks.append(Chunk(at, at + len(word), word))
            at += len(word)
        self.library.keep(
            path,
            sha256=hashlib.sha256(" ".join(content).encode()).hexdigest(),
            size=1,
            mtime_ns=1,
            extracted=Extracted(text=text, blocks=[], format="text"),
            chunks=chunks,
            language="es",
        )
        self.contents[path] = content
        self.collections.setdefault(path, set()).add(collection)

    @rule(path=PATHS)
    def remove(self, path: str) -> None:
        self.library.remove([path])
        self._forget(path)

    @rule()
    def remove_folder(self) -> None:
        self.library.remove(["/d"])
        self._forget("/d/a")
        self._forget("/d/b")

    @rule(path=PATHS)
    def set_aside(self, path: str) -> None:
        self.library.set_aside(path, EmptyDocument(), size=1, mtime_ns=1)
        if path in self.contents:
            self.contents[path] = ()

    @rule(collection=COLLECTIONS)
    def delete_collection(self, collection: str) -> None:
        self.library.ensure_collection(collection)
        self.library.delete_collection(collection)
        for path, names in list(self.collections.items()):
            names.discard(collection)
            if not names:
                self._forget(path)

    @rule(limit=st.integers(1, 3), embedder=st.sampled_from([EMBEDDER, EMBEDDER, "other@2"]))
    def embed(self, limit: int, embedder: str) -> None:
        waiting = self.library.unembedded(embedder, limit)
        self.library.put_vectors(embedder, [(digest, VECTOR) for digest, _ in waiting])

    @rule(wanted=st.sampled_from([EMBEDDER, "other@2"]))
    def switch(self, wanted: str) -> None:
        self.library.switch_embedder(wanted)

    @rule(wanted=st.sampled_from([EMBEDDER, "other@2"]), limit=st.integers(1, 3))
    def sweep(self, wanted: str, limit: int) -> None:
        self.library.sweep_vectors(wanted, limit)

    @rule()
    def refresh(self) -> None:
        self.index.refresh()

    def _forget(self, path: str) -> None:
        self.contents.pop(path, None)
        self.collections.pop(path, None)

    def _column(self, query: str) -> list[object]:
        with self.db.read() as connection:
            return [value for (value,) in connection.execute(query)]

    @invariant()
    def words_find_what_files_hold(self) -> None:
        for word in WORDS:
            found = self.library.chunks([id for id, _ in self.library.lexical(word, 100)])
            paths = {path for path, content in self.contents.items() if word in content}
            documents = {self.contents[path] for path in paths}
            assert len(found) == sum(content.count(word) for content in documents)
            assert {chunk.text for chunk in found.values()} <= {word}
            assert {chunk.path for chunk in found.values()} <= paths

    @invariant()
    def nothing_is_left_over(self) -> None:
        assert {file.path for file in self.library.files()} == set(self.contents)
        chunks = self._column("SELECT id FROM chunks ORDER BY id")
        assert self._column("SELECT rowid FROM passages ORDER BY rowid") == chunks
        assert len(self._column("SELECT DISTINCT document_id FROM chunks")) == len(set(self.contents.values()) - {()})
        for table in ("documents", "texts"):
            column = "id" if table == "documents" else "document_id"
            orphans = f"SELECT 1 FROM {table} WHERE {column} NOT IN (SELECT document_id FROM files WHERE document_id)"
            assert self._column(orphans) == []
        assert self._column("SELECT 1 FROM vectors WHERE hash NOT IN (SELECT hash FROM chunks)") == []
        assert self._column("PRAGMA foreign_key_check") == []

    @invariant()
    def what_is_missing_is_counted(self) -> None:
        counted = "SELECT embedder_id || ' ' || document_id || ' ' || missing FROM pending"
        real = (
            "SELECT e.id || ' ' || c.document_id || ' ' || count(*) FROM embedders e, chunks c WHERE NOT e.retired"
            " AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.hash = c.hash AND v.embedder_id = e.id)"
            " GROUP BY e.id, c.document_id"
        )
        assert sorted(map(str, self._column(counted))) == sorted(map(str, self._column(real)))
        active = self._column("SELECT id FROM embedders WHERE active")
        counts = self.library.counts()
        assert counts.chunks == len(self._column("SELECT 1 FROM chunks"))
        assert counts.files == len(self.contents)
        for state in ("readable", "done"):
            assert getattr(counts, state) == len(self._column(f"SELECT 1 FROM files WHERE state = '{state}'"))
        lacking = self._column("SELECT missing FROM pending JOIN embedders e ON e.id = embedder_id WHERE e.active")
        assert counts.embedded == (counts.chunks - sum(lacking) if active else 0)  # type: ignore[call-overload]
        for file in self.library.files():
            if file.state in ("readable", "done"):
                pending = self._column(
                    f"SELECT 1 FROM pending p JOIN files f USING (document_id) JOIN embedders e ON e.id = p.embedder_id"
                    f" WHERE f.id = {file.id} AND e.active"
                )
                assert file.state == ("done" if active and not pending else "readable")

    @invariant()
    def the_index_and_scopes_follow(self) -> None:
        self.index.refresh()
        held = {id for id, _ in self.index.search(bytes(32), 100)}
        assert held == {id for id, _ in self.library.vectors_after(EMBEDDER, 0)}
        for collection in self.library.collections():
            fresh = LibraryStore(self.db).vector_ids(Scope(collection.id))
            assert sorted(self.library.vector_ids(Scope(collection.id))) == sorted(fresh)


TestLibrary = LibraryMachine.TestCase
TestLibrary.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
