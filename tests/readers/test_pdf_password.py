"""Protected PDFs: read with the password that a person gave, set aside without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.errors import EncryptedDocument
from lumbre.readers.base import Terms

Make = Callable[..., Path]


def test_an_owner_password_alone_keeps_nobody_out(make_encrypted_pdf: Make) -> None:
    path = make_encrypted_pdf("la clave es encina", owner="dueño")
    assert "la clave es encina" in readers.read(path).text
    assert readers.render(path, 1, 100, [(0, 2)]).boxes


@pytest.mark.parametrize("password", ["contraseña", "dueño"])
def test_either_password_opens_it(make_encrypted_pdf: Make, password: str) -> None:
    path = make_encrypted_pdf("la clave es encina", user="contraseña", owner="dueño")
    assert "la clave es encina" in readers.read(path, Terms(password)).text
    assert readers.render(path, 1, 100, [(0, 2)], password).boxes


@pytest.mark.parametrize("password", ["", "Contraseña"])
def test_without_the_right_password_it_stays_closed(make_encrypted_pdf: Make, password: str) -> None:
    path = make_encrypted_pdf("la clave es encina", user="contraseña", owner="dueño")
    with pytest.raises(EncryptedDocument):
        readers.read(path, Terms(password))
    with pytest.raises(EncryptedDocument):
        readers.render(path, 1, 100, [], password)
