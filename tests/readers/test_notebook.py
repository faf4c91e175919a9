"""Notebooks: prose as prose, code as code, and what was printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumbre import readers
from lumbre.core.errors import DamagedDocument, EmptyDocument, UnsafeDocument

Make = Callable[[str, bytes | str], Path]


def blocks(make_file: Make, *cells: dict[str, Any]) -> list[tuple[str, str]]:
    path = make_file("a.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    document = readers.read(path)
    assert document.format == "notebook"
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def code(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": ["x = 1\n", "x"], "outputs": outputs}


def test_cells_and_headings(make_file: Make) -> None:
    prose = {"cell_type": "markdown", "source": "# Título\n\nUn *año*."}
    assert blocks(make_file, prose, code(), {"cell_type": "raw", "source": "Crudo"}) == [
        ("heading", "Título"),
        ("paragraph", "Un año."),
        ("code", "x = 1\nx"),
        ("paragraph", "Crudo"),
    ]


def test_outputs_are_read_in_their_best_shape(make_file: Make) -> None:
    table = {"data": {"text/html": "<table><tr><td>a</td><td>b</td></tr></table>", "text/plain": "a b"}}
    picture = {"data": {"image/png": "AAAA", "text/plain": ["<Figure>"]}}
    printed = {"output_type": "stream", "text": ["\x1b[31mrojo\x1b[0m\n", " 10 %\r100 %\n"]}
    error = {"output_type": "error", "traceback": ["muy largo", "\x1b[0;31mValueError\x1b[0m: no"]}
    assert blocks(make_file, code(table, picture, printed, error))[1:] == [
        ("row", "a | b"),
        ("code", "<Figure>"),
        ("code", "rojo\n100 %"),
        ("code", "ValueError: no"),
    ]


def test_notebooks_of_the_third_version(make_file: Make) -> None:
    cells = [{"cell_type": "heading", "level": 2, "source": "Vieja"}, {"cell_type": "code", "input": "1 + 1"}]
    document = readers.read(make_file("a.ipynb", json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]})))
    assert document.text == "Vieja\n\n1 + 1"


def test_an_endless_output_is_cut(make_file: Make) -> None:
    assert len(blocks(make_file, code({"text": "línea\n" * 50_000}))[1][1]) < 20_001


def test_broken_empty_and_hostile_notebooks(make_file: Make) -> None:
    start = '{"nbformat": 4, "cells": ['
    with pytest.raises(DamagedDocument):
        readers.read(make_file("a.ipynb", start + '{"cell_type": "code", "source": "x"'))
    with pytest.raises(EmptyDocument):
        readers.read(make_file("b.ipynb", start + "]}"))
    with pytest.raises(UnsafeDocument):
        readers.read(make_file("c.ipynb", start + '{"outputs": [{"text": ' + "[" * 100_000))
