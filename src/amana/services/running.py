"""Running a node: both doors and the worker as children of one process that stops them cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from amana.domain.errors import AmanaError, Unavailable, gettext_noop
from amana.services.housekeeping import Rounds, work_once
from amana.services.keys import secrets
from amana.services.names_aside import NamesAside
from amana.services.node import migrate
from amana.services.restoring import require_reconciled
from amana.services.rotation import put_next_keys
from amana.services.wake import Doze, wake_worker

log = structlog.get_logger()

STOP_WITHIN_S = 15


class DoorFailed(Unavailable):
    """One of the node's processes ended by itself."""

    code = "run-door-failed"
    sentence = gettext_noop("The node's “%(part)s” ended by itself (exit %(status)s); see the messages above.")


def _gunicorn(config: str, application: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", f"python:amana.config.{config}", f"amana.config.{application}"]


PARTS: dict[str, list[str]] = {
    "people's door": _gunicorn("people_door", "wsgi:people"),
    "partners' door": _gunicorn("partners_door", "wsgi_partners:partners"),
    "worker": [sys.executable, "-m", "amana", "worker"],
}


def run_node(*, ready: Callable[[], None]) -> None:
    """Run both doors and the worker until SIGINT or SIGTERM. Raises NodeMissing, NodeRestored, DoorFailed."""
    secrets()
    migrate()
    put_next_keys()
    require_reconciled()
    stop = threading.Event()
    _stop_on_signal(stop)
    children = {name: subprocess.Popen(command) for name, command in PARTS.items()}
    try:
        ready()
        while not stop.wait(0.5):
            for name, child in children.items():
                if child.poll() is not None:
                    raise DoorFailed(part=name, status=child.returncode)
    finally:
        _end(list(children.values()))


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def run_worker() -> None:
    """Carry, checkpoint, ask witnesses and erase, round after round, until SIGINT or SIGTERM.

    A round that fails is logged and tried again: the rows are the jobs, and nothing of them is lost. Raises
    NodeRestored.
    """
    require_reconciled()
    stop = threading.Event()
    _stop_on_signal(stop, then=wake_worker)
    rounds, aside, pause, doze = Rounds(), NamesAside(), settings.AMANA.pace_ms / 1000, Doze()
    while not stop.is_set():
        try:
            busy = work_once(rounds)
            aside.look()
        except (AmanaError, DatabaseError, OSError) as error:
            log.error("round-failed", error=type(error).__name__)
            busy = False
            close_old_connections()
            stop.wait(1)
        if not busy:
            doze.rest(pause)
    doze.close()
    aside.end()


def _stop_on_signal(stop: threading.Event, *, then: Callable[[], None] = lambda: None) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        then()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
