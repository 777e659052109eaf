"""The page to read before a meeting: how it stands with one partner, and what happened since the last meeting.

Invariant: every figure is a count of the node's own rows that the viewpoint may see, and every line names the rows it
counts; nothing is estimated and nobody is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from amana.domain.errors import NotFound, gettext_noop
from amana.domain.report import Kind, State
from amana.domain.times import parse_instant
from amana.domain.viewpoint import Viewpoint
from amana.exchange.protocol import Type
from amana.records.models import Certificate, Consent, Message, Outbox, Partner, Quarantine, Report, User
from amana.records.queries.joint import Named, parts_of_kind
from amana.records.queries.reports import is_visible, visible_reports
from amana.services import blind_desk, cooperation, request_figures, tasks
from amana.services.consents import consents_asked_with
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.requests import open_requests, read_requests
from amana.services.rights import Deed, require
from amana.services.standings import Listed, Pace, in_order

SHOWN = 6
WITHOUT_MEETING = timedelta(days=90)
COLUMNS = ("uid", "version", "originator", "kind", "state", "title", "language", "handling", "written", "ended_reason")

Row = TypeVar("Row")


class PartnerUnknownHere(NotFound):
    """No partner has this name."""

    code = "briefing-partner-unknown"
    sentence = gettext_noop("This node knows no partner of that name.")


@dataclass(frozen=True, slots=True)
class Some(Generic[Row]):
    """The first of many rows, and how many there are."""

    rows: tuple[Row, ...]
    count: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class MeetingSeen:
    """A meeting record of either side, and when the meeting begins."""

    row: Named
    starts: datetime


@dataclass(frozen=True, slots=True)
class Briefing:
    """One partner, as it stands at a time, with what happened `since` the last meeting (or 90 days, where none was).

    `ours` and `theirs` are open actions, by who owes them; `asked` the open requests, what runs out first at the head.
    """

    partner: Partner
    at: datetime
    since: datetime
    last: MeetingSeen | None
    next: MeetingSeen | None
    line: cooperation.Line
    figures: request_figures.Figures | None
    ours: Some[tasks.Owed]
    theirs: Some[tasks.Owed]
    asked: Some[Listed]
    overdue: int
    hits: Some[blind_desk.Opened]
    received: Some[Report]
    sent: Some[Report]
    recalled: Some[Certificate]
    silent: int
    withdrawn: Some[Report]
    corrected: Some[Report]
    refused: Some[Quarantine]
    consents: Some[Consent]


@transaction.atomic
def brief(node: str, *, at: datetime | None = None, viewpoint: Viewpoint, by: User) -> Briefing:
    """What to know before meeting a partner; the look stands in the log. Raises PartnerUnknownHere."""
    require(by, Deed.READ)
    now = at or timezone.now()
    partner = Partner.objects.filter(pk=node).defer("card", "tls_ca").first()
    if partner is None:
        raise PartnerUnknownHere
    meetings = meetings_with(node, viewpoint=viewpoint)
    last = max((one for one in meetings if one.starts <= now), key=_starts, default=None)
    since = last.starts if last else now - WITHOUT_MEETING
    details = [*viewpoint.in_log, ("since", since.date().isoformat())]
    record(Act.CONSULTATION, "briefing-opened", f"partner:{node}", by=by.username, reason="meeting", details=details)
    waiting = open_requests(Q(partner=node), at=now, viewpoint=viewpoint)
    asked = in_order([one for one in waiting if one.standing.open])
    owed = tasks.due_tasks(partner=node, viewpoint=viewpoint)
    recalled = _recalled(node, since, viewpoint)
    return Briefing(
        partner=partner,
        at=now,
        since=since,
        last=last,
        next=min((one for one in meetings if one.starts > now), key=_starts, default=None),
        line=cooperation.lines(viewpoint=viewpoint, at=now, partner=node)[0],
        figures=_figures(node, since, now, viewpoint),
        ours=_some([one for one in owed if one.ours]),
        theirs=_some([one for one in owed if one.task.node == node]),
        asked=Some(tuple(read_requests(asked[:SHOWN], viewpoint=viewpoint)), len(asked)),
        overdue=sum(one.pace is Pace.OVERDUE for one in asked),
        hits=_some([one for one in _hits(since, viewpoint, by) if one.row.partner_id == node]),
        received=_carried(node, Message.Direction.IN, since, viewpoint),
        sent=_carried(node, Message.Direction.OUT, since, viewpoint),
        recalled=_some(recalled),
        silent=sum(not one.effect for one in recalled),
        withdrawn=_first(_withdrawn(node, since, viewpoint)),
        corrected=_corrected(node, since, viewpoint),
        refused=_first(Quarantine.objects.filter(partner=node, at__gte=since).defer("sealed").order_by("-at", "-pk")),
        consents=_some(consents_asked_with(node, by=by)),
    )


def meetings_with(node: str, *, viewpoint: Viewpoint) -> list[MeetingSeen]:
    """Meeting records that a partner wrote or was sent, and our own that name it as a reader, the newest first."""
    parts = KeyTextTransform("starts", "details"), KeyTransform("releasable_to", "handling")
    here = own_node()
    return [
        MeetingSeen(named, parse_instant(starts))
        for named, (starts, readers) in parts_of_kind(Kind.MEETING, *parts, viewpoint=viewpoint)
        if named.originator == node or (named.originator == here and node in (readers or ()))
    ]


def _starts(one: MeetingSeen) -> datetime:
    return one.starts


def _figures(node: str, since: datetime, now: datetime, viewpoint: Viewpoint) -> request_figures.Figures | None:
    first, last = timezone.localdate(since), timezone.localdate(now)
    found = request_figures.count_requests(min(first, last), last, partner=node, at=now, viewpoint=viewpoint)
    return found[0] if found else None


def _hits(since: datetime, viewpoint: Viewpoint, by: User) -> list[blind_desk.Opened]:
    return blind_desk.recent_hits(since=since, viewpoint=viewpoint, by=by)


def _carried(node: str, direction: str, since: datetime, viewpoint: Viewpoint) -> Some[Report]:
    """Reports, neither requests nor answers, that crossed the line first since a time and were not refused."""
    stopped = Q(outbox__state=Outbox.State.REFUSED) | Q(outbox__void=True)
    rows = _messages(node, since, viewpoint).filter(direction=direction, report__version=1)
    return _reports(rows.exclude(stopped).exclude(report__kind__in=[Kind.REQUEST, Kind.REPLY]))


def _messages(node: str, since: datetime, viewpoint: Viewpoint) -> QuerySet[Message]:
    seen = is_visible("report_id", viewpoint=viewpoint, ended=True)
    return Message.objects.filter(seen, partner=node, type=Type.REPORT, created_at__gte=since)


def _reports(rows: QuerySet[Message]) -> Some[Report]:
    """The newest reports of these messages, and how many there are; the rows are found by number, the words left."""
    numbers = list(rows.order_by("-created_at", "-seq").values_list("report_id", flat=True)[: SHOWN + 1])
    found = Report.objects.filter(pk__in=numbers[:SHOWN]).only(*COLUMNS).order_by("-written", "-pk")
    return Some(tuple(found), len(numbers) if len(numbers) <= SHOWN else rows.count())


def _recalled(node: str, since: datetime, viewpoint: Viewpoint) -> list[Certificate]:
    """Our recalls that this partner was sent since a time, and older ones that it has not confirmed."""
    seen = visible_reports(viewpoint=viewpoint, ended=True).filter(originator=own_node()).order_by()
    rows = Certificate.objects.filter(Exists(seen.filter(uid=OuterRef("recall__report_uid"))), partner=node)
    rows = rows.filter(Q(recall__at__gte=since) | Q(effect=""))
    return list(rows.select_related("recall").defer("jws").order_by("effect", "-recall__at", "pk")[:100])


def _withdrawn(node: str, since: datetime, viewpoint: Viewpoint) -> QuerySet[Report]:
    seen = visible_reports(viewpoint=viewpoint, ended=True).only(*COLUMNS)
    return seen.filter(originator=node, state=State.WITHDRAWN, changed_at__gte=since)


def _corrected(node: str, since: datetime, viewpoint: Viewpoint) -> Some[Report]:
    """New versions that crossed the line since a time, in either direction."""
    return _reports(_messages(node, since, viewpoint).filter(report__version__gt=1))


def _some(rows: Sequence[Row]) -> Some[Row]:
    return Some(tuple(rows[:SHOWN]), len(rows))


def _first(rows: QuerySet[Row]) -> Some[Row]:  # type: ignore[type-var]
    found: Iterable[Row] = rows[: SHOWN + 1]
    shown = tuple(found)
    return Some(shown[:SHOWN], len(shown) if len(shown) <= SHOWN else rows.count())
