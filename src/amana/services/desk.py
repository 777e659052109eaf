"""What waits for an officer: news from partners, requests under their clocks, releases for a second person, hits,
actions, consents, flags, silent holders, refused messages, and how it stands with each partner.

Invariant: every part is bounded, so that the page costs the same with few reports and with many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from amana.domain.report import Kind, State
from amana.domain.viewpoint import Role, Viewpoint
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
from amana.records.queries.reports import is_visible, visible_reports
from amana.records.queries.requests import count_hits
from amana.services import blind_desk, cooperation, tasks
from amana.services.certificates import silent_onward
from amana.services.consents import count_waiting_consents, waiting_consents
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.partners import list_partners
from amana.services.requests import Asked, Pace, Stood, read_requests, requests_at_the_desk
from amana.services.rights import Deed, may, require

SHOWN = 12
NEAREST = 15  # of requests and of tasks, those that run out first; their rooms have them all
LOOKED_THROUGH = 500
DUE_WITHIN = timedelta(days=7)
HITS_OF = timedelta(days=30)
RELEASE_WITHIN = timedelta(days=1)
# What a list shows of a report; its text, its words for search and its details stay where they are.
COLUMNS = ("uid", "version", "originator", "kind", "state", "title", "language", "handling", "written", "via", "author")


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
    """The first page: what needs this person now, and how it stands with each partner.

    `news` are held reports that nobody here has opened, the newest first; `unread` counts them, up to a bound. `leads`
    says how many of our holdings speak to a request, by its row. `requests` and `tasks` are those that run out first;
    whether there are more is said beside them. `late` is None for whoever heads no desk.
    """

    requests: tuple[Asked, ...]
    more_requests: bool
    leads: Mapping[int, int]
    news: tuple[Report, ...]
    unread: int
    to_release: tuple[Report, ...]
    hits: tuple[blind_desk.Opened, ...]
    tasks: tuple[tasks.Owed, ...]
    more_tasks: bool
    consents: tuple[Consent, ...]
    flags: tuple[Flag, ...]
    silent: tuple[Certificate, ...]
    silent_onward: tuple[OnwardCertificate, ...]
    quarantine: tuple[Quarantine, ...]
    lines: tuple[cooperation.Line, ...]
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
def open_desk(*, viewpoint: Viewpoint, by: User, at: datetime | None = None) -> Desk:
    """All that needs this officer now; the look stands in the log."""
    require(by, Deed.READ)
    now = at or timezone.now()
    asked = requests_at_the_desk(viewpoint=viewpoint, by=by, at=now)
    shown = tuple(read_requests(asked[:NEAREST], viewpoint=viewpoint))
    news, unread = _news(viewpoint)
    to_release, consents = tuple(_to_release(viewpoint, by)), tuple(waiting_consents(by=by))
    owed = tuple(tasks.due_tasks(until=timezone.localdate(now) + DUE_WITHIN, viewpoint=viewpoint))
    ours = tuple(one for one in owed if one.ours)
    _note_look("desk-opened", "desk", unread, viewpoint)
    return Desk(
        requests=shown,
        more_requests=len(asked) > NEAREST,
        leads=count_hits([one.row.pk for one in shown if not one.row.ours], viewpoint=viewpoint),
        news=news,
        unread=unread,
        to_release=to_release,
        hits=tuple(blind_desk.recent_hits(since=now - HITS_OF, viewpoint=viewpoint, by=by)),
        tasks=ours[:NEAREST],
        more_tasks=len(ours) > NEAREST,
        consents=consents,
        flags=tuple(_flags(viewpoint)),
        silent=tuple(Certificate.objects.filter(effect="").select_related("recall").order_by("pk")[:50]),
        silent_onward=tuple(silent_onward()),
        quarantine=tuple(_refused_lately(now)),
        lines=tuple(cooperation.lines(viewpoint=viewpoint, at=now)),
        late=_late(asked, owed, to_release, consents, at=now) if by.has_role(Role.HEAD) else None,
    )


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
    return lately.defer("sealed", "partner__card", "partner__tls_ca").order_by("-at", "-pk")[:SHOWN]


def _readings() -> QuerySet[Receipt]:
    """Who here opened a held report, as its originator was told."""
    return Receipt.objects.filter(message__report=OuterRef("pk"), message__direction=Message.Direction.IN, step="read")


def _news(viewpoint: Viewpoint) -> tuple[tuple[Report, ...], int]:
    """The newest held reports that nobody here has opened, and how many there are among the last 500.

    Requests are not among them: they stand under their clocks.
    """
    held = visible_reports(viewpoint=viewpoint).filter(state=State.HELD).exclude(originator=own_node())
    held = held.exclude(kind=Kind.REQUEST)
    last = list(held.order_by("-written").values_list("pk", flat=True)[:LOOKED_THROUGH])
    read = Receipt.objects.filter(message__report__in=last, message__direction=Message.Direction.IN, step="read")
    known = set(read.values_list("message__report_id", flat=True))
    unread = [number for number in last if number not in known]
    rows = visible_reports(viewpoint=viewpoint).filter(pk__in=unread[:SHOWN]).only(*COLUMNS)
    return tuple(rows), len(unread)


def _to_release(viewpoint: Viewpoint, by: User) -> list[Report]:
    """What waits for this officer as the second person: our reports, and others' that would be passed on."""
    if not may(by, Deed.RELEASE):
        return []
    seen = visible_reports(viewpoint=viewpoint).only(*COLUMNS)
    open_ = Release.objects.filter(state=Release.State.PROPOSED)
    waiting = seen.filter(state=State.AWAITING_RELEASE).exclude(author=by)
    waiting = waiting.exclude(releases__in=open_.filter(proposed_by=by.username))
    onward = open_.filter(passed_on__isnull=False).exclude(proposed_by=by.username).values_list("report_id", flat=True)
    passed = seen.filter(state=State.HELD, pk__in=list(onward[:50]))
    return [*waiting[:50], *passed[:50]][:50]


def _flags(viewpoint: Viewpoint) -> list[Flag]:
    """What our reports rest on and what happened to it, where nobody has seen that yet."""
    rows = Flag.objects.filter(is_visible("report_id", viewpoint=viewpoint, ended=True), seen_at__isnull=True)
    rows = rows.prefetch_related(Prefetch("report", Report.objects.only(*COLUMNS))).order_by("-since", "-pk")[:100]
    return [one for one in rows if one.report.state != State.STOPPED][:50]


def _late(
    asked: Iterable[Stood],
    owed: Iterable[tasks.Owed],
    to_release: Iterable[Report],
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
        releases=sum(at - row.written > RELEASE_WITHIN for row in to_release),
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
