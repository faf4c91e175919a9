"""Markdown as it reads when rendered: without marks, addresses and tags, so that passages quote what a person sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lumbre.core.documents import BlockKind, Extracted
from lumbre.readers import html, plain
from lumbre.readers.base import HEAD, Draft, File, Format
from lumbre.readers.decode import decode

if TYPE_CHECKING:
    from markdown_it.token import Token

_LIMIT = 8
"""Megabytes; the parser keeps a token for each word or two."""
_EXTENSIONS = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn"})
_FRONT_MATTER = re.compile(r"---\n(?P<fields>.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_COMMENT = re.compile(
    r"^ {0,3}\[(?://|comment|_metadata_[^\]\n]*)\]: *<?[#\w]*>? *[\"'(](?P<text>.+)[\"')] *$", re.M | re.I
)
"""A reference that nothing refers to: the usual way to write a comment."""
_TITLE_FIELD = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)


def recognises(file: File) -> bool:
    """Whether it is text that its name calls Markdown: content alone cannot tell them apart."""
    return file.extension in _EXTENSIONS and plain.recognises(file)


def read(file: File) -> Extracted:
    """Read CommonMark with tables. Raises EmptyDocument and UnsupportedFormat."""
    text = decode(file.read())
    title = ""
    front = _FRONT_MATTER.match(text, 0, HEAD)
    if front:
        field = _TITLE_FIELD.search(front["fields"])
        title = field[1] if field else ""
        text = text[front.end() :]
    draft = Draft()
    append(draft, text)
    return draft.finish(FORMAT.name, title)


FORMAT = Format("markdown", recognises, read, _LIMIT)


def append(draft: Draft, text: str) -> None:
    """Append a piece of Markdown to a longer document. Raises DocumentTooLarge."""
    from markdown_it import MarkdownIt

    for comment in _COMMENT.finditer(text):
        draft.hide("comment", comment["text"])
    walker = _Walker(draft)
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        walker.take(token)


class _Walker:
    """Turns the flat stream of tokens into blocks."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._lists: list[int | None] = []
        self._mark = ""
        self._cells: list[str] = []
        self._in_row = False
        self._level = 0

    def take(self, token: Token) -> None:
        """Go on by one token."""
        if token.type in ("bullet_list_open", "ordered_list_open"):
            ordered = token.type == "ordered_list_open"
            self._lists.append(int(token.attrGet("start") or 1) if ordered else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            self._open_item()
        elif token.type == "inline":
            self._inline(token)
        elif token.type in ("fence", "code_block"):
            self.draft.add(token.content.rstrip(), "code")
        elif token.type == "html_block":
            self._add(html.plain_text(self.draft, token.content))
        elif token.type == "heading_open":
            self._level = int(token.tag[1])
        elif token.type == "tr_open":
            self._in_row = True
        elif token.type == "tr_close":
            self._close_row()

    def _open_item(self) -> None:
        """Prepare the mark of the item that follows: a dash or its number."""
        number = self._lists[-1]
        self._mark = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _inline(self, token: Token) -> None:
        """Put the text of a heading, cell, item or paragraph where it belongs."""
        for child in token.children or ():
            if child.type == "html_inline" and child.content.startswith("<!--"):
                html.plain_text(self.draft, child.content)
        text = _rendered(token.children or [])
        if self._in_row:
            self._cells.append(" ".join(text.split()))
        elif self._level:
            self.draft.add(" ".join(text.split()), "heading", self._level)
            self._level = 0
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        """Add running text: a list item where a list is open."""
        kind: BlockKind = "list" if self._lists else "paragraph"
        self.draft.add(self._mark + text if text.strip() else "", kind)
        self._mark = ""

    def _close_row(self) -> None:
        """Add a table row unless all its cells are empty."""
        self.draft.add(" | ".join(self._cells) if any(self._cells) else "", "row")
        self._cells = []
        self._in_row = False


def _rendered(children: list[Token]) -> str:
    """Inline content as a reader sees it; an image is its description."""
    parts = []
    for child in children:
        if child.type in ("text", "code_inline", "image", "text_special"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or child.content[:3].lower() == "<br":
            parts.append("\n")
    return "".join(parts)
