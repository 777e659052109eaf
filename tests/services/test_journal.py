"""No entry, no action: the log and the act it records stand or fall together."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from amana.domain.errors import AmanaError
from amana.domain.handling import Purpose
from amana.oversight.log import Act, commit
from amana.oversight.merkle import MemoryNodes, grow, leaf_hash, root
from amana.records.models import LogEntry, LogHead, Report, User
from amana.services import journal, reports
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted


def _one(number: int = 1) -> int:
    return journal.record(Act.CONSULTATION, "report-read", f"report:{number}:1", by="alice", reason="investigation")


def test_an_entry_outside_of_a_transaction_is_refused(node: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(connections["default"], "in_atomic_block", False)
        with pytest.raises(journal.LogClosed):
            _one()


def test_an_act_that_fails_leaves_no_entry_and_a_log_that_fails_leaves_no_act(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = LogHead.objects.get().size

    def closed(*_args: object, **_named: object) -> int:
        raise journal.LogClosed

    monkeypatch.setattr(reports, "record", closed)
    with pytest.raises(journal.LogClosed), transaction.atomic():
        drafted(alice)
    assert not Report.objects.exists()
    with pytest.raises(RuntimeError), transaction.atomic():
        _one()
        raise RuntimeError
    assert LogHead.objects.get().size == size == LogEntry.objects.count()


def test_reading_a_report_is_logged_with_person_and_purpose(alice: User) -> None:
    row = drafted(alice)
    before = LogEntry.objects.count()
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice, purpose=Purpose.INVESTIGATION))
    (entry,) = LogEntry.objects.filter(index__gte=before)
    event = json.loads(entry.event or "")
    assert (event["act"], event["person"], event["reason"]) == ("consultation", "alice", "reading")
    assert ["purpose", "investigation"] in event["details"]
    assert event["subject"] == f"report:{row.uid}:1"


def test_the_stored_tree_is_the_tree_over_the_entries(alice: User, washington: Counterpart) -> None:
    washington.send(washington.report())
    drafted(alice)
    with transaction.atomic():
        size, tree_root = journal.settle()
    rows = LogEntry.objects.order_by("index")
    store = MemoryNodes()
    store.add(grow(0, [leaf_hash(bytes(row.commitment)) for row in rows], store))
    assert (size, tree_root) == (len(rows), root(len(rows), store))
    for row in rows:
        assert row.salt is not None
        assert commit((row.event or "").encode(), bytes(row.salt)) == bytes(row.commitment)


def test_many_entries_are_numbered_as_one_by_one(node: object) -> None:
    with transaction.atomic():
        first = _one()
        with journal.many_entries():
            numbers = [_one(number) for number in range(5)]
        last = _one()
    assert numbers == list(range(first + 1, first + 6))
    assert last == first + 6


def test_entries_of_a_part_that_fails_are_undone_with_it(node: object) -> None:
    with transaction.atomic(), journal.many_entries():
        first = _one(1)
        with pytest.raises(ZeroDivisionError), journal.undone_together():
            _one(2)
            raise ZeroDivisionError
        second = _one(3)
    assert second == first + 1
    assert LogEntry.objects.filter(event__contains="report:2:1").count() == 0


def test_the_log_holds_no_content(alice: User, omar: User, washington: Counterpart) -> None:
    content = washington.content()
    washington.send(washington.report(content))
    reports.show_report(UUID(content.report), viewpoint=viewpoint_of(alice))
    drafted(alice)
    said = " ".join(filter(None, LogEntry.objects.values_list("event", flat=True)))
    for word in ("Belkadi", "Berrada", "Tanger", "yard", "Meeting"):
        assert word not in said


def test_a_missing_entry_closes_the_log(alice: User) -> None:
    drafted(alice)
    last = LogEntry.objects.order_by("-index").first()
    assert last is not None
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM records_logentry WHERE "index" = %s', [last.pk])
    with pytest.raises(AmanaError), transaction.atomic():
        journal.settle()
