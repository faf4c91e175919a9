"""The embedding host: order, queries first, deaths and idleness, with the real embedder."""

import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lumbre.core.errors import EngineDied, ModelMissing, ModelWontLoad
from lumbre.engines.onnx_embedder import OnnxEmbedder
from lumbre.hosts.embed import EmbedHost

DIMENSIONS = 384
NAME = "multilingual-e5-small"


@pytest.fixture(scope="module")
def folder(models_dir: Path) -> Path:
    if not (models_dir / NAME / "model.onnx").exists():
        pytest.skip(f"no {models_dir / NAME / 'model.onnx'}")
    return models_dir / NAME


@pytest.fixture
def host(folder: Path) -> Iterator[EmbedHost]:
    made = EmbedHost(folder, NAME, DIMENSIONS, threads=1)
    yield made
    made.close()


def vectors(data: bytes) -> list[tuple[float, ...]]:
    return list(struct.iter_unpack(f"<{DIMENSIONS}f", data))


def likeness(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


pytestmark = pytest.mark.model


def test_vectors_come_in_the_order_of_the_texts(host: EmbedHost, folder: Path) -> None:
    texts = ["Un faro guía a los barcos. " * n for n in (9, 1, 30, 4, 1)] + ["The recipe needs two eggs."]
    together = vectors(host.embed(texts, "passage"))
    assert len(together) == len(texts)
    for text, vector in zip(texts, together, strict=True):
        assert likeness(vector, vectors(host.embed([text], "passage"))[0]) > 0.999
    here = OnnxEmbedder(folder, NAME, 1)
    try:
        for kind in ("query", "passage"):
            assert host.embed(texts[-1:], kind) == here.embed(texts[-1:], kind)
    finally:
        here.close()
    assert host.embed([], "query") == b""


def test_a_query_is_answered_before_passages_that_wait(host: EmbedHost) -> None:
    host.start()
    done: list[str] = []
    sent = threading.Barrier(3)

    def index() -> None:
        sent.wait()
        host.embed(["A long passage about the history of lighthouses. " * 20] * 40, "passage")
        done.append("passage")

    threads = [threading.Thread(target=index) for _ in range(2)]
    for thread in threads:
        thread.start()
    sent.wait()
    host.embed(["where is the lighthouse?"], "query")
    done.append("query")
    for thread in threads:
        thread.join()
    assert done == ["query", "passage", "passage"]


def test_a_dead_child_is_replaced_without_a_word(host: EmbedHost) -> None:
    before = host.embed(["faro"], "query")
    assert host.child is not None
    psutil.Process(host.child.pid).kill()
    assert host.embed(["faro"], "query") == before


def test_an_idle_child_ends_itself_and_comes_back(folder: Path) -> None:
    host = EmbedHost(folder, NAME, DIMENSIONS, threads=1, idle=0.2)
    try:
        before = host.embed(["faro"], "query")
        child = psutil.Process(host.child.pid) if host.child else None
        if child is not None:
            psutil.wait_procs([child], timeout=30)
            assert not child.is_running()
        assert host.embed(["faro"], "query") == before
    finally:
        host.close()


def test_what_cannot_be_loaded_says_why(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        EmbedHost(tmp_path / "none", "none", DIMENSIONS).embed(["x"], "query")
    with pytest.raises(ModelWontLoad, match="384 dimensions"):
        EmbedHost(folder, NAME, 768).embed(["x"], "query")


def test_closed_it_answers_no_more(host: EmbedHost) -> None:
    host.start()
    host.close()
    host.close()
    with pytest.raises(EngineDied):
        host.embed(["x"], "query")
