"""The embedder: vectors that depend on their text alone, and faults said in the terms of the program."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lumbre.core.errors import EngineDied, ModelMissing, ModelWontLoad
from lumbre.engines.onnx_embedder import OnnxEmbedder

NAME = "multilingual-e5-small"
TWINS = [
    ("El gato duerme al sol sobre el tejado.", "The cat sleeps in the sun on the roof."),
    ("La factura vence a los treinta días.", "The invoice is due in thirty days."),
    ("Hay que purgar los radiadores antes del invierno.", "Radiators must be bled before winter."),
    ("El tratado se firmó en Lisboa en 2007.", "The treaty was signed in Lisbon in 2007."),
]
TEXTS = [*(text for pair in TWINS for text in pair), "", "¿?", "palabra " * 90]

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def folder(models_dir: Path) -> Path:
    found = models_dir / NAME
    if not (found / "model.onnx").exists():
        pytest.skip(f"no model.onnx in {found}: “lumbre models fetch {NAME}”")
    return found


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Iterator[OnnxEmbedder]:
    made = OnnxEmbedder(folder, NAME, threads=2)
    yield made
    made.close()


def _vectors(data: bytes) -> np.ndarray:
    return np.frombuffer(data, "<f4").reshape(-1, 384)


def test_it_says_what_it_is_and_where_it_runs(embedder: OnnxEmbedder) -> None:
    assert (embedder.model, embedder.dimensions, embedder.devices) == (NAME, 384, ["CPUExecutionProvider"])


def test_vectors_have_unit_length(embedder: OnnxEmbedder) -> None:
    lengths = np.linalg.norm(_vectors(embedder.embed(TEXTS, "passage")), axis=1)
    assert lengths == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_nothing_gives_nothing(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([], "passage") == b""


def test_a_vector_depends_on_its_text_alone_and_stands_in_its_place(embedder: OnnxEmbedder) -> None:
    together = embedder.embed(TEXTS, "passage")
    assert together == b"".join(embedder.embed([text], "passage") for text in TEXTS)
    assert embedder.embed(TEXTS[::-1], "passage") == _vectors(together)[::-1].tobytes()


def test_one_thread_gives_the_same_vectors_as_many(folder: Path, embedder: OnnxEmbedder) -> None:
    single = OnnxEmbedder(folder, NAME, threads=1)
    assert single.embed(TEXTS, "query") == embedder.embed(TEXTS, "query")
    single.close()


def test_twins_in_two_languages_are_closest(embedder: OnnxEmbedder) -> None:
    spanish, english = (_vectors(embedder.embed([pair[at] for pair in TWINS], "passage")) for at in (0, 1))
    assert (spanish @ english.T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert (english @ spanish.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_question_finds_its_answer_in_the_other_language(embedder: OnnxEmbedder) -> None:
    passages = _vectors(embedder.embed([english for _, english in TWINS], "passage"))
    question = _vectors(embedder.embed(["¿Cuándo hay que pagar la factura?"], "query"))
    assert int((passages @ question[0]).argmax()) == 1


def test_queries_and_passages_are_told_apart(embedder: OnnxEmbedder) -> None:
    assert embedder.embed(["factura"], "query") != embedder.embed(["factura"], "passage")


def test_what_stands_beyond_512_tokens_is_left_out(embedder: OnnxEmbedder) -> None:
    long = "El registro de la comunidad dice lo siguiente. " * 100
    assert embedder.embed([long + "Fin."], "passage") == embedder.embed([long + "Otra cosa. " * 5000], "passage")


def test_several_threads_may_ask_at_once(embedder: OnnxEmbedder) -> None:
    expected = embedder.embed(TEXTS, "passage")
    given: list[bytes] = []
    threads = [threading.Thread(target=lambda: given.append(embedder.embed(TEXTS, "passage"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [expected] * 3


def test_after_closing_it_is_said_so(folder: Path) -> None:
    embedder = OnnxEmbedder(folder, NAME)
    embedder.close()
    embedder.close()
    assert embedder.devices == []
    with pytest.raises(EngineDied):
        embedder.embed(["hola"], "query")


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_a_missing_model(folder: Path, tmp_path: Path, missing: str) -> None:
    kept = {"model.onnx", "tokenizer.json"} - {missing}
    for name in kept:
        shutil.copy(folder / name, tmp_path)
    with pytest.raises(ModelMissing) as raised:
        OnnxEmbedder(tmp_path, NAME)
    assert raised.value.details == {"name": NAME}


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_broken_file_does_not_load(folder: Path, tmp_path: Path, broken: str) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / broken).write_bytes((folder / broken).read_bytes()[:1_000_000])
    with pytest.raises(ModelWontLoad) as raised:
        OnnxEmbedder(tmp_path, NAME)
    assert raised.value.details["name"] == NAME
