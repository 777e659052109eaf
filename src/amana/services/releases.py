"""Letting a report go: preview for each recipient, proposal by one officer, release by a second.

Invariant: what is released is byte for byte what was previewed; the officer who releases is neither the author nor the
one who proposed; and without an agreement that permits it nothing leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.agreement import AgreementState, Terms
from amana.domain.answers import Decision
from amana.domain.errors import Conflict, NotAllowed, gettext_noop
from amana.domain.report import Content, ReportIncomplete, State
from amana.exchange.canonical import encode
from amana.exchange.protocol import ReportBody, Type
from amana.records.models import Agreement, Message, Partner, Release, Report, User
from amana.services.agreements import NoAgreement, agreement_in_force, terms_of
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import PartnerUnknown, lock_partner, post, version_with
from amana.services.reports import ReportNotDraft, ReportNotOurs, newest
from amana.services.rights import Deed, require
from amana.services.witnesses import require_witness


class ReleaseForbidden(NotAllowed):
    """The agreement or the marking does not permit it."""

    code = "release-forbidden"
    sentence = gettext_noop("This may not go to “%(node)s”: %(because)s")


class SecondPersonNeeded(NotAllowed):
    """The releasing officer wrote or proposed the report."""

    code = "release-second-person"
    sentence = gettext_noop("A second person must release this: you wrote or proposed it yourself.")


class NotProposed(Conflict):
    """The report does not wait for a release."""

    code = "release-not-proposed"
    sentence = gettext_noop("This report is not waiting for release.")


class PreviewChanged(Conflict):
    """The report is no longer what was previewed."""

    code = "release-preview-changed"
    sentence = gettext_noop("The report changed since its preview; look at the preview again and propose it anew.")


class NoRecipients(NotAllowed):
    """The marking releases the report to nobody."""

    code = "release-no-recipients"
    sentence = gettext_noop("The report is releasable to nobody yet; say to whom before you propose it.")


class ThirdPartyMaterial(NotAllowed):
    """The report rests on what another node entrusted."""

    code = "release-third-party"
    sentence = gettext_noop("This rests on what “%(node)s” entrusted to you; it may not go on without its consent.")


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what one recipient will hold: `data` are the bytes, `sha256` their hash in hex."""

    partner: str
    agreement: UUID
    content: Content
    data: bytes
    sha256: str
    decision: Decision


def preview_release(uid: UUID, *, recipients: Sequence[str] | None = None, by: User) -> tuple[Preview, ...]:
    """Show for each recipient what it will hold, and what the agreement objects to.

    Recipients default to the nodes the marking names. Raises ReportUnknown, ReportNotOurs, PartnerUnknown, NoAgreement.
    """
    require(by, Deed.READ)
    with transaction.atomic():
        row = newest(uid, by=by)
        if row.originator != own_node():
            raise ReportNotOurs(node=row.originator)
        previews = _previews(row, recipients, at=timezone.now())
        for preview in previews:
            record(
                Act.CONSULTATION,
                "release-previewed",
                f"report:{row.uid}:{row.version}",
                by=by.username,
                reason="release",
                details=[("partner", preview.partner), ("sha256", preview.sha256)],
            )
        return previews


@transaction.atomic
def propose_release(uid: UUID, *, recipients: Sequence[str] | None = None, by: User) -> Report:
    """Hand a draft to a second person, with the previews fixed by their hash.

    Raises ReportIncomplete, ReleaseForbidden, NoRecipients, ThirdPartyMaterial and what the preview raises.
    """
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    if row.originator != own_node():
        raise ReportNotOurs(node=row.originator)
    if row.state != State.DRAFT:
        raise ReportNotDraft
    missing = content_of(row).missing()
    if missing:
        raise ReportIncomplete(missing=", ".join(missing))
    _refuse_third_party(row)
    previews = _previews(row, recipients, at=timezone.now())
    if not previews:
        raise NoRecipients
    now = timezone.now()
    Release.objects.filter(report=row).delete()
    for preview in previews:
        _require_permission(preview)
        Release.objects.create(
            report=row,
            partner_id=preview.partner,
            agreement_id=preview.agreement,
            preview_sha256=preview.sha256,
            proposed_by=by.username,
            proposed_at=now,
        )
    _move(row, State.DRAFT, State.AWAITING_RELEASE)
    record(
        Act.ALTERATION,
        "release-proposed",
        f"report:{row.uid}:{row.version}",
        by=by.username,
        reason="release",
        details=[("partners", " ".join(preview.partner for preview in previews))],
        at=now,
    )
    return row


@transaction.atomic
def release_report(uid: UUID, *, reason: str = "release", by: User) -> list[Message]:
    """Let the proposed report go to all its recipients: the second person's decision.

    Raises SecondPersonNeeded, NotProposed, PreviewChanged, ReleaseForbidden, WitnessMissing.
    """
    require(by, Deed.RELEASE)
    row = newest(uid, by=by)
    now = timezone.now()
    waiting = Release.objects.filter(report=row, state=Release.State.PROPOSED).select_related("agreement")
    proposals = list(waiting.order_by("partner_id"))
    if row.state != State.AWAITING_RELEASE or not proposals:
        raise NotProposed
    if by.pk == row.author_id or by.username in {proposal.proposed_by for proposal in proposals}:
        raise SecondPersonNeeded
    require_witness(at=now)
    _move(row, State.AWAITING_RELEASE, State.RELEASED)
    messages = [_send(row, proposal, by=by, reason=reason, at=now) for proposal in proposals]
    if row.version > 1:
        older = Report.objects.filter(originator=row.originator, uid=row.uid, version__lt=row.version)
        older.filter(state=State.RELEASED).update(state=State.SUPERSEDED)
    return messages


@transaction.atomic
def decline_release(uid: UUID, *, reason: str, by: User) -> Report:
    """Send a proposed report back to its author, with a reason. Raises NotProposed."""
    require(by, Deed.RELEASE)
    row = newest(uid, by=by)
    now = timezone.now()
    changed = Release.objects.filter(report=row, state=Release.State.PROPOSED).update(
        state=Release.State.DECLINED, decided_by=by.username, decided_at=now, reason=reason
    )
    if not changed:
        raise NotProposed
    _move(row, State.AWAITING_RELEASE, State.DRAFT)
    record(Act.ALTERATION, "release-declined", f"report:{row.uid}:{row.version}", by=by.username, reason=reason, at=now)
    return row


def _send(row: Report, proposal: Release, *, by: User, reason: str, at: datetime) -> Message:
    partner = lock_partner(proposal.partner_id)
    if proposal.agreement.state != AgreementState.IN_FORCE:
        raise NoAgreement(node=partner.node)
    preview = _preview(row, partner, proposal.agreement, at=at)
    if preview.sha256 != proposal.preview_sha256:
        raise PreviewChanged
    _require_permission(preview)
    Release.objects.filter(pk=proposal.pk, state=Release.State.PROPOSED).update(
        state=Release.State.RELEASED, decided_by=by.username, decided_at=at, reason=reason
    )
    return post(
        partner,
        Type.REPORT,
        ReportBody(content=preview.content),
        agreement=str(preview.agreement),
        act=Act.DISCLOSURE,
        verb="report-released",
        subject=f"report:{row.uid}:{row.version}",
        by=by.username,
        reason=reason,
        details=[("content", preview.sha256), ("proposed-by", proposal.proposed_by)],
        report=row,
        at=at,
    )


def _previews(row: Report, recipients: Sequence[str] | None, *, at: datetime) -> tuple[Preview, ...]:
    named = sorted(set(recipients if recipients is not None else content_of(row).handling.releasable_to))
    partners = {partner.node: partner for partner in Partner.objects.filter(node__in=named)}
    for node in named:
        if node not in partners:
            raise PartnerUnknown(node=node)
    for partner in partners.values():
        version_with(partner)
    agreements = {node: agreement_in_force(partners[node], at=at) for node in named}
    return tuple(_preview(row, partners[node], agreements[node], at=at) for node in named)


def _preview(row: Report, partner: Partner, agreement: Agreement, *, at: datetime) -> Preview:
    terms: Terms = terms_of(agreement)
    content = content_of(row).for_recipient(partner.node)
    data = encode(content.to_json())
    decision = terms.permits(content, recipient=partner.node, at=at)
    return Preview(partner.node, agreement.pk, content, data, hashlib.sha256(data).hexdigest(), decision)


def _require_permission(preview: Preview) -> None:
    if not preview.decision.allowed:
        because = " ".join(map(str, preview.decision.because))
        raise ReleaseForbidden(node=preview.partner, because=because)


def _refuse_third_party(row: Report) -> None:
    foreign = row.built_on.exclude(originator=own_node()).order_by("originator").first()
    if foreign is not None:
        raise ThirdPartyMaterial(node=foreign.originator)


def _move(row: Report, before: State, after: State) -> None:
    """Change the state where it still is what was read; raises ReportNotDraft or NotProposed."""
    if not Report.objects.filter(pk=row.pk, state=before).update(state=after):
        raise ReportNotDraft if before is State.DRAFT else NotProposed
    row.state = after
