"""The child's end: `python -m lumbre.hosts.child KIND NICE IDLE PARENT`, where KIND is chat, embed or reader.

One thread reads commands, the main thread works. The child ends when its stdin closes, when it was idle for IDLE
seconds, or when the process PARENT is gone.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from lumbre.hosts import confine
from lumbre.hosts.pipe import Bye, Command, Hello, Pipe, PipeBroken
from lumbre.hosts.work import Send, Work


def main(argv: list[str]) -> NoReturn:
    """Run a child until it has no more to do; never returns."""
    kind, nice, idle, parent = argv[0], int(argv[1]), float(argv[2]), int(argv[3])
    isolated = confine.leave_network()
    commands, reports = confine.take_streams()
    confine.settle(nice, parent)
    _install_hook()
    pipe: Pipe[Command] = Pipe(commands, reports, Command)
    work = _work(kind, pipe.send)
    threading.Thread(target=_listen, args=(pipe, work.take), name="commands", daemon=True).start()
    pipe.send(Hello(os.getpid(), isolated))
    work.run(idle or None)
    pipe.send(Bye())
    # Native libraries may hold threads that never end by themselves.
    os._exit(0)


def _install_hook() -> None:
    from lumbre.egress import audit_hook

    audit_hook.install(processes=False)


def _work(kind: str, send: Send) -> Work:
    if kind == "chat":
        from lumbre.hosts.chat_work import ChatWork

        return ChatWork(send)
    if kind == "embed":
        from lumbre.hosts.embed_work import EmbedWork

        return EmbedWork(send)
    if kind == "reader":
        from lumbre.hosts.reader_work import ReaderWork

        return ReaderWork(send)
    raise SystemExit(f"no such kind of host: {kind}")


def _listen(pipe: Pipe[Command], take: Callable[[Command], None]) -> NoReturn:
    try:
        while (command := pipe.receive()) is not None:
            take(command)
    except (PipeBroken, OSError) as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
