"""Getting to know a partner: its card, the fingerprint compared by people, its state."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, gettext_noop
from amana.exchange.identity import Card, accept_successor, fingerprint, newest_checkpoint_key, read_card
from amana.oversight.checkpoint import LOG_KEY, VerifierKey, encode_vkey
from amana.records.models import Outbox, Partner, User, Witness
from amana.services.journal import Act, record
from amana.services.keys import card_of, keys_folder, log_origin, own_card, own_node, witness_name
from amana.services.posting import PartnerUnknown
from amana.services.rights import Deed, require


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


def show_card() -> str:
    """This node's card as it is handed to partners (a JWS)."""
    return (keys_folder() / "card.jws").read_text(encoding="ascii")


def own_fingerprint() -> str:
    """The fingerprint to read out to a partner."""
    return fingerprint(own_card().root)


@transaction.atomic
def add_partner(card_jws: str, *, compared_fingerprint: str | None, by: User) -> Partner:
    """Take in a partner's card; with the fingerprint that was compared out of band, the partner is confirmed.

    Raises what reading the card raises, OwnCard, PartnerOther, FingerprintDiffers.
    """
    require(by, Deed.MANAGE_PARTNERS)
    card = read_card(card_jws.strip())
    if card.node == own_node() or card.root == own_card().root:
        raise OwnCard
    shown = fingerprint(card.root)
    if compared_fingerprint is not None and _plain(compared_fingerprint) != _plain(shown):
        raise FingerprintDiffers
    partner = Partner.objects.select_for_update().filter(pk=card.node).first()
    if partner is None:
        partner = Partner(node=card.node)
    else:
        known = card_of(partner.card)
        if known.root != card.root:
            raise PartnerOther(node=card.node)
        if known != card:
            accept_successor(known, card)
    _fill(partner, card, card_jws.strip())
    if compared_fingerprint is not None:
        partner.state = Partner.State.CONFIRMED
        partner.confirmed_by, partner.confirmed_at = by.username, timezone.now()
    partner.save()
    _make_witness(partner, card)
    record(
        Act.ADMINISTRATION,
        "partner-confirmed" if compared_fingerprint is not None else "partner-introduced",
        f"partner:{card.node}",
        by=by.username,
        reason="card",
        details=[("fingerprint", shown), ("serial", str(card.serial))],
    )
    return partner


def confirm_partner(node: str, compared_fingerprint: str, *, by: User) -> Partner:
    """Confirm a partner whose card is here already. Raises PartnerUnknown, FingerprintDiffers."""
    partner = Partner.objects.filter(pk=node).first()
    if partner is None:
        raise PartnerUnknown(node=node)
    return add_partner(partner.card, compared_fingerprint=compared_fingerprint, by=by)


def list_partners() -> list[Partner]:
    """All partners, by name, with how many messages wait for each (`waiting`).

    `unanswered` of them were handed over as a file, and no signed answer is back.
    """
    waits = Q(outbox__state__in=[Outbox.State.QUEUED, Outbox.State.SENDING])
    unanswered = Count("outbox", filter=waits & Q(outbox__exported_at__isnull=False))
    return list(Partner.objects.annotate(waiting=Count("outbox", filter=waits), unanswered=unanswered).order_by("node"))


def confirmed_partners() -> list[tuple[str, str]]:
    """Name and agency of every confirmed partner, for a list to choose from."""
    rows = Partner.objects.filter(state=Partner.State.CONFIRMED).order_by("node")
    return [(row.node, f"{row.agency} ({row.node})") for row in rows]


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _fill(partner: Partner, card: Card, jws: str) -> None:
    partner.agency, partner.country, partner.card = card.agency, card.country, jws
    partner.serial, partner.fingerprint = card.serial, fingerprint(card.root)
    partner.tls_ca, partner.url = card.tls_ca, card.urls[0]


def _make_witness(partner: Partner, card: Card) -> None:
    """A confirmed partner co-signs our checkpoints under its checkpoint key."""
    key = newest_checkpoint_key(card, timezone.now())
    vkey = encode_vkey(witness_name(card.node), key.raw, cosigner=True)
    Witness.objects.update_or_create(name=witness_name(card.node), defaults={"vkey": vkey, "partner": partner})


def log_key_of(card: Card) -> VerifierKey:
    """The key under which a node's checkpoints are checked."""
    return VerifierKey(log_origin(card.node), LOG_KEY, newest_checkpoint_key(card, timezone.now()).raw)
