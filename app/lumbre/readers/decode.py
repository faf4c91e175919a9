"""Bytes become text, whatever the encoding, with one kind of line break."""

from __future__ import annotations

import codecs
import re
import unicodedata

from lumbre.core.errors import UnsupportedFormat

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\f\r\x1a\x1b")) + b"\x7f"
_BREAKS = re.compile("\r\n?|\u2028|\u2029|\x0b|\x85")
_WESTERN = frozenset("áéíóúñüÁÉÍÓÚÑÜàèìòùâêîôûäëïöçÀÈÌÒÙÂÊÎÔÛÄËÏÖÇßæøåÆØÅãõÃÕœŒ¿¡«»ºª€–—“”‘’…•·£©®°±²³½¼´§¶\xa0\xad™")
_SAMPLE = 200_000
_BINARY_SHARE = 100
"""One control byte in so many makes a file binary."""


def decode(data: bytes, declared: str = "") -> str:
    """The text of `data` with "\\n" line breaks and composed accents; `declared` is what the file says of its encoding.

    Raises UnsupportedFormat when it is not text at all.
    """
    text = _decoded(data, declared)
    text = _BREAKS.sub("\n", text).replace("\0", "").replace("\ufeff", "")
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_text(data: bytes) -> bool:
    """Whether the bytes can be text in some encoding."""
    return bool(_wide(data)) or not _binary(data)


def _decoded(data: bytes, declared: str) -> str:
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace")
    if _binary(data):
        raise UnsupportedFormat(kind="binary data")
    for encoding in ("utf-8", _known(declared)):
        try:
            if encoding:
                return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode(_guess(data), "replace")


def _wide(data: bytes) -> str:
    """The encoding that a byte order mark, or the pattern of NULs, gives away; empty when there is none."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    sample = data[:4096]
    if b"\0" not in sample:
        return ""
    count = max(1, len(sample) // 4)
    zeros = [sample[lane::4].count(0) / count for lane in range(4)]
    if zeros[1] > 0.9 and zeros[2] > 0.9:
        return "utf-32-le" if zeros[3] > 0.9 else "utf-32-be" if zeros[0] > 0.9 else ""
    if min(zeros[1], zeros[3]) > 0.6 and max(zeros[0], zeros[2]) < 0.1:
        return "utf-16-le"
    if min(zeros[0], zeros[2]) > 0.6 and max(zeros[1], zeros[3]) < 0.1:
        return "utf-16-be"
    return ""


def _binary(data: bytes) -> bool:
    """Whether there are more control bytes than any text has."""
    return (len(data) - len(data.translate(None, _CONTROLS))) * _BINARY_SHARE > len(data)


def _known(encoding: str) -> str:
    """The declared encoding when Python has it and bytes can be decoded with it; web pages mean cp1252 by latin-1."""
    try:
        name = codecs.lookup(encoding.strip()).name if encoding.strip().isascii() else ""
    except (LookupError, ValueError):
        return ""
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return "" if name in ("", "utf-8", "utf-7", "idna", "punycode") or name.startswith(("utf-16", "utf-32")) else name


def _guess(data: bytes) -> str:
    """An encoding for 8-bit text: Western European when that gives its letters, else what charset-normalizer finds."""
    sample = _around_first_foreign(data)
    if _is_western(sample.decode("cp1252", "replace")):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"


def _around_first_foreign(data: bytes) -> bytes:
    """A sample that holds the bytes an encoding can be told from."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 1000) if first else 0
    return data[start : start + _SAMPLE]


def _is_western(text: str) -> bool:
    """Whether the letters beyond ASCII are those of Western Europe and stand alone, as accents do."""
    foreign = [match.group() for match in re.finditer(r"[^\x00-\x7f]+", text)]
    runs = sum(len(run) > 1 and not set(run) <= set("«»“”‘’…–—\xa0¿¡") for run in foreign)
    usual = sum(set(run) <= _WESTERN for run in foreign)
    return usual >= 0.97 * len(foreign) and runs <= 0.1 * len(foreign)
