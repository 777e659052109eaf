"""Counting the log's acts over a period without reading all of its entries.

Invariant: the figure is what reading every entry of the period would count. A tally stands for 256 entries in a row
that the log will never change; the newest entries, and those around the period's ends, are read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from amana.domain.times import instant, span
from amana.records.models import LogEntry, LogHead, LogTally
from amana.services.log_reading import numbers_between

BLOCK = 256


class _Said(NamedTuple):
    """What is counted of one entry."""

    act: str
    at: str


def count_acts(first: date, last: date) -> Counter[str]:
    """How many entries there are of each act, from the first to the last day; needs a transaction."""
    tally_log()
    earliest, latest = (instant(at) for at in span(first, last, timezone.get_current_timezone()))
    begin, end = numbers_between(first, last)
    end = LogHead.objects.values_list("size", flat=True).get(pk=1) if end is None else end
    found: Counter[str] = Counter()
    read = begin
    tallies = LogTally.objects.filter(block__gte=-(-begin // BLOCK), block__lt=end // BLOCK).order_by("block")
    for block, first_at, last_at, acts in tallies.values_list("block", "earliest", "latest", "acts"):
        start = block * BLOCK
        inside = first_at >= earliest and last_at <= latest
        if inside or last_at < earliest or first_at > latest:
            if read < start:
                found += _counted(read, start, earliest, latest)
            if inside:
                found.update(acts)
            read = start + BLOCK
    return found + _counted(read, end, earliest, latest)


@transaction.atomic
def tally_log(*, most: int | None = None) -> int:
    """Count what was not counted yet, in blocks of 256 entries, at most so many of them; returns how many were."""
    size = LogHead.objects.values_list("size", flat=True).get(pk=1)
    newest = LogTally.objects.aggregate(newest=Max("block"))["newest"]
    begin = 0 if newest is None else newest + 1
    blocks = range(begin, min(size // BLOCK, begin + most) if most is not None else size // BLOCK)
    LogTally.objects.bulk_create(map(_tally, blocks), ignore_conflicts=True, batch_size=200)
    return len(blocks)


def _tally(block: int) -> LogTally:
    said = list(_read(block * BLOCK, (block + 1) * BLOCK))
    times = [one.at for one in said]
    acts = Counter(one.act for one in said)
    return LogTally(block=block, earliest=min(times, default=""), latest=max(times, default=""), acts=acts)


def _counted(begin: int, end: int, earliest: str, latest: str) -> Counter[str]:
    return Counter(one.act for one in _read(begin, end) if earliest <= one.at <= latest)


def _read(begin: int, end: int) -> Iterator[_Said]:
    """Act and instant of the entries from one number to before another; all instants have one form (`instant`)."""
    if begin >= end:
        return
    rows = LogEntry.objects.filter(index__gte=begin, index__lt=end, event__isnull=False).order_by("index")
    for event in rows.values_list("event", flat=True).iterator(chunk_size=BLOCK):
        said = json.loads(event or "{}")
        yield _Said(said["act"], said["at"])
