"""What holds for every format, whichever module reads it: the contract that a new format meets with one sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbre import readers
from lumbre.assistant.cut import cut
from lumbre.core.documents import Extracted
from lumbre.readers.formats import formats

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
CONTAINERS = {"zip"}
"""Formats whose text is only the names of what is inside."""
NAMES = [format_.name for format_ in formats() if format_.name not in CONTAINERS]
SHEETS = {"xlsx", "xls", "ods", "csv"}
"""Formats of nothing but tables: their rows name their columns, and they have no lists."""
HEADLESS = {"csv"}
UNSTRUCTURED = {"subtitles", "image"}
"""Formats that have no headings, lists and tables of their own."""


def sample(name: str) -> Extracted:
    """The sample of a format, read."""
    found = sorted(SAMPLES.glob(f"{name}.*"))
    assert len(found) == 1, f"tests/samples needs exactly one {name}.* for the format {name}"
    document = readers.read(found[0])
    assert document.format == name
    return document


@pytest.fixture(scope="module", params=NAMES)
def extracted(request: pytest.FixtureRequest) -> Extracted:
    """Each format's sample, read."""
    return sample(request.param)


@pytest.fixture(scope="module", params=[name for name in NAMES if name not in UNSTRUCTURED])
def structured(request: pytest.FixtureRequest) -> Extracted:
    """The sample of each format that knows more than running text, read."""
    return sample(request.param)


def test_every_sample_belongs_to_a_format() -> None:
    assert {path.stem for path in SAMPLES.iterdir() if path.is_file()} == {*NAMES, *CONTAINERS}


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_a_container_names_what_is_inside_and_that_is_read(name: str) -> None:
    document = sample(name)
    assert document.members
    for member in document.members:
        assert member in document.text
        assert "¿Quiere más calor?" in readers.read(SAMPLES / f"{name}.{name}" / member).text


def test_blocks_are_ordered_visible_and_apart(extracted: Extracted) -> None:
    ends = 0
    for block in extracted.blocks:
        assert ends <= block.start < block.end <= len(extracted.text)
        text = extracted.text[block.start : block.end]
        assert text == text.strip()
        assert (1 <= block.level <= 6) == (block.kind == "heading")
        ends = block.end


def test_headings_lists_and_title_are_found(structured: Extracted) -> None:
    if structured.format in HEADLESS:
        assert not any(block.kind == "heading" for block in structured.blocks)
        return
    texts = [(block.kind, structured.text[block.start : block.end]) for block in structured.blocks]
    assert structured.title == "La lumbre del hogar"
    assert texts[0] == ("heading", "La lumbre del hogar")
    assert [text.split()[-1] for kind, text in texts if kind == "heading"] == ["hogar", "Mantenimiento", "English"]
    if structured.format not in SHEETS:
        assert [text[2:] for kind, text in texts if kind == "list"] == ["Barrer el tiro", "Vaciar la ceniza"]


def test_spanish_letters_come_out_right(extracted: Extracted) -> None:
    words = " ".join(extracted.text.split())
    assert "La cocina de leña consume dos kilos por hora cuando el tiro está abierto." in words
    assert "¿Quiere más calor? Añada un tronco de encina." in words


def test_table_rows_stay_together(structured: Extracted) -> None:
    separators = {"text": ";", "pdf": " "}
    separator = separators.get(structured.format, " | ")
    lines = [line.strip() for line in structured.text.splitlines()]
    row = ["Encina", "alto", "18 %"]
    if structured.format in SHEETS:
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


def test_chunks_quote_the_text(extracted: Extracted) -> None:
    assert all(chunk.text == extracted.text[chunk.start : chunk.end] for chunk in cut(extracted))


def test_chunks_know_their_headings(structured: Extracted) -> None:
    english = next(chunk for chunk in cut(structured) if "flue" in chunk.text)
    if structured.format in HEADLESS:
        assert not english.heading
        return
    assert english.text == "A flue that is swept twice a year does not catch fire."
    assert english.heading.endswith("In English")
