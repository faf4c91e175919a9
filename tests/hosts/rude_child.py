"""A reader's child whose readers do what no reader should; run as a program by test_reader.py."""

import ctypes
import errno
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from lumbre import readers
from lumbre.core.documents import Extracted
from lumbre.hosts import child
from lumbre.readers.base import Terms


def _text(text: str) -> Extracted:
    return Extracted(text, [], "text")


def _swell() -> Extracted:
    held = []
    while True:
        held.append(bytearray(64 * 2**20))


def _connect_natively() -> Extracted:
    """Straight to the system, past every hook: 192.0.2.1 is an address that nobody has."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.socket(2, 1 | os.O_NONBLOCK, 0)
    where = bytes([2, 0, 0, 80, 192, 0, 2, 1, *[0] * 8])
    libc.connect(handle, where, len(where))
    return _text(errno.errorcode[ctypes.get_errno()])


def _read(path: Path, terms: Terms) -> Extracted:
    what = path.name
    if what.startswith("steps"):
        for _ in range(int(what.removeprefix("steps"))):
            time.sleep(0.3)
            terms.step()
    if what == "swell":
        return _swell()
    if what == "hang":
        time.sleep(3600)
    if what == "crash":
        ctypes.string_at(0)
    if what == "bug":
        raise ZeroDivisionError("division by zero")
    if what == "print":
        os.write(1, b"\x00\x00\x00\x05hello from a native library")
        print("and from Python", flush=True)
    if what == "connect":
        socket.create_connection(("192.0.2.1", 80))
    if what == "connect-natively":
        return _connect_natively()
    if what == "program":
        subprocess.run(["true"], check=True)
    if what == "write":
        Path(os.environ["TMPDIR"], "spill").write_text("a copy of the document")
    if what == "environment":
        return _text("\n".join(f"{name}={value}" for name, value in os.environ.items()))
    return _text(what)


readers.read = _read

if __name__ == "__main__":
    child.main(sys.argv[1:])
