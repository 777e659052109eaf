"""Reading requests, and what our holdings say to them, from a viewpoint.

Invariant: a request whose report lies outside the viewpoint is not fetched, and a hit in such a report is not counted.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from amana.domain.report import Kind
from amana.domain.request import FINAL
from amana.domain.viewpoint import Viewpoint
from amana.records.models import CrossHit, Message, Outbox, Receipt, Report, Request, RequestAnswer
from amana.records.queries.kept import asked, kept
from amana.records.queries.reports import Reach, reach_of, readable, seen_from


@kept
def counted_answers() -> QuerySet[RequestAnswer]:
    """Answers that both sides hold: neither refused by the partner nor taken back."""
    rows = RequestAnswer.objects.filter(taken_back_at=None)
    return (
        rows.exclude(message__outbox__state=Outbox.State.REFUSED)
        .select_related("report", "message")
        .defer(*_unread(), "report__details", "report__handling")
        .order_by("at", "pk")
    )


_OF_A_REPORT = ("uid", "version", "originator", "kind", "state", "title", "language", "handling", "details")
_OF_A_MESSAGE = ("partner", "received_at")


@lru_cache(maxsize=1)
def _unread() -> list[str]:
    """What a list of requests does not need of reports and messages: the texts, the bodies, what must be decoded."""
    return [
        f"{joined}__{field.attname}"
        for joined, model, read in (("report", Report, _OF_A_REPORT), ("message", Message, _OF_A_MESSAGE))
        for field in model._meta.concrete_fields
        if field.name not in read and not field.primary_key
    ]


def with_reports(rows: QuerySet[Request]) -> QuerySet[Request]:
    """The rows with what a list shows of their reports and of the way they went."""
    return rows.select_related("report", "message", "message__outbox").defer(*_unread())


def with_events(rows: QuerySet[Request]) -> QuerySet[Request]:
    """The same with all that their standing is folded from, in a few queries."""
    answers = Prefetch("answers", queryset=counted_answers())
    return with_reports(rows).prefetch_related("message__receipts", answers)


class AnswerEvent(NamedTuple):
    """What one counted answer does to its request."""

    outcome: str
    ground: str
    hours: int
    at: datetime


class RequestEvents(NamedTuple):
    """One request and what its standing is folded from, without a word of its content; answers in their order."""

    pk: int
    partner: str
    ours: bool
    clock: timedelta
    received_at: datetime | None
    withdrawn_at: datetime | None
    answers: tuple[AnswerEvent, ...]


def events_of(
    chosen: Q, *, received: str, viewpoint: Viewpoint, ended: bool | None = None, most: int | None = None
) -> list[RequestEvents]:
    """What the standings of requests are folded from, the newest first: of those that may be seen and are chosen.

    `ended` keeps those that were withdrawn or answered to the end, or those that were not; `most` the newest so many.
    `received` is the step of a receipt that starts the clock.
    """
    which = (reach_of(viewpoint), ended, chosen, most)
    rows = _request_events(*which, received)
    answers: dict[int, list[AnswerEvent]] = {}
    for request, *event in _answer_events(*which):
        answers.setdefault(request, []).append(AnswerEvent(*event))
    return [
        RequestEvents(pk, partner, ours, clock, received_at, withdrawn_at, tuple(answers.get(pk, ())))
        for pk, partner, ours, clock, received_at, withdrawn_at in rows
    ]


@asked
def _request_events(reach: Reach, ended: bool | None, chosen: Q, most: int | None, received: str) -> QuerySet[Any, Any]:
    receipts = Receipt.objects.filter(message=OuterRef("message"), step=received).values("at")
    began = Case(When(ours=True, then=Subquery(receipts[:1])), default=F("message__received_at"))
    rows = _chosen(reach, ended, chosen)
    return rows.values_list("pk", "partner_id", "ours", "clock", began, "withdrawn_at")[:most]


@asked
def _answer_events(reach: Reach, ended: bool | None, chosen: Q, most: int | None) -> QuerySet[Any, Any]:
    rows = counted_answers().select_related(None).filter(request__in=_chosen(reach, ended, chosen).values("pk")[:most])
    return rows.values_list("request_id", *AnswerEvent._fields)


def _chosen(reach: Reach, ended: bool | None, chosen: Q) -> QuerySet[Request]:
    over = Q(answered=True) | Q(withdrawn_at__isnull=False)
    return _newest(reach).filter(chosen, Q() if ended is None else over if ended else ~over)


def versions_with(partner: str, uid: UUID, *, ours: bool) -> list[Request]:
    """All versions of one request with one partner, oldest first."""
    rows = Request.objects.filter(partner_id=partner, uid=uid, ours=ours)
    return list(with_events(rows).order_by("version"))


def visible_requests(*, viewpoint: Viewpoint) -> QuerySet[Request]:
    """The newest version of every request that may be seen, ended ones too, the newest first, with all it needs."""
    return with_events(newest_requests(viewpoint=viewpoint))


def newest_requests(*, viewpoint: Viewpoint) -> QuerySet[Request]:
    """The same rows alone."""
    return _newest(reach_of(viewpoint))


@kept
def _newest(reach: Reach) -> QuerySet[Request]:
    """Each row asks about its own report: requests are few beside the reports that may be seen."""
    seen = seen_from(reach, "report_id", ended=True, kind=Kind.REQUEST)
    newer = Request.objects.filter(
        partner=OuterRef("partner"), ours=OuterRef("ours"), uid=OuterRef("uid"), version__gt=OuterRef("version")
    )
    return Request.objects.filter(~Exists(newer)).filter(seen).order_by("-asked_at", "partner_id")


def count_open(*, ours: bool, viewpoint: Viewpoint) -> int:
    """How many of these this node asks, or is asked; no more is read of them."""
    return len(_open(reach_of(viewpoint), ours))


@asked
def _open(reach: Reach, ours: bool) -> QuerySet[Request, Any]:
    return _chosen(reach, False, Q(ours=ours)).order_by().values_list("pk")


def note_whether_answered(rows: QuerySet[Request]) -> None:
    """Keep with these requests whether a final answer counts: for whoever let one count, or let it no longer."""
    taken_back = Q(taken_back_at__isnull=False) | Q(message__outbox__state=Outbox.State.REFUSED)
    final = RequestAnswer.objects.filter(~taken_back, request=OuterRef("pk"), outcome__in=FINAL)
    Request.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(answered=Exists(final))


def names_are_waiting() -> bool:
    """Whether a partner's request came in whose names were not compared with our holdings yet."""
    return Request.objects.filter(ours=False, compared_at=None).exists()


def count_hits(requests: Collection[int], *, viewpoint: Viewpoint) -> dict[int, int]:
    """How many readable reports speak to each of these requests."""
    rows = CrossHit.objects.filter(readable(viewpoint, "found__report__"), request__in=requests)
    return dict(rows.values_list("request").annotate(number=Count("found__report", distinct=True)).order_by())


def visible_hits(request: Request, *, viewpoint: Viewpoint) -> QuerySet[CrossHit]:
    """What readable reports say to a request, by report."""
    both = readable(viewpoint, "asked__report__") & readable(viewpoint, "found__report__")
    rows = CrossHit.objects.filter(both, request=request)
    joined = rows.select_related("asked__entity", "found__entity", "found__report")
    return joined.order_by("-found__report__written", "found__report_id", "asked__position", "found__position")
