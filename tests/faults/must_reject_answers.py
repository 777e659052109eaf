"""Forged answers to a delivery: what comes back over the line in the place of Bob's receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils import timezone

from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.envelope import sign
from amana.exchange.keys import SigningKey
from amana.exchange.protocol import Accepted, Refused, sign_answer
from amana.exchange.receipts import ANSWER_TYPE
from amana.records.models import Message
from amana.services.keys import secrets
from tests.counterpart import Counterpart
from tests.faults.forging import signed_by_hand, spread, turned


@dataclass(frozen=True, slots=True)
class ForgedAnswer:
    """An answer, and the code that the sender's desk must show for the message."""

    what: str
    jws: bytes
    code: str


@dataclass(frozen=True, slots=True)
class AnswerClass:
    """Forged answers of one kind, and how many of them there are."""

    name: str
    count: int
    make: Callable[[Counterpart, Message], Iterator[ForgedAnswer]]


ANSWER_CLASSES: list[AnswerClass] = []
_OTHER = "exchange-answer"


def forges(name: str, count: int) -> Callable[[Callable[[Counterpart, Message], Iterator[ForgedAnswer]]], None]:
    """Enter a generator of forged answers into the table; it is given Bob and the message that was sent to him."""

    def enter(make: Callable[[Counterpart, Message], Iterator[ForgedAnswer]]) -> None:
        ANSWER_CLASSES.append(AnswerClass(name, count, make))

    return enter


def accepted(sent: Message, **fields: object) -> Accepted:
    """The receipt that Bob would give, with some fields otherwise."""
    right: dict[str, Any] = {
        "message": str(sent.id), "sha256": sent.hash, "duplicate": False, "log_index": 0, "tree_size": 1,
        "root": "0" * 64, "proof": (),
        "at": cut(timezone.now()),
    }  # fmt: skip
    return Accepted(**(right | fields))


def _refused(sent: Message, **fields: object) -> Refused:
    right: dict[str, Any] = {
        "message": str(sent.id), "sha256": sent.hash, "code": "receive-not-permitted", "sentence": "No.",
        "at": cut(timezone.now()), "expected": sent.seq + 1,
    }  # fmt: skip
    return Refused(**(right | fields))


@forges("a receipt signed by somebody else", 10)
def _signers(bob: Counterpart, sent: Message) -> Iterator[ForgedAnswer]:
    held = bob.secrets
    assert held.root is not None
    strangers = [SigningKey.from_seed(hashlib.sha256(bytes([number])).digest()) for number in range(2)]
    for key in (held.root, held.checkpoint, secrets().signing, *strangers):
        yield ForgedAnswer("under its own name", sign_answer(accepted(sent), key), "envelope-unknown-key")
        head = encode({"alg": "Ed25519", "kid": held.signing.kid, "typ": ANSWER_TYPE, "ver": 1})
        jws = signed_by_hand(head, encode(accepted(sent).to_json()), key.sign)
        yield ForgedAnswer("under Bob's name", jws, "envelope-signature")


@forges("a receipt for another message", 12)
def _others(bob: Counterpart, sent: Message) -> Iterator[ForgedAnswer]:
    key = bob.secrets.signing
    for _ in range(4):
        yield ForgedAnswer("another id", sign_answer(accepted(sent, message=str(uuid4())), key), _OTHER)
    for digest in ("0" * 64, "f" * 64, sent.prev, hashlib.sha256(sent.hash.encode()).hexdigest()):
        yield ForgedAnswer("another text", sign_answer(accepted(sent, sha256=digest), key), _OTHER)
        both = accepted(sent, sha256=digest, message=str(uuid4()))
        yield ForgedAnswer("another id and text", sign_answer(both, key), _OTHER)


@forges("a refusal of another message", 6)
def _other_refusals(bob: Counterpart, sent: Message) -> Iterator[ForgedAnswer]:
    for number in (str(uuid4()), "", str(sent.id).upper(), str(sent.id)[:-1], "x", str(sent.pk)[::-1]):
        yield ForgedAnswer(
            number, sign_answer(_refused(sent, message=number), bob.secrets.signing), "receive-not-permitted"
        )


@forges("a receipt with a bit turned", 32)
def _bits(bob: Counterpart, sent: Message) -> Iterator[ForgedAnswer]:
    head = encode({"alg": "Ed25519", "kid": bob.secrets.signing.kid, "typ": ANSWER_TYPE, "ver": 1})
    text = encode(accepted(sent).to_json())
    for bit in spread(512, 32):
        jws = signed_by_hand(head, text, turned(bob.secrets.signing.sign, bit))
        yield ForgedAnswer(f"bit {bit}", jws, "envelope-signature")


@forges("something else than a receipt", 12)
def _nothing(bob: Counterpart, sent: Message) -> Iterator[ForgedAnswer]:
    key = bob.secrets.signing
    for data in (
        b"",
        b"OK",
        b"<html>",
        b"{}",
        encode(accepted(sent).to_json()),
        bytes(100),
        b"a.b.c",
        sign_answer(accepted(sent), key)[:-2],
    ):
        yield ForgedAnswer(f"{data[:10]!r}", data, "envelope-form")
    for typ in ("amana-message+json", "amana-card+json", "amana-terms+json", "JWT"):
        yield ForgedAnswer(typ, sign(accepted(sent).to_json(), key, typ), "envelope-typ")


@forges("a receipt out of form", 24)
def _forms(bob: Counterpart, sent: Message) -> Iterator[ForgedAnswer]:
    good = accepted(sent).to_json()
    bent: list[dict[str, Any]] = [{name: good[name] for name in good if name != gone} for gone in good]
    bent += [good | change for change in (
        {"more": 1}, {"answer": "maybe"}, {"answer": None}, {"log_index": 1}, {"log_index": -1}, {"tree_size": 0},
        {"root": "x"}, {"root": "0" * 63},
        {"proof": ["x"]}, {"proof": None}, {"duplicate": 0}, {"duplicate": "false"}, {"sha256": "0" * 63},
        {"message": "x"}, {"proof": ["0" * 64] * 64 + ["0" * 65]},
    )]  # fmt: skip
    for number, form in enumerate(bent):
        yield ForgedAnswer(f"form {number}", sign(form, bob.secrets.signing, ANSWER_TYPE), "form-malformed")
