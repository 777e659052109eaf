"""The fence around the child that parses: no network, no files, no new processes, little memory and time.

Invariant: it is raised before the first byte of a file is parsed, and nothing in this process can take it down.
setrlimit(2), unshare(2) CLONE_NEWNET, seccomp(2) with a classic BPF filter (prctl, no privileges needed).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import socket
import struct
import sys
from collections.abc import Callable
from typing import NoReturn

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_DUMPABLE = 38, 22, 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITIES_3 = 0x20080522
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JEQ, _JGE, _RETURN = 0x20, 0x15, 0x35, 0x06

# Every call that reaches a network, opens or changes a file, starts a process or reaches into another.
_CALLS: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        (
            2, 41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 56, 57, 58, 59, 62, 76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 94,
            101, 133, 155, 161, 165, 166, 175, 200, 234, 240, 248, 249, 250, 257, 258, 259, 260, 263, 264, 265, 266,
            268, 272, 288, 298, 304, 308, 310, 311, 313, 316, 321, 322, 323, 424, 425, 426, 427, 434, 435, 437, 438,
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            33, 34, 35, 36, 37, 38, 39, 40, 41, 45, 51, 53, 54, 56, 97, 104, 105, 106, 117, 129, 130, 131, 180, 198,
            199, 200, 201, 202, 203, 206, 207, 211, 212, 217, 218, 219, 220, 221, 241, 242, 243, 265, 268, 269, 270,
            271, 273, 276, 280, 281, 282, 424, 425, 426, 427, 434, 435, 437, 438,
        ),
    ),
}  # fmt: skip
# clone3 answers "no such call", so that a C library falls back to clone, which is denied.
_X32 = 0x40000000


def raise_limits(*, memory_bytes: int, seconds: int, output_bytes: int) -> None:
    """Bind this process to memory, processor time, output size, and no further files or processes."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_FSIZE, output_bytes)
    _limit(resource.RLIMIT_NOFILE, 64)
    _limit(resource.RLIMIT_NPROC, 0)
    # The interpreter's own stack must end in RecursionError, not in a crash.
    sys.setrecursionlimit(800)


def close_network() -> tuple[str, ...]:
    """Leave every network; says which fences hold: network-namespace, python."""
    held = []
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET
        if libc.unshare(flags) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            held.append("network-namespace")
    for name in ("socket", "create_connection", "create_server", "getaddrinfo", "gethostbyname"):
        setattr(socket, name, _no_network)
    return (*held, "python")


def close_everything() -> tuple[str, ...]:
    """Deny sockets, opening and changing files, and new processes to this process for good; says whether it holds."""
    calls = _CALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return ()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    program = ctypes.create_string_buffer(_filter(*calls))
    count = (len(program) - 1) // 8
    head = ctypes.create_string_buffer(struct.pack("@HxxxxxxP", count, ctypes.addressof(program)))
    libc.prctl(_PR_SET_DUMPABLE, 0, None, 0, 0)
    # Root without capabilities cannot set the clock, restart the machine or mount.
    bare = libc.capset(struct.pack("=II", _CAPABILITIES_3, 0), bytes(24)) == 0
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0) != 0:
        return ()
    held = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(head), 0, 0) == 0
    return (("capabilities",) if bare else ()) + (("seccomp",) if held else ())


def _filter(machine: int, calls: tuple[int, ...]) -> bytes:
    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    program = [step(_LOAD, 4), step(_JEQ, machine, 1, 0), step(_RETURN, _KILL), step(_LOAD, 0)]
    program += [step(_JGE, _X32, 0, 1), step(_RETURN, _DENY | errno.EPERM)]
    for call in calls:
        program += [step(_JEQ, call, 0, 1), step(_RETURN, _DENY | errno.EPERM)]
    program += [step(_JEQ, 435, 0, 1), step(_RETURN, _DENY | errno.ENOSYS), step(_RETURN, _ALLOW)]
    return b"".join(program)


def _limit(which: int, value: int) -> None:
    _soft, hard = resource.getrlimit(which)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


def _no_network(*_args: object, **_named: object) -> NoReturn:
    raise PermissionError(errno.EPERM, "there is no network here")


def peak_meter() -> Callable[[], int]:
    """Made before the fence is raised, it tells behind it the most memory this process had at once, bytes."""
    if sys.platform != "linux":
        return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # getrusage(2) would count what the parent held when it forked.
    status = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)

    def most() -> int:
        lines = os.pread(status, 16_384, 0).decode().splitlines()
        (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(peak) * 1024

    return most
