"""What belongs where: copying and moving between collections, labels, tags; nothing is embedded for any of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lumbre.core.errors import CollectionTaken, NotInLibrary, UnknownCollection
from lumbre.store.conversations import ConversationStore
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.scopes import Scope
from lumbre.store.vector_index import VectorIndex

EMBEDDER = "embedder@1"


@pytest.fixture
def filled(library: LibraryStore, keep: Any, embed: Any) -> LibraryStore:
    """A folder of two files in “Documents” and a file in “Casa”, all embedded."""
    library.add_root("/año", library.ensure_collection("Documents").id)
    keep(library, "/año/uno.txt", "the boiler", "the valve")
    keep(library, "/año/dos.txt", "the roof")
    keep(library, "/casa.txt", "the garden", collection="Casa")
    embed(library)
    return library


def vectors(library: LibraryStore) -> list[int]:
    return [id for id, _ in library.vectors_after(EMBEDDER, 0)]


def paths(library: LibraryStore, collection: str | None = None, tag: str | None = None) -> list[str]:
    return [file.path for file in library.files(collection, tag)]


def test_copying_and_moving_embeds_nothing_and_changes_what_a_scope_holds(filled: LibraryStore) -> None:
    before, casa = vectors(filled), filled.collection("Casa").id
    assert len(filled.vector_ids(Scope(casa))) == 1
    assert filled.copy_to(["/año/uno.txt"], casa) == 1
    assert len(filled.vector_ids(Scope(casa))) == 3
    assert paths(filled, "Documents") == ["/año/dos.txt", "/año/uno.txt"]
    assert filled.move_to(["/año/uno.txt", "/año/dos.txt"], casa) == 2
    assert paths(filled, "Documents") == []
    assert paths(filled, "Casa") == ["/año/dos.txt", "/año/uno.txt", "/casa.txt"]
    assert len(filled.vector_ids(Scope(casa))) == 4
    assert len(filled.vector_ids(filled.scope("Documents"))) == 0
    assert vectors(filled) == before
    assert filled.unembedded(EMBEDDER, 10) == []
    assert filled.removed_after(0) == (0, [])
    assert {file.state for file in filled.files()} == {"done"}


def test_a_file_moved_out_of_a_folder_stays_out_when_the_folder_is_looked_through_again(filled: LibraryStore) -> None:
    documents, casa = filled.collection("Documents").id, filled.collection("Casa").id
    filled.move_to(["/año/uno.txt"], casa)
    filled.add_files(["/año/uno.txt", "/año/dos.txt"], documents)
    assert paths(filled, "Documents") == ["/año/dos.txt"]
    filled.welcome(["/año/uno.txt"], documents)
    filled.add_files(["/año/uno.txt"], documents)
    assert paths(filled, "Documents") == ["/año/dos.txt", "/año/uno.txt"]


def test_a_folder_moves_with_its_root(filled: LibraryStore) -> None:
    casa = filled.collection("Casa").id
    assert filled.move_to(["/año"], casa) == 2
    assert filled.roots() == [("/año", casa)]
    assert filled.copy_to(["/año/"], filled.ensure_collection("Otra").id) == 2


def test_moving_out_of_one_collection_leaves_the_others(filled: LibraryStore) -> None:
    casa, otra = filled.collection("Casa").id, filled.ensure_collection("Otra").id
    filled.copy_to(["/año/dos.txt"], casa)
    filled.move_to(["/año/dos.txt"], otra, filled.collection("Documents").id)
    assert filled.files("Otra")[0].collections == ["Casa", "Otra"]
    filled.move_to(["/año/dos.txt"], otra, otra)
    assert filled.files("Otra")[0].collections == ["Casa", "Otra"]


def test_what_is_not_in_the_library_is_named_and_nothing_is_changed(filled: LibraryStore) -> None:
    for change in (
        lambda: filled.move_to(["/año/uno.txt", "/no"], filled.collection("Casa").id),
        lambda: filled.tag(["/año/uno.txt", "/no"], ["x"]),
    ):
        with pytest.raises(NotInLibrary) as caught:
            change()
        assert caught.value.details == {"path": "/no"}
    assert paths(filled, "Casa") == ["/casa.txt"]
    assert filled.tags() == {}


def test_a_private_collection_marks_its_passages_wherever_else_the_file_is(filled: LibraryStore, db: Database) -> None:
    filled.set_private("Casa", True)
    filled.copy_to(["/año/uno.txt"], filled.collection("Casa").id)
    found = filled.chunks([id for id, _ in filled.lexical('"the"', 10)])
    assert {chunk.path: chunk.private for chunk in found.values()} == {
        "/año/uno.txt": True,
        "/año/dos.txt": False,
        "/casa.txt": True,
    }
    filled.rename_collection("Casa", "Secreto")
    assert [(each.name, each.private, each.files) for each in filled.collections()] == [
        ("Documents", False, 2),
        ("Secreto", True, 2),
    ]
    with pytest.raises(CollectionTaken):
        filled.rename_collection("Secreto", "Documents")
    with pytest.raises(UnknownCollection):
        filled.rename_collection("Casa", "x")


def test_a_renamed_collection_is_still_the_scope_of_past_questions(filled: LibraryStore, db: Database) -> None:
    store = ConversationStore(db)
    conversation = store.create("t")
    store.add_question(conversation, "¿?", "Casa")
    filled.rename_collection("Casa", "Hogar")
    assert store.messages(conversation)[0].collection == "Hogar"


def test_deleting_a_collection_takes_along_only_what_is_nowhere_else(filled: LibraryStore) -> None:
    filled.copy_to(["/año/uno.txt"], filled.collection("Casa").id)
    index = VectorIndex(filled, EMBEDDER, 8)
    index.refresh()
    assert filled.only_in("Documents") == ["/año/dos.txt"]
    assert filled.delete_collection("Documents") == 1
    assert paths(filled) == ["/año/uno.txt", "/casa.txt"]
    assert filled.roots() == []
    assert len(vectors(filled)) == 3
    with pytest.raises(UnknownCollection):
        filled.delete_collection("Documents")


def test_tags_are_one_word_however_typed_and_go_with_their_file(filled: LibraryStore) -> None:
    assert filled.tag(["/año"], ["  Factura  2024", "AÑO", " "]) == 2
    assert filled.tag(["/casa.txt"], ["an\u0303o".upper()]) == 1
    assert filled.tags() == {"año": 3, "factura 2024": 2}
    assert paths(filled, tag="FACTURA 2024") == ["/año/dos.txt", "/año/uno.txt"]
    assert paths(filled, "Casa", "Año") == ["/casa.txt"]
    assert filled.files(tag="factura 2024")[0].tags == ["año", "factura 2024"]
    filled.tag(["/año/uno.txt"], ["z"], ["Año"])
    assert filled.file("/año/uno.txt").tags == ["factura 2024", "z"]  # type: ignore[union-attr]
    filled.remove([str(Path("/año"))])
    assert filled.tags() == {"año": 1}
