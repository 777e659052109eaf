"""What waits for an officer: news from partners, requests under their clocks, releases for a second person, hits,
actions, consents, flags, silent holders, refused messages, and how it stands with each partner.

Invariant: every part is bounded, so that the page costs the same with few reports and with many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from amana.domain.report import Kind, State
from amana.domain.viewpoint import Role, Viewpoint
from amana.exchange.protocol import Step, Type
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
from amana.records.queries.kept import asked
from amana.records.queries.reports import Reach, is_visible, reach_of, reports_within, visible_reports
from amana.records.queries.requests import count_hits
from amana.services import blind_desk, cooperation, tasks
from amana.services.certificates import silent_onward
from amana.services.consents import count_waiting_consents, waiting_consents
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.partners import list_partners
from amana.services.requests import Listed, Pace, Stood, read_requests, requests_at_the_desk
from amana.services.rights import Deed, may, require

FIRST = 10  # of each part, those at its head
LOOKED_THROUGH = 500
DUE_WITHIN = timedelta(days=7)
HITS_OF = timedelta(days=30)
RELEASE_WITHIN = timedelta(days=1)
# What a list shows of a report; its text, its words for search and its details stay where they are.
COLUMNS = ("uid", "version", "originator", "kind", "state", "title", "language", "handling", "written", "via", "author")


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Late:
    """What is overdue on a desk, for its head: requests we owe and partners owe, actions, releases, consents."""

    ours: int
    theirs: int
    actions: int
    releases: int
    consents: int

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return any((self.ours, self.theirs, self.actions, self.releases, self.consents))


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page: what needs this person now. How it stands with each partner, `lines_of_desk` says beside it.

    `news` are held reports that nobody here has opened, the newest first; `unread` counts them, up to a bound. `leads`
    says how many of our holdings speak to a request, by its row. `requests` and `tasks` are those that run out first.
    `more` says of each part that is not shown whole how many stand in it. `late` is None for whoever heads no desk.
    """

    requests: tuple[Listed, ...]
    leads: Mapping[int, int]
    news: tuple[Report, ...]
    unread: int
    to_release: tuple[Report, ...]
    hits: tuple[blind_desk.Opened, ...]
    tasks: tuple[tasks.Owed, ...]
    consents: tuple[Consent, ...]
    flags: tuple[Flag, ...]
    silent: tuple[Certificate, ...]
    silent_onward: tuple[OnwardCertificate, ...]
    quarantine: tuple[Quarantine, ...]
    more: Mapping[str, int]
    late: Late | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing needs this person now."""
        waits = (self.requests, self.news, self.to_release, self.hits, self.tasks, self.consents, self.flags)
        return not any((*waits, self.silent, self.silent_onward, self.quarantine))


@dataclass(frozen=True, slots=True)
class Inbox:
    """What partners entrusted, newest first, and which of it nobody here has opened; refusals with the first of it."""

    rows: tuple[Report, ...]
    unread: frozenset[int]
    quarantine: tuple[Quarantine, ...] = ()


@transaction.atomic
def open_desk(*, whole: str = "", viewpoint: Viewpoint, by: User, at: datetime | None = None) -> Desk:
    """All that needs this officer now, of each part what stands at its head, and one part `whole`; it is logged."""
    require(by, Deed.READ)
    now = at or timezone.now()
    asked = requests_at_the_desk(viewpoint=viewpoint, by=by, at=now)
    news, unread = _news(viewpoint)
    owed = tasks.due_tasks(until=timezone.localdate(now) + DUE_WITHIN, viewpoint=viewpoint)
    parts = _Parts(whole)
    to_release, consents = _to_release(viewpoint, by), waiting_consents(by=by)
    shown = tuple(read_requests(parts.head("requests", asked), viewpoint=viewpoint))
    _note_look("desk-opened", "desk", unread, viewpoint)
    return Desk(
        requests=shown,
        leads=count_hits([one.row.pk for one in shown if not one.row.ours], viewpoint=viewpoint),
        news=news,
        unread=unread,
        to_release=_read(parts.head("releases", [pk for pk, _ in to_release]), viewpoint),
        hits=parts.head("hits", blind_desk.recent_hits(since=now - HITS_OF, viewpoint=viewpoint, by=by)),
        tasks=parts.head("tasks", [one for one in owed if one.ours]),
        consents=parts.head("consents", consents),
        flags=_read_flags(parts.head("flags", _flags(viewpoint))),
        silent=tuple(Certificate.objects.filter(effect="").select_related("recall").order_by("pk")[:50]),
        silent_onward=tuple(silent_onward()),
        quarantine=tuple(_refused_lately(now)),
        more=parts.more,
        late=_late(asked, owed, to_release, consents, at=now) if by.has_role(Role.HEAD) else None,
    )


def lines_of_desk(*, viewpoint: Viewpoint, by: User, at: datetime | None = None) -> list[cooperation.Line]:
    """How it stands with each partner: beside the desk, whose opening stands in the log already."""
    require(by, Deed.READ)
    return cooperation.lines(viewpoint=viewpoint, at=at or timezone.now())


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a desk: of each what stands at its head, `whole` for one of them."""

    whole: str
    more: dict[str, int] = field(default_factory=dict)

    def head(self, part: str, rows: Sequence[Row]) -> tuple[Row, ...]:
        """What is shown of a part; where that is not all, it is noted how many there are."""
        if part == self.whole or len(rows) <= FIRST:
            return tuple(rows)
        self.more[part] = len(rows)
        return tuple(rows[:FIRST])


def _note_look(verb: str, subject: str, found: int, viewpoint: Viewpoint) -> None:
    details = [*viewpoint.in_log, ("found", str(found))]
    record(Act.CONSULTATION, verb, subject, by=viewpoint.officer, reason="desk", details=details)


@transaction.atomic
def open_inbox(*, viewpoint: Viewpoint, by: User, first: int = 0, most: int = 500, unread: bool = False) -> Inbox:
    """What partners entrusted to this node, or only what nobody here has opened, at most so many from the `first` on.

    The look stands in the log.
    """
    require(by, Deed.READ)
    rows = visible_reports(viewpoint=viewpoint, ended=True).exclude(originator=own_node()).only(*COLUMNS)
    if unread:
        rows = rows.filter(~Exists(_readings()), state=State.HELD)
    found = tuple(rows[first : first + most])
    _note_look("inbox-opened", "inbox", len(found), viewpoint)
    refused = () if first else tuple(_refused_lately(timezone.now()))
    return Inbox(found, unread_among(found), refused)


def _refused_lately(now: datetime) -> QuerySet[Quarantine]:
    lately = Quarantine.objects.filter(at__gte=now - HITS_OF).defer("sealed").select_related("partner")
    return lately.defer("sealed", "partner__card", "partner__tls_ca").order_by("-at", "-pk")[:FIRST]


def _readings() -> QuerySet[Receipt]:
    """Who here opened a held report, as its originator was told."""
    return Receipt.objects.filter(message__report=OuterRef("pk"), message__direction=Message.Direction.IN, step="read")


def _news(viewpoint: Viewpoint) -> tuple[tuple[Report, ...], int]:
    """The newest held reports that nobody here has opened, and how many there are among the last 500 that came in.

    Requests are not among them: they stand under their clocks.
    """
    came = Message.objects.filter(type=Type.REPORT, direction=Message.Direction.IN).order_by("-created_at")
    last = Message.objects.filter(pk__in=came.values("pk")[:LOOKED_THROUGH])
    read = Receipt.objects.filter(message=OuterRef("pk"), step=Step.READ)
    held = visible_reports(viewpoint=viewpoint).filter(state=State.HELD, pk=OuterRef("report_id")).order_by()
    held = held.exclude(originator=own_node()).exclude(kind=Kind.REQUEST)
    unread = last.filter(~Exists(read), Exists(held)).order_by("-created_at")
    numbers = [number for number in unread.values_list("report_id", flat=True) if number is not None]
    return _read(numbers[:FIRST], viewpoint), len(numbers)


def _to_release(viewpoint: Viewpoint, by: User) -> list[tuple[int, datetime]]:
    """What waits for this officer as the second person, by number, and since when it is written; at most 50.

    Our reports, and others' that would be passed on.
    """
    if not may(by, Deed.RELEASE):
        return []
    reach = reach_of(viewpoint)
    found = [*_ours_to_release(reach, by.pk, by.username), *_to_pass_on(reach, by.username)]
    return [(pk, written) for pk, written in found[:50]]


@asked
def _ours_to_release(reach: Reach, author: int, by: str) -> QuerySet[Report, Any]:
    proposed = Release.objects.filter(state=Release.State.PROPOSED, proposed_by=by)
    waiting = (
        reports_within(reach).filter(state=State.AWAITING_RELEASE).exclude(author=author).exclude(releases__in=proposed)
    )
    return waiting.values_list("pk", "written")[:50]


@asked
def _to_pass_on(reach: Reach, by: str) -> QuerySet[Report, Any]:
    proposed = Release.objects.filter(state=Release.State.PROPOSED, passed_on__isnull=False).exclude(proposed_by=by)
    waiting = reports_within(reach).filter(state=State.HELD, pk__in=proposed.values("report"))
    return waiting.values_list("pk", "written")[:50]


def _read(numbers: Sequence[int], viewpoint: Viewpoint) -> tuple[Report, ...]:
    """These reports in this order, where they may be seen."""
    rows = {row.pk: row for row in visible_reports(viewpoint=viewpoint).filter(pk__in=numbers).only(*COLUMNS)}
    return tuple(rows[number] for number in numbers if number in rows)


def _flags(viewpoint: Viewpoint) -> list[Flag]:
    """What our reports rest on and what happened to it, where nobody has seen that yet; without the reports."""
    rows = Flag.objects.filter(is_visible("report_id", viewpoint=viewpoint, ended=True), seen_at__isnull=True)
    return list(rows.exclude(report__state=State.STOPPED).order_by("-since", "-pk")[:50])


def _read_flags(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """These flags with their reports."""
    prefetch_related_objects(flags, Prefetch("report", Report.objects.only(*COLUMNS)))
    return tuple(flags)


def _late(
    asked: Iterable[Stood],
    owed: Iterable[tasks.Owed],
    to_release: Iterable[tuple[int, datetime]],
    consents: Iterable[Consent],
    *,
    at: datetime,
) -> Late:
    """What is overdue on the desk."""
    overdue = [one for one in asked if one.pace is Pace.OVERDUE]
    today = timezone.localdate(at)
    return Late(
        ours=sum(not one.events.ours for one in overdue),
        theirs=sum(one.events.ours for one in overdue),
        actions=sum(one.task.due < today for one in owed),
        releases=sum(at - written > RELEASE_WITHIN for _, written in to_release),
        consents=sum(at - one.asked_at > RELEASE_WITHIN for one in consents),
    )


def count_waiting(*, viewpoint: Viewpoint, by: User) -> dict[str, int]:
    """What waits for this person, by room: releases and consents; for the frame of every page."""
    return {"desk": len(_to_release(viewpoint, by)), "consents": count_waiting_consents(by=by)}


def unread_among(rows: tuple[Report, ...]) -> frozenset[int]:
    """Which of these held reports nobody here has opened yet."""
    held = [row.pk for row in rows if row.state == State.HELD]
    read = Receipt.objects.filter(message__report__in=held, message__direction=Message.Direction.IN, step="read")
    return frozenset(held) - frozenset(read.values_list("message__report_id", flat=True))


def list_partners_with_links(*, by: User) -> list[Partner]:
    """Partners with what waits for them, as `list_partners` counts it."""
    require(by, Deed.SEE_PARTNERS)
    return list_partners()
