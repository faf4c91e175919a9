"""A ZIP archive whose only member is itself, made by the method of Russ Cox's “Zip Files All The Way Down” (2010).

Its deflated stream prints itself with two instructions of five bytes: quote so many bytes that follow (a stored block),
and repeat so many bytes that were printed last. Its checksum stands in what it sums; since CRC-32 is affine over bits,
the sum that comes out as itself is the solution of 32 linear equations.
"""

from __future__ import annotations

import struct
import zlib

_UNIT = 5
_HEAD, _TAIL = 60, 253
"""Bytes before and after the stream: lengths for which a repetition takes exactly five bytes."""
_NAME = b"r.zip"


def quine() -> bytes:
    """The archive."""
    for salt in range(256):
        whole = _solved(salt)
        if whole is not None:
            return whole
    raise AssertionError("no checksum comes out as itself")


def _solved(salt: int) -> bytes | None:
    """The archive with a checksum that is right, if these equations have a solution."""
    base = _file(0, salt)
    rows = [[0, 0] for _ in range(32)]
    for bit in range(32):
        image = zlib.crc32(_file(1 << bit, salt)) ^ zlib.crc32(base) ^ (1 << bit)
        for row in range(32):
            rows[row][0] |= (image >> row & 1) << bit
    for row in range(32):
        rows[row][1] = zlib.crc32(base) >> row & 1
    for bit in range(32):
        pivot = next((at for at in range(bit, 32) if rows[at][0] >> bit & 1), None)
        if pivot is None:
            return None
        rows[bit], rows[pivot] = rows[pivot], rows[bit]
        for at in range(32):
            if at != bit and rows[at][0] >> bit & 1:
                rows[at] = [rows[at][0] ^ rows[bit][0], rows[at][1] ^ rows[bit][1]]
    checksum = sum(rows[bit][1] << bit for bit in range(32))
    whole = _file(checksum, salt)
    return whole if zlib.crc32(whole) == checksum else None


def _file(checksum: int, salt: int) -> bytes:
    stream = len(_stream(bytes(_HEAD), bytes(_TAIL)))
    about = struct.pack("<HHHIIIHH", 0, 8, 0, 0, 0, 0, 0, 0)[:8] + struct.pack(
        "<IIIHH", checksum, stream, _HEAD + stream + _TAIL, len(_NAME), _HEAD - 30 - len(_NAME)
    )
    extra = struct.pack("<HH", 0xCAFE, _HEAD - 30 - len(_NAME) - 4) + bytes(_HEAD - 30 - len(_NAME) - 4)
    head = b"PK\x03\x04" + struct.pack("<H", 20) + about + _NAME + extra
    listed = b"PK\x01\x02" + struct.pack("<HH", 20, 20) + about[:-2] + bytes(2) + bytes(14) + _NAME
    comment = bytes([salt]) * (_TAIL - len(listed) - 22)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), _HEAD + stream, len(comment)) + comment
    return head + _stream(head, listed + end) + listed + end


def _stream(head: bytes, tail: bytes) -> bytes:
    """What prints `head`, itself and `tail`."""
    quote_head, repeat_head = _quote(len(head) + _UNIT), _repeat(len(head) + _UNIT, False)
    quote_tail, repeat_tail = _quote(len(tail) + _UNIT), _repeat(len(tail) + _UNIT, True)
    none, one, four, again = _quote(0), _quote(_UNIT), _quote(4 * _UNIT), _repeat(4 * _UNIT, False)
    return b"".join(
        (
            *(quote_head, head, quote_head, repeat_head, one, repeat_head, one, one),
            *(four, repeat_head, one, one, four, again, four, again, four, again, four, again),
            *(four, again, none, none, quote_tail, again, none, none, quote_tail, repeat_tail, tail, repeat_tail),
        )
    )


def _quote(length: int) -> bytes:
    return struct.pack("<BHH", 0, length, length ^ 0xFFFF)


def _repeat(length: int, last: bool) -> bytes:
    """Copies of what was printed last, in blocks of fixed codes."""
    match length:
        case 20:  # twice ten bytes from twenty back
            bits = _block(_code(264) + _distance(8, 3, 3) + _code(264) + _distance(8, 3, 3), False)
        case 65:
            bits = _block(_code(276) + _low(65 - 59, 3) + _distance(12, 0, 5), False) + _block("", last)
        case 258:
            bits = _block(_code(285) + _distance(16, 1, 7), False) + _block("", last)
        case _:
            raise ValueError(length)
    assert len(bits) == 8 * _UNIT
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def _block(codes: str, last: bool) -> str:
    return ("1" if last else "0") + "10" + codes + "0000000"


def _code(number: int) -> str:
    """The fixed code of a length."""
    return f"{number - 256:07b}" if number < 280 else f"{0b11000000 + number - 280:08b}"


def _distance(number: int, extra: int, bits: int) -> str:
    return f"{number:05b}" + _low(extra, bits)


def _low(number: int, bits: int) -> str:
    """Bits from the lowest, as all that is no code stands in the stream."""
    return f"{number:0{bits}b}"[::-1]
