"""A node's secrets in their folder, and the rotation of its keys."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from amana.exchange.card import NodeNameMalformed, accept_successor, read_card
from amana.exchange.identity import RootAway, SecretsMissing, load, new_identity, reissue, rotate, save
from amana.exchange.keyring import KeyCompromised, newest_checkpoint_key, signing_key_at
from amana.exchange.keys import KeyMalformed

from .cast import NOW, alice


def test_a_node_is_read_back_from_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    save(alice(), folder)
    again = load(folder)
    assert again.card == alice().card
    assert again.card_jws == alice().card_jws
    assert again.root is not None
    assert again.root.public.text == again.card.root
    assert again.signing.kid == alice().signing.kid
    assert again.sealing.to_bytes() == alice().sealing.to_bytes()
    assert again.checkpoint.kid == alice().checkpoint.kid
    assert (again.tls_ca_cert, again.tls_ca_key) == (alice().tls_ca_cert, alice().tls_ca_key)
    assert again.tls_cert + again.tls_key == alice().tls_cert + alice().tls_key


def test_nobody_but_the_owner_may_read_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)
    save(alice(), folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_node_works_while_its_root_is_kept_elsewhere(tmp_path: Path) -> None:
    save(alice(), tmp_path / "keys")
    (tmp_path / "keys" / "root.pem").unlink()
    (tmp_path / "keys" / "tls-ca.pem").unlink()
    held = load(tmp_path / "keys")
    assert held.root is None
    assert held.card == alice().card
    with pytest.raises(RootAway):
        rotate(held, NOW)
    with pytest.raises(RootAway):
        reissue(held, NOW)


@pytest.mark.parametrize("name", ["signing.pem", "sealing.key", "checkpoint.pem", "tls.pem", "tls-ca.crt", "card.jws"])
def test_a_missing_key_is_named(tmp_path: Path, name: str) -> None:
    save(alice(), tmp_path / "keys")
    (tmp_path / "keys" / name).unlink()
    with pytest.raises(SecretsMissing) as caught:
        load(tmp_path / "keys")
    assert name in str(caught.value)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    save(alice(), tmp_path / "keys")
    (tmp_path / "keys" / "sealing.key").write_bytes(b"short")
    with pytest.raises(KeyMalformed):
        load(tmp_path / "keys")


def test_rotation_gives_new_keys_and_keeps_what_opens_the_old_messages(tmp_path: Path) -> None:
    later = NOW + timedelta(days=60)
    turned = rotate(alice(), later)
    save(alice(), tmp_path / "keys")
    save(turned, tmp_path / "keys")
    held = load(tmp_path / "keys")
    accept_successor(alice().card, read_card(held.card_jws))
    assert held.signing.kid != alice().signing.kid
    assert held.tls_cert != alice().tls_cert
    assert held.checkpoint.kid == alice().checkpoint.kid
    for kid in (alice().sealing.kid, turned.sealing.kid):
        found = held.sealing_key(kid)
        assert found is not None
        assert found.kid == kid
    assert held.sealing_key("") is None
    assert signing_key_at(held.card, alice().signing.kid, later) is not None
    assert signing_key_at(held.card, held.signing.kid, later) is not None
    assert signing_key_at(held.card, held.signing.kid, NOW) is None


def test_a_card_keeps_the_keys_of_old_signatures_and_drops_ended_sealing_keys() -> None:
    turned = rotate(rotate(alice(), NOW + timedelta(days=60)), NOW + timedelta(days=120))
    uses = sorted(key.use for key in read_card(turned.card_jws).keys)
    assert uses == ["checkpoint", "sealing", "sealing", "signing", "signing", "signing"]
    assert len(turned.earlier) == 2


def test_a_key_can_be_marked_as_compromised_since_a_time() -> None:
    since = NOW + timedelta(hours=1)
    marked = reissue(alice(), NOW + timedelta(hours=2), compromised={alice().signing.kid: since})
    card = read_card(marked.card_jws)
    accept_successor(alice().card, card)
    with pytest.raises(KeyCompromised):
        signing_key_at(card, alice().signing.kid, since)


def test_a_node_may_move_to_another_address() -> None:
    moved = reissue(alice(), NOW, urls=["https://rabat.example:9443"])
    assert read_card(moved.card_jws).urls == ("https://rabat.example:9443",)
    assert replace(moved.card, serial=1, urls=alice().card.urls) == alice().card


def test_a_node_without_a_proper_name_is_not_made() -> None:
    with pytest.raises(NodeNameMalformed):
        new_identity("../rabat", "Service", "MA", ["https://127.0.0.1"], NOW)


def test_rotation_can_give_the_log_a_new_key_and_mark_the_old_signing_key() -> None:
    later, since = NOW + timedelta(days=1), NOW + timedelta(hours=1)
    turned = rotate(alice(), later, checkpoint=True, compromised_since=since)
    card = read_card(turned.card_jws)
    assert turned.checkpoint.kid != alice().checkpoint.kid
    assert newest_checkpoint_key(card, later).raw == turned.checkpoint.public.raw
    with pytest.raises(KeyCompromised):
        signing_key_at(card, alice().signing.kid, later)
    assert signing_key_at(card, turned.signing.kid, later) is not None


def test_a_sealing_key_is_forgotten_one_rotation_after_the_card_dropped_it() -> None:
    one = rotate(alice(), NOW + timedelta(days=100))
    two = rotate(one, NOW + timedelta(days=200))
    three = rotate(two, NOW + timedelta(days=300))
    assert one.sealing_key(alice().sealing.kid) is not None
    assert two.sealing_key(alice().sealing.kid) is None
    assert three.sealing_key(two.sealing.kid) is not None
