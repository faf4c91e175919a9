"""Documents: the content of files once read, with its chunks, full-text rows and share in the vectors."""

from __future__ import annotations

import array
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import apsw
import msgspec

from lumbre.core.documents import Chunk, Extracted, HiddenText
from lumbre.store.collections import bump_scopes
from lumbre.store.database import Database, first
from lumbre.store.members import sync_members
from lumbre.store.orphans import drop_orphans
from lumbre.store.words import index_row

_COMPRESSION = 1
"""zlib's quickest level: twice as quick as the next for a tenth more room."""


AGAIN = "again"
"""Stands in `files.reader` of a file that changed while it was being read: it stays waiting when the reading ends."""


class Source(msgspec.Struct, frozen=True):
    """A document as extracted, with one path where it lies."""

    text: str
    pages: list[int]
    title: str
    format: str
    path: str
    hidden: list[HiddenText] = []


class _Row(msgspec.Struct, frozen=True):
    chunk: Chunk
    hash: bytes
    lead: str
    words: tuple[str, str, str, str]


def with_heading(chunk: Chunk) -> str:
    """What is embedded of a chunk by default: its headings, then its text."""
    return f"{chunk.heading}\n{chunk.text}" if chunk.heading else chunk.text


class Documents:
    """Contents by sha256 and version of the readers. Part of LibraryStore."""

    _db: Database

    def document_for(self, sha256: str, reader_version: int) -> int | None:
        """The document with that content, read by that version of readers and cutter; None when it must be read."""
        with self._db.read() as connection:
            return _document(connection, sha256, reader_version)

    def keep(
        self,
        path: str,
        *,
        sha256: str,
        size: int,
        mtime_ns: int,
        extracted: Extracted,
        chunks: list[Chunk],
        language: str,
        reader_version: int = 0,
        embedding_text: Callable[[Chunk], str] = with_heading,
    ) -> None:
        """Keep what was read of a file in one transaction; from here it is found by its words.

        `embedding_text` must end with the chunk's own text. A file removed meanwhile stays removed.
        """
        # The slow part comes before the transaction, so that nobody waits for it.
        kept = [_row(chunk, language, embedding_text) for chunk in chunks]
        text = zlib.compress(extracted.text.encode("utf-8"), _COMPRESSION)
        with self._db.write() as connection:
            if first(connection, "SELECT 1 FROM files WHERE path = ?", (path,)) is None:
                return
            document_id = _document(connection, sha256, reader_version)
            if document_id is None:
                pages = array.array("I", extracted.pages).tobytes()
                identity = (sha256, reader_version, extracted.format, extracted.title, language)
                document_id = _insert_document(connection, (*identity, pages, len(extracted.pages), len(kept)), text)
                _keep_findings(connection, document_id, extracted)
                _insert_chunks(connection, document_id, kept)
                _queue_for_embedding(connection, document_id, len(kept))
            self.link(path, document_id, sha256, size, mtime_ns)

    def link(self, path: str, document_id: int, sha256: str, size: int, mtime_ns: int) -> None:
        """Say that a file holds a known document; if that was dropped meanwhile, the file waits to be read.

        The files inside it get rows of their own.
        """
        with self._db.write() as connection:
            old = first(connection, "SELECT document_id FROM files WHERE path = ?", (path,))
            state = _state(connection, document_id)
            connection.execute(
                f"UPDATE files SET {settled('?')}, document_id = ?, sha256 = ?, size = ?, mtime_ns = ?, attempts = 0,"
                " code = '', details = '{}' WHERE path = ?",
                (state, None if state == "waiting" else document_id, sha256, size, mtime_ns, path),
            )
            moved = old is not None and old[0] not in (None, document_id)
            if moved or _has_vectors(connection, document_id):
                bump_scopes(connection)
            if old is not None and moved:
                drop_orphans(connection, [old[0]])
            sync_members(connection, path, changed=moved)

    def findings(self, path: str) -> tuple[list[str], list[HiddenText]]:
        """What went wrong in reading a file, and what a person would not see of it."""
        with self._db.read() as connection:
            query = "SELECT warnings, hidden FROM files f JOIN documents d ON d.id = f.document_id WHERE path = ?"
            row = first(connection, query, (path,))
        if row is None:
            return [], []
        return msgspec.json.decode(row[0], type=list[str]), msgspec.json.decode(row[1], type=list[HiddenText])

    def passage_source(self, document_id: int) -> Source | None:
        """A document's text, page starts, title, format and one of its paths; None when it is gone."""
        with self._db.read() as connection:
            row = connection.execute(
                "SELECT text, pages, title, format, hidden,"
                " (SELECT min(path) FROM files WHERE document_id = documents.id)"
                " FROM documents JOIN texts ON document_id = id WHERE id = ?",
                (document_id,),
            ).fetchone()
        if row is None:
            return None
        text, pages, title, format, hidden, path = row
        whole = zlib.decompress(text).decode("utf-8")
        found = msgspec.json.decode(hidden, type=list[HiddenText])
        return Source(whole, array.array("I", pages).tolist(), title, format, path or "", found)

    def sections(self, document_id: int) -> list[tuple[int, int, str]]:
        """Where the chunks under each path of headings start and end, and that path, in order."""
        query = "SELECT start, stop, heading FROM chunks WHERE document_id = ? ORDER BY ordinal"
        found: list[tuple[int, int, str]] = []
        with self._db.read() as connection:
            for start, stop, heading in connection.execute(query, (document_id,)):
                if found and found[-1][2] == heading:
                    start = found.pop()[0]
                found.append((start, stop, heading))
        return found


def settled(state: str) -> str:
    """SQL that gives a file the state of an ended reading, unless it is to be read again."""
    return f"state = iif(reader = '{AGAIN}', 'waiting', {state}), reader = ''"


def _document(connection: apsw.Connection, sha256: str, reader_version: int) -> int | None:
    query = "SELECT id FROM documents WHERE sha256 = ? AND reader_version = ?"
    row = first(connection, query, (sha256, reader_version))
    return None if row is None else row[0]


def _insert_document(connection: apsw.Connection, values: tuple[Any, ...], text: bytes) -> int:
    (id,) = next(
        connection.execute(
            "INSERT INTO documents (sha256, reader_version, format, title, language, pages, page_count, chunk_count)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            values,
        )
    )
    connection.execute("INSERT INTO texts VALUES (?, ?)", (id, text))
    return int(id)


def _keep_findings(connection: apsw.Connection, document_id: int, extracted: Extracted) -> None:
    lists = (extracted.hidden, extracted.warnings, extracted.members)
    connection.execute(
        "UPDATE documents SET hidden = ?, warnings = ?, members = ? WHERE id = ?",
        (*(msgspec.json.encode(one).decode() for one in lists), document_id),
    )


def _row(chunk: Chunk, language: str, embedding_text: Callable[[Chunk], str]) -> _Row:
    whole = embedding_text(chunk)
    if not whole.endswith(chunk.text):
        raise ValueError("the text to embed must end with the chunk's text")
    lead = whole[: len(whole) - len(chunk.text)]
    digest = hashlib.sha256(whole.encode("utf-8")).digest()
    return _Row(chunk, digest, lead, index_row(chunk.text, chunk.heading, language))


def _insert_chunks(connection: apsw.Connection, document_id: int, kept: list[_Row]) -> None:
    (next_id,) = next(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM chunks"))
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                next_id + at,
                document_id,
                at,
                row.hash,
                row.chunk.start,
                row.chunk.end,
                row.chunk.page,
                row.chunk.heading,
                row.lead,
                row.chunk.text,
            )
            for at, row in enumerate(kept)
        ),
    )
    connection.executemany(
        "INSERT INTO passages (rowid, words, stems, codes, heading) VALUES (?, ?, ?, ?, ?)",
        ((next_id + at, *row.words) for at, row in enumerate(kept)),
    )


def _queue_for_embedding(connection: apsw.Connection, document_id: int, chunks: int) -> None:
    connection.execute(
        "INSERT INTO pending SELECT e.id, ?1, ?2 - count(v.id) FROM embedders e"
        " LEFT JOIN chunks c ON c.document_id = ?1 LEFT JOIN vectors v ON v.hash = c.hash AND v.embedder_id = e.id"
        " WHERE NOT e.retired GROUP BY e.id HAVING count(v.id) < ?2",
        (document_id, chunks),
    )


def _has_vectors(connection: apsw.Connection, document_id: int) -> bool:
    query = "SELECT 1 FROM chunks c JOIN vectors v ON v.hash = c.hash WHERE c.document_id = ? LIMIT 1"
    return first(connection, query, (document_id,)) is not None


def _state(connection: apsw.Connection, document_id: int) -> str:
    """Where a file that holds this document stands."""
    if first(connection, "SELECT 1 FROM documents WHERE id = ?", (document_id,)) is None:
        return "waiting"
    row = first(
        connection,
        "SELECT EXISTS (SELECT 1 FROM pending WHERE embedder_id = e.id AND document_id = ?)"
        " FROM embedders e WHERE e.active",
        (document_id,),
    )
    return "done" if row == (0,) else "readable"
