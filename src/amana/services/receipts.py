"""What a holder says back about a report, step by step: read, taken up, useful. The originator sees it as a ladder.

Invariant: a step is told once; what a partner says of a message counts only if that message went to that partner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, gettext_noop
from amana.exchange.protocol import ReceiptBody, Step, Type
from amana.records.models import Message, Outbox, Partner, Receipt, Report, User
from amana.services.journal import Act, record
from amana.services.posting import lock_partner, post
from amana.services.rights import Deed, require

__all__ = ["TELLABLE", "Ladder", "Rung", "Step", "ladders_of", "note_receipt", "tell_step", "told_of"]

TELLABLE = [str(step) for step in Step if step not in (Step.RECEIVED, Step.PASSED_ON)]
CARRIES_REPORTS = [Type.REPORT, Type.RELAY]


class ReceiptUnexpected(BadInput):
    """A receipt speaks of a message that did not go to that partner."""

    code = "receipt-unexpected"
    sentence = gettext_noop("This receipt speaks of a message that this node did not send to that partner.")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: a stable word and when it was reached, None while it was not."""

    step: str
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far a report got with one partner; `problem` is the code of what holds it up."""

    partner: str
    rungs: tuple[Rung, ...]
    problem: str
    void: bool
    attempts: int


def ladders_of(report: Report) -> list[Ladder]:
    """The ladders of a report, one for each partner to whom it went from here."""
    messages = Message.objects.filter(report=report, direction=Message.Direction.OUT, type__in=CARRIES_REPORTS)
    return [_ladder(message) for message in messages.select_related("outbox").order_by("partner_id")]


def _ladder(message: Message) -> Ladder:
    outbox: Outbox = message.outbox
    told = {receipt.step: receipt for receipt in message.receipts.all()}
    rungs = [Rung("queued", message.created_at), Rung("sent", outbox.sent_at)]
    for step in Step:
        receipt = told.get(step)
        if receipt is not None or step in (Step.RECEIVED, Step.READ, Step.TAKEN_UP):
            rungs.append(Rung(step, receipt.at if receipt else None, receipt.note if receipt else ""))
    return Ladder(message.partner_id, tuple(rungs), outbox.problem, outbox.void, outbox.attempts)


def told_of(report: Report) -> list[Rung]:
    """What was told to the originator of a held report, in order."""
    rows = Receipt.objects.filter(message__report=report, message__direction=Message.Direction.IN).order_by("at")
    return [Rung(row.step, row.at, row.note) for row in rows]


@transaction.atomic
def tell_step(report: Report, step: Step, *, note: str = "", by: User) -> bool:
    """Tell who entrusted a held report, or passed it on, how far it got here; False when it was told before."""
    require(by, Deed.READ)
    brought = Message.objects.filter(report=report, direction=Message.Direction.IN, type__in=CARRIES_REPORTS)
    message = brought.order_by("log_index").first()
    if message is None or Receipt.objects.filter(message=message, step=step).exists():
        return False
    partner = lock_partner(message.partner_id)
    now = timezone.now()
    _, fresh = Receipt.objects.get_or_create(message=message, step=step, defaults={"at": now, "note": note})
    if not fresh:
        return False
    post(
        partner,
        Type.RECEIPT,
        ReceiptBody(message=message.hash, step=step, at=now, note=note),
        agreement="",
        act=Act.DISCLOSURE,
        verb=f"receipt-{step}",
        subject=f"report:{report.uid}:{report.version}",
        by=by.username,
        reason="receipt",
        at=now,
    )
    return True


def note_receipt(partner: Partner, body: ReceiptBody, jws: str, *, at: datetime) -> None:
    """Keep what a partner says about a message of ours. Raises ReceiptUnexpected."""
    message = Message.objects.filter(partner=partner, direction=Message.Direction.OUT, hash=body.message).first()
    if message is None or body.step in (Step.RECEIVED, Step.PASSED_ON):
        raise ReceiptUnexpected
    Receipt.objects.get_or_create(
        message=message, step=body.step, defaults={"at": body.at, "note": body.note, "proof": jws}
    )
    record(
        Act.ALTERATION,
        f"receipt-{body.step}",
        f"message:{message.id}",
        by=f"node:{partner.node}",
        reason="receipt",
        at=at,
    )
