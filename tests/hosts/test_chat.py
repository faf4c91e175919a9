"""A chat host: deaths, orphans and stops, with real processes."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from lumbre.core.chat import ChatRequest, Ended, Message, Piece, Reading
from lumbre.core.errors import EngineDied, ModelMissing, ModelWontLoad
from lumbre.hosts.chat import ChatHost, ChatSpec

ECHO = ChatSpec(name="echo", engine="echo")
STORY = ChatRequest([Message("user", "Tell me a long story about a lighthouse.")], max_tokens=400)


def never() -> bool:
    return False


def text_of(events: list[object]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


@pytest.fixture(scope="module")
def small(models_dir: Path) -> ChatSpec:
    file = models_dir / "smollm2-135m" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not file.exists():
        pytest.skip(f"no {file}")
    return ChatSpec(name="smollm2-135m", path=str(file), context=2048)


@pytest.mark.model
def test_a_host_killed_in_mid_answer_keeps_what_came_and_a_new_one_answers(small: ChatSpec) -> None:
    host = ChatHost(small)
    came: list[object] = []

    def listen() -> None:
        for event in host.chat(STORY, never):
            came.append(event)
            if isinstance(event, Piece):
                os.kill(host.pid, signal.SIGKILL)

    with pytest.raises(EngineDied, match="signal 9"):
        listen()
    assert text_of(came)
    assert not host.alive
    with pytest.raises(EngineDied):
        next(host.chat(STORY, never))
    with pytest.raises(EngineDied):
        host.count_tokens("one")
    again = ChatHost(small)
    try:
        assert isinstance(list(again.chat(ChatRequest(STORY.messages, max_tokens=3), never))[-1], Ended)
    finally:
        again.close()


@pytest.mark.model
def test_close_in_mid_answer_ends_it_as_died(small: ChatSpec) -> None:
    host = ChatHost(small)
    answer = host.chat(STORY, never)
    while not isinstance(next(answer), Piece):
        pass
    host.close()
    with pytest.raises(EngineDied):
        list(answer)


@pytest.mark.model
def test_stopped_while_it_reads_and_while_it_writes_it_answers_the_next(small: ChatSpec) -> None:
    host = ChatHost(small)
    try:
        short = ChatRequest([Message("user", "Name one colour.")], max_tokens=12)
        expected = text_of(list(host.chat(short, never)))
        long = ChatRequest([Message("user", "word " * 1200)], max_tokens=50)
        for request, kind in ((long, Reading), (STORY, Piece)):
            stop = threading.Event()
            events = []
            for event in host.chat(request, stop.is_set):
                events.append(event)
                if isinstance(event, kind):
                    stop.set()
            assert isinstance(events[-1], Ended)
            assert events[-1].reason == "stopped"
            assert (kind is Piece) == bool(text_of(events))
            assert text_of(list(host.chat(short, never))) == expected
    finally:
        host.close()


@pytest.mark.model
def test_an_answer_nobody_listens_to_any_more_does_not_disturb_the_next(small: ChatSpec) -> None:
    host = ChatHost(small)
    try:
        abandoned = host.chat(STORY, never)
        while not isinstance(next(abandoned), Piece):
            pass
        abandoned.close()
        events = list(host.chat(ChatRequest([Message("user", "Say hello.")], max_tokens=5), never))
        assert [type(event) for event in events].count(Ended) == 1
    finally:
        host.close()


@pytest.mark.model
def test_two_chats_at_once_are_answered_one_after_the_other(small: ChatSpec) -> None:
    host = ChatHost(small)
    try:
        requests = [ChatRequest([Message("user", f"Count to {n}.")], max_tokens=10) for n in (3, 5)]
        alone = [text_of(list(host.chat(request, never))) for request in requests]
        together = ["", ""]

        def ask(at: int) -> None:
            together[at] = text_of(list(host.chat(requests[at], never)))

        threads = [threading.Thread(target=ask, args=(at,)) for at in (0, 1)]
        for thread in threads:
            thread.start()
        assert host.count_tokens("one two three") > 0
        for thread in threads:
            thread.join()
        assert together == alone
    finally:
        host.close()


def test_a_model_that_is_no_model_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        ChatHost(ChatSpec(name="none", path=str(tmp_path / "none.gguf")))
    file = tmp_path / "bad.gguf"
    file.write_bytes(b"GGUF" + b"\x00" * 100)
    with pytest.raises(ModelWontLoad) as caught:
        ChatHost(ChatSpec(name="bad", path=str(file)))
    assert caught.value.details["name"] == "bad"


def test_a_host_outlives_the_thread_that_made_it() -> None:
    made: list[ChatHost] = []
    maker = threading.Thread(target=lambda: made.append(ChatHost(ECHO)))
    maker.start()
    maker.join()
    try:
        events = list(made[0].chat(ChatRequest([Message("user", "still here")]), never))
        assert text_of(events) == "still here"
    finally:
        made[0].close()


def test_interrupts_of_the_terminal_are_left_to_the_parent() -> None:
    host = ChatHost(ECHO)
    try:
        os.kill(host.pid, signal.SIGINT)
        assert text_of(list(host.chat(ChatRequest([Message("user", "still here")]), never))) == "still here"
    finally:
        host.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_the_main_process(how: signal.Signals) -> None:
    program = (
        "from lumbre.hosts.chat import ChatHost, ChatSpec\n"
        "host = ChatHost(ChatSpec(name='echo', engine='echo'))\n"
        "print(host.pid, flush=True)\n"
        "import signal; signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(how)
    _, alive = psutil.wait_procs([child], timeout=20)
    assert not alive


def test_memory_comes_back_because_the_child_ends() -> None:
    host = ChatHost(ECHO)
    child = psutil.Process(host.pid)
    host.close()
    host.close()
    assert not child.is_running()
    assert not host.alive
