"""How it stands with each partner: whether the line works, and who gave how much.

Invariant: every figure is a count of the node's own rows that the viewpoint may see; nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from amana.domain.report import Kind
from amana.domain.viewpoint import Viewpoint
from amana.exchange.protocol import Type
from amana.records.models import Message, Outbox, Partner, Quarantine
from amana.records.queries.parts import in_parts
from amana.records.queries.reports import visible_reports
from amana.services.delivery import OPEN

QUIET_AFTER = timedelta(days=1)
HELD_UP_AFTER = timedelta(minutes=10)
BALANCE_OVER = timedelta(days=30)


class Health(StrEnum):
    """How the line with a partner stands."""

    WORKS = "works"
    HELD_UP = "held-up"
    QUIET = "quiet"
    NEVER = "never"
    UNCONFIRMED = "unconfirmed"
    SUSPENDED = "suspended"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Line:
    """One partner at a time: the line's health, what waits for it (since when, and why), and the balance of reports.

    `sent` and `received` count reports other than requests over the last 30 days; `refused` messages of either side
    over the same time.
    """

    partner: Partner
    health: Health
    waiting: int = 0
    since: datetime | None = None
    problem: str = ""
    sent: int = 0
    received: int = 0
    refused: int = 0

    @property
    def share(self) -> int:
        """What we gave of all that went either way, in hundredths."""
        return round(100 * self.sent / ((self.sent + self.received) or 1))

    @property
    def trouble(self) -> bool:
        """Whether somebody should look at it."""
        return self.health not in (Health.WORKS, Health.NEVER)


def lines(*, viewpoint: Viewpoint, at: datetime, partner: str = "") -> list[Line]:
    """How it stands with every partner (or with one), by name; a few queries whatever their number."""
    rows = Partner.objects.filter(pk=partner) if partner else Partner.objects.all()
    balance, refused, waiting = (
        count_reports(at - BALANCE_OVER, at, partner=partner, viewpoint=viewpoint),
        _refused(after=at - BALANCE_OVER),
        what_waits(),
    )
    return [
        _line(row, waiting.get(row.node, Waiting()), balance.get(row.node, (0, 0)), refused.get(row.node, 0), at=at)
        for row in rows.defer("card", "tls_ca").order_by("node")
    ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages wait for a partner, how many of them went as files, since when, and what holds one up."""

    number: int = 0
    files: int = 0
    since: datetime | None = None
    problem: str = ""


def what_waits() -> dict[str, Waiting]:
    """What waits for each partner for which anything does."""
    rows = Outbox.objects.filter(state__in=OPEN).values_list("partner_id")
    found = rows.annotate(
        number=Count("pk"),
        files=Count("pk", filter=Q(exported_at__isnull=False)),
        since=Min("message__created_at"),
        problem=Max("problem"),
    )
    return {node: Waiting(*rest) for node, *rest in found.order_by()}


def _line(row: Partner, waiting: Waiting, balance: tuple[int, int], refused: int, *, at: datetime) -> Line:
    health = _health(row, waiting, at=at)
    return Line(row, health, waiting.number, waiting.since, waiting.problem, *balance, refused)


def _health(row: Partner, waiting: Waiting, *, at: datetime) -> Health:
    if row.state == Partner.State.INTRODUCED:
        return Health.UNCONFIRMED
    if row.state == Partner.State.SUSPENDED:
        return Health.SUSPENDED
    if row.restored_at is not None:
        return Health.RESTORED
    if waiting.since is not None and (waiting.problem or at - waiting.since > HELD_UP_AFTER):
        return Health.HELD_UP
    if row.last_seen_at is None:
        return Health.NEVER
    return Health.QUIET if at - row.last_seen_at > QUIET_AFTER else Health.WORKS


def count_reports(
    first: datetime, last: datetime, *, partner: str = "", viewpoint: Viewpoint
) -> dict[str, tuple[int, int]]:
    """(sent, received) of reports other than requests between two instants, by partner; of one, where it is named.

    What never arrived is not counted: it is few, so it is looked up alone and taken off.
    """
    seen = visible_reports(viewpoint=viewpoint, ended=True).exclude(kind=Kind.REQUEST).order_by()
    carried = Message.objects.filter(type=Type.REPORT, created_at__range=(first, last))
    if partner:  # few: each is asked about its own report
        carried = carried.filter(Exists(seen.filter(pk=OuterRef("report_id"))), partner=partner)
    else:
        carried = carried.filter(report__in=seen.values("pk"))
    found: dict[str, list[int]] = {}
    for node, direction, number in carried.order_by().values_list("partner_id", "direction").annotate(n=Count("*")):
        found.setdefault(node, [0, 0])[direction == Message.Direction.IN] += number
    stopped = Outbox.objects.filter(Q(state=Outbox.State.REFUSED) | Q(void=True)).values_list("pk", flat=True)
    for some in in_parts(list(stopped)):
        for node in carried.filter(pk__in=some).values_list("partner_id", flat=True):
            found[node][0] -= 1
    return {node: (sent, received) for node, (sent, received) in found.items()}


def _refused(*, after: datetime) -> dict[str, int]:
    rows = Quarantine.objects.filter(at__gte=after, partner__isnull=False).values_list("partner_id")
    return dict(rows.annotate(number=Count("pk")).order_by())
