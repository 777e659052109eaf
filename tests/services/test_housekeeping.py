"""What the worker does by itself: erasing in time, signing heads, waiting longer after each failure, and backing up."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from amana.domain.errors import NotAllowed
from amana.domain.report import State
from amana.exchange.protocol import VoidBody
from amana.records.models import (
    Checkpoint,
    Entity,
    EntityName,
    LogEntry,
    LogHead,
    Message,
    Outbox,
    Partner,
    Report,
    Statement,
    User,
    Witness,
)
from amana.services import backup, delivery, housekeeping
from amana.services.delivery import deliver_due, note_answers, put_back, take_batch
from amana.services.node import NodeExists
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, released

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from amana.exchange.identity import NodeSecrets


def test_what_is_due_is_erased_and_the_log_says_so(alice: User, omar: User, washington: Counterpart) -> None:
    ours = released(alice, omar, "washington")
    washington.send(washington.report())
    held = Report.objects.get(originator="washington")
    later = timezone.now() + timedelta(days=400)
    assert housekeeping.erase_due(at=timezone.now()) == 0
    assert housekeeping.erase_due(at=later) == 2
    assert housekeeping.erase_due(at=later) == 0
    for row in (ours, held):
        row.refresh_from_db()
        assert (row.title, row.text, row.folded, row.ended_reason) == ("", "", "", "retention")
    assert (ours.state, held.state) == (State.STOPPED, State.WITHDRAWN)
    assert not any(model.objects.exists() for model in (Statement, EntityName, Entity))
    assert not Message.objects.filter(report=held).exclude(body_key=None).exists()
    acts = [json.loads(event) for event in LogEntry.objects.values_list("event", flat=True) if event]
    assert [one["subject"] for one in acts if one["verb"] == "retention-ended"] == [
        f"report:{row.uid}:1" for row in (ours, held)
    ]


def test_a_partner_that_is_not_there_loses_nothing_and_is_asked_less_and_less(
    alice: User, omar: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    now = timezone.now()
    (found,) = deliver_due(batch=10, at=now).values()
    assert found.problem == "exchange-unreachable"
    row = Outbox.objects.get(message__report__isnull=False)
    assert (row.state, row.problem, row.attempts) == (Outbox.State.QUEUED, "exchange-unreachable", 1)
    waits = []
    for _attempt in range(14):
        row.refresh_from_db()
        at = row.due_at
        taken = take_batch("washington", batch=10, at=at)
        put_back([message for message, _ in taken], code="exchange-unreachable", at=at)
        row.refresh_from_db()
        waits.append((row.due_at - at).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] == 2
    assert waits[-1] <= 600
    assert len(take_batch("washington", batch=10, at=row.due_at)) == 1


def test_a_lease_that_ran_out_is_taken_again_with_the_same_bytes(
    alice: User, omar: User, washington: Counterpart
) -> None:
    released(alice, omar, "washington")
    now = timezone.now()
    first = take_batch("washington", batch=10, at=now)
    assert take_batch("washington", batch=10, at=now + timedelta(seconds=5)) == []
    again = take_batch("washington", batch=10, at=now + timedelta(seconds=61))
    assert [data for _, data in first] == [data for _, data in again]


def test_a_round_signs_a_head_when_something_happened(alice: User, node: object) -> None:
    rounds, now = housekeeping.Rounds(), timezone.now()
    housekeeping.work_once(rounds, at=now)
    first = Checkpoint.objects.count()
    drafted(alice)
    housekeeping.work_once(rounds, at=now + timedelta(seconds=1))
    assert Checkpoint.objects.count() == first
    housekeeping.work_once(rounds, at=now + timedelta(seconds=3))
    assert Checkpoint.objects.count() == first + 1
    assert Checkpoint.objects.order_by("-size")[0].size == LogHead.objects.get().size


def test_a_witness_that_was_away_is_asked_again_although_nothing_happened(washington: Counterpart) -> None:
    rounds, now = housekeeping.Rounds(), timezone.now()
    housekeeping.work_once(rounds, at=now)
    asked = rounds.checkpoint_at
    housekeeping.work_once(rounds, at=now + timedelta(seconds=59))
    assert rounds.checkpoint_at == asked
    housekeeping.work_once(rounds, at=now + timedelta(minutes=1))
    assert rounds.checkpoint_at == now + timedelta(minutes=1)
    Witness.objects.update(size=LogHead.objects.get().size)
    housekeeping.work_once(rounds, at=now + timedelta(minutes=9))
    assert rounds.checkpoint_at == now + timedelta(minutes=1)


def test_a_suspended_partner_gets_nothing(alice: User, omar: User, washington: Counterpart) -> None:
    released(alice, omar, "washington")
    Partner.objects.update(state=Partner.State.SUSPENDED)
    deliver_due(batch=10, at=timezone.now())
    assert Outbox.objects.get(message__report__isnull=False).attempts == 0


def test_only_the_operator_backs_up(alice: User, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        backup.back_up(tmp_path / "b", by=alice)
    assert not (tmp_path / "b").exists()


def test_a_backup_is_whole_private_and_not_laid_over_a_node(rachid: User, alice: User, tmp_path: Path) -> None:
    drafted(alice)
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("this run keeps SQLite in memory; the journey backs up a real file")
    path = tmp_path / "backup"
    size = backup.back_up(path, by=rachid)
    assert path.stat().st_size == size
    assert path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as archive:
        names = set(archive.getnames())
        assert {"memory", "keys/card.jws", "node.env"} <= names
    with pytest.raises(NodeExists):
        backup.restore(path)


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08" + bytes(40)])
def test_what_is_no_backup_is_refused_and_nothing_is_left(tmp_path: Path, settings: Settings, data: bytes) -> None:
    settings.AMANA = settings.AMANA.model_copy(update={"home": tmp_path / "new"})
    path = tmp_path / "backup"
    path.write_bytes(data)
    with pytest.raises(backup.BackupMalformed):
        backup.restore(path)
    assert list((tmp_path / "new").iterdir()) == []


def test_the_database_deletes_securely(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own pragmas")
    with connection.cursor() as cursor:
        found = {}
        for name in ("secure_delete", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            found[name] = cursor.fetchone()[0]
    assert found == {"secure_delete": 1, "foreign_keys": 1}
    assert sqlite3.sqlite_version_info >= (3, 35)


def test_a_batch_of_large_messages_is_cut_by_its_bytes(
    alice: User, omar: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        released(alice, omar, "washington")
    (size,) = {len(sealed) for sealed in Outbox.objects.values_list("message__sealed", flat=True) if sealed}
    for most, expected in ((size * 2, 2), (size // 2, 1)):
        monkeypatch.setattr(delivery, "MOST_BYTES", most)
        taken = take_batch("washington", batch=50, at=timezone.now())
        assert len(taken) == expected
        put_back([message for message, _ in taken], code="exchange-unreachable", at=timezone.now() - timedelta(hours=1))


def test_what_waits_when_its_retention_ends_is_never_sent(alice: User, omar: User, washington: Counterpart) -> None:
    released(alice, omar, "washington")
    housekeeping.erase_due(at=timezone.now() + timedelta(days=400))
    (message,) = washington.fetch()
    assert isinstance(message.body, VoidBody)


def test_after_a_round_that_got_on_the_rest_goes_at_once(alice: User, omar: User, washington: Counterpart) -> None:
    for _number in range(3):
        released(alice, omar, "washington")
    now = timezone.now()
    taken = take_batch("washington", batch=10, at=now)
    answers = [washington.answer(washington.open(sealed), row.hash) for row, sealed in taken[:1]]
    done = note_answers(Partner.objects.get(), [row for row, _ in taken], answers, at=now)
    assert done.receipted == 1
    assert [row.pk for row, _ in take_batch("washington", batch=10, at=now)] == [row.pk for row, _ in taken[1:]]
    assert set(Outbox.objects.filter(state=Outbox.State.SENDING).values_list("attempts", flat=True)) == {2}


def test_a_witness_that_missed_the_newest_head_is_asked_again_though_nothing_is_new(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr(housekeeping, "ask_witnesses", lambda client_for, *, at: asked.append(at))
    rounds, now = housekeeping.Rounds(), timezone.now()
    for seconds in (0, 3, 30, 61, 90, 122):
        housekeeping.work_once(rounds, at=now + timedelta(seconds=seconds))
    assert [(at - now).total_seconds() for at in asked] == [0, 61, 122]


@pytest.mark.django_db(transaction=True)
def test_the_worker_lets_sqlite_know_what_its_tables_hold(node: NodeSecrets) -> None:
    rounds = housekeeping.Rounds()
    housekeeping.work_once(rounds)
    assert rounds.gathered_at is not None
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_stat1")
            assert cursor.fetchone()[0] > 0
