"""What waits for an officer: requests under their clocks, releases for a second person, news from partners,
quarantine, silent holders.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from amana.domain.report import State
from amana.domain.viewpoint import Viewpoint
from amana.records.models import (
    Certificate,
    Consent,
    Flag,
    Message,
    OnwardCertificate,
    Partner,
    Quarantine,
    Receipt,
    Release,
    Report,
    User,
)
from amana.records.queries.reports import visible_reports
from amana.services.certificates import silent_onward
from amana.services.consents import waiting_consents
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.partners import list_partners
from amana.services.requests import Asked, requests_at_the_desk
from amana.services.rights import Deed, may, require


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page: what partners entrusted, what waits for this person, and what is held up."""

    requests: tuple[Asked, ...]
    inbox: tuple[Report, ...]
    unread: frozenset[int]
    to_release: tuple[Report, ...]
    silent: tuple[Certificate, ...]
    quarantine: tuple[Quarantine, ...]
    consents: tuple[Consent, ...] = ()
    flags: tuple[Flag, ...] = ()
    silent_onward: tuple[OnwardCertificate, ...] = ()


@transaction.atomic
def open_desk(*, viewpoint: Viewpoint, by: User) -> Desk:
    """All that needs this officer now; the look stands in the log."""
    require(by, Deed.READ)
    seen = visible_reports(viewpoint=viewpoint, ended=True)
    inbox = tuple(seen.exclude(originator=own_node())[:200])
    record(
        Act.CONSULTATION,
        "inbox-opened",
        "inbox",
        by=by.username,
        reason="desk",
        details=[("purpose", str(viewpoint.purpose)), ("found", str(len(inbox)))],
    )
    return Desk(
        requests=tuple(requests_at_the_desk(viewpoint=viewpoint, by=by)),
        inbox=inbox,
        unread=unread_among(inbox),
        to_release=tuple(_to_release(viewpoint, by)),
        silent=tuple(Certificate.objects.filter(effect="").select_related("recall")[:50]),
        quarantine=tuple(Quarantine.objects.select_related("partner").order_by("-at")[:20]),
        consents=tuple(waiting_consents(by=by)),
        flags=tuple(_flags(seen)),
        silent_onward=tuple(silent_onward()),
    )


def _to_release(viewpoint: Viewpoint, by: User) -> list[Report]:
    if not may(by, Deed.RELEASE):
        return []
    seen, open_ = visible_reports(viewpoint=viewpoint), Release.objects.filter(state=Release.State.PROPOSED)
    waiting = seen.filter(state=State.AWAITING_RELEASE).exclude(author=by)
    waiting = waiting.exclude(releases__in=open_.filter(proposed_by=by.username))
    onward = open_.filter(passed_on__isnull=False).exclude(proposed_by=by.username).values_list("report_id", flat=True)
    passed = seen.filter(state=State.HELD, pk__in=list(onward[:50]))
    return [*waiting[:50], *passed[:50]][:50]


def _flags(seen: QuerySet[Report]) -> list[Flag]:
    """What our reports rest on and what happened to it, where nobody has seen that yet."""
    rows = Flag.objects.filter(seen_at__isnull=True, report__in=seen.exclude(state=State.STOPPED).values("pk"))
    return list(rows.select_related("report").order_by("-since")[:50])


def count_waiting(*, viewpoint: Viewpoint, by: User) -> int:
    """How many reports wait for this person's release."""
    return len(_to_release(viewpoint, by))


def unread_among(rows: tuple[Report, ...]) -> frozenset[int]:
    """Which of these held reports nobody here has opened yet."""
    held = [row.pk for row in rows if row.state == State.HELD]
    read = Receipt.objects.filter(message__report__in=held, message__direction=Message.Direction.IN, step="read")
    return frozenset(held) - frozenset(read.values_list("message__report_id", flat=True))


def list_partners_with_links(*, by: User) -> list[Partner]:
    """Partners with what waits for them, as `list_partners` counts it."""
    require(by, Deed.SEE_PARTNERS)
    return list_partners()
