"""What reaches its day of erasure, what is overdue, and what a legal hold keeps: numbers and dates, no content."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from amana.domain.handling import Tlp
from amana.records.models import LegalHold, Report, User
from amana.services.housekeeping import ERASABLE
from amana.services.journal import Act, record
from amana.services.rights import Deed, require

MOST = 500
_TLP = {tlp.strictness: str(tlp) for tlp in Tlp}


@dataclass(frozen=True, slots=True)
class Due:
    """One version of a report that reaches its day, with the legal hold on it, if any."""

    uid: str
    version: int
    originator: str
    kind: str
    state: str
    tlp: str
    erase_by: date
    overdue: bool
    hold: str


@dataclass(frozen=True, slots=True)
class Retention:
    """What is due: by originator and marking (originator, marking, due, overdue), and the rows, the earliest first.

    `endless` are versions in use without any day of erasure; `holds` all legal holds in force.
    """

    until: date
    counts: tuple[tuple[str, str, int, int], ...]
    rows: tuple[Due, ...]
    more: int
    endless: int
    holds: tuple[LegalHold, ...]


@transaction.atomic
def list_due(days: int, *, by: User) -> Retention:
    """What reaches its day of erasure within so many days, and what is overdue; the look stands in the log."""
    require(by, Deed.INSPECT)
    today = timezone.localdate()
    until = today + timedelta(days=max(0, min(days, 3660)))
    record(Act.CONSULTATION, "retention-read", "reports", by=by.username, reason="oversight")
    holds = tuple(LegalHold.objects.filter(lifted_at__isnull=True).select_related("report").order_by("at"))
    held = {one.report_id: one.reason for one in holds}
    rows = Report.objects.filter(erase_by__lte=until, state__in=ERASABLE).order_by("erase_by", "pk")
    counts: Counter[tuple[str, str, bool]] = Counter()
    found: list[Due] = []
    fields = ("pk", "uid", "version", "originator", "kind", "state", "strictness", "erase_by")
    for key, uid, version, originator, kind, state, strictness, day in rows.values_list(*fields).iterator():
        tlp, overdue = _TLP.get(strictness, ""), day < today
        counts[originator, tlp, overdue] += 1
        if len(found) < MOST:
            found.append(Due(str(uid), version, originator, kind, state, tlp, day, overdue, held.get(key, "")))
    groups = sorted({(originator, tlp) for originator, tlp, _ in counts})
    summed = tuple((one, tlp, counts[one, tlp, False], counts[one, tlp, True]) for one, tlp in groups)
    endless = Report.objects.filter(erase_by__isnull=True, state__in=ERASABLE).count()
    return Retention(until, summed, tuple(found), counts.total() - len(found), endless, holds)
