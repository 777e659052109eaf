"""After a restore: what our own messages that came back say was done here and forgotten.

Invariant: everything here may be done again and again. What rests on a message that has not come back yet is done once
that is there, so it is tried anew whenever another link was reconciled.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid4

from amana.domain.handling import Handling
from amana.domain.report import Content, State
from amana.domain.request import Answer
from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.envelope import message_hash, unlock, untrusted
from amana.exchange.protocol import (
    ConsentBody,
    ConsentRequestBody,
    RecallBody,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Token,
    Type,
    narrowed_by,
)
from amana.exchange.protocol import Message as Wire
from amana.records.models import (
    Agreement,
    Certificate,
    Consent,
    Erasure,
    Forwarded,
    Message,
    Outbox,
    Partner,
    PassedOn,
    Recall,
    Release,
    Report,
    Request,
    RequestAnswer,
    Restriction,
    RestrictionCertificate,
    WaitingRelay,
)
from amana.services.agreements import terms_of
from amana.services.contents import handling_columns, store
from amana.services.keys import own_node
from amana.services.replies import note_recalled, note_report

BY = "restored"


def remember_sent(message: Message, wire: Wire) -> None:
    """Let a message that we sent before the restore have here the effect that it had when it was sent."""
    match wire.body:
        case ReportBody():
            _released(message, wire, wire.body.content)
        case RecallBody():
            _recalled(message, wire.body)
        case RestrictionBody():
            _restricted(message, wire.body)
        case ConsentRequestBody():
            _asked(message, wire.body)
        case ConsentBody():
            _answered(message, wire.body)
        case RelayBody():
            _passed_on(message, wire, wire.body)
        case _:
            pass


def remember_rest() -> None:
    """Do what waited for messages of other links: go over everything that was taken back."""
    rows = Message.objects.filter(
        direction=Message.Direction.OUT,
        type__in=[Type.REPORT, Type.CONSENT, Type.RELAY],
        outbox__state=Outbox.State.DELIVERED,
        outbox__sent_at__isnull=True,
        body_key__isnull=False,
    )
    for row in rows.select_related("partner").order_by("partner_id", "seq"):
        assert row.body is not None
        assert row.body_key is not None
        remember_sent(row, Wire.from_json(untrusted(unlock(bytes(row.body_key), bytes(row.body)))))


def _released(message: Message, wire: Wire, content: Content) -> None:
    """Our report as it was released to this partner, drawn again from the message where the restore forgot it."""
    row = _report_of(content)
    if row is None:
        return
    Message.objects.filter(pk=message.pk).update(report=row)
    message.report = row
    agreement = Agreement.objects.filter(pk=wire.agreement).first()
    if agreement is None:
        return
    data = encode(content.to_json())
    sha256 = hashlib.sha256(data).hexdigest()
    _release(row, message.partner, agreement, sha256, at=wire.created)
    if _can_be_noted(content, message):
        note_report(content, row, message, terms=terms_of(agreement), sha256=sha256, sent=True)


def _can_be_noted(content: Content, message: Message) -> bool:
    """Whether a request or an answer is not noted yet, and the request that an answer names is here."""
    if not isinstance(content.details, Answer):
        return not Request.objects.filter(message=message).exists()
    asked = Request.objects.filter(partner_id=message.partner_id, sha256=content.details.request_sha256)
    return asked.exists() and not RequestAnswer.objects.filter(message=message).exists()


def _report_of(content: Content) -> Report | None:
    key = {"originator": own_node(), "uid": content.report, "version": content.version}
    row = Report.objects.select_for_update(no_key=True).filter(**key).first()
    if row is not None:
        if row.state in (State.DRAFT, State.AWAITING_RELEASE):
            row.state = State.RELEASED
            row.save(update_fields=["state"])
        return row
    if Erasure.objects.filter(**key).exists():
        return None
    older = Report.objects.filter(originator=own_node(), uid=content.report, state=State.RELEASED)
    older.filter(version__lt=content.version).update(state=State.SUPERSEDED)
    return store(content, Report(state=State.RELEASED), originator=own_node())


def _release(row: Report, partner: Partner, agreement: Agreement, sha256: str, *, at: datetime) -> Release:
    made, fresh = Release.objects.get_or_create(
        report=row,
        partner=partner,
        defaults={
            "agreement": agreement,
            "preview_sha256": sha256,
            "state": Release.State.RELEASED,
            "proposed_by": BY,
            "proposed_at": at,
            "decided_by": BY,
            "decided_at": at,
            "reason": BY,
        },
    )
    if not fresh and made.state == Release.State.PROPOSED:
        Release.objects.filter(pk=made.pk).update(state=Release.State.RELEASED, decided_by=BY, decided_at=at, reason=BY)
    return made


def _recalled(message: Message, body: RecallBody) -> None:
    Report.objects.filter(originator=own_node(), uid=body.report, version__in=body.versions).update(
        state=State.RECALLED, ended_reason=body.reason
    )
    note_recalled(own_node(), body.report, at=message.created_at)
    recall = Recall.objects.filter(report_uid=body.report, versions=list(body.versions)).first()
    if recall is None:
        recall = Recall.objects.create(
            id=uuid4(),
            report_uid=body.report,
            versions=list(body.versions),
            reason=body.reason,
            by=BY,
            at=message.created_at,
        )
    Certificate.objects.get_or_create(recall=recall, partner=message.partner, defaults={"message": message})


def _restricted(message: Message, body: RestrictionBody) -> None:
    rows = Report.objects.filter(originator=own_node(), uid=body.report, version__in=body.versions)
    if body.handling is not None:
        for row in rows.filter(state__in=[State.RELEASED, State.SUPERSEDED]):
            narrowed = narrowed_by(Handling.from_json(row.handling), [body.handling])
            Report.objects.filter(pk=row.pk).update(**handling_columns(narrowed))
    consent = Consent.objects.filter(pk=body.consent).first() if body.consent else None
    if consent is not None:
        Consent.objects.filter(pk=consent.pk).update(state=Consent.State.REVOKED, answer=body.reason)
    handling = body.handling.to_json() if body.handling is not None else None
    known = Restriction.objects.filter(report_uid=body.report, versions=list(body.versions), reason=body.reason)
    made = known.filter(handling=handling, consent=consent).first()
    if made is None:
        made = Restriction.objects.create(
            id=uuid4(),
            report_uid=body.report,
            versions=list(body.versions),
            handling=handling,
            consent=consent,
            reason=body.reason,
            by=BY,
            at=message.created_at,
        )
    RestrictionCertificate.objects.get_or_create(
        restriction=made, partner=message.partner, defaults={"message": message}
    )


def _asked(message: Message, body: ConsentRequestBody) -> None:
    Consent.objects.get_or_create(
        pk=body.consent,
        defaults={
            "originator": message.partner_id,
            "holder": own_node(),
            "recipient": body.recipient,
            "report_uid": body.report,
            "version": body.version,
            "purpose": body.purpose,
            "reason": body.reason,
            "asked_by": BY,
            "asked_at": message.created_at,
        },
    )


def _answered(message: Message, body: ConsentBody) -> None:
    """Our answer to a question that is here, or will be once the partner's messages are back."""
    expires = Token.from_json(untrusted(body.token.encode("ascii"))).expires if body.granted else None
    Consent.objects.filter(
        pk=body.consent, originator=own_node(), holder=message.partner_id, state=Consent.State.ASKED
    ).update(
        state=Consent.State.GRANTED if body.granted else Consent.State.REFUSED,
        answer=body.reason,
        decided_by=BY,
        decided_at=cut(message.created_at),
        expires_at=expires,
        token=body.token,
    )


def _passed_on(message: Message, wire: Wire, body: RelayBody) -> None:
    inner = Wire.from_json(untrusted(body.message.encode("ascii")))
    if isinstance(inner.body, RecallBody | RestrictionBody):
        _forwarded(message, inner, message_hash(body.message.encode("ascii")), inner.body.report)
    if not isinstance(inner.body, ReportBody):
        return
    content = inner.body.content
    row = Report.objects.filter(originator=inner.origin, uid=content.report, version=content.version).first()
    agreement = Agreement.objects.filter(pk=wire.agreement).first()
    token = Token.from_json(untrusted(body.token.encode("ascii")))
    consent = Consent.objects.filter(pk=token.id).first()
    if row is None or agreement is None or consent is None:
        return
    Message.objects.filter(pk=message.pk).update(report=row)
    sha256 = hashlib.sha256(encode(content.to_json())).hexdigest()
    release = _release(row, message.partner, agreement, sha256, at=wire.created)
    PassedOn.objects.get_or_create(release=release, defaults={"consent": consent})


def _forwarded(message: Message, order: Wire, sha256: str, report: str) -> None:
    brought = Message.objects.filter(direction=Message.Direction.IN, hash=sha256).first()
    forwarded, _ = Forwarded.objects.update_or_create(
        sha256=sha256,
        partner=message.partner,
        defaults={"message": message},
        create_defaults={
            "originator": order.origin,
            "report_uid": report,
            "upstream": brought.partner_id if brought is not None else order.origin,
            "message": message,
        },
    )
    WaitingRelay.objects.filter(forwarded=forwarded, partner=message.partner).delete()  # it had gone before the restore
