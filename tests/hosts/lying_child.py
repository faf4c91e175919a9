"""A child that says hello and then what nobody asked for; run as a program, its first argument says what."""

import os
import struct
import sys

import msgspec

from lumbre.hosts.pipe import Counted, Hello


def frame(message: object) -> bytes:
    body = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(body)) + body


LIES = {
    "garbage": b"\x00\x00\x00\x10" + b"\xc1" * 16,
    "pickle": struct.pack(">I", 22) + b"cos\nsystem\n(S'true'\ntR",
    "huge": b"\xff\xff\xff\xff",
    "half": b"\x00\x00\x00\x10half",
    "unknown": frame({"type": "format-disk", "id": 1}),
    "wrong-type": frame({"type": "counted", "id": 1, "tokens": "many"}),
    "other-answer": frame(Counted(1, 3)),
}

with os.fdopen(1, "wb", closefd=False) as out:
    out.write(frame(Hello(os.getpid(), False)) + LIES[sys.argv[1]])
if sys.argv[1] not in ("half",):
    sys.stdin.buffer.read()
