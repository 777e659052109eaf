"""Counting the log's acts: what tallies and entries say together is what reading every entry says."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from amana.domain.times import parse_instant
from amana.exchange.identity import NodeSecrets
from amana.records.models import LogEntry, LogTally
from amana.services.journal import Act, many_entries, record, sign_head
from amana.services.log_proofs import event_of
from amana.services.log_tally import BLOCK, count_acts, tally_log

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 1, 6, tzinfo=ZoneInfo("UTC"))


def read() -> list[tuple[date, str]]:
    """The day and the act of every entry."""
    events = [event for entry in LogEntry.objects.order_by("index") if (event := event_of(entry)) is not None]
    return [(timezone.localdate(parse_instant(event.at)), str(event.act)) for event in events]


def naive(entries: list[tuple[date, str]], first: date, last: date) -> Counter[str]:
    return Counter(act for day, act in entries if first <= day <= last)


@pytest.fixture
def days(node: NodeSecrets) -> list[date]:
    """A log of some thirteen hundred entries over ten days, with heads signed and without."""
    acts = list(Act)
    for number in range(10):
        at = FIRST + number * DAY
        with transaction.atomic(), many_entries():
            for one in range(131):
                act = acts[(number * one) % len(acts)]
                record(act, "tried", "x", by="alice", reason="", at=at + one * timedelta(minutes=10))
        if number % 3 == 0:
            sign_head(at=at + DAY)
    return [timezone.localdate(FIRST + number * DAY) for number in range(-1, 12)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/Caracas"])
def test_every_period_is_counted_as_reading_it_would(days: list[date], zone: str) -> None:
    with timezone.override(zone), transaction.atomic():
        entries = read()
        for first in days:
            for last in days:
                if first <= last:
                    assert count_acts(first, last) == naive(entries, first, last), (first, last)


def test_what_was_counted_is_not_read_again_and_new_entries_are_counted(days: list[date]) -> None:
    size = LogEntry.objects.count()
    assert tally_log(most=2) == 2
    assert tally_log() == size // BLOCK - 2
    assert tally_log() == 0
    counted = LogTally.objects.order_by("block").values_list("acts", flat=True)
    assert sum(sum(acts.values()) for acts in counted) == size // BLOCK * BLOCK
    with transaction.atomic():
        before = count_acts(days[0], days[-1])
        record(Act.ERASURE, "tried", "x", by="alice", reason="", at=FIRST + 5 * DAY)
        assert count_acts(days[0], days[-1]) - before == {"erasure": 1}
