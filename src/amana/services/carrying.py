"""Carrying messages and answers as files: the same sealed bytes as over the line, whichever way comes first.

Invariant: exporting takes nothing away from the line. The rows stay queued with the same id and bytes, count as tried
(so that a recall follows them), and are done only when a signed answer is back, by line or by file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from amana.domain.errors import AmanaError, BadInput, NotFound, gettext_noop
from amana.exchange.carry import MOST_PARTS, MOST_TOTAL
from amana.exchange.envelope import untrusted
from amana.exchange.parcel import LARGEST_PARCEL, Holds, ParcelMalformed, read_parcel, write_parcel
from amana.records.models import Message, Outbox, Partner, User
from amana.services.delivery import OPEN, Delivered, bytes_of, note_answers
from amana.services.files import write_whole
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import lock_partner
from amana.services.receiving import receive
from amana.services.rights import Deed, require


class NothingWaits(NotFound):
    """No message waits for that partner."""

    code = "parcel-nothing-waits"
    sentence = gettext_noop("No message waits for “%(node)s”; there is nothing to carry.")


class AnswersNotWanted(BadInput):
    """A parcel of answers is not answered in its turn."""

    code = "parcel-answers-not-wanted"
    sentence = gettext_noop("This parcel holds answers; they are not answered in turn. Leave out --answers.")


@dataclass(frozen=True, slots=True)
class Exported:
    """What went into a parcel; `left` messages did not fit and need another."""

    count: int
    left: int
    size: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What a parcel brought: messages taken or refused here; or answers, receipts and refusals, and those known before.

    `answers` says whether a parcel of answers was written.
    """

    holds: str
    origin: str
    count: int
    taken: int
    refused: int
    known: int = 0
    answers: bool = False


def export_parcel(node: str, path: Path, *, by: User) -> Exported:
    """Write what waits for a partner into a file, in the link's order.

    Raises PartnerUnknown, PartnerNotConfirmed, NothingWaits.
    """
    require(by, Deed.CARRY)
    now = timezone.now()
    with transaction.atomic():
        partner = lock_partner(node)
        rows = list(Outbox.objects.select_related("message").filter(partner=partner, state__in=OPEN).order_by("seq"))
        if not rows:
            raise NothingWaits(node=node)
        parts = _as_many_as_fit(rows, partner, at=now)
        taken = rows[: len(parts)]
        Outbox.objects.filter(pk__in=[row.pk for row in taken]).update(
            attempts=F("attempts") + 1, sent_at=now, exported_at=now
        )
        record(
            Act.DISCLOSURE,
            "parcel-exported",
            f"partner:{node}",
            by=by.username,
            reason="carried as a file",
            details=[("first", str(taken[0].seq)), ("last", str(taken[-1].seq))],
            at=now,
        )
    data = write_parcel(parts, holds=Holds.MESSAGES, origin=own_node(), recipient=node, at=now)
    write_whole(path, data)
    return Exported(len(parts), len(rows) - len(parts), len(data))


def _as_many_as_fit(rows: Sequence[Outbox], partner: Partner, *, at: datetime) -> list[bytes]:
    parts: list[bytes] = []
    room = MOST_TOTAL - 64
    for row in rows[:MOST_PARTS]:
        sealed = bytes_of(row, partner, at=at)
        room -= len(sealed) + 4
        if room < 0:
            break
        parts.append(sealed)
    return parts


def import_parcel(path: Path, *, answers: Path | None = None, by: User) -> Imported:
    """Take in a parcel: messages as if they came by line, or answers, which climb the ladder.

    `answers` names the file for our signed answers to messages; without it none are written, as behind a diode. A
    parcel may be taken in any number of times. Raises ParcelMalformed, ParcelNotForUs, PartnerUnknown,
    PartnerNotConfirmed.
    """
    require(by, Deed.CARRY)
    if path.stat().st_size > LARGEST_PARCEL:
        raise ParcelMalformed
    slip, parts = read_parcel(path.read_bytes(), me=own_node())
    now = timezone.now()
    if slip.holds is Holds.ANSWERS and answers is not None:
        raise AnswersNotWanted
    with transaction.atomic():
        lock_partner(slip.origin)
        record(
            Act.COLLECTION,
            "parcel-imported",
            f"partner:{slip.origin}",
            by=by.username,
            reason="carried as a file",
            details=[("holds", str(slip.holds)), ("count", str(slip.count)), ("sha256", slip.sha256)],
            at=now,
        )
    if slip.holds is Holds.ANSWERS:
        done, known = _take_answers(slip.origin, parts, at=now)
        return Imported("answers", slip.origin, slip.count, done.receipted, done.refused, known)
    signed = receive(parts, by_tls=slip.origin, at=now)
    if answers is not None:
        made = write_parcel(signed, holds=Holds.ANSWERS, origin=own_node(), recipient=slip.origin, at=now)
        write_whole(answers, made)
    refused = sum(untrusted(answer).get("answer") == "refused" for answer in signed)
    return Imported("messages", slip.origin, slip.count, len(signed) - refused, refused, answers=answers is not None)


@transaction.atomic
def _take_answers(node: str, parts: Sequence[bytes], *, at: datetime) -> tuple[Delivered, int]:
    """Keep answers to what is still open, in the link's order; what was answered before is only counted."""
    partner = lock_partner(node)
    answers = {_message_of(part): part for part in parts}
    open_rows = Message.objects.filter(
        partner=partner, direction=Message.Direction.OUT, outbox__state__in=OPEN, pk__in=[pk for pk in answers if pk]
    )
    messages = list(open_rows.order_by("seq"))
    done = note_answers(partner, messages, [answers[str(message.pk)] for message in messages], at=at)
    return done, len(parts) - len(messages)


def _message_of(answer: bytes) -> str:
    """The message that an answer names, still to be verified; empty where it names none."""
    try:
        named = untrusted(answer).get("message")
    except AmanaError:
        return ""
    return named if isinstance(named, str) and len(named) == 36 else ""
