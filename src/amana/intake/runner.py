"""Starts the child that parses, waits for it no longer than allowed, and reads its answer with suspicion.

Invariant: bytes and answer pass through unlinked memory files, so that a stuck or flooding child can neither block
its parent nor fill its memory beyond the child's own output limit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import amana
from amana.intake.limits import MIB, Limits
from amana.intake.refusals import BY_CODE, OutOfMemory, ReaderCrashed, ReaderUnavailable, Refused, TimedOut

_SOURCE = Path(amana.__file__).resolve().parents[1]
_COMMAND = (sys.executable, "-P", "-s", "-B", "-X", "utf8", "-m")
_STARTING = 2  # seconds granted for starting Python, beyond the reading itself


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child said: its result, which fences held, and its peak memory in bytes."""

    result: dict[str, Any]
    fences: tuple[str, ...]
    peak_memory: int


def read_in_child(data: bytes, *, media_type: str, limits: Limits, module: str = "amana.intake.child") -> Answer:
    """Parse the bytes in a fenced child.

    Raises the child's refusal, or TimedOut, OutOfMemory, ReaderCrashed, ReaderUnavailable.
    """
    head = json.dumps({"media_type": media_type, "limits": asdict(limits)}).encode()
    with _memory_file("amana-in") as given, _memory_file("amana-out") as told:
        given.write(head + b"\n")
        given.write(data)
        given.flush()
        given.seek(0)
        ended = _run(module, given, told, limits)
        told.seek(0)
        said = told.read()
    return _judge(said, ended, limits)


def _run(module: str, given: IO[bytes], told: IO[bytes], limits: Limits) -> int:
    try:
        process = subprocess.Popen(
            [*_COMMAND, module],
            stdin=given,
            stdout=told,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(_SOURCE), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise ReaderUnavailable from error
    try:
        return process.wait(timeout=limits.seconds + _STARTING)
    except subprocess.TimeoutExpired as error:
        raise TimedOut(limit=limits.seconds) from error
    finally:
        process.kill()
        process.wait()


def _judge(said: bytes, ended: int, limits: Limits) -> Answer:
    if ended in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise TimedOut(limit=limits.seconds)
    try:
        answer = json.loads(said)
        refused, params = answer.get("refused"), answer.get("params", {})
        fences = tuple(str(one) for one in answer["fences"])
        peak = int(answer["peak_memory"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # An allocation that a library could not get often ends it with a signal of its own.
        if ended in {1, -signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL} and not said:
            raise OutOfMemory(limit=limits.memory_bytes // MIB) from error
        raise ReaderCrashed from error
    if refused is not None:
        raise _refusal(str(refused), params)
    if ended != 0:
        raise ReaderCrashed
    return Answer(result=answer, fences=fences, peak_memory=peak)


def _refusal(code: str, params: object) -> Refused:
    try:
        said = params if isinstance(params, dict) else {}
        return BY_CODE[code](**{str(name): str(value)[:80] for name, value in said.items()})
    except (KeyError, TypeError):
        return ReaderCrashed()


def _memory_file(name: str) -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile("w+b")
