"""Whether a file is what the filters of a question ask for."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from lumbre.core.documents import Filters
from lumbre.core.language import fold


def passes(filters: Filters, path: str, modified: float, format: str, tags: Iterable[str]) -> bool:
    """Whether a file is what the filters ask for: all kinds of them, and of each kind any one.

    `modified` is in seconds since the epoch. Collections are not looked at.
    """
    name = folded_name(path)
    wanted = {fold(tag) for tag in filters.tags}
    return (
        (filters.before is None or modified < filters.before)
        and (filters.after is None or modified >= filters.after)
        and (not filters.formats or format in filters.formats or name.endswith(filters.endings))
        and (not filters.names or any(_is_named(name, one) for one in filters.names))
        and (not wanted or not wanted.isdisjoint(map(fold, tags)))
    )


def folded_name(path: str) -> str:
    """The last part of a path without case and accents."""
    return fold(path.replace("\\", "/").rpartition("/")[2])


def _is_named(name: str, wanted: str) -> bool:
    """Whether a file name holds what is wanted of it, or matches it as a pattern with * and ?."""
    return fnmatch.fnmatchcase(name, wanted) if {"*", "?"} & set(wanted) else wanted in name
