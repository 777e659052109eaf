"""Taking in what a partner sends: opened, checked, ordered, logged and stored in one transaction, then receipted.

Invariant: a receipt is signed only after the transaction that holds the message and its log entry has committed;
whatever is refused stands in quarantine with a stable code, and nothing is dropped in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import AmanaError, BadInput, NotAllowed, gettext_noop
from amana.domain.report import Content, ReportIncomplete, State
from amana.exchange.envelope import Outer, lock, message_hash, open_sealed, peek
from amana.exchange.identity import signing_key_at
from amana.exchange.keys import VerifyingKey
from amana.exchange.protocol import (
    AcceptanceBody,
    Accepted,
    AgreementMissing,
    Answer,
    CardBody,
    CertificateBody,
    Frame,
    Link,
    Placed,
    ProposalBody,
    RecallBody,
    ReceiptBody,
    Refused,
    ReportBody,
    VoidBody,
    chain_hash,
    place,
    read_frame,
    read_message,
    sign_answer,
)
from amana.exchange.protocol import Message as Wire
from amana.oversight.merkle import inclusion_proofs
from amana.records.models import Agreement, Message, Partner, Quarantine, Report
from amana.services.agreements import agreement_in_force, note_acceptance, note_proposal, terms_of
from amana.services.contents import store
from amana.services.doubts import take_card
from amana.services.holding import held_already
from amana.services.journal import Act, TreeNodes, many_entries, record, settle, undone_together
from amana.services.keys import card_of, own_node, secrets
from amana.services.posting import PartnerUnknown, lock_partner
from amana.services.recalls import erase_held, note_certificate, withdraw
from amana.services.receipts import note_receipt


class NotPermittedHere(NotAllowed):
    """A partner sent what the agreement does not permit."""

    code = "receive-not-permitted"
    sentence = gettext_noop("The agreement does not permit this message: %(because)s")


class TlsDisagrees(NotAllowed):
    """The message's origin is not the node at the other end of the line."""

    code = "receive-tls-disagrees"
    sentence = gettext_noop("The message names another origin than the node that delivered it.")


@dataclass(slots=True)
class Line:
    """A partner whose row is locked for this batch, and the agreement that its reports come under."""

    partner: Partner
    agreement: Agreement | None = None

    def in_force(self, *, at: datetime) -> Agreement:
        """The agreement in force, looked up once a batch. Raises NoAgreement."""
        self.agreement = self.agreement or agreement_in_force(self.partner, at=at)
        return self.agreement


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message: where its entry stands in the log, or why it was refused."""

    message: str
    sha256: str
    log_index: int = -1
    duplicate: bool = False
    refusal: AmanaError | None = None
    expected: int = 0


def receive(sealed: Sequence[bytes], *, by_tls: str | None, at: datetime | None = None) -> list[bytes]:
    """Take in a batch in order and answer each message with a signed receipt or refusal.

    `by_tls` is the node at the other end of the line, None where the bytes came as a file.
    """
    now = at or timezone.now()
    lines: dict[str, Line] = {}
    with transaction.atomic():
        for node in sorted({node for one in sealed if (node := _origin(one)) is not None}):
            confirmed = Partner.objects.select_for_update().filter(pk=node, state=Partner.State.CONFIRMED)
            partner = confirmed.filter(restored_at__isnull=True).first()
            lines |= {node: Line(partner)} if partner is not None else {}
        with many_entries():
            taken = [_take_one(one, lines, by_tls=by_tls, at=now) for one in sealed]
            for line in lines.values():
                line.partner.last_seen_at = now
                line.partner.save(update_fields=["in_seq", "in_hash", "last_seen_at"])
        size, root = settle()
        proofs = inclusion_proofs([one.log_index for one in taken if one.log_index >= 0], size, TreeNodes())
    return [_answer(one, size, root, proofs, at=now) for one in taken]


def _answer(one: Taken, size: int, root: bytes, proofs: dict[int, list[bytes]], *, at: datetime) -> bytes:
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
            at=at,
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


def _origin(sealed: bytes) -> str | None:
    try:
        return peek(sealed).origin
    except AmanaError:
        return None


def _take_one(sealed: bytes, lines: dict[str, Line], *, by_tls: str | None, at: datetime) -> Taken:
    number, digest = "", hashlib.sha256(sealed).hexdigest()
    line: Line | None = None
    try:
        outer = peek(sealed)
        number = outer.id
        if by_tls is not None and outer.origin != by_tls:
            raise TlsDisagrees
        line = lines.get(outer.origin)
        if line is None:
            lock_partner(outer.origin)  # says which of the two it is: unknown, or not confirmed
            raise PartnerUnknown(node=outer.origin)
        partner = line.partner
        _, jws = open_sealed(sealed, secrets().sealing_key)
        wire, unread = _read(jws, outer, partner, at=at)
        digest = message_hash(jws)
        link = Link(partner.in_seq + 1, partner.in_hash)
        if place(wire, digest, link, _held(partner)) is Placed.DUPLICATE:
            return _again(partner, wire.seq, number)
    except AmanaError as error:
        expected = line.partner.in_seq + 1 if line is not None else 0
        return _refuse(sealed, line.partner if line else None, number, digest, error, expected=expected, at=at)
    if isinstance(wire, Frame):
        assert unread is not None
        return _pass_over(sealed, line, wire, digest, unread, at=at)
    return apply(sealed, line, wire, jws, digest, at=at)


def _read(jws: bytes, outer: Outer, partner: Partner, *, at: datetime) -> tuple[Wire | Frame, AmanaError | None]:
    """The message; or its frame alone, and why its body is not understood here. Raises what `read_frame` raises."""
    card = card_of(partner.card)

    def key_of(kid: str) -> VerifyingKey | None:
        return signing_key_at(card, kid, at)

    try:
        return read_message(jws, key_of=key_of, me=own_node(), outer=outer, now=at), None
    except (BadInput, AgreementMissing) as error:
        return read_frame(jws, key_of=key_of, me=own_node(), outer=outer, now=at), error


def _pass_over(sealed: bytes, line: Line, frame: Frame, digest: str, error: AmanaError, *, at: datetime) -> Taken:
    """Refuse what is signed and in its place but not understood; the link goes on behind it."""
    partner = line.partner
    partner.in_seq, partner.in_hash = frame.seq, digest
    refused = _refuse(sealed, partner, frame.id, digest, error, expected=frame.seq + 1, at=at)
    remember(partner, frame, digest, refused.log_index)
    return Taken(frame.id, digest, refusal=error, expected=frame.seq + 1)


def apply(sealed: bytes, line: Line, wire: Wire, jws: bytes, digest: str, *, at: datetime) -> Taken:
    """Advance the link and let the message take effect; a refused effect leaves the link advanced.

    The caller has locked the partner's row and saves it.
    """
    partner, last = line.partner, chain_hash(wire, digest)
    partner.in_seq, partner.in_hash = wire.seq, last
    try:
        with undone_together():
            index = _take_effect(line, wire, jws, digest, last, at=at)
    except AmanaError as error:
        refused = _refuse(sealed, partner, wire.id, digest, error, expected=wire.seq + 1, at=at)
        remember(partner, wire, last, refused.log_index)
        return Taken(wire.id, digest, refusal=error, expected=wire.seq + 1)
    return Taken(wire.id, last, log_index=index)


def remember(partner: Partner, wire: Wire | Frame, last: str, index: int, **held: object) -> Message:
    """Keep a message that was received, under its number; `held` are its report and its locked body."""
    return Message.objects.create(
        id=wire.id,
        partner=partner,
        direction=Message.Direction.IN,
        seq=wire.seq,
        prev=wire.prev,
        hash=last,
        type=wire.type[:24],
        created_at=wire.created,
        log_index=index,
        **held,
    )


def _take_effect(line: Line, wire: Wire, jws: bytes, digest: str, last: str, *, at: datetime) -> int:
    partner = line.partner
    index = record(
        Act.COLLECTION,
        f"{wire.type}-received",
        f"message:{wire.id}",
        by=f"node:{partner.node}",
        reason=wire.agreement or "protocol",
        details=[("sha256", digest), ("seq", str(wire.seq))],
        at=at,
    )
    report = hold(line, wire, wire.body.content, at=at) if isinstance(wire.body, ReportBody) else None
    body_key, body = lock(jws)
    remember(partner, wire, last, index, report=report, body=body, body_key=body_key)
    match wire.body:
        case RecallBody():
            withdraw(partner, wire, wire.body, digest, at=at)
        case CertificateBody():
            note_certificate(partner, wire.body, jws.decode(), at=at)
        case ReceiptBody():
            note_receipt(partner, wire.body, jws.decode(), at=at)
        case ProposalBody():
            note_proposal(partner, wire.body, at=at)
        case AcceptanceBody():
            note_acceptance(partner, wire.body, at=at)
            line.agreement = None
        case CardBody():
            take_card(partner, wire.body, at=at)
        case ReportBody() | VoidBody():
            pass
    return index


def hold(line: Line, wire: Wire, content: Content, *, at: datetime) -> Report:
    """Keep a partner's report, its words readable; its message is kept locked under a key that a recall destroys."""
    agreement = line.in_force(at=at)
    decision = terms_of(agreement).permits(content, recipient=own_node(), at=at)
    if str(agreement.pk) != wire.agreement or not decision.allowed:
        raise NotPermittedHere(because=" ".join(map(str, decision.because)))
    missing = content.missing()
    if missing:
        raise ReportIncomplete(missing=", ".join(missing))
    known = held_already(line.partner.node, content, at=at)
    if known is not None:
        return known
    if content.version > 1:
        older = Report.objects.select_for_update().filter(
            originator=line.partner.node,
            uid=content.report,
            version__lt=content.version,
            state__in=[State.HELD, State.DOUBTED],
        )
        erase_held(list(older), State.SUPERSEDED, reason="correction")
    return store(content, Report(state=State.HELD), originator=line.partner.node)


def _held(partner: Partner) -> Callable[[int], str | None]:
    def chain_hash_of(seq: int) -> str | None:
        rows = Message.objects.filter(partner=partner, direction=Message.Direction.IN, seq=seq)
        return rows.values_list("hash", flat=True).first()

    return chain_hash_of


def _again(partner: Partner, seq: int, number: str) -> Taken:
    """Answer a duplicate as it was answered the first time."""
    message = Message.objects.get(partner=partner, direction=Message.Direction.IN, seq=seq)
    refused = Quarantine.objects.filter(message_id_text=str(message.id), outgoing=False).first()
    if refused is not None:
        return Taken(number, message.hash, refusal=_Known(refused.code, refused.sentence), expected=seq + 1)
    return Taken(number, message.hash, log_index=message.log_index, duplicate=True)


class _Known(AmanaError):
    """A refusal that was given before, given again."""

    def __init__(self, code: str, sentence: str) -> None:
        self.__dict__.update(code=code, sentence=sentence)
        super().__init__()


def _refuse(
    sealed: bytes, partner: Partner | None, number: str, digest: str, error: AmanaError, *, expected: int, at: datetime
) -> Taken:
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
