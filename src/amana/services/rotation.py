"""New keys for this node: proposed by one officer, confirmed by another, and told to every partner by a card.

Invariant: the message that brings the new card is signed by the key that partners still know, and queued in the
transaction of the decision; the new keys lie beside the old ones before, and take their place after, so that a crash in
between loses neither.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.report import State
from amana.exchange.bodies import BODIES
from amana.exchange.envelope import kid_of, unlock, untrusted
from amana.exchange.identity import (
    Card,
    KeyCompromised,
    NodeSecrets,
    SecretsMissing,
    Use,
    load,
    rotate,
    save,
)
from amana.exchange.protocol import CardBody, Type
from amana.records.models import Certificate, Message, Outbox, Partner, RosterChange, User
from amana.services.agreements import agreement_in_force
from amana.services.delivery import OPEN
from amana.services.journal import Act
from amana.services.keys import keys_folder, own_card, own_node, secrets
from amana.services.posting import lock_partner, post
from amana.services.rights import Deed, require
from amana.services.roster import What, propose_change, take_decision
from amana.services.standing_orders import read_orders

BESIDE = "decided"  # not the name under which a change of the folder's files is staged


class SinceInFuture(BadInput):
    """A key cannot be compromised from a time that has not come."""

    code = "rotation-since"
    sentence = gettext_noop("A key is compromised since a time that has passed; give that time.")


def propose_rotation(*, reason: str, checkpoint: bool = False, by: User) -> RosterChange:
    """Propose new keys for this node; with `checkpoint`, for the log too. Raises ReasonWanted, ChangeOpen."""
    require(by, Deed.MANAGE_PARTNERS)
    return propose_change(own_node(), What.ROTATE, reason=reason, checkpoint=checkpoint, by=by)


def propose_compromised(since: datetime, *, reason: str, by: User) -> RosterChange:
    """Propose to mark the signing key as compromised since a time, and to take new keys.

    Raises SinceInFuture, ReasonWanted, ChangeOpen.
    """
    require(by, Deed.MANAGE_PARTNERS)
    if since > timezone.now():
        raise SinceInFuture
    return propose_change(own_node(), What.COMPROMISED, reason=reason, since=since, by=by)


def confirm_rotation(*, by: User) -> Card:
    """Take the new keys that another officer proposed, and send the new card to every confirmed partner.

    Raises NothingProposed, SecondPersonMissing, RootAway.
    """
    require(by, Deed.MANAGE_PARTNERS)
    now = timezone.now()
    with transaction.atomic():
        names = Partner.objects.filter(state=Partner.State.CONFIRMED).order_by("node").values_list("node", flat=True)
        partners = [lock_partner(node) for node in list(names)]
        change = take_decision(own_node(), What.ROTATE, What.COMPROMISED, by=by)
        made = rotate(secrets(), now, checkpoint=change.checkpoint, compromised_since=change.since)
        save(made, keys_folder() / BESIDE)
        RosterChange.objects.filter(pk=change.pk).update(card=made.card_jws)
        for partner in partners:
            post(
                partner,
                Type.CARD,
                CardBody(card=made.card_jws),
                agreement="",
                act=Act.ADMINISTRATION,
                verb="card-sent",
                subject=f"node:{own_node()}",
                by=by.username,
                reason=change.reason,
                details=[("serial", str(made.card.serial))],
                at=now,
            )
    put_next_keys()
    return own_card()


@transaction.atomic
def put_next_keys() -> bool:
    """Put the keys beside into their place if their card was decided on; else drop them. True where they are in place.

    Called after the decision, and again whenever the node starts, for one that a crash broke off. It waits for a
    decision that is being taken.
    """
    folder = keys_folder() / BESIDE
    changes = RosterChange.objects.select_for_update(no_key=True).filter(node=own_node())
    cards = {change.card for change in changes if change.state == RosterChange.State.CONFIRMED}
    if not folder.exists():
        return False
    decided = False
    with suppress(SecretsMissing):
        made = load(folder)
        decided = made.card_jws in cards and made.card.serial >= own_card().serial
        if decided:
            save(made, keys_folder())
            _drop_closed(made)
    shutil.rmtree(folder)
    return decided


def _drop_closed(made: NodeSecrets) -> None:
    """Remove sealing keys of before that open nothing any more."""
    opening = {f"sealing-{key.kid}.key" for key in made.earlier}
    for path in keys_folder().glob("sealing-*.key"):
        if path.name not in opening:
            path.unlink()


@transaction.atomic
def reconfirm(node: str, *, by: User) -> int:
    """Sign and send again what a compromised key of ours signed for a partner; returns how many messages.

    Reports that are still released go again as they were. What the partner refuses because of the key is voided and
    goes again, whatever it is. The partner puts back into force what it has in doubt.
    """
    require(by, Deed.RELEASE)
    partner = lock_partner(node)
    orders = read_orders()
    orders.require_open(node)
    bad = {key.kid for key in own_card().keys if key.use is Use.SIGNING and key.compromised_since is not None}
    rows = Message.objects.filter(partner=partner, direction=Message.Direction.OUT, body_key__isnull=False)
    count = 0
    for row in list(rows.select_related("outbox", "report").order_by("seq")):
        stuck = row.outbox.state in OPEN and row.outbox.problem == KeyCompromised.code and not row.outbox.void
        standing = row.type == Type.REPORT and row.report is not None and row.report.state == State.RELEASED
        if not (stuck or standing) or _signer(row) not in bad or _sent_later(row):
            continue
        if orders.stops(row.report.uid if row.report else None, node):
            continue
        if stuck:
            Outbox.objects.filter(pk=row.pk).update(void=True)
        sign_again(partner, row, reason=KeyCompromised.code, by=by)
        count += 1
    return count


def _jws(row: Message) -> bytes:
    assert row.body is not None
    assert row.body_key is not None
    return unlock(bytes(row.body_key), bytes(row.body))


def _signer(row: Message) -> str:
    return kid_of(_jws(row))


def _sent_later(row: Message) -> bool:
    """Whether this report went to the partner once more after this message."""
    again = Message.objects.filter(partner=row.partner, direction=row.direction, report=row.report, seq__gt=row.seq)
    return row.report is not None and again.exists()


def sign_again(partner: Partner, row: Message, *, reason: str, by: User) -> Message:
    """Give what a message said a new number on the link, whose partner the caller has locked; returns the new one."""
    now = timezone.now()
    kind, payload = Type(row.type), untrusted(_jws(row))
    agreement = str(agreement_in_force(partner, at=now).pk) if kind is Type.REPORT else ""
    sent = post(
        partner,
        kind,
        BODIES[kind][1](payload["body"]),
        agreement=agreement,
        act=Act.DISCLOSURE,
        verb=f"{kind}-signed-again",
        subject=f"message:{row.pk}",
        by=by.username,
        reason=reason,
        report=row.report,
        at=now,
    )
    Certificate.objects.filter(message=row).update(message=sent)
    return sent
