"""Late restrictions: the originator narrows what it entrusted, in force at every holder on receipt.

Invariant: a restriction only narrows. The marking that is kept is the meet of what was there and what came, so that
purposes, clearance and erasure follow it in the same transaction in which it arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import NotAllowed, gettext_noop
from amana.domain.handling import Handling
from amana.domain.report import State
from amana.exchange.protocol import CertificateBody, Effect, RestrictionBody, Type, narrowed_by
from amana.records.models import Consent, Partner, Release, Report, Restriction, RestrictionCertificate, User
from amana.services.certificates import Branch, branches_of, certify
from amana.services.chain import Forwarding, Lock, Order, forward_down, lock_any
from amana.services.consent_answers import our_consent
from amana.services.consents import ConsentNotOpen
from amana.services.contents import handling_columns
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import post
from amana.services.products import Touched, remark_products
from amana.services.recalls import ReasonMissing, withdraw_rows
from amana.services.reports import ReportNotOurs, ReportNotReleased, newest
from amana.services.rights import Deed, require

NOBODY = " none "


class RestrictionWidens(NotAllowed):
    """A restriction would allow something that the marking did not, or change nothing."""

    code = "restriction-widens"
    sentence = gettext_noop(
        "A restriction only narrows a marking, and leaves at least one purpose; to release it for more, correct it."
    )


@transaction.atomic
def restrict_report(uid: UUID, handling: Handling, *, reason: str, by: User) -> Restriction:
    """Narrow the handling of all released versions of a report of ours at every holder.

    Releasability stays as it is: to take a report from a holder is a recall. Raises ReasonMissing, ReportUnknown,
    ReportNotOurs, ReportNotReleased, RestrictionWidens.
    """
    require(by, Deed.RECALL)
    if not reason.strip():
        raise ReasonMissing
    row = newest(uid, by=by)
    if row.originator != own_node():
        raise ReportNotOurs(node=row.originator)
    versions = _released(uid)
    if not versions:
        raise ReportNotReleased
    now, present = timezone.now(), Handling.from_json(versions[-1].handling)
    narrowed = replace(handling, releasable_to=present.releasable_to)
    if narrowed == present or not narrowed.narrows(present) or not narrowed.purposes:
        raise RestrictionWidens
    made = Restriction.objects.create(
        id=uuid4(),
        report_uid=uid,
        versions=[one.version for one in versions],
        handling=replace(narrowed, releasable_to=frozenset()).to_json(),
        reason=reason,
        by=by.username,
        at=now,
    )
    nodes = Release.objects.filter(report__in=versions, state=Release.State.RELEASED)
    holders = [lock_any(node) for node in sorted(set(nodes.values_list("partner_id", flat=True)))]
    Report.objects.filter(pk__in=[one.pk for one in versions]).update(**handling_columns(narrowed))
    remark_products(versions, narrowed, reason=reason, at=now)
    record(Act.ALTERATION, "report-restricted", f"report:{uid}", by=by.username, reason=reason, at=now)
    for partner in holders:
        send_restriction(partner, made, by=by, at=now)
    return made


@transaction.atomic
def revoke_consent(number: UUID, *, reason: str, by: User) -> Restriction:
    """Take a granted consent back: nothing more goes on under it, and who got the report by it withdraws it.

    Raises ReasonMissing, ConsentUnknown, ConsentNotOpen and what the report's look-up raises.
    """
    require(by, Deed.CONSENT)
    if not reason.strip():
        raise ReasonMissing
    consent, now = our_consent(number), timezone.now()
    newest(consent.report_uid, by=by)
    versions = [row.version for row in _released(consent.report_uid) if row.version >= consent.version]
    partner = lock_any(consent.holder)
    granted = Consent.objects.filter(pk=number, state=Consent.State.GRANTED)
    if not versions or not granted.update(state=Consent.State.REVOKED, answer=reason, decided_at=now):
        raise ConsentNotOpen
    made = Restriction.objects.create(
        id=uuid4(),
        report_uid=consent.report_uid,
        versions=versions,
        consent=consent,
        reason=reason,
        by=by.username,
        at=now,
    )
    send_restriction(partner, made, by=by, at=now)
    return made


def _released(uid: UUID) -> list[Report]:
    rows = Report.objects.select_for_update(no_key=True).filter(originator=own_node(), uid=uid)
    return list(rows.filter(state__in=[State.RELEASED, State.SUPERSEDED]).order_by("version"))


def send_restriction(partner: Partner, made: Restriction, *, by: User, at: datetime) -> None:
    """Queue a restriction for one holder, whose row is locked, and wait for its certificate."""
    body = RestrictionBody(
        report=str(made.report_uid),
        versions=tuple(made.versions),
        reason=made.reason,
        handling=Handling.from_json(made.handling) if made.handling is not None else None,
        consent=str(made.consent_id or ""),
    )
    message = post(
        partner,
        Type.RESTRICTION,
        body,
        agreement="",
        act=Act.ALTERATION,
        verb="restriction-sent",
        subject=f"report:{made.report_uid}",
        by=by.username,
        reason=made.reason,
        at=at,
    )
    RestrictionCertificate.objects.create(restriction=made, partner=partner, message=message)


def take_restriction(order: Order, body: RestrictionBody, *, at: datetime, lock: Lock) -> None:
    """Do at a holder what a restriction asks, in the transaction that receives it, and pass it on."""
    rows = list(
        Report.objects.select_for_update(no_key=True)
        .filter(originator=order.originator, uid=body.report, version__in=body.versions)
        .order_by("version")
    )
    if body.handling is not None:
        _narrow(order, rows, body, body.handling, at=at, lock=lock)
    elif order.direct:
        _end_step(order, rows, body, at=at, lock=lock)
    else:
        Consent.objects.filter(pk=body.consent, originator=order.originator).update(state=Consent.State.REVOKED)
        through = [row for row in rows if row.via == order.upstream.node]
        withdraw_rows(order, through, body, at=at, lock=lock)


def _narrow(
    order: Order, rows: Sequence[Report], body: RestrictionBody, handling: Handling, *, at: datetime, lock: Lock
) -> None:
    held = [row for row in rows if row.state in (State.HELD, State.SUPERSEDED)]
    for row in held:
        kept = {"restrictions": [*row.restrictions, order.jws], **restricted_columns(row, handling)}
        Report.objects.filter(pk=row.pk).update(**kept)
    touched = remark_products(held, handling, reason=body.reason, at=at) if held else Touched()
    onward = forward_down(order, rows, takes_back=False, at=at, lock=lock)
    effect = Effect.RESTRICTED if held else Effect.NOT_HELD
    _certify(order, body, effect, onward, held, at=at, flagged=touched.flagged)


def restricted_columns(row: Report, handling: Handling) -> dict[str, object]:
    """The columns of a held report under a restriction; where no purpose is left, nobody reads it from any."""
    narrowed = narrowed_by(Handling.from_json(row.handling), [handling])
    columns = handling_columns(narrowed)
    return columns if narrowed.purposes else columns | {"purposes": NOBODY}


def _end_step(order: Order, rows: Sequence[Report], body: RestrictionBody, *, at: datetime, lock: Lock) -> None:
    """At the holder whose consent ends: nothing more goes on under it, and whoever got it through us is told."""
    known = Consent.objects.filter(pk=body.consent, originator=order.originator, holder=own_node())
    consent = known.select_for_update(no_key=True).first()
    onward = Forwarding()
    if consent is not None:
        known.update(state=Consent.State.REVOKED, answer=body.reason, decided_at=at)
        onward = forward_down(order, rows, takes_back=True, only=consent.recipient, at=at, lock=lock)
        Release.objects.filter(report__in=rows, passed_on__consent=consent).update(
            state=Release.State.STOPPED, reason=body.reason
        )
    effect = Effect.STEP_ENDED if consent is not None else Effect.NOT_HELD
    _certify(order, body, effect, onward, rows, at=at)


def _certify(
    order: Order,
    body: RestrictionBody,
    effect: Effect,
    onward: Forwarding,
    held: Sequence[Report],
    *,
    at: datetime,
    flagged: int = 0,
) -> None:
    index = record(
        Act.ALTERATION,
        "restriction-obeyed",
        f"report:{body.report}",
        by=f"node:{order.originator}",
        reason=body.reason,
        details=[("restriction", order.sha256), ("versions", " ".join(map(str, body.versions)))],
        at=at,
    )
    certificate = CertificateBody(
        report=body.report,
        versions=tuple(row.version for row in held) or body.versions,
        recall=order.sha256,
        effect=effect,
        at=at,
        withdrawn_statements=0,
        key_destroyed=False,
        drafts_stopped=0,
        passed_on=onward.passed,
        log_index=index,
        reason=onward.failed,
        products_flagged=flagged,
    )
    certify(order, certificate, at=at)


def restriction_tree(uid: UUID, *, by: User) -> list[tuple[Restriction, list[Branch]]]:
    """Each restriction of a report of ours with its holders, and those they passed it to."""
    require(by, Deed.READ)
    made = Restriction.objects.filter(report_uid=uid).order_by("at")
    return [(one, branches_of(one.certificates.order_by("partner_id"))) for one in made]
