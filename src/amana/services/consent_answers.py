"""The originator's side of consent: a holder's question kept, answered by a releasing officer, and its use noted.

Invariant: a token is signed by one decision of a named person, with a reason, about a report that is released now and
for a node that ours knows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import NotAllowed, gettext_noop
from amana.domain.form import is_id
from amana.domain.handling import Handling, Purpose
from amana.domain.report import State
from amana.exchange.protocol import ConsentBody, ConsentRequestBody, Type, sign_token
from amana.records.models import Consent, Partner, Release, Report, User
from amana.services.consents import (
    ConsentNotNeeded,
    ConsentNotOpen,
    ConsentPurposeMissing,
    ConsentTaken,
    ConsentUnknown,
    post_about,
    record_about,
    token_for,
)
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_node, secrets
from amana.services.posting import lock_partner
from amana.services.recalls import ReasonMissing
from amana.services.reports import ReportNotReleased, newest
from amana.services.rights import Deed, require
from amana.services.standing_orders import read_orders

LONGEST = timedelta(days=3 * 365)


class ConsentNotHeld(NotAllowed):
    """Who asks does not hold the report."""

    code = "consent-not-held"
    sentence = gettext_noop("This report was not entrusted to the node that asks about it, or not in this version.")


class ConsentRecipientUnknown(NotAllowed):
    """The originator does not know the node to which its report would go."""

    code = "consent-recipient-unknown"
    sentence = gettext_noop(
        "Exchange cards with “%(node)s” first: you can consent only to a node that you know, and that knows you."
    )


class ConsentKept(NotAllowed):
    """The report that a holder asks about holds statements which we kept to fewer."""

    code = "consent-kept"
    sentence = gettext_noop(
        "“%(holder)s” holds statements of this report that are kept to those whom you named, so no consent covers it; "
        "release a version to “%(node)s” yourself."
    )


def note_request(partner: Partner, body: ConsentRequestBody, *, at: datetime) -> None:
    """Keep a holder's question until an officer answers. Raises ConsentTaken, ConsentNotHeld, ConsentNotNeeded."""
    if Consent.objects.filter(pk=body.consent).exists():
        raise ConsentTaken
    if body.recipient in (partner.node, own_node()):
        raise ConsentNotNeeded
    if not _holds(partner.node, body):
        raise ConsentNotHeld
    consent = Consent.objects.create(
        id=body.consent,
        originator=own_node(),
        holder=partner.node,
        recipient=body.recipient,
        report_uid=body.report,
        version=body.version,
        purpose=body.purpose,
        reason=body.reason,
        asked_by=f"node:{partner.node}",
        asked_at=at,
    )
    record_about(consent, "consent-asked", by=f"node:{partner.node}", reason=body.reason, at=at)


def _holds(node: str, body: ConsentRequestBody) -> bool:
    """Whether we entrusted this version to that node, or consented that it gets it."""
    sent = Release.objects.filter(
        partner=node,
        state=Release.State.RELEASED,
        report__originator=own_node(),
        report__uid=body.report,
        report__version=body.version,
    )
    passed = Consent.objects.filter(
        originator=own_node(),
        recipient=node,
        report_uid=body.report,
        version__lte=body.version,
        state=Consent.State.GRANTED,
    )
    return sent.exists() or passed.exists()


@transaction.atomic
def answer_consent(number: UUID, *, grant: bool, reason: str, until: date | None = None, by: User) -> Consent:
    """Grant or refuse a step that a holder asked for; granting signs the token. Both need a reason in words.

    The reason says why this step serves the purpose and nothing else. `until` is the last day on which the step may be
    taken, at the latest the report's erasure day. Raises ReasonMissing, ConsentUnknown, ConsentNotOpen,
    ConsentRecipientUnknown, ConsentPurposeMissing, ConsentKept, ReportNotReleased, what an overseer's order raises and
    what the report's look-up raises.
    """
    require(by, Deed.CONSENT)
    if not reason.strip():
        raise ReasonMissing
    asked = our_consent(number)
    row, now = newest(asked.report_uid, by=by), _now()
    partner = lock_partner(asked.holder)
    token, expires = "", None
    if grant:
        for node in (asked.holder, asked.recipient):
            read_orders().require_disclosable(row, node)
        _require_grantable(asked, row)
        expires = _end(row, until, now)
        token = sign_token(token_for(asked, granted=now, expires=expires), secrets().signing)
    changed = Consent.objects.filter(pk=number, state=Consent.State.ASKED).update(
        state=Consent.State.GRANTED if grant else Consent.State.REFUSED,
        answer=reason,
        decided_by=by.username,
        decided_at=now,
        expires_at=expires,
        token=token,
    )
    if not changed:
        raise ConsentNotOpen
    verb = "consent-granted" if grant else "consent-refused"
    body = ConsentBody(str(number), grant, reason, token)
    post_about(partner, Type.CONSENT, body, asked, verb, by=by.username, reason=reason, at=now)
    asked.refresh_from_db()
    return asked


def _require_grantable(asked: Consent, row: Report) -> None:
    versions = Report.objects.filter(originator=own_node(), uid=row.uid)
    if not versions.filter(state=State.RELEASED).exists():
        raise ReportNotReleased
    released = versions.filter(state=State.RELEASED).order_by("-version")[0]
    if content_of(released).for_recipient(asked.holder).kept_in_part:
        raise ConsentKept(holder=asked.holder, node=asked.recipient)
    if Purpose(asked.purpose) not in Handling.from_json(released.handling).purposes:
        raise ConsentPurposeMissing(purpose=asked.purpose)
    if not Partner.objects.filter(pk=asked.recipient, state=Partner.State.CONFIRMED).exists():
        raise ConsentRecipientUnknown(node=asked.recipient)


def _end(row: Report, until: date | None, now: datetime) -> datetime:
    days = [day for day in (until, row.erase_by) if day is not None]
    last = datetime.combine(min(days), time.max, UTC) if days else now + LONGEST
    return last.replace(microsecond=last.microsecond // 1000 * 1000)


def our_consent(number: UUID) -> Consent:
    """A question about a report of ours; raises ConsentUnknown."""
    asked = Consent.objects.filter(pk=number, originator=own_node()).first()
    if asked is None:
        raise ConsentUnknown
    return asked


def note_use(partner: Partner, consent: str, *, at: datetime) -> None:
    """A holder tells that it passed on under a consent of ours. Raises ConsentUnknown."""
    ours = Consent.objects.filter(originator=own_node(), holder=partner.node)
    if not is_id(consent) or not ours.filter(pk=consent).update(used_at=at):
        raise ConsentUnknown
    record(Act.ALTERATION, "consent-used", f"consent:{consent}", by=f"node:{partner.node}", reason="consent", at=at)


def _now() -> datetime:
    """The time to the millisecond, which is what the wire carries."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
