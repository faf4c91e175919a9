"""Markdown of an answer to rich text: citations as links, unsupported sentences marked, code legible, no HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from lumbre.core.chat import Sentence
from lumbre.frontends.gui.theme import Theme, body_points, monospace

# Characters of the private use area survive Markdown untouched and stand for what is put in afterwards.
_CITE, _CITE_END, _DOUBT, _DOUBT_END = "\ue000", "\ue001", "\ue002", "\ue003"
_MARKS = re.compile("[\ue000-\ue003]")
_LEAD = re.compile(r"\s*(?:(?:[-*+]|\d+[.)]|#{1,6}|>)\s+)*")


@dataclass
class Rendered:
    """HTML for a QTextDocument, and the code of each block for its copy link ("copy:0", "copy:1"…)."""

    html: str
    codes: list[str] = field(default_factory=list)


def render(text: str, sentences: list[Sentence], theme: Theme, copy_word: str) -> Rendered:
    """Markdown with `[n]` links "cite:n:start" after supported sentences; `copy_word` labels the link over code."""
    from markdown_it import MarkdownIt

    codes: list[str] = []
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.disable("image")

    def code_block(_self: Any, tokens: Any, at: int, _options: Any, _env: Any) -> str:
        return _code_block(tokens[at].content, tokens[at].info.strip(), codes, theme, copy_word)

    markdown.add_render_rule("fence", code_block)
    markdown.add_render_rule("code_block", code_block)
    body = markdown.render(_mark(_MARKS.sub("", text), sentences))
    link = f'<sup><a href="cite:\\1" style="color:{theme.roles["accent"]};text-decoration:none">&nbsp;\\2</a></sup>'
    body = re.sub(f"{_CITE}([0-9]+:[0-9]+)\\|([0-9]+){_CITE_END}", link, body)
    return Rendered(_style(theme) + body, codes)


def mark_doubts(document: QTextDocument, reason: str) -> None:
    """Underline with dots what no source supports; `reason` is shown over it."""
    doubt = QTextCharFormat()
    doubt.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    doubt.setToolTip(reason)
    while not (begin := document.find(_DOUBT)).isNull():
        end = document.find(_DOUBT_END, begin)
        begin.removeSelectedText()
        if end.isNull():
            continue
        end.removeSelectedText()
        span = QTextCursor(document)
        span.setPosition(begin.position())
        span.setPosition(end.position(), QTextCursor.MoveMode.KeepAnchor)
        span.mergeCharFormat(doubt)


def _mark(text: str, sentences: list[Sentence]) -> str:
    """Put marks into the Markdown source, from the end so that offsets stay right."""
    for sentence in sorted(sentences, key=lambda one: one.start, reverse=True):
        written = text[sentence.start : sentence.end]
        end = sentence.start + len(written.rstrip())
        if sentence.citations:
            numbers = dict.fromkeys(citation.number for citation in sentence.citations)
            links = "".join(f"{_CITE}{number}:{sentence.start}|{number}{_CITE_END}" for number in numbers)
            text = text[:end] + links + text[end:]
        elif sentence.claims and written.strip():
            lead = _LEAD.match(written)
            start = sentence.start + (lead.end() if lead else 0)
            text = text[:start] + _DOUBT + text[start:end] + _DOUBT_END + text[end:]
    return text


def _code_block(code: str, language: str, codes: list[str], theme: Theme, copy_word: str) -> str:
    code = re.sub(f"{_CITE}.*?{_CITE_END}|[{_DOUBT}{_DOUBT_END}]", "", code)
    codes.append(code)
    colour, muted = theme.roles["code"], theme.roles["muted"]
    head = f'<span style="color:{muted};font-size:{body_points() * 0.85:.1f}pt">{html.escape(language)}</span>'
    copy = f'<a href="copy:{len(codes) - 1}" style="color:{theme.roles["accent"]};text-decoration:none">{copy_word}</a>'
    return (
        f'<table width="100%" cellspacing="0" cellpadding="10" bgcolor="{colour}" style="margin:6px 0"><tr><td>'
        f'<table width="100%"><tr><td>{head}</td><td align="right">{copy}</td></tr></table>'
        f"<pre>{_coloured(code.rstrip(), language, theme)}</pre></td></tr></table>"
    )


def _coloured(code: str, language: str, theme: Theme) -> str:
    """Code with keywords, strings and comments in the theme's colours; plain when the language is unknown."""
    if not language:
        return html.escape(code)
    from pygments import lexers, token  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        lexer = lexers.get_lexer_by_name(language)
    except ClassNotFound:
        return html.escape(code)
    colours = (
        (token.Comment, theme.roles["muted"]),
        (token.Keyword, theme.roles["accent"]),
        (token.Literal.String, theme.roles["good"]),
        (token.Literal.Number, theme.roles["warn"]),
        (token.Name.Builtin, theme.roles["warn"]),
    )
    parts = []
    for kind, piece in lexer.get_tokens(code):
        colour = next((value for group, value in colours if kind in group), "")
        escaped = html.escape(piece)
        parts.append(f'<span style="color:{colour}">{escaped}</span>' if colour else escaped)
    return "".join(parts).rstrip()


def _style(theme: Theme) -> str:
    roles = theme.roles
    mono = ", ".join(f"'{family}'" for family in monospace().families())
    size = body_points()
    return (
        "<style>"
        f"p, li, td, th {{ line-height: 140%; }} p {{ margin: 0 0 8px 0; }} ul, ol {{ margin: 0 0 8px 0; }}"
        f"h1 {{ font-size: {size * 1.35:.1f}pt; }} h2 {{ font-size: {size * 1.2:.1f}pt; }}"
        f"h3, h4, h5, h6 {{ font-size: {size * 1.05:.1f}pt; }}"
        f"pre, code {{ font-family: {mono}; font-size: {size * 0.92:.1f}pt; }}"
        f"a {{ color: {roles['accent']}; }} blockquote {{ color: {roles['muted']}; }}"
        "th { text-align: left; padding: 4px 10px; } td { padding: 4px 10px; }"
        "</style>"
    )
