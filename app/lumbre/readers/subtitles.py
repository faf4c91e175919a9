"""Subtitles (SRT, WebVTT): what is said, in stretches of about a minute, each under the times in which it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from lumbre.core.documents import Extracted
from lumbre.readers import plain
from lumbre.readers.base import Draft, File, Format, one_line
from lumbre.readers.decode import decode

_LIMIT = 16
_STRETCH = 60
"""Seconds after which a stretch ends with the sentence."""
_LONG_STRETCH = 90
_PAUSE = 10
"""Seconds of silence that end a stretch."""
_ROLLING = 0.05
"""Seconds between subtitles up to which a line shown in both has only moved up."""
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*$", re.MULTILINE)
_SRT_START = re.compile(rf"\s*\d+[ \t]*\r?\n[ \t]*{_TIME}[ \t]*-->".encode())
_VTT_START = re.compile(rb"WEBVTT(?:[ \t\r\n]|$)")
_VTT_TITLE = re.compile(r"WEBVTT[ \t]+(?:-[ \t]*)?(\S[^\n]*)")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?[ \t]+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]*>|<\d[\d:.]*>|\{\\[^}\n]*\}")
_SENTENCE_END = re.compile(r"[.!?…][\"'»”)\]]*$")


class _Cue(NamedTuple):
    """What is said between two moments, in seconds."""

    start: float
    end: float
    text: str


def recognises(file: File) -> bool:
    """Whether it opens with the mark of WebVTT, or with a number and the times of a first subtitle."""
    head = file.head[:4096]
    if b"\0" in head:  # UTF-16 and UTF-32
        head = head.replace(b"\0", b"")
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe")
    return bool(_VTT_START.match(head) or _SRT_START.match(head)) and plain.recognises(file)


def read(file: File) -> Extracted:
    """Read what is said. Raises DocumentTooLarge, EmptyDocument and UnsupportedFormat."""
    text = decode(file.read())
    titled = _VTT_TITLE.match(text)
    draft = Draft()
    for stretch in _stretches(_cues(text)):
        draft.add(f"{_clock(stretch[0].start)} – {_clock(stretch[-1].end)}", "heading", 1)
        for line in _lines(stretch):
            draft.add(line)
    # The first heading is a time, which is nobody's title: without one of its own the file's name has to do.
    return draft.finish(FORMAT.name, titled[1] if titled else file.path.stem)


FORMAT = Format("subtitles", recognises, read, _LIMIT)


def _cues(text: str) -> Iterator[_Cue]:
    """The subtitles in the order of the file; what scrolls by twice, as in machine-made ones, is taken once."""
    times = list(_TIMES.finditer(text))
    ends = [*(following.start() for following in times[1:]), len(text)]
    shown: list[str] = []
    last = 0.0
    for here, end in zip(times, ends, strict=False):
        body = text[here.end() : end].strip("\n")
        # Up to the blank line; what follows is a comment or the number of the next.
        lines = [_cleaned(line) for line in body.split("\n\n")[0].split("\n")]
        start = _seconds(here.groups()[:4])
        rolling = start - last <= _ROLLING
        fresh = [line for line in lines if line and not (rolling and line in shown)]
        shown, last = [line for line in lines if line], _seconds(here.groups()[4:])
        if fresh:
            yield _Cue(start, last, "\n".join(fresh))


def _stretches(cues: Iterator[_Cue]) -> Iterator[list[_Cue]]:
    """Subtitles gathered until a minute is full and the sentence ended, or until a long silence."""
    held: list[_Cue] = []
    for cue in cues:
        if held:
            spent = held[-1].end - held[0].start
            full = spent >= _STRETCH and bool(_SENTENCE_END.search(held[-1].text))
            if full or spent >= _LONG_STRETCH or not 0 <= cue.start - held[0].start <= spent + _PAUSE:
                yield held
                held = []
        held.append(cue)
    if held:
        yield held


def _lines(stretch: list[_Cue]) -> Iterator[str]:
    """Paragraphs of a stretch: subtitles joined until the speaker changes, which a name or a dash shows."""
    held: list[str] = []
    for line in (line for cue in stretch for line in cue.text.split("\n")):
        if held and re.match(r"[-–—]\s?\S|[^\W\d_][\w .]{0,30}: ", line):
            yield " ".join(held)
            held = []
        held.append(line)
    if held:
        yield " ".join(held)


def _cleaned(line: str) -> str:
    """A line without styling; a voice becomes the speaker's name."""
    named = _VOICE.sub(lambda voice: f"{voice[1].strip()}: ", line)
    return one_line(unescape(_TAG.sub("", named)).replace("\u200b", ""))


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _clock(seconds: float) -> str:
    """A moment as players show it."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
