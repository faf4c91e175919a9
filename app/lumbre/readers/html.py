"""Web pages: what a reader sees, without scripts, styles, menus and tables of contents.

Those, and texts for screen readers alone, are left out in silence; all else that nobody sees is left out and told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from lumbre.core.documents import BlockKind, Extracted, HiddenKind
from lumbre.core.errors import UnsafeDocument
from lumbre.readers import plain
from lumbre.readers.base import Draft, File, Format
from lumbre.readers.decode import decode
from lumbre.readers.html_look import Look, Styles, hiding, passed_on

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_LIMIT = 40
_LONG_CODE = 5_000
_EXTENSIONS = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|(?><!--.*?-->)\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])", re.I | re.S
)
_TAG = re.compile(rb"<(?:p|div|h[1-6]|table|ul|ol|span|title|br|pre|a|b|i|center|font)[\s/>]", re.I)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]{0,200}?encoding=[\"']([\w.-]+)", re.I
)

_DROPPED = frozenset(
    {"script", "style", "noscript", "template", "head", "title", "nav", "footer", "iframe", "object", "svg", "button"}
    | {"select", "textarea", "input", "canvas", "audio", "video", "map", "dialog", "menu"}
)
_DROPPED_CLASSES = frozenset(
    {"toc", "navheader", "navfooter", "docnav", "navbar", "nav", "navigation", "breadcrumb", "breadcrumbs"}
    | {"headerlink", "sphinxsidebar", "related", "sidebar-nav", "skip-link", "sr-only", "visually-hidden"}
)
_DROPPED_ROLES = frozenset({"navigation", "search", "banner", "contentinfo", "menu", "menubar"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKUP = re.compile(r"<[^<>]*>")
_DEPTH = 5_000
_NESTED = re.compile(
    r"<(/?)(?:div|span|ul|ol|dl|table|blockquote|section|article|aside|main|form|center|details|fieldset|font|b|i|u|s|em"
    r"|strong|small|big|tt|code|sub|sup|ins|del|a|abbr|cite|label|q|svg|g|math|mrow|[a-z]+-[\w-]+)[\s/>]",
    re.I,
)
"""Tags of elements that no other one closes."""
_PHRASE = 3
_PROSE = 6
"""Words that make a comment more than a note such as "end of header"."""
_PROSE_SHARE = 0.8
"""Letters and spaces in prose; code and settings have fewer."""
_COMMENT = 5_000
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend"}
    | {"li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_AROUND_BREAK = re.compile(r" ?\v ?")


def recognises(file: File) -> bool:
    """Whether it opens like a web page, or is called one and has its tags."""
    head = file.head
    if b"\0" in head:  # UTF-16 and UTF-32 with ASCII tags
        if not plain.recognises(file):
            return False
        head = head.replace(b"\0", b"")
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe")
    return bool(_START.match(head) or (file.extension in _EXTENSIONS and _TAG.search(head)))


def read(file: File) -> Extracted:
    """Read a page in its declared or found encoding. Raises EmptyDocument, UnsafeDocument and UnsupportedFormat."""
    draft = Draft()
    title = append(draft, decode(file.read(), declared_encoding(file.head)))
    found = draft.finish(FORMAT.name, title)
    only = found.blocks[0]
    if len(found.blocks) == 1 and only.kind == "code" and only.end > _LONG_CODE:  # a text in the clothes of a page
        return msgspec.structs.replace(plain.from_text(found.text), format=found.format)
    return found


FORMAT = Format("html", recognises, read, _LIMIT)


def declared_encoding(head: bytes) -> str:
    """The encoding that markup says it is in; empty when it does not."""
    declared = _CHARSET.search(head[:4096])
    return (declared[1] or declared[2]).decode("ascii", "replace") if declared else ""


def plain_text(draft: Draft, markup: str) -> str:
    """The text of a piece of markup without its tags; what is hidden in it is told in `draft`."""
    piece = Draft()
    append(piece, markup)
    for one in piece.hidden:
        draft.hide(one.kind, one.text)
    return piece.text()


def append(draft: Draft, markup: str, below: int = 0) -> str:
    """Append what a reader sees of a page to a longer document, its headings so many levels further down.

    Returns the title of the page. Raises DocumentTooLarge and UnsafeDocument.
    """
    from selectolax.lexbor import LexborHTMLParser

    _check_depth(markup)
    tree = LexborHTMLParser(markup)
    title = tree.css_first("head title")
    if tree.body:
        _Walker(draft, below, Styles(tree)).walk(tree.body)
    document = tree.root.parent if tree.root else None
    for node in document.traverse() if document else ():
        if node.is_comment_node and is_prose(node.comment_content or ""):
            draft.hide("comment", _MARKUP.sub(" ", node.comment_content or ""))
    return title.text() if title else ""


def _check_depth(markup: str) -> None:
    """Raise UnsafeDocument over elements in elements without end, which take the parser time by their square."""
    if markup.count("<") <= _DEPTH:
        return
    depth = 0
    for tag in _NESTED.finditer(markup):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEPTH:
            raise UnsafeDocument(reason=f"a page nested more than {_DEPTH} levels deep")


def is_prose(comment: str) -> bool:
    """Whether a comment is written for somebody to read, rather than a mark, a setting, a condition or code."""
    if comment.startswith("[if"):
        return False
    text = " ".join(_MARKUP.sub(" ", comment[:_COMMENT]).split())
    plain = sum(sign.isalpha() or sign == " " for sign in text)
    return plain >= _PROSE_SHARE * len(text) and len(_WORD.findall(text)) >= _PROSE


class _Walker:
    """Walks the tree without recursion, so that tags nested thousands deep are read, and gathers blocks."""

    def __init__(self, draft: Draft, below: int, styles: Styles) -> None:
        self.draft = draft
        self._below = below
        self._styles = styles
        self._looks: list[Look] = [styles.first]
        self._unseen: dict[HiddenKind, list[str]] = {}
        """Text that its look hides, until a block ends."""
        self._inline: list[str] = []
        self._lists: list[int | None] = []
        self._mark = ""
        self._pre = 0
        self._cells: list[str] | None = None
        self._layout: list[bool] = []

    def walk(self, root: LexborNode) -> None:
        """Take everything below `root`."""
        node: LexborNode | None = root
        depth = 0
        while node is not None:
            descended = None
            if node.is_text_node:
                self._text(node.text_content or "")
            elif not _dropped(node) and self._enter(node):
                self._open(node)
                descended = node.child
                if descended is None:
                    self._close(node)
            if descended is not None:
                node, depth = descended, depth + 1
                continue
            while node is not None and depth and node.next is None:
                node, depth = node.parent, depth - 1
                if node is not None:
                    self._close(node)
            node = node.next if node is not None and depth else None
        self._flush()

    def _enter(self, node: LexborNode) -> bool:
        """Whether an element is shown; what it hides is told."""
        tag = node.tag or ""
        if not node.attributes and tag != "a":
            self._looks.append(self._looks[-1])
            return True
        declared = self._styles.of(node)
        kind = "invisible" if "hidden" in node.attributes else hiding(declared)
        if kind:
            self._hide(kind, node.text(separator=" "))
            return False
        self._looks.append(passed_on(self._looks[-1], declared, tag))
        return True

    def _hide(self, kind: HiddenKind, text: str) -> None:
        """Tell what nobody sees; a word or two are the machinery of a page."""
        if len(_WORD.findall(text)) >= _PHRASE:
            self.draft.hide(kind, text)

    def _text(self, text: str) -> None:
        """Keep a piece of running text; its spaces collapse later unless it is preformatted."""
        hidden = self._looks[-1].hiding
        if hidden:
            self._unseen.setdefault(hidden, []).append(text)
            return
        self._inline.append(text if self._pre else _SPACES.sub(" ", text))

    def _open(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._inline.append("\n" if self._pre else "\v")
        elif tag == "img":
            self._inline.append(node.attributes.get("alt") or "")
        if tag not in _BLOCKS:
            return
        if self._cells is not None and tag not in ("td", "th"):
            self._inline.append(" ")
            return
        self._flush()
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._open_item()
        elif tag == "pre":
            self._pre += 1
        elif tag == "table":
            self._layout.append(node.css_first("table table, h1, h2, h3, h4, pre, dl") is not None)
        elif tag == "tr" and self._layout and not self._layout[-1]:
            self._cells = []

    def _open_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        self._mark = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _close(self, node: LexborNode) -> None:
        self._looks.pop()
        tag = node.tag or ""
        if tag not in _BLOCKS:
            return
        if self._cells is not None:
            self._close_in_row(tag, self._cells)
        elif tag == "pre":
            self._flush("code")
            self._pre = max(0, self._pre - 1)
        elif tag[0] == "h" and tag[1:].isdigit():
            self._flush("heading", min(6, int(tag[1]) + self._below))
        elif tag in ("caption", "figcaption"):
            self._flush("caption")
        else:
            self._flush("list" if tag in ("dt", "dd") else "paragraph")
        if tag == "li":
            self._mark = ""
        elif tag in ("ul", "ol") and self._lists and self._cells is None:
            self._lists.pop()
        elif tag == "table" and self._layout:
            self._layout.pop()

    def _close_in_row(self, tag: str, cells: list[str]) -> None:
        """Within a row everything is text of a cell until the cell or the row ends."""
        if tag in ("td", "th"):
            cells.append(" ".join("".join(self._inline).split()))
            self._inline = []
        elif tag == "tr":
            self._cells = None
            self._inline = []
            self.draft.add(" | ".join(cells) if any(cells) else "", "row")
        else:
            self._inline.append(" ")

    def _flush(self, kind: BlockKind = "paragraph", level: int = 0) -> None:
        """Make a block of the running text so far."""
        for hidden, texts in self._unseen.items():
            self._hide(hidden, " ".join(texts))
        self._unseen.clear()
        text = "".join(self._inline)
        self._inline = []
        if self._pre:
            self.draft.add(text, "code")
            return
        text = _AROUND_BREAK.sub("\n", _SPACES.sub(" ", text)).strip()
        if not text:
            return
        if kind == "heading":
            text = " ".join(text.split())
        elif self._lists and kind == "paragraph":
            kind = "list"
        self.draft.add(self._mark + text, kind, level)
        self._mark = ""


def _dropped(node: LexborNode) -> bool:
    """Whether a node and all below it are not part of what a reader came for."""
    tag = node.tag or ""
    if tag in _DROPPED or tag.startswith("-") or not node.is_element_node:
        return True
    attributes = node.attributes
    if not attributes:
        return False
    if attributes.get("aria-hidden") == "true":
        return True
    if (attributes.get("role") or "") in _DROPPED_ROLES:
        return True
    return not _DROPPED_CLASSES.isdisjoint((attributes.get("class") or "").lower().split())
