"""JSON, and JSON Lines, as readable text: objects with a name as headings, records and lists as rows and items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from lumbre.core.documents import Extracted
from lumbre.core.errors import UnsafeDocument
from lumbre.readers import plain
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.decode import decode

_LIMIT = 24
"""Megabytes; the values take some ten times as much memory."""
_LEVEL = 6
_RECORD = 600
"""Characters up to which an object without running text is read as one record."""
_INNER = 3
_LONG = 200
"""Characters from which a value is running text rather than a datum."""
_NAME_LENGTH = 120
_EXTENSIONS = frozenset({".json", ".jsonl", ".ndjson", ".geojson", ".webmanifest"})
_START = re.compile(rb'\s*(?:\{\s*(?:"(?:[^"\\\n]|\\.)*"\s*:|\})|\[\s*(?:[\[{"\]\d-]|true|false|null))')
_SENTENCE = re.compile(r"\S\s+\S.*[.!?…]['\"»”)]*$", re.DOTALL)

_NAMES = ("title", "título", "titulo", "name", "nombre", "subject", "asunto", "headline", "label", "key", "id")
_PROSE = frozenset({"text", "content", "body", "texto", "contenido", "cuerpo"})


def recognises(file: File) -> bool:
    """Whether it opens as an object or an array does; brackets alone open many texts, so that a name counts too."""
    head = file.head
    if b"\0" in head:  # UTF-16 and UTF-32
        head = head.replace(b"\0", b"")
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe")
    if not _START.match(head) or not plain.recognises(file):
        return False
    return head.lstrip().startswith(b"{") or file.extension in _EXTENSIONS or bool(re.match(rb"\s*\[\s*[\[{]", head))


def read(file: File) -> Extracted:
    """Read the values; what only resembles JSON, such as code with comments, is read as text.

    Raises DocumentTooLarge, EmptyDocument, UnsafeDocument and UnsupportedFormat.
    """
    source = decode(file.read())
    writer = _Writer()
    try:
        values = list(_values(source))
        writer.take("", values[0] if len(values) == 1 else values, 1)
    except msgspec.DecodeError:
        return plain.from_text(source)
    except RecursionError:
        raise UnsafeDocument(reason="JSON nested too deeply") from None
    found = writer.draft.finish(FORMAT.name)
    return msgspec.structs.replace(found, title="") if found.title.isdecimal() else found


FORMAT = Format("json", recognises, read, _LIMIT)


def _values(source: str) -> Iterator[Any]:
    """The one value of the file, or the value of each line. Raises msgspec.DecodeError."""
    # Numbers with a point are kept to the letter: 18.50 is a price.
    decoder = msgspec.json.Decoder(float_hook=str)
    try:
        yield decoder.decode(source)
    except msgspec.DecodeError:
        lines = [line for line in source.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        yield from (decoder.decode(line) for line in lines)


class _Writer:
    """Walks the values and gathers blocks."""

    def __init__(self) -> None:
        self.draft = Draft()

    def take(self, name: str, value: Any, level: int) -> None:
        """Add a value that the file calls `name`, with headings from `level` on."""
        if isinstance(value, dict):
            record = _record(value)
            if record:
                self.draft.add(f"{name}: {record}" if name else record, "row")
            else:
                self._object(name, value, level)
        elif isinstance(value, list):
            self._array(name, value, level)
        else:
            self._scalar(name, value)

    def _object(self, name: str, value: dict[str, Any], level: int) -> None:
        """Add an object under its title or name: first its data on one line, then its texts, then what it holds."""
        key = _title_key(value)
        title = str(value[key]) if key else name
        if title.strip():
            self.draft.add(" ".join(title.split()), "heading", min(_LEVEL, level))
            level += 1
        rest = [(one, inner) for one, inner in value.items() if one != key]
        data = [f"{one}: {_shown(inner)}" for one, inner in rest if _is_datum(one, inner) and _shown(inner)]
        self.draft.add(" | ".join(data), "row")
        for one, inner in rest:
            if not _is_datum(one, inner) and not isinstance(inner, dict | list):
                self._scalar("" if one in _PROSE else one, inner)
        for one, inner in rest:
            if isinstance(inner, dict | list):
                self.take("" if one in _PROSE else one, inner, level)

    def _array(self, name: str, values: list[Any], level: int) -> None:
        """Add an array: tables and lists under their name, objects each under its own."""
        if name and values:
            if any(isinstance(value, dict) for value in values):
                self.draft.add(name, "heading", min(_LEVEL, level))
                level += 1
            else:
                self.draft.add(f"{name}:")
        for number, value in enumerate(values, 1):
            if isinstance(value, list) and not any(isinstance(cell, dict | list) for cell in value):
                self.draft.add(" | ".join(map(_shown, value)), "row")
            elif isinstance(value, dict) and _record(value):
                self.draft.add(_record(value), "row")
            elif isinstance(value, dict | list):
                self.take(f"{name} {number}".strip(), value, level)
            elif _SENTENCE.search(_shown(value)):
                self.draft.add(_shown(value))
            else:
                self.draft.add(f"- {_shown(value)}", "list")

    def _scalar(self, name: str, value: Any) -> None:
        """Add a single value."""
        shown = _shown(value)
        if shown:
            self.draft.add(f"{name}: {shown}" if name else shown)


def _title_key(value: dict[str, Any]) -> str:
    """The key under which an object holds its own name; empty when it has none."""
    keys = {key.lower(): key for key in value}
    named = (keys[name] for name in _NAMES if name in keys)
    return next((key for key in named if _is_name(value[key])), "")


def _is_name(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value).strip()) <= _NAME_LENGTH


def _record(value: dict[str, Any]) -> str:
    """An object on one line when it holds a few short values and no running text; empty when it does not."""
    parts: list[str] = []
    length = 0
    for part in _pairs(value, ""):
        length += len(part) if part else _RECORD + 1
        if length > _RECORD:
            return ""
        parts.append(part)
    return " | ".join(parts)


def _pairs(value: dict[str, Any], above: str) -> Iterator[str]:
    """Name and value of each datum, names of inner objects joined by points; an empty part for what is no datum."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            # Objects within objects within objects are no record.
            yield from _pairs(inner, f"{above}{key}.") if above.count(".") < _INNER else ("",)
        elif isinstance(inner, list):
            flat = not any(isinstance(one, dict | list) or _SENTENCE.search(_shown(one)) for one in inner)
            shown = ", ".join(map(_shown, inner)) if flat else ""
            if shown or not flat:
                yield f"{above}{key}: {shown}" if flat else ""
        elif _shown(inner):
            yield f"{above}{key}: {_shown(inner)}" if _is_datum(key, inner) else ""


def _is_datum(key: str, value: Any) -> bool:
    """Whether a value is short and needs its name to be understood."""
    if isinstance(value, dict | list):
        return False
    shown = _shown(value)
    return len(shown) <= _LONG and "\n" not in shown and not (key.lower() in _PROSE and _SENTENCE.search(shown))


def _shown(value: Any) -> str:
    """A single value as it stands in the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
