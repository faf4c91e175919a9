"""Pictures of text: what is recognised in them, in which order, and where it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pypdfium2
import pytest

from lumbre import readers
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EmptyDocument, RecognitionDeferred
from lumbre.hosts.reader import ReaderHost
from lumbre.readers import images, page_order
from lumbre.readers.base import Terms

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "image.tiff"
WORDS = "La cocina de leña consume dos kilos por hora cuando el tiro está"


@pytest.fixture(scope="module")
def page() -> PIL.Image.Image:
    """The first page of the sample."""
    with PIL.Image.open(SAMPLE) as picture:
        return picture.convert("RGB")


@pytest.mark.parametrize("kind", ["png", "jpeg", "bmp", "webp", "gif"])
def test_pictures_of_every_kind_are_read(tmp_path: Path, page: PIL.Image.Image, kind: str) -> None:
    path = tmp_path / "sin extensión"
    page.save(path, kind, quality=80)
    document = readers.read(path)
    assert (document.format, document.warnings, document.pages) == ("image", ["recognised: 1"], [0])
    assert WORDS in document.text
    assert document.title == "La lumbre del hogar"


def test_every_picture_of_a_tiff_is_a_page() -> None:
    document = readers.read(SAMPLE)
    assert document.warnings == ["recognised: 1-3"]
    assert document.text[document.pages[2] :].rstrip("\n 3").endswith("does not catch fire.")
    assert {block.page for block in document.blocks} == {1, 2, 3}


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_on_its_side_or_its_head_is_read(tmp_path: Path, page: PIL.Image.Image, quarters: int) -> None:
    path = tmp_path / "a.png"
    page.rotate(90 * quarters, expand=True).save(path)
    document = readers.read(path)
    assert WORDS in document.text
    start = document.text.index("La lumbre del")
    shown = readers.render(path, 1, 600, [(start, start + len("La lumbre del hogar"))])
    assert len(shown.boxes) == 1
    assert _ink(shown.png, shown.boxes[0]) > 0.1


def test_the_box_of_words_lies_on_them(tmp_path: Path, page: PIL.Image.Image) -> None:
    path = tmp_path / "a.png"
    page.save(path)
    text = readers.read(path).text
    start = text.index("consume dos kilos")
    shown = readers.render(path, 1, page.width, [(start, start + len("consume dos kilos"))])
    left, top, width, height = shown.boxes[0]
    with pypdfium2.PdfDocument(SAMPLE.with_name("pdf.pdf")) as document:
        text_page = document[0].get_textpage()
        at = text_page.search("consume dos kilos").get_next()[0]
        first, last = text_page.get_charbox(at), text_page.get_charbox(at + len("consume dos kilos") - 1)
        scale, tall = page.width / document[0].get_width(), document[0].get_height()
    assert abs(left - first[0] * scale) < 25
    assert abs(left + width - last[2] * scale) < 25
    assert top < (tall - first[1] - 2) * scale < top + height


def _ink(png: bytes, box: tuple[float, float, float, float]) -> float:
    """The share of dark pixels in a box."""
    from io import BytesIO

    left, top, width, height = map(round, box)
    with PIL.Image.open(BytesIO(png)) as picture:
        part = np.asarray(picture.convert("L"))[top : top + height, left : left + width]
    return float((part < 128).mean())


def test_a_picture_waits_when_recognition_is_deferred() -> None:
    with pytest.raises(RecognitionDeferred):
        readers.read(SAMPLE, Terms(recognise=False))


def test_each_picture_is_a_step() -> None:
    steps: list[int] = []
    readers.read(SAMPLE, Terms(step=lambda: steps.append(1)))
    assert len(steps) == 4


def test_a_picture_without_text_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    PIL.Image.new("RGBA", (300, 200)).save(path)
    with pytest.raises(EmptyDocument):
        readers.read(path)


def test_a_broken_picture_is_damaged(tmp_path: Path, page: PIL.Image.Image) -> None:
    path = tmp_path / "a.png"
    page.save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DamagedDocument):
        readers.read(path)


def test_a_picture_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    PIL.Image.new("1", (300, 200)).save(path)
    monkeypatch.setattr(images, "_MOST_PIXELS", 59_999)
    with pytest.raises(DocumentTooLarge):
        readers.read(path)


def test_a_page_of_a_picture_that_is_not_there() -> None:
    for page in (0, 4):
        with pytest.raises(DamagedDocument):
            readers.render(SAMPLE, page, 100, [])


def test_pictures_are_read_under_the_limits_of_the_reader_host() -> None:
    host = ReaderHost()
    try:
        assert WORDS in host.read(SAMPLE).text
        with pytest.raises(RecognitionDeferred):
            host.read(SAMPLE, recognise=False)
    finally:
        host.close()


def piece(text: str, left: float, top: float, width: float = 200) -> page_order.Piece:
    return (text, (left, top, left + width, top + 10))


def test_columns_are_read_one_after_the_other_below_their_title() -> None:
    columns = [
        piece(f"{side}{line}", left, 40 + 12 * line) for line in range(6) for side, left in (("a", 0), ("b", 220))
    ]
    found = page_order.rows([*columns, piece("título", 0, 10, 420)])
    assert [words for row in found for words, _ in row] == [
        "título",
        *(f"{side}{line}" for side in "ab" for line in range(6)),
    ]


def test_three_columns() -> None:
    columns = [
        piece(f"{side}{line}", left, 40 + 12 * line)
        for line in range(6)
        for side, left in (("a", 0), ("b", 220), ("c", 440))
    ]
    assert [row[0][0] for row in page_order.rows(columns)] == [f"{side}{line}" for side in "abc" for line in range(6)]


def test_the_cells_of_a_table_are_rows() -> None:
    cells = [piece(f"{name}{line}", left, 12 * line, 40) for line in range(6) for name, left in (("a", 0), ("b", 300))]
    assert [[words for words, _ in row] for row in page_order.rows(cells)] == [[f"a{n}", f"b{n}"] for n in range(6)]
