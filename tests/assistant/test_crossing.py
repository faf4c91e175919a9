"""What a language costs in cosine is measured in the library itself, and a translation stands behind the original."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lumbre.assistant.crossing import PRIOR, Crossing
from lumbre.assistant.fusion import CROSSING
from lumbre.core.documents import Block, Chunk, Extracted
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

EMBEDDER = "plain@1"
SIZE = 32
LOSS = 0.2
"""How much nearer the made-up vectors of one language are than those of two."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LibraryStore]:
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    yield LibraryStore(database)
    database.close()


def vector(language: str, subject: np.ndarray) -> np.ndarray:
    """A unit vector whose first two numbers tell its language, the others its subject."""
    side = np.zeros(SIZE)
    side[0 if language == "es" else 1] = np.sqrt(LOSS)
    rest = np.concatenate([[0, 0], subject / np.linalg.norm(subject) * np.sqrt(1 - LOSS)])
    return side + rest


def put(library: LibraryStore, language: str, count: int, chance: np.random.Generator) -> None:
    id = library.ensure_collection("Documents").id
    for at in range(count):
        path, text = f"/{language}/{at}.txt", f"{language} {at}"
        library.add_files([path], id)
        library.keep(
            path, sha256=hashlib.sha256(path.encode()).hexdigest(), size=1, mtime_ns=0,
            extracted=Extracted(text, [Block(0, len(text))], "text"), chunks=[Chunk(0, len(text), text)],
            language=language,
        )  # fmt: skip
        ((digest, _),) = library.unembedded(EMBEDDER, 4)
        made = vector(language, chance.normal(size=SIZE - 2))
        library.put_vectors(EMBEDDER, [(digest, made.astype("<f2").tobytes())])


def question(language: str, chance: np.random.Generator) -> bytes:
    return vector(language, chance.normal(size=SIZE - 2)).astype("<f4").tobytes()


def test_the_loss_is_that_of_the_library(library: LibraryStore) -> None:
    chance = np.random.default_rng(1)
    put(library, "es", 200, chance)
    put(library, "en", 200, chance)
    asked = Crossing(library).question(EMBEDDER, question("es", chance), "es")
    believed = 200 / (200 + PRIOR)
    assert asked.losses["en"] == pytest.approx(believed * LOSS + (1 - believed) * CROSSING["es"], abs=0.05)
    assert asked.levelled(0.5, "es") == asked.levelled(0.5, "") == 0.5
    assert asked.levelled(0.5, "en") == 0.5 + asked.losses["en"]
    neutral = np.frombuffer(asked.neutral, "<f4")
    assert abs(neutral[0] - neutral[1]) < 0.1 < abs(np.frombuffer(asked.vector, "<f4")[0])


def test_few_documents_are_believed_little(library: LibraryStore) -> None:
    chance = np.random.default_rng(2)
    put(library, "es", 60, chance)
    put(library, "en", 2, chance)
    asked = Crossing(library).question(EMBEDDER, question("es", chance), "es")
    assert abs(asked.losses["en"] - CROSSING["es"]) < 0.15 * abs(LOSS - CROSSING["es"]) + 0.05


def test_one_language_or_none(library: LibraryStore) -> None:
    chance = np.random.default_rng(3)
    crossing = Crossing(library)
    assert crossing.question(EMBEDDER, question("es", chance), "es").losses == {"en": CROSSING["es"]}
    put(library, "es", 3, chance)
    asked = crossing.question(EMBEDDER, question("es", chance), "es")
    assert (asked.losses, asked.neutral) == ({"en": CROSSING["es"]}, b"")
    assert crossing.question(EMBEDDER, question("es", chance), "").losses == {}


def test_a_translation_stands_behind_the_passage_in_the_language_of_the_question(library: LibraryStore) -> None:
    chance = np.random.default_rng(4)
    id = library.ensure_collection("Documents").id
    same = chance.normal(size=SIZE - 2)
    texts = {"/en/a": ("en", same), "/es/a": ("es", same), "/en/b": ("en", chance.normal(size=SIZE - 2))}
    for path, (language, subject) in texts.items():
        library.add_files([path], id)
        library.keep(
            path, sha256=path, size=1, mtime_ns=0, extracted=Extracted(path, [Block(0, 5)], "text"),
            chunks=[Chunk(0, 5, path)], language=language,
        )  # fmt: skip
        ((digest, _),) = library.unembedded(EMBEDDER, 4)
        slight = 0.95 * vector(language, subject) + 0.3 * vector("es", subject)
        made = slight / np.linalg.norm(slight)
        library.put_vectors(EMBEDDER, [(digest, made.astype("<f2").tobytes())])
    chunks = {chunk.path: chunk.id for chunk in library.chunks(range(1, 5)).values()}
    ranked = [(0.9, chunks["/en/b"]), (0.8, chunks["/en/a"]), (0.7, chunks["/es/a"])]
    ordered = Crossing(library).own_first(ranked, "es", EMBEDDER)
    assert [id for _, id in ordered] == [chunks["/en/b"], chunks["/es/a"], chunks["/en/a"]]
    assert Crossing(library).own_first(ranked, "en", EMBEDDER) == ranked
