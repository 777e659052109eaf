"""Legal holds: a head orders, with a reason, that the locked message of a held report stays until the hold is lifted.

Invariant: a hold keeps proof, never use: what was recalled is out of search, match, export and print like the rest, and
its originator reads in the certificate that it is kept and why.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from amana.domain.errors import Conflict, gettext_noop
from amana.domain.report import State
from amana.exchange.protocol import CertificateBody, Effect
from amana.records.models import LegalHold, Message, Report, User
from amana.services.certificates import certify
from amana.services.chain import Order, lock_any
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.recalls import ReasonMissing, destroy_keys
from amana.services.reports import newest
from amana.services.rights import Deed, require


class HoldOfOurOwn(Conflict):
    """A hold is laid on what came from others."""

    code = "hold-own"
    sentence = gettext_noop("A legal hold is laid on what a partner entrusted; this report is your node's own.")


class HoldTooLate(Conflict):
    """There is nothing left to keep."""

    code = "hold-too-late"
    sentence = gettext_noop("There is nothing left to hold: the key of this report's message is destroyed.")


class HoldExists(Conflict):
    """The report is on hold already."""

    code = "hold-exists"
    sentence = gettext_noop("This report is under a legal hold already.")


class HoldMissing(Conflict):
    """The report is not on hold."""

    code = "hold-missing"
    sentence = gettext_noop("This report is under no legal hold.")


@transaction.atomic
def hold_report(uid: UUID, *, reason: str, by: User) -> LegalHold:
    """Keep the locked message of a held report whatever its originator orders; it says so in its certificate.

    Raises ReasonMissing, ReportUnknown, HoldOfOurOwn, HoldTooLate, HoldExists.
    """
    require(by, Deed.HOLD)
    if not reason.strip():
        raise ReasonMissing
    row = newest(uid, by=by)
    if row.originator == own_node():
        raise HoldOfOurOwn
    if not Message.objects.filter(report=row, body_key__isnull=False).exists():
        raise HoldTooLate
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(report=row, reason=reason, by=by.username, at=timezone.now())
    except IntegrityError as error:
        raise HoldExists from error
    record(Act.ALTERATION, "legal-hold-laid", f"report:{uid}:{row.version}", by=by.username, reason=reason)
    return hold


@transaction.atomic
def lift_hold(uid: UUID, *, reason: str, by: User) -> LegalHold:
    """End a legal hold; what was recalled meanwhile is destroyed now, and its originator gets a fresh certificate.

    Raises ReasonMissing, ReportUnknown, HoldMissing.
    """
    require(by, Deed.HOLD)
    if not reason.strip():
        raise ReasonMissing
    hold = LegalHold.objects.filter(report__uid=uid, lifted_at__isnull=True).order_by("-report__version").first()
    if hold is None:
        raise HoldMissing
    upstream = lock_any(hold.upstream) if hold.upstream else None  # before the report, as receiving does
    newest(uid, by=by)
    row = Report.objects.select_for_update(no_key=True).get(pk=hold.report_id)
    now = timezone.now()
    changed = LegalHold.objects.filter(pk=hold.pk, lifted_at__isnull=True, upstream=hold.upstream).update(
        lifted_at=now, lifted_by=by.username, lifted_reason=reason
    )
    if not changed:
        raise HoldMissing
    ended = row.state in (State.WITHDRAWN, State.SUPERSEDED)
    keys = destroy_keys([row]) if ended else 0
    index = record(
        Act.ERASURE if keys else Act.ALTERATION,
        "legal-hold-lifted",
        f"report:{uid}:{row.version}",
        by=by.username,
        reason=reason,
        details=[("keys", str(keys))],
        at=now,
    )
    if upstream is not None:
        others = LegalHold.objects.filter(recall=hold.recall, lifted_at__isnull=True).values_list("reason", flat=True)
        body = CertificateBody(
            report=str(uid),
            versions=(row.version,),
            recall=hold.recall,
            effect=Effect.LEGAL_HOLD if others else Effect.WITHDRAWN,
            at=now,
            withdrawn_statements=0,
            key_destroyed=keys > 0,
            drafts_stopped=0,
            passed_on=(),
            log_index=index,
            reason=" ".join(others),
        )
        certify(Order(row.originator, upstream, "", hold.recall, now), body, at=now)
    hold.refresh_from_db()
    return hold


def hold_on(row: Report) -> LegalHold | None:
    """The hold that lies on this version, if one does."""
    return LegalHold.objects.filter(report=row, lifted_at__isnull=True).first()
