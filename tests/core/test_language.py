"""Words as they are compared."""

from __future__ import annotations

import pytest

from lumbre.core.language import fold


@pytest.mark.parametrize(
    "written", ["Información", "informacion", "INFORMACIÓN", "informacio\u0301n", "infor\u00admación"]
)
def test_ways_to_write_a_word_are_one(written: str) -> None:
    assert fold(written) == "informacion"
