"""Passing another's report on: asked of its originator, proposed by one officer, released by a second.

Invariant: what goes on is the originator's signed message byte for byte, and it goes only where the very check that the
recipient will make has passed here. The originator's corrections follow to whoever got the version before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.agreement import AgreementState
from amana.domain.errors import AmanaError, Conflict, gettext_noop
from amana.domain.report import State
from amana.exchange.canonical import encode
from amana.exchange.consent import ConsentMissing
from amana.exchange.protocol import (
    ReceiptBody,
    RelayBody,
    Relayed,
    ReportBody,
    Step,
    Type,
    read_relay,
)
from amana.records.models import Agreement, Consent, Message, Partner, PassedOn, Release, Report, User
from amana.services.agreements import NoAgreement, agreement_in_force, terms_of
from amana.services.chain import Lock, keys_of, lock_any, signed_message
from amana.services.consents import granted_for, is_revoked
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import PartnerNotConfirmed, PartnerUnknown, post, require_open
from amana.services.products import flag_products
from amana.services.releases import (
    NotProposed,
    Outcome,
    Preview,
    PreviewChanged,
    SecondPersonNeeded,
    release_reports,
    require_permission,
)
from amana.services.reports import newest
from amana.services.rights import Deed, require
from amana.services.standing_orders import read_orders
from amana.services.witnesses import require_witness


class OnwardNotHeld(Conflict):
    """Only what is held and in force goes on."""

    code = "onward-not-held"
    sentence = gettext_noop("Only a report that a partner entrusted to you, and that is in force, can be passed on.")


class OnwardTwice(Conflict):
    """The partner has it already."""

    code = "onward-twice"
    sentence = gettext_noop("This version went to “%(node)s” already, or waits for its release.")


def preview_onward(uid: UUID, recipient: str, *, by: User) -> Preview:
    """Show exactly what a third node would hold: the originator's bytes, and the marking under which it may use them.

    Raises ConsentMissing and what the checks of the consent raise, ReportUnknown, OnwardNotHeld, PartnerUnknown, and
    what an overseer's order raises.
    """
    require(by, Deed.READ)
    with transaction.atomic():
        row = _held(uid, by=by)
        preview, _, _ = _preview(row, recipient, at=timezone.now())
        _log(row, Act.CONSULTATION, "onward-previewed", preview, by=by)
        return preview


def waits(uid: UUID) -> bool:
    """Whether a held report of that number waits for a second person to pass it on."""
    waiting = Release.objects.filter(report__uid=uid, state=Release.State.PROPOSED, passed_on__isnull=False)
    return waiting.filter(report__state=State.HELD).exists()


def proposed_onward(row: Report) -> list[Preview]:
    """The previews of what waits for a second person to pass this report on; what no longer may go has none."""
    found = []
    for one in _proposals(row):
        with suppress(AmanaError):
            found.append(_preview(row, one.partner_id, at=timezone.now(), consent=one.passed_on.consent)[0])
    return found


@transaction.atomic
def propose_onward(uid: UUID, recipient: str, *, by: User) -> Report:
    """Hand the step to a second person, with the preview fixed by its hash.

    Raises what the preview raises, ReleaseForbidden, OnwardTwice.
    """
    require(by, Deed.WRITE)
    row, now = _held(uid, by=by), timezone.now()
    preview, consent, _ = _preview(row, recipient, at=now)
    require_permission(preview)
    known = Release.objects.filter(report=row, partner=recipient)
    if known.filter(state__in=[Release.State.PROPOSED, Release.State.RELEASED]).exists():
        raise OnwardTwice(node=recipient)
    known.delete()
    release = Release.objects.create(
        report=row,
        partner_id=recipient,
        agreement_id=preview.agreement,
        preview_sha256=preview.sha256,
        proposed_by=by.username,
        proposed_at=now,
    )
    PassedOn.objects.create(release=release, consent=consent)
    _log(row, Act.ALTERATION, "onward-proposed", preview, by=by)
    return row


@transaction.atomic
def release_onward(uid: UUID, *, reason: str = "consent", by: User) -> list[Message]:
    """Let a held report go on to all for whom it was proposed: the second person's decision.

    Raises NotProposed, SecondPersonNeeded, PreviewChanged, WitnessMissing and what the preview raises.
    """
    require(by, Deed.RELEASE)
    # Partners before the report: receiving begins with the line, and a recall must not meet us crosswise.
    nodes = Release.objects.filter(report__uid=uid, state=Release.State.PROPOSED, passed_on__isnull=False)
    names = set(nodes.values_list("partner_id", flat=True)) | set(nodes.values_list("report__originator", flat=True))
    partners = {name: lock_any(name) for name in sorted(names)}
    row, now = _held(uid, by=by), timezone.now()
    proposals = [one for one in _proposals(row) if one.partner_id in partners]
    if not proposals:
        raise NotProposed
    if by.username in {one.proposed_by for one in proposals}:
        raise SecondPersonNeeded
    require_witness(at=now)
    return [_send(row, one, partners, by=by, reason=reason, at=now) for one in proposals]


def release_all(uids: Sequence[UUID], *, reason: str, by: User) -> list[Outcome]:
    """Let reports of ours and held ones that wait to be passed on go; answers for each, in the order given."""
    onward = [uid for uid in uids if waits(uid)]
    done = {
        one.report: one for one in release_reports([uid for uid in uids if uid not in onward], reason=reason, by=by)
    }
    done |= {uid: _outcome(uid, reason=reason, by=by) for uid in onward}
    return [done[uid] for uid in dict.fromkeys(uids)]


def _outcome(uid: UUID, *, reason: str, by: User) -> Outcome:
    try:
        return Outcome(uid, tuple(release_onward(uid, reason=reason, by=by)))
    except AmanaError as error:
        return Outcome(uid, refusal=error)


@transaction.atomic
def decline_onward(uid: UUID, *, reason: str, by: User) -> Report:
    """Send the proposals to pass a held report on back, with a reason. Raises NotProposed."""
    require(by, Deed.RELEASE)
    row, now = _held(uid, by=by), timezone.now()
    changed = Release.objects.filter(pk__in=[one.pk for one in _proposals(row)]).update(
        state=Release.State.DECLINED, decided_by=by.username, decided_at=now, reason=reason
    )
    if not changed:
        raise NotProposed
    record(Act.ALTERATION, "onward-declined", f"report:{uid}:{row.version}", by=by.username, reason=reason, at=now)
    return row


def _held(uid: UUID, *, by: User) -> Report:
    row = newest(uid, by=by)
    if row.originator == own_node() or row.state != State.HELD:
        raise OnwardNotHeld
    return row


def _proposals(row: Report) -> list[Release]:
    waiting = Release.objects.filter(report=row, state=Release.State.PROPOSED, passed_on__isnull=False)
    return list(waiting.select_related("agreement", "passed_on__consent").order_by("partner_id"))


def _preview(
    row: Report, node: str, *, at: datetime, consent: Consent | None = None
) -> tuple[Preview, Consent, RelayBody]:
    partner = Partner.objects.filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    read_orders().require_disclosable(row, node)
    agreement = agreement_in_force(partner, at=at)
    if consent is None:
        consent = next(iter(granted_for(row, node, at=at)), None)
    if consent is None:
        raise ConsentMissing(node=row.originator)
    relay, relayed = checked_relay(row, node, consent, at=at)
    return _shown(relayed, node, agreement, at=at), consent, relay


def checked_relay(row: Report, node: str, consent: Consent, *, at: datetime) -> tuple[RelayBody, Relayed]:
    """The relay of a held report, proved here as its recipient will prove it. Raises what `read_relay` raises."""
    signed = signed_message(row)
    if signed is None:
        raise OnwardNotHeld
    relay = RelayBody(signed, consent.token, tuple(row.restrictions))
    return relay, read_relay(relay, relayer=own_node(), me=node, keys_of=keys_of, now=at, revoked=is_revoked)


def _shown(relayed: Relayed, node: str, agreement: Agreement, *, at: datetime) -> Preview:
    assert isinstance(relayed.message.body, ReportBody)
    content = relayed.content_for(node)
    data = encode(relayed.message.body.content.to_json())
    decision = terms_of(agreement).permits(content, recipient=node, at=at)
    return Preview(node, agreement.pk, content, data, hashlib.sha256(data).hexdigest(), decision)


def _send(
    row: Report, proposal: Release, partners: dict[str, Partner], *, by: User, reason: str, at: datetime
) -> Message:
    partner = partners[proposal.partner_id]
    if partner.state != Partner.State.CONFIRMED:
        raise PartnerNotConfirmed(node=partner.node)
    if proposal.agreement.state != AgreementState.IN_FORCE:
        raise NoAgreement(node=partner.node)
    preview, consent, relay = _preview(row, partner.node, at=at, consent=proposal.passed_on.consent)
    if (preview.sha256, preview.agreement) != (proposal.preview_sha256, proposal.agreement_id):
        raise PreviewChanged
    require_permission(preview)
    changed = Release.objects.filter(pk=proposal.pk, state=Release.State.PROPOSED).update(
        state=Release.State.RELEASED, decided_by=by.username, decided_at=at, reason=reason
    )
    if not changed:
        raise NotProposed
    message = _post(partner, row, relay, preview, by=by.username, reason=reason, at=at)
    _tell_originator(partners[row.originator], row, consent, by=by, at=at)
    return message


def _post(
    partner: Partner, row: Report, relay: RelayBody, preview: Preview, *, by: str, reason: str, at: datetime
) -> Message:
    return post(
        partner,
        Type.RELAY,
        relay,
        agreement=str(preview.agreement),
        act=Act.DISCLOSURE,
        verb="report-passed-on",
        subject=f"report:{row.uid}:{row.version}",
        by=by,
        reason=reason,
        details=[("content", preview.sha256), ("originator", row.originator)],
        report=row,
        at=at,
    )


def _tell_originator(partner: Partner, row: Report, consent: Consent, *, by: User, at: datetime) -> None:
    """Tell the originator that its consent was used; it sees in its tree who holds the report now."""
    Consent.objects.filter(pk=consent.pk).update(used_at=at)
    brought = Message.objects.filter(report=row, direction=Message.Direction.IN).earliest("log_index")
    post(
        partner,
        Type.RECEIPT,
        ReceiptBody(message=brought.hash, step=Step.PASSED_ON, at=at, note=str(consent.pk)),
        agreement="",
        act=Act.DISCLOSURE,
        verb="receipt-passed-on",
        subject=f"report:{row.uid}:{row.version}",
        by=by.username,
        reason="consent",
        at=at,
    )


def follow_correction(row: Report, *, at: datetime, lock: Lock) -> None:
    """Flag what rests on the versions before, and pass the correction on to whoever got one of them from here.

    It goes under the same consent, in the same transaction. Where consent or agreement do not cover the new version,
    the release stands stopped with the code of the reason.
    """
    older = list(Report.objects.filter(originator=row.originator, uid=row.uid, version__lt=row.version))
    if not older:
        return
    flag_products(older, reason="correction", at=at)
    went = Release.objects.filter(report__in=older, state=Release.State.RELEASED, passed_on__isnull=False)
    for release in went.select_related("agreement", "passed_on__consent").order_by("partner_id", "-report__version"):
        if not Release.objects.filter(report=row, partner=release.partner_id).exists():
            _follow(row, release, at=at, lock=lock)


def _follow(row: Report, before: Release, *, at: datetime, lock: Lock) -> None:
    partner, consent = lock(before.partner_id), before.passed_on.consent
    by = f"node:{row.originator}"
    made: dict[str, object] = {"report": row, "partner": partner, "proposed_by": by, "decided_by": by}
    made |= {"proposed_at": at, "decided_at": at, "agreement": before.agreement}
    try:
        require_open(partner)
        preview, _, relay = _preview(row, partner.node, at=at, consent=consent)
        require_permission(preview)
    except AmanaError as error:
        made |= {"preview_sha256": "", "state": Release.State.STOPPED, "reason": error.code}
    else:
        _post(partner, row, relay, preview, by=by, reason="correction", at=at)
        made |= {"preview_sha256": preview.sha256, "state": Release.State.RELEASED, "reason": "correction"}
    PassedOn.objects.create(release=Release.objects.create(**made), consent=consent)


def _log(row: Report, act: Act, verb: str, preview: Preview, *, by: User) -> None:
    record(
        act,
        verb,
        f"report:{row.uid}:{row.version}",
        by=by.username,
        reason="onward",
        details=[("partner", preview.partner), ("sha256", preview.sha256)],
    )
