"""Consent to onward steps: asked by a holder, and kept as the token that the originator signed for one step.

Invariant: what is kept as granted is exactly what was asked, under the originator's signature.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotFound, gettext_noop
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import State
from amana.exchange.protocol import (
    ConsentBody,
    ConsentRequestBody,
    Onward,
    Token,
    Type,
    read_token,
)
from amana.records.models import Consent, Partner, Report, User
from amana.records.queries.kept import asked, kept
from amana.services.chain import keys_of
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import PartnerUnknown, lock_partner, post
from amana.services.recalls import ReasonMissing
from amana.services.reports import newest
from amana.services.rights import Deed, may, require
from amana.services.standing_orders import require_unrestricted


class ConsentUnknown(NotFound):
    """There is no such question of consent here."""

    code = "consent-unknown"
    sentence = gettext_noop("There is no such question of consent that you may see.")


class ConsentNotOpen(Conflict):
    """The question was answered before, or the consent is not in force."""

    code = "consent-not-open"
    sentence = gettext_noop("This consent is not waiting for that: it was answered, refused or revoked before.")


class ConsentTaken(Conflict):
    """A question of that number is here already."""

    code = "consent-taken"
    sentence = gettext_noop("A consent of this number is here already.")


class ConsentNotNeeded(BadInput):
    """Nobody is asked about their own things, or about going back where it came from."""

    code = "consent-not-needed"
    sentence = gettext_noop("Consent is asked for what another node entrusted to yours, to go to a third.")


class ConsentPurposeMissing(BadInput):
    """The marking does not allow the purpose that was asked for."""

    code = "consent-purpose-not-given"
    sentence = gettext_noop("The report's marking does not allow the purpose “%(purpose)s”.")


class ConsentDiffers(BadInput):
    """A token is not for what was asked."""

    code = "consent-differs"
    sentence = gettext_noop("The originator signed another consent than was asked for; it is not used.")


@transaction.atomic
def ask_consent(uid: UUID, recipient: str, purpose: Purpose, *, reason: str, by: User) -> Consent:
    """Ask the originator of a held report whether it may go on to a partner of ours, for a purpose.

    Raises ReasonMissing, ReportUnknown, ConsentNotNeeded, ConsentPurposeMissing, PartnerUnknown, PartnerNotConfirmed.
    """
    require(by, Deed.WRITE)
    if not reason.strip():
        raise ReasonMissing
    originator = (
        Report.objects.filter(uid=uid).exclude(originator=own_node()).values_list("originator", flat=True).first()
    )
    # The partner before the report: receiving begins with the line.
    partner = lock_partner(originator) if originator is not None else None
    row, now = newest(uid, by=by), timezone.now()
    require_unrestricted(row.uid)
    if partner is None or row.originator != partner.node or row.state != State.HELD:
        raise ConsentNotNeeded
    if recipient in (row.originator, row.via, own_node()):
        raise ConsentNotNeeded
    if purpose not in Handling.from_json(row.handling).purposes:
        raise ConsentPurposeMissing(purpose=purpose)
    if not Partner.objects.filter(pk=recipient).exists():
        raise PartnerUnknown(node=recipient)
    consent = Consent.objects.create(
        id=uuid4(),
        originator=row.originator,
        holder=own_node(),
        recipient=recipient,
        report_uid=uid,
        version=row.version,
        purpose=purpose,
        reason=reason,
        asked_by=by.username,
        asked_at=now,
    )
    body = ConsentRequestBody(str(consent.pk), str(uid), row.version, recipient, purpose, reason)
    post_about(partner, Type.CONSENT_REQUEST, body, consent, "consent-asked", by=by.username, reason=reason, at=now)
    return consent


def note_answer(partner: Partner, body: ConsentBody, *, at: datetime) -> None:
    """Keep the originator's answer. Raises ConsentUnknown, ConsentDiffers, ConsentNotOpen and what the token raises."""
    asked = Consent.objects.filter(pk=body.consent, originator=partner.node, holder=own_node()).first()
    if asked is None:
        raise ConsentUnknown
    expires = None
    if body.granted:
        token = read_token(body.token, partner.node, keys_of)
        if token != token_for(asked, granted=token.granted, expires=token.expires):
            raise ConsentDiffers
        expires = token.expires
    changed = Consent.objects.filter(pk=asked.pk, state=Consent.State.ASKED).update(
        state=Consent.State.GRANTED if body.granted else Consent.State.REFUSED,
        answer=body.reason,
        decided_by=f"node:{partner.node}",
        decided_at=at,
        expires_at=expires,
        token=body.token,
    )
    if not changed:
        raise ConsentNotOpen
    record_about(asked, "consent-answered", by=f"node:{partner.node}", reason=body.reason, at=at)


def list_consents(*, by: User, first: int = 0, most: int = 500) -> list[Consent]:
    """The questions of consent that stand here about reports within the officer's clearance, newest first."""
    return list(_cleared(by).defer("token")[first : first + most])


def find_consent(number: str, *, by: User) -> Consent:
    """The consent of that number, or of a beginning that only one has. Raises ConsentUnknown."""
    found = [one for one in list_consents(by=by) if str(one.pk).startswith(number)]
    if not number or len(found) != 1:
        raise ConsentUnknown
    return found[0]


def consents_about(uid: UUID, *, by: User) -> list[Consent]:
    """All that was asked about one report within the officer's clearance, newest first."""
    return list(_cleared(by).filter(report_uid=uid))


def consents_asked_with(node: str, *, by: User) -> list[Consent]:
    """The questions between this node and one partner that wait for their answer, newest first, at most 500."""
    between = Q(originator=node) | Q(holder=node) | Q(recipient=node)
    return list(_cleared(by).filter(between, state=Consent.State.ASKED).defer("token")[:500])


def waiting_consents(*, by: User) -> list[Consent]:
    """Questions about reports of ours that wait for this officer's answer."""
    if not may(by, Deed.CONSENT):
        return []
    return list(_cleared(by).filter(originator=own_node(), state=Consent.State.ASKED)[:50])


def count_waiting_consents(*, by: User) -> int:
    """How many of these there are."""
    if not may(by, Deed.CONSENT):
        return 0
    require(by, Deed.READ)
    return len(_waiting(Tlp(by.clearance), own_node()))


@asked
def _waiting(clearance: Tlp, originator: str) -> QuerySet[Consent, Any]:
    return _about_cleared(clearance).filter(originator=originator, state=Consent.State.ASKED).values_list("pk")


def _cleared(by: User) -> QuerySet[Consent]:
    require(by, Deed.READ)
    return _about_cleared(Tlp(by.clearance))


@kept
def _about_cleared(clearance: Tlp) -> QuerySet[Consent]:
    stricter = Report.objects.filter(
        originator=OuterRef("originator"), uid=OuterRef("report_uid"), strictness__gt=clearance.strictness
    )
    return Consent.objects.filter(~Exists(stricter)).order_by("-asked_at", "pk")


def granted_for(row: Report, recipient: str, *, at: datetime) -> list[Consent]:
    """Consents in force for this node to pass a held report, or a later version of it, to one recipient."""
    rows = Consent.objects.filter(
        originator=row.originator,
        holder=own_node(),
        recipient=recipient,
        report_uid=row.uid,
        version__lte=row.version,
        state=Consent.State.GRANTED,
        expires_at__gt=at,
    )
    return list(rows.order_by("-decided_at"))


def is_revoked(consent: str) -> bool:
    """Whether a revocation of this consent has reached this node."""
    return Consent.objects.filter(pk=consent, state=Consent.State.REVOKED).exists()


def step_of(row: Report, recipient: str) -> Onward:
    """The step that a held report would take from here."""
    purposes = Handling.from_json(row.handling).purposes
    return Onward(row.originator, own_node(), recipient, str(row.uid), row.version, purposes)


def token_for(asked: Consent, *, granted: datetime, expires: datetime) -> Token:
    """The token that answers a question."""
    return Token(
        id=str(asked.pk),
        originator=asked.originator,
        holder=asked.holder,
        recipient=asked.recipient,
        report=str(asked.report_uid),
        version=asked.version,
        purpose=Purpose(asked.purpose),
        granted=granted,
        expires=expires,
    )


def post_about(
    partner: Partner,
    kind: Type,
    body: ConsentRequestBody | ConsentBody,
    consent: Consent,
    verb: str,
    *,
    by: str,
    reason: str,
    at: datetime,
) -> None:
    """Queue what is said about a consent for a partner whose row is locked."""
    post(
        partner,
        kind,
        body,
        agreement="",
        act=Act.ADMINISTRATION,
        verb=verb,
        subject=f"report:{consent.report_uid}:{consent.version}",
        by=by,
        reason=reason,
        details=[("consent", str(consent.pk)), ("recipient", consent.recipient)],
        at=at,
    )


def record_about(consent: Consent, verb: str, *, by: str, reason: str, at: datetime) -> None:
    """Write into the log what happened to a consent."""
    record(
        Act.ADMINISTRATION,
        verb,
        f"report:{consent.report_uid}:{consent.version}",
        by=by,
        reason=reason,
        details=[("consent", str(consent.pk)), ("recipient", consent.recipient)],
        at=at,
    )
