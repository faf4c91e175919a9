"""From messages to tokens by the model's own chat template, with contents kept as plain text."""

from __future__ import annotations

import ctypes
import re
from typing import Any

from lumbre.core.chat import Message
from lumbre.core.errors import ModelWontLoad

# Stands for a message's content while the template is filled; from Unicode's private use, so no template looks for it.
_PLACE = "\ue000{}\ue001"
_PLACES = re.compile("\ue000(\\d+)\ue001")
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class Template:
    """The chat template and vocabulary of a loaded model."""

    def __init__(self, lib: Any, model: Any, name: str) -> None:
        """Raises ModelWontLoad when the template of the file is broken."""
        from jinja2 import TemplateError
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._lib = lib
        self._vocab = lib.llama_model_get_vocab(model)
        self._first, end = lib.llama_vocab_bos(self._vocab), lib.llama_vocab_eos(self._vocab)
        self.any_token: int = max(self._first, end, 0)
        text = lib.llama_model_chat_template(model, None)
        try:
            self._formatter: Any = Jinja2ChatFormatter(
                text.decode() if text else _CHATML, eos_token=self._text(end), bos_token=self._text(self._first)
            )
        except TemplateError as error:
            raise ModelWontLoad(name=name, reason=f"its chat template is broken: {error}") from error

    def tokens(self, messages: list[Message]) -> list[int]:
        """The whole prompt. Only the template's own words become special tokens: a text cannot pose as a role."""
        rendered = self._render(messages)
        parts = _PLACES.split(rendered)
        made: list[int] = []
        for at, part in enumerate(parts):
            if at % 2:
                made += self.plain_tokens(messages[int(part)].content)
            elif part:
                made += self._tokenize(part, special=True)
        if self._lib.llama_vocab_get_add_bos(self._vocab) and made[:1] != [self._first]:
            made.insert(0, self._first)
        return made

    def _render(self, messages: list[Message]) -> str:
        from jinja2 import TemplateError

        places = [{"role": message.role, "content": _PLACE.format(at)} for at, message in enumerate(messages)]
        try:
            return str(self._formatter(messages=places).prompt)
        except (TemplateError, ValueError):
            # Some templates refuse a system message: then it opens the first user message.
            return str(self._formatter(messages=_without_system(places)).prompt)

    def plain_tokens(self, text: str) -> list[int]:
        """Tokens of `text` with nothing in it special."""
        return self._tokenize(text, special=False)

    def piece(self, token: int) -> bytes:
        """The bytes a token writes; not always whole characters."""
        size = 64
        while True:
            buffer = (ctypes.c_char * size)()
            length = self._lib.llama_token_to_piece(self._vocab, token, buffer, size, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        return list(tokens[: max(count, 0)])

    def _text(self, token: int) -> str:
        return (self._lib.llama_vocab_get_text(self._vocab, token) or b"").decode() if token >= 0 else ""


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    opening = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    others = [dict(message) for message in messages if message["role"] != "system"]
    if others and opening:
        others[0]["content"] = f"{opening}\n\n{others[0]['content']}"
    return others
