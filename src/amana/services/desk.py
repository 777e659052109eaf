"""What waits for an officer: releases for a second person, news from partners, quarantine, silent holders."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from amana.domain.report import State
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Certificate, Message, Partner, Quarantine, Receipt, Report, User
from amana.records.queries.reports import visible_reports
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.partners import list_partners
from amana.services.rights import Deed, may, require


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page: what partners entrusted, what waits for this person, and what is held up."""

    inbox: tuple[Report, ...]
    unread: frozenset[int]
    to_release: tuple[Report, ...]
    silent: tuple[Certificate, ...]
    quarantine: tuple[Quarantine, ...]


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
        inbox=inbox,
        unread=unread_among(inbox),
        to_release=tuple(_to_release(viewpoint, by)),
        silent=tuple(Certificate.objects.filter(effect="").select_related("recall")[:50]),
        quarantine=tuple(Quarantine.objects.select_related("partner").order_by("-at")[:20]),
    )


def _to_release(viewpoint: Viewpoint, by: User) -> list[Report]:
    if not may(by, Deed.RELEASE):
        return []
    waiting = visible_reports(viewpoint=viewpoint).filter(state=State.AWAITING_RELEASE).exclude(author=by)
    return list(waiting.exclude(releases__proposed_by=by.username).distinct()[:50])


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
