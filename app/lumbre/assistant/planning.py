"""What kind of answer a question asks for: one found passage, all that there is, a figure over rows, a comparison."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from lumbre.core.language import fold

Kind = Literal["best", "all", "count", "figure", "compare"]
Operation = Literal["sum", "mean", "most", "least"]


class Plan(msgspec.Struct, frozen=True):
    """How a question is to be searched."""

    kind: Kind = "best"
    about: str = ""
    """The question without the words that only say how much is asked for: what has to be held by a match."""
    documents: bool = False
    """Whether whole documents are counted or listed, not places in them."""
    operation: Operation | None = None
    sides: tuple[str, ...] = ()
    """What is compared, each as a query of its own."""


_DOCUMENTS = r"(?:documentos?|ficheros?|archivos?|documents?|files?)"
_MENTION = (
    r"(?:que )?(?:se )?(?:mencionan?|hablan?|contienen?|citan?|tratan?|aparecen?|dicen?|mentions?|mentioning|contains?"
    r"|containing|talks?|speaks?|says?|cites?)"
)
_ALL = re.compile(
    r"^\W*(?:(?:me )?(?:puedes |podrias )?(?:haz(?:me)? una lista|lista|listar?|enumera|enumerar|dime|dame|muestrame"
    r"|encuentra|busca|can you |could you |please |list|enumerate|give me|show me|find|tell me|make a list)\b.*?"
    r"\b(?:tod[oa]s|cada|all|every|each)\b(?: (?:l[oa]s|the|of|de))*"
    r"|(?:lista|listar|enumera|enumerar|list|enumerate) (?:(?:l[oa]s|the) )?"
    r"|(?:cuales son|que son|what are|which are) (?:tod[oa]s|all)(?: (?:l[oa]s|the))*)"
)
_WHICH_DOCUMENTS = re.compile(
    rf"^\W*(?:(?:en )?(?:que|cuales|cual|which|what|in which|in what)(?: de mis| of my)? {_DOCUMENTS})"
    rf"(?: (?:se|hay|that|do|does))*(?: {_MENTION}(?: (?:de|sobre|about|of|a|al|el|la|los|las|the)\b)*)?"
)
_COUNT = re.compile(
    r"^\W*(?:cuant[oa]s|how many|(?:cual es el |what is the )?(?:numero|number) (?:de|of))"
    rf"(?P<documents> (?:de mis |of my )?{_DOCUMENTS}\b)?"
)
_FIGURES: dict[Operation, str] = {
    "sum": r"(?:cuanto|que) suman?|(?:cual es )?la suma|cuanto es el total|suma(?:me)?\b|add up|(?:what is )?the sum\b"
    r"|sum up|(?:what is |cual es )?(?:the|el) total (?=de |del |of |amount|importe|cost|price|spent)",
    "mean": r"(?:cual es )?(?:la media|el promedio|el valor medio)|(?:what is )?(?:the )?(?:average|mean)\b",
    "most": r"(?:cual es )?(?:el|la) (?:mayor|mas alt[oa]|maxim[oa])\b"
    r"|(?:what is )?the (?:highest|largest|biggest|maximum)\b",
    "least": r"(?:cual es )?(?:el|la) (?:menor|mas baj[oa]|minim[oa])\b|(?:what is )?the (?:lowest|smallest|minimum)\b",
}
_FIGURE = [(operation, re.compile(rf"^\W*(?:{pattern})")) for operation, pattern in _FIGURES.items()]
_IDLE = re.compile(
    rf"\b(?:{_DOCUMENTS}|{_MENTION}|hay|existen?|tengo|tenemos|son|estan?|there|exist|do|does|did|are|is|i|we|have|in"
    r"|mis|my|our|all|every|tod[oa]s|biblioteca|library|veces|times)\b"
)
_PAIRS = (
    r"^\W*(?:compare|contrast) (?P<one>.+?) (?:and|with|to|versus|vs\.?|against) (?P<two>.+)",
    r"\bdifferences? (?:is there |are there )?between (?P<one>.+?) and (?P<two>.+)",
    r"\bcompara(?:r|me)? (?P<one>.+?) (?:y|e|con|frente a|versus|vs\.?) (?P<two>.+)",
    r"\bdiferencias? (?:hay |existen? )?entre (?P<one>.+?) (?:y|e) (?P<two>.+)",
    r"\b(?:what|how) (?:has |have |did |do )?(?P<lead>.*?)(?: have| has)? ?change[ds]?(?: in)?(?P<rest>.*?)"
    r" (?:between|from) (?P<one>.+?) (?:and|to) (?P<two>.+)",
    r"\b(?:que|como) (?:ha |han )?cambi\w+(?: en)?(?P<lead>.*?) entre (?P<one>.+?) (?:y|e) (?P<two>.+)",
    r"\b(?:que|como) (?:ha |han )?cambi\w+(?: en)?(?P<lead>.*?) (?:desde|de) (?P<one>.+?) (?:a|hasta) (?P<two>.+)",
    r"^\W*(?P<one>.+?) (?:versus|vs\.?|frente a) (?P<two>.+)",
)  # fmt: skip
_PAIR = [re.compile(pattern) for pattern in _PAIRS]
_PREPOSITION = re.compile(r" (?:in|on|at|for|during|since|en|durante|para|desde|segun|according)\b.*$")
_LEAD = re.compile(r"^.*\b(?:of|in|for|from|by|de|del|en|la|el|los|las|the)\b ")
_ARTICLE = re.compile(r"^(?:la|el|las|los|the) ")


def plan(question: str) -> Plan:
    """How to search for a question in Spanish or English, told by its wording."""
    asked = " ".join(fold(question).split())
    if sides := _sides(asked):
        return Plan("compare", question, sides=sides)
    for operation, pattern in _FIGURE:
        if found := pattern.search(asked):
            return Plan("figure", _about(asked[found.end() :]), operation=operation)
    if found := _COUNT.search(asked):
        return Plan("count", _about(asked[found.end() :]), documents=bool(found["documents"]))
    if found := _WHICH_DOCUMENTS.search(asked):
        return Plan("all", _about(asked[found.end() :]), documents=True)
    if found := _ALL.search(asked):
        rest = asked[found.end() :]
        return Plan("all", _about(rest), documents=re.match(rf" ?{_DOCUMENTS}\b", rest) is not None)
    return Plan("best", question)


def _about(rest: str) -> str:
    return " ".join(_IDLE.sub(" ", rest).split()).strip("?¿.! ")


def _sides(asked: str) -> tuple[str, ...]:
    """The two things compared, each with what the question says of both."""
    found = next((match for pattern in _PAIR if (match := pattern.search(asked))), None)
    if found is None:
        return ()
    one, two = found["one"].strip("?¿.,: "), found["two"].strip("?¿.,: ")
    groups = found.groupdict()
    shared = f"{groups.get('lead') or ''} {groups.get('rest') or ''}"
    tail = _PREPOSITION.search(two)
    lead = _LEAD.match(one)
    first = one if _PREPOSITION.search(one) or tail is None else f"{one}{tail.group()}"
    # "the dividends of Apple and Amazon": the second lacks what the first says before its name.
    elliptic = lead is not None and len(two.split()) < len(one.split())
    second = f"{lead.group()}{_ARTICLE.sub('', two)}" if lead is not None and elliptic else two
    return tuple(" ".join(f"{shared} {side}".split()) for side in (first, second))
