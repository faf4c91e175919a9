"""From paths a person dropped to files waiting in the library: unchanged files are skipped, gone ones removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from lumbre.core.errors import PathMissing
from lumbre.core.protocols import Cancelled
from lumbre.store.collections import displayed
from lumbre.store.library import LibraryStore

SLICE = 500
"""Files registered in one transaction, so that a large folder shows progress and can be stopped."""


def absolute(paths: list[Path]) -> list[Path]:
    """The paths as absolute ones, symbolic links kept. Raises PathMissing for the first that is not there."""
    for path in paths:
        if not path.is_file() and not path.is_dir():  # a pipe or a device would never end
            raise PathMissing(path=str(path))
    return [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 — resolve() would follow links


def register(library: LibraryStore, paths: list[Path], collection_id: int, cancelled: Cancelled) -> None:
    """Queue new and changed files below absolute `paths`, and drop files of added folders that are gone."""
    for path in paths:
        if path.is_dir():
            library.add_root(str(path), collection_id)
            found: set[str] = set()
            for some in _slices(_walk(path)):
                if cancelled():
                    return
                found.update(map(displayed, some))
                _queue(library, some, collection_id)
            gone = [file for file in library.paths_below(str(path)) if file not in found]
            library.remove(gone)
        else:
            _queue(library, [str(path)], collection_id)


def _queue(library: LibraryStore, paths: list[str], collection_id: int) -> None:
    """Make files members of the collection; those that changed since they were read wait to be read again."""
    known = library.known(paths)
    library.add_files(paths, collection_id)
    library.requeue([path for path in paths if path in known and _changed(path, known[path])])


def _changed(path: str, known: tuple[int, int, str, str]) -> bool:
    size, mtime_ns, _, _ = known
    try:
        status = Path(path).stat()
    except OSError:
        return True  # reading it again will say why
    return (status.st_size, status.st_mtime_ns) != (size, mtime_ns)


def _walk(folder: Path) -> Iterator[str]:
    """Files below a folder, in a stable order; hidden files and folders are left out, links to folders not followed."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield str(path)


def _slices(paths: Iterator[str]) -> Iterator[list[str]]:
    some: list[str] = []
    for path in paths:
        some.append(path)
        if len(some) == SLICE:
            yield some
            some = []
    if some:
        yield some
