"""Carrying queued messages to partners, and keeping their signed answers.

Invariant: each attempt sends the same id and bytes, in the link's order; a row that a recall marked `void` is sent as a
void in the message's place, never as the message. At-least-once; the receiver drops what it has already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import structlog
from django.db import transaction
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.exchange.client import PartnerClient
from amana.exchange.identity import client_context, der_from_text, signing_key_at
from amana.exchange.protocol import Accepted, Refused, Step, Type, VoidBody, read_answer
from amana.exchange.protocol import Message as Wire
from amana.records.models import Message, Outbox, Partner, Quarantine, Receipt, Request
from amana.records.queries.requests import note_whether_answered
from amana.services.journal import Act, record
from amana.services.keys import card_of, keys_folder, own_node
from amana.services.posting import EXPIRES_AFTER, seal_for

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
TIMEOUT_S = 30.0
SLOWEST = timedelta(minutes=10)
MOST_BYTES = 16 * 1_048_576  # well below what a door takes in one request, whatever the messages' size
OPEN = [Outbox.State.QUEUED, Outbox.State.SENDING]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round with a partner did: messages receipted, refused, and the code of a problem with the link."""

    receipted: int = 0
    refused: int = 0
    problem: str = ""


@lru_cache(maxsize=256)
def _client(url: str, tls_ca: str, changed: int) -> PartnerClient:
    return PartnerClient(url, client_context(keys_folder(), der_from_text(tls_ca)), timeout=TIMEOUT_S)


def client_for(partner: Partner) -> PartnerClient:
    """A client kept open to this partner's door, made anew when our keys or its card change."""
    changed = (keys_folder() / "tls.pem").stat().st_mtime_ns
    return _client(partner.url, partner.tls_ca, changed)


def deliver_due(*, batch: int, at: datetime | None = None) -> dict[str, Delivered]:
    """Carry what is due to every confirmed partner, one batch each; returns what happened by partner."""
    now = at or timezone.now()
    due = Outbox.objects.filter(state__in=OPEN, due_at__lte=now, partner__state=Partner.State.CONFIRMED)
    waiting = due.filter(partner__restored_at__isnull=True).values_list("partner_id", flat=True).distinct()
    return {node: deliver_to(node, batch=batch, at=now) for node in sorted(waiting)}


def deliver_to(node: str, *, batch: int, at: datetime) -> Delivered:
    """Carry one batch to one partner. Never raises for what the link or the partner does: it is kept and shown."""
    taken = take_batch(node, batch=batch, at=at)
    if not taken:
        return Delivered()
    partner = Partner.objects.get(pk=node)
    try:
        answers = client_for(partner).deliver([sealed for _, sealed in taken])
    except AmanaError as error:
        put_back([message for message, _ in taken], code=error.code, at=timezone.now())
        log.warning("link-problem", partner=node, code=error.code)
        return Delivered(problem=error.code)
    return note_answers(partner, [message for message, _ in taken], answers, at=timezone.now())


@transaction.atomic
def take_batch(node: str, *, batch: int, at: datetime) -> list[tuple[Message, bytes]]:
    """Lease the next messages of a link, in order, with the bytes to send; empty where none is due.

    At most `batch`, and no more than `MOST_BYTES` together unless the first alone is larger.
    """
    partner = Partner.objects.select_for_update(no_key=True).get(pk=node)
    rows = list(
        Outbox.objects.select_related("message").filter(partner=partner, state__in=OPEN).order_by("seq")[:batch]
    )
    if not rows or rows[0].due_at > at:
        return []
    taken: list[tuple[Message, bytes]] = []
    size = 0
    for row in rows:
        sealed = bytes_of(row, partner, at=at)
        size += len(sealed)
        if taken and size > MOST_BYTES:
            break
        taken.append((row.message, sealed))
    Outbox.objects.filter(pk__in=[message.pk for message, _ in taken]).update(
        state=Outbox.State.SENDING, attempts=rows[0].attempts + 1, due_at=at + LEASE, sent_at=at
    )
    return taken


def bytes_of(row: Outbox, partner: Partner, *, at: datetime) -> bytes:
    """The bytes to send for an outbox row: the message as it was sealed, or its void."""
    message = row.message
    if not row.void:
        assert message.sealed is not None
        return bytes(message.sealed)
    wire = Wire(
        ver=1,
        type=Type.VOID,
        id=str(message.id),
        origin=own_node(),
        recipients=(partner.node,),
        seq=message.seq,
        prev=message.prev,
        created=message.created_at,
        expires=message.created_at + EXPIRES_AFTER,
        agreement="",
        body=VoidBody(voids=message.hash),
    )
    sealed, _ = seal_for(partner, wire, at=at)
    return sealed


def put_back(messages: Sequence[Message], *, code: str, at: datetime, got_on: bool = False) -> None:
    """Queue again what could not be carried, waiting longer after each attempt (at most ten minutes).

    Where a round got on with others of its messages, the partner is there and the rest goes at once; it keeps one
    attempt, so that a recall knows that it may have arrived.
    """
    if got_on:
        Outbox.objects.filter(message__in=messages, state=Outbox.State.SENDING).update(
            state=Outbox.State.QUEUED, due_at=at, attempts=1, problem=code
        )
        return
    for row in Outbox.objects.filter(message__in=messages, state=Outbox.State.SENDING):
        wait = min(SLOWEST, timedelta(seconds=2 ** min(row.attempts, 10) / 2))
        Outbox.objects.filter(pk=row.pk, state=Outbox.State.SENDING).update(
            state=Outbox.State.QUEUED, due_at=at + wait, problem=code
        )


@transaction.atomic
def note_answers(partner: Partner, messages: Sequence[Message], answers: Sequence[bytes], *, at: datetime) -> Delivered:
    """Keep the partner's signed answers, each to one message in order, by its id and hash; one entry for a batch."""
    Partner.objects.filter(pk=partner.pk).update(last_seen_at=at)
    card = card_of(partner.card)
    refused, problem = 0, ""
    receipts: list[Receipt] = []
    for message, answer in zip(messages, answers, strict=False):
        try:
            read = read_answer(answer, lambda kid: signing_key_at(card, kid, at))
        except AmanaError as error:
            problem = error.code
            break
        ours = (read.message, read.sha256) == (str(message.id), message.hash)
        if isinstance(read, Accepted) and ours:
            receipts.append(
                Receipt(
                    message=message, step=Step.RECEIVED, at=read.at, proof=answer.decode(), log_index=read.log_index
                )
            )
        elif isinstance(read, Refused) and read.message == str(message.id) and read.expected > message.seq:
            _note_refusal(partner, message, read, at=at)
            refused += 1
        else:
            problem = read.code if isinstance(read, Refused) else "exchange-answer"
            break
    if receipts:
        _note_receipts(partner, receipts, at=at)
    rest = messages[len(receipts) + refused :]
    if rest:
        put_back(rest, code=problem or "exchange-answer", at=at, got_on=len(rest) < len(messages))
    return Delivered(len(receipts), refused, problem)


def _note_receipts(partner: Partner, receipts: Sequence[Receipt], *, at: datetime) -> None:
    receipted = [receipt.message_id for receipt in receipts]
    Receipt.objects.bulk_create(receipts, ignore_conflicts=True)
    Outbox.objects.filter(pk__in=receipted).update(state=Outbox.State.DELIVERED, problem="")
    Message.objects.filter(pk__in=receipted).update(sealed=None)
    record(
        Act.DISCLOSURE,
        "messages-delivered",
        f"partner:{partner.node}",
        by=f"node:{own_node()}",
        reason="receipt",
        details=[("seqs", " ".join(str(receipt.message.seq) for receipt in receipts))],
        at=at,
    )


def _note_refusal(partner: Partner, message: Message, refusal: Refused, *, at: datetime) -> None:
    Outbox.objects.filter(pk=message.pk).update(state=Outbox.State.REFUSED, problem=refusal.code)
    note_whether_answered(Request.objects.filter(answers__message=message))
    Quarantine.objects.create(
        partner=partner,
        message_id_text=str(message.id),
        sha256=message.hash,
        sealed=b"",
        code=refusal.code,
        sentence=refusal.sentence,
        at=at,
        outgoing=True,
    )
    record(
        Act.REFUSAL,
        "refused-by-partner",
        f"message:{message.id}",
        by=f"node:{partner.node}",
        reason=refusal.code,
        at=at,
    )
