"""CSV and TSV: delimiter, encoding and names found; what is no table stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted

Make = Callable[[str, bytes | str], Path]


def lines(document: Extracted) -> list[str]:
    """The text of the blocks."""
    return [document.text[one.start : one.end] for one in document.blocks]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_delimiter_in_any_encoding(make_file: Make, delimiter: str, encoding: str) -> None:
    rows = [["Leña", "Año", "Kilos"], ["Encina", "2024", "12"], ["Castaño", "2023", "7"]]
    text = "".join(f"{delimiter.join(row)}\r\n" for row in rows)
    document = readers.read(make_file("a.csv", text.encode(encoding)))
    assert document.format == "csv"
    assert lines(document) == [
        "Leña | Año | Kilos",
        "Leña: Encina | Año: 2024 | Kilos: 12",
        "Leña: Castaño | Año: 2023 | Kilos: 7",
    ]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Leña;Precio\nEncina;3,50\nPino;1,20\n", "Leña: Pino | Precio: 1,20"),
        ("Leña,Nota\nEncina,seca; dura\nPino,verde; blanda\n", "Leña: Pino | Nota: verde; blanda"),
        ('Leña,Nota\nPino,"verde, y\nblanda"\n', "Leña: Pino | Nota: verde, y blanda"),
        ('Leña,Nota\nPino,"la ""buena"""\n', 'Leña: Pino | Nota: la "buena"'),
        ("sep=|\nLeña|Nota,larga\nPino|a,b\n", "Leña: Pino | Nota,larga: a,b"),
        ("Leña,Kilos\nPino,1,sobra\n", "Leña: Pino | Kilos: 1 | sobra"),
        ("1,2\n3,4\n", "3 | 4"),
        ("Leña\nPino\n", "Pino"),
    ],
)
def test_rows_as_they_were_meant(make_file: Make, text: str, last: str) -> None:
    assert lines(readers.read(make_file("a.csv", text)))[-1] == last


def test_a_table_is_known_without_its_name(make_file: Make) -> None:
    table = "Leña\tKilos\tAño\n" + "Encina\t12\t2024\n" * 5
    assert readers.read(make_file("a.txt", table)).format == "csv"


@pytest.mark.parametrize(
    "text",
    [
        "Encina, pino y haya.\n" * 6,
        "Leña, carbón, gas, y luz.\nNada más, ni menos.\n" * 6,
        "a,b,c\n1,2,3\n",
        "Título\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n",
    ],
)
def test_prose_and_small_tables_within_it_stay_text(make_file: Make, text: str) -> None:
    assert readers.read(make_file("a.txt", text)).format == "text"


def test_cells_far_longer_than_the_parser_allows_by_itself(make_file: Make) -> None:
    assert len(readers.read(make_file("a.csv", "Nombre,Texto\nx," + "palabra " * 40_000)).text) > 300_000
