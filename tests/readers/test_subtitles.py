"""Subtitles: what is said, under the times in which it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lumbre import readers
from lumbre.core.documents import Extracted

Make = Callable[[str, bytes | str], Path]


def shown(document: Extracted) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def srt(*cues: tuple[str, str, str]) -> str:
    return "".join(f"{n}\r\n{start} --> {end}\r\n{text}\r\n\r\n" for n, (start, end, text) in enumerate(cues, 1))


def test_a_silence_parts_and_styles_go(make_file: Make) -> None:
    text = srt(
        ("00:00:01,000", "00:00:02,000", "{\\an8}<i>Buenos</i>\r\ndías,"),
        ("00:00:02,500", "00:00:04,000", "señora."),
        ("01:02:03,000", "01:02:04,900", "- ¿Y la leña?\r\n- Seca &amp; lista."),
    )
    document = readers.read(make_file("a.txt", text.encode("cp1252")))
    assert (document.format, document.title) == ("subtitles", "a")
    assert shown(document) == [
        ("heading", "0:00:01 – 0:00:04"),
        ("paragraph", "Buenos días, señora."),
        ("heading", "1:02:03 – 1:02:04"),
        ("paragraph", "- ¿Y la leña?"),
        ("paragraph", "- Seca & lista."),
    ]


def test_a_stretch_ends_with_the_sentence_after_a_minute(make_file: Make) -> None:
    cues = [(f"00:{n // 60:02}:{n % 60:02},000", f"00:{n // 60:02}:{n % 60:02},900", f"dice {n}") for n in range(150)]
    cues[64] = (*cues[64][:2], "y acaba.")
    headings = [text for kind, text in shown(readers.read(make_file("a.srt", srt(*cues)))) if kind == "heading"]
    assert headings == ["0:00:00 – 0:01:04", "0:01:05 – 0:02:29"]


def test_what_is_said_twice_is_told_twice(make_file: Make) -> None:
    text = srt(("00:00:01,000", "00:00:02,000", "No."), ("00:00:02,500", "00:00:03,000", "No."))
    assert readers.read(make_file("a.srt", text)).text.endswith("No. No.")


def test_webvtt_with_title_voices_notes_and_rolling_lines(make_file: Make) -> None:
    text = """WEBVTT - La lumbre

STYLE
::cue { color: red }

NOTE esto no se dice

uno
00:01.000 --> 00:02.000 align:start
<v Begoña>El <c.azul>tiro</c>

00:02.000 --> 00:03.000
<v Begoña>El tiro
está <00:02.500>abierto.

00:03.000 --> 00:04.000
<v.alto Íñigo>Ya.
"""
    document = readers.read(make_file("a.vtt", text))
    assert document.title == "La lumbre"
    assert shown(document) == [
        ("heading", "0:00:01 – 0:00:04"),
        ("paragraph", "Begoña: El tiro está abierto."),
        ("paragraph", "Íñigo: Ya."),
    ]


def test_a_text_that_speaks_of_times_is_a_text(make_file: Make) -> None:
    assert readers.read(make_file("a.txt", "Ponga 00:00:01,000 --> 00:00:02,000 en el archivo.")).format == "text"
