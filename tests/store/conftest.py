"""A library of its own for each test, and a quick way to put documents in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lumbre.core.documents import Chunk, Extracted
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

EMBEDDER = "embedder@1"
DIMENSIONS = 8


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def db(tmp_path: Path, key: bytes) -> Iterator[Database]:
    database = Database.open(tmp_path / "lumbre.db", key)
    yield database
    database.close()


@pytest.fixture
def library(db: Database) -> LibraryStore:
    return LibraryStore(db)


@pytest.fixture
def keep() -> Callable[..., None]:
    """keep(library, path, *texts): add a file to the collection and keep one chunk for each text."""
    return keep_texts


@pytest.fixture
def embed() -> Callable[..., list[str]]:
    """embed(library, limit): give vectors to what waits for them; returns the paths that became done."""
    return embed_waiting


def keep_texts(
    library: LibraryStore,
    path: str,
    *texts: str,
    collection: str = "Documents",
    heading: str = "",
    language: str = "en",
) -> str:
    """Keep a document made of these chunks; returns its sha256."""
    library.add_files([path], library.ensure_collection(collection).id)
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    chunks, at = [], 0
    for text in texts:
        chunks.append(Chunk(at, at + len(text), text, heading, 1))
        at += len(text)
    extracted = Extracted(text="".join(texts), blocks=[], format="text", title="Title", pages=[0])
    library.keep(
        path,
        sha256=digest,
        size=at,
        mtime_ns=1,
        extracted=extracted,
        chunks=chunks,
        language=language,
        reader_version=1,
    )
    return digest


def embed_waiting(library: LibraryStore, limit: int = 1000, embedder: str = EMBEDDER) -> list[str]:
    """Embed up to `limit` texts, each to a unit vector that depends on its hash alone."""
    waiting = library.unembedded(embedder, limit)
    return library.put_vectors(embedder, [(digest, vector_of(digest)) for digest, _ in waiting])


def vector_of(digest: bytes) -> bytes:
    """A unit vector in float16."""
    numbers = np.frombuffer(digest[: DIMENSIONS * 2], "<u2").astype("f8") + 1
    return (numbers / np.linalg.norm(numbers)).astype("<f2").tobytes()
