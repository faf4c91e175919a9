"""Files, documents, chunks and vectors: what is kept, found, shared and dropped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbre.core.documents import Chunk, Extracted
from lumbre.core.errors import EncryptedDocument, UnknownCollection
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.scopes import EVERYWHERE, Scope
from lumbre.store.words import match_expression

Keep = Callable[..., str]
Embed = Callable[..., list[str]]
EMBEDDER = "embedder@1"


def _paths(library: LibraryStore, query: str, scope: Scope = EVERYWHERE) -> set[str]:
    found = [id for id, _ in library.lexical(match_expression(query), 50, scope)]
    return {chunk.path for chunk in library.chunks(found, scope).values()}


def _rows(library: LibraryStore, table: str) -> int:
    with library._db.read() as connection:
        return next(connection.execute(f"SELECT count(*) FROM {table}"))[0]


# --- collections ------------------------------------------------------------------------------------------------------


def test_collections(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", "one", collection="Zeta")
    keep(library, "/a", "one", collection="Alfa")
    keep(library, "/b", "two", collection="Alfa")
    assert [(each.name, each.files, each.private) for each in library.collections()] == [
        ("Alfa", 2, False),
        ("Zeta", 1, False),
    ]
    assert library.ensure_collection("Zeta") == library.collection("Zeta")
    assert [file.path for file in library.files("Zeta")] == ["/a"]
    assert library.files()[0].collections == ["Alfa", "Zeta"]
    for ask in (library.collection, library.files, library.delete_collection):
        with pytest.raises(UnknownCollection):
            ask("Beta")
    with pytest.raises(UnknownCollection):
        library.set_private("Beta", True)


def test_deleting_a_collection_keeps_what_another_has(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/both", "common ground", collection="A")
    keep(library, "/both", "common ground", collection="B")
    keep(library, "/only", "lonely words", collection="A")
    library.delete_collection("A")
    assert [file.path for file in library.files()] == ["/both"]
    assert _paths(library, "ground") == {"/both"}
    assert _paths(library, "lonely") == set()


def test_private_fails_closed(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/open", "shared text")
    keep(library, "/copy", "shared text", collection="Clinic")
    keep(library, "/free", "free text")
    library.set_private("Clinic", True)
    assert library.ensure_collection("Clinic").private
    private = {chunk.path: chunk.private for chunk in library.chunks(range(10)).values()}
    assert private == {"/open": True, "/free": False}
    library.set_private("Clinic", False)
    assert library.ensure_collection("Clinic", private=True).private


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_on_its_way(library: LibraryStore, keep: Keep, embed: Embed) -> None:
    library.add_files(["/dir/ñandú uno.txt"], library.ensure_collection("Documents").id)
    assert library.counts().waiting == 1
    library.mark_reading("/dir/ñandú uno.txt")
    assert library.counts().waiting == 1
    keep(library, "/dir/ñandú uno.txt", "one", "two", "one")
    file = library.file("/dir/ñandú uno.txt")
    assert file is not None
    assert (file.state, file.format, file.pages, file.chunks) == ("readable", "text", 1, 3)
    assert embed(library, limit=1) == []
    counts = library.counts()
    assert (counts.readable, counts.done, counts.chunks, counts.embedded) == (1, 0, 3, 2)
    assert embed(library) == ["/dir/ñandú uno.txt"]
    counts = library.counts()
    assert (counts.readable, counts.done, counts.chunks, counts.embedded) == (0, 1, 3, 3)
    assert library.file("/dir/other") is None


def test_what_is_known_of_files(library: LibraryStore, keep: Keep) -> None:
    digest = keep(library, "/a", "one")
    assert library.known(["/a", "/b"]) == {"/a": (3, 1, digest, "readable")}
    library.touch("/a", 3, 99)
    assert library.known(["/a"]) == {"/a": (3, 99, digest, "readable")}


def test_a_file_set_aside_says_why_and_is_not_found(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", "old words")
    library.set_aside("/a", EncryptedDocument(), size=5, mtime_ns=2)
    file = library.file("/a")
    assert file is not None
    assert (file.state, file.code, file.size, file.chunks) == ("set-aside", "library.encrypted", 5, 0)
    assert _paths(library, "words") == set()
    assert library.waiting(10) == []
    library.retry("/a")
    assert library.waiting(10) == ["/a"]
    keep(library, "/a", "new words")
    file = library.file("/a")
    assert file is not None
    assert (file.state, file.code) == ("readable", "")


def test_a_changed_file_is_found_by_its_old_words_until_it_is_read(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", "old words")
    library.requeue(["/a"])
    assert library.waiting(10) == ["/a"]
    assert _paths(library, "old") == {"/a"}
    keep(library, "/a", "new words")
    assert _paths(library, "old") == set()
    assert _paths(library, "new") == {"/a"}


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be any bytes")
def test_a_name_that_is_not_text_harms_only_itself(library: LibraryStore) -> None:
    name = os.fsdecode(b"/d/espa\xf1a.txt")
    library.add_files([name, "/d/a"], library.ensure_collection("Documents").id)
    assert library.known([name]) == {}
    assert library.waiting(10) == ["/d/a"]
    broken = library.files()[1]
    assert (broken.path, broken.state, broken.code) == ("/d/espa\\xf1a.txt", "set-aside", "library.unreadable")


_MARK = """
import sys
from pathlib import Path
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
library = LibraryStore(Database.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])))
library.mark_reading("/a")
print("marked", flush=True)
sys.stdin.read()
"""


def test_a_file_whose_reader_was_killed_waits_again(library: LibraryStore, tmp_path: Path, key: bytes) -> None:
    library.add_files(["/a", "/b"], library.ensure_collection("Documents").id)
    command = [sys.executable, "-c", _MARK, str(tmp_path / "lumbre.db"), key.hex()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "marked\n"
        assert library.waiting(10) == ["/b"]
        process.kill()
    assert library.waiting(10) == ["/b", "/a"]
    assert library.attempts("/a") == 1


def test_attempts_are_counted_until_the_file_is_through(library: LibraryStore, keep: Keep) -> None:
    library.add_files(["/a"], library.ensure_collection("Documents").id)
    for expected in (1, 2):
        library.mark_reading("/a")
        assert library.attempts("/a") == expected
    library.release("/a")
    assert library.attempts("/a") == 1
    assert library.waiting(10) == ["/a"]
    keep(library, "/a", "text")
    assert library.attempts("/a") == 0
    assert library.attempts("/unknown") == 0


def test_removing_folders(library: LibraryStore, keep: Keep) -> None:
    documents = library.ensure_collection("Documents")
    for path in ("/d/a", "/d/e/b", "/d-other/c", "/d.txt"):
        keep(library, path, f"text of {path}")
    for root in ("/d", "/d/e", "/d-other"):
        library.add_root(root, documents.id)
    assert library.paths_below("/d") == ["/d/a", "/d/e/b"]
    assert library.paths_below("/d/") == ["/d/a", "/d/e/b"]
    library.remove(["/d"])
    assert [file.path for file in library.files()] == ["/d-other/c", "/d.txt"]
    assert library.roots() == [("/d-other", documents.id)]


def test_a_file_removed_while_it_is_read_stays_removed(library: LibraryStore) -> None:
    extracted = Extracted(text="text", blocks=[], format="text")
    chunks = [Chunk(0, 4, "text")]
    library.keep("/gone", sha256="0", size=4, mtime_ns=1, extracted=extracted, chunks=chunks, language="en")
    assert library.files() == []
    assert _rows(library, "chunks") == _rows(library, "passages") == 0


# --- documents and chunks ---------------------------------------------------------------------------------------------


def test_a_copy_costs_nothing(library: LibraryStore, keep: Keep, embed: Embed) -> None:
    digest = keep(library, "/a", "one", "two")
    embed(library)
    known = library.document_for(digest, 1)
    assert known is not None
    assert library.document_for(digest, 2) is None
    library.add_files(["/copy"], library.ensure_collection("Others").id)
    library.link("/copy", known, digest, 6, 1)
    assert library.unembedded(EMBEDDER, 10) == []
    assert library.counts().done == 2
    assert library.counts().chunks == 2
    library.remove(["/a"])
    assert _paths(library, "two") == {"/copy"}
    library.remove(["/copy"])
    assert _rows(library, "documents") == 0


def test_linking_to_a_document_that_is_gone(library: LibraryStore, keep: Keep) -> None:
    library.add_files(["/a"], library.ensure_collection("Documents").id)
    library.link("/a", 77, "0", 1, 1)
    assert library.waiting(10) == ["/a"]


def test_only_changed_chunks_are_embedded_again(library: LibraryStore, keep: Keep, embed: Embed) -> None:
    keep(library, "/a", "one", "two", "three")
    embed(library)
    before = dict(library.vectors_after(EMBEDDER, 0))
    keep(library, "/a", "one", "two, changed", "three")
    assert [text for _, text in library.unembedded(EMBEDDER, 10)] == ["two, changed"]
    assert library.file("/a").state == "readable"  # type: ignore[union-attr]
    embed(library)
    after = dict(library.vectors_after(EMBEDDER, 0))
    assert len(set(before) & set(after)) == 2
    _, removed = library.removed_after(0)
    assert set(removed) == set(before) - set(after)


def test_the_same_words_under_another_heading_are_another_text(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", "text", heading="Uno › Dos")
    keep(library, "/b", "text", "more")
    waiting = sorted(text for _, text in library.unembedded(EMBEDDER, 10))
    assert waiting == ["Uno › Dos\ntext", "more", "text"]


def test_the_lead_is_kept_with_the_chunk(library: LibraryStore) -> None:
    library.add_files(["/a"], library.ensure_collection("Documents").id)
    extracted = Extracted(text="text", blocks=[], format="text")
    given = {"sha256": "0", "size": 4, "mtime_ns": 1, "extracted": extracted, "chunks": [Chunk(0, 4, "text")]}
    with pytest.raises(ValueError, match="must end with"):
        library.keep("/a", **given, language="en", embedding_text=lambda chunk: chunk.text + "!")
    library.keep("/a", **given, language="en", embedding_text=lambda chunk: "Title\n" + chunk.text)
    assert [text for _, text in library.unembedded(EMBEDDER, 10)] == ["Title\ntext"]


def test_a_document_without_text_is_done_at_once(library: LibraryStore, keep: Keep, embed: Embed) -> None:
    keep(library, "/a")
    embed(library)
    assert library.counts().done == 1


def test_vectors_for_what_was_removed_meanwhile_are_dropped(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", "one")
    ((digest, _),) = library.unembedded(EMBEDDER, 10)
    library.remove(["/a"])
    assert library.put_vectors(EMBEDDER, [(digest, bytes(16))]) == []
    assert _rows(library, "vectors") == 0


def test_another_embedder_grows_in_the_shadow_of_the_one_that_serves(
    library: LibraryStore, keep: Keep, embed: Embed
) -> None:
    keep(library, "/a", "one", "two")
    embed(library)
    assert embed(library, 1, "other@2") == []
    counts = library.counts()
    assert (counts.readable, counts.done, counts.embedded, counts.reindexed) == (0, 1, 2, 1)
    assert library.switch_embedder("other@2") is None
    keep(library, "/b", "three")
    assert [text for _, text in library.unembedded("other@2", 1)] == ["three"]
    assert embed(library, 10, "other@2") == []
    assert library.counts().readable == 1
    assert library.serving_embedder() == EMBEDDER
    assert library.switch_embedder("other@2") == ["/b"]
    assert library.serving_embedder() == "other@2"
    assert library.switch_embedder("other@2") is None
    counts = library.counts()
    assert (counts.readable, counts.done, counts.embedded, counts.reindexed) == (0, 2, 3, 2)


def test_what_no_longer_serves_is_swept_in_slices_and_can_come_back(
    library: LibraryStore, keep: Keep, embed: Embed
) -> None:
    keep(library, "/a", "one", "two", "three")
    embed(library)
    embed(library, 10, "other@2")
    assert not library.sweep_vectors("other@2", 2)
    library.switch_embedder("other@2")
    assert library.sweep_vectors("other@2", 2)
    assert _rows(library, "vectors") == 4
    keep(library, "/b", "four")
    embed(library, 10, "other@2")
    while library.sweep_vectors("other@2", 2):
        pass
    assert _rows(library, "vectors") == 4
    assert len(library.removed_after(0)[1]) == 3
    assert library.counts().reindexed is None
    assert [text for _, text in library.unembedded(EMBEDDER, 9)] == ["four", "one", "two", "three"]
    assert library.counts().reindexed == 0


def test_a_library_without_vectors_takes_any_embedder_at_once(library: LibraryStore, keep: Keep, embed: Embed) -> None:
    library.unembedded(EMBEDDER, 1)
    keep(library, "/a", "one")
    assert embed(library, 1, "other@2") == ["/a"]
    assert library.serving_embedder() == "other@2"


def test_found_by_words_in_both_languages(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/es", "Los pingüinos comían pescado", language="es")
    keep(library, "/en", "The contracts were signed, reference AB-123/7", heading="Annual leave", language="en")
    assert _paths(library, "pinguino") == {"/es"}
    assert _paths(library, "contract") == {"/en"}
    assert _paths(library, "AB-123/7") == {"/en"}
    assert _paths(library, "leave") == {"/en"}
    assert library.lexical("", 5) == []
    assert library.frequencies(["pinguinos", "nothing"]) == {"pinguinos": 1}


def test_weights_decide_the_order(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/text", "harbour and nothing more of it here")
    keep(library, "/heading", "nothing more of it here and there", heading="harbour")
    paths = {id: chunk.path for id, chunk in library.chunks(range(5)).items()}
    for weights, first in (((9.0, 0.0, 0.0, 1.0), "/text"), ((1.0, 0.0, 0.0, 9.0), "/heading")):
        found = library.lexical("harbour", 5, EVERYWHERE, weights)
        assert paths[found[0][0]] == first
        assert found[0][1] > found[1][1] > 0


def test_scope(library: LibraryStore, keep: Keep, embed: Embed) -> None:
    for n in range(30):
        keep(library, f"/a{n}", f"common word {n}", collection="A")
    keep(library, "/b", "common word of b, said once more: common", collection="B")
    keep(library, "/shared", "common to both", collection="A")
    keep(library, "/shared-b", "common to both", collection="B")
    embed(library)
    scope = library.scope("B")
    assert _paths(library, "common", scope) == {"/b", "/shared-b"}
    assert len(library.lexical("common", 2, scope)) == 2
    ids = library.vector_ids(scope)
    assert len(ids) == 2
    everything = [id for id, _ in library.vectors_after(EMBEDDER, 0)]
    assert set(library.chunks_of_vectors(everything, scope)) == set(ids)
    assert set(library.chunks_of_vectors(everything)) == set(everything)


def test_a_remembered_scope_follows_every_change(
    library: LibraryStore, keep: Keep, embed: Embed, tmp_path: Path, key: bytes
) -> None:
    collection_id = library.ensure_collection("A").id
    scope = Scope(collection_id)
    elsewhere = Database.open(tmp_path / "lumbre.db", key)
    other = LibraryStore(elsewhere)

    def agree(expected: int) -> None:
        assert len(library.vector_ids(scope)) == expected
        assert sorted(library.vector_ids(scope)) == sorted(LibraryStore(elsewhere).vector_ids(scope))

    agree(0)
    keep(other, "/a", "one", "two", collection="A")
    agree(0)
    embed(other, 1)
    agree(1)
    embed(other)
    agree(2)
    keep(other, "/b", "two", "three", collection="B")
    embed(other)
    agree(2)
    other.add_files(["/b"], collection_id)
    agree(3)
    keep(other, "/a", "one", collection="A")
    agree(3)
    other.remove(["/b"])
    agree(1)
    keep(other, "/c", "one", collection="C")
    other.delete_collection("C")
    agree(1)
    digest = keep(other, "/d", "four", "five", collection="D")
    embed(other)
    other.add_files(["/copy"], collection_id)
    agree(1)
    other.link("/copy", other.document_for(digest, 1) or 0, digest, 8, 1)
    agree(3)
    elsewhere.close()


def test_source(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", *"abcde")
    document = library.chunks([1])[1].document_id
    source = library.passage_source(document)
    assert source is not None
    assert (source.text, source.pages, source.title, source.format, source.path) == (
        "abcde",
        [0],
        "Title",
        "text",
        "/a",
    )
    chunk = library.chunks([3])[3]
    assert source.text[chunk.start : chunk.end] == chunk.text == "c"
    assert library.passage_source(99) is None


def test_text_that_is_not_quite_unicode(library: LibraryStore, keep: Keep) -> None:
    keep(library, "/a", "a nul \0 inside", "emoji 🙂 and a mark \ufeff")
    document = library.chunks([1])[1].document_id
    source = library.passage_source(document)
    assert source is not None
    assert source.text == "a nul \0 insideemoji 🙂 and a mark \ufeff"
    assert library.chunks([1])[1].text == "a nul \0 inside"
