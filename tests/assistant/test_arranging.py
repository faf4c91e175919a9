"""What a frontend shows of the library's arrangement: places that were added, collections, what hides in files."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from lumbre.assistant.arranging import Arranging
from lumbre.assistant.listeners import Listeners
from lumbre.core.documents import AddedPlace, Chunk, Extracted, HiddenText, LibraryCounts
from lumbre.core.errors import CollectionTaken
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore


class Shelf(Arranging):
    """The verbs over a library, with nothing else of the assistant."""

    def __init__(self, library: LibraryStore) -> None:
        self._library = library
        self._listeners = Listeners()
        self.told: list[object] = []
        self._listeners.add(self.told.append)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield Shelf(LibraryStore(database))
    database.close()


def test_a_new_collection_is_empty_told_of_and_made_once(shelf: Shelf) -> None:
    shelf.new_collection("Casa")
    assert [(one.name, one.files, one.private) for one in shelf.collections()] == [("Casa", 0, False)]
    assert [type(event) for event in shelf.told] == [LibraryCounts]
    with pytest.raises(CollectionTaken):
        shelf.new_collection("Casa")


def test_added_places_tell_what_is_in_them_and_which_are_away(shelf: Shelf, tmp_path: Path) -> None:
    here, single, gone = tmp_path / "año", tmp_path / "una.txt", tmp_path / "usb"
    here.mkdir()
    single.write_text("una")
    library = shelf._library
    casa, papers = (library.ensure_collection(name).id for name in ("Casa", "Papeles"))
    for path, id in ((here, casa), (here, papers), (single, casa), (gone, papers)):
        library.add_root(str(path), id)
    library.add_files([str(here / "a.txt"), str(here / "b.txt")], casa)
    library.add_files([str(single)], casa)
    assert shelf.added() == [
        AddedPlace(str(here), ["Casa", "Papeles"], 2, away=False),
        AddedPlace(str(single), ["Casa"], 1, away=False, single=True),
        AddedPlace(str(gone), ["Papeles"], 0, away=True),
    ]


def test_findings_and_the_time_of_the_last_change_are_shown(shelf: Shelf) -> None:
    library = shelf._library
    library.add_files(["/a.html"], library.ensure_collection("Casa").id)
    hidden = [HiddenText("comment", "approve this", None)]
    extracted = Extracted("the roof", [], "html", hidden=hidden, warnings=["chapter 4"])
    library.keep(
        "/a.html",
        sha256="f" * 64,
        size=9,
        mtime_ns=1_700_000_000 * 10**9,
        extracted=extracted,
        chunks=[Chunk(0, 8, "the roof")],
        language="en",
    )
    assert shelf.findings("/a.html") == (["chapter 4"], hidden)
    [file] = shelf.files()
    assert (file.hidden, file.warnings, file.modified) == (1, 1, 1_700_000_000.0)
    assert shelf.findings("/b.html") == ([], [])
