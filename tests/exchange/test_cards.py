"""Cards: the numbers are those of `read_card`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.domain.errors import AmanaError, BadInput
from amana.domain.form import FormMalformed
from amana.exchange.canonical import CanonicalTooLarge
from amana.exchange.card import (
    CARD_TYPE,
    AgencyMalformed,
    Card,
    CardKey,
    CardKeysWrong,
    CardNotSuccessor,
    CardTlsWrong,
    CardUrlWrong,
    CountryMalformed,
    KeyWindowWrong,
    NodeNameMalformed,
    Use,
    accept_successor,
    fingerprint,
    read_card,
    sign_card,
)
from amana.exchange.envelope import EnvelopeSignature, EnvelopeType, UnknownKey, sign
from amana.exchange.keyring import (
    CardWithoutKey,
    KeyCompromised,
    checkpoint_key_at,
    newest_checkpoint_key,
    sealing_key_at,
    signing_key_at,
)
from amana.exchange.keys import KeyMalformed, SigningKey, base64url

from .cast import NOW, alice, bob
from .test_node_keys import SMALL_ORDER

instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
names = st.text(st.characters(codec="ascii", min_codepoint=33), max_size=30)
keys = st.builds(
    CardKey,
    use=st.sampled_from(Use),
    kid=names,
    public=names,
    not_before=instants,
    not_after=instants,
    compromised_since=st.none() | instants,
)
cards = st.builds(
    Card,
    node=names,
    agency=names,
    country=st.sampled_from(["MA", "US"]),
    serial=st.integers(1, 10_000),
    issued=instants,
    root=names,
    keys=st.lists(keys, max_size=4).map(tuple),
    tls_ca=names,
    urls=st.lists(names, max_size=4).map(tuple),
)


@given(cards)
@settings(max_examples=50)
def test_a_cards_form_is_read_back(card: Card) -> None:
    assert Card.from_json(card.to_json()) == card


def test_a_signed_card_is_read_back() -> None:
    assert read_card(alice().card_jws) == alice().card
    assert read_card(alice().card_jws.encode() + b"\n") == alice().card


def signed(card: Card) -> str:
    """A card signed by Alice's root without the look that `sign_card` takes."""
    root = alice().root
    assert root is not None
    return sign(card.to_json(), root, CARD_TYPE).decode()


def with_key(place: int, **fields: object) -> Card:
    card = alice().card
    altered = replace(card.keys[place], **fields)  # type: ignore[arg-type]  # each case names fields of CardKey
    return replace(card, keys=(*card.keys[:place], altered, *card.keys[place + 1 :]))


def card_with(**fields: object) -> Card:
    return replace(alice().card, **fields)  # type: ignore[arg-type]  # each case names fields of Card


def signed_by_another() -> str:
    return sign(alice().card.to_json(), alice().signing, CARD_TYPE).decode()


def with_another_signature() -> str:
    other = signed(card_with(serial=2))
    return ".".join((*alice().card_jws.split(".")[:2], other.split(".")[2]))


def of_another_type() -> str:
    root = alice().root
    assert root is not None
    return sign(alice().card.to_json(), root, "amana-terms+json").decode()


def with_more() -> str:
    root = alice().root
    assert root is not None
    return sign({**alice().card.to_json(), "more": 1}, root, CARD_TYPE).decode()


CASES: list[tuple[int, Callable[[], str], type[AmanaError]]] = [
    (1, lambda: "a" * 65_537, CanonicalTooLarge),
    (2, with_more, FormMalformed),
    (3, lambda: signed(card_with(root="short")), KeyMalformed),
    (4, signed_by_another, UnknownKey),
    (4, with_another_signature, EnvelopeSignature),
    (4, of_another_type, EnvelopeType),
    (5, lambda: signed(card_with(node="Rabat")), NodeNameMalformed),
    (5, lambda: signed(card_with(node="-rabat")), NodeNameMalformed),
    (5, lambda: signed(card_with(node="ra")), NodeNameMalformed),
    (5, lambda: signed(card_with(node="rab\u0430t")), NodeNameMalformed),
    (6, lambda: signed(card_with(country="ma")), CountryMalformed),
    (6, lambda: signed(card_with(country="M")), CountryMalformed),
    (7, lambda: signed(card_with(agency=" ")), AgencyMalformed),
    (7, lambda: signed(card_with(agency="Service\u202eecivreS")), AgencyMalformed),
    (7, lambda: signed(card_with(agency="two\nlines")), AgencyMalformed),
    (8, lambda: signed(card_with(keys=alice().card.keys[:2])), CardKeysWrong),
    (8, lambda: signed(with_key(0, kid="")), CardKeysWrong),
    (8, lambda: signed(with_key(0, kid=alice().checkpoint.kid)), CardKeysWrong),
    (8, lambda: signed(with_key(0, kid=bob().signing.kid)), CardKeysWrong),
    (8, lambda: signed(card_with(keys=(*alice().card.keys, alice().card.keys[0]))), CardKeysWrong),
    (8, lambda: signed(with_key(0, use=Use.SEALING)), CardKeysWrong),
    (8, lambda: signed(with_key(1, public=bob().sealing.public.text)), CardKeysWrong),
    (9, lambda: signed(with_key(0, not_after=NOW + timedelta(days=91))), KeyWindowWrong),
    (9, lambda: signed(with_key(1, not_after=NOW - timedelta(days=1))), KeyWindowWrong),
    (10, lambda: signed(card_with(tls_ca=bob().card.tls_ca)), CardTlsWrong),
    (10, lambda: signed(card_with(tls_ca="AAAA")), CardTlsWrong),
    (11, lambda: signed(card_with(urls=())), CardUrlWrong),
    (11, lambda: signed(card_with(urls=("http://rabat.example",))), CardUrlWrong),
    (11, lambda: signed(card_with(urls=("https://user:word@rabat.example",))), CardUrlWrong),
    (11, lambda: signed(card_with(urls=("https://",))), CardUrlWrong),
    (11, lambda: signed(card_with(urls=("javascript:alert(1)",))), CardUrlWrong),
    (11, lambda: signed(card_with(urls=("https://rabat.example\\@evil.example",))), CardUrlWrong),
    (11, lambda: signed(card_with(urls=("https://rabat.example:99999",))), CardUrlWrong),
]


@pytest.mark.parametrize(("check", "make", "error"), CASES)
def test_each_check_of_a_card_refuses_alone(check: int, make: Callable[[], str], error: type[AmanaError]) -> None:
    with pytest.raises(error) as caught:
        read_card(make())
    assert type(caught.value) is error
    assert f"{check}. " in (read_card.__doc__ or "")


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_a_card_with_a_small_order_root_is_refused_before_its_signature_counts(raw: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read_card(signed(card_with(root=base64url(raw))))
    assert not isinstance(caught.value, EnvelopeSignature)


def test_nobody_signs_a_card_that_nobody_would_accept() -> None:
    root = alice().root
    assert root is not None
    with pytest.raises(CountryMalformed):
        sign_card(card_with(country="xx"), root)


def test_a_successor_has_the_same_root_and_a_higher_serial() -> None:
    old = alice().card
    accept_successor(old, replace(old, serial=2))
    for wrong in (
        old,
        replace(old, serial=2, root=SigningKey.generate().public.text),
        replace(old, serial=2, node="rabat-two"),
        replace(old, serial=2, issued=old.issued - timedelta(days=1)),
    ):
        with pytest.raises(CardNotSuccessor):
            accept_successor(old, wrong)


def test_a_fingerprint_is_eight_groups_of_four_to_read_aloud() -> None:
    root = alice().root
    assert root is not None
    spoken = fingerprint(alice().card.root)
    assert [len(group) for group in spoken.split(" ")] == [4] * 8
    assert spoken == fingerprint(root.public.raw) != fingerprint(bob().card.root)


def test_a_key_signs_within_its_window_only() -> None:
    card, kid = alice().card, alice().signing.kid
    assert signing_key_at(card, kid, NOW) == alice().signing.public
    assert signing_key_at(card, kid, NOW + timedelta(days=90)) is None
    assert signing_key_at(card, kid, NOW - timedelta(hours=1)) is None
    assert signing_key_at(card, alice().checkpoint.kid, NOW) is None
    assert signing_key_at(card, "", NOW) is None
    assert checkpoint_key_at(card, alice().checkpoint.kid, NOW) == alice().checkpoint.public
    assert newest_checkpoint_key(card, NOW) == alice().checkpoint.public


def test_a_compromised_key_is_told_from_an_unknown_one() -> None:
    card = with_key(0, compromised_since=NOW)
    assert signing_key_at(card, alice().signing.kid, NOW - timedelta(minutes=1)) is not None
    with pytest.raises(KeyCompromised):
        signing_key_at(card, alice().signing.kid, NOW)


def test_messages_are_sealed_to_the_newest_key_that_is_valid() -> None:
    newer = replace(bob().card.keys[1], not_before=NOW, not_after=NOW + timedelta(days=1))
    card = card_with(keys=(*alice().card.keys, newer))
    assert sealing_key_at(card, NOW).kid == bob().sealing.kid
    assert sealing_key_at(card, NOW + timedelta(days=2)).kid == alice().sealing.kid
    with pytest.raises(CardWithoutKey):
        sealing_key_at(card, NOW + timedelta(days=91))


def test_a_compromised_sealing_key_is_not_sealed_to() -> None:
    with pytest.raises(CardWithoutKey):
        sealing_key_at(with_key(1, compromised_since=NOW), NOW)
