"""A tap on the worker's shoulder: something was queued and committed, so do not wait for the next look.

Invariant: the rows are the jobs, the tap is only a courtesy. One that is lost delays a message by the worker's pace;
one too many costs a look. A named pipe in the node's folder carries it, so it needs no port and no database.
"""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

from amana.services.keys import home

_MOST = 65_536  # what a pipe holds


def _pipe() -> Path:
    return home() / "worker.wake"


def wake_worker() -> None:
    """Wake the worker where one waits in this folder; never fails and never waits."""
    with contextlib.suppress(OSError):  # no worker, no pipe, or one that is full of taps already
        pipe = os.open(_pipe(), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(pipe, b"\n")
        finally:
            os.close(pipe)


class Doze:
    """The worker's end of the pipe."""

    def __init__(self) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(_pipe(), 0o600)
        # Open for writing too: a pipe without any writer would count as readable for ever.
        self._end = os.open(_pipe(), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def rest(self, seconds: float) -> None:
        """Rest that long, or until somebody wakes the worker."""
        if select.select([self._end], [], [], seconds)[0]:
            os.read(self._end, _MOST)

    def close(self) -> None:
        """Let the pipe go; the next worker uses the same one."""
        os.close(self._end)
