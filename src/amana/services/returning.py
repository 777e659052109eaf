"""After a restore: what this node itself sent comes back from its partner, and what it had received is fetched.

Invariant: the chain between our last number and the partner's signed head is verified whole before any of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amana.domain.errors import Conflict, gettext_noop
from amana.exchange.envelope import Outer, lock, message_hash, open_sealed, peek, seal, unlock, verify
from amana.exchange.holdings import Head
from amana.exchange.identity import Card, Use, sealing_key_at
from amana.exchange.keys import VerifyingKey
from amana.exchange.message import MESSAGE_TYPE
from amana.exchange.protocol import Frame, Type, TypeUnknown, chain_hash
from amana.exchange.protocol import Message as Wire
from amana.exchange.reconcile_talk import Place
from amana.records.models import Message, Outbox, Partner
from amana.services.journal import Act, record
from amana.services.keys import card_of, own_card, own_node, secrets
from amana.services.lines import lock_line
from amana.services.mending import open_lost
from amana.services.receipts import CARRIES_REPORTS
from amana.services.receiving import Arrived, apply, pass_over
from amana.services.remembering import remember_rest, remember_sent


class ChainNotWhole(Conflict):
    """What came back does not reach from our last number to the partner's signed head."""

    code = "reconcile-chain"
    sentence = gettext_noop("What came back from “%(node)s” does not form the chain whose head it signed.")


# At the partner, which still holds it.
def give_back(partner: Partner, *, after: int, most: int, at: datetime) -> tuple[list[Place], list[bytes]]:
    """Messages of the partner's own that we hold after a number: their places, and each sealed to it again.

    A part is empty where its words are gone.
    """
    rows = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq__gt=after).order_by("seq")[:most]
    key = sealing_key_at(card_of(partner.card), at)
    places: list[Place] = []
    parts: list[bytes] = []
    for row in rows:
        places.append(Place(row.seq, str(row.pk), row.hash, row.prev, row.type))
        if row.body is None or row.body_key is None:
            parts.append(b"")
            continue
        jws = unlock(bytes(row.body_key), bytes(row.body))
        parts.append(seal(jws, Outer(1, str(row.pk), own_node(), partner.node, key.kid), key))
    return places, parts


# At the restored node.
@transaction.atomic
def take_back(node: str, places: Sequence[Place], parts: Sequence[bytes], *, head: Head, at: datetime) -> int:
    """Put messages that we sent, and forgot by the restore, back into the link; returns how many.

    `head` is the partner's signed word on where our messages to it end. Raises ChainNotWhole, UnknownKey.
    """
    partner = Partner.objects.select_for_update(no_key=True).get(pk=node)
    seq, last = partner.out_seq, partner.out_hash
    for place, part in zip(places, parts, strict=True):
        if (place.seq, place.prev) != (seq + 1, last):
            raise ChainNotWhole(node=node)
        seq, last = place.seq, place.hash
        wire, jws = _own(part) if part else (None, b"")
        if wire is not None and (wire.seq, chain_hash(wire, message_hash(jws))) != (seq, last):
            raise ChainNotWhole(node=node)
        _keep_sent(partner, place, wire, jws, at=at)
    if (seq, last) != (head.seq, head.hash):
        raise ChainNotWhole(node=node)
    Partner.objects.filter(pk=node).update(out_seq=seq, out_hash=last)
    record(
        Act.COLLECTION,
        "sent-taken-back",
        f"partner:{node}",
        by=f"node:{node}",
        reason="restored",
        details=[("last", str(seq)), ("count", str(len(places)))],
        at=at,
    )
    return len(places)


def _own(sealed: bytes) -> tuple[Wire, bytes]:
    """A message of ours, proved by a signing key that is or was on our card."""
    _, jws = open_sealed(sealed, secrets().sealing_key)
    return Wire.from_json(verify(jws, MESSAGE_TYPE, lambda kid: _any_key(own_card(), kid))), jws


def _any_key(card: Card, kid: str) -> VerifyingKey | None:
    keys = (key for key in card.keys if key.use is Use.SIGNING and key.kid == kid)
    return next((VerifyingKey.from_text(key.public) for key in keys), None)


def _keep_sent(partner: Partner, place: Place, wire: Wire | None, jws: bytes, *, at: datetime) -> None:
    body_key, body = lock(jws) if jws else (None, None)
    message = Message.objects.create(
        id=place.id,
        partner=partner,
        direction=Message.Direction.OUT,
        seq=place.seq,
        prev=place.prev,
        hash=place.hash,
        type=place.type,
        created_at=wire.created if wire is not None else at,
        body=body,
        body_key=body_key,
        log_index=0,
    )
    void = place.type == Type.VOID or (place.type in CARRIES_REPORTS and wire is None)
    Outbox.objects.create(
        message=message, partner=partner, seq=message.seq, state=Outbox.State.DELIVERED, void=void, due_at=at
    )
    if wire is not None:
        remember_sent(message, wire)


@transaction.atomic
def take_lost(node: str, sealed: Sequence[bytes], *, head: Head, at: datetime) -> tuple[int, int]:
    """Take in what the partner sent after our last number; returns how many were taken and how many refused.

    `head` is the partner's signed word on where its messages to us end. Raises ChainNotWhole and what opening raises.
    """
    line = lock_line(node, [peek(one).id for one in sealed])
    seq, last = line.partner.in_seq, line.partner.in_hash
    opened = []
    for one in sealed:
        wire, jws, unread = open_lost(one, line.partner, at=at)
        if (wire.seq, wire.prev) != (seq + 1, last):
            raise ChainNotWhole(node=node)
        digest = message_hash(jws)
        seq, last = wire.seq, chain_hash(wire, digest)
        opened.append((one, wire, jws, digest, last, unread))
    if (seq, last) != (head.seq, head.hash):
        raise ChainNotWhole(node=node)
    refused = 0
    for one, wire, jws, digest, reached, unread in opened:
        line.claim(wire.id)
        line.advance(wire.seq, reached)
        if isinstance(wire, Frame):
            taken = pass_over(one, line, wire, digest, unread or TypeUnknown(), at=at)
        else:
            taken = apply(Arrived(one, line, wire, jws, digest, reached), at=at)
        refused += taken.refusal is not None
    line.partner.save(update_fields=["in_seq", "in_hash"])
    remember_rest()
    return len(opened) - refused, refused
