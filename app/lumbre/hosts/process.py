"""The main process's end of a child: start it, exchange messages with it, know why it ended."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from typing import BinaryIO, Protocol, cast

from lumbre.core.errors import EngineDied, LumbreError, by_code
from lumbre.hosts.pipe import OUT_OF_MEMORY, Answer, Bye, Command, Hello, Pipe, PipeBroken, Problem, Report

_TAIL_LINES = 20
_LINE_LIMIT = 400
_START_SECONDS = 120
# What a child may know of the environment: nothing that can hold a secret.
_KEPT = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "PYTHONPATH",
    "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES",
    "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "COVERAGE_PROCESS_START",
)  # fmt: skip
_SET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "ORT_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
    # Threads that wait for each other spin a third as long as GNU's OpenMP would: without any spinning, writing takes
    # twice as long on a quiet machine; with more, it collapses when another program wants the same cores.
    "GOMP_SPINCOUNT": "100000",
}


class ChildGone(Exception):
    """The child ended; `idle` when it ended itself with nothing to do, so that asking another one is right."""

    def __init__(self, reason: str, *, idle: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.idle = idle


def entry() -> list[str]:
    """The command that starts a child, from source or frozen; its kind and options follow."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--host"]
    # -P: a `lumbre` folder that happens to lie in the working directory must not be run.
    return [sys.executable, "-P", "-m", "lumbre.hosts.child"]


class Exchange:
    """One request and the answers to it. Use as a context manager."""

    def __init__(self, child: Child, number: int) -> None:
        self.id = number
        self.answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._child = child

    def next(self, timeout: float | None = None) -> Answer:
        """The next answer. Raises queue.Empty after `timeout` seconds, ChildGone when the child has ended."""
        answer = self.answers.get(timeout=timeout)
        if answer is None:
            self.answers.put(None)
            raise self._child.gone()
        return answer

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.forget(self.id)


class Child:
    """A running child process. The constructor returns once it has said hello; safe from any thread."""

    def __init__(self, kind: str, *, nice: int = 0, idle: float = 0, command: Iterable[str] | None = None) -> None:
        """Start a child of `kind` that ends itself after `idle` seconds without work (0: never). Raises ChildGone."""
        self._command = [*(command or entry()), kind, str(nice), str(idle), str(os.getpid())]
        self._issued = 0
        self._lock = threading.Lock()
        self._exchanges: dict[int, Exchange] = {}
        self._ended: ChildGone | None = None
        self._started: queue.SimpleQueue[Hello | None] = queue.SimpleQueue()
        self._tail: collections.deque[str] = collections.deque(maxlen=_TAIL_LINES)
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Pipe[Report] | None = None
        self._said_bye = False
        self._listener = threading.Thread(target=self._live, name=f"host: {kind}", daemon=True)
        self._listener.start()
        hello = self._await_hello()
        self.pid = hello.pid
        self.isolated = hello.isolated

    def _await_hello(self) -> Hello:
        try:
            hello = self._started.get(timeout=_START_SECONDS)
        except queue.Empty:
            self.kill()
            raise ChildGone(f"it did not start within {_START_SECONDS} s") from None
        if hello is None:
            raise self.gone()
        return hello

    @property
    def alive(self) -> bool:
        """False once it has ended."""
        return self._ended is None

    def gone(self) -> ChildGone:
        """Why it ended."""
        return self._ended or ChildGone("it was closed")

    def exchange(self) -> Exchange:
        """Begin a request. Raises ChildGone."""
        with self._lock:
            if self._ended is not None:
                raise self._ended
            self._issued += 1
            made = Exchange(self, self._issued)
            self._exchanges[made.id] = made
            return made

    def forget(self, number: int) -> None:
        """Answers to this request are dropped from now on."""
        with self._lock:
            self._exchanges.pop(number, None)

    def send(self, command: Command) -> None:
        """Send a command. Raises ChildGone."""
        pipe = self._pipe
        assert pipe is not None
        try:
            pipe.send(command)
        except (OSError, ValueError):
            self.kill()
            raise self.gone() from None

    def kill(self) -> None:
        """End it now; children have nothing to save. Idempotent."""
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
        if threading.current_thread() is not self._listener:
            self._listener.join()

    # --- the listening thread ---

    def _live(self) -> None:
        # The same thread starts the child and stays until it ends: Linux kills a child with the *thread* it came from.
        try:
            self._process = process = self._start()
        except OSError as error:
            self._finish(ChildGone(f"it could not be started: {error.strerror or error}"))
            return
        commands, reports, errors = (cast(BinaryIO, end) for end in (process.stdin, process.stdout, process.stderr))
        tail = threading.Thread(target=self._keep_tail, args=(errors,), name="host: stderr", daemon=True)
        tail.start()
        self._pipe = Pipe(reports, commands, Report)
        broken = self._listen(self._pipe)
        if broken:
            process.kill()
        status = process.wait()
        tail.join()
        for stream in (commands, reports, errors):
            with contextlib.suppress(OSError):  # what was still to be flushed has nobody to read it
                stream.close()
        self._finish(ChildGone(broken or self._describe(status), idle=self._said_bye))

    def _start(self) -> subprocess.Popen[bytes]:
        environment = _SET | {name: os.environ[name] for name in _KEPT if name in os.environ}
        posix = os.name == "posix"
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # A group of its own: Ctrl-C in a terminal is the parent's to answer.
            process_group=0 if posix else None,
            creationflags=0 if posix else getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def _listen(self, pipe: Pipe[Report]) -> str:
        """Hand out what the child says until it ends; why it is not to be trusted, or nothing."""
        try:
            while (report := pipe.receive()) is not None:
                if isinstance(report, Hello):
                    self._started.put(report)
                elif isinstance(report, Bye):
                    self._said_bye = True
                else:
                    self._deliver(report)
        except PipeBroken as error:
            return str(error)
        except OSError:
            return ""
        return ""

    def _deliver(self, answer: Answer) -> None:
        with self._lock:
            if answer.id > self._issued:
                raise PipeBroken("it answered what was never asked")
            exchange = self._exchanges.get(answer.id)
        if exchange is not None:
            exchange.answers.put(answer)

    def _keep_tail(self, stream: BinaryIO) -> None:
        while line := stream.readline(_LINE_LIMIT):
            self._tail.append(line.decode("utf-8", "replace").rstrip())

    def _describe(self, status: int) -> str:
        if status == OUT_OF_MEMORY:
            return "out of memory"
        if status < 0:
            return f"signal {-status} ({_signal_name(-status)})"
        last = next((line for line in reversed(self._tail) if line), "")
        return last or f"exit status {status}"

    def _finish(self, gone: ChildGone) -> None:
        with self._lock:
            self._ended = gone
            waiting = list(self._exchanges.values())
        self._started.put(None)
        for exchange in waiting:
            exchange.answers.put(None)


class Killable(Protocol):
    def kill(self) -> None: ...


def refusal(child: Killable, answer: Answer) -> LumbreError:
    """The error that stands for an answer which is not the one asked for; a child that broke the rules is killed."""
    if isinstance(answer, Problem) and answer.code:
        return by_code(answer.code, dict(answer.details))
    # A bug in the child, or an answer to another question: nothing it says counts from here.
    child.kill()
    reason = answer.details.get("reason", "") if isinstance(answer, Problem) else "it answered out of turn"
    return EngineDied(reason=reason)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
