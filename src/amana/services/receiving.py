"""Taking in what a partner sends: opened, checked, ordered, logged and stored in one transaction, then receipted.

Invariant: a receipt is signed only after the transaction that holds the message and its log entry has committed;
whatever is refused stands in quarantine with a stable code, and nothing is dropped in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import DatabaseError, transaction
from django.utils import timezone

from amana.domain.errors import AmanaError, Conflict, NotAllowed, gettext_noop
from amana.domain.form import is_id
from amana.domain.report import Content, Kind, ReportIncomplete, State
from amana.domain.request import Answer, Question
from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.envelope import Outer, lock, message_hash, open_sealed, peek
from amana.exchange.identity import signing_key_at
from amana.exchange.protocol import (
    AcceptanceBody,
    BlindAnswerBody,
    BlindAskBody,
    BlindFilterBody,
    CertificateBody,
    ConsentBody,
    ConsentRequestBody,
    Link,
    Placed,
    ProposalBody,
    RecallBody,
    ReceiptBody,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Step,
    VoidBody,
    chain_hash,
    place,
    read_message,
)
from amana.exchange.protocol import Message as Wire
from amana.oversight.merkle import inclusion_proofs
from amana.records.models import Agreement, Message, Partner, Quarantine, Report
from amana.services.agreements import NotPermittedHere, agreement_in_force, note_acceptance, note_proposal, terms_of
from amana.services.answers import Taken, answer_for, refuse, taken_again
from amana.services.blind_arrivals import note_blind
from amana.services.certificates import note_certificate
from amana.services.chain import Order, lock_any, neighbours
from amana.services.consent_answers import note_request, note_use
from amana.services.consents import note_answer
from amana.services.contents import store, store_new
from amana.services.cross_checks import cross_check
from amana.services.journal import Act, TreeNodes, many_entries, record, settle, undone_together
from amana.services.keys import card_of, own_node, secrets
from amana.services.onward import follow_correction
from amana.services.posting import PartnerUnknown, lock_partner
from amana.services.recalls import erase_held, withdraw
from amana.services.receipts import note_receipt
from amana.services.relays import hold_relayed, obey_relay, prove_relay
from amana.services.replies import note_report, require_fit
from amana.services.restrictions import take_restriction

TOGETHER = 100  # new reports that take effect together; a file may bring thousands


class TlsDisagrees(NotAllowed):
    """The message's origin is not the node at the other end of the line."""

    code = "receive-tls-disagrees"
    sentence = gettext_noop("The message names another origin than the node that delivered it.")


class IdTaken(Conflict):
    """Another message has this id."""

    code = "receive-id-taken"
    sentence = gettext_noop("Another message has this id already; each message needs one of its own.")


class VersionTaken(Conflict):
    """This version of a report, or a later one, came before."""

    code = "receive-version-taken"
    sentence = gettext_noop(
        "This version of the report, or a later one, came before; send a correction as the next one."
    )


class ReportOurs(NotAllowed):
    """A partner gives its report the number of one of ours."""

    code = "receive-report-ours"
    sentence = gettext_noop("The report has the number of one that belongs to the receiving node.")


@dataclass(slots=True)
class _Line:
    """A partner whose row is locked for this batch, and what was looked up or kept for it meanwhile.

    `locked` are the rows of all partners that the batch may concern, this one among them; `ids` those of its messages
    that another message had before; `refused` those that came before their turn, earlier or in this batch, and lie in
    quarantine.
    """

    partner: Partner
    locked: dict[str, Partner]
    ids: set[str]
    refused: set[str]
    agreement: Agreement | None = None
    hashes: dict[int, str] = field(default_factory=dict)

    def lock(self, node: str) -> Partner:
        """The one row of a partner in this transaction, locked."""
        if node not in self.locked:
            self.locked[node] = lock_any(node)
        return self.locked[node]

    def undo(self) -> None:
        """Read again where the links stand, after what was queued for them was undone."""
        for partner in self.locked.values():
            partner.refresh_from_db(fields=["out_seq", "out_hash"])

    def in_force(self, *, at: datetime) -> Agreement:
        """The agreement in force, looked up once a batch. Raises NoAgreement."""
        self.agreement = self.agreement or agreement_in_force(self.partner, at=at)
        return self.agreement

    def hash_of(self, seq: int) -> str | None:
        """The chain hash kept for a number of the link."""
        if seq in self.hashes:
            return self.hashes[seq]
        rows = Message.objects.filter(partner=self.partner, direction=Message.Direction.IN, seq=seq)
        return rows.values_list("hash", flat=True).first()

    def claim(self, number: str) -> None:
        """Take a message's id, which no other message may have. Raises IdTaken."""
        if number in self.ids:
            raise IdTaken
        self.ids.add(number)

    def advance(self, seq: int, last: str) -> None:
        """Move the link by one message, whatever becomes of its effect."""
        self.partner.in_seq, self.partner.in_hash = seq, last
        self.hashes[seq] = last


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A message that was opened, verified and found to come next on its link; `last` is the chain's hash after it."""

    sealed: bytes
    line: _Line
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
        lines = _lock_lines(outers)
        with many_entries():
            taken = _take_in_order(sealed, lines, by_tls=by_tls, at=now)
            for line in lines.values():
                line.partner.last_seen_at = now
                line.partner.save(update_fields=["in_seq", "in_hash", "last_seen_at"])
        size, root = settle()
        proofs = inclusion_proofs([one.log_index for one in taken if one.log_index >= 0], size, TreeNodes())
    return [answer_for(one, size, root, proofs, at=now) for one in taken]


def _lock_lines(outers: Sequence[Outer]) -> dict[str, _Line]:
    """The confirmed partners among the origins; with them, all that their orders may concern are locked, by name."""
    origins = {outer.origin for outer in outers}
    rows = Partner.objects.select_for_update().filter(pk__in=origins | neighbours(origins)).order_by("node")
    locked = {partner.node: partner for partner in rows}
    confirmed = [node for node in sorted(origins & set(locked)) if locked[node].state == Partner.State.CONFIRMED]
    numbers = [outer.id for outer in outers if is_id(outer.id)]
    ids = {str(number) for number in Message.objects.filter(pk__in=numbers).values_list("pk", flat=True)}
    refused = _refused_before(numbers)
    return {node: _Line(locked[node], locked, ids, refused) for node in confirmed}


def _refused_before(numbers: Sequence[str]) -> set[str]:
    rows = Quarantine.objects.filter(message_id_text__in=numbers, outgoing=False)
    return set(rows.values_list("message_id_text", flat=True))


def _outer(sealed: bytes) -> Outer | None:
    try:
        return peek(sealed)
    except AmanaError:
        return None


def _take_in_order(
    sealed: Sequence[bytes], lines: dict[str, _Line], *, by_tls: str | None, at: datetime
) -> list[Taken]:
    """Take the messages one after the other; first versions of reports that follow each other, together."""
    taken: list[Taken] = []
    run: list[tuple[_Arrived, Content]] = []

    def take_run() -> None:
        taken.extend(_apply_run(run, at=at))
        run.clear()

    for one in sealed:
        found = _look(one, lines, by_tls=by_tls, at=at)
        if run and (not isinstance(found, _Arrived) or found.line is not run[0][0].line or len(run) == TOGETHER):
            take_run()
        if not isinstance(found, _Arrived):
            taken.append(found())
        elif (content := found.new_report) is not None:
            run.append((found, content))
        else:
            take_run()
            taken.append(_apply(found, at=at))
    take_run()
    return taken


def _look(
    sealed: bytes, lines: dict[str, _Line], *, by_tls: str | None, at: datetime
) -> _Arrived | Callable[[], Taken]:
    """Open and verify a message and move its link; for one that comes not next, what answers it when its turn comes."""
    number, digest = "", hashlib.sha256(sealed).hexdigest()
    line: _Line | None = None
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
        wire, jws = _open(sealed, outer, partner, at=at)
        digest = message_hash(jws)
        link = Link(partner.in_seq + 1, partner.in_hash)
        if place(wire, digest, link, line.hash_of) is Placed.DUPLICATE:
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
    return _Arrived(sealed, line, wire, jws, digest, last)


def _open(sealed: bytes, outer: Outer, partner: Partner, *, at: datetime) -> tuple[Wire, bytes]:
    _, jws = open_sealed(sealed, secrets().sealing_key)
    card = card_of(partner.card)
    wire = read_message(jws, key_of=lambda kid: signing_key_at(card, kid, at), me=own_node(), outer=outer, now=at)
    return wire, jws


def _apply_run(run: Sequence[tuple[_Arrived, Content]], *, at: datetime) -> list[Taken]:
    """Let new reports of one line take effect together; where anything stands against one, one by one."""
    if len(run) > 1:
        with suppress(AmanaError, DatabaseError), undone_together():
            return _hold_run(run, at=at)
    return [_apply(one, at=at) for one, _ in run]


def _hold_run(run: Sequence[tuple[_Arrived, Content]], *, at: datetime) -> list[Taken]:
    line = run[0][0].line
    indexes = [_note_arrival(one.wire, one.digest, at=at) for one, _ in run]
    for one, content in run:
        _require_permission(line, one.wire, content, at=at)
    _refuse_taken(line.partner, [content for _, content in run])
    reports = store_new([content for _, content in run], State.HELD, originator=line.partner.node)
    Message.objects.bulk_create(
        _row_of(line.partner, one.wire, one.last, index, at=at, report=report, **_locked(one.jws))
        for (one, _), index, report in zip(run, indexes, reports, strict=True)
    )
    return [Taken(one.wire.id, one.last, log_index=index) for (one, _), index in zip(run, indexes, strict=True)]


def _apply(one: _Arrived, *, at: datetime) -> Taken:
    """Let the message take effect; where the effect is refused, the link stays advanced."""
    partner, wire = one.line.partner, one.wire
    try:
        with undone_together():
            index = _take_effect(one.line, wire, one.jws, one.digest, one.last, at=at)
    except AmanaError as error:
        one.line.undo()
        refused = refuse(one.sealed, partner, wire.id, one.digest, error, expected=wire.seq + 1, at=at)
        _row_of(partner, wire, one.last, refused.log_index, at=at).save(force_insert=True)
        return Taken(wire.id, one.digest, refusal=error, expected=wire.seq + 1)
    return Taken(wire.id, one.last, log_index=index)


def _row_of(partner: Partner, wire: Wire, last: str, index: int, *, at: datetime, **held: object) -> Message:
    return Message(
        id=wire.id,
        partner=partner,
        direction=Message.Direction.IN,
        seq=wire.seq,
        prev=wire.prev,
        hash=last,
        type=wire.type,
        created_at=wire.created,
        received_at=at,
        log_index=index,
        **held,
    )


def _take_effect(line: _Line, wire: Wire, jws: bytes, digest: str, last: str, *, at: datetime) -> int:
    partner = line.partner
    index = _note_arrival(wire, digest, at=at)
    report, relayed = None, None
    if isinstance(wire.body, ReportBody):
        report = _hold(line, wire, wire.body.content, at=at)
    elif isinstance(wire.body, RelayBody):
        relayed = prove_relay(partner, wire.body, at=at)
        if isinstance(relayed.message.body, ReportBody):
            report = hold_relayed(partner, line.in_force(at=at), wire.agreement, wire.body, relayed, at=at)
    message = _row_of(partner, wire, last, index, at=at, report=report, **_locked(jws))
    message.save(force_insert=True)
    if isinstance(wire.body, ReportBody) and report is not None:
        _note(line, wire.body.content, report, message, at=at)
    if report is not None and report.version > 1:
        follow_correction(report, at=at, lock=line.lock)
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
        case BlindFilterBody() | BlindAskBody() | BlindAnswerBody():
            note_blind(partner, wire, at=at)
        case ReportBody() | VoidBody() | RelayBody():
            pass
    return index


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


def _hold(line: _Line, wire: Wire, content: Content, *, at: datetime) -> Report:
    """Keep a partner's report, its words readable; what another had passed on before is held as it is given now."""
    _require_permission(line, wire, content, at=at)
    require_fit(content, partner=line.partner.node, sent=False, at=wire.created)
    _refuse_taken(line.partner, [content])
    rows = Report.objects.select_for_update().filter(originator=line.partner.node, uid=content.report)
    known = {row.version: row for row in rows.order_by("version")}
    row = known.pop(content.version, None) or Report(state=State.HELD)
    erase_held([one for one in known.values() if one.state == State.HELD], State.SUPERSEDED, reason="correction")
    row.via, row.restrictions = "", []
    return store(content, row, originator=line.partner.node)


def _note(line: _Line, content: Content, report: Report, message: Message, *, at: datetime) -> None:
    """Let a request or an answer take effect: its clock, its place in the fold, and the look into our own holdings."""
    terms, sha256 = terms_of(line.in_force(at=at)), hashlib.sha256(encode(content.to_json())).hexdigest()
    note_report(content, report, message, terms=terms, sha256=sha256, sent=False)
    if report.kind == Kind.REQUEST:
        cross_check(message.request, at=at)


def _require_permission(line: _Line, wire: Wire, content: Content, *, at: datetime) -> None:
    """Go on only where the agreement permits a whole report; raises NoAgreement, NotPermittedHere, ReportIncomplete."""
    agreement = line.in_force(at=at)
    decision = terms_of(agreement).permits(content, recipient=own_node(), at=at)
    if str(agreement.pk) != wire.agreement or not decision.allowed:
        raise NotPermittedHere(because=" ".join(map(str, decision.because)))
    missing = content.missing()
    if missing:
        raise ReportIncomplete(missing=", ".join(missing))


def _refuse_taken(partner: Partner, contents: Sequence[Content]) -> None:
    """A number is one report of one originator, and its versions only go up. Raises ReportOurs, VersionTaken.

    A version that another passed on and that is held may come once more, from its originator itself.
    """
    versions = {content.report: content.version for content in contents}
    for row in Report.objects.filter(uid__in=versions).only("originator", "uid", "version", "via", "state"):
        if row.originator == own_node():
            raise ReportOurs
        passed_on = row.via and row.state == State.HELD and row.version == versions[str(row.uid)]
        if row.originator == partner.node and row.version >= versions[str(row.uid)] and not passed_on:
            raise VersionTaken


def _locked(jws: bytes) -> dict[str, object]:
    """A message exactly as it was signed, locked under a key of its own that a recall destroys."""
    key, body = lock(jws)
    return {"body": body, "body_key": key}
