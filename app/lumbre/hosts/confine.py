"""What a child does to itself before anything else: no network, no way to outlive the parent, limits."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_M_ARENA_MAX = -8
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
MEMORY_LIMIT = 1536 * 2**20
"""Bytes of address space of a reader."""
_CPU_SECONDS = 120
_OPEN_FILES = 64


def take_streams() -> tuple[BinaryIO, BinaryIO]:
    """The real stdin and stdout, for frames only; 0 and 1 then lead to nothing and to stderr."""
    commands, reports = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(commands, "rb"), os.fdopen(reports, "wb")


def leave_network() -> bool:
    """Move this process where there is no network at all; False where the system does not allow it."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    if _libc_call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    with contextlib.suppress(OSError):  # without the maps files are still reached, only names of users are lost
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def settle(nice: int, parent: int) -> None:
    """Lower the priority, leave Ctrl-C to the parent, leave no dumps, and end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        import resource

        os.nice(nice)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # when memory runs out, the child goes first
            Path("/proc/self/oom_score_adj").write_text("500")
        _libc_call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
        _libc_call("prctl", _PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() not in (parent, 0):
            os._exit(0)


def limit_reader() -> None:
    """Bound memory, files written (none) and files open."""
    sys.dont_write_bytecode = True
    if os.name == "posix":
        import resource

        # One heap for all threads: each other one takes 64 MB of address space, used or not.
        _libc_call("mallopt", _M_ARENA_MAX, 1)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def allow_processor_time() -> None:
    """Let the next file take some processor time; the parent's clock is stricter, this holds when it is gone."""
    if os.name == "posix":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + _CPU_SECONDS, hard))


def _libc_call(name: str, *arguments: int) -> int:
    import ctypes

    try:
        return int(getattr(ctypes.CDLL(None), name)(*arguments))
    except (OSError, AttributeError):
        return -1
