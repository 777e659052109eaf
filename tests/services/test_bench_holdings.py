"""What the benchmark fills a node with is what the services write for the same report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from amana.domain.report import Content
from amana.exchange.envelope import unlock
from amana.exchange.protocol import ReportBody, Type
from amana.records.models import (
    EntityName,
    LogEntry,
    Message,
    Outbox,
    Receipt,
    Release,
    Report,
    ReportEntity,
    Statement,
    User,
)
from amana.services.contents import content_of
from amana.services.releases import propose_release, release_report
from amana.services.reports import draft_report
from bench.holdings import Clock, Holdings, begin
from bench.invented import STATEMENTS

# What differs between any two reports: their keys and numbers, when something happened, and what is random.
OWN = {"id", "uid", "pk", "report_id", "message_id", "edition", "seq", "prev", "hash", "body", "body_key", "sealed"}
TIMES = {"created_at", "received_at", "changed_at", "proposed_at", "decided_at", "due_at", "sent_at", "at", "log_index"}
DIGESTS = {"preview_sha256", "proof"}  # of other bytes, since the number is in them


@pytest.fixture
def holdings(alice: User, omar: User) -> Iterator[Holdings]:
    """A node with its partners joined, whose time the benchmark gives."""
    clock = Clock(timezone.now())
    with clock.running():
        yield begin(alice, omar, clock)


def kept(uid: str) -> dict[str, Any]:
    """Every row that hangs on a report, without what any two reports differ in."""
    of = {"report__uid": UUID(uid)}
    messages = Message.objects.filter(**of)
    rows: dict[str, Any] = {
        "report": Report.objects.filter(uid=uid),
        "links": ReportEntity.objects.filter(**of).order_by("position"),
        "statements": Statement.objects.filter(**of).order_by("position"),
        "names": EntityName.objects.filter(**of).order_by("pk"),
        "releases": Release.objects.filter(**of).order_by("partner_id"),
        "messages": messages.order_by("partner_id"),
        "outbox": Outbox.objects.filter(message__in=messages).order_by("partner_id"),
        "receipts": Receipt.objects.filter(message__in=messages).order_by("message__partner_id", "step"),
    }
    return {name: [_plain(row) for row in found.values()] for name, found in rows.items()} | {"log": _log(uid)}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    held = {name: row[name] is not None for name in ("body", "body_key", "sealed") if name in row}
    return {name: value for name, value in row.items() if name not in OWN | TIMES | DIGESTS} | held


def _log(uid: str) -> list[tuple[str, ...]]:
    numbers = [str(one) for one in Message.objects.filter(report__uid=uid).values_list("pk", flat=True)]
    found: list[tuple[str, ...]] = []
    for entry in LogEntry.objects.order_by("index"):
        said = json.loads(entry.event or "{}")
        if uid in said["subject"] or any(number in said["subject"] for number in numbers):
            keys = [name for name, _ in said["details"]]
            found.append((said["act"], said["verb"], said["person"], " ".join(keys)))
    return found


def twin(content: Content) -> Content:
    """The same report under another number."""
    return replace(content, report=str(uuid4()))


@pytest.mark.django_db
def test_a_report_of_a_partner_leaves_the_rows_that_the_wire_leaves(holdings: Holdings) -> None:
    content = holdings.invent.content("washington", to=frozenset({"rabat"}), at=holdings.clock())
    other, partner = twin(content), holdings.partners["washington"]
    holdings.receive("washington", [(Type.REPORT, ReportBody(content))])
    partner.send(partner.report(other))
    assert kept(content.report) == kept(other.report)
    assert len(kept(content.report)["statements"]) == STATEMENTS
    assert kept(content.report)["log"] == [("collection", "report-received", "node:washington", "sha256 seq")]
    row = Report.objects.get(uid=content.report)
    assert content_of(row) == content
    message = Message.objects.get(report=row)
    assert message.body_key is not None
    assert message.body is not None
    assert unlock(bytes(message.body_key), bytes(message.body)).count(b".") == 2


@pytest.mark.django_db
def test_a_report_of_ours_leaves_the_rows_that_its_officers_leave(holdings: Holdings) -> None:
    nodes = frozenset({"washington", "paris"})
    content = holdings.invent.content("rabat", to=nodes, at=holdings.clock())
    holdings.release([content])
    row = draft_report(
        title=content.title,
        text=content.text,
        language=content.language,
        evaluation=content.evaluation,
        handling=content.handling,
        crime_areas=content.crime_areas,
        entities=content.entities,
        statements=content.statements,
        by=holdings.author,
    )
    propose_release(row.uid, by=holdings.author)
    release_report(row.uid, by=holdings.releaser)
    holdings.deliver()
    Report.objects.filter(pk=row.pk).update(written=content.written)
    assert kept(content.report) == kept(str(row.uid))


@pytest.mark.django_db
def test_the_same_seed_invents_the_same_reports(holdings: Holdings) -> None:
    at = timezone.now() - timedelta(days=1)
    first, second = type(holdings.invent)(7), type(holdings.invent)(7)
    made = [[one.content("paris", to=frozenset({"rabat"}), at=at) for _ in range(3)] for one in (first, second)]
    assert made[0] == made[1]
