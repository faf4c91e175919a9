"""The program's own library and search over a corpus, and each of its halves alone."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from corpora import Document, Place
from vectors import KeptVectors

from lumbre.assistant.cut import clean, cut, embedding_lead
from lumbre.assistant.search import Searcher
from lumbre.core.language import detect
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore, StoredChunk
from lumbre.store.scopes import Scope
from lumbre.store.vector_index import VectorIndex
from lumbre.store.words import match_expression


class Program:
    """A library in a folder of its own with all documents cut, kept and embedded as the program does it."""

    def __init__(self, documents: Sequence[Document], embedder: KeptVectors) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._database = Database.open(Path(self._folder.name) / "lumbre.db", secrets.token_bytes(32))
        self._library = LibraryStore(self._database)
        self._embedder = embedder
        for document in documents:
            self._keep(document)
        self._embed()
        self._index = VectorIndex(self._library, embedder.model, embedder.dimensions)
        self._index.refresh()
        self._searcher = Searcher(self._library, self._index, embedder)
        self.milliseconds: list[float] = []
        """Of each search of ours."""

    def ours(self, question: str, scope: str | None, top: int) -> list[Place]:
        """What the program shows."""
        result = self._searcher.search(question, collection=scope, top=top)
        self.milliseconds.append(result.ms)
        return [Place(it.path, it.start, it.end, it.page) for it in result.passages]

    def dense(self, question: str, scope: str | None, top: int) -> list[Place]:
        """The nearest by meaning."""
        within = self._library.scope(scope)
        vector = self._embedder.embed([question], "query")
        near = self._index.search(vector, 4 * top, None if within.whole else self._library.vector_ids(within))
        owners = self._library.chunks_of_vectors([vector_id for vector_id, _ in near], within)
        return self._places([chunk for vector_id, _ in near for chunk in owners[vector_id]], within, top)

    def bm25(self, question: str, scope: str | None, top: int) -> list[Place]:
        """The best by words."""
        within = self._library.scope(scope)
        found = self._library.lexical(match_expression(question), 4 * top, within)
        return self._places([chunk for chunk, _ in found], within, top)

    @property
    def chunks(self) -> int:
        """How many pieces all documents were cut into."""
        return self._library.counts().chunks

    def close(self) -> None:
        """Delete the library."""
        self._database.close()
        self._folder.cleanup()

    def _places(self, ids: list[int], scope: Scope, top: int) -> list[Place]:
        """The first `top` chunks, those of one place counted once as in the program's results."""
        chunks = self._library.chunks(ids, scope)
        first: dict[tuple[str, int], StoredChunk] = {}
        for id in ids:
            first.setdefault((chunks[id].path, chunks[id].start), chunks[id])
        return [Place(it.path, it.start, it.end, it.page) for it in first.values()][:top]

    def _keep(self, document: Document) -> None:
        path, extracted = document.path, document.extracted
        for scope in document.scopes or ["all"]:
            self._library.add_files([path], self._library.ensure_collection(scope).id)
        self._library.keep(
            path,
            sha256=hashlib.sha256(f"{path}\0{extracted.text}".encode()).hexdigest(),
            size=len(extracted.text),
            mtime_ns=0,
            extracted=extracted,
            chunks=cut(extracted),
            language=detect(extracted.text[:20_000]),
            embedding_text=lambda chunk: embedding_lead(chunk, extracted.title) + chunk.text,
        )

    def _embed(self) -> None:
        model = self._embedder.model
        while waiting := self._library.unembedded(model, 4096):
            data = self._embedder.embed([clean(text) for _, text in waiting], "passage")
            table = np.frombuffer(data, "<f4").reshape(len(waiting), -1).astype("<f2")
            rows = [(digest, row.tobytes()) for (digest, _), row in zip(waiting, table, strict=True)]
            self._library.put_vectors(model, rows)
