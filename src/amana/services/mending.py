"""Mending one difference: a message that the holder lost goes again, and takes its own place in the chain.

Invariant: a message is taken in again only where its hash is the one that the chain already commits to, from the kept
head downwards; its effect is repeated, and nothing that ended comes back to life.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amana.domain.errors import AmanaError, Conflict, gettext_noop
from amana.domain.report import State
from amana.domain.times import parse_instant
from amana.exchange.envelope import Outer, lock, message_hash, open_sealed, peek, seal, unlock, untrusted
from amana.exchange.identity import sealing_key_at, signing_key_at
from amana.exchange.keys import VerifyingKey
from amana.exchange.protocol import (
    CertificateBody,
    RecallBody,
    ReceiptBody,
    ReportBody,
    Type,
    VoidBody,
    chain_hash,
    read_message,
)
from amana.exchange.protocol import Message as Wire
from amana.exchange.reconcile import Force
from amana.records.models import Message, Outbox, Partner, Quarantine, Report
from amana.services.delivery import bytes_of
from amana.services.holding import VersionEnded
from amana.services.holdings import items_sent
from amana.services.journal import Act, record, undone_together
from amana.services.keys import card_of, own_node, secrets
from amana.services.recalls import erase_held, note_certificate, withdraw
from amana.services.receipts import note_receipt
from amana.services.receiving import Line, TlsDisagrees, hold, remember


class MessageFork(Conflict):
    """A message that comes again is not the one that the chain commits to."""

    code = "reconcile-fork"
    sentence = gettext_noop("Number %(seq)s is not the message that was received there before; the two chains differ.")


class MessageNotLost(Conflict):
    """A message comes again that was never received; it belongs into ordinary delivery."""

    code = "reconcile-not-lost"
    sentence = gettext_noop("Number %(seq)s was not received before; it comes by ordinary delivery.")


class BodyGone(Conflict):
    """A message cannot go again because its words are gone here too."""

    code = "reconcile-body-gone"
    sentence = gettext_noop("Number %(seq)s cannot be sent again: its text is no longer kept here.")


# At the sender.
def sealed_again(partner: Partner, seqs: Sequence[int], *, upto: int, at: datetime) -> list[bytes]:
    """Messages that we sent, sealed once more to the partner's key of now; what ended goes as its void.

    Raises BodyGone.
    """
    ended = {item.seq for item in items_sent(partner, upto=upto, at=at) if item.force in _ENDED}
    rows = Outbox.objects.select_related("message").filter(partner=partner, seq__in=seqs)
    found = {row.seq: row for row in rows}
    return [_sealed(found.get(seq), partner, seq, void=seq in ended, at=at) for seq in seqs]


_ENDED = frozenset({Force.WITHDRAWN, Force.SUPERSEDED, Force.EXPIRED})


def _sealed(row: Outbox | None, partner: Partner, seq: int, *, void: bool, at: datetime) -> bytes:
    if row is None:
        raise BodyGone(seq=seq)
    kept, key = row.message.body, row.message.body_key
    if row.void or (row.message.type == Type.REPORT and (void or kept is None or key is None)):
        row.void = True
        return bytes_of(row, partner, at=at)
    if kept is None or key is None:
        raise BodyGone(seq=seq)
    jws = unlock(bytes(key), bytes(kept))
    sealing = sealing_key_at(card_of(partner.card), at)
    return seal(jws, Outer(1, str(row.message_id), own_node(), partner.node, sealing.kid), sealing)


@transaction.atomic
def queue_again(partner: Partner, *, after: int, at: datetime) -> int:
    """Queue everything after a number once more, for a partner that lost the end of the link; returns how much."""
    rows = Outbox.objects.select_related("message").filter(partner=partner, seq__gt=after)
    lost = list(rows.filter(state__in=[Outbox.State.DELIVERED, Outbox.State.REFUSED]).order_by("seq"))
    for row in lost:
        keyless = row.message.body is None or row.message.body_key is None
        row.void = row.void or (keyless and row.message.type == Type.REPORT)
        if not row.void:
            row.message.sealed = _sealed(row, partner, row.seq, void=False, at=at)
            row.message.save(update_fields=["sealed"])
        Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.QUEUED, void=row.void, due_at=at, problem="")
    return len(lost)


# At the holder.
def open_again(sealed: bytes, partner: Partner, *, at: datetime) -> tuple[Wire, bytes]:
    """Open and verify a message that comes again, by the time at which it was made.

    Its key must be valid then or now: an old message keeps its old signature, and a void is signed today.
    """
    outer = peek(sealed)
    if outer.origin != partner.node:
        raise TlsDisagrees
    _, jws = open_sealed(sealed, secrets().sealing_key)
    made = parse_instant(str(untrusted(jws).get("created", "")))
    card = card_of(partner.card)

    def key_of(kid: str) -> VerifyingKey | None:
        return signing_key_at(card, kid, at) or signing_key_at(card, kid, made)

    return read_message(jws, key_of=key_of, me=own_node(), outer=outer, now=made), jws


def take_again(sealed: Sequence[bytes], *, node: str, at: datetime) -> list[str]:
    """Take messages in at their places, the highest number first; the code of what went wrong with each, or empty."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update().get(pk=node, state=Partner.State.CONFIRMED)
        line = Line(partner)
        codes = []
        for one in sealed:
            try:
                with undone_together():
                    _take_one(one, line, at=at)
            except AmanaError as error:
                codes.append(error.code)
            else:
                codes.append("")
        return codes


def _take_one(sealed: bytes, line: Line, *, at: datetime) -> None:
    partner = line.partner
    wire, jws = open_again(sealed, partner, at=at)
    digest = message_hash(jws)
    last = chain_hash(wire, digest)
    if wire.seq > partner.in_seq:
        raise MessageNotLost(seq=wire.seq)
    if _pinned(partner, wire.seq) != last:
        raise MessageFork(seq=wire.seq)
    index = record(
        Act.COLLECTION,
        f"{wire.type}-received-again",
        f"message:{wire.id}",
        by=f"node:{partner.node}",
        reason="reconcile",
        details=[("sha256", digest), ("seq", str(wire.seq))],
        at=at,
    )
    report, ended = _repeat(line, wire, jws, digest, at=at)
    if ended:  # its number is kept, its words are not
        _put(partner, wire, last, index, type=Type.VOID, report=report, body=None, body_key=None)
        return
    body_key, body = lock(jws)
    _put(partner, wire, last, index, type=wire.type, report=report, body=body, body_key=body_key)


def _pinned(partner: Partner, seq: int) -> str:
    """The hash that the chain commits to at a number: what the next message names, or the head."""
    if seq == partner.in_seq:
        return partner.in_hash
    rows = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq=seq + 1)
    return rows.values_list("prev", flat=True).first() or ""


def _put(partner: Partner, wire: Wire, last: str, index: int, **held: object) -> None:
    """Put the message into its place, over whatever stands there."""
    there = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq=wire.seq)
    there.exclude(pk=wire.id).delete()
    Quarantine.objects.filter(partner=partner, outgoing=False, message_id_text=wire.id).delete()
    if there.exists():
        there.update(hash=last, prev=wire.prev, **held)
        return
    kind = held.pop("type")
    row = remember(partner, wire, last, index, **held)
    Message.objects.filter(pk=row.pk).update(type=kind)


def _repeat(line: Line, wire: Wire, jws: bytes, digest: str, *, at: datetime) -> tuple[Report | None, bool]:
    """Let the message take its effect once more; the report that it carries, and whether that has ended."""
    partner, body = line.partner, wire.body
    match body:
        case ReportBody(content=content):
            newer = Report.objects.filter(originator=partner.node, uid=content.report, version__gt=content.version)
            try:
                if newer.exists():
                    raise VersionEnded
                return hold(line, wire, content, at=at), False
            except VersionEnded:
                key = {"originator": partner.node, "uid": content.report, "version": content.version}
                return Report.objects.filter(**key).first(), True
        case VoidBody():
            there = Report.objects.filter(messages__partner=partner, messages__direction="in", messages__seq=wire.seq)
            erase_held(list(there), State.WITHDRAWN, reason="reconcile")
            return there.first(), True
        case RecallBody():
            withdraw(partner, wire, body, digest, at=at)
        case CertificateBody():
            note_certificate(partner, body, jws.decode(), at=at)
        case ReceiptBody():
            note_receipt(partner, body, jws.decode(), at=at)
        case _:
            pass  # agreements and cards are kept in tables of their own, which this link does not lose
    return None, False
