"""Sentences for a person, by key and language, from resources/messages/NAME.LANGUAGE.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from lumbre.core.paths import resources_dir


@cache
def table(name: str, language: str) -> dict[str, str]:
    """The texts of one table in one language: {key: template}; nested tables are joined by dots."""
    path = resources_dir() / "messages" / f"{name}.{language}.toml"
    return _flat(tomllib.loads(path.read_text("utf-8")))


def _flat(tree: dict[str, Any], above: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{key}.")
        else:
            flat[above + key] = value
    return flat


class Texts:
    """One table in one language; call it with a key and what fills the template."""

    def __init__(self, name: str, language: str) -> None:
        self.language = language
        self._texts = table(name, language)

    def __call__(self, key: str, **values: object) -> str:
        """The text, filled. Raises KeyError for an unknown key: that is a bug."""
        template = self._texts[key]
        return template.format_map(values) if values else template

    def __contains__(self, key: str) -> bool:
        return key in self._texts
