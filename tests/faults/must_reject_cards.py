"""Forged cards: brought by one officer, and compared by the head with the fingerprint that the forger gives."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from amana.domain.ed25519 import P
from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.card import CARD_TYPE, Card, CardKey, Use
from amana.exchange.envelope import sign
from amana.exchange.identity import fingerprint, new_identity
from amana.exchange.keys import SigningKey, base64url
from amana.services.keys import secrets
from tests.counterpart import Counterpart
from tests.faults.forging import always, b64, signed_by_hand, spread, turned
from tests.vectors.make import SMALL_ORDER

POINTS = [bytes.fromhex(one) for one in SMALL_ORDER]


@dataclass(frozen=True, slots=True)
class ForgedCard:
    """A card, the code it must be refused with, and the fingerprint that was compared (None: that of its root)."""

    what: str
    jws: bytes | str
    code: str
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class CardClass:
    """Forged cards of one kind, and how many of them there are."""

    name: str
    count: int
    make: Callable[[Counterpart], Iterator[ForgedCard]]


CARD_CLASSES: list[CardClass] = []


def forges(name: str, count: int) -> Callable[[Callable[[Counterpart], Iterator[ForgedCard]]], None]:
    """Enter a generator of forged cards into the table; it is given Bob, a confirmed partner."""

    def enter(make: Callable[[Counterpart], Iterator[ForgedCard]]) -> None:
        CARD_CLASSES.append(CardClass(name, count, make))

    return enter


def root_of(bob: Counterpart) -> SigningKey:
    """Bob's root key."""
    assert bob.secrets.root is not None
    return bob.secrets.root


def next_card(bob: Counterpart, **fields: object) -> Card:
    """The card that would follow Bob's, with some fields otherwise."""
    card = bob.secrets.card
    return replace(card, **({"serial": card.serial + 1} | fields))  # type: ignore[arg-type]  # names fields of Card


def signed(bob: Counterpart, card: Card, *, key: SigningKey | None = None) -> bytes:
    """A card signed without a look at it."""
    return sign(card.to_json(), key or root_of(bob), CARD_TYPE)


def with_key(bob: Counterpart, use: Use, **fields: object) -> bytes:
    """Bob's next card, one of whose keys is otherwise."""
    keys = tuple(replace(key, **fields) if key.use is use else key for key in bob.secrets.card.keys)  # type: ignore[arg-type]
    return signed(bob, next_card(bob, keys=keys))


def _kid(raw: bytes) -> str:
    return base64url(hashlib.sha256(encode({"crv": "Ed25519", "kty": "OKP", "x": base64url(raw)})).digest())


@forges("a root of small order", 8)
def _roots(bob: Counterpart) -> Iterator[ForgedCard]:
    for point in POINTS:
        card = next_card(bob, root=base64url(point))
        header = encode({"alg": "Ed25519", "kid": _kid(point), "typ": CARD_TYPE, "ver": 1})
        jws = signed_by_hand(header, encode(card.to_json()), always(POINTS[2] + bytes(32)))
        yield ForgedCard(point.hex()[:8], jws, "key-small-order")


@forges("a signing or checkpoint key of small order", 16)
def _small(bob: Counterpart) -> Iterator[ForgedCard]:
    for use in (Use.SIGNING, Use.CHECKPOINT):
        for point in POINTS:
            jws = with_key(bob, use, public=base64url(point), kid=_kid(point))
            yield ForgedCard(f"{use} {point.hex()[:8]}", jws, "key-small-order")


@forges("a key of small order written otherwise", 12)
def _small_otherwise(bob: Counterpart) -> Iterator[ForgedCard]:
    """The same points with y above the field's prime: a library that reduces y takes them for the same."""
    for y in (P, P + 1):
        for signs in (0, 1 << 255):
            raw = (y | signs).to_bytes(32, "little")
            for use in (Use.SIGNING, Use.CHECKPOINT):
                jws = with_key(bob, use, public=base64url(raw), kid=_kid(raw))
                yield ForgedCard(f"{use} {y - P}", jws, "key-small-order")
            yield ForgedCard(f"root {y - P}", signed(bob, next_card(bob, root=base64url(raw))), "key-small-order")


@forges("a key that is not written in its one form", 34)
def _not_canonical(bob: Counterpart) -> Iterator[ForgedCard]:
    for more in range(2, 19):
        for signs in (0, 1 << 255):
            raw = ((P + more) | signs).to_bytes(32, "little")
            jws = with_key(bob, Use.SIGNING, public=base64url(raw), kid=_kid(raw))
            yield ForgedCard(f"prime + {more}", jws, "key-not-canonical")


@forges("a key that is none", 24)
def _malformed(bob: Counterpart) -> Iterator[ForgedCard]:
    good = bob.secrets.signing.public.text
    texts = (
        "",
        "A",
        good[:-1],
        good + "A",
        good + "=",
        good[:-1] + "+",
        good[:-1] + "B" if good[-1] != "B" else good[:-1] + "C",
        "é",
        " " + good[1:],
    )
    for text in texts:
        yield ForgedCard(f"signing {text[:8]}", with_key(bob, Use.SIGNING, public=text), "identity-key-malformed")
    for length in (0, 1, 31, 33, 64, 1_216):
        text = base64url(bytes([9]) * length)
        yield ForgedCard(
            f"checkpoint of {length}", with_key(bob, Use.CHECKPOINT, public=text), "identity-key-malformed"
        )
    for length in (0, 32, 1_184, 1_215, 1_217, 2_000):
        text = base64url(bytes([9]) * length)
        yield ForgedCard(f"sealing of {length}", with_key(bob, Use.SEALING, public=text), "identity-key-malformed")
    for raw in (b"\xff" * 1_216, b"\xff" * 1_184 + bytes(32), b"\xf0" * 1_216):
        yield ForgedCard(
            "sealing out of range", with_key(bob, Use.SEALING, public=base64url(raw)), "identity-key-malformed"
        )


@forges("a card signed by another key", 12)
def _signers(bob: Counterpart) -> Iterator[ForgedCard]:
    held = bob.secrets
    card = next_card(bob)
    others = [SigningKey.from_seed(hashlib.sha256(bytes([number])).digest()) for number in range(3)]
    for key in (held.signing, held.checkpoint, secrets().signing, *others):
        yield ForgedCard("under its own name", signed(bob, card, key=key), "envelope-unknown-key")
        head = encode({"alg": "Ed25519", "kid": root_of(bob).kid, "typ": CARD_TYPE, "ver": 1})
        jws = signed_by_hand(head, encode(card.to_json()), key.sign)
        yield ForgedCard("under the root's name", jws, "envelope-signature")


@forges("a card altered after it was signed", 24)
def _altered(bob: Counterpart) -> Iterator[ForgedCard]:
    good = signed(bob, next_card(bob))
    head, _, signature = good.split(b".")
    text = encode(next_card(bob).to_json())
    for old, new in (
        (b'"serial":2', b'"serial":9'),
        (b'"country":"US"', b'"country":"FR"'),
        (b"127.0.0.1:1", b"127.0.0.2:1"),
    ):
        assert old in text
        yield ForgedCard(f"{new!r}", b".".join((head, b64(text.replace(old, new)), signature)), "envelope-signature")
    raw = bob.secrets.root
    assert raw is not None
    for bit in spread(512, 21):
        jws = signed_by_hand(
            encode({"alg": "Ed25519", "kid": raw.kid, "typ": CARD_TYPE, "ver": 1}),
            text,
            turned(raw.sign, bit),
        )
        yield ForgedCard(f"bit {bit}", jws, "envelope-signature")


@forges("a header of a card otherwise", 12)
def _headers(bob: Counterpart) -> Iterator[ForgedCard]:
    right: dict[str, Any] = {"alg": "Ed25519", "kid": root_of(bob).kid, "typ": CARD_TYPE, "ver": 1}
    text = encode(next_card(bob).to_json())
    for change, code in (
        ({"alg": "none"}, "envelope-alg"), ({"alg": "EdDSA"}, "envelope-alg"), ({"alg": "HS256"}, "envelope-alg"),
        ({"typ": "amana-message+json"}, "envelope-typ"),
        ({"typ": "JWT"}, "envelope-typ"), ({"ver": 2}, "protocol-version"), ({"ver": 0}, "protocol-version"),
        ({"crit": []}, "envelope-header"),
        ({"jwk": {}}, "envelope-header"), ({"kid": ""}, "envelope-unknown-key"), ({"kid": "x"},
        "envelope-unknown-key"), ({"ver": "1"}, "envelope-header"),
    ):  # fmt: skip
        yield ForgedCard(f"{change}", signed_by_hand(encode(right | change), text, root_of(bob).sign), code)


@forges("a card that is not canonical", 12)
def _not_canonical_text(bob: Counterpart) -> Iterator[ForgedCard]:
    text = encode(next_card(bob).to_json())
    head = encode({"alg": "Ed25519", "kid": root_of(bob).kid, "typ": CARD_TYPE, "ver": 1})
    for bent, code in (
        (text.replace(b",", b", ", 1), "canonical-not-canonical"), (text + b"\n", "canonical-not-canonical"),
        (b'{"serial":9,' + text[1:], "canonical-duplicate-key"), (text.replace(b'"serial":2', b'"serial":2.0'),
        "canonical-number"),
        (text.replace(b'"serial":2', b'"serial":9007199254740993'), "canonical-number"), (b"\xef\xbb\xbf" + text,
        "canonical-not-json"),
        (text[:-1], "canonical-not-json"), (text.replace(b"Agency", b"\xff"), "canonical-not-text"),
        (text.replace(b"Agency", "e\u0301".encode()), "canonical-not-normal"), (b"[]", "envelope-form"), (b"null",
        "envelope-form"),
        (text.replace(b'"keys":[', b'"keys":[' + b"[" * 40 + b"]" * 40 + b","), "canonical-too-deep"),
    ):  # fmt: skip
        yield ForgedCard(f"{bent[:20]!r}", signed_by_hand(head, bent, root_of(bob).sign), code)


@forges("a serial beyond what is kept", 4)
def _serials(bob: Counterpart) -> Iterator[ForgedCard]:
    head = encode({"alg": "Ed25519", "kid": root_of(bob).kid, "typ": CARD_TYPE, "ver": 1})
    for serial in (1_000_001, 2**31, 2**32, 2**53 - 1):
        text = encode(next_card(bob).to_json()).replace(b'"serial":2', f'"serial":{serial}'.encode())
        yield ForgedCard(f"{serial}", signed_by_hand(head, text, root_of(bob).sign), "form-malformed")


@forges("no card at all", 10)
def _nothing(bob: Counterpart) -> Iterator[ForgedCard]:
    good = signed(bob, next_card(bob)).decode()
    for text in (
        "",
        "x",
        "a.b.c",
        good[:-3],
        good + "x",
        good.replace(".", "", 1),
        good + ".",
        "é" + good,
        good[: len(good) // 2],
    ):
        yield ForgedCard(text[:10], text, "envelope-form")
    yield ForgedCard("66 KB", good + "A" * 66_000, "canonical-too-large")


@forges("a roster rolled back", 12)
def _rolled_back(bob: Counterpart) -> Iterator[ForgedCard]:
    """Bob's card was renewed; an older one, with the key that was stolen, must not come back."""
    card = bob.secrets.card
    for serial in (1, 2, 3, 4, 5):
        old = next_card(bob, serial=serial, agency="Agency of old")
        yield ForgedCard(f"serial {serial}", signed(bob, old), "identity-not-successor")
    for days in (1, 30, 400):
        old = next_card(bob, serial=9, issued=card.issued - timedelta(days=days))
        yield ForgedCard(f"issued {days} days before", signed(bob, old), "identity-not-successor")
    for urls in (
        ("https://evil.example",),
        ("https://127.0.0.1:2",),
        ("https://127.0.0.1:1", "https://evil.example"),
        ("https://a.example",),
    ):
        yield ForgedCard(
            f"the same serial with {urls}", signed(bob, next_card(bob, serial=5, urls=urls)), "identity-not-successor"
        )


@forges("another node under a partner's name", 6)
def _other_roots(bob: Counterpart) -> Iterator[ForgedCard]:
    for number in range(6):
        made = new_identity(bob.node, "Agency of washington", "US", ("https://127.0.0.1:1",), timezone.now())
        assert made.root is not None
        card = replace(made.card, serial=number + 1)
        yield ForgedCard(f"serial {number + 1}", sign(card.to_json(), made.root, CARD_TYPE), "partner-other-root")


@forges("our own card, or our own name", 4)
def _own(bob: Counterpart) -> Iterator[ForgedCard]:
    yield ForgedCard("our card", secrets().card_jws, "partner-own-card")
    for _ in range(3):
        made = new_identity("rabat", "Agency of Rabat", "MA", ("https://127.0.0.1:1",), timezone.now())
        yield ForgedCard("our name", made.card_jws, "partner-own-card")


@forges("a fingerprint that does not fit", 12)
def _fingerprints(bob: Counterpart) -> Iterator[ForgedCard]:
    made = new_identity("newcomer", "Agency", "FR", ("https://127.0.0.1:1",), timezone.now())
    right, others = fingerprint(made.card.root), (fingerprint(bob.secrets.card.root), fingerprint(secrets().card.root))
    bent = [right[:place] + ("A" if right[place] != "A" else "B") + right[place + 1 :] for place in (0, 8, 20, 38)]
    for text in ("", " ", "0", right[:-1], right + "A", right[5:], *others, *bent):
        yield ForgedCard(text, made.card_jws, "partner-fingerprint", text)


@forges("a node's name out of form", 16)
def _names(bob: Counterpart) -> Iterator[ForgedCard]:
    for name in (
        "", "a", "ab", "RABAT", "Washington", "wash ington", "washington ", "-washington", "washington-",
        "w\u0430shington", "wash_ington", "../keys",
        "x" * 40, "washington\n", "washington.us", "wäshington",
    ):  # fmt: skip
        code = "identity-tls-ca" if name == "x" * 40 else "identity-name"
        yield ForgedCard(f"“{name}”", signed(bob, next_card(bob, node=name)), code)


@forges("a country or an agency out of form", 16)
def _agencies(bob: Counterpart) -> Iterator[ForgedCard]:
    for country in ("", "U", "us", "Us", "U1", "УС", "  ", "U "):
        yield ForgedCard(f"country “{country}”", signed(bob, next_card(bob, country=country)), "identity-country")
    for agency in ("", " ", "a\u202eb", "a\u200bb", "a\nb", "a\u2028b", "\ufeffa", "a\u0007b"):
        yield ForgedCard(f"agency {agency!r}", signed(bob, next_card(bob, agency=agency)), "identity-agency")


@forges("keys out of order", 14)
def _keys(bob: Counterpart) -> Iterator[ForgedCard]:
    signing, sealing, checkpoint = bob.secrets.card.keys
    stranger = SigningKey.from_seed(hashlib.sha256(b"another").digest()).public
    lists: list[tuple[CardKey, ...]] = [
        (),
        (signing,),
        (signing, sealing),
        (sealing, checkpoint),
        (signing, checkpoint),
    ]
    lists += [(signing, signing, sealing, checkpoint), (signing, sealing, sealing, checkpoint)]
    lists += [
        (replace(one, kid=""), *rest) for one, *rest in ((signing, sealing, checkpoint), (sealing, signing, checkpoint))
    ]
    lists += [
        (replace(signing, kid=stranger.kid), sealing, checkpoint),
        (signing, replace(sealing, kid=signing.kid), checkpoint),
    ]
    lists += [(signing, sealing, replace(checkpoint, public=signing.public, kid=signing.kid))]
    root = root_of(bob).public
    lists += [(replace(signing, public=root.text, kid=root.kid), sealing, checkpoint)]
    lists += [(signing, sealing, replace(checkpoint, public=root.text, kid=root.kid))]
    for number, keys in enumerate(lists):
        yield ForgedCard(f"list {number}", signed(bob, next_card(bob, keys=keys)), "identity-keys")


@forges("a key's time out of order", 12)
def _windows(bob: Counterpart) -> Iterator[ForgedCard]:
    now = cut(timezone.now())
    for use in Use:
        for seconds in (0, 1, 86_400):
            times = {"not_before": now, "not_after": now - timedelta(seconds=seconds)}
            yield ForgedCard(f"{use} ends {seconds} s before", with_key(bob, use, **times), "identity-key-window")
    for days in (91, 365, 3_653):
        times = {"not_before": now, "not_after": now + timedelta(days=days)}
        yield ForgedCard(f"signs for {days} days", with_key(bob, Use.SIGNING, **times), "identity-key-window")


@forges("an authority of somebody else", 12)
def _authorities(bob: Counterpart) -> Iterator[ForgedCard]:
    leaf = x509.load_pem_x509_certificate(bob.secrets.tls_cert).public_bytes(Encoding.DER)
    other = new_identity("paris", "Agency of Paris", "FR", ("https://127.0.0.1:1",), timezone.now()).card.tls_ca
    good = bob.secrets.card.tls_ca
    texts = (
        "",
        "x",
        "é",
        "AAAA",
        good[:-8],
        good[8:],
        good + "AAAA",
        secrets().card.tls_ca,
        other,
        b64encode(leaf).decode(),
    )
    bent = good[:400] + ("A" if good[400] != "A" else "B") + good[401:]
    for text in (*texts, bent, good.replace("+", "-").replace("/", "_") + "="):
        yield ForgedCard(text[:10], signed(bob, next_card(bob, tls_ca=text)), "identity-tls-ca")


@forges("an address that is none", 22)
def _addresses(bob: Counterpart) -> Iterator[ForgedCard]:
    for url in (
        "", "http://a.example", "ftp://a.example", "javascript:alert(1)", "file:///etc/passwd", "https://",
        "https://:8443", "//a.example", "a.example",
        "https://a:b@a.example", "https://a@a.example", "https://a.example/?q=1", "https://a.example/#x",
        "https://a.example:0", "https://a.example:99999",
        "https://a b.example", "https://a.example\\@evil.example", "https://\u0430.example", "https://a.example\n",
        "https://[::1", "h" * 301,
    ):  # fmt: skip
        yield ForgedCard(f"“{url[:30]}”", signed(bob, next_card(bob, urls=(url,))), "identity-url")
    yield ForgedCard("none", signed(bob, next_card(bob, urls=())), "identity-url")


@forges("a card out of form", 37)
def _forms(bob: Counterpart) -> Iterator[ForgedCard]:
    good = next_card(bob).to_json()
    root = root_of(bob)
    bent: list[dict[str, Any]] = [{name: good[name] for name in good if name != gone} for gone in good]
    bent += [
        good | {"more": 1},
        good | {"serial": 0},
        good | {"serial": -1},
        good | {"serial": "2"},
        good | {"serial": True},
    ]
    bent += [good | {name: None} for name in good] + [
        good | {"keys": {}},
        good | {"urls": "x"},
        good | {"urls": ["https://a.example"] * 9},
    ]
    key: dict[str, Any] = next_card(bob).keys[0].to_json()
    bent += [good | {"keys": [{name: key[name] for name in key if name != gone}]} for gone in key]
    bent += [good | {"keys": [key | {"use": "all"}]}, good | {"agency": "a\x00b"}, good | {"node": "a\x00b"}]
    bent += [good | {"keys": [key | {"more": 1}]}, good | {"urls": ["https://a.example\x00"]}]
    for number, form in enumerate(bent):
        yield ForgedCard(f"form {number}", sign(form, root, CARD_TYPE), "form-malformed")
