"""Tokens: readable colours, nothing missing, one hand for all icons."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtGui import QColor

from lumbre.core.paths import resources_dir
from lumbre.frontends.gui import theme

TEXT_ON = [
    *[("text", ground) for ground in ("window", "surface", "rail", "field", "hover", "accent_soft", "mark", "code")],
    *[("text", ground) for ground in ("warn_soft", "bad_soft")],
    *[("muted", ground) for ground in ("window", "surface", "rail", "field", "hover")],
    *[("accent", ground) for ground in ("window", "surface", "rail", "accent_soft", "code")],
    *[(role, ground) for role in ("good", "warn", "bad") for ground in ("window", "surface", f"{role}_soft")],
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("window", "text"),
]


def luminance(colour: QColor) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_is_readable_on_its_ground(name):
    read = theme.read(name)
    figures = {pair: contrast(read.colour(pair[0]), read.colour(pair[1])) for pair in TEXT_ON}
    assert {pair: figure for pair, figure in figures.items() if figure < 4.5} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(name):
    read = theme.read(name)
    assert contrast(read.colour("outline"), read.colour("window")) >= 3
    assert contrast(read.colour("outline"), read.colour("field")) >= 3


def test_both_themes_have_the_same_roles():
    assert theme.read("light").roles.keys() == theme.read("dark").roles.keys()


def test_every_role_is_used():
    used = set(re.findall(r"@(\w+)", (resources_dir() / "themes" / "lumbre.qss").read_text("utf-8")))
    code = "".join(path.read_text("utf-8") for path in theme.Path(theme.__file__).parent.glob("*.py"))
    unused = [role for role in theme.read("light").roles if role not in used and f'"{role}"' not in code]
    assert not unused


def test_the_stylesheet_is_filled_in(qapp):
    assert "@" not in theme.read("dark").stylesheet()


def test_icons_share_grid_and_stroke():
    for path in (resources_dir() / "icons").glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        if path.stem == "lumbre":
            continue
        assert root.get("stroke-width") == "1.75", path.name
        assert root.get("viewBox") in ("0 0 24 24", "0 0 14 14"), path.name


def test_an_icon_takes_the_colour_of_its_role(qapp):
    read = theme.read("light")
    image = read.pixmap("plus", "accent", 24).toImage()
    assert image.pixelColor(12, 12).name() == read.colour("accent").name()


def test_the_chosen_theme_wins_over_the_system(qapp):
    assert theme.choose("dark").dark
    assert not theme.choose("light").dark
