"""JSON and XML as readable text, and what is refused of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.core.errors import DamagedDocument, EmptyDocument, UnsafeDocument

SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples"
Make = Callable[[str, bytes | str], Path]
BOMB = "".join(f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefgh", "bcdefghi", strict=True))


def shown(document: Extracted) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_records_are_rows_with_the_names_of_their_values(make_file: Make) -> None:
    first = '{"leña": "encina", "precio": 18.50, "seca": true, "nota": null, "de": {"país": "España"}}'
    document = readers.read(make_file("a.json", f'[{first}, {{"leña": "pino", "usos": ["a", "b"]}}]'))
    assert document.format == "json"
    assert shown(document) == [
        ("row", "leña: encina | precio: 18.50 | seca: true | de.país: España"),
        ("row", "leña: pino | usos: a, b"),
    ]


def test_objects_stand_under_their_names(make_file: Make) -> None:
    first = '{"título": "Obras", "text": "Se corta el agua. Hasta el lunes."}'
    text = f'{{"avisos": [{first}, {{"text": "Nada que decir hoy."}}]}}'
    assert shown(readers.read(make_file("a", text))) == [
        ("heading", "avisos"),
        ("heading", "Obras"),
        ("paragraph", "Se corta el agua. Hasta el lunes."),
        ("heading", "avisos 2"),
        ("paragraph", "Nada que decir hoy."),
    ]


def test_lines_of_json_are_records(make_file: Make) -> None:
    document = readers.read(make_file("a.jsonl", '{"a": 1}\n\n{"a": "ñ"}\n'))
    assert (document.format, document.text) == ("json", "a: 1\na: ñ")


@pytest.mark.parametrize("text", ['{"a": 1, // nota\n "b": 2}', '{"a": 1', "[1] nota al pie", "{{ plantilla }}"])
def test_what_only_resembles_json_is_text(make_file: Make, text: str) -> None:
    document = readers.read(make_file("a.txt", text))
    assert (document.format, document.text) == ("text", text)


@pytest.mark.parametrize("text", ["{}", "[[]]", '{"a": null}'])
def test_values_without_words_are_empty(make_file: Make, text: str) -> None:
    with pytest.raises(EmptyDocument):
        readers.read(make_file("a.json", text))


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 900 + "1" + "}" * 900])
def test_json_nested_without_end_is_refused(make_file: Make, text: str) -> None:
    with pytest.raises(UnsafeDocument):
        readers.read(make_file("a.json", text))


def test_xml_records_sections_and_lists(make_file: Make) -> None:
    text = """<?xml version="1.0"?><tienda>
    <artículo><nombre>Hacha</nombre><precio moneda="EUR">30</precio></artículo>
    <capítulo><título>El tiro</título><p>Se <b>abre</b> así.</p><li>Uno</li><autor>Íñigo</autor></capítulo>
    <cliente id="7" ciudad="León"/></tienda>"""
    document = readers.read(make_file("a.xml", text))
    assert document.format == "xml"
    assert shown(document) == [
        ("row", "nombre: Hacha | precio: 30 (moneda: EUR)"),
        ("heading", "El tiro"),
        ("paragraph", "Se abre así."),
        ("list", "- Uno"),
        ("row", "autor: Íñigo"),
        ("row", "cliente: ciudad: León"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_xml_in_its_encoding(make_file: Make, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>El año</a>'
    assert readers.read(make_file("a", text.encode(encoding))).text == "El año"


def test_xml_without_a_declaration_is_told_by_its_last_tag(make_file: Make) -> None:
    assert readers.read(make_file("a.txt", "<nota>hola</nota>\n")).format == "xml"
    assert readers.read(make_file("b.txt", "<nota> al margen")).format == "text"


def test_a_page_within_xml_reads_as_a_page(make_file: Make) -> None:
    item = (
        "<item><title>Aviso</title><description>&lt;p&gt;Se &lt;b&gt;cierra&lt;/b&gt;.&lt;/p&gt;</description></item>"
    )
    assert readers.read(make_file("a.rss", f"<rss><channel>{item}</channel></rss>")).text == "Aviso\n\nSe cierra."


def test_names_declared_elsewhere_are_letters_and_nothing_is_fetched(make_file: Make) -> None:
    text = '<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a>Espa&ntilde;a</a>'
    assert readers.read(make_file("a.xml", '<?xml version="1.0"?>' + text)).text == "España"


@pytest.mark.parametrize(
    "declared", [f'<!ENTITY a "hola">{BOMB}', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % a "b">']
)
def test_xml_that_declares_entities_is_refused(make_file: Make, declared: str) -> None:
    with pytest.raises(UnsafeDocument) as caught:
        readers.read(make_file("a.xml", f'<?xml version="1.0"?><!DOCTYPE a [{declared}]><a>&a;</a>'))
    assert caught.value.details["reason"] == "XML that declares entities"


def test_xml_nested_without_end_is_refused(make_file: Make) -> None:
    with pytest.raises(UnsafeDocument):
        readers.read(make_file("a.xml", '<?xml version="1.0"?>' + "<a>" * 100_000))


def test_broken_xml_is_damaged_at_a_line(make_file: Make) -> None:
    with pytest.raises(DamagedDocument) as caught:
        readers.read(make_file("a.xml", '<?xml version="1.0"?>\n<a>\n<b></a>'))
    assert caught.value.details["reason"] == "broken XML at line 3"


def test_comments_do_not_hold_up_recognition(make_file: Make) -> None:
    assert readers.read(make_file("a.txt", "<!---->" * 60 + "texto")).format == "text"


@pytest.mark.samples
def test_the_same_facts_in_two_encodings() -> None:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is absent")
    documents = [readers.read(SHARED / "unstructured" / name) for name in ("factbook.xml", "factbook-utf-16.xml")]
    assert documents[0] == documents[1]
    assert shown(documents[0])[2] == (
        "row",
        "name: France | capital: Paris | leader: Emmanuel Macron | sport: Soccer",
    )
    lines = readers.read(SHARED / "unstructured" / "arbitrary-records.ndjson")
    assert lines == readers.read(SHARED / "unstructured" / "arbitrary-records.json")
