"""Settings: kept whole, read back equal, and never a reason not to start."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lumbre.core.paths import Home
from lumbre.core.settings import Settings, load, save


def test_settings_are_read_back_as_written(tmp_path: Path) -> None:
    changed = msgspec.structs.replace(Settings(), language="es", passages=7, reading_speed={"small": 190.5})
    save(changed, tmp_path / "settings.toml")
    assert load(tmp_path / "settings.toml") == changed
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("text", ["passages = 0", "passages = 'many'", "not toml at all", "theme = 'pink'"])
def test_a_bad_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    assert load(tmp_path / "settings.toml") == Settings()


@pytest.mark.parametrize(("locale", "language"), [("es_MX.UTF-8", "es"), ("en_GB.UTF-8", "en"), ("de_DE", "en")])
def test_the_language_follows_the_system(monkeypatch: pytest.MonkeyPatch, locale: str, language: str) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert Settings().interface_language() == language
    assert Settings(language="es").interface_language() == "es"


def test_two_homes_have_two_sockets_and_one_home_has_one(tmp_path: Path) -> None:
    assert Home(tmp_path / "a").socket_name == Home(tmp_path / "b" / ".." / "a").socket_name
    assert Home(tmp_path / "a").socket_name != Home(tmp_path / "b").socket_name
