"""Figures of the cooperation with each partner over a period: asked, answered in time, refused, useful, balanced.

Invariant: only what the viewpoint may see is counted; a figure is a count of the node's own rows, nothing is estimated.
After Directive (EU) 2023/977, Article 18.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.request import Outcome, RequestState
from amana.domain.times import span
from amana.domain.viewpoint import Viewpoint
from amana.exchange.protocol import Step
from amana.records.models import Message, Receipt
from amana.records.queries.reports import visible_reports
from amana.records.queries.requests import events_of
from amana.services.cooperation import count_reports
from amana.services.journal import Act, record
from amana.services.standings import Stood, stand_of

Days = tuple[datetime, datetime]  # the first instant of a period and its last
USEFULNESS = (Step.USEFUL, Step.LED_TO, Step.NO_VALUE)


class PeriodMalformed(BadInput):
    """A period ends before it begins."""

    code = "request-period"
    sentence = gettext_noop("A period needs a first day that is not after its last.")


@dataclass(slots=True)
class Side:
    """What became of the requests of one side in the period; `late` were answered after their time.

    `answered` counts final answers, refusals among them: in time or late. `overdue` are open and past their time.
    """

    asked: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    partial: int = 0
    open: int = 0
    overdue: int = 0
    withdrawn: int = 0
    clarifications: int = 0
    extensions: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def refusals(self) -> int:
        """How many were refused, on whatever ground."""
        return self.refused.total()

    @property
    def by_ground(self) -> list[tuple[str, int]]:
        """How many were refused on each ground, by the ground's stable word."""
        return sorted(self.refused.items())

    def add(self, one: Stood) -> None:
        """Count one request, as it stands."""
        self.asked += 1
        standing, answers = one.standing, one.events.answers
        self.clarifications += sum(answer.outcome == Outcome.CLARIFICATION for answer in answers)
        self.extensions += sum(answer.outcome == Outcome.EXTENSION for answer in answers)
        if standing.open:
            self.open += 1
            self.overdue += standing.overdue(one.at)
        elif standing.state is RequestState.WITHDRAWN:
            self.withdrawn += 1
        else:
            self.answered += 1
            in_time = standing.answered_in_time()
            self.in_time += in_time
            self.late += not in_time
            self.partial += standing.state is RequestState.PARTIAL
            if standing.state is RequestState.REFUSED:
                self.refused[next(answer.ground for answer in answers if answer.ground)] += 1


@dataclass(slots=True)
class Figures:
    """One partner: what we asked it, what it asked us, who gave how much, and what was said of the use.

    `sent` and `received` count reports other than requests. `useful_to_them` is their feedback on ours, `useful_to_us`
    ours on theirs.
    """

    partner: str
    ours: Side = field(default_factory=Side)
    theirs: Side = field(default_factory=Side)
    sent: int = 0
    received: int = 0
    useful_to_them: Counter[str] = field(default_factory=Counter)
    useful_to_us: Counter[str] = field(default_factory=Counter)

    @property
    def feedback(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Their feedback on ours and ours on theirs, each as pairs of step and number."""
        return sorted(self.useful_to_them.items()), sorted(self.useful_to_us.items())


class _ByPartner(dict[str, Figures]):
    """The figures of each partner that has any."""

    def __missing__(self, node: str) -> Figures:
        """Begin with nothing counted."""
        self[node] = Figures(node)
        return self[node]


@transaction.atomic
def count_requests(
    first: date, last: date, *, partner: str = "", at: datetime | None = None, viewpoint: Viewpoint
) -> list[Figures]:
    """The figures of requests made from the first to the last day, by partner, as they stand at a time.

    Days are the node's own; `partner` keeps one. The count stands in the log. Raises PeriodMalformed.
    """
    if first > last:
        raise PeriodMalformed
    now, days = at or timezone.now(), span(first, last, timezone.get_current_timezone())
    found = _ByPartner()
    chosen = Q(asked_at__range=days) & (Q(partner=partner) if partner else Q())
    for one in events_of(chosen, received=Step.RECEIVED, viewpoint=viewpoint):
        of = found[one.partner]
        (of.ours if one.ours else of.theirs).add(stand_of(one, at=now))
    _count_reports(found, days, partner=partner, viewpoint=viewpoint)
    _count_feedback(found, days, partner=partner, viewpoint=viewpoint)
    record(
        Act.CONSULTATION,
        "request-figures",
        "requests",
        by=viewpoint.officer,
        reason="figures",
        details=[*viewpoint.in_log, ("from", first.isoformat()), ("to", last.isoformat())],
    )
    return sorted(found.values(), key=lambda one: one.partner)


def _count_reports(found: _ByPartner, days: Days, *, partner: str, viewpoint: Viewpoint) -> None:
    for node, (sent, received) in count_reports(*days, partner=partner, viewpoint=viewpoint).items():
        of = found[node]
        of.sent, of.received = sent, received


def _count_feedback(found: _ByPartner, days: Days, *, partner: str, viewpoint: Viewpoint) -> None:
    seen = visible_reports(viewpoint=viewpoint, ended=True).filter(pk=OuterRef("message__report"))
    told = Receipt.objects.filter(Exists(seen), step__in=USEFULNESS, at__range=days)
    if partner:
        told = told.filter(message__partner=partner)
    by_step = told.order_by().values_list("message__partner_id", "message__direction", "step")
    for node, direction, step, number in by_step.annotate(number=Count("*")):
        of = found[node]
        (of.useful_to_them if direction == Message.Direction.OUT else of.useful_to_us)[step] += number
