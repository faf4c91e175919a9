"""What holds for every format, whichever module reads it: the contract that a new format meets with one sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbre import readers
from lumbre.assistant.cut import cut
from lumbre.core.documents import Extracted
from lumbre.readers.formats import formats

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
NAMES = [format_.name for format_ in formats()]
SHEETS = {"xlsx", "xls", "ods", "csv"}
"""Formats of nothing but tables: their rows name their columns, and they have no lists."""
HEADLESS = {"csv"}


@pytest.fixture(scope="module", params=NAMES)
def extracted(request: pytest.FixtureRequest) -> Extracted:
    """Each format's sample, read."""
    found = sorted(SAMPLES.glob(f"{request.param}.*"))
    assert len(found) == 1, f"tests/samples needs exactly one {request.param}.* for the format {request.param}"
    document = readers.read(found[0])
    assert document.format == request.param
    return document


def test_every_sample_belongs_to_a_format() -> None:
    assert {path.stem for path in SAMPLES.iterdir() if path.is_file()} == set(NAMES)


def test_blocks_are_ordered_visible_and_apart(extracted: Extracted) -> None:
    ends = 0
    for block in extracted.blocks:
        assert ends <= block.start < block.end <= len(extracted.text)
        text = extracted.text[block.start : block.end]
        assert text == text.strip()
        assert (1 <= block.level <= 6) == (block.kind == "heading")
        ends = block.end


def test_headings_lists_and_title_are_found(extracted: Extracted) -> None:
    if extracted.format in HEADLESS:
        assert not any(block.kind == "heading" for block in extracted.blocks)
        return
    texts = [(block.kind, extracted.text[block.start : block.end]) for block in extracted.blocks]
    assert extracted.title == "La lumbre del hogar"
    assert texts[0] == ("heading", "La lumbre del hogar")
    assert [text.split()[-1] for kind, text in texts if kind == "heading"] == ["hogar", "Mantenimiento", "English"]
    if extracted.format not in SHEETS:
        assert [text[2:] for kind, text in texts if kind == "list"] == ["Barrer el tiro", "Vaciar la ceniza"]


def test_spanish_letters_come_out_right(extracted: Extracted) -> None:
    words = " ".join(extracted.text.split())
    assert "La cocina de leña consume dos kilos por hora cuando el tiro está abierto." in words
    assert "¿Quiere más calor? Añada un tronco de encina." in words


def test_table_rows_stay_together(extracted: Extracted) -> None:
    separators = {"text": ";", "pdf": " "}
    separator = separators.get(extracted.format, " | ")
    lines = [line.strip() for line in extracted.text.splitlines()]
    row = ["Encina", "alto", "18 %"]
    if extracted.format in SHEETS:
        row = [f"{name}: {cell}" for name, cell in zip(["Leña", "Calor", "Humedad"], row, strict=True)]
    assert separator.join(row) in lines


def test_pages_point_at_the_page_that_says_so(extracted: Extracted) -> None:
    if not extracted.pages:
        assert all(block.page is None for block in extracted.blocks)
        return
    for block in extracted.blocks:
        assert block.page is not None
        following = [*extracted.pages, len(extracted.text) + 1]
        assert following[block.page - 1] <= block.start < block.end <= following[block.page]


def test_chunks_quote_the_text_under_their_headings(extracted: Extracted) -> None:
    chunks = cut(extracted)
    assert all(chunk.text == extracted.text[chunk.start : chunk.end] for chunk in chunks)
    english = next(chunk for chunk in chunks if "flue" in chunk.text)
    if extracted.format in HEADLESS:
        assert not english.heading
        return
    assert english.text == "A flue that is swept twice a year does not catch fire."
    assert english.heading.endswith("In English")
