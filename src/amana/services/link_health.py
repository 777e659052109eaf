"""How it stands with one partner: when it answered, what waits, whether anything is refused, in doubt or out of step.

Invariant: counts and times of the link only, no content; what is said rests on signed answers and kept statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from amana.domain.report import State
from amana.exchange.card import Card, CardKey
from amana.exchange.protocol import Step
from amana.exchange.versions import SPOKEN
from amana.records.models import (
    Holdings,
    Message,
    OversightOrder,
    Partner,
    Quarantine,
    Receipt,
    Report,
    RosterChange,
    User,
    Witness,
)
from amana.services.cooperation import Waiting, what_waits
from amana.services.keys import card_of
from amana.services.posting import PartnerUnknown
from amana.services.rights import Deed, require

MOST_COUNTED = 2000  # of a day's answers
PROMPT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Health:
    """The link with one partner; `slowest` is its slowest answer of today, None where nothing was sent today.

    `oldest` is since when the first of `waiting` messages waits, `problem` the code of what holds it up.
    """

    partner: Partner
    card: Card
    waiting: int
    unanswered: int
    oldest: datetime | None
    problem: str
    slowest: timedelta | None
    refused_here: int
    refused_there: int
    doubted: int
    holdings: Holdings | None
    witness: Witness | None
    common: tuple[int, ...]
    stops: tuple[OversightOrder, ...]
    changes: tuple[RosterChange, ...]

    @property
    def prompt(self) -> bool:
        """Whether all of today was answered within a minute."""
        return self.slowest is not None and self.slowest <= PROMPT

    @property
    def slowest_minutes(self) -> int:
        """The slowest answer of today in whole minutes, upwards."""
        return -(-int(self.slowest.total_seconds()) // 60) if self.slowest is not None else 0

    @property
    def open_change(self) -> RosterChange | None:
        """The change that waits for its second person."""
        return next((one for one in self.changes if one.state == RosterChange.State.OPEN), None)

    @property
    def keys(self) -> tuple[CardKey, ...]:
        """The keys of its card, those in force last first."""
        return tuple(sorted(self.card.keys, key=lambda one: (str(one.use), one.not_after), reverse=True))


def health_of(node: str, *, by: User) -> Health:
    """How it stands with a partner. Raises PartnerUnknown."""
    require(by, Deed.SEE_PARTNERS)
    partner = Partner.objects.filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    card = card_of(partner.card)
    waits = what_waits().get(node, Waiting())
    refused = dict(Quarantine.objects.filter(partner=partner).order_by().values_list("outgoing").annotate(Count("pk")))
    stops = OversightOrder.objects.filter(lifted_at__isnull=True, report_uid__isnull=True)
    return Health(
        partner=partner,
        card=card,
        waiting=waits.number,
        unanswered=waits.files,
        oldest=waits.since,
        problem=waits.problem,
        slowest=_slowest_today(partner),
        refused_here=refused.get(False, 0),
        refused_there=refused.get(True, 0),
        doubted=Report.objects.filter(originator=node, state=State.DOUBTED).count(),
        holdings=Holdings.objects.filter(partner=partner).order_by("-at").first(),
        witness=Witness.objects.filter(partner=partner).first(),
        common=tuple(sorted(set(card.protocols) & set(SPOKEN))),
        stops=tuple(stops.filter(Q(partner=node) | Q(partner__isnull=True)).order_by("-pk")),
        changes=tuple(RosterChange.objects.filter(node=node).order_by("-proposed_at", "-pk")[:20]),
    )


def _slowest_today(partner: Partner) -> timedelta | None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    told = Receipt.objects.filter(
        step=Step.RECEIVED,
        message__partner=partner,
        message__direction=Message.Direction.OUT,
        message__created_at__gte=midnight,
    )
    rows = told.order_by("-message__seq").values_list("at", "message__created_at")[:MOST_COUNTED]
    return max((at - made for at, made in rows), default=None)
