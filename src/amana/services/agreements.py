"""Agreements: proposed by one head, counter-signed by the other; from then on in force on both nodes."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.agreement import AgreementState, Terms
from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.exchange.canonical import decode, encode
from amana.exchange.identity import signing_key_at
from amana.exchange.protocol import (
    AcceptanceBody,
    ProposalBody,
    Type,
    sign_terms,
    verify_terms,
)
from amana.records.models import Agreement, LogHead, Partner, User
from amana.services.journal import Act, record
from amana.services.keys import card_of, own_node, secrets
from amana.services.posting import lock_partner, post
from amana.services.rights import Deed, require


class AgreementUnknown(NotFound):
    """There is no such agreement here."""

    code = "agreement-unknown"
    sentence = gettext_noop("There is no such agreement on this node.")


class AgreementNotOpen(Conflict):
    """The agreement is not waiting for this node's signature."""

    code = "agreement-not-open"
    sentence = gettext_noop("This agreement is not waiting for your node's signature.")


class AgreementForeign(BadInput):
    """The terms name other parties than the two nodes of this link."""

    code = "agreement-foreign"
    sentence = gettext_noop("The terms must name exactly your node and the partner as the parties.")


class AgreementTaken(Conflict):
    """An agreement of this id is already here."""

    code = "agreement-taken"
    sentence = gettext_noop("An agreement with this number already exists here.")


class NoAgreement(NotAllowed):
    """Nothing leaves without an agreement in force."""

    code = "agreement-none"
    sentence = gettext_noop("There is no agreement in force with “%(node)s”; without one nothing leaves.")


class NotPermittedHere(NotAllowed):
    """A partner sent what the agreement does not permit."""

    code = "receive-not-permitted"
    sentence = gettext_noop("The agreement does not permit this message: %(because)s")


@lru_cache(maxsize=256)
def _read_terms(text: str) -> Terms:
    return Terms.from_json(decode(text.encode()))


def terms_of(agreement: Agreement) -> Terms:
    """The terms as a value."""
    return _read_terms(agreement.terms)


def find_agreement(number: str) -> Agreement:
    """The agreement of that id, or of a beginning that only one has; raises AgreementUnknown."""
    found = [one for one in Agreement.objects.select_related("partner") if str(one.id).startswith(number)]
    if not number or len(found) != 1:
        raise AgreementUnknown
    return found[0]


def awaits(agreement: Agreement) -> str:
    """The node whose signature a proposal waits for; empty where it waits for none."""
    if agreement.state != AgreementState.PROPOSED:
        return ""
    return agreement.partner_id if agreement.proposed_here else own_node()


def list_agreements() -> list[Agreement]:
    """All agreements, newest first."""
    return list(Agreement.objects.select_related("partner").order_by("-proposed_at"))


def agreement_in_force(partner: Partner, *, at: datetime) -> Agreement:
    """The newest agreement in force with a partner on that day; raises NoAgreement."""
    rows = Agreement.objects.filter(partner=partner, state=AgreementState.IN_FORCE).order_by("-in_force_at")
    for row in rows:
        terms = terms_of(row)
        if terms.valid_from <= at.date() <= terms.valid_until:
            return row
    raise NoAgreement(node=partner.node)


@transaction.atomic
def propose_agreement(terms: Terms, *, partner: str, by: User) -> Agreement:
    """Sign terms and send them to the partner for counter-signature.

    Raises AgreementForeign, AgreementTaken and what `lock_partner` raises.
    """
    require(by, Deed.AGREE)
    row = lock_partner(partner)
    _check_parties(terms, partner)
    if Agreement.objects.filter(pk=terms.id).exists():
        raise AgreementTaken
    signature = sign_terms(terms, secrets().signing)
    agreement = Agreement.objects.create(
        id=terms.id,
        partner=row,
        terms=encode(terms.to_json()).decode(),
        state=AgreementState.PROPOSED,
        proposed_here=True,
        our_signature=signature,
        proposed_at=timezone.now(),
        decided_by=by.username,
    )
    post(
        row,
        Type.PROPOSAL,
        ProposalBody(terms=terms, signature=signature),
        agreement="",
        act=Act.ADMINISTRATION,
        verb="agreement-proposed",
        subject=f"agreement:{terms.id}",
        by=by.username,
        reason="agreement",
    )
    return agreement


@transaction.atomic
def accept_agreement(number: UUID, *, by: User) -> Agreement:
    """Counter-sign a proposal; from here on it is in force. Raises AgreementUnknown, AgreementNotOpen."""
    require(by, Deed.AGREE)
    agreement = Agreement.objects.filter(pk=number).first()
    if agreement is None:
        raise AgreementUnknown
    partner = lock_partner(agreement.partner_id)
    now = timezone.now()
    terms = terms_of(agreement)
    signature = sign_terms(terms, secrets().signing)
    changed = Agreement.objects.filter(pk=number, state=AgreementState.PROPOSED, proposed_here=False).update(
        state=AgreementState.IN_FORCE, our_signature=signature, in_force_at=now, decided_by=by.username
    )
    if not changed:
        raise AgreementNotOpen
    _start_witness_clock(now)
    post(
        partner,
        Type.ACCEPTANCE,
        AcceptanceBody(agreement=terms.id, signature=signature),
        agreement="",
        act=Act.ADMINISTRATION,
        verb="agreement-accepted",
        subject=f"agreement:{number}",
        by=by.username,
        reason="agreement",
        at=now,
    )
    agreement.refresh_from_db()
    return agreement


def note_proposal(partner: Partner, body: ProposalBody, *, at: datetime) -> None:
    """Keep a partner's signed proposal until a head decides. Raises AgreementForeign, AgreementTaken."""
    _check_parties(body.terms, partner.node)
    verify_terms(body.signature, lambda kid: signing_key_at(card_of(partner.card), kid, at), expected=body.terms)
    if Agreement.objects.filter(pk=body.terms.id).exists():
        raise AgreementTaken
    Agreement.objects.create(
        id=body.terms.id,
        partner=partner,
        terms=encode(body.terms.to_json()).decode(),
        state=AgreementState.PROPOSED,
        proposed_here=False,
        partner_signature=body.signature,
        proposed_at=at,
    )
    record(
        Act.ADMINISTRATION,
        "agreement-received",
        f"agreement:{body.terms.id}",
        by=f"node:{partner.node}",
        reason="agreement",
        at=at,
    )


def note_acceptance(partner: Partner, body: AcceptanceBody, *, at: datetime) -> None:
    """Put our own proposal into force when the partner has counter-signed the same terms."""
    agreement = Agreement.objects.filter(pk=body.agreement, partner=partner).first()
    if agreement is None:
        raise AgreementUnknown
    terms = terms_of(agreement)
    verify_terms(body.signature, lambda kid: signing_key_at(card_of(partner.card), kid, at), expected=terms)
    changed = Agreement.objects.filter(pk=agreement.pk, state=AgreementState.PROPOSED, proposed_here=True).update(
        state=AgreementState.IN_FORCE, partner_signature=body.signature, in_force_at=at
    )
    if not changed:
        raise AgreementNotOpen
    _start_witness_clock(at)
    record(
        Act.ADMINISTRATION,
        "agreement-in-force",
        f"agreement:{agreement.pk}",
        by=f"node:{partner.node}",
        reason="agreement",
        at=at,
    )


def _start_witness_clock(at: datetime) -> None:
    """From the first agreement on, somebody must witness the log for anything to leave."""
    LogHead.objects.filter(pk=1, witnessed_at__isnull=True).update(witnessed_at=at)


def _check_parties(terms: Terms, partner: str) -> None:
    if set(terms.parties) != {own_node(), partner}:
        raise AgreementForeign
