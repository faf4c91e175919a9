"""What a person is told of weak answers; the model's part is played by the echo engine with a reply of the test's."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from lumbre.assistant.asking import Asking, Question
from lumbre.assistant.chat_model import ChatModel
from lumbre.assistant.search import Searcher
from lumbre.core.chat import Answer
from lumbre.core.documents import Block, Chunk, Extracted
from lumbre.core.settings import SettingsFile
from lumbre.engines.echo import EchoEngine
from lumbre.engines.onnx_embedder import OnnxEmbedder
from lumbre.store.conversations import ConversationStore
from lumbre.store.database import Database
from lumbre.store.library import LibraryStore

FARO = "El faro se encendió en 1862. La torre mide 34 metros. Su luz alcanza 22 millas."
Ask = Callable[[str, str], Answer]
pytestmark = pytest.mark.model


@pytest.fixture
def ask(tmp_path: Path, models_dir: Path) -> Iterator[Ask]:
    """Asks a question over one document and has it answered with a given reply."""
    database = Database.open(tmp_path / "lumbre.db", secrets.token_bytes(32))
    library = LibraryStore(database)
    library.add_files(["/faro.txt"], library.ensure_collection("Documents").id)
    library.keep(
        "/faro.txt", sha256="0", size=len(FARO), mtime_ns=0,
        extracted=Extracted(FARO, [Block(0, len(FARO))], "text"), chunks=[Chunk(0, len(FARO), FARO)], language="es",
    )  # fmt: skip
    embedder = OnnxEmbedder(models_dir / "multilingual-e5-small", "e5")

    def asked(question: str, reply: str) -> Answer:
        chat_model = ChatModel(lambda _: EchoEngine(reply=reply), lambda: 0, lambda _: None)
        asking = Asking(
            ConversationStore(database), Searcher(library, None, None), embedder, chat_model, lambda _: "echo",
            SettingsFile(tmp_path / "settings.toml"), nullcontext,
        )  # fmt: skip
        answer = asking.ask(Question(question)).result()
        chat_model.unload()
        return answer

    yield asked
    embedder.close()
    database.close()


def cited(answer: Answer) -> list[str]:
    return [FARO[it.start : it.end] for sentence in answer.sentences for it in sentence.citations]


def test_a_supported_answer_stands_as_it_is(ask: Ask) -> None:
    answer = ask("¿Cuánto mide la torre?", "La torre mide 34 metros.")
    assert (answer.text, answer.found) == ("La torre mide 34 metros.", True)
    assert cited(answer) == ["La torre mide 34 metros."]


def test_an_answer_from_memory_is_contradicted_and_the_nearest_sentence_shown(ask: Ask) -> None:
    answer = ask("¿Cuánto mide la torre?", "Unos 57 codos egipcios.")
    assert not answer.found
    assert answer.text == (
        "Unos 57 codos egipcios. Pero tus documentos no lo dicen.\n\n"
        "Lo más cercano en tus documentos:\n\n> La torre mide 34 metros."
    )
    assert cited(answer) == ["La torre mide 34 metros."]


def test_a_refusal_comes_with_the_nearest_sentence(ask: Ask) -> None:
    answer = ask("¿Hasta dónde alcanza su luz?", "No se proporciona información en los fragmentos.")
    assert not answer.found
    assert "no lo dicen" not in answer.text
    assert answer.text.endswith("> Su luz alcanza 22 millas.")


def test_an_answer_that_only_repeats_the_question_comes_with_the_nearest_sentence(ask: Ask) -> None:
    answer = ask("¿Cuándo se encendió el faro?", "El faro se encendió.")
    assert answer.found
    assert answer.text.endswith("> El faro se encendió en 1862.")


@pytest.mark.parametrize("reply", ["Sí.", "Sí, el faro se encendió en 1862.", "Hola, ¿en qué puedo ayudarte?"])
def test_short_and_idle_answers_are_left_alone(ask: Ask, reply: str) -> None:
    assert ask("¿Se encendió el faro?", reply).text == reply


def test_a_list_of_all_follows_what_the_model_wrote_with_exact_citations(ask: Ask) -> None:
    answer = ask("Enumera todas las torres", "La torre mide 34 metros.")
    first, *rest = answer.text.split("\n\n")
    assert first == "La torre mide 34 metros."
    assert rest[0].startswith("He mirado los 1 fragmentos de 1 documentos.")
    assert rest[1] == "- La torre mide 34 metros."
    for sentence in answer.sentences:
        assert answer.text[sentence.start : sentence.end] == sentence.text
    assert cited(answer) == ["La torre mide 34 metros."] * 2


def test_a_list_of_documents_needs_no_model(ask: Ask) -> None:
    answer = ask("¿Qué documentos mencionan la torre?", "Esto no lo escribe nadie.")
    assert answer.text.startswith("He mirado los ")
    assert answer.text.endswith("- faro.txt — sitios: 1")
    assert answer.stats.answer_tokens == 0
