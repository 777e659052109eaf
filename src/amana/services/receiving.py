"""Taking in what a partner sends: opened, checked, ordered, logged and stored in one transaction, then receipted.

Invariant: a receipt is signed only after the transaction that holds the message and its log entry has committed;
whatever is refused stands in quarantine with a stable code, and nothing is dropped in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import DatabaseError, transaction
from django.utils import timezone

from amana.domain.errors import AmanaError, BadInput, NotAllowed, gettext_noop
from amana.domain.report import Content, State
from amana.domain.request import Answer, Question
from amana.domain.times import cut
from amana.exchange.envelope import KeyOf, Outer, kid_of, lock, message_hash, open_sealed, peek
from amana.exchange.identity import signing_key_at
from amana.exchange.keys import VerifyingKey
from amana.exchange.protocol import (
    AcceptanceBody,
    AgreementMissing,
    BlindAnswerBody,
    BlindAskBody,
    BlindFilterBody,
    CardBody,
    CertificateBody,
    ChainBroken,
    ConsentBody,
    ConsentRequestBody,
    Frame,
    Link,
    Placed,
    ProposalBody,
    RecallBody,
    ReceiptBody,
    RelayBody,
    Relayed,
    ReportBody,
    RestrictionBody,
    Step,
    TypeUnknown,
    VoidBody,
    chain_hash,
    place,
    read_frame,
    read_message,
)
from amana.exchange.protocol import Message as Wire
from amana.oversight.merkle import inclusion_proofs
from amana.records.models import Message, Partner, Quarantine
from amana.services.agreements import note_acceptance, note_proposal
from amana.services.answers import Taken, answer_for, refuse, taken_again
from amana.services.blind_arrivals import note_blind
from amana.services.certificates import note_certificate
from amana.services.chain import Order
from amana.services.consent_answers import note_request, note_use
from amana.services.consents import note_answer
from amana.services.contents import store_new
from amana.services.doubts import take_card
from amana.services.holding import hold, note_held, require_new, require_permission
from amana.services.journal import Act, TreeNodes, many_entries, record, settle, undone_together
from amana.services.keys import card_of, own_node, secrets
from amana.services.lines import Line, lock_lines
from amana.services.onward import follow_correction
from amana.services.posting import PartnerUnknown, lock_partner
from amana.services.recalls import withdraw
from amana.services.receipts import note_receipt
from amana.services.relays import hold_relayed, obey_relay, prove_relay
from amana.services.restrictions import take_restriction

TOGETHER = 100  # new reports that take effect together; a file may bring thousands


class TlsDisagrees(NotAllowed):
    """The message's origin is not the node at the other end of the line."""

    code = "receive-tls-disagrees"
    sentence = gettext_noop("The message names another origin than the node that delivered it.")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that was opened, verified and found to come next on its link; `last` is the chain's hash after it."""

    sealed: bytes
    line: Line
    wire: Wire
    jws: bytes
    digest: str
    last: str

    @property
    def new_report(self) -> Content | None:
        """Its content where it is the first version of a report that starts no clock and answers nothing."""
        body = self.wire.body
        if not isinstance(body, ReportBody) or body.content.version > 1:
            return None
        return None if isinstance(body.content.details, Question | Answer) else body.content


def receive(sealed: Sequence[bytes], *, by_tls: str | None, at: datetime | None = None) -> list[bytes]:
    """Take in a batch in order and answer each message with a signed receipt or refusal.

    `by_tls` is the node at the other end of the line, None where the bytes came as a file.
    """
    now = cut(at or timezone.now())
    outers = [outer for one in sealed if (outer := _outer(one)) is not None]
    with transaction.atomic():
        lines = lock_lines(outers)
        with many_entries():
            taken = _take_in_order(sealed, lines, by_tls=by_tls, at=now)
            for line in lines.values():
                line.partner.last_seen_at = now
                line.partner.save(update_fields=["in_seq", "in_hash", "last_seen_at"])
        size, root = settle()
        proofs = inclusion_proofs([one.log_index for one in taken if one.log_index >= 0], size, TreeNodes())
    return [answer_for(one, size, root, proofs, at=now) for one in taken]


def _outer(sealed: bytes) -> Outer | None:
    try:
        return peek(sealed)
    except AmanaError:
        return None


def _take_in_order(sealed: Sequence[bytes], lines: dict[str, Line], *, by_tls: str | None, at: datetime) -> list[Taken]:
    """Take the messages one after the other; first versions of reports that follow each other, together."""
    taken: list[Taken] = []
    run: list[tuple[Arrived, Content]] = []

    def take_run() -> None:
        taken.extend(_apply_run(run, at=at))
        run.clear()

    for one in sealed:
        found = _look(one, lines, by_tls=by_tls, at=at)
        if run and (not isinstance(found, Arrived) or found.line is not run[0][0].line or len(run) == TOGETHER):
            take_run()
        if not isinstance(found, Arrived):
            taken.append(found())
        elif (content := found.new_report) is not None:
            run.append((found, content))
        else:
            take_run()
            taken.append(apply(found, at=at))
    take_run()
    return taken


def _look(sealed: bytes, lines: dict[str, Line], *, by_tls: str | None, at: datetime) -> Arrived | Callable[[], Taken]:
    """Open and verify a message and move its link; for one that comes not next, what answers it when its turn comes."""
    number, digest = "", hashlib.sha256(sealed).hexdigest()
    line: Line | None = None
    try:
        outer = peek(sealed)
        number = outer.id
        if by_tls is not None and outer.origin != by_tls:
            raise TlsDisagrees
        line = lines.get(outer.origin)
        if line is None:
            lock_partner(outer.origin)  # says which it is: unknown, not confirmed, or not reconciled after a restore
            raise PartnerUnknown(node=outer.origin)
        partner = line.partner
        wire, jws, unread = _open(sealed, outer, partner, at=at)
        digest = message_hash(jws)
        link = Link(partner.in_seq + 1, partner.in_hash)
        if _place(wire, digest, link, line, unread) is Placed.DUPLICATE:
            return partial(taken_again, partner, wire.seq, number)
        line.claim(wire.id)
    except AmanaError as error:
        expected = line.partner.in_seq + 1 if line is not None else 0
        if line is not None:
            line.refused.add(number)
        known = line.partner if line is not None else None
        return partial(refuse, sealed, known, number, digest, error, expected=expected, at=at)
    last = chain_hash(wire, digest)
    line.advance(wire.seq, last)
    if wire.id in line.refused:  # it came before its turn; a refusal that stays in quarantine is final
        Quarantine.objects.filter(partner=partner, message_id_text=wire.id, outgoing=False).delete()
    if isinstance(wire, Frame):
        return partial(pass_over, sealed, line, wire, digest, unread or TypeUnknown(), at=at)
    return Arrived(sealed, line, wire, jws, digest, last)


def _place(wire: Wire | Frame, digest: str, link: Link, line: Line, unread: AmanaError | None) -> Placed:
    """Whether a message is new; one that takes another's place and is not understood is refused as not understood."""
    try:
        return place(wire, digest, link, line.hash_of)
    except ChainBroken as error:
        raise unread or error from None


def _open(
    sealed: bytes, outer: Outer, partner: Partner, *, at: datetime
) -> tuple[Wire | Frame, bytes, AmanaError | None]:
    """The message and its signed text; or its frame alone, and why its body is not understood here.

    Raises what `read_message` raises.
    """
    _, jws = open_sealed(sealed, secrets().sealing_key)
    card = card_of(partner.card)

    def key_of(kid: str) -> VerifyingKey | None:
        return signing_key_at(card, kid, at)

    wire, unread = read_or_frame(jws, outer, key_of, at=at)
    return wire, jws, unread


def read_or_frame(jws: bytes, outer: Outer, key_of: KeyOf, *, at: datetime) -> tuple[Wire | Frame, AmanaError | None]:
    """A message; or its frame alone, and why its body is not understood here. Raises what `read_message` raises."""
    try:
        return read_message(jws, key_of=key_of, me=own_node(), outer=outer, now=at), None
    except (BadInput, AgreementMissing) as error:
        unread = error
    try:
        return read_frame(jws, key_of=key_of, me=own_node(), outer=outer, now=at), unread
    except AmanaError:
        raise unread from None


def pass_over(sealed: bytes, line: Line, frame: Frame, digest: str, error: AmanaError, *, at: datetime) -> Taken:
    """Refuse what is signed and in its place but not understood; the link goes on behind it."""
    refused = refuse(sealed, line.partner, frame.id, digest, error, expected=frame.seq + 1, at=at)
    row_of(line.partner, frame, digest, refused.log_index, at=at).save(force_insert=True)
    return Taken(frame.id, digest, refusal=error, expected=frame.seq + 1)


def _apply_run(run: Sequence[tuple[Arrived, Content]], *, at: datetime) -> list[Taken]:
    """Let new reports of one line take effect together; where anything stands against one, one by one."""
    if len(run) > 1:
        with suppress(AmanaError, DatabaseError), undone_together():
            return _hold_run(run, at=at)
    return [apply(one, at=at) for one, _ in run]


def _hold_run(run: Sequence[tuple[Arrived, Content]], *, at: datetime) -> list[Taken]:
    line = run[0][0].line
    indexes = [_note_arrival(one.wire, one.digest, at=at) for one, _ in run]
    for one, content in run:
        require_permission(line.in_force(at=at), one.wire.agreement, content, at=at)
    require_new(line.partner.node, [content for _, content in run])
    reports = store_new([content for _, content in run], State.HELD, originator=line.partner.node)
    Message.objects.bulk_create(
        row_of(line.partner, one.wire, one.last, index, at=at, report=report, **locked(one.jws))
        for (one, _), index, report in zip(run, indexes, reports, strict=True)
    )
    return [Taken(one.wire.id, one.last, log_index=index) for (one, _), index in zip(run, indexes, strict=True)]


def apply(one: Arrived, *, at: datetime) -> Taken:
    """Let the message take effect; where the effect is refused, the link stays advanced."""
    partner, wire = one.line.partner, one.wire
    try:
        with undone_together():
            index = _take_effect(one.line, wire, one.jws, one.digest, one.last, at=at)
    except AmanaError as error:
        one.line.undo()
        refused = refuse(one.sealed, partner, wire.id, one.digest, error, expected=wire.seq + 1, at=at)
        row_of(partner, wire, one.last, refused.log_index, at=at).save(force_insert=True)
        return Taken(wire.id, one.digest, refusal=error, expected=wire.seq + 1)
    return Taken(wire.id, one.last, log_index=index)


def row_of(partner: Partner, wire: Wire | Frame, last: str, index: int, *, at: datetime, **held: object) -> Message:
    """The row of a received message; `held` are its report and its locked body."""
    return Message(
        id=wire.id,
        partner=partner,
        direction=Message.Direction.IN,
        seq=wire.seq,
        prev=wire.prev,
        hash=last,
        type=wire.type[:24],
        created_at=wire.created,
        received_at=at,
        log_index=index,
        **held,
    )


def _take_effect(line: Line, wire: Wire, jws: bytes, digest: str, last: str, *, at: datetime) -> int:
    partner = line.partner
    index = _note_arrival(wire, digest, at=at)
    report, relayed, fresh = None, None, True
    if isinstance(wire.body, ReportBody):
        agreement = line.in_force(at=at)
        report, fresh = hold(agreement, wire, wire.body.content, signed_by=kid_of(jws), at=at)
    elif isinstance(wire.body, RelayBody):
        relayed = prove_relay(partner, wire.body, at=at)
        if isinstance(relayed.message.body, ReportBody):
            report = hold_relayed(partner, line.in_force(at=at), wire.agreement, wire.body, relayed, at=at)
    message = row_of(partner, wire, last, index, at=at, report=report, **locked(jws))
    message.save(force_insert=True)
    if isinstance(wire.body, ReportBody) and report is not None and fresh:
        note_held(line.in_force(at=at), wire.body.content, report, message, at=at)
    if report is not None and report.version > 1 and fresh:
        follow_correction(report, at=at, lock=line.lock)
    obey(line, wire, jws, digest, relayed, at=at)
    return index


def obey(line: Line, wire: Wire, jws: bytes, digest: str, relayed: Relayed | None, *, at: datetime) -> None:
    """Let all but a report take effect. Raises what the body's own module raises."""
    partner = line.partner
    order = Order(partner.node, partner, jws.decode(), digest, wire.created)
    match wire.body:
        case RecallBody():
            withdraw(order, wire.body, at=at, lock=line.lock)
        case RestrictionBody():
            take_restriction(order, wire.body, at=at, lock=line.lock)
        case CertificateBody():
            note_certificate(partner, wire.body, jws.decode(), origin=partner.node, at=at, lock=line.lock)
        case RelayBody() if relayed is not None:
            obey_relay(partner, relayed, at=at, lock=line.lock)
        case ConsentRequestBody():
            note_request(partner, wire.body, at=at)
        case ConsentBody():
            note_answer(partner, wire.body, at=at)
        case ReceiptBody() if wire.body.step is Step.PASSED_ON:
            note_use(partner, wire.body.note, at=at)
        case ReceiptBody():
            note_receipt(partner, wire.body, jws.decode(), at=at)
        case ProposalBody():
            note_proposal(partner, wire.body, at=at)
        case AcceptanceBody():
            note_acceptance(partner, wire.body, at=at)
            line.agreement = None
        case CardBody():
            take_card(partner, wire.body, at=at)
        case BlindFilterBody() | BlindAskBody() | BlindAnswerBody():
            note_blind(partner, wire, at=at)
        case ReportBody() | VoidBody() | RelayBody():
            pass


def _note_arrival(wire: Wire, digest: str, *, at: datetime) -> int:
    return record(
        Act.COLLECTION,
        f"{wire.type}-received",
        f"message:{wire.id}",
        by=f"node:{wire.origin}",
        reason=wire.agreement or "protocol",
        details=[("sha256", digest), ("seq", str(wire.seq))],
        at=at,
    )


def locked(jws: bytes) -> dict[str, object]:
    """A message exactly as it was signed, locked under a key of its own that a recall destroys."""
    key, body = lock(jws)
    return {"body": body, "body_key": key}
