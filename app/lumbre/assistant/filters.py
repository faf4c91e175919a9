"""Filters typed into a question: `in:`, `type:`, `name:`, `tag:`, `before:` and `after:`, in English and in Spanish."""

from __future__ import annotations

import re
from datetime import datetime

from lumbre.core.documents import Filters
from lumbre.core.errors import FilterUnclear
from lumbre.core.language import fold

_NAMES = {
    "in": "collections",
    "en": "collections",
    "type": "kinds",
    "tipo": "kinds",
    "name": "names",
    "nombre": "names",
    "tag": "tags",
    "etiqueta": "tags",
    "before": "before",
    "antes": "before",
    "after": "after",
    "despues": "after",
    "desde": "after",
}
_FILTER = re.compile(
    r"(?<!\S)(in|en|type|tipo|name|nombre|tag|etiqueta|before|antes|after|despu[eé]s|desde):"
    r"(?:\"([^\"]*)\"|«([^»]*)»|“([^”]*)”|(\S+))",
    re.IGNORECASE,
)
_KINDS = {
    "word": ("docx", "odt", "rtf"),
    "documento document texto text txt": ("text", "docx", "odt", "rtf", "markdown"),
    "excel hoja hojas tabla tablas sheet sheets spreadsheet table tables": ("xlsx", "xls", "ods", "csv"),
    "powerpoint presentacion presentaciones presentation presentations slides diapositivas": ("pptx", "odp"),
    "correo correos mail mails email emails": ("mail", "msg", "mbox"),
    "web pagina page html htm": ("html", "mhtml"),
    "libro libros book books ebook": ("epub",),
    "imagen imagenes image images foto fotos photo": ("image",),
    "md": ("markdown",),
    "subtitulos subtitle": ("subtitles",),
    "eml": ("mail",),
    "ipynb": ("notebook",),
}
_KIND = {name: formats for names, formats in _KINDS.items() for name in names.split()}
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_FILE_NAME = re.compile(r"(?<![\w@/.])[\w-][\w.-]*\.[A-Za-z][A-Za-z0-9]{1,5}(?![\w@/-])")
_DAY_FIRST = re.compile(r"(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})")


def parse(question: str) -> tuple[str, Filters]:
    """The question without its filters, and these. Raises FilterUnclear for a date that is none."""
    found: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    for match in _FILTER.finditer(question):
        value = next(part for part in match.groups()[1:] if part is not None).strip().rstrip(",;?")
        if value:
            kind = _NAMES[fold(match[1])]
            found.setdefault(kind, []).append(value)
            said[kind] = match[1]
    kinds = [fold(kind).lstrip(".") for kind in found.get("kinds", ())]
    return without_filters(question), Filters(
        collections=tuple(found.get("collections", ())),
        formats=tuple(dict.fromkeys(name for kind in kinds for name in _KIND.get(kind, (kind,)))),
        endings=tuple(f".{kind}" for kind in kinds),
        names=tuple(fold(name) for name in found.get("names", ())),
        tags=tuple(found.get("tags", ())),
        before=min((_moment(value, said["before"]) for value in found.get("before", ())), default=None),
        after=max((_moment(value, said["after"]) for value in found.get("after", ())), default=None),
    )


def without_filters(question: str) -> str:
    """The question as a person would ask it of somebody."""
    return " ".join(_FILTER.sub(" ", question).split()) if _FILTER.search(question) else question


def _moment(value: str, name: str) -> float:
    """The beginning of a day, month or year, in seconds since the epoch by the local clock. Raises FilterUnclear."""
    if whole := _DATE.fullmatch(value):
        year, month, day = (int(part) if part else 1 for part in whole.groups())
    elif whole := _DAY_FIRST.fullmatch(value):
        day, month, year = (int(part) if part else 1 for part in whole.groups())
    else:
        raise FilterUnclear(filter=name, value=value)
    try:
        return datetime(year, month, day).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise FilterUnclear(filter=name, value=value) from error


def file_names(question: str) -> list[str]:
    """What in a question looks like the name of a file, folded: "contrato_2023.docx"."""
    return [fold(match[0]) for match in _FILE_NAME.finditer(question)]
