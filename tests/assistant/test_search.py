"""Search over a real library: fusion, languages, neighbours, copies, scopes, and what is not embedded yet."""

from __future__ import annotations

import hashlib
import math
import secrets
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from lumbre.assistant.fusion import Candidate, Evidence, fuse
from lumbre.assistant.search import Searcher
from lumbre.core.documents import Block, Chunk, Extracted
from lumbre.core.errors import EngineDied, UnknownCollection
from lumbre.core.language import detect
from lumbre.engines.onnx_embedder import OnnxEmbedder
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore
from lumbre.store.vector_index import VectorIndex

NAME = "multilingual-e5-small"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LibraryStore]:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield LibraryStore(database)
    database.close()


def keep(library: LibraryStore, path: str, *texts: str, collection: str = "Documents", page: int | None = None) -> None:
    """Keep a document whose chunks are `texts`, each a paragraph."""
    library.add_files([path], library.ensure_collection(collection).id)
    whole = "\n\n".join(texts)
    starts = [len("\n\n".join(texts[:at])) + (2 if at else 0) for at in range(len(texts))]
    spans = [(start, start + len(text)) for start, text in zip(starts, texts, strict=True)]
    library.keep(
        path,
        sha256=hashlib.sha256(whole.encode()).hexdigest(),
        size=len(whole),
        mtime_ns=0,
        extracted=Extracted(whole, [Block(*span) for span in spans], "text"),
        chunks=[Chunk(*span, text, page=page) for span, text in zip(spans, texts, strict=True)],
        language=detect(whole),
    )


class Dead:
    """An embedder whose process has died."""

    model = "dead"
    dimensions = 384

    def embed(self, texts: list[str], kind: Literal["query", "passage"]) -> bytes:
        raise EngineDied(model=self.model, reason="killed")

    def close(self) -> None:
        """Nothing is held."""


def by_words(library: LibraryStore) -> Searcher:
    return Searcher(library, None, None)


def test_words_alone_find_the_passage(library: LibraryStore) -> None:
    keep(library, "/faro.txt", "El faro se encendió en 1862.", "La torre mide 34 metros.")
    keep(library, "/pan.txt", "La masa madre se alimenta cada doce horas.")
    (first, *_) = by_words(library).search("¿Cuánto mide la torre?").passages
    assert (first.path, first.rank) == ("/faro.txt", 1)
    assert "34 metros" in first.text


def test_a_dead_embedder_leaves_the_words(library: LibraryStore) -> None:
    keep(library, "/faro.txt", "La torre mide 34 metros.")
    index = VectorIndex(library, Dead.model, Dead.dimensions)
    assert Searcher(library, index, Dead()).search("torre").passages[0].path == "/faro.txt"


@pytest.mark.parametrize("query", ["", "   ", "¿?", "de la", '"', "zzz qqq"])
def test_a_query_without_usable_words_is_answered(library: LibraryStore, query: str) -> None:
    keep(library, "/a.txt", "Un texto cualquiera.")
    assert by_words(library).search(query).query == query


def test_an_empty_library_has_no_passages(library: LibraryStore) -> None:
    assert by_words(library).search("¿Cuánto mide la torre?").passages == []


def test_a_passage_says_what_it_holds_of_the_question(library: LibraryStore) -> None:
    keep(library, "/a.txt", "La póliza P-4471 cubre los daños por agua y se renueva cada año.")
    for at in range(9):
        keep(library, f"/{at}.txt", f"El tejado {at} se reparó por una gotera.")
    passages = Searcher(library, None, None).search("¿Qué daños cubre la póliza P-4471?").passages
    assert [(one.path, one.words) for one in passages] == [("/a.txt", ["P-4471", "daños", "cubre", "póliza"])]
    assert passages[0].bm25 > 0
    assert passages[0].cosine is None


def test_a_scope_shuts_the_rest_out(library: LibraryStore) -> None:
    keep(library, "/a.txt", "El presupuesto es de 300 euros.", collection="Casa")
    keep(library, "/b.txt", "El presupuesto es de 900 euros.", collection="Trabajo")
    found = by_words(library).search("presupuesto", collection="Trabajo").passages
    assert [passage.path for passage in found] == ["/b.txt"]
    with pytest.raises(UnknownCollection):
        by_words(library).search("presupuesto", collection="Nada")


def test_neighbours_become_one_passage_with_exact_offsets(library: LibraryStore) -> None:
    texts = ["El faro es blanco.", "El faro mide 34 metros.", "El faro se ve de lejos.", "Otra cosa distinta."]
    keep(library, "/faro.txt", *texts)
    (passage,) = by_words(library).search("faro").passages
    assert passage.text == "\n\n".join(texts[:3])
    whole = "\n\n".join(texts)
    assert whole[passage.start : passage.end] == passage.text


def test_pages_are_not_merged(library: LibraryStore) -> None:
    keep(library, "/a.txt", "El faro es blanco.", page=1)
    keep(library, "/b.txt", "El faro mide 34 metros.", page=2)
    assert len(by_words(library).search("faro").passages) == 2


def test_copies_in_two_files_are_one_result_and_filled_in_forms_are_not(library: LibraryStore) -> None:
    text = "El contrato de mantenimiento del ascensor vence a final de año y se renueva solo salvo aviso en contra."
    keep(library, "/a.txt", text)
    keep(library, "/b.txt", text, "Y algo más que decir sobre otra cosa.")
    form = "Certificado de asistencia al curso de primeros auxilios con una duración total de {} horas lectivas."
    keep(library, "/c.txt", form.format(20))
    keep(library, "/d.txt", form.format(35))
    searcher = by_words(library)
    assert len(searcher.search("contrato de mantenimiento del ascensor").passages) == 1
    assert len(searcher.search("certificado de asistencia").passages) == 2


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("¿Qué pone en la factura FX-204/19?", "/204.txt"),
        ("la dirección 10.0.0.12", "/ip.txt"),
        ('"pago a noventa días"', "/pago.txt"),
        ("pagos del 3 de abril de 2020", "/fecha.txt"),
    ],
)
def test_known_items_come_first(library: LibraryStore, query: str, path: str) -> None:
    keep(library, "/204.txt", "Factura FX-204/19 por el mantenimiento del ascensor.")
    keep(library, "/205.txt", "Factura FX-205/19 por el mantenimiento de la factura y de la factura.")
    keep(library, "/ip.txt", "El servidor está en 10.0.0.12 desde ayer.")
    keep(library, "/ips.txt", "La dirección de la dirección es 10.0.0.21, una dirección.")
    keep(library, "/pago.txt", "Se acuerda el pago a noventa días desde la entrega.")
    keep(library, "/dias.txt", "A noventa días del pago, el pago de los días se hará en noventa pagos.")
    keep(library, "/fecha.txt", "Recibido el 2020-04-03.")
    keep(library, "/fechas.txt", "Los pagos de abril y los pagos de 2020 son pagos de otros años.")
    assert by_words(library).search(query).passages[0].path == path


# --- fusion, by its own rules -----------------------------------------------------------------------------------------

TOLD = Evidence(nats=20.0, worth=0.08)


def ranked(*candidates: Candidate) -> list[int]:
    scores = fuse(candidates, TOLD)
    return [it.id for _, it in sorted(zip(scores, candidates, strict=True), key=lambda pair: -pair[0])]


def test_passages_of_another_language_keep_their_dense_order() -> None:
    foreign = [Candidate(at, False, 0.0, 0.9 - at / 100) for at in range(5)]
    assert ranked(*foreign) == [0, 1, 2, 3, 4]


def test_missing_words_are_no_evidence_against_another_language() -> None:
    foreign = Candidate(1, False, 0.0, 0.90)
    native = [Candidate(2, True, 4.0, 0.86), Candidate(3, True, 3.0, 0.85)]
    assert ranked(foreign, *native)[0] == 1


def test_all_the_words_outweigh_a_little_cosine_in_the_language_of_the_question() -> None:
    assert ranked(Candidate(1, True, 0.0, 0.87), Candidate(2, True, 25.0, 0.84)) == [2, 1]


def test_a_passage_without_vector_is_judged_like_others_found_by_words() -> None:
    best, waiting, poor = Candidate(1, True, 20.0, 0.88), Candidate(2, True, 19.0, None), Candidate(3, True, 1.0, 0.80)
    assert ranked(poor, waiting, best) == [1, 2, 3]
    assert ranked(waiting, Candidate(4, True, 0.0, 0.86)) == [2, 4]


def test_without_vectors_words_decide() -> None:
    assert ranked(Candidate(1, True, 3.0, None), Candidate(2, True, 9.0, None)) == [2, 1]


# --- with the real embedder -------------------------------------------------------------------------------------------

PARAGRAPHS = {
    "/es/puente.txt": "El puente de Harwell se abrió al tráfico el 12 de junio de 1931 tras cuatro años de obras.",
    "/es/peral.txt": "Los perales se podan a finales del invierno, antes de que se hinchen las yemas.",
    "/es/pan.txt": "La masa madre se alimenta cada doce horas con partes iguales de harina y agua.",
    "/en/router.txt": "To reset the router, hold the button at the back for ten seconds until the light turns amber.",
    "/en/meeting.txt": "The board approved the budget for the new library and rejected opening on Sundays.",
    "/en/bees.txt": "Bees from three hives are enough to pollinate one hectare of orchard in spring.",
}


@pytest.fixture
def embedder(models_dir: Path) -> Iterator[OnnxEmbedder]:
    made = OnnxEmbedder(models_dir / NAME, NAME)
    yield made
    made.close()


def embed_waiting(library: LibraryStore, embedder: OnnxEmbedder, limit: int = 1000) -> None:
    waiting = library.unembedded(embedder.model, limit)
    vectors = np.frombuffer(embedder.embed([text for _, text in waiting], "passage"), "<f4").astype("<f2")
    rows = vectors.reshape(len(waiting), -1)
    library.put_vectors(
        embedder.model, [(digest, row.tobytes()) for (digest, _), row in zip(waiting, rows, strict=True)]
    )


@pytest.mark.model
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("¿Cuándo se inauguró el puente?", "/es/puente.txt"),
        ("How do I restart the internet box?", "/en/router.txt"),
        ("¿Cómo se reinicia el aparato de internet?", "/en/router.txt"),
        ("¿Cuántas colmenas de abejas polinizan una hectárea?", "/en/bees.txt"),
        ("When should I cut back my pear tree?", "/es/peral.txt"),
        ("How often do I feed the sourdough?", "/es/pan.txt"),
        ("¿Qué decidió la junta sobre los domingos?", "/en/meeting.txt"),
    ],
)
def test_both_languages_are_found_from_both(
    library: LibraryStore, embedder: OnnxEmbedder, query: str, path: str
) -> None:
    for name, text in PARAGRAPHS.items():
        keep(library, name, text)
    embed_waiting(library, embedder)
    searcher = Searcher(library, VectorIndex(library, embedder.model, embedder.dimensions), embedder)
    assert searcher.search(query).passages[0].path == path


@pytest.mark.model
def test_what_waits_for_its_vector_is_found_beside_what_has_one(library: LibraryStore, embedder: OnnxEmbedder) -> None:
    for name, text in PARAGRAPHS.items():
        keep(library, name, text)
    embed_waiting(library, embedder)
    keep(library, "/es/nuevo.txt", "El nuevo alcalde de Harwell se llama Pedro Salinas y vive junto al puente.")
    searcher = Searcher(library, VectorIndex(library, embedder.model, embedder.dimensions), embedder)
    assert searcher.search("¿Cómo se llama el alcalde de Harwell?").passages[0].path == "/es/nuevo.txt"
    assert searcher.search("¿Cuándo se inauguró el puente?").passages[0].path == "/es/puente.txt"


@pytest.mark.model
def test_a_passage_says_how_near_in_meaning_it_is(library: LibraryStore, embedder: OnnxEmbedder) -> None:
    for name, text in PARAGRAPHS.items():
        keep(library, name, text)
    embed_waiting(library, embedder)
    searcher = Searcher(library, VectorIndex(library, embedder.model, embedder.dimensions), embedder)
    question = "How often do I feed the sourdough?"
    found = searcher.search(question).passages[0]
    both = [embedder.embed([question], "query"), embedder.embed([PARAGRAPHS[found.path]], "passage")]
    one, other = (np.frombuffer(vector, "<f4") for vector in both)
    assert found.path == "/es/pan.txt"
    assert found.words == []
    assert found.cosine == pytest.approx(float(one @ other), abs=0.01)


@pytest.mark.model
def test_vectors_are_unit_vectors_so_that_cosines_can_be_added_to(embedder: OnnxEmbedder) -> None:
    values = array("f", embedder.embed(["hola"], "query"))
    assert math.isclose(sum(value * value for value in values), 1.0, rel_tol=1e-3)


def test_filters_restrict_what_is_searched(library: LibraryStore) -> None:
    keep(library, "/casa/leña 2023.txt", "La leña de encina cuesta 90 euros.")
    keep(library, "/casa/Añejo.md", "La leña de pino cuesta 60 euros.")
    keep(library, "/obra/leña.txt", "La leña de roble cuesta 80 euros.", collection="La Obra")

    def found(query: str) -> set[str]:
        return {passage.path for passage in by_words(library).search(query).passages}

    assert len(found("¿cuánto cuesta la leña?")) == 3
    assert found('leña in:"la obra"') == {"/obra/leña.txt"}
    assert found("leña nombre:anejo") == {"/casa/Añejo.md"}
    assert found("leña name:*.txt in:documents") == {"/casa/leña 2023.txt"}
    assert found("leña type:md") == {"/casa/Añejo.md"}
    assert found("leña tipo:excel") == set()
    assert found("leña after:1971") == set()
    assert len(found("leña before:1971")) == 3
    with pytest.raises(UnknownCollection):
        found("leña in:nada")


def test_a_file_that_is_named_comes_first(library: LibraryStore) -> None:
    keep(library, "/a/contrato_2023.txt", "El plazo es de un mes.")
    keep(library, "/b.txt", "Según contrato_2023.txt el plazo es de un mes, y el plazo de entrega un plazo de un año.")
    keep(library, "/c.txt", "El plazo de pago es de un mes.")
    first, second, *_ = by_words(library).search("¿Qué plazo dice contrato_2023.txt?").passages
    assert (first.path, second.path) == ("/a/contrato_2023.txt", "/b.txt")
