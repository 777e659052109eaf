"""Letting a report go: preview for each recipient, proposal by one officer, release by a second.

Invariant: what is released is byte for byte what was previewed; the officer who releases is neither the author nor the
one who proposed; and without an agreement that permits it nothing leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.agreement import AgreementState, Terms
from amana.domain.answers import Decision
from amana.domain.errors import AmanaError, Conflict, NotAllowed, gettext_noop
from amana.domain.report import Content, Kind, ReportIncomplete, State
from amana.exchange.canonical import encode
from amana.exchange.protocol import ReportBody, Type
from amana.records.models import Agreement, Message, Partner, Release, Report, User
from amana.services.agreements import NoAgreement, agreement_in_force, terms_of
from amana.services.contents import Parts, content_of, read_parts
from amana.services.journal import Act, many_entries, record
from amana.services.keys import own_node
from amana.services.posting import (
    Entry,
    Letter,
    PartnerUnknown,
    Post,
    confirmed,
    lock_partners,
    version_with,
    write_letter,
)
from amana.services.replies import note_report, require_fit
from amana.services.reports import ReportNotDraft, ReportNotOurs, ReportUnknown, newest, newest_of
from amana.services.rights import Deed, may, require
from amana.services.standing_orders import Orders, read_orders
from amana.services.third_party import ThirdPartyMaterial, require_consents
from amana.services.witnesses import WitnessMissing, require_witness

TOGETHER = 50  # reports that are released in one transaction

__all__ = [
    "NoRecipients",
    "NotProposed",
    "Outcome",
    "Preview",
    "PreviewChanged",
    "ReleaseForbidden",
    "SecondPersonNeeded",
    "ThirdPartyMaterial",
    "decline_release",
    "may_decide",
    "preview_release",
    "previews_of",
    "propose_release",
    "release_report",
    "release_reports",
    "require_permission",
]


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


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what one recipient will hold: `data` are the bytes, `sha256` their hash in hex."""

    partner: str
    agreement: UUID
    content: Content
    data: bytes
    sha256: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report that was to be released: its messages, or why it stayed."""

    report: UUID
    messages: tuple[Message, ...] = ()
    refusal: AmanaError | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What was locked to release reports together: rows by number, proposals by row, partners by name, parts.

    `resting` are the rows that rest on other reports, `orders` the overseers' that were in force once all was locked.
    """

    rows: Mapping[UUID, Report]
    proposals: Mapping[int, Sequence[Release]]
    partners: Mapping[str, Partner]
    parts: Parts
    resting: frozenset[int]
    orders: Orders


def preview_release(uid: UUID, *, recipients: Sequence[str] | None = None, by: User) -> tuple[Preview, ...]:
    """Show for each recipient what it will hold, and what the agreement objects to.

    Recipients default to the nodes the marking names. Raises ReportUnknown, ReportNotOurs, PartnerUnknown, NoAgreement.
    """
    require(by, Deed.READ)
    with transaction.atomic():
        row = newest(uid, by=by)
        if row.originator != own_node():
            raise ReportNotOurs(node=row.originator)
        previews = previews_of(content_of(row), recipients, at=timezone.now())
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

    Raises ReportIncomplete, ReleaseForbidden, NoRecipients, ThirdPartyMaterial, MarkingLaxer, what an overseer's order
    raises, and what the preview raises.
    """
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    if row.originator != own_node():
        raise ReportNotOurs(node=row.originator)
    if row.state != State.DRAFT:
        raise ReportNotDraft
    content = content_of(row)
    missing = content.missing()
    if missing:
        raise ReportIncomplete(missing=", ".join(missing))
    previews = previews_of(content, recipients, at=timezone.now())
    if not previews:
        raise NoRecipients
    now = timezone.now()
    orders = read_orders()
    for preview in previews:
        orders.require_disclosable(row, preview.partner)
    require_consents(row, [preview.partner for preview in previews], at=now)
    Release.objects.filter(report=row).delete()
    for preview in previews:
        require_permission(preview)
        require_fit(preview.content, partner=preview.partner, sent=True, at=now)
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


def release_report(uid: UUID, *, reason: str = "release", by: User) -> list[Message]:
    """Let the proposed report go to all its recipients: the second person's decision.

    Raises ReportUnknown, SecondPersonNeeded, NotProposed, ThirdPartyMaterial, MarkingLaxer, PreviewChanged,
    ReleaseForbidden, WitnessMissing, ReportRestricted, ReportStopped, PartnerStopped, NodeStopped.
    """
    (outcome,) = release_reports([uid], reason=reason, by=by)
    if outcome.refusal is not None:
        raise outcome.refusal
    return list(outcome.messages)


def release_reports(uids: Sequence[UUID], *, reason: str = "release", by: User) -> list[Outcome]:
    """Let many proposed reports go, in this order; answers for each, what `release_report` would have said of it alone.

    A report that is refused goes to nobody and waits on; the others go. Up to `TOGETHER` reports share a transaction,
    so where the machine fails, whole transactions are missing: asked again, what had gone is NotProposed. An answer to
    a request has one of its own, since whether it fits depends on the answers before it.
    """
    require(by, Deed.RELEASE)
    parts = _parts(list(dict.fromkeys(uids)))
    return [outcome for part in parts for outcome in _release_together(part, reason=reason, by=by)]


def _parts(uids: Sequence[UUID]) -> list[list[UUID]]:
    alone = frozenset(Report.objects.filter(uid__in=uids, kind=Kind.REPLY).values_list("uid", flat=True))
    parts: list[list[UUID]] = []
    for uid in uids:
        last = parts[-1] if parts else []
        if not last or len(last) == TOGETHER or uid in alone or last[-1] in alone:
            parts.append([uid])
        else:
            last.append(uid)
    return parts


@transaction.atomic
def _release_together(uids: Sequence[UUID], *, reason: str, by: User) -> list[Outcome]:
    now = timezone.now()
    try:
        require_witness(at=now)
    except WitnessMissing as error:
        return [Outcome(uid, refusal=error) for uid in uids]
    waiting = _lock_waiting(uids, by=by)
    outcomes, released, outgoing = [], [], Post()
    sent: list[tuple[Report, Release, Message, Content]] = []
    with many_entries():
        for uid in uids:
            try:
                row, letters = _letters(uid, waiting, by=by, at=now)
            except AmanaError as error:
                outcomes.append(Outcome(uid, refusal=error))
                continue
            messages = [outgoing.take(letter, _entry(one, row, by=by, reason=reason)) for one, letter in letters]
            outcomes.append(Outcome(uid, tuple(messages)))
            released.append(row)
            sent += [
                (row, one, message, letter.wire.body.content)
                for (one, letter), message in zip(letters, messages, strict=True)
                if isinstance(letter.wire.body, ReportBody)
            ]
    _note_released(released, reason=reason, by=by, at=now)
    outgoing.send()
    for row, one, message, content in sent:
        terms = terms_of(one.agreement)
        note_report(content, row, message, terms=terms, sha256=one.preview_sha256, sent=True)
    return outcomes


def _lock_waiting(uids: Sequence[UUID], *, by: User) -> _Waiting:
    rows = newest_of(uids, by=by)
    proposals: dict[int, list[Release]] = {}
    proposed = Release.objects.filter(report__in=rows.values(), state=Release.State.PROPOSED)
    for proposal in proposed.select_related("agreement").order_by("partner_id"):
        proposals.setdefault(proposal.report_id, []).append(proposal)
    partners = lock_partners(one.partner_id for many in proposals.values() for one in many)
    resting = Report.objects.filter(pk__in=[row.pk for row in rows.values()], built_on__isnull=False)
    parts = read_parts(list(rows.values()))
    resting_rows = frozenset(resting.values_list("pk", flat=True))
    return _Waiting(rows, proposals, partners, parts, resting_rows, read_orders())


def _letters(uid: UUID, waiting: _Waiting, *, by: User, at: datetime) -> tuple[Report, list[tuple[Release, Letter]]]:
    """The report and its letters to all recipients, signed and sealed; changes nothing.

    1. The officer may see it (ReportUnknown). 2. It waits (NotProposed). 3. Somebody else wrote and proposed it
    (SecondPersonNeeded). 4. Whoever entrusted what it rests on has consented (ThirdPartyMaterial, MarkingLaxer). For
    each recipient: 5. no overseer ordered otherwise (ReportRestricted, ReportStopped, PartnerStopped, NodeStopped);
    6. a confirmed partner (PartnerNotConfirmed); 7. the agreement of the proposal still in force (NoAgreement); 8. the
    bytes that were previewed (PreviewChanged); 9. nothing that the agreement objects to (ReleaseForbidden); 10. a key
    to seal to, and a size that may travel (as `write_letter` raises).
    """
    row = waiting.rows.get(uid)
    if row is None:
        raise ReportUnknown
    proposals = waiting.proposals.get(row.pk, [])
    if row.state != State.AWAITING_RELEASE or not proposals:
        raise NotProposed
    if by.pk == row.author_id or by.username in {proposal.proposed_by for proposal in proposals}:
        raise SecondPersonNeeded
    if row.pk in waiting.resting:
        require_consents(row, [proposal.partner_id for proposal in proposals], at=at)
    for proposal in proposals:
        waiting.orders.require_disclosable(row, proposal.partner_id, resting=row.pk in waiting.resting)
    content = waiting.parts.content_of(row)
    return row, [(one, _letter(row, content, one, waiting.partners, at=at)) for one in proposals]


def _letter(
    row: Report, content: Content, proposal: Release, partners: Mapping[str, Partner], *, at: datetime
) -> Letter:
    partner = confirmed(proposal.partner_id, partners)
    if proposal.agreement.state != AgreementState.IN_FORCE:
        raise NoAgreement(node=partner.node)
    preview = _preview(content, partner, proposal.agreement, at=at)
    if preview.sha256 != proposal.preview_sha256:
        raise PreviewChanged
    require_permission(preview)
    require_fit(preview.content, partner=partner.node, sent=True, at=at)
    body = ReportBody(content=preview.content)
    return write_letter(partner, Type.REPORT, body, agreement=str(preview.agreement), report=row, at=at)


def _entry(proposal: Release, row: Report, *, by: User, reason: str) -> Entry:
    return Entry(
        Act.DISCLOSURE,
        "report-released",
        f"report:{row.uid}:{row.version}",
        by=by.username,
        reason=reason,
        details=[("content", proposal.preview_sha256), ("proposed-by", proposal.proposed_by)],
    )


def _note_released(rows: Sequence[Report], *, reason: str, by: User, at: datetime) -> None:
    """Move locked reports and their proposals on; raises NotProposed where a row is not what it was when locked."""
    moved = Report.objects.filter(pk__in=[row.pk for row in rows], state=State.AWAITING_RELEASE)
    if moved.update(state=State.RELEASED) != len(rows):
        raise NotProposed
    Release.objects.filter(report__in=rows, state=Release.State.PROPOSED).update(
        state=Release.State.RELEASED, decided_by=by.username, decided_at=at, reason=reason
    )
    for row in rows:
        if row.version > 1:
            older = Report.objects.filter(originator=row.originator, uid=row.uid, version__lt=row.version)
            older.filter(state=State.RELEASED).update(state=State.SUPERSEDED)


def may_decide(row: Report, *, by: User) -> bool:
    """Whether this officer may be the second person for a report that waits: neither its author nor its proposer."""
    waiting = Release.objects.filter(report=row, state=Release.State.PROPOSED)
    proposers = set(waiting.values_list("proposed_by", flat=True))
    return bool(proposers) and may(by, Deed.RELEASE) and by.pk != row.author_id and by.username not in proposers


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


def previews_of(content: Content, recipients: Sequence[str] | None, *, at: datetime) -> tuple[Preview, ...]:
    """What each recipient would hold, unlogged: for services that look only. Raises PartnerUnknown, NoAgreement."""
    named = sorted(set(recipients if recipients is not None else content.handling.releasable_to))
    partners = {partner.node: partner for partner in Partner.objects.filter(node__in=named)}
    for node in named:
        if node not in partners:
            raise PartnerUnknown(node=node)
    for partner in partners.values():
        version_with(partner)
    agreements = {node: agreement_in_force(partners[node], at=at) for node in named}
    return tuple(_preview(content, partners[node], agreements[node], at=at) for node in named)


def _preview(whole: Content, partner: Partner, agreement: Agreement, *, at: datetime) -> Preview:
    terms: Terms = terms_of(agreement)
    content = whole.for_recipient(partner.node)
    data = encode(content.to_json())
    decision = terms.permits(content, recipient=partner.node, at=at)
    return Preview(partner.node, agreement.pk, content, data, hashlib.sha256(data).hexdigest(), decision)


def require_permission(preview: Preview) -> None:
    """Go on only where the agreement permits what was previewed; raises ReleaseForbidden."""
    if not preview.decision.allowed:
        because = " ".join(map(str, preview.decision.because))
        raise ReleaseForbidden(node=preview.partner, because=because)


def _move(row: Report, before: State, after: State) -> None:
    """Change the state where it still is what was read; raises ReportNotDraft or NotProposed."""
    if not Report.objects.filter(pk=row.pk, state=before).update(state=after):
        raise ReportNotDraft if before is State.DRAFT else NotProposed
    row.state = after
