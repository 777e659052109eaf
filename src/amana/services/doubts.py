"""A partner's key was stolen: what it signed, and no witness saw before, goes out of use until it is signed again.

Invariant: what our own log, co-signed before the time of the theft, proves to have been here already keeps its force;
everything else under that key is doubted, stands in quarantine, and comes back only with the originator's new
signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max, Q

from amana.domain.errors import AmanaError
from amana.domain.report import State
from amana.exchange.envelope import kid_of, unlock
from amana.exchange.identity import Card, KeyCompromised, Use
from amana.exchange.protocol import CardBody, Type
from amana.records.models import Checkpoint, Message, Partner, Quarantine, Report
from amana.services.chain import signed_inside
from amana.services.journal import Act, record
from amana.services.keys import card_of
from amana.services.partners import renew_card


def take_card(partner: Partner, body: CardBody, *, at: datetime) -> None:
    """Take over the partner's next card, and doubt what a key signed that the card marks as compromised.

    Raises what `renew_card` raises.
    """
    old = card_of(partner.card)
    new = renew_card(partner, body.card, at=at)
    doubt_marked(partner, old, new, at=at)


def doubt_marked(partner: Partner, old: Card, new: Card, *, at: datetime) -> int:
    """Doubt what the signing keys signed that `new` marks and `old` did not, or later; returns how many messages."""
    before = {key.kid: key.compromised_since for key in old.keys}
    marked = {
        key.kid: key.compromised_since
        for key in new.keys
        if key.use is Use.SIGNING and key.compromised_since and key.compromised_since != before.get(key.kid)
    }
    return sum(_doubt(partner, kid, since, at=at) for kid, since in marked.items())


def _doubt(partner: Partner, kid: str, since: datetime, *, at: datetime) -> int:
    rows = [row for row in _unproved(partner, since) if _signed_by(row, kid)]
    for row in rows:
        Quarantine.objects.create(
            partner_id=row.partner_id,
            message_id_text=str(row.pk),
            sha256=row.hash,
            sealed=b"",
            code=KeyCompromised.code,
            sentence=KeyCompromised.sentence,
            at=at,
        )
    reports = Report.objects.filter(pk__in=[row.report_id for row in rows if row.report_id], state=State.HELD)
    doubted = reports.update(state=State.DOUBTED)
    record(
        Act.ALTERATION,
        "messages-doubted",
        f"partner:{partner.node}",
        by=f"node:{partner.node}",
        reason=KeyCompromised.code,
        details=[("key", kid), ("messages", str(len(rows))), ("reports", str(doubted))],
        at=at,
    )
    return len(rows)


def _unproved(partner: Partner, since: datetime) -> Iterator[Message]:
    """Messages of the partner of which no checkpoint, co-signed before that time, proves that they were here.

    Among them what others passed on from it. A card proves itself by its root and is never doubted, nor is what the
    partner passed on: its originator signed that.
    """
    seen = Checkpoint.objects.filter(cosignatures__at__lt=since).aggregate(size=Max("size"))["size"] or 0
    own = Q(partner=partner) & ~Q(type__in=[Type.CARD, Type.RELAY])
    passed_on = Q(type=Type.RELAY, report__originator=partner.node)
    rows = Message.objects.filter(
        own | passed_on, direction=Message.Direction.IN, log_index__gte=seen, body_key__isnull=False
    )
    yield from rows.order_by("log_index").iterator(chunk_size=500)


def _signed_by(row: Message, kid: str) -> bool:
    assert row.body is not None
    assert row.body_key is not None
    try:
        jws = unlock(bytes(row.body_key), bytes(row.body))
        return kid_of(signed_inside(jws) if row.type == Type.RELAY else jws) == kid
    except AmanaError:
        return True  # what can no longer be read cannot be proved either
