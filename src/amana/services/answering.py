"""What of our holdings may answer a partner's request: by report, whose it is and whether it may go to that partner.

Invariant: this is a view for who writes the answer; what leaves is decided again when the answer is proposed and
released.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from amana.domain.agreement import Terms
from amana.domain.answers import Decision, Reason
from amana.domain.report import Content
from amana.exchange.protocol import Type
from amana.records.models import CrossHit, Message, Partner, Report
from amana.services.agreements import NoAgreement, agreement_in_force, terms_of
from amana.services.consents import granted_for
from amana.services.contents import read_parts
from amana.services.keys import own_node
from amana.services.requests import Opened, Words, marking_of_reply

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


def holdings_for(opened: Opened, *, at: datetime) -> list[Holding]:
    """The reports that the cross-check of a partner's request found, at most twelve, our own first.

    The hits are those that the viewpoint sees, and this leaves no entry in the log: the request was opened already.
    """
    partner, request = opened.asked[0].row.partner, opened.shown.content
    if request is None:
        return []
    by_report: dict[int, list[CrossHit]] = {}
    for hit in opened.hits:
        by_report.setdefault(hit.found.report_id, []).append(hit)
    rows = [found[0].found.report for found in by_report.values()]
    rows = sorted(rows, key=lambda row: row.originator != own_node())[:MOST]
    sent = Message.objects.filter(
        partner=partner, direction=Message.Direction.OUT, type=Type.REPORT, report__in=[row.pk for row in rows]
    )
    known = set(sent.values_list("report_id", flat=True))
    offered = [row for row in rows if row.originator == own_node() and row.pk not in known]
    decided = _decisions(offered, partner, request, at=at)
    return [_holding(row, tuple(by_report[row.pk]), partner, decided.get(row.pk), at=at) for row in rows]


def _holding(
    row: Report, hits: tuple[CrossHit, ...], partner: Partner, decision: Decision | None, *, at: datetime
) -> Holding:
    """`decision` is the agreement's on what is ours and the partner does not have yet."""
    if row.originator != own_node():
        return Holding(row, hits, May.CONSENTED if granted_for(row, partner.node, at=at) else May.CONSENT)
    if decision is None:
        return Holding(row, hits, May.HAVE)
    return Holding(row, hits, May.GO if decision.allowed else May.NOT, decision.because)


def _decisions(rows: Sequence[Report], partner: Partner, request: Content, *, at: datetime) -> dict[int, Decision]:
    """What the agreement says of replies with these reports, under the marking and crime areas that each would have."""
    try:
        terms = terms_of(agreement_in_force(partner, at=at))
    except NoAgreement as error:
        none = Decision(False, (Reason(error.code, error.sentence, (("node", partner.node),)),))
        return dict.fromkeys((row.pk for row in rows), none)
    parts = read_parts(rows)
    return {row.pk: _decision(parts.content_of(row), partner, request, terms, at=at) for row in rows}


def _decision(content: Content, partner: Partner, request: Content, terms: Terms, *, at: datetime) -> Decision:
    handling = marking_of_reply(request, [content], Words(""), partner.node, today=at.date())
    reply = replace(content, handling=handling, crime_areas=request.crime_areas)
    said = terms.permits(reply.for_recipient(partner.node), recipient=partner.node, at=at)
    return Decision.from_objections([why for why in said.because if why.code != "agreement-kind"])
