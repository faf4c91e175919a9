"""EPUB: chapters in the order of the spine, whole, and nothing from outside the book."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre import readers
from lumbre.core.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument, UnsafeDocument
from lumbre.readers import epub

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "epub.epub"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples" / "debian-es"
CONTAINER = '<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'
LOCK = '<encryption><EncryptedData><CipherData><CipherReference URI="%s"/></CipherData></EncryptedData></encryption>'
Make = Callable[..., Path]


@pytest.fixture
def make_book(tmp_path: Path) -> Make:
    """Writes a book of these chapters, read in the reverse of their order in the archive."""

    def make(chapters: dict[str, str], extra: dict[str, str] | None = None, head: str = "") -> Path:
        items = "".join(
            f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
        )
        spine = "".join(f'<itemref idref="i{n}"/>' for n in reversed(range(len(chapters))))
        package = f"{head}<package><manifest>{items}</manifest><spine>{spine}</spine></package>"
        path = tmp_path / "libro.epub"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/epub+zip")
            for name, content in {"META-INF/container.xml": CONTAINER, "a.opf": package, **(extra or {})}.items():
                archive.writestr(name, content)
            for name, content in chapters.items():
                if not name.startswith(("..", "/")):
                    archive.writestr(name, content)
        return path

    return make


def test_the_spine_gives_the_order(make_book: Make) -> None:
    assert readers.read(make_book({"b.xhtml": "<p>después</p>", "a.xhtml": "<p>antes</p>"})).text == "antes\n\ndespués"


def test_tags_closed_in_one_do_not_swallow_the_chapter(make_book: Make) -> None:
    page = '<html><head><title/><script src="a.js" /></head><body><a id="x"/><p>Año</p></body></html>'
    assert readers.read(make_book({"a.xhtml": page})).text == "Año"


def test_a_chapter_that_is_missing_is_told_and_the_rest_read(make_book: Make) -> None:
    document = readers.read(make_book({"a.xhtml": "<p>hola</p>", "../../etc/passwd": ""}))
    assert (document.text, document.warnings) == ("hola", ["missing chapter: ../../etc/passwd"])


def test_an_address_that_leaves_the_archive_leads_nowhere(make_book: Make) -> None:
    with pytest.raises(DamagedDocument):
        readers.read(make_book({"../../../../../../etc/passwd": ""}))


def test_protected_chapters_are_encrypted_but_protected_fonts_are_not(make_book: Make) -> None:
    with pytest.raises(EncryptedDocument):
        readers.read(make_book({"a.xhtml": "\x01\x02"}, {"META-INF/encryption.xml": LOCK % "a.xhtml"}))
    path = make_book({"a.xhtml": "<p>hola</p>"}, {"META-INF/encryption.xml": LOCK % "letra.otf"})
    assert readers.read(path).text == "hola"


def test_a_bomb_is_refused(make_book: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epub, "_TEXT_LIMIT", 1)
    with pytest.raises(DocumentTooLarge):
        readers.read(make_book({"a.xhtml": "<p>" + " " * 2_000_000}))


def test_entities_in_the_package_are_refused(make_book: Make) -> None:
    with pytest.raises(UnsafeDocument):
        readers.read(make_book({"a.xhtml": "<p>hola</p>"}, head='<!DOCTYPE p [<!ENTITY a "b">]>'))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_book_is_damaged(tmp_path: Path, share: float) -> None:
    whole = SAMPLE.read_bytes()
    path = tmp_path / "a.epub"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DamagedDocument):
        readers.read(path)


@pytest.mark.samples
@pytest.mark.parametrize(
    "name", ["eyes17-es/eyes17.es.epub", "ubuntu-packaging-guide-es/ubuntu-packaging-guide.es.epub"]
)
def test_real_books_read_whole(name: str) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    text = " ".join(re.sub(r"\W+", " ", readers.read(path).text).split())
    paragraphs = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            page = archive.read(member).decode() if member.endswith(".xhtml") and "nav" not in member else ""
            for paragraph in re.findall(r"<p>([^<&]{30,})</p>", page):
                assert " ".join(re.sub(r"\W+", " ", paragraph).split()) in text
                paragraphs += 1
    assert paragraphs > 100
