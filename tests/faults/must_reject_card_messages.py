"""Cards that come as messages: rolled back, another's, forged. They would change by whose keys all else is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from amana.exchange.card import CARD_TYPE, Card
from amana.exchange.envelope import sign
from amana.exchange.identity import new_identity
from amana.exchange.keys import SigningKey
from amana.exchange.protocol import CardBody, Type
from amana.services.keys import secrets
from tests.faults.forging import Forged, Forger, forges, spread

_NOT_NEXT = "identity-not-successor"


def _message(bob: Forger, card: bytes | str) -> bytes:
    text = card if isinstance(card, str) else card.decode("ascii")
    return bob.message(Type.CARD, CardBody(text))


def _root(bob: Forger) -> SigningKey:
    assert bob.bob.secrets.root is not None
    return bob.bob.secrets.root


def _signed(bob: Forger, **fields: object) -> bytes:
    """Bob's card with some fields otherwise, signed by his root without a look at it."""
    card: Card = replace(bob.bob.secrets.card, **fields)  # type: ignore[arg-type]  # names fields of Card
    return sign(card.to_json(), _root(bob), CARD_TYPE)


@forges("a card message that rolls the roster back", 15)
def _rolled_back(bob: Forger) -> Iterator[Forged]:
    """Bob's card was renewed; who stole an older key must not bring its card back, nor change the newest in place."""
    bob.bob.send_bytes([_message(bob, _signed(bob, serial=6))])
    bob.catch_up()
    for serial in range(1, 7):
        card = _signed(bob, serial=serial, agency="Agency of old")
        yield Forged(f"serial {serial}", _message(bob, card), _NOT_NEXT)
    for days in (1, 2, 30, 90, 400):
        issued = bob.bob.secrets.card.issued - timedelta(days=days)
        yield Forged(f"issued {days} days before", _message(bob, _signed(bob, serial=7, issued=issued)), _NOT_NEXT)
    for urls in (("https://evil.example",), ("https://127.0.0.1:2",), ("https://a.example", "https://b.example"), ()):
        code = _NOT_NEXT if urls else "identity-url"
        yield Forged(f"the same serial with {urls}", _message(bob, _signed(bob, serial=6, urls=urls)), code)


@forges("a card message with another's card", 12)
def _others(bob: Forger) -> Iterator[Forged]:
    yield Forged("Charlie's", _message(bob, bob.charlie.secrets.card_jws), _NOT_NEXT)
    yield Forged("ours", _message(bob, secrets().card_jws), _NOT_NEXT)
    for number in range(5):
        made = new_identity("washington", "Agency of washington", "US", ("https://127.0.0.1:1",), timezone.now())
        assert made.root is not None
        card = replace(made.card, serial=number + 7)
        yield Forged(
            f"the name under another root {number}",
            _message(bob, sign(card.to_json(), made.root, CARD_TYPE)),
            _NOT_NEXT,
        )
        made = new_identity(f"newcomer-{number}", "Agency", "FR", ("https://127.0.0.1:1",), timezone.now())
        yield Forged(f"a newcomer's {number}", _message(bob, made.card_jws), _NOT_NEXT)


@forges("a card message whose card is forged", 30)
def _forged(bob: Forger) -> Iterator[Forged]:
    card = replace(bob.bob.secrets.card, serial=9)
    for name, key in (("signing", bob.bob.secrets.signing), ("checkpoint", bob.bob.secrets.checkpoint)):
        yield Forged(f"signed by the {name} key", _message(bob, sign(card.to_json(), key, CARD_TYPE)), _UNKNOWN)
    good = sign(card.to_json(), _root(bob), CARD_TYPE).decode()
    head, payload, signature = good.split(".")
    for place in spread(80, 20):
        other = "A" if signature[place] != "A" else "B"
        bent = signature[:place] + other + signature[place + 1 :]
        yield Forged(f"sign {place} of the signature", _message(bob, f"{head}.{payload}.{bent}"), "envelope-signature")
    other_type = sign(card.to_json(), _root(bob), "amana-message+json")
    yield Forged("a card of another type", _message(bob, other_type), "envelope-typ")
    for text in ("", "x", "a.b.c", good + ".", good[:-2], head + "." + payload, good.replace(".", "")):
        yield Forged(f"no card: {text[:8]}", _message(bob, text), "envelope-form")


_UNKNOWN = "envelope-unknown-key"
