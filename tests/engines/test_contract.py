"""What every chat engine promises, run over each of them, in this process and in a host."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lumbre.core.chat import ChatEvent, ChatRequest, Ended, Message, Piece, Reading
from lumbre.core.errors import PromptTooLong
from lumbre.core.protocols import ChatEngine
from lumbre.engines.echo import EchoEngine
from lumbre.engines.llama import LlamaEngine
from lumbre.hosts.chat import ChatHost, ChatSpec

CONTEXT = 1024
FILE = Path("smollm2-135m", "SmolLM2-135M-Instruct.Q4_1.gguf")


def _llama(models: Path) -> ChatEngine:
    return LlamaEngine(models / FILE, "smollm2-135m", context=CONTEXT)


def _llama_host(models: Path) -> ChatEngine:
    return ChatHost(ChatSpec(name="smollm2-135m", path=str(models / FILE), context=CONTEXT))


def _echo(_: Path) -> ChatEngine:
    return EchoEngine(context=CONTEXT)


def _echo_host(_: Path) -> ChatEngine:
    return ChatHost(ChatSpec(name="echo", engine="echo", context=CONTEXT))


ENGINES = [
    pytest.param(_echo, id="echo"),
    pytest.param(_echo_host, id="echo-host"),
    pytest.param(_llama, id="llama", marks=pytest.mark.model),
    pytest.param(_llama_host, id="llama-host", marks=pytest.mark.model),
]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[ChatEngine]:
    make: Callable[[Path], ChatEngine] = request.param
    real = make in (_llama, _llama_host)
    models = request.getfixturevalue("models_dir") if real else Path()
    if real and not (models / FILE).exists():
        pytest.skip(f"no {models / FILE}")
    made = make(models)
    yield made
    made.close()
    made.close()


def never() -> bool:
    return False


def ask(engine: ChatEngine, text: str, **options: object) -> list[ChatEvent]:
    return list(engine.chat(ChatRequest([Message("user", text)], **options), never))


def text_of(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


QUESTION = "Say one sentence about the sea, please."


def test_it_reads_then_writes_then_says_what_it_took(engine: ChatEngine) -> None:
    events = ask(engine, QUESTION, max_tokens=8)
    kinds = [type(event) for event in events]
    assert kinds == sorted(kinds, key=[Reading, Piece, Ended].index)
    assert kinds.count(Ended) == 1
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert text_of(events)
    assert ended.stats.prompt_tokens > 5
    assert 1 <= ended.stats.answer_tokens <= 8
    assert ended.stats.ttft_s > 0


def test_it_tells_what_it_is(engine: ChatEngine) -> None:
    assert engine.info.context == CONTEXT
    for value in (engine.info.model, engine.info.engine, engine.info.device, engine.info.quantization):
        assert value


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_same_seed_gives_the_same_answer(engine: ChatEngine, temperature: float) -> None:
    answers = [text_of(ask(engine, QUESTION, max_tokens=12, temperature=temperature, seed=7)) for _ in range(2)]
    assert answers[0] == answers[1]


def test_an_answer_cut_by_its_length_says_so(engine: ChatEngine) -> None:
    ended = ask(engine, QUESTION, max_tokens=2)[-1]
    assert isinstance(ended, Ended)
    assert (ended.reason, ended.stats.answer_tokens) == ("length", 2)


def test_a_stop_string_ends_the_answer_and_is_not_shown(engine: ChatEngine) -> None:
    whole = text_of(ask(engine, QUESTION, max_tokens=12))
    stop = whole[len(whole) // 2 :][:3]
    events = ask(engine, QUESTION, max_tokens=12, stop=[stop])
    assert text_of(events) == whole[: whole.index(stop)]
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "end"


@pytest.mark.parametrize("after", [0, 1, 3])
def test_stopped_at_any_moment_it_ends_and_answers_the_next(engine: ChatEngine, after: int) -> None:
    expected = text_of(ask(engine, QUESTION, max_tokens=8))
    seen: list[ChatEvent] = []
    for event in engine.chat(
        ChatRequest([Message("user", "Other words, and more of them.")]), lambda: len(seen) >= after
    ):
        seen.append(event)
    assert isinstance(seen[-1], Ended)
    assert seen[-1].reason in ("stopped", "end")
    assert text_of(ask(engine, QUESTION, max_tokens=8)) == expected


def test_a_prompt_that_does_not_fit_is_refused_not_cut(engine: ChatEngine) -> None:
    with pytest.raises(PromptTooLong) as caught:
        ask(engine, "word " * 2 * CONTEXT)
    assert caught.value.details["needed"] > caught.value.details["limit"]
    assert text_of(ask(engine, QUESTION, max_tokens=4))


def test_pieces_are_whole_characters(engine: ChatEngine) -> None:
    events = ask(engine, "Repeat exactly: ñandú, 漢字, 🙂🙃", max_tokens=40, temperature=1.5, seed=3)
    assert "�" not in "".join(event.text for event in events[:-2] if isinstance(event, Piece))
    assert all(event.text for event in events if isinstance(event, Piece))


def test_tokens_are_counted(engine: ChatEngine) -> None:
    assert engine.count_tokens("") == 0
    assert 0 < engine.count_tokens("two words") < engine.count_tokens("two words and four more")


def test_an_answer_left_in_the_middle_leaves_the_engine_ready(engine: ChatEngine) -> None:
    expected = text_of(ask(engine, QUESTION, max_tokens=8))
    abandoned = engine.chat(ChatRequest([Message("user", "Something else entirely.")]), never)
    while not isinstance(next(abandoned), Piece):
        pass
    abandoned.close()  # type: ignore[attr-defined]
    assert text_of(ask(engine, QUESTION, max_tokens=8)) == expected
