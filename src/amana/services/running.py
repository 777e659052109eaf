"""Running a node: both doors and the worker as children of one process that stops them cleanly.

Invariant: the children are forked from a process that has read the code, and share its memory and the time that this
took; nothing that was opened before, a database connection above all, is used by two.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing.context import ForkProcess
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from gunicorn.app.wsgiapp import WSGIApplication

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


def _serve(config: str, application: str) -> None:
    """Be a door: gunicorn with this configuration and application, until a signal stops it."""
    sys.argv = ["gunicorn", "-c", f"python:amana.config.{config}", f"amana.config.{application}"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


def run_node(*, ready: Callable[[], None]) -> None:
    """Run both doors and the worker until SIGINT or SIGTERM. Raises NodeMissing, NodeRestored, DoorFailed."""
    secrets()
    migrate()
    put_next_keys()
    require_reconciled()
    children = _forked()
    stop = threading.Event()
    _stop_on_signal(stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    try:
        ready()
        while not stop.wait(0.5):
            for child in children:
                if child.exitcode is not None:
                    raise DoorFailed(part=child.name, status=child.exitcode)
    finally:
        _end(children)


_STOPPING = {signal.SIGINT, signal.SIGTERM}


def _forked() -> list[ForkProcess]:
    """Both doors and the worker; signals to stop wait, here and in the children, until somebody listens to them."""
    import_module(settings.ROOT_URLCONF)  # the pages' code, for the people's door and all its successors
    connections.close_all()
    gc.collect()
    gc.freeze()  # so that a collection in a child does not copy what all share
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    fork = multiprocessing.get_context("fork")
    parts = {
        "people's door": lambda: _serve("people_door", "wsgi:people"),
        "partners' door": lambda: _serve("partners_door", "wsgi_partners:partners"),
        "worker": run_worker,
    }
    children = [fork.Process(target=_be, args=(part,), name=name) for name, part in parts.items()]
    for child in children:
        child.start()
    return children


def _be(part: Callable[[], None]) -> None:
    """Be one of the parts, stopped by the usual signals until it minds them itself."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    part()


def _end(children: list[ForkProcess]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_WITHIN_S
    for child in children:
        child.join(max(0.1, deadline - time.monotonic()))
        if child.exitcode is None:
            child.kill()
            child.join()


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
