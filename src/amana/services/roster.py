"""Who is trusted: every change of the roster is proposed by one officer and confirmed by another.

Invariant: the officer who brought a card never confirms its fingerprint, and nobody suspends, resumes or changes keys
alone. A partner's own newer card under the root that two officers compared needs no second comparing: its root signed
it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.exchange.identity import Card, accept_successor, fingerprint, read_card
from amana.records.models import Partner, RosterChange, User
from amana.services.doubts import doubt_marked
from amana.services.journal import Act, record
from amana.services.keys import card_of, own_card, own_node
from amana.services.partners import put_card
from amana.services.posting import PartnerUnknown
from amana.services.rights import Deed, require

What = RosterChange.What
_STATES = {What.SUSPEND: Partner.State.SUSPENDED, What.RESUME: Partner.State.CONFIRMED}
_BEFORE = {What.SUSPEND: Partner.State.CONFIRMED, What.RESUME: Partner.State.SUSPENDED}


class FingerprintDiffers(BadInput):
    """The fingerprint given by the partner's people is not that of the card."""

    code = "partner-fingerprint"
    sentence = gettext_noop("The fingerprint does not match this card; do not trust it, and ask your partner again.")


class OwnCard(BadInput):
    """The card is this node's own."""

    code = "partner-own-card"
    sentence = gettext_noop("This is the card of your own node.")


class PartnerOther(Conflict):
    """Another partner with another root key already has this name."""

    code = "partner-other-root"
    sentence = gettext_noop("A partner called “%(node)s” with another root key is already known here.")


class SecondPersonMissing(NotAllowed):
    """Whoever proposed a change may not confirm it."""

    code = "roster-second-person"
    sentence = gettext_noop("You proposed this yourself; another officer must confirm it.")


class NothingProposed(NotFound):
    """No such change waits for its second person."""

    code = "roster-nothing-proposed"
    sentence = gettext_noop("No such change of “%(node)s” waits for a second person.")


class ChangeOpen(Conflict):
    """Another change of the same node waits."""

    code = "roster-change-open"
    sentence = gettext_noop("Another change of “%(node)s” waits for its second person; confirm or decline it first.")


class PartnerStateWrong(Conflict):
    """A partner is not in the state from which this change goes."""

    code = "roster-state"
    sentence = gettext_noop("“%(node)s” is %(state)s now, so this change does not fit.")


class ReasonWanted(BadInput):
    """A change of the roster needs its reason."""

    code = "roster-reason"
    sentence = gettext_noop("Say why, in a few words: the second person and the overseer will read it.")


def list_changes() -> list[RosterChange]:
    """Changes that wait for a second person, oldest first."""
    return list(RosterChange.objects.filter(state=RosterChange.State.OPEN).order_by("proposed_at"))


@transaction.atomic
def introduce_partner(card_jws: str, *, by: User) -> Partner:
    """Take in a card that came by another way: a new partner's, or the next one of a known partner.

    Nothing goes to a new partner and nothing comes from it before another officer has compared the fingerprint. Raises
    what reading the card raises, OwnCard, PartnerOther, CardNotSuccessor, ChangeOpen.
    """
    require(by, Deed.MANAGE_PARTNERS)
    card = read_card(card_jws.strip())
    if card.node == own_node() or card.root == own_card().root:
        raise OwnCard
    partner = Partner.objects.select_for_update(no_key=True).filter(pk=card.node).first()
    if partner is not None:
        known = card_of(partner.card)
        if known.root != card.root:
            raise PartnerOther(node=card.node)
        if known == card:
            return partner
        accept_successor(known, card)
    if partner is None or partner.state == Partner.State.INTRODUCED:
        RosterChange.objects.filter(node=card.node, state=RosterChange.State.OPEN).delete()
        partner = partner or Partner(node=card.node)
        put_card(partner, card, card_jws.strip())
        what = What.INTRODUCE
    else:
        what = What.CARD
    propose_change(card.node, what, card=card_jws.strip(), reason="card", by=by)
    return partner


@transaction.atomic
def propose_change(
    node: str,
    what: RosterChange.What,
    *,
    reason: str,
    card: str = "",
    since: datetime | None = None,
    checkpoint: bool = False,
    by: User,
) -> RosterChange:
    """Write down a change for a second person. Raises ReasonWanted, ChangeOpen."""
    if not reason.strip():
        raise ReasonWanted
    if RosterChange.objects.select_for_update(no_key=True).filter(node=node, state=RosterChange.State.OPEN).exists():
        raise ChangeOpen(node=node)
    now = timezone.now()
    details = [("since", since.isoformat())] if since is not None else []
    record(
        Act.ADMINISTRATION,
        f"{what}-proposed",
        f"partner:{node}",
        by=by.username,
        reason=reason,
        details=details + _card_details(card),
        at=now,
    )
    return RosterChange.objects.create(
        node=node,
        what=what,
        card=card,
        since=since,
        checkpoint=checkpoint,
        reason=reason,
        proposed_by=by.username,
        proposed_at=now,
    )


def _card_details(card_jws: str) -> list[tuple[str, str]]:
    if not card_jws:
        return []
    card = card_of(card_jws)
    return [("fingerprint", fingerprint(card.root)), ("serial", str(card.serial))]


def take_decision(node: str, *whats: RosterChange.What, by: User) -> RosterChange:
    """The open change of these kinds, now confirmed by a second person, in the caller's transaction.

    Raises NothingProposed, SecondPersonMissing.
    """
    change = RosterChange.objects.filter(node=node, what__in=whats, state=RosterChange.State.OPEN).first()
    if change is None:
        raise NothingProposed(node=node)
    if change.proposed_by == by.username:
        raise SecondPersonMissing
    now = timezone.now()
    if not RosterChange.objects.filter(pk=change.pk, state=RosterChange.State.OPEN).update(
        state=RosterChange.State.CONFIRMED, decided_by=by.username, decided_at=now
    ):
        raise NothingProposed(node=node)
    record(
        Act.ADMINISTRATION,
        f"{change.what}-confirmed",
        f"partner:{node}",
        by=by.username,
        reason=change.reason,
        details=[("proposed-by", change.proposed_by), *_card_details(change.card)],
        at=now,
    )
    return change


@transaction.atomic
def confirm_partner(node: str, compared_fingerprint: str, *, by: User) -> Partner:
    """Confirm a card that another officer brought, after comparing its fingerprint with the partner's people.

    Raises PartnerUnknown, NothingProposed, SecondPersonMissing, FingerprintDiffers.
    """
    require(by, Deed.MANAGE_PARTNERS)
    partner = _locked(node)
    change = take_decision(node, What.INTRODUCE, What.CARD, by=by)
    card: Card = card_of(change.card)
    if _plain(compared_fingerprint) != _plain(fingerprint(card.root)):
        raise FingerprintDiffers
    old = card_of(partner.card)
    if change.what == What.CARD:
        accept_successor(old, card)
    else:
        partner.state = Partner.State.CONFIRMED
    partner.confirmed_by, partner.confirmed_at = by.username, timezone.now()
    put_card(partner, card, change.card)
    doubt_marked(partner, old, card, at=timezone.now())
    return partner


@transaction.atomic
def propose_state(node: str, what: RosterChange.What, *, reason: str, by: User) -> RosterChange:
    """Propose to suspend a partner, or to resume with it. Raises PartnerUnknown, PartnerStateWrong, ChangeOpen."""
    require(by, Deed.MANAGE_PARTNERS)
    partner = _locked(node)
    if partner.state != _BEFORE[what]:
        raise PartnerStateWrong(node=node, state=partner.state)
    return propose_change(node, what, reason=reason, by=by)


@transaction.atomic
def confirm_state(node: str, what: RosterChange.What, *, by: User) -> Partner:
    """Suspend a partner or resume with it, as another officer proposed; in force from the next connection on.

    Raises PartnerUnknown, NothingProposed, SecondPersonMissing, PartnerStateWrong.
    """
    require(by, Deed.MANAGE_PARTNERS)
    partner = _locked(node)
    take_decision(node, what, by=by)
    if not Partner.objects.filter(pk=node, state=_BEFORE[what]).update(state=_STATES[what]):
        raise PartnerStateWrong(node=node, state=partner.state)
    partner.refresh_from_db()
    return partner


@transaction.atomic
def decline_change(node: str, *, by: User) -> RosterChange:
    """Drop the open change of a node; a partner that was only introduced is forgotten with it.

    Whoever proposed it may drop it too. Raises NothingProposed.
    """
    require(by, Deed.MANAGE_PARTNERS)
    change = (
        RosterChange.objects.select_for_update(no_key=True).filter(node=node, state=RosterChange.State.OPEN).first()
    )
    if change is None:
        raise NothingProposed(node=node)
    now = timezone.now()
    change.state, change.decided_by, change.decided_at = RosterChange.State.DECLINED, by.username, now
    change.save(update_fields=["state", "decided_by", "decided_at"])
    Partner.objects.filter(pk=node, state=Partner.State.INTRODUCED).delete()
    record(
        Act.ADMINISTRATION,
        f"{change.what}-declined",
        f"partner:{node}",
        by=by.username,
        reason=change.reason,
        details=[("proposed-by", change.proposed_by)],
        at=now,
    )
    return change


def _locked(node: str) -> Partner:
    partner = Partner.objects.select_for_update(no_key=True).filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    return partner


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())
