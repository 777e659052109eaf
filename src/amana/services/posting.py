"""Handing a message to a partner's link: numbered, signed, sealed, logged and queued in the caller's transaction.

Invariant: on one link the numbers have no gap and each message names the hash of the one before it.
Lock order everywhere: reports, then partners by name, then the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import NotAllowed, NotFound, Unavailable, gettext_noop
from amana.domain.times import cut
from amana.exchange.envelope import Outer, lock, message_hash, seal
from amana.exchange.identity import sealing_key_at
from amana.exchange.protocol import Body, Type, prepare
from amana.exchange.protocol import Message as Wire
from amana.exchange.versions import common_version
from amana.records.models import Message, Outbox, Partner, Report
from amana.services.journal import Act, record
from amana.services.keys import card_of, own_node, secrets
from amana.services.wake import wake_worker

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


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is signed and sealed for the next number of its partner's link, but not on the way yet."""

    partner: Partner
    wire: Wire
    sealed: bytes
    jws: bytes
    digest: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the log will say of a letter beside the partner, its id and its hash."""

    act: Act
    verb: str
    subject: str
    by: str
    reason: str
    details: Sequence[tuple[str, str]] = ()


def lock_partner(node: str) -> Partner:
    """The confirmed partner, its row locked; raises PartnerUnknown, PartnerNotConfirmed, LinkNotReconciled."""
    return confirmed(node, lock_partners([node]))


def lock_partners(nodes: Iterable[str]) -> dict[str, Partner]:
    """Those of the partners that are known, by name and in whatever state, their rows locked."""
    rows = Partner.objects.select_for_update(no_key=True).filter(pk__in=set(nodes)).order_by("pk")
    return {partner.node: partner for partner in rows}


def confirmed(node: str, locked: Mapping[str, Partner]) -> Partner:
    """The partner of that name among the locked ones; raises PartnerUnknown, PartnerNotConfirmed, LinkNotReconciled."""
    partner = locked.get(node)
    if partner is None:
        raise PartnerUnknown(node=node)
    if partner.state != Partner.State.CONFIRMED:
        raise PartnerNotConfirmed(node=node)
    require_open(partner)
    return partner


def require_open(partner: Partner) -> None:
    """Go on only where the link does not wait to be reconciled after a restore; raises LinkNotReconciled."""
    if partner.restored_at is not None:
        raise LinkNotReconciled(node=partner.node)


def version_with(partner: Partner) -> int:
    """The version of the protocol on this link; raises NoCommonVersion."""
    return common_version(partner.node, card_of(partner.card).protocols)


def seal_for(partner: Partner, wire: Wire, *, at: datetime) -> tuple[bytes, bytes]:
    """The sealed bytes of a message for this partner, and the signed bytes inside."""
    jws = prepare(wire, secrets().signing)
    key = sealing_key_at(card_of(partner.card), at)
    outer = Outer(ver=1, id=wire.id, origin=wire.origin, recipient=partner.node, key=key.kid)
    return seal(jws, outer, key), jws


def write_letter(
    partner: Partner, kind: Type, body: Body, *, agreement: str, report: Report | None = None, at: datetime
) -> Letter:
    """Sign and seal what comes next on the link; changes nothing.

    Raises NoCommonVersion, CardWithoutKey, CanonicalTooLarge.
    """
    at = cut(at)
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
    return Letter(partner, wire, sealed, jws, message_hash(jws), report)


class Post:
    """Letters that one transaction takes to the post: numbered and logged as they come, queued together at the end.

    The caller has locked the partners, and writes to nobody else on their links until `send`.
    """

    def __init__(self) -> None:
        self._letters: list[tuple[Letter, Message]] = []

    def take(self, letter: Letter, entry: Entry) -> Message:
        """Give a letter its number and its entry in the log; raises ValueError for one written for another number."""
        partner, wire = letter.partner, letter.wire
        if (wire.seq, wire.prev) != (partner.out_seq + 1, partner.out_hash):
            raise ValueError("the letter was written for another number of the link")
        partner.out_seq, partner.out_hash = wire.seq, letter.digest
        index = record(
            entry.act,
            entry.verb,
            entry.subject,
            by=entry.by,
            reason=entry.reason,
            details=[("partner", partner.node), ("message", wire.id), ("sha256", letter.digest), *entry.details],
            at=wire.created,
        )
        body_key, body = lock(letter.jws)
        message = Message(
            id=wire.id,
            partner=partner,
            direction=Message.Direction.OUT,
            seq=wire.seq,
            prev=wire.prev,
            hash=letter.digest,
            type=wire.type,
            report=letter.report,
            created_at=wire.created,
            sealed=letter.sealed,
            body=body,
            body_key=body_key,
            log_index=index,
        )
        self._letters.append((letter, message))
        return message

    def send(self) -> None:
        """Queue all letters, and keep where their links stand now."""
        for partner in {letter.partner.node: letter.partner for letter, _ in self._letters}.values():
            partner.save(update_fields=["out_seq", "out_hash"])
        Message.objects.bulk_create(message for _, message in self._letters)
        Outbox.objects.bulk_create(
            Outbox(message=message, partner=letter.partner, seq=letter.wire.seq, due_at=letter.wire.created)
            for letter, message in self._letters
        )
        transaction.on_commit(wake_worker)


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
    outgoing = Post()
    letter = write_letter(partner, kind, body, agreement=agreement, report=report, at=at or timezone.now())
    message = outgoing.take(letter, Entry(act, verb, subject, by, reason, details))
    outgoing.send()
    return message
