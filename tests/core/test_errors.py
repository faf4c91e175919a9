"""The error tree: stable codes, sentences and hints in both languages, exit codes by branch."""

from __future__ import annotations

import string

import pytest

from lumbre.core import errors


def leaves(kind: type[errors.LumbreError] = errors.LumbreError) -> list[type[errors.LumbreError]]:
    below = [leaf for sub in kind.__subclasses__() for leaf in leaves(sub)]
    return below or [kind]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", leaves(), ids=lambda kind: kind.code)
def test_every_error_speaks_spanish_with_the_same_details(kind: type[errors.LumbreError]) -> None:
    spanish = errors.translations("es").get(kind.code, {})
    assert spanish.get("message"), f"resources/messages/es.toml lacks [{kind.code!r}]"
    assert fields(spanish["message"]) == fields(kind.message)
    assert bool(spanish.get("hint")) == bool(kind.hint)
    assert fields(spanish.get("hint", "")) == fields(kind.hint)


def test_codes_are_unique_and_belong_to_their_branch() -> None:
    kinds = leaves()
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        branch = next(base for base in kind.__mro__ if base.__base__ is errors.LumbreError)
        assert kind.code.startswith(branch.code + ".")
        assert kind.exit_code == branch.exit_code


def test_an_error_crosses_a_pipe() -> None:
    there = errors.DocumentTooLarge(size=300, limit=200)
    here = errors.by_code(there.code, there.details)
    assert type(here) is errors.DocumentTooLarge
    assert here.text("en") == there.text("en") == "The file is larger than what is read at once (300 of 200 MB)."
    assert isinstance(errors.by_code("no.such", {}), errors.LumbreError)


def test_a_missing_detail_stays_visible() -> None:
    assert errors.ModelMissing().text("en") == "The model “{name}” is not on this machine."
