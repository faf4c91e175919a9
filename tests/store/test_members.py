"""Files inside files: their rows come and go with their container, and are in its collections."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lumbre.core.documents import Chunk, Extracted, HiddenText
from lumbre.core.errors import EncryptedDocument
from lumbre.store.library import LibraryStore
from lumbre.store.words import match_expression

Keep = Callable[..., str]


def keep_box(library: LibraryStore, path: str, digest: str, *members: str, collection: str = "Documents") -> None:
    """Keep a container that holds these files."""
    if library.file(path) is None:
        library.add_files([path], library.ensure_collection(collection).id)
    text = f"list of {digest}"
    hidden = [HiddenText("comment", "psst", 1)]
    extracted = Extracted(text, [], "zip", "", [], ["passed over: x (a link)"], hidden, list(members))
    library.keep(
        path,
        sha256=digest,
        size=9,
        mtime_ns=1,
        extracted=extracted,
        chunks=[Chunk(0, len(text), text, "", None)],
        language="en",
        reader_version=1,
    )


def states(library: LibraryStore) -> dict[str, str]:
    return {file.path: file.state for file in library.files()}


@pytest.fixture
def box(library: LibraryStore, keep: Keep) -> LibraryStore:
    """/d/box.zip with a letter, in which a picture lies, and a text that was read."""
    keep_box(library, "/d/box.zip", "box1", "a/letter.eml", "b.txt")
    keep_box(library, "/d/box.zip/a/letter.eml", "letter1", "picture.png")
    keep(library, "/d/box.zip/b.txt", "a heron by the mill")
    return library


def test_members_wait_in_the_collections_of_their_container(box: LibraryStore) -> None:
    assert states(box) == {
        "/d/box.zip": "readable",
        "/d/box.zip/a/letter.eml": "readable",
        "/d/box.zip/a/letter.eml/picture.png": "waiting",
        "/d/box.zip/b.txt": "readable",
    }
    assert {file.container for file in box.files("Documents")} == {"", "/d/box.zip", "/d/box.zip/a/letter.eml"}
    box.add_files(["/d/box.zip"], box.ensure_collection("Other").id)
    assert len(box.files("Other")) == 4
    keep_box(box, "/d/box.zip/a/letter.eml", "letter2", "new.txt")
    assert box.file("/d/box.zip/a/letter.eml/new.txt").collections == ["Documents", "Other"]  # type: ignore[union-attr]


def test_members_of_a_changed_container_wait_again_and_gone_ones_go(box: LibraryStore) -> None:
    keep_box(box, "/d/box.zip", "box2", "b.txt", "c.txt")
    assert states(box) == {"/d/box.zip": "readable", "/d/box.zip/b.txt": "waiting", "/d/box.zip/c.txt": "waiting"}
    found = box.chunks([id for id, _ in box.lexical(match_expression("heron"), 5)])
    assert [chunk.path for chunk in found.values()] == ["/d/box.zip/b.txt"]  # it serves until it is read
    with box._db.read() as connection:
        assert next(connection.execute("SELECT count(*) FROM documents")) == (2,)


def test_linking_a_copy_of_a_container_brings_its_members(box: LibraryStore) -> None:
    box.add_files(["/copy.zip"], box.ensure_collection("Documents").id)
    document = box.document_for("box1", 1)
    assert document is not None
    box.link("/copy.zip", document, "box1", 9, 1)
    assert states(box)["/copy.zip/b.txt"] == "waiting"
    before = states(box)
    box.link("/d/box.zip", document, "box1", 9, 2)  # the same content as before: nothing is read again
    assert states(box) == before


@pytest.mark.parametrize("how", ["remove", "folder", "set aside", "collection"])
def test_members_go_with_their_container(box: LibraryStore, how: str) -> None:
    if how == "remove":
        box.remove(["/d/box.zip"])
    elif how == "folder":
        box.remove(["/d"])
    elif how == "collection":
        box.delete_collection("Documents")
    else:
        box.set_aside("/d/box.zip", EncryptedDocument(), 9, 2)
    assert states(box) == ({"/d/box.zip": "set-aside"} if how == "set aside" else {})
    with box._db.read() as connection:
        for table in ("documents", "chunks", "texts"):
            assert next(connection.execute(f"SELECT count(*) FROM {table}")) == (0,)
    assert not box.lexical(match_expression("heron"), 5)


def test_files_on_disk_are_told_from_those_inside(box: LibraryStore) -> None:
    assert box.paths_below("/d") == ["/d/box.zip"]
    assert box.paths_below("/d/box.zip") == []
    assert (box.count_inside("/d/box.zip"), box.count_inside("/d/box.zip/a/letter.eml")) == (3, 1)


def test_findings_are_kept(box: LibraryStore) -> None:
    warnings, hidden = box.findings("/d/box.zip")
    assert warnings == ["passed over: x (a link)"]
    assert hidden == [HiddenText("comment", "psst", 1)]
    entry = box.file("/d/box.zip")
    assert entry is not None
    assert (entry.warnings, entry.hidden) == (1, 1)
    assert box.findings("/nothing") == ([], [])
