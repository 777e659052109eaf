"""What this node built on a report that was recalled, restricted or corrected: stopped, re-marked, flagged.

Invariant: after an originator's order nothing built on it leaves unseen: drafts end or take the stricter marking, what
waits to be sent is voided, and what has left carries a flag until an officer has seen it. What rests on other things
stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import NotFound, gettext_noop
from amana.domain.handling import Handling, Tlp
from amana.domain.report import Kind, State
from amana.records.models import Flag, Message, Outbox, Partner, Release, Report, User
from amana.services.chain import Lock
from amana.services.contents import close_report, handling_columns
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.rights import Deed, require

UNSENT = [State.DRAFT, State.AWAITING_RELEASE]


class FlagUnknown(NotFound):
    """There is no such flag that this officer may see."""

    code = "flag-unknown"
    sentence = gettext_noop("There is no open flag of this number on the report.")


class Change(StrEnum):
    """What happened to the thing that a product rests on."""

    RECALLED = "recalled"
    RESTRICTED = "restricted"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Touched:
    """How many drafts were stopped, and how many products that had been released were flagged."""

    stopped: int = 0
    flagged: int = 0


def products_of(rows: Sequence[Report]) -> list[Report]:
    """All our reports that rest on these, through any number of steps, and the case sheets that name them.

    Their rows are locked, so that none of them is released while its source is taken back.
    """
    found: dict[int, Report] = {}
    layer = list(rows)
    while layer:
        products = Report.objects.filter(originator=own_node(), built_on__in=layer).exclude(pk__in=found)
        layer = list(products.distinct())
        found |= {row.pk: row for row in layer}
    named = {(row.originator, str(row.uid)) for row in rows}
    sheets = Report.objects.filter(originator=own_node(), kind=Kind.CASE, state__in=[*UNSENT, State.RELEASED])
    found |= {row.pk: row for row in sheets if _members(row) & named}
    return list(Report.objects.select_for_update(no_key=True).filter(pk__in=found).order_by("pk")) if found else []


def _members(row: Report) -> set[tuple[str, str]]:
    members = (row.details or {}).get("members", [])
    return {(one["originator"], one["report"]) for one in members}


def stop_reports(rows: Sequence[Report], *, reason: str) -> int:
    """Stop unreleased reports and their proposals; returns how many."""
    Release.objects.filter(report__in=rows, state=Release.State.PROPOSED).update(
        state=Release.State.STOPPED, reason=reason
    )
    for row in rows:
        close_report(row, State.STOPPED, reason=reason)
    return len(rows)


def stop_products(rows: Sequence[Report], *, reason: str, at: datetime, lock: Lock) -> Touched:
    """End what rests on recalled reports where it has not left, and flag what has, once however often it is told."""
    told = Flag.objects.filter(source=rows[0].originator, source_uid=rows[0].uid, what=Change.RECALLED)
    known = set(told.values_list("report_id", flat=True))
    products = [row for row in products_of(rows) if row.pk not in known]
    sheets = [row for row in products if row.state in UNSENT and row.kind == Kind.CASE]
    drafts = [row for row in products if row.state in UNSENT and row.kind != Kind.CASE]
    stopped = stop_reports(drafts, reason=reason)
    released = [row for row in products if row.state == State.RELEASED]
    for row in released:
        _void_unsent(row, reason=reason, lock=lock)
    _flag([*sheets, *released], rows, Change.RECALLED, reason, at=at)
    return Touched(stopped, len(sheets) + len(released))


def remark_products(rows: Sequence[Report], handling: Handling, *, reason: str, at: datetime) -> Touched:
    """Give drafts that rest on restricted reports the stricter marking, and flag them and what has left."""
    products = [row for row in products_of(rows) if row.state in (*UNSENT, State.RELEASED)]
    for row in products:
        if row.state in UNSENT:
            _remark(row, handling, reason=reason)
    _flag(products, rows, Change.RESTRICTED, reason, at=at)
    return Touched(0, len(products))


def flag_products(rows: Sequence[Report], *, reason: str, at: datetime) -> Touched:
    """Flag what rests on reports that were corrected."""
    products = [row for row in products_of(rows) if row.state in (*UNSENT, State.RELEASED)]
    _flag(products, rows, Change.CORRECTED, reason, at=at)
    return Touched(0, len(products))


def _remark(row: Report, handling: Handling, *, reason: str) -> None:
    own = Handling.from_json(row.handling)
    narrowed = own.meet(replace(handling, releasable_to=own.releasable_to))
    stopped = Release.objects.filter(report=row, state=Release.State.PROPOSED).update(
        state=Release.State.STOPPED, reason=reason
    )
    state = {"state": State.DRAFT} if stopped else {}
    Report.objects.filter(pk=row.pk, state__in=UNSENT).update(**handling_columns(narrowed), **state)


def _void_unsent(row: Report, *, reason: str, lock: Lock) -> None:
    """Void what was never tried; a product that so reached nobody counts as recalled."""
    waiting = Outbox.objects.filter(message__report=row, state=Outbox.State.QUEUED, attempts=0, void=False)
    for node in sorted(set(waiting.values_list("partner_id", flat=True))):
        partner: Partner = lock(node)
        if waiting.filter(partner=partner).update(void=True):
            Release.objects.filter(report=row, partner=partner).update(state=Release.State.STOPPED, reason=reason)
    out = Message.objects.filter(report=row, direction=Message.Direction.OUT)
    if out.exists() and not out.filter(outbox__void=False).exists():
        Report.objects.filter(pk=row.pk, state=State.RELEASED).update(state=State.RECALLED, ended_reason=reason)


def _flag(products: Sequence[Report], rows: Sequence[Report], what: Change, why: str, *, at: datetime) -> None:
    if not products:
        return
    source = rows[0]
    Flag.objects.bulk_create(
        Flag(report=row, source=source.originator, source_uid=source.uid, what=what, why=why, since=at)
        for row in products
    )
    record(
        Act.ALTERATION,
        "products-flagged",
        f"report:{source.uid}",
        by=f"node:{source.originator}",
        reason=str(what),
        details=[("products", " ".join(f"{row.uid}:{row.version}" for row in products))],
        at=at,
    )


def flags_of(row: Report) -> list[Flag]:
    """The flags on a report of ours, newest first."""
    return list(Flag.objects.filter(report=row).order_by("-since"))


@transaction.atomic
def see_flag(number: int, *, report: UUID, by: User) -> None:
    """Say that somebody has seen what a report of ours rests on. Raises FlagUnknown."""
    require(by, Deed.WRITE)
    cleared = Report.objects.filter(uid=report, strictness__lte=Tlp(by.clearance).strictness)
    changed = Flag.objects.filter(pk=number, report__in=cleared, seen_at__isnull=True).update(
        seen_by=by.username, seen_at=timezone.now()
    )
    if not changed:
        raise FlagUnknown
    record(Act.ALTERATION, "flag-seen", f"report:{report}", by=by.username, reason="flag")
