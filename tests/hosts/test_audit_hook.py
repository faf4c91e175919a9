"""The hook cannot be taken out of a process, so each case has a process of its own."""

import subprocess
import sys

import pytest


def run(install: str, attempt: str) -> str:
    """What an attempt came to: "passed", "stopped", or the name of another exception."""
    program = (
        "import os, socket, subprocess, urllib.request\n"
        "from lumbre.core.errors import DoorClosed\n"
        "from lumbre.egress.audit_hook import install\n"
        f"install({install})\n"
        f"try:\n    {attempt}\n    print('passed')\n"
        "except DoorClosed: print('stopped')\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), 0.1)",
        "socket.getaddrinfo('example.invalid', 443)",
        "socket.gethostbyname('example.invalid')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "urllib.request.urlopen('http://192.0.2.1/')",
        "socket.create_connection(('127.0.0.1', 9))",
    ],
)
def test_nothing_leaves_without_a_permit(attempt: str) -> None:
    assert run("", attempt) == "stopped"


def test_local_sockets_and_programs_pass() -> None:
    assert run("", "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'") == "passed"
    assert run("", "subprocess.run(['true'], check=True)") == "passed"


def test_loopback_passes_only_when_enabled() -> None:
    attempt = "s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    assert run("", attempt) == "stopped"
    assert run("loopback=True", attempt) == "passed"
    assert run("loopback=True", "socket.create_connection(('192.0.2.1', 80), 0.1)") == "stopped"


def test_a_permit_opens_one_host_only() -> None:
    allow = "lambda host, port: (host, port) == ('127.0.0.1', 9)"
    assert run(allow, "socket.create_connection(('127.0.0.1', 9))") == "ConnectionRefusedError"
    assert run(allow, "socket.create_connection(('192.0.2.1', 9))") == "stopped"


@pytest.mark.parametrize(
    "attempt", ["subprocess.run(['true'])", "os.system('true')", "os.execv('/bin/true', ['true'])"]
)
def test_a_host_starts_no_programs(attempt: str) -> None:
    assert run("processes=False", attempt) == "PermissionError"
