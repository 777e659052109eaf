"""Taking turns: writers of one SQLite file queue up, and the worker that rests is woken."""

from __future__ import annotations

import fcntl
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from amana.records.models import Release, User
from amana.records.sqlite_in_turn.base import DatabaseWrapper
from amana.services.keys import home
from amana.services.posting import lock_partner
from amana.services.wake import Doze, wake_worker
from tests.counterpart import Counterpart
from tests.services.test_many import proposed


def _writer(path: Path) -> DatabaseWrapper:
    settings = connection.settings_dict | {"ENGINE": "amana.records.sqlite_in_turn", "NAME": path, "OPTIONS": {}}
    return DatabaseWrapper(settings, "other")


def _somebody_waits(path: Path) -> bool:
    with Path(f"{path}-queue").open("w") as queue:
        try:
            fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_has_just_had_a_turn_comes_after_who_waits(tmp_path: Path) -> None:
    path, order = tmp_path / "memory.sqlite3", []
    busy, patient = _writer(path), _writer(path)
    busy._take_turn()

    def wait_for_turn() -> None:
        patient._take_turn()
        order.append("patient")
        patient._end_turn()

    other = threading.Thread(target=wait_for_turn)
    other.start()
    while not _somebody_waits(path):
        time.sleep(0.001)
    busy._end_turn()
    busy._take_turn()
    order.append("busy")
    busy._end_turn()
    other.join()
    assert order == ["patient", "busy"]
    for one in (busy, patient):
        one._close()


def test_a_tap_ends_the_workers_rest_and_only_one(node: object) -> None:
    wake_worker()  # nobody rests yet, and nothing happens
    doze = Doze()
    try:
        wake_worker()
        wake_worker()
        started = time.monotonic()
        doze.rest(60)
        assert time.monotonic() - started < 30
        doze.rest(0.001)  # both taps were one
    finally:
        doze.close()
    wake_worker()
    assert (home() / "worker.wake").is_fifo()
    assert (home() / "worker.wake").stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
def test_who_writes_about_a_partner_does_not_wait_for_who_works_on_its_link(
    alice: User, washington: Counterpart
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")

    def propose() -> None:
        try:
            proposed(alice, "washington")
        finally:
            connections.close_all()

    other = threading.Thread(target=propose, daemon=True)
    with transaction.atomic():
        lock_partner("washington")
        other.start()
        other.join(60)
        assert not other.is_alive(), "the proposal waits for the link, and the link would wait for its log entry"
    assert Release.objects.filter(partner_id="washington").exists()
