"""Mending one difference: a message that the holder lost goes again, and takes its own place in the chain.

Invariant: a message is taken in again only where its hash is the one that the chain already commits to, from the kept
head downwards; its effect is repeated, and nothing that ended comes back to life.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from amana.domain.errors import AmanaError, Conflict, gettext_noop
from amana.domain.report import Content, Kind, State
from amana.domain.times import parse_instant
from amana.exchange.envelope import Outer, message_hash, open_sealed, peek, seal, unlock, untrusted
from amana.exchange.identity import sealing_key_at, signing_key_at
from amana.exchange.keys import VerifyingKey
from amana.exchange.protocol import (
    Frame,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Type,
    TypeUnknown,
    VoidBody,
    chain_hash,
)
from amana.exchange.protocol import Message as Wire
from amana.exchange.reconcile import Force
from amana.records.models import Message, Outbox, Partner, Quarantine, Report, Request
from amana.records.queries.requests import note_whether_answered
from amana.services.delivery import bytes_of
from amana.services.holding import VersionEnded, hold_again, note_held
from amana.services.holdings import items_sent
from amana.services.journal import Act, record, undone_together
from amana.services.keys import card_of, own_node, secrets
from amana.services.lines import Line, lock_line
from amana.services.log_reading import arrival_of
from amana.services.recalls import erase_held
from amana.services.receipts import CARRIES_REPORTS
from amana.services.receiving import TlsDisagrees, locked, obey, read_or_frame, row_of
from amana.services.relays import RelayEnded, hold_relayed, obey_relay, prove_relay
from amana.services.replies import note_answers_again
from amana.services.restrictions import restricted_columns
from amana.services.standing_orders import hold_back


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
    """Messages that we sent, sealed once more to the partner's key of now; what ended or was stopped goes as its void.

    Raises BodyGone.
    """
    ended = {item.seq for item in items_sent(partner, upto=upto, at=at) if item.force in _ENDED}
    hold_back(Outbox.objects.filter(partner=partner, seq__in=seqs), partner.node)
    rows = Outbox.objects.select_related("message").filter(partner=partner, seq__in=seqs)
    found = {row.seq: row for row in rows}
    return [_sealed(found.get(seq), partner, seq, void=seq in ended, at=at) for seq in seqs]


_ENDED = frozenset({Force.WITHDRAWN, Force.SUPERSEDED, Force.EXPIRED})


def _sealed(row: Outbox | None, partner: Partner, seq: int, *, void: bool, at: datetime) -> bytes:
    if row is None:
        raise BodyGone(seq=seq)
    kept, key = row.message.body, row.message.body_key
    if row.void or (row.message.type in CARRIES_REPORTS and (void or kept is None or key is None)):
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
    hold_back(Outbox.objects.filter(partner=partner, seq__gt=after), partner.node)
    rows = Outbox.objects.select_related("message").filter(partner=partner, seq__gt=after)
    lost = list(rows.filter(state__in=[Outbox.State.DELIVERED, Outbox.State.REFUSED]).order_by("seq"))
    for row in lost:
        keyless = row.message.body is None or row.message.body_key is None
        row.void = row.void or (keyless and row.message.type in CARRIES_REPORTS)
        if not row.void:
            row.message.sealed = _sealed(row, partner, row.seq, void=False, at=at)
            row.message.save(update_fields=["sealed"])
        Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.QUEUED, void=row.void, due_at=at, problem="")
    note_whether_answered(Request.objects.filter(answers__message__in=[row.message_id for row in lost]))
    return len(lost)


# At the holder.
def open_again(sealed: bytes, partner: Partner, *, at: datetime) -> tuple[Wire, bytes]:
    """Open and verify a message that comes again, by the time at which it was made; raises also what is not understood.

    Its key must be valid then or now: an old message keeps its old signature, and a void is signed today.
    """
    wire, jws, unread = open_lost(sealed, partner, at=at)
    if isinstance(wire, Frame):
        raise unread or TypeUnknown()
    return wire, jws


def open_lost(sealed: bytes, partner: Partner, *, at: datetime) -> tuple[Wire | Frame, bytes, AmanaError | None]:
    """A message that comes again; or its frame alone, and why its body is not understood here."""
    outer = peek(sealed)
    if outer.origin != partner.node:
        raise TlsDisagrees
    _, jws = open_sealed(sealed, secrets().sealing_key)
    made = parse_instant(str(untrusted(jws).get("created", "")))
    card = card_of(partner.card)

    def key_of(kid: str) -> VerifyingKey | None:
        return signing_key_at(card, kid, at) or signing_key_at(card, kid, made)

    wire, unread = read_or_frame(jws, outer, key_of, at=made)
    return wire, jws, unread


def take_again(sealed: Sequence[bytes], *, node: str, at: datetime) -> list[str]:
    """Take messages in at their places, the highest number first; the code of what went wrong with each, or empty."""
    with transaction.atomic():
        line = lock_line(node)
        codes = []
        for one in sealed:
            try:
                with undone_together():
                    _take_one(one, line, at=at)
            except AmanaError as error:
                line.undo()
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
    again = _repeat(line, wire, jws, digest, at=at)
    index = record(
        Act.COLLECTION,
        f"{wire.type}-received-again",
        f"message:{wire.id}",
        by=f"node:{partner.node}",
        reason="reconcile",
        details=[("sha256", digest), ("seq", str(wire.seq)), ("effect", again.effect)],
        at=at,
    )
    if again.ended:  # its number is kept, its words are not
        _put(partner, wire, last, index, at=at, type=Type.VOID, report=again.report, body=None, body_key=None)
        return
    message = _put(partner, wire, last, index, at=at, type=wire.type, report=again.report, **locked(jws))
    if again.report is not None and isinstance(wire.body, ReportBody):
        note_held(line.in_force(at=at), wire.body.content, again.report, message, at=at)
        if again.report.kind == Kind.REQUEST:  # its clock began when it first came, as the receipt of then says
            Message.objects.filter(pk=message.pk).update(received_at=arrival_of(message) or message.received_at)
            note_answers_again(message.request)
        _restrict_again(line, again.report, after=wire.seq, at=at)


def _pinned(partner: Partner, seq: int) -> str:
    """The hash that the chain commits to at a number: what the next message names, or the head."""
    if seq == partner.in_seq:
        return partner.in_hash
    rows = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq=seq + 1)
    return rows.values_list("prev", flat=True).first() or ""


def _put(partner: Partner, wire: Wire, last: str, index: int, *, at: datetime, **held: object) -> Message:
    """Put the message into its place, over whatever stands there."""
    there = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq=wire.seq)
    gone = there.exclude(pk=wire.id)
    answered = list(Request.objects.filter(answers__message__in=gone).values_list("pk", flat=True))
    gone.delete()
    note_whether_answered(Request.objects.filter(pk__in=answered))
    Quarantine.objects.filter(partner=partner, outgoing=False, message_id_text=wire.id).delete()
    if there.exists():
        there.update(hash=last, prev=wire.prev, **held)
        return there.get()
    kind = held.pop("type")
    row = row_of(partner, wire, last, index, at=at, **held)
    row.type = str(kind)
    row.save(force_insert=True)
    return row


@dataclass(frozen=True, slots=True)
class _Again:
    """What became of a message's effect: the report that it carries, whether that has ended, and a word for the log."""

    report: Report | None = None
    ended: bool = False
    effect: str = "repeated"


def _repeat(line: Line, wire: Wire, jws: bytes, digest: str, *, at: datetime) -> _Again:
    """Let the message take its effect once more.

    An order, an answer or a receipt that took its effect before is often refused when it comes again: the chain says
    that it was received, so it stays, and the log says what the effect came to.
    """
    partner, body = line.partner, wire.body
    match body:
        case ReportBody(content=content):
            try:
                return _Again(hold_again(line.in_force(at=at), wire, content, at=at))
            except VersionEnded as error:
                return _Again(_ended(partner.node, content), True, error.code)
        case VoidBody():
            there = Report.objects.filter(messages__partner=partner, messages__direction="in", messages__seq=wire.seq)
            brought = there.filter(Q(originator=partner.node) | Q(via=partner.node))
            erase_held(list(brought), State.WITHDRAWN, reason="reconcile")
            return _Again(there.first(), True)
        case RelayBody():
            return _relay_again(line, wire, body, at=at)
    try:
        with undone_together():
            obey(line, wire, jws, digest, None, at=at)
    except AmanaError as error:
        line.undo()
        return _Again(effect=error.code)
    return _Again()


def _ended(originator: str, content: Content) -> Report | None:
    return Report.objects.filter(originator=originator, uid=content.report, version=content.version).first()


def _relay_again(line: Line, wire: Wire, body: RelayBody, *, at: datetime) -> _Again:
    """What a partner passed on, proved by the time at which it did."""
    relayed = prove_relay(line.partner, body, at=wire.created)
    if isinstance(relayed.message.body, ReportBody):
        try:
            agreement = line.in_force(at=at)
            return _Again(hold_relayed(line.partner, agreement, wire.agreement, body, relayed, at=at))
        except RelayEnded as error:
            return _Again(_ended(relayed.message.origin, relayed.message.body.content), True, error.code)
    try:
        with undone_together():
            obey_relay(line.partner, relayed, at=at, lock=line.lock)
    except AmanaError as error:
        line.undo()
        return _Again(effect=error.code)
    return _Again()


def _restrict_again(line: Line, report: Report, *, after: int, at: datetime) -> None:
    """Narrow a report that was lost by the restrictions that came after it and were taken before it came again."""
    rows = Message.objects.filter(
        partner=line.partner, direction=Message.Direction.IN, type=Type.RESTRICTION, seq__gt=after
    )
    for row in rows.filter(body_key__isnull=False).order_by("seq"):
        jws = unlock(bytes(row.body_key or b""), bytes(row.body or b""))
        body = RestrictionBody.from_json(untrusted(jws)["body"])
        about = (body.report, report.version in body.versions) == (str(report.uid), True)
        if about and body.handling is not None and jws.decode() not in report.restrictions:
            kept = {"restrictions": [*report.restrictions, jws.decode()]}
            Report.objects.filter(pk=report.pk).update(**restricted_columns(report, body.handling), **kept)
            report.refresh_from_db()
