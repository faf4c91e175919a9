"""The library as kept: collections, files, documents, chunks, full-text rows and vectors."""

from __future__ import annotations

from lumbre.store.census import Census
from lumbre.store.chunks import Chunks, StoredChunk
from lumbre.store.documents import Documents, Source
from lumbre.store.gold import Gold
from lumbre.store.moving import Moving
from lumbre.store.scopes import Scopes
from lumbre.store.vectors import Vectors

__all__ = ["LibraryStore", "Source", "StoredChunk"]


class LibraryStore(Moving, Documents, Vectors, Chunks, Census, Scopes, Gold):
    """Everything known of a person's documents. Each method is one transaction; all may be called from any thread."""
