"""What became of a received message, and the signed answer that says so.

Invariant: whatever is refused stands in the log and in quarantine with a stable code; a message that comes again is
answered as it was the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amana.domain.errors import AmanaError
from amana.exchange.protocol import Accepted, Answer, Refused, sign_answer
from amana.records.models import Message, Partner, Quarantine
from amana.services.journal import Act, record
from amana.services.keys import secrets


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message: where its entry stands in the log, or why it was refused.

    `at` is when a duplicate was first taken in: a repeated receipt names the same instant.
    """

    message: str
    sha256: str
    log_index: int = -1
    duplicate: bool = False
    refusal: AmanaError | None = None
    expected: int = 0
    at: datetime | None = None


def answer_for(one: Taken, size: int, root: bytes, proofs: dict[int, list[bytes]], *, at: datetime) -> bytes:
    """The signed receipt or refusal; to be made only after the transaction has committed."""
    answer: Answer
    if one.refusal is None:
        answer = Accepted(
            message=one.message,
            sha256=one.sha256,
            duplicate=one.duplicate,
            log_index=one.log_index,
            tree_size=size,
            root=root.hex(),
            proof=tuple(step.hex() for step in proofs[one.log_index]),
            at=one.at or at,
        )
    else:
        answer = Refused(
            message=one.message,
            sha256=one.sha256,
            code=one.refusal.code,
            sentence=str(one.refusal),
            at=at,
            expected=one.expected,
        )
    return sign_answer(answer, secrets().signing)


def taken_again(partner: Partner, seq: int, number: str) -> Taken:
    """Answer a duplicate as it was answered the first time."""
    message = Message.objects.get(partner=partner, direction=Message.Direction.IN, seq=seq)
    refused = Quarantine.objects.filter(message_id_text=str(message.id), outgoing=False).first()
    if refused is not None:
        return Taken(number, message.hash, refusal=_Known(refused.code, refused.sentence), expected=seq + 1)
    return Taken(number, message.hash, log_index=message.log_index, duplicate=True, at=message.received_at)


class _Known(AmanaError):
    """A refusal that was given before, given again."""

    def __init__(self, code: str, sentence: str) -> None:
        self.__dict__.update(code=code, sentence=sentence)
        super().__init__()


def refuse(
    sealed: bytes, partner: Partner | None, number: str, digest: str, error: AmanaError, *, expected: int, at: datetime
) -> Taken:
    """Refuse a message: one entry in the log, its sealed bytes in quarantine."""
    index = record(
        Act.REFUSAL,
        "message-refused",
        f"message:{number or 'unknown'}",
        by=f"node:{partner.node}" if partner else "node:unknown",
        reason=error.code,
        details=[("sha256", digest)],
        at=at,
    )
    Quarantine.objects.create(
        partner=partner,
        message_id_text=number[:100],
        sha256=digest,
        sealed=sealed,
        code=error.code,
        sentence=str(error),
        at=at,
    )
    return Taken(number, digest, log_index=index, refusal=error, expected=expected)
