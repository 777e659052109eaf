"""Lines between partners: real TLS handshakes and real HTTP on 127.0.0.1, and a client that trusts no answer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from amana.domain.errors import Unavailable
from amana.exchange.carry import CarryMalformed, pack, unpack
from amana.exchange.client import (
    MOST_ANSWER,
    AddressRefused,
    PartnerAnswer,
    PartnerClient,
    PartnerTls,
    PartnerUnreachable,
)
from amana.exchange.identity import NodeSecrets, check_peer, client_context, new_identity, peer_node, save
from amana.exchange.tls import (
    CertificateMalformed,
    PeerUnknown,
    ca_node,
    der_from_text,
    make_ca,
    make_leaf,
    text_from_pem,
)

from .doors import Door, Reply, opened

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

Folders = Callable[[NodeSecrets], Path]
# TLS looks at the machine's clock, so these certificates are of today.
NOW = datetime.now(UTC)


@cache
def alice() -> NodeSecrets:
    return new_identity("rabat", "Exercise service Rabat", "MA", ["https://127.0.0.1:8443"], NOW)


@cache
def bob() -> NodeSecrets:
    return new_identity("washington", "Exercise service Washington", "US", ["https://127.0.0.1:8444"], NOW)


@cache
def charlie() -> NodeSecrets:
    return new_identity("thirdnode", "Exercise service Elsewhere", "XX", ["https://127.0.0.1:8445"], NOW)


@pytest.fixture
def folder_of(tmp_path: Path) -> Folders:
    """Each node's key folder."""

    def make(node: NodeSecrets) -> Path:
        folder = tmp_path / node.card.node
        if not folder.exists():
            save(node, folder)
        return folder

    return make


def call(caller: NodeSecrets, callee: NodeSecrets, door: Door, folder_of: Folders) -> PartnerClient:
    return PartnerClient(door.url, client_context(folder_of(caller), callee.card.tls_ca), timeout=5)


def test_alice_reaches_bob_and_each_knows_the_other(folder_of: Folders) -> None:
    with (
        opened(folder_of(bob()), [alice()], lambda *_: Reply(200, pack([b"yes", b"no"]))) as door,
        call(alice(), bob(), door, folder_of) as client,
    ):
        assert client.deliver([b"one", b"two"]) == [b"yes", b"no"]
    assert door.callers == ["rabat"]


def test_a_batch_is_posted_as_one_packet_to_the_protocols_address(folder_of: Folders) -> None:
    seen: list[tuple[str, str, list[bytes]]] = []

    def keep(method: str, path: str, body: bytes) -> Reply:
        seen.append((method, path, unpack(body)))
        return Reply(200, pack([]))

    with opened(folder_of(bob()), [alice()], keep) as door, call(alice(), bob(), door, folder_of) as client:
        client.deliver([b"one", b"two"])
    assert seen == [("POST", "/exchange/v1/messages", [b"one", b"two"])]


def test_a_connection_is_kept_for_the_next_call(folder_of: Folders) -> None:
    with (
        opened(folder_of(bob()), [alice()], lambda *_: Reply(200, pack([]))) as door,
        call(alice(), bob(), door, folder_of) as client,
    ):
        client.deliver([])
        client.deliver([])
    assert len(door.callers) == 2
    assert len(door.connections) == 1


def test_a_card_and_a_witness_answer_are_brought_as_they_are(folder_of: Folders) -> None:
    def answer(method: str, path: str, body: bytes) -> Reply:
        if path == "/witness/add-checkpoint":
            return Reply(409, b"12\n" + body)
        return Reply(200, bob().card_jws.encode()) if path == "/exchange/v1/card" else Reply(404)

    with opened(folder_of(bob()), [alice()], answer) as door, call(alice(), bob(), door, folder_of) as client:
        assert client.card() == bob().card_jws.encode()
        assert client.add_checkpoint(b"old 1\n") == (409, b"12\nold 1\n")


def test_a_third_node_does_not_get_in(folder_of: Folders) -> None:
    with (
        opened(folder_of(bob()), [alice()]) as door,
        call(charlie(), bob(), door, folder_of) as client,
        pytest.raises((PartnerTls, PartnerUnreachable)),
    ):
        client.card()
    assert door.callers == []


def test_a_third_node_that_answers_in_bobs_place_gets_nothing(folder_of: Folders) -> None:
    with (
        opened(folder_of(charlie()), [alice(), bob()]) as door,
        call(alice(), bob(), door, folder_of) as client,
        pytest.raises(PartnerTls),
    ):
        client.deliver([b"secret"])
    assert door.callers == []


def as_alice(charlies: NodeSecrets, folder: Path) -> None:
    """Charlie's authority issues a certificate that names Alice's node."""
    assert charlies.tls_ca_key is not None
    cert, key = make_leaf("rabat", charlies.tls_ca_cert, charlies.tls_ca_key, NOW)
    (folder / "tls.pem").write_bytes(cert + key)


def test_one_partners_authority_does_not_vouch_for_another(folder_of: Folders) -> None:
    as_alice(charlie(), folder_of(charlie()))
    with (
        opened(folder_of(bob()), [alice(), charlie()]) as door,
        call(charlie(), bob(), door, folder_of) as client,
        pytest.raises(PartnerAnswer),
    ):
        client.deliver([])
    assert door.callers == []


def test_an_authority_that_answers_under_another_name_is_hung_up_on(folder_of: Folders) -> None:
    as_alice(charlie(), folder_of(charlie()))
    with (
        opened(folder_of(charlie()), [bob()]) as door,
        call(bob(), charlie(), door, folder_of) as client,
        pytest.raises(PartnerTls),
    ):
        client.deliver([b"secret"])
    assert door.callers == []


def handshake(door: Door, context: ssl.SSLContext) -> bytes:
    """Ask for the card on a line made by hand."""
    host, _, port = door.url.removeprefix("https://").partition(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        line.sendall(b"GET /exchange/v1/card HTTP/1.1\r\nHost: bob\r\nConnection: close\r\n\r\n")
        return line.recv(100)


def trusting(caller: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=der_from_text(bob().card.tls_ca))
    if caller is not None:
        context.load_cert_chain(caller / "tls.pem")
    return context


def test_older_tls_is_refused(folder_of: Folders) -> None:
    with opened(folder_of(bob()), [alice()]) as door:
        context = trusting(folder_of(alice()))
        assert handshake(door, context).startswith(b"HTTP/1.1 200")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(door, context)


def test_a_caller_without_a_certificate_is_refused(folder_of: Folders) -> None:
    with opened(folder_of(bob()), [alice()]) as door, pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(door, trusting(None))
    assert door.callers == []


def test_we_do_not_speak_older_tls_either(folder_of: Folders) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder_of(bob()) / "tls.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        opened(folder_of(bob()), [alice()], context=context) as door,
        call(alice(), bob(), door, folder_of) as client,
        pytest.raises(PartnerTls),
    ):
        client.card()


def test_a_certificate_names_its_node_and_its_authority() -> None:
    leaf, authority = der_from_text(text_from_pem(alice().tls_cert)), der_from_text(alice().card.tls_ca)
    assert peer_node(leaf) == ca_node(authority) == check_peer(leaf, authority) == "rabat"
    with pytest.raises(PeerUnknown):
        check_peer(leaf, bob().card.tls_ca)
    with pytest.raises(CertificateMalformed):
        ca_node(leaf)
    for nonsense in (b"", b"no certificate"):
        with pytest.raises(CertificateMalformed):
            peer_node(nonsense)
    with pytest.raises(CertificateMalformed):
        der_from_text("no base64!")


def test_an_authority_without_its_own_signature_is_none() -> None:
    cert, key = make_ca("rabat", NOW)
    forged, _ = make_leaf("rabat", cert, key, NOW)
    with pytest.raises(CertificateMalformed):
        ca_node(der_from_text(text_from_pem(forged)))


ANSWERS: list[tuple[str, Reply, type[Exception]]] = [
    ("a redirect", Reply(302, b"", {"Location": "https://127.0.0.1:1/"}), PartnerAnswer),
    ("a permanent redirect", Reply(308, b"", {"Location": "/elsewhere"}), PartnerAnswer),
    ("not found", Reply(404), PartnerAnswer),
    ("created", Reply(201, pack([])), PartnerAnswer),
    ("server error", Reply(500), PartnerAnswer),
    ("busy", Reply(503), PartnerUnreachable),
    ("too many", Reply(429), PartnerUnreachable),
    ("no packet", Reply(200, b"<html>"), CarryMalformed),
    ("more answers than messages", Reply(200, pack([b"a", b"b"])), PartnerAnswer),
    ("squeezed", Reply(200, pack([]), {"Content-Encoding": "gzip"}), PartnerAnswer),
    ("too large", Reply(200, b"a" * (MOST_ANSWER + 1)), PartnerAnswer),
    ("broken off", Reply(200, b"a", {"Content-Length": "10", "Connection": "close"}), Unavailable),
]


@pytest.mark.parametrize(("reply", "error"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_an_answer_outside_the_protocol_has_its_code(reply: Reply, error: type[Exception], folder_of: Folders) -> None:
    with (
        opened(folder_of(bob()), [alice()], lambda *_: reply) as door,
        call(alice(), bob(), door, folder_of) as client,
        pytest.raises(error),
    ):
        client.deliver([b"one"])


def test_a_partner_that_is_away_is_unreachable(folder_of: Folders) -> None:
    with opened(folder_of(bob()), [alice()]) as door:
        pass
    with call(alice(), bob(), door, folder_of) as client, pytest.raises(PartnerUnreachable):
        client.card()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1",
        "https://",
        "ftp://127.0.0.1",
        "https://user@127.0.0.1",
        "https://127.0.0.1/?a=1",
        "127.0.0.1",
    ],
)
def test_only_https_addresses_of_a_card_are_called(url: str, folder_of: Folders) -> None:
    with pytest.raises(AddressRefused):
        PartnerClient(url, client_context(folder_of(alice()), bob().card.tls_ca))
