"""How a page is drawn, as far as it hides text: its style sheet, styles of elements, and the colours they pass on.

Only simple selectors (tag, class, identifier) outside media queries are understood. Where the colour behind a text
cannot be known, as with pictures and style sheets elsewhere, it is taken for readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lumbre.core.documents import HiddenKind

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

Colour = tuple[int, int, int]
Declared = dict[str, str]

_SHEET = 500_000
"""Characters of style sheets that are looked at."""
_NOTE = re.compile(r"/\*.*?\*/", re.S)
_RULE = re.compile(r"([^{}@;]{1,2000})\{([^{}]*)\}")
_SELECTOR = re.compile(r"[a-z][a-z\d]*|(?:[a-z][a-z\d]*)?[.#][\w-]+", re.I)
_SIZE = re.compile(r"(-?\d+(?:\.\d+)?|-?\.\d+)\s*(px|pt|em|rem|%)?")
_HEX = re.compile(r"#([\da-f]{3}|[\da-f]{6})(?:[\da-f]{2})?")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:\s*[,/]\s*([\d.]+%?))?\s*\)")
_NAMED: dict[str, Colour] = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250)}
_NAMED |= {"ivory": (255, 255, 240), "whitesmoke": (245, 245, 245), "red": (255, 0, 0), "blue": (0, 0, 255)}
_ALIKE = 12
"""Steps of 255 between two colours that no eye tells apart."""
_AWAY = 999
"""Pixels from which a place is outside the page."""
_NO_SIZE = 1.5
"""Pixels or points of a letter that nobody reads."""
_TELLING = re.compile(r"display|visibility|opacity|font|colou?r|background|left|top|indent|height|clip|width|position")


class Look(NamedTuple):
    """The colour of text and of what is behind it, None where it cannot be known; and whether it has no size."""

    ink: Colour | None = (0, 0, 0)
    paper: Colour | None = (255, 255, 255)
    tiny: bool = False

    @property
    def hiding(self) -> HiddenKind | None:
        """How text of this look is hidden; None when it is not."""
        if self.tiny:
            return "tiny"
        return "invisible" if self.ink and self.paper and _alike(self.ink, self.paper) else None


class Styles:
    """What the style sheets of a page say of tags, classes and identifiers."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        sheet = "\n".join(node.text() for node in tree.css("style"))[:_SHEET]
        linked = any("stylesheet" in (node.attributes.get("rel") or "") for node in tree.css("link[rel]"))
        self._rules: dict[str, Declared] = {}
        complicated = linked
        for selector, body in _rules(sheet):
            declared = _declared(body)
            if _SELECTOR.fullmatch(selector):
                self._rules.setdefault(selector.lower(), {}).update(declared)
            else:
                complicated = complicated or "background" in declared or "background-color" in declared
        self.first = Look(paper=None) if complicated else Look()
        """The look of a page before anything is said of it."""

    def of(self, node: LexborNode) -> Declared:
        """What holds for an element itself."""
        attributes = node.attributes
        found: Declared = {}
        if self._rules:
            tag = node.tag or ""
            classes = (attributes.get("class") or "").lower().split()
            names = [tag, *(f".{one}" for one in classes), *(f"{tag}.{one}" for one in classes)]
            identifier = (attributes.get("id") or "").lower()
            for name in (*names, f"#{identifier}", f"{tag}#{identifier}"):
                found |= self._rules.get(name, {})
        for attribute, name in (("bgcolor", "background-color"), ("color", "color")):
            if attributes.get(attribute):
                found[name] = (attributes[attribute] or "").lower()
        if node.tag in ("td", "th", "body", "table") and attributes.get("background"):
            found["background"] = "url"
        style = attributes.get("style")
        return found | _declared(style) if style else found


def hiding(declared: Declared) -> HiddenKind | None:
    """How an element hides all that is in it; None when it does not."""
    if declared.get("display") == "none" or declared.get("visibility") in ("hidden", "collapse"):
        return "invisible"
    if _number(declared.get("opacity", "1")) < 0.05:
        return "invisible"
    shut = declared.get("overflow") == "hidden"
    if shut and any(_points(declared.get(side, "")) == 0 for side in ("max-height", "height", "width", "max-width")):
        return "tiny"
    away = declared.get("position") in ("absolute", "fixed")
    far = [declared.get(side, "") for side in (("left", "top", "right") if away else ())]
    return "off-page" if any(_points(one) <= -_AWAY for one in [*far, declared.get("text-indent", "")]) else None


def passed_on(look: Look, declared: Declared, tag: str) -> Look:
    """The look of what is in an element, within that of the element around it."""
    ink, paper, tiny = look
    if tag == "a":
        ink = None  # links have a colour of their own
    if declared.get("color", "inherit") != "inherit":
        ink = _colour(declared["color"], look.paper)
    shorthand = declared.get("background-color") or declared.get("background", "")
    if "url" in declared.get("background", "") or "background-image" in declared or "gradient" in shorthand:
        paper = None
    elif shorthand and shorthand not in ("none", "transparent", "inherit", "initial"):
        paper = next((colour for word in _words(shorthand) if (colour := _colour(word, paper))), None)
    if declared.get("font-size", "inherit") != "inherit":
        tiny = _points(declared["font-size"]) < _NO_SIZE
    return Look(ink, paper, tiny)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and what they declare, without what is in media queries."""
    depth = start = 0
    plain = []
    sheet = _NOTE.sub("", sheet)
    for match in re.finditer(r"@[a-z-]+[^{};]*\{|[{}]", sheet):
        if match[0].startswith("@"):
            if not depth:
                plain.append(sheet[start : match.start()])
            depth += 1
        elif depth:
            depth += 1 if match[0] == "{" else -1
            start = match.end()
    plain.append("" if depth else sheet[start:])
    for selectors, body in _RULE.findall("\n".join(plain)):
        if _TELLING.search(body):
            for selector in selectors.split(","):
                yield selector.strip(), body


def _declared(body: str) -> Declared:
    """Properties and values in lower case."""
    found = {}
    for one in body.lower().split(";"):
        name, colon, value = one.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def _words(value: str) -> list[str]:
    """The parts of a value, a colour in brackets as one."""
    return re.findall(r"[\w#.%-]+(?:\([^)]*\))?", value)


def _points(value: str) -> float:
    """A length as pixels or points; endless where it says nothing that could be compared."""
    match = _SIZE.fullmatch(value)
    if not match:
        return float("inf")
    number = float(match[1])
    return number * 16 if match[2] in ("em", "rem") else number * 0.16 if match[2] == "%" else number


def _number(value: str) -> float:
    try:
        return float(value.rstrip("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        return 1.0


def _colour(value: str, paper: Colour | None) -> Colour | None:
    """A colour; what is transparent shows the paper; None for one that is not known."""
    if value == "transparent":
        return paper
    digits = _HEX.fullmatch(value)
    if digits:
        pairs = digits[1] if len(digits[1]) == 6 else "".join(2 * one for one in digits[1])
        return int(pairs[:2], 16), int(pairs[2:4], 16), int(pairs[4:], 16)
    parts = _RGB.fullmatch(value)
    if parts:
        faint = parts[4] is not None and _number(parts[4]) < 0.05
        return paper if faint else (int(parts[1]), int(parts[2]), int(parts[3]))
    return _NAMED.get(value)


def _alike(one: Colour, other: Colour) -> bool:
    return all(abs(left - right) <= _ALIKE for left, right in zip(one, other, strict=True))
