"""Questions that lean on the one before them ("and in 2023?"): what to search for so that they are understood."""

from __future__ import annotations

import re

from lumbre.core.language import fold
from lumbre.store.words import query_terms

LENGTH = 400
"""Characters of a search query, at most; the end counts."""

_ELLIPTIC = re.compile(
    r"^\W*(?:y|e|o|pero|entonces|and|or|but|so|then|what about|how about|que hay de)\b"
    r"|\b(?:eso|esto|ella|ellos|ellas|ese|esa|aquello|alli|that|this|it|its|they|them|their|there|he|she|his|her)\W*\??$"
    r"|^\W*(?:(?:por que|cuando|donde|quien|cuanto|como|why|when|where|who|how much|how many|how)\W*$)"
)
_YEAR = re.compile(r"\b(?:(?:19|20)\d\d)\b")
_NAME = re.compile(r"(?<=[^\W_] )(?:[A-ZÁÉÍÓÚÑÜ][\w&'’.-]*)(?: (?:de |del |la |of )?[A-ZÁÉÍÓÚÑÜ][\w&'’.-]*)*")


def search_query(question: str, previous: str) -> str:
    """What to search for: the question, with the one before it when it leans on that ("¿y en 2023?").

    What the new question says otherwise, a year or a name, is taken out of the old one.
    """
    if not previous or not is_elliptic(question):
        return question
    if _YEAR.search(question):
        previous = _YEAR.sub(" ", previous)
    for name in list(_NAME.finditer(previous))[::-1][: len(_NAME.findall(question))]:
        previous = f"{previous[: name.start()]} {previous[name.end() :]}"
    return " ".join(f"{previous} {question}".split())[-LENGTH:]


def is_elliptic(question: str) -> bool:
    """Whether a question can hardly be understood without the one before it."""
    terms = query_terms(question)
    if len(terms) == 1 and len(question.split()) == 1:
        return _ELLIPTIC.search(fold(question)) is not None
    return len(terms) <= 1 or (len(terms) <= 4 and _ELLIPTIC.search(fold(question)) is not None)
