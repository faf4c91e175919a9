"""Frames and their schema, and what becomes of a child that does not keep to it."""

import io
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbre.core.chat import ChatRequest, Message
from lumbre.core.errors import ModelWontLoad
from lumbre.hosts.chat import ChatHost, ChatSpec
from lumbre.hosts.pipe import Chat, Command, Embed, Pipe, PipeBroken, Read

LYING = Path(__file__).with_name("lying_child.py")


def through(message: Command, limit: int = 2**20) -> Command | None:
    buffer = io.BytesIO()
    Pipe(io.BytesIO(), buffer, Command, limit).send(message)
    return Pipe(io.BytesIO(buffer.getvalue()), io.BytesIO(), Command, limit).receive()


@pytest.mark.parametrize(
    "message",
    [
        Chat(1, ChatRequest([Message("user", "¿Qué? 🙂")], stop=["\n"])),
        Embed(2, ["uno", ""], "passage"),
        Read(3, b"/caf\xe9"),
    ],
)
def test_a_message_comes_out_as_it_went_in(message: Command) -> None:
    assert through(message) == message


def test_the_end_of_the_stream_is_no_error() -> None:
    assert Pipe(io.BytesIO(), io.BytesIO(), Command).receive() is None


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(body: bytes) -> None:
    pipe: Pipe[Command] = Pipe(io.BytesIO(struct.pack(">I", len(body)) + body), io.BytesIO(), Command)
    with pytest.raises(PipeBroken):
        pipe.receive()


def test_a_message_over_the_limit_is_neither_sent_nor_taken() -> None:
    with pytest.raises(PipeBroken):
        through(Embed(1, ["x" * 200], "passage"), limit=100)
    with pytest.raises(PipeBroken):
        Pipe(io.BytesIO(struct.pack(">I", 101) + b"x" * 101), io.BytesIO(), Command, 100).receive()


@pytest.mark.parametrize("lie", ["garbage", "pickle", "huge", "half", "unknown", "wrong-type", "other-answer"])
def test_a_child_that_breaks_the_schema_is_ended(lie: str) -> None:
    spec = ChatSpec(name="echo", engine="echo")
    with pytest.raises(ModelWontLoad) as caught:
        ChatHost(spec, command=[sys.executable, str(LYING), lie])
    assert caught.value.details["reason"]
