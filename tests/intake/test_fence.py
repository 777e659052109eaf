"""Inside the child: no socket, no file, no process, little memory; and what a dying child means to its parent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import amana
from amana.intake.limits import MIB, Limits
from amana.intake.refusals import ReaderCrashed, TimedOut
from amana.intake.runner import read_in_child

_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's fences are Linux's")
_SOURCE = os.fspath(Path(amana.__file__).parents[1])

# Everything a parser that was taken over might try, below Python as well as in it.
_TRY_EVERYTHING = """
import ctypes, json, os, socket, sys
from amana.intake import child
from amana.intake.limits import Limits
libc = ctypes.CDLL(None, use_errno=True)
told = os.dup(1)
reader, fences = child.raise_fence(child.Order(sys.argv[1], Limits()))
tried = {"fences": fences}
def attempt(name, act):
    try:
        got = act()
        tried[name] = "refused" if isinstance(got, int) and got < 0 else "done"
    except (OSError, MemoryError) as error:
        tried[name] = "refused"
for number, family in enumerate((socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17)):
    attempt(f"socket family {number}", lambda family=family: libc.socket(int(family), int(socket.SOCK_STREAM), 0))
attempt("socket pair", lambda: libc.socketpair(1, 1, 0, (ctypes.c_int * 2)()))
attempt("python socket", lambda: socket.socket())
attempt("name lookup", lambda: socket.getaddrinfo("example.org", 80))
attempt("open a file", lambda: os.open("/etc/passwd", os.O_RDONLY))
attempt("write a file", lambda: os.open("/tmp/amana-fence", os.O_WRONLY | os.O_CREAT, 0o600))
attempt("list a folder", lambda: libc.open(b"/", 0o200000))
attempt("fork", lambda: libc.fork())
attempt("run a program", lambda: libc.execv(b"/bin/true", None))
attempt("kill", lambda: libc.kill(os.getppid(), 0))
attempt("remove a file", lambda: libc.unlink(b"/tmp/amana-fence-none"))
attempt("io_uring", lambda: libc.syscall(425, 1, None))
held = ctypes.create_string_buffer(24)
libc.capget(ctypes.create_string_buffer(b"\\x22\\x05\\x08\\x20" + bytes(4), 8), held)
tried["any capability"] = "done" if any(held.raw) else "refused"
attempt("go before all others", lambda: libc.setpriority(0, 0, -20))
attempt("take memory", lambda: bytearray(600 * 1024 * 1024))
os.write(told, json.dumps(tried).encode())
"""


@_LINUX
@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/markdown",
        "text/html",
        "message/rfc822",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
)
def test_a_reader_behind_the_fence_reaches_nothing(media_type: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _TRY_EVERYTHING, media_type],
        env={"PYTHONPATH": _SOURCE},
        capture_output=True,
        check=True,
        timeout=60,
    )
    tried = json.loads(ran.stdout)
    assert {"seccomp", "capabilities"} <= set(tried.pop("fences"))
    assert set(tried.values()) == {"refused"}, tried


@_LINUX
def test_the_real_child_says_which_fences_hold() -> None:
    answer = read_in_child(b"hello", media_type="text/plain", limits=Limits())
    assert answer.result["text"] == "hello"
    assert {"seccomp", "python"} <= set(answer.fences)
    assert 0 < answer.peak_memory < 512 * MIB


def test_a_child_that_never_ends_is_stopped() -> None:
    with pytest.raises(TimedOut):
        # The standard library's idle prompt waits for input for ever; it stands for a parser that hangs.
        read_in_child(b"import time; time.sleep(60)", media_type="text/plain", limits=Limits(seconds=-1), module="code")


def test_a_child_that_answers_nonsense_is_a_crash() -> None:
    with pytest.raises(ReaderCrashed):
        read_in_child(b"", media_type="text/plain", limits=Limits(), module="this")


def test_the_child_gets_an_empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMANA_SECRET_KEY_FILE", "nothing of this reaches the child")
    with pytest.raises(ReaderCrashed):
        # `this` prints a poem and no answer; the run shows that the child starts without our variables.
        read_in_child(b"", media_type="text/plain", limits=Limits(), module="this")


def test_the_peak_is_the_childs_own_and_not_what_its_parent_held() -> None:
    held = bytearray(os.urandom(MIB)) * 600
    answer = read_in_child(b"hello", media_type="text/plain", limits=Limits())
    assert answer.peak_memory < 200 * MIB < len(held)
