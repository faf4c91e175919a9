"""Length-framed msgpack between the main process and a child, with these structs as its schema.

A frame is four bytes of length (big-endian) and that many of msgpack. Whatever does not decode into the expected
union, or is larger than the limit, raises `PipeBroken`: the other end is not trusted any further.
"""

from __future__ import annotations

import struct
import threading
from typing import Any, BinaryIO, Generic, Literal, TypeVar

import msgspec

from lumbre.core.chat import ChatEvent, ChatRequest, EngineInfo
from lumbre.core.documents import Extracted, PageImage

T = TypeVar("T")

FRAME_LIMIT = 256 * 2**20
"""Bytes; the text of the largest document that is read fits."""
OUT_OF_MEMORY = 70
"""Exit status of a child whose memory ran out."""


class PipeBroken(Exception):
    """The other end sent what the schema does not know, or stopped in the middle of a frame."""


# --- what the main process says ---------------------------------------------------------------------------------------


class ChatSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The chat model to load. `context` 0 takes what fits memory; `threads` 0 leaves the machine usable."""

    name: str
    path: str = ""
    engine: Literal["llama.cpp", "echo"] = "llama.cpp"
    quantization: str = ""
    """Shown when the file itself does not say."""
    context: int = 0
    threads: int = 0


class EmbedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The embedder to load: a folder with its ONNX file and tokenizer."""

    folder: str
    name: str
    threads: int = 0


class LoadChat(msgspec.Struct, frozen=True, tag="load-chat"):
    id: int
    spec: ChatSpec


class LoadEmbedder(msgspec.Struct, frozen=True, tag="load-embedder"):
    id: int
    spec: EmbedSpec


class Chat(msgspec.Struct, frozen=True, tag="chat"):
    id: int
    request: ChatRequest


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    id: int


class Count(msgspec.Struct, frozen=True, tag="count"):
    id: int
    text: str


class Embed(msgspec.Struct, frozen=True, tag="embed"):
    id: int
    texts: list[str]
    kind: Literal["query", "passage"]


class Read(msgspec.Struct, frozen=True, tag="read"):
    id: int
    path: bytes
    """As the system spells it: not every file name is text."""
    password: str = ""
    recognise: bool = True


class Render(msgspec.Struct, frozen=True, tag="render"):
    id: int
    path: bytes
    page: int
    width: int
    spans: list[tuple[int, int]]
    password: str = ""


Command = LoadChat | LoadEmbedder | Chat | Cancel | Count | Embed | Read | Render

# --- what a child says ------------------------------------------------------------------------------------------------


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The child runs; `isolated` when it has no network at all."""

    pid: int
    isolated: bool


class Bye(msgspec.Struct, frozen=True, tag="bye"):
    """The child ends itself because it is idle; commands sent since are not done."""


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    id: int
    info: EngineInfo


class EmbedderLoaded(msgspec.Struct, frozen=True, tag="embedder-loaded"):
    id: int
    model: str
    dimensions: int


class Said(msgspec.Struct, frozen=True, tag="said"):
    id: int
    event: ChatEvent


class Counted(msgspec.Struct, frozen=True, tag="counted"):
    id: int
    tokens: int


class Vectors(msgspec.Struct, frozen=True, tag="vectors"):
    id: int
    data: bytes


class ReadDone(msgspec.Struct, frozen=True, tag="read-done"):
    id: int
    extracted: Extracted


class Step(msgspec.Struct, frozen=True, tag="step"):
    """A page that takes long was begun or ended: the time allowed begins anew."""

    id: int


class Rendered(msgspec.Struct, frozen=True, tag="rendered"):
    id: int
    image: PageImage


class Problem(msgspec.Struct, frozen=True, tag="problem"):
    """A LumbreError of the child by its code, or a bug there (empty code and a reason)."""

    id: int
    code: str
    details: dict[str, str | int | float]


Answer = Loaded | EmbedderLoaded | Said | Counted | Vectors | ReadDone | Step | Rendered | Problem
Report = Hello | Bye | Answer


class Pipe(Generic[T]):
    """One end: sends anything of the schema, receives only `incoming`. Sending is safe from any thread."""

    def __init__(self, read: BinaryIO, write: BinaryIO, incoming: Any, limit: int = FRAME_LIMIT) -> None:
        self._read = read
        self._write = write
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(incoming)
        self._encoder = msgspec.msgpack.Encoder()
        self._limit = limit
        self._sending = threading.Lock()

    def send(self, message: Command | Report) -> None:
        """Send one message whole. Raises OSError when the other end is gone, PipeBroken when it is too large."""
        body = self._encoder.encode(message)
        if len(body) > self._limit:
            raise PipeBroken(f"a message of {len(body)} bytes is over the limit of {self._limit}")
        with self._sending:
            self._write.write(struct.pack(">I", len(body)) + body)
            self._write.flush()

    def receive(self) -> T | None:
        """The next message, or None when the other end has closed. Raises PipeBroken."""
        head = self._read.read(4)
        if not head:
            return None
        if len(head) < 4:
            raise PipeBroken("it stopped in the middle of a frame")
        (length,) = struct.unpack(">I", head)
        if length > self._limit:
            raise PipeBroken(f"a frame of {length} bytes is over the limit of {self._limit}")
        body = self._read.read(length)
        if len(body) < length:
            raise PipeBroken("it stopped in the middle of a frame")
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PipeBroken(f"it sent what was not asked for: {error}") from error
