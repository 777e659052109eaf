"""Handing a message to a partner's link: numbered, signed, sealed, logged and queued in the caller's transaction.

Invariant: on one link the numbers have no gap and each message names the hash of the one before it.
Lock order everywhere: reports, then partners by name, then the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from amana.domain.errors import NotAllowed, NotFound, Unavailable, gettext_noop
from amana.exchange.envelope import Outer, lock, message_hash, seal
from amana.exchange.identity import sealing_key_at
from amana.exchange.protocol import Body, Type, prepare
from amana.exchange.protocol import Message as Wire
from amana.exchange.versions import common_version
from amana.records.models import Message, Outbox, Partner, Report
from amana.services.journal import Act, record
from amana.services.keys import card_of, own_node, secrets

EXPIRES_AFTER = timedelta(days=90)


class PartnerUnknown(NotFound):
    """This node knows no partner of that name."""

    code = "partner-unknown"
    sentence = gettext_noop("This node knows no partner called “%(node)s”.")


class PartnerNotConfirmed(NotAllowed):
    """Nobody has compared the partner's fingerprint yet, or the partner is suspended."""

    code = "partner-not-confirmed"
    sentence = gettext_noop("The fingerprint of “%(node)s” has not been compared yet, or the partner is suspended.")


class LinkNotReconciled(Unavailable):
    """After a restore, nothing goes over the link before both sides agree on what they hold."""

    code = "link-not-reconciled"
    sentence = gettext_noop("This node came back from a backup; first run `amana reconcile %(node)s`.")


def lock_partner(node: str) -> Partner:
    """The confirmed partner, its row locked; raises PartnerUnknown, PartnerNotConfirmed, LinkNotReconciled."""
    partner = Partner.objects.select_for_update().filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    if partner.state != Partner.State.CONFIRMED:
        raise PartnerNotConfirmed(node=node)
    if partner.restored_at is not None:
        raise LinkNotReconciled(node=node)
    return partner


def version_with(partner: Partner) -> int:
    """The version of the protocol on this link; raises NoCommonVersion."""
    return common_version(partner.node, card_of(partner.card).protocols)


def seal_for(partner: Partner, wire: Wire, *, at: datetime) -> tuple[bytes, bytes]:
    """The sealed bytes of a message for this partner, and the signed bytes inside."""
    jws = prepare(wire, secrets().signing)
    key = sealing_key_at(card_of(partner.card), at)
    outer = Outer(ver=1, id=wire.id, origin=wire.origin, recipient=partner.node, key=key.kid)
    return seal(jws, outer, key), jws


def post(
    partner: Partner,
    kind: Type,
    body: Body,
    *,
    agreement: str,
    act: Act,
    verb: str,
    subject: str,
    by: str,
    reason: str,
    details: Sequence[tuple[str, str]] = (),
    report: Report | None = None,
    at: datetime | None = None,
) -> Message:
    """Queue a message for a partner whose row the caller has locked; returns the stored message.

    Raises NoCommonVersion.
    """
    at = at or timezone.now()
    wire = Wire(
        ver=version_with(partner),
        type=kind,
        id=str(uuid4()),
        origin=own_node(),
        recipients=(partner.node,),
        seq=partner.out_seq + 1,
        prev=partner.out_hash,
        created=at,
        expires=at + EXPIRES_AFTER,
        agreement=agreement,
        body=body,
    )
    sealed, jws = seal_for(partner, wire, at=at)
    digest, (body_key, kept) = message_hash(jws), lock(jws)
    partner.out_seq, partner.out_hash = wire.seq, digest
    partner.save(update_fields=["out_seq", "out_hash"])
    index = record(
        act,
        verb,
        subject,
        by=by,
        reason=reason,
        details=[("partner", partner.node), ("message", wire.id), ("sha256", digest), *details],
        at=at,
    )
    message = Message.objects.create(
        id=wire.id,
        partner=partner,
        direction=Message.Direction.OUT,
        seq=wire.seq,
        prev=wire.prev,
        hash=digest,
        type=kind,
        report=report,
        created_at=at,
        sealed=sealed,
        body=kept,
        body_key=body_key,
        log_index=index,
    )
    Outbox.objects.create(message=message, partner=partner, seq=wire.seq, due_at=at)
    return message
