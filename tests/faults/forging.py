"""How messages are forged: by somebody with all of Bob's keys, or with none, layer by layer from a valid message.

A class of forgeries is a generator in one of the `must_reject_….py` modules, entered into `CLASSES` by `forges`; the
runner in `test_must_reject.py` delivers each through the real door before the next is made, so that a forgery always
continues the link as it stands. Whoever adds a kind of message adds its classes there in the same way.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from amana.exchange.canonical import encode
from amana.exchange.envelope import MAGIC, Outer, seal
from amana.exchange.identity import sealing_key_at
from amana.exchange.keys import SealingPublicKey, SigningKey
from amana.exchange.message import MESSAGE_TYPE
from amana.exchange.protocol import Body, Message, Type
from amana.records.models import Partner
from amana.services.keys import own_card
from tests.counterpart import Counterpart

Form = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forged:
    """One forgery: what is wrong with it, its bytes, the code it must be refused with, and whose line it comes over."""

    what: str
    data: bytes
    code: str
    line: str | None = "washington"


@dataclass(frozen=True, slots=True)
class Class:
    """Forgeries of one kind, and how many of them there are."""

    name: str
    count: int
    make: Callable[[Forger], Iterator[Forged]]


CLASSES: list[Class] = []


def forges(name: str, count: int) -> Callable[[Callable[[Forger], Iterator[Forged]]], None]:
    """Enter a generator of forgeries into the table."""

    def enter(make: Callable[[Forger], Iterator[Forged]]) -> None:
        CLASSES.append(Class(name, count, make))

    return enter


class Forger:
    """Makes messages from Bob's keys; `charlie` is a second partner, `bob` and he have an agreement each."""

    def __init__(self, bob: Counterpart, charlie: Counterpart) -> None:
        self.bob, self.charlie = bob, charlie

    def catch_up(self) -> None:
        """Stand where our node says that the links stand."""
        for one in (self.bob, self.charlie):
            row = Partner.objects.get(pk=one.node)
            one.seq, one.prev = row.in_seq, row.in_hash

    def form(self, **fields: object) -> Form:
        """Bob's next report as the form that is signed, with some fields otherwise."""
        made: Form = json.loads(encode(self.bob.report().to_json()))
        return made | fields

    def content(self, **fields: object) -> Form:
        """Bob's next report with some fields of its content otherwise."""
        form = self.form()
        form["body"]["content"] |= fields
        return form

    def handling(self, **fields: object) -> Form:
        """Bob's next report with some fields of its marking otherwise."""
        form = self.form()
        form["body"]["content"]["handling"] |= fields
        return form

    def small(self, **fields: object) -> Form:
        """Bob's next recall, the smallest message, with some fields otherwise."""
        body = {"report": "00000000-0000-4000-8000-000000000001", "versions": [1], "reason": "withdrawn"}
        return self.form(type="recall", agreement="", body=body) | fields

    def message(self, kind: Type, body: Body, *, by: Counterpart | None = None, **changes: object) -> bytes:
        """A well-made message of any type, sealed as it should be."""
        by = by or self.bob
        made: Message = by.message(kind, body, **({"agreement": ""} | changes))  # type: ignore[arg-type]
        return by.sealed(made)[0]

    def header(self, **members: object) -> Form:
        """The right header, with some members otherwise."""
        return {"alg": "Ed25519", "kid": self.bob.secrets.signing.kid, "typ": MESSAGE_TYPE, "ver": 1} | members

    def jws(self, payload: bytes, *, header: bytes | None = None, key: SigningKey | None = None) -> bytes:
        """A signed text with any header and payload."""
        head = encode(self.header()) if header is None else header
        return signed_by_hand(head, payload, (key or self.bob.secrets.signing).sign)

    def outer(self, form: Form, **fields: object) -> Outer:
        """The right outside of a message, with some fields otherwise."""
        key = sealing_key_at(own_card(), timezone.now())
        made = Outer(1, form["id"], form["origin"], "rabat", key.kid)
        return replace(made, **fields)  # type: ignore[arg-type]  # each class names fields of Outer

    def sealed(
        self, jws: bytes, outer: Outer, *, to: SealingPublicKey | None = None, info: bytes | None = None
    ) -> bytes:
        """A signed text, sealed; with `info`, under another binding than the outside says."""
        key = to or sealing_key_at(own_card(), timezone.now())
        if info is None:
            return seal(jws, outer, key)
        ciphertext: bytes = suite().encrypt(jws, key.public, info)
        return MAGIC + encode(outer.to_json()) + b"\n" + ciphertext

    def wrapped(self, payload: Form | bytes, form: Form | None = None) -> bytes:
        """A payload, signed by Bob and sealed; bytes are signed as they are, outside stands what `form` says."""
        data = payload if isinstance(payload, bytes) else encode(payload)
        shown = payload if isinstance(payload, dict) else form or self.form()
        return self.sealed(self.jws(data), self.outer(shown))


def suite() -> Any:
    """The HPKE suite of the envelope."""
    from amana.exchange import envelope

    return envelope._SUITE


def b64(data: bytes) -> bytes:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=")


def signed_by_hand(header: bytes, payload: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """A compact JWS of any bytes, as an attacker with a key makes it."""
    text = b64(header) + b"." + b64(payload)
    return text + b"." + b64(sign(text))


def turned(sign: Callable[[bytes], bytes], bit: int) -> Callable[[bytes], bytes]:
    """A signer whose signatures have one bit turned."""
    return lambda data: flipped(sign(data), bit)


def always(signature: bytes) -> Callable[[bytes], bytes]:
    """A signer who gives the same signature to everything."""
    return lambda _data: signature


def flipped(data: bytes, bit: int) -> bytes:
    """The bytes with one bit turned."""
    place = bit // 8
    return data[:place] + bytes([data[place] ^ 1 << bit % 8]) + data[place + 1 :]


def spread(length: int, count: int) -> list[int]:
    """Places spread evenly over a length, always the same."""
    return [(2 * number + 1) * length // (2 * count) for number in range(count)]
