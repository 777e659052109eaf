"""What a stranger's bytes meet first, each as a function of bytes: it may refuse with an AmanaError and nothing else.

A fuzzer cannot forge a signature, so where a reader stands behind one, the bytes are signed first with the key that the
reader knows. Seeds are the vectors of the exchange protocol.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from amana.domain.errors import AmanaError
from amana.domain.times import parse_instant
from amana.exchange.canonical import decode, encode
from amana.exchange.card import CARD_TYPE, read_card
from amana.exchange.carry import pack, unpack
from amana.exchange.envelope import Outer, message_hash, open_sealed, peek, seal, verify
from amana.exchange.keys import SealingKey, VerifyingKey, from_base64url
from amana.exchange.message import MESSAGE_TYPE
from amana.exchange.protocol import (
    AcceptanceBody,
    Body,
    CertificateBody,
    Effect,
    ProposalBody,
    ReceiptBody,
    Step,
    Type,
    VoidBody,
    read_answer,
    read_message,
    sign_terms,
    verify_terms,
)
from amana.exchange.receipts import ANSWER_TYPE
from amana.exchange.terms import TERMS_TYPE
from tests.exchange.cast import number, report_message
from tests.exchange.test_answers_on_the_wire import ACCEPTED, REFUSED
from tests.exchange.test_messages import AGREED
from tests.vectors import make

VECTORS = Path(make.__file__).parent
NOW = parse_instant(make.keys()["now"])
OUTER = Outer.from_json(decode(make.keys()["outer"].encode()))


@dataclass(frozen=True, slots=True)
class Target:
    """One reader: what it does with bytes, and the bytes to begin from."""

    read: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]


def survive(target: Target, data: bytes) -> None:
    """Give bytes to a reader; whatever it raises besides an AmanaError goes on."""
    try:
        target.read(data)
    except AmanaError as error:
        str(error)


def key_of(kid: str) -> VerifyingKey | None:
    """The one signing key that the readers know."""
    return make.SIGNING.public if kid == make.SIGNING.kid else None


def _sealing_key(kid: str) -> SealingKey | None:
    return make.SEALING if kid == make.SEALING.kid else None


def _vectors(name: str) -> Iterator[bytes]:
    yield from (b64decode(case["data"]) for case in json.loads((VECTORS / f"{name}.json").read_text("utf-8")))


def _payloads(name: str) -> Iterator[bytes]:
    for jws in _vectors(name):
        parts = jws.split(b".")
        if len(parts) == 3:
            yield from_base64url(parts[1].decode())


def _signed(typ: str, payload: bytes) -> bytes:
    return make.raw_jws(encode({"alg": "Ed25519", "kid": make.SIGNING.kid, "typ": typ, "ver": 1}), payload)


def _canonical(data: bytes) -> None:
    assert encode(decode(data)) == data


def _header(data: bytes) -> None:
    """The header of a signed text; what follows the first line break is the payload."""
    head, _, payload = data.partition(b"\n")
    verify(make.raw_jws(head, payload), make.TYP, key_of)


def _sealed(data: bytes) -> None:
    assert peek(data) == open_sealed(data, _sealing_key)[0]


def _opened(data: bytes) -> None:
    """What was sealed rightly and is opened: any bytes at all."""
    sealed = seal(data, OUTER, make.SEALING.public)
    outer, jws = open_sealed(sealed, _sealing_key)
    assert jws == data
    read_message(jws, key_of=key_of, me="washington", outer=outer, now=NOW)


def _message(data: bytes) -> None:
    jws = _signed(MESSAGE_TYPE, data)
    message = read_message(jws, key_of=key_of, me="washington", outer=OUTER, now=NOW)
    assert encode(message.to_json()) == data, message_hash(jws)


def _card(data: bytes) -> None:
    head = encode({"alg": "Ed25519", "kid": make.ROOT.kid, "typ": CARD_TYPE, "ver": 1})
    card = read_card(make.raw_jws(head, data, make.ROOT))
    assert encode(card.to_json()) == data


def _terms(data: bytes) -> None:
    assert encode(verify_terms(_signed(TERMS_TYPE, data), key_of).to_json()) == data


def _answer(data: bytes) -> None:
    assert encode(read_answer(_signed(ANSWER_TYPE, data), key_of).to_json()) == data


def _packets() -> Iterator[bytes]:
    for name in ("sealed", "signed", "messages"):
        yield pack(list(_vectors(name)))
    yield pack([])


def _headers() -> Iterator[bytes]:
    for jws in _vectors("signed"):
        parts = jws.split(b".")
        if len(parts) == 3:
            yield from_base64url(parts[0].decode())


def _carry(data: bytes) -> None:
    assert pack(unpack(data)) == data


def _messages() -> Iterator[bytes]:
    """The vectors' messages, and one of each type, as a partner would sign them."""
    yield from _payloads("messages")
    terms = sign_terms(AGREED, make.SIGNING)
    bodies: dict[Type, Body] = {
        Type.VOID: VoidBody("a" * 64),
        Type.RECEIPT: ReceiptBody("a" * 64, Step.READ, NOW, "read"),
        Type.CERTIFICATE: CertificateBody(number(1), (1,), "a" * 64, Effect.WITHDRAWN, NOW, 1, True, 0, (), 3),
        Type.PROPOSAL: ProposalBody(AGREED, terms),
        Type.ACCEPTANCE: AcceptanceBody(AGREED.id, terms),
    }
    for kind, body in bodies.items():
        yield encode(replace(make.message(), type=kind, body=body).to_json())
    yield encode(report_message().to_json())


TARGETS = {
    "canonical": Target(_canonical, lambda: _vectors("canonical")),
    "header": Target(_header, lambda: (head + b"\n{}" for head in _headers())),
    "signed": Target(lambda data: verify(data, make.TYP, key_of), lambda: _vectors("signed")),
    "sealed": Target(_sealed, lambda: _vectors("sealed")),
    "opened": Target(_opened, lambda: _vectors("messages")),
    "message": Target(_message, _messages),
    "card": Target(read_card, lambda: _vectors("cards")),
    "card under its root": Target(_card, lambda: _payloads("cards")),
    "terms": Target(_terms, lambda: iter([encode(AGREED.to_json())])),
    "answer": Target(_answer, lambda: iter([encode(ACCEPTED.to_json()), encode(REFUSED.to_json())])),
    "packet": Target(_carry, _packets),
}
