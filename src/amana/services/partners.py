"""Partners as this node knows them: their cards, the list of them, and the keys that witness.

Who becomes a partner, and who stays one, is decided in `roster`.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from amana.domain.agreement import AgreementState
from amana.exchange.identity import Card, accept_successor, fingerprint, newest_checkpoint_key, read_card
from amana.exchange.versions import SPOKEN
from amana.oversight.checkpoint import LOG_KEY, VerifierKey, encode_vkey
from amana.records.models import Agreement, Outbox, Partner, Witness, WitnessedOrigin
from amana.services.journal import Act, record
from amana.services.keys import card_of, keys_folder, log_origin, own_card, witness_name


def show_card() -> str:
    """This node's card as it is handed to partners (a JWS)."""
    return (keys_folder() / "card.jws").read_text(encoding="ascii")


def own_fingerprint() -> str:
    """The fingerprint to read out to a partner."""
    return fingerprint(own_card().root)


def list_partners() -> list[Partner]:
    """All partners, by name, with how many messages wait for each (`waiting`).

    `unanswered` of them were handed over as a file, and no signed answer is back.
    """
    open_ = Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING], partner=OuterRef("pk"))
    rows = Partner.objects.annotate(
        waiting=_how_many(open_), unanswered=_how_many(open_.filter(exported_at__isnull=False))
    )
    return list(rows.order_by("node"))


def _how_many(rows: QuerySet[Outbox]) -> Coalesce:
    """How many of these there are for the row's partner; what was delivered is not looked at."""
    counted = rows.order_by().values("partner").annotate(many=Count("*")).values("many")
    return Coalesce(Subquery(counted), 0)


def countries() -> dict[str, str]:
    """The country of every partner, by the partner's name."""
    return dict(Partner.objects.values_list("node", "country"))


def unreadable_partners() -> frozenset[str]:
    """Names of partners with whom this node has no version of the protocol in common."""
    rows = Partner.objects.values_list("node", "card")
    return frozenset(node for node, card in rows if not set(card_of(card).protocols) & set(SPOKEN))


def confirmed_partners() -> list[tuple[str, str]]:
    """Name and agency of every confirmed partner, for a list to choose from."""
    return _choices(Partner.objects.filter(state=Partner.State.CONFIRMED))


def partners_to_ask() -> list[tuple[str, str]]:
    """The same of those with an agreement in force, without which nothing can be asked."""
    agreed = Agreement.objects.filter(state=AgreementState.IN_FORCE).values("partner")
    return _choices(Partner.objects.filter(state=Partner.State.CONFIRMED, pk__in=agreed))


def _choices(rows: QuerySet[Partner]) -> list[tuple[str, str]]:
    return [(row.node, f"{row.agency} ({row.node})") for row in rows.order_by("node")]


def put_card(partner: Partner, card: Card, jws: str) -> None:
    """Keep a partner's card that was verified, and save the partner; it co-signs under the card's checkpoint key."""
    old = partner.card
    partner.agency, partner.country, partner.card = card.agency, card.country, jws
    partner.serial, partner.fingerprint = card.serial, fingerprint(card.root)
    partner.tls_ca, partner.url = card.tls_ca, card.urls[0]
    partner.save()
    key = newest_checkpoint_key(card, timezone.now())
    if old and newest_checkpoint_key(card_of(old), timezone.now()) != key:
        _begin_log_anew(card.node)
    vkey = encode_vkey(witness_name(card.node), key.raw, cosigner=True)
    Witness.objects.update_or_create(name=witness_name(card.node), defaults={"vkey": vkey, "partner": partner})


def _begin_log_anew(node: str) -> None:
    """Witness a partner's log from its start again, because its root gave it a new key, as after a restore.

    What we last co-signed under the old key goes into our own log, so that a log cut short can be shown.
    """
    seen = WitnessedOrigin.objects.select_for_update(no_key=True).filter(pk=log_origin(node)).first()
    if seen is None:
        return
    record(
        Act.ADMINISTRATION,
        "witnessed-log-begun-anew",
        f"partner:{node}",
        by=f"node:{node}",
        reason="checkpoint key",
        details=[("size", str(seen.size)), ("root", seen.root)],
    )
    seen.delete()


def renew_card(partner: Partner, jws: str, *, at: datetime) -> Card:
    """Take over the next card that a partner sent about itself; its root, which two officers compared, signed it.

    The same card again changes nothing. Raises what reading the card raises, CardNotSuccessor.
    """
    card = read_card(jws)
    if card == card_of(partner.card):
        return card
    accept_successor(card_of(partner.card), card)
    put_card(partner, card, jws)
    record(
        Act.ADMINISTRATION,
        "card-renewed",
        f"partner:{partner.node}",
        by=f"node:{partner.node}",
        reason="card",
        details=[("serial", str(card.serial))],
        at=at,
    )
    return card


def log_key_of(card: Card) -> VerifierKey:
    """The key under which a node's checkpoints are checked."""
    return VerifierKey(log_origin(card.node), LOG_KEY, newest_checkpoint_key(card, timezone.now()).raw)
