"""The partners' door from outside: who is let in, what it answers, and with which status."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from amana.exchange.carry import pack, unpack
from amana.exchange.identity import NodeSecrets, new_identity, read_card
from amana.oversight.checkpoint import LOG_KEY, Checkpoint, VerifierKey, sign
from amana.oversight.witness import write_request
from amana.records.models import Partner, Report, WitnessedOrigin
from amana.services.keys import log_origin
from amana.wire import app
from tests.counterpart import Counterpart

MESSAGES, CARD, WITNESS = "/exchange/v1/messages", "/exchange/v1/card", "/witness/add-checkpoint"


class Line:
    """The TLS socket of one connection, as gunicorn hands it on: it shows the client's certificate."""

    def __init__(self, der: bytes) -> None:
        self._der = der

    def getpeercert(self, binary_form: bool) -> bytes:
        assert binary_form
        return self._der


@pytest.fixture(autouse=True)
def kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door lets connections go around each request; a test's transaction lives in one, so it is kept."""
    monkeypatch.setattr(app, "close_old_connections", lambda: None)


def asked(path: str, *, method: str = "POST", body: bytes = b"", line: Line | None, **more: Any) -> tuple[int, bytes]:
    """Ask the door; returns status and body."""
    said: list[Any] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "gunicorn.socket": line,
        **more,
    }
    answer = b"".join(app.partners(environ, lambda status, head: said.append((status, dict(head)))))
    (status, head) = said[0]
    assert int(head["Content-Length"]) == len(answer)
    return int(status.split()[0]), answer


def line_of(secrets: NodeSecrets) -> Line:
    return Line(x509.load_pem_x509_certificate(secrets.tls_cert).public_bytes(Encoding.DER))


def test_a_partner_delivers_and_gets_one_answer_for_each_message(washington: Counterpart) -> None:
    content = washington.content()
    sealed, _ = washington.sealed(washington.report(content))
    status, answer = asked(MESSAGES, body=pack([sealed, b"no message"]), line=line_of(washington.secrets))
    assert status == 200
    assert len(unpack(answer)) == 2
    assert Report.objects.filter(originator="washington", uid=content.report).exists()


def test_a_partner_sees_our_card(node: NodeSecrets, washington: Counterpart) -> None:
    status, answer = asked(CARD, method="GET", line=line_of(washington.secrets))
    assert (status, read_card(answer.decode())) == (200, node.card)


@pytest.mark.parametrize("line", [None, Line(b"")], ids=["no TLS", "no certificate"])
def test_who_shows_no_certificate_learns_nothing(node: NodeSecrets, line: Line | None) -> None:
    status, answer = asked(CARD, method="GET", line=line)
    assert status == 403
    assert answer.startswith(b"wire-caller-unknown: ")


def test_a_header_does_not_make_a_partner(washington: Counterpart) -> None:
    claims: dict[str, Any] = {
        "HTTP_X_CLIENT_CERT": "washington",
        "REMOTE_USER": "washington",
        "SSL_CLIENT_S_DN": "CN=washington",
    }
    status, _ = asked(CARD, method="GET", line=None, **claims)
    assert status == 403


def test_a_stranger_and_a_suspended_partner_are_refused_alike(washington: Counterpart) -> None:
    stranger = new_identity("nobody", "Nobody", "FR", ("https://127.0.0.1:1",), timezone.now())
    assert asked(CARD, method="GET", line=line_of(stranger))[0] == 403
    Partner.objects.update(state=Partner.State.SUSPENDED)
    assert asked(CARD, method="GET", line=line_of(washington.secrets))[0] == 403


def test_a_certificate_that_only_says_it_is_the_partner_is_refused(washington: Counterpart) -> None:
    forged = new_identity("washington", "Agency of washington", "US", ("https://127.0.0.1:1",), timezone.now())
    assert asked(CARD, method="GET", line=line_of(forged))[0] == 403


@pytest.mark.parametrize(
    ("method", "path"), [("GET", MESSAGES), ("POST", CARD), ("DELETE", MESSAGES), ("POST", "/"), ("GET", "/../card")]
)
def test_other_addresses_and_ways_of_asking_do_not_exist(washington: Counterpart, method: str, path: str) -> None:
    status, answer = asked(path, method=method, line=line_of(washington.secrets))
    assert status == 404
    assert answer.startswith(b"wire-path-unknown: ")


@pytest.mark.parametrize(("length", "status"), [("99999999999", 413), ("-1", 413), ("x", 413), ("0", 400)])
def test_a_length_that_is_none_or_too_large_is_refused_unread(
    washington: Counterpart, length: str, status: int
) -> None:
    line = line_of(washington.secrets)
    assert asked(MESSAGES, body=b"anything", line=line, CONTENT_LENGTH=length)[0] == status


@pytest.mark.parametrize("body", [b"", b"amana-carry/1\n\x00\x00\x00\x09short", b"<html>"])
def test_a_body_that_is_no_packet_is_refused(washington: Counterpart, body: bytes) -> None:
    status, answer = asked(MESSAGES, body=body, line=line_of(washington.secrets))
    assert status == 400
    assert answer.startswith(b"exchange-carry: ")


def test_a_witness_request_that_is_none_is_refused_as_the_standard_says(washington: Counterpart) -> None:
    assert asked(WITNESS, body=b"nonsense", line=line_of(washington.secrets))[0] in (400, 403)


def test_a_witness_names_the_size_it_expects_and_nothing_else(washington: Counterpart) -> None:
    origin, key = log_origin("washington"), washington.secrets.checkpoint
    vkey = VerifierKey(origin, LOG_KEY, key.public.raw)
    leaf = bytes(32)
    note = sign(Checkpoint(origin, 1, leaf), vkey, key.sign)
    for old, (status, answer) in ((0, (200, b"")), (0, (409, b"1\n")), (1, (200, b""))):
        found = asked(WITNESS, body=write_request(old, [], note), line=line_of(washington.secrets))
        assert found[0] == status
        assert found[1] == answer or status == 200


def test_a_witness_that_saw_another_size_answers_with_the_bare_size(washington: Counterpart) -> None:
    origin = log_origin("washington")
    WitnessedOrigin.objects.create(origin=origin, size=5, root="ab" * 32, at=timezone.now())
    key = VerifierKey(origin, LOG_KEY, washington.secrets.checkpoint.public.raw)
    note = sign(Checkpoint(origin, 9, bytes(32)), key, washington.secrets.checkpoint.sign)
    said = asked(WITNESS, body=write_request(7, [], note), line=line_of(washington.secrets))
    assert said == (409, b"5\n")


def test_a_fault_of_ours_says_nothing_of_its_inside(washington: Counterpart, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object, **_named: object) -> bytes:
        raise ZeroDivisionError("Karim Belkadi")

    monkeypatch.setattr(app, "take_in_batch", fail)
    status, answer = asked(MESSAGES, body=pack([]), line=line_of(washington.secrets))
    assert status == 500
    assert b"Belkadi" not in answer
