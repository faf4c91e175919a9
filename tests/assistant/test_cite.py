"""Citations: labelled sentences, in one language and across two, and the streamed form."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lumbre.assistant.cite import Citing, Similarity, align, similarity_of, strip_markers
from lumbre.core.chat import Sentence
from lumbre.core.documents import Passage
from lumbre.engines.onnx_embedder import OnnxEmbedder

LABELLED = tomllib.loads(Path(__file__).with_name("labelled_claims.toml").read_text("utf-8"))
OFFSET = 1000


def passage(text: str, language: str = "") -> Passage:
    return Passage(
        rank=1, score=1.0, path="/a.txt", page=None, start=OFFSET, end=OFFSET + len(text), heading="", text=text,
        language=language,
    )  # fmt: skip


NAMES = [name for language in ("es", "en") for name in LABELLED["passages"][language]]
PASSAGES = [passage(text, language) for language in ("es", "en") for text in LABELLED["passages"][language].values()]


class Score(NamedTuple):
    """How labelled claims came out."""

    right: int
    wrong: list[str]
    missed: list[str]

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + len(self.missed))


def judge(claims: list[dict[str, Any]], similarity: Similarity | None) -> Score:
    right, wrong, missed = 0, [], []
    for claim in claims:
        (sentence,) = align(claim["sentence"], PASSAGES, claim["question"], similarity)
        if not sentence.citations and "where" in claim:
            missed.append(claim["sentence"])
        elif (sentence.citations and "where" not in claim) or (
            sentence.citations and not points_at(sentence, claim["where"])
        ):
            wrong.append(f"{claim['sentence']} ← {cited(sentence)}")
        elif sentence.citations:
            right += 1
    return Score(right, wrong, missed)


def points_at(sentence: Sentence, where: str) -> bool:
    name, _, pieces = where.partition(": ")
    texts = cited(sentence)
    own = all(NAMES[citation.number - 1] == name for citation in sentence.citations)
    return own and all(any(piece in text for text in texts) for piece in pieces.split("|"))


def cited(sentence: Sentence) -> list[str]:
    return [
        PASSAGES[citation.number - 1].text[citation.start - OFFSET : citation.end - OFFSET]
        for citation in sentence.citations
    ]


def test_labelled_claims_of_one_language_are_tied_to_their_sentence() -> None:
    score = judge([claim for claim in LABELLED["claims"] if not claim.get("across")], None)
    assert score.precision >= 0.97, score.wrong
    assert score.recall >= 0.95, score.missed


@pytest.mark.model
def test_labelled_claims_across_languages_are_tied_to_their_sentence(similarity: Similarity) -> None:
    score = judge([claim for claim in LABELLED["claims"] if claim.get("across")], similarity)
    assert score.precision >= 0.9, score.wrong
    assert score.recall >= 0.8, score.missed


@pytest.fixture
def similarity(models_dir: Path) -> Iterator[Similarity]:
    name = "multilingual-e5-small"
    embedder = OnnxEmbedder(models_dir / name, name)
    yield similarity_of(embedder)
    embedder.close()


@pytest.mark.parametrize(
    "text",
    [
        "Hola, ¿en qué puedo ayudarte?",
        "Tus documentos no lo dicen.",
        "The fragments do not mention the price of the bridge.",
        "## Resumen",
        "Aquí tienes la respuesta:",
        "I hope this helps.",
    ],
)
def test_a_sentence_that_claims_nothing_needs_no_support(text: str) -> None:
    sentences = align(text, PASSAGES, "¿Cuánto costó el puente?")
    assert sentences
    assert not any(sentence.claims or sentence.citations for sentence in sentences)


def test_offsets_are_those_of_the_document_and_of_the_answer() -> None:
    answer = "Mide 34 metros.\n\n- Lo construyó Tomás Arregui."
    found = align(answer, PASSAGES, "¿Cómo es el faro?")
    assert [answer[it.start : it.end] for it in found] == [it.text for it in found]
    assert cited(found[0]) == ["La torre mide 34 metros y su luz alcanza 22 millas."]
    assert cited(found[1]) == ["Lo construyó el ingeniero Tomás Arregui con granito traído de Galicia."]


def test_an_answer_without_passages_has_sentences_without_support() -> None:
    (sentence,) = align("La torre mide 34 metros.", [], "¿Cuánto mide?")
    assert sentence.claims
    assert sentence.citations == []


def test_the_ends_of_a_range_support_a_number() -> None:
    text = "Dio a luz a un hijo, Jochi (1185–1226), nueve meses después. Börte murió en 1230."
    (found,) = align("En 1185.", [passage(text)], "¿En qué año dio a luz Börte a Jochi?")
    assert [(it.number, text[it.start - OFFSET : it.end - OFFSET][:10]) for it in found.citations] == [
        (1, "Dio a luz ")
    ]
    (other,) = align("En 1205.", [passage(text)], "¿En qué año dio a luz Börte a Jochi?")
    assert not other.citations


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Mide 34 metros [1].", "Mide 34 metros."),
        ("Es así [2][3] siempre.", "Es así siempre."),
        ("Both say so [1, 4].", "Both say so."),
        ("a[10] = x[i]", "a = x[i]"),
    ],
)
def test_markers_are_stripped(written: str, shown: str) -> None:
    assert strip_markers(written) == shown


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_streaming_shows_all_text_once_and_agrees_with_the_whole(size: int) -> None:
    written = "El faro mide 34 metros [1]. Lo construyó Tomás Arregui [2][3]. ¿Algo más? Nada [sic"
    citing = Citing(PASSAGES, "¿Cómo es el faro?")
    shown, early = "", []
    for at in range(0, len(written), size):
        piece, sentences = citing.feed(written[at : at + size])
        shown += piece
        early += sentences
    last, final = citing.finish()
    assert shown + last == citing.text == strip_markers(written)
    assert final == align(citing.text, PASSAGES, "¿Cómo es el faro?")
    assert [it for it in final if it in early] == early
    assert len(early) == 3
