"""HTML and Markdown: what a reader sees, in blocks, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted

Make = Callable[[str, bytes | str], Path]


def shown(document: Extracted) -> list[tuple[str, str]]:
    """Blocks as (kind, text)."""
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def page(make_file: Make, markup: str | bytes) -> list[tuple[str, str]]:
    content = markup.encode() if isinstance(markup, str) else markup
    return shown(readers.read(make_file("a.html", b"<html><body>" + content)))


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<nav>x</nav>",
        "<footer>x</footer>",
        "<!-- x -->",
        "<template>x</template>",
        "<p hidden>x</p>",
        '<p style="display: none">x</p>',
        '<span style="font-size:0">x</span>',
        '<div class="toc">x</div>',
        '<a class="headerlink">x</a>',
        '<div role="navigation">x</div>',
        "<select><option>x</select>",
    ],
)
def test_what_is_not_content_is_dropped(make_file: Make, hidden: str) -> None:
    assert page(make_file, f"{hidden}<p>visible</p>{hidden}") == [("paragraph", "visible")]


def test_inline_tags_join_and_spaces_collapse(make_file: Make) -> None:
    assert page(make_file, "<p>uno\n  <b>d</b>os&nbsp;tres &amp; <br> cuatro</p>") == [
        ("paragraph", "uno dos\xa0tres & \ncuatro".replace("& \n", "&\n"))
    ]


def test_text_outside_of_any_block_is_kept_in_order(make_file: Make) -> None:
    assert page(make_file, "antes<div>dentro<p>párrafo</p>después</div>final") == [
        ("paragraph", "antes"),
        ("paragraph", "dentro"),
        ("paragraph", "párrafo"),
        ("paragraph", "después"),
        ("paragraph", "final"),
    ]


def test_lists_nest_and_count(make_file: Make) -> None:
    assert page(make_file, "<ol><li>uno<ul><li>a</ul><li><p>dos</p><p>más</p></ol><p>fin</p>") == [
        ("list", "1. uno"),
        ("list", "- a"),
        ("list", "2. dos"),
        ("list", "más"),
        ("paragraph", "fin"),
    ]


def test_rows_join_cells_and_layout_tables_do_not(make_file: Make) -> None:
    assert page(make_file, "<table><tr><td><p>a</p><p>b</p><td>c<tr><td><td></table>") == [("row", "a b | c")]
    assert page(make_file, "<table><tr><td><h2>a</h2><td><p>b</p></table>") == [("heading", "a"), ("paragraph", "b")]


def test_preformatted_text_keeps_its_lines(make_file: Make) -> None:
    assert page(make_file, "<pre>  a\n\n    b</pre>") == [("code", "  a\n\n    b")]


def test_deep_nesting_is_read(make_file: Make) -> None:
    assert page(make_file, "<div>" * 5_000 + "fondo") == [("paragraph", "fondo")]


def test_broken_markup_is_read(make_file: Make) -> None:
    assert page(make_file, "<p>uno<li></ul></p></table><td>dos")[0] == ("paragraph", "uno")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="iso-8859-1">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta charset="shift_jis">', "utf-8"),
        ("", "utf-8"),
        ("", "cp1252"),
        ("", "utf-16"),
    ],
)
def test_declared_wrong_and_missing_encodings(make_file: Make, head: str, encoding: str) -> None:
    markup = f"<html><head>{head}<title>Año</title></head><body><p>«Mañana», dijo la señora.</p></body></html>"
    document = readers.read(make_file("a.html", markup.encode(encoding)))
    assert (document.title, document.text) == ("Año", "«Mañana», dijo la señora.")


def test_a_long_text_in_pre_is_read_as_text(make_file: Make) -> None:
    kinds = [kind for kind, _ in page(make_file, "<pre>" + "Un párrafo de texto.\n\n" * 500 + "</pre>")]
    assert set(kinds) == {"paragraph"}


def markdown(make_file: Make, text: str) -> list[tuple[str, str]]:
    return shown(readers.read(make_file("a.md", text)))


def test_markdown_reads_as_rendered(make_file: Make) -> None:
    text = "# Uno *dos*\n\nUn [enlace](http://x.org) y `código`\\\ny **más**\nsigue. ![pie](a.png)\n\n> cita"
    assert markdown(make_file, text) == [
        ("heading", "Uno dos"),
        ("paragraph", "Un enlace y código\ny más sigue. pie"),
        ("paragraph", "cita"),
    ]


def test_markdown_lists_tables_code_and_html(make_file: Make) -> None:
    text = "3. tres\n4. cuatro\n   - dentro\n\n|a|b|\n|-|-|\n|1|2|\n\n    sangrado\n\n<div>hola <b>tú</b></div>\n"
    assert markdown(make_file, text) == [
        ("list", "3. tres"),
        ("list", "4. cuatro"),
        ("list", "- dentro"),
        ("row", "a | b"),
        ("row", "1 | 2"),
        ("code", "sangrado"),
        ("paragraph", "hola tú"),
    ]


def test_front_matter_gives_the_title(make_file: Make) -> None:
    document = readers.read(make_file("a.md", '---\ntitle: "La lumbre"\ndate: 2026\n---\n# Otra\n\nTexto.'))
    assert (document.title, document.text) == ("La lumbre", "Otra\n\nTexto.")
