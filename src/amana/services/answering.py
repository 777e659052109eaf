"""What of our holdings may answer a partner's request: by report, whose it is and whether it may go to that partner.

Invariant: this is a view for who writes the answer; what leaves is decided again when the answer is proposed and
released.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from amana.domain.answers import Decision, Reason
from amana.domain.report import Content
from amana.exchange.protocol import Type
from amana.records.models import CrossHit, Message, Partner, Report
from amana.services.agreements import NoAgreement, agreement_in_force, terms_of
from amana.services.consents import granted_for
from amana.services.contents import content_of
from amana.services.keys import own_node

MOST = 12


class May(StrEnum):
    """Whether something held here may go to who asks."""

    GO = "may-go"
    HAVE = "they-have-it"
    NOT = "may-not-go"
    CONSENT = "needs-consent"
    CONSENTED = "consented"


@dataclass(frozen=True, slots=True)
class Holding:
    """A report held here that speaks to a request, what in it does, and whether it may go to the asker.

    `because` are the agreement's objections where it may not.
    """

    row: Report
    hits: tuple[CrossHit, ...]
    may: May
    because: tuple[Reason, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether its statements can be taken into the answer."""
        return self.row.originator == own_node()

    @property
    def usable(self) -> bool:
        """Whether they can be, as things stand."""
        return self.ours and self.may in (May.GO, May.HAVE)


def holdings_for(hits: Iterable[CrossHit], partner: Partner, *, at: datetime) -> list[Holding]:
    """The reports that the cross-check found, at most twelve, our own first.

    For who has opened the request: the hits are those that the viewpoint sees, and this leaves no entry in the log.
    """
    by_report: dict[int, list[CrossHit]] = {}
    for hit in hits:
        by_report.setdefault(hit.found.report_id, []).append(hit)
    rows = [found[0].found.report for found in by_report.values()]
    rows = sorted(rows, key=lambda row: row.originator != own_node())[:MOST]
    sent = Message.objects.filter(
        partner=partner, direction=Message.Direction.OUT, type=Type.REPORT, report__in=[row.pk for row in rows]
    )
    known = set(sent.values_list("report_id", flat=True))
    return [_holding(row, tuple(by_report[row.pk]), partner, known, at=at) for row in rows]


def _holding(
    row: Report, hits: tuple[CrossHit, ...], partner: Partner, known: set[int | None], *, at: datetime
) -> Holding:
    if row.originator != own_node():
        granted = granted_for(row, partner.node, at=at)
        return Holding(row, hits, May.CONSENTED if granted else May.CONSENT)
    if row.pk in known:
        return Holding(row, hits, May.HAVE)
    decision = _decision(content_of(row), partner, at=at)
    return Holding(row, hits, May.GO if decision.allowed else May.NOT, decision.because)


def _decision(content: Content, partner: Partner, *, at: datetime) -> Decision:
    """What the agreement says of the report's content, were it made releasable to the partner."""
    try:
        terms = terms_of(agreement_in_force(partner, at=at))
    except NoAgreement as error:
        return Decision(False, (Reason(error.code, error.sentence, (("node", partner.node),)),))
    handling = replace(content.handling, releasable_to=frozenset({partner.node}))
    return terms.permits(replace(content, handling=handling).for_recipient(partner.node), recipient=partner.node, at=at)
