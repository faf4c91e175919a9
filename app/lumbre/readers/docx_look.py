"""What makes text of a Word document invisible: the mark for hidden text, the colour of the paper, no size."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lumbre.core.documents import HiddenKind
from lumbre.readers.package import attribute_of, child_of

Marks = dict[str, bool]
"""Of "hidden", "white", "tiny" and "shaded" those that are said, each way."""

_BASES = 20
_WHITE = 0xF0
"""Of 255, in each colour: from here on nobody reads it on white paper."""
_TINY = 2
"""Half points."""
_PLAIN = frozenset({"", "auto", "FFFFFF", "ffffff"})


def marks(properties: Element | None) -> Marks:
    """What the properties of a run say."""
    said: Marks = {}
    for child in properties if properties is not None else ():
        name, value = child.tag.rpartition("}")[2], attribute_of(child, "val")
        if name == "vanish":
            said["hidden"] = value not in ("0", "false", "off")
        elif name == "color":
            said["white"] = _is_white(value)
        elif name == "sz":
            said["tiny"] = value.isdecimal() and int(value) <= _TINY
        elif name == "highlight":
            said["shaded"] = value != "none"
        elif name == "shd":
            said["shaded"] = is_shaded(properties) or said.get("shaded", False)
    return said


def is_shaded(properties: Element | None) -> bool:
    """Whether properties put a colour behind the text."""
    shading = child_of(properties, "shd")
    return shading is not None and (
        attribute_of(shading, "fill") not in _PLAIN or bool(attribute_of(shading, "themeFill"))
    )


def style_marks(identifier: str, elements: dict[str, Element]) -> Marks:
    """What a style and those it is based on say."""
    chain = []
    for _ in range(_BASES):
        element = elements.get(identifier)
        if element is None:
            break
        said = marks(child_of(element, "rPr"))
        if is_shaded(child_of(element, "pPr")):
            said["shaded"] = True
        chain.append(said)
        base = child_of(element, "basedOn")
        identifier = "" if base is None else attribute_of(base, "val")
    whole: Marks = {}
    for said in reversed(chain):
        whole |= said
    return whole


def hiding(said: Marks) -> HiddenKind | None:
    """How the text is hidden; None when it is not."""
    if said.get("hidden") or (said.get("white") and not said.get("shaded")):
        return "invisible"
    return "tiny" if said.get("tiny") else None


def _is_white(value: str) -> bool:
    try:
        return len(value) == 6 and all(byte >= _WHITE for byte in bytes.fromhex(value))
    except ValueError:
        return False
