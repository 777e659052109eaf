"""Forged headers and signatures: another algorithm, another key; the points of small order."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import combinations

from django.utils import timezone

from amana.exchange.canonical import encode
from amana.exchange.card import CARD_TYPE, Use
from amana.exchange.envelope import Outer, sign
from amana.exchange.identity import new_identity
from amana.exchange.keys import SigningKey, base64url
from amana.exchange.message import MESSAGE_TYPE
from amana.records.models import Partner
from amana.services.keys import secrets
from tests.faults.forging import Forged, Forger, Form, always, b64, forges, signed_by_hand
from tests.vectors.make import SMALL_ORDER

L = 2**252 + 27742317777372353535851937790883648493
POINTS = [bytes.fromhex(one) for one in SMALL_ORDER]


@forges("another algorithm", 24)
def _algorithms(bob: Forger) -> Iterator[Forged]:
    for name in (
        "none", "None", "NONE", "", "EdDSA", "Ed448", "ED25519", "ed25519", "Ed25519 ", "Ed25519ph", "HS256", "HS384",
        "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "ES512", "ES256K", "A128KW", "dir", "RSA-OAEP",
        "ML-DSA-65",
    ):  # fmt: skip
        form = bob.small()
        jws = bob.jws(encode(form), header=encode(bob.header(alg=name)))
        yield Forged(name or "empty", bob.sealed(jws, bob.outer(form)), "envelope-alg")


@forges("a public key used as a secret", 6)
def _confused(bob: Forger) -> Iterator[Forged]:
    public = bob.bob.secrets.signing.public
    for name, hash_name in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
        for secret in (public.raw, public.text.encode()):
            form = bob.small()
            jws = signed_by_hand(encode(bob.header(alg=name)), encode(form), partial(_mac, secret, hash_name))
            code = "envelope-alg" if len(jws.split(b".")[2]) == 86 else "envelope-form"
            yield Forged(f"{name} with {len(secret)} bytes", bob.sealed(jws, bob.outer(form)), code)


def _mac(secret: bytes, name: str, data: bytes) -> bytes:
    return hmac.new(secret, data, name).digest()


@forges("a header with more in it", 24)
def _more(bob: Forger) -> Iterator[Forged]:
    key = {"crv": "Ed25519", "kty": "OKP", "x": bob.bob.secrets.signing.public.text}
    for name, value in (
        ("crit", ["ver"]), ("crit", []), ("crit", ["b64"]), ("b64", False), ("b64", True), ("jwk", key), ("jku", "https://washington.example/keys"),
        ("x5u", "https://washington.example/cert"), ("x5c", ["MIIB"]), ("x5t", "AAAA"), ("x5t#S256", "AAAA"), ("cty",
        "JWT"), ("zip", "DEF"),
        ("url", "https://rabat.example"), ("nonce", "1"), ("iat", 1), ("exp", 1), ("iss", "washington"), ("aud",
        "rabat"), ("enc", "A256GCM"),
        ("epk", key), ("p2c", 1), ("Alg", "none"), ("", ""),
    ):  # fmt: skip
        form = bob.small()
        jws = bob.jws(encode(form), header=encode(bob.header() | {name: value}))
        yield Forged(f"{name} {value}", bob.sealed(jws, bob.outer(form)), "envelope-header")


@forges("a header with less in it", 15)
def _less(bob: Forger) -> Iterator[Forged]:
    full = bob.header()
    for gone in (names for count in (1, 2, 3, 4) for names in combinations(sorted(full), count)):
        form = bob.small()
        jws = bob.jws(encode(form), header=encode({name: full[name] for name in full if name not in gone}))
        yield Forged(f"without {' '.join(gone)}", bob.sealed(jws, bob.outer(form)), "envelope-header")


@forges("a header member twice", 16)
def _twice(bob: Forger) -> Iterator[Forged]:
    full = encode(bob.header())
    lax = {"alg": b'"none"', "kid": b'"' + secrets().signing.kid.encode() + b'"', "typ": b'"JWT"', "ver": b"2"}
    for name, value in lax.items():
        again = encode(bob.header()[name])
        for what, head in (
            ("laxer before", b'{"%s":%s,' % (name.encode(), value) + full[1:]),
            ("laxer after", full[:-1] + b',"%s":%s}' % (name.encode(), value)),
            ("the same before", b'{"%s":%s,' % (name.encode(), again) + full[1:]),
            ("escaped", b'{"\\u%04x%s":%s,' % (ord(name[0]), name[1:].encode(), value) + full[1:]),
        ):
            form = bob.small()
            yield Forged(
                f"{name} {what}", bob.sealed(bob.jws(encode(form), header=head), bob.outer(form)), "envelope-header"
            )


@forges("a header written otherwise", 16)
def _written(bob: Forger) -> Iterator[Forged]:
    full = encode(bob.header())
    kid = bob.header()["kid"]
    for what, head in (
        ("blanks", full.replace(b",", b", ")),
        ("a line break", full + b"\n"),
        ("another order", encode({"ver": 1})[:-1] + b"," + full[1:].replace(b',"ver":1', b"")),
        ("a mark before", b"\xef\xbb\xbf" + full),
        ("a list", b"[]"),
        ("null", b"null"),
        ("nothing", b""),
        ("no JSON", b"alg=Ed25519"),
        ("a version as text", full.replace(b'"ver":1', b'"ver":"1"')),
        ("a version as truth", full.replace(b'"ver":1', b'"ver":true')),
        ("a version as fraction", full.replace(b'"ver":1', b'"ver":1.0')),
        ("an algorithm as list", full.replace(b'"Ed25519"', b'["Ed25519"]')),
        ("a key's name as number", full.replace(b'"' + kid.encode() + b'"', b"1")),
        ("a key's name as null", full.replace(b'"' + kid.encode() + b'"', b"null")),
        ("a type as object", full.replace(b'"amana-message+json"', b'{"":""}')),
        ("an escape", full.replace(b'"Ed25519"', b'"Ed2551\\u0039"')),
    ):
        form = bob.small()
        yield Forged(what, bob.sealed(bob.jws(encode(form), header=head), bob.outer(form)), "envelope-header")


@forges("a signed text of another type", 14)
def _types(bob: Forger) -> Iterator[Forged]:
    for typ in (
        "", "JWT", "JOSE", "amana-card+json", "amana-receipt+json", "amana-terms+json", "amana-message",
        "amana-message+JSON",
        "application/amana-message+json", "Amana-message+json", "amana-message+json ", "amana-message+json;v=1",
        "at+jwt", "amana-consent+json",
    ):  # fmt: skip
        form = bob.small()
        jws = bob.jws(encode(form), header=encode(bob.header(typ=typ)))
        yield Forged(typ or "empty", bob.sealed(jws, bob.outer(form)), "envelope-typ")


@forges("a header of another version", 8)
def _versions(bob: Forger) -> Iterator[Forged]:
    for ver in (0, 2, 3, 10, 255, 65_536, 2**31, 2**53 - 1):
        form = bob.small()
        jws = bob.jws(encode(form), header=encode(bob.header(ver=ver)))
        yield Forged(str(ver), bob.sealed(jws, bob.outer(form)), "protocol-version")


@forges("a key that is not Bob's to sign with", 20)
def _unknown_kids(bob: Forger) -> Iterator[Forged]:
    held, ours, charlie = bob.bob.secrets, secrets(), bob.charlie.secrets
    assert held.root is not None
    stranger = SigningKey.from_seed(hashlib.sha256(b"stranger").digest())
    for what, kid, key in (
        ("a stranger's", stranger.kid, stranger),
        ("Charlie's", charlie.signing.kid, charlie.signing),
        ("Bob's root", held.root.kid, held.root),
        ("Bob's checkpoint key", held.checkpoint.kid, held.checkpoint),
        ("Bob's sealing key", held.sealing.kid, held.signing),
        ("our own signing key", ours.signing.kid, held.signing),
        ("our sealing key", ours.sealing.kid, held.signing),
        ("Charlie's key by Bob", charlie.signing.kid, held.signing),
        ("none", "", held.signing),
        ("a path", "../../keys/signing.pem", held.signing),
        ("a path to nothing", "/dev/null", held.signing),
        ("a query", "' OR 1=1 --", held.signing),
        ("an address", "https://washington.example/key", held.signing),
        ("a name in capitals", held.signing.kid.swapcase(), held.signing),
        ("a name cut off", held.signing.kid[:-1], held.signing),
        ("a name with more", held.signing.kid + "A", held.signing),
        ("a name with a blank", held.signing.kid + " ", held.signing),
        ("a name padded", held.signing.kid + "=", held.signing),
        ("the key itself", held.signing.public.text, held.signing),
        ("Bob's name", "washington", held.signing),
    ):
        form = bob.small()
        jws = bob.jws(encode(form), header=encode(bob.header(kid=kid)), key=key)
        yield Forged(what, bob.sealed(jws, bob.outer(form)), "envelope-unknown-key")


@forges("another key under Bob's name", 12)
def _other_signers(bob: Forger) -> Iterator[Forged]:
    held = bob.bob.secrets
    assert held.root is not None
    strangers = [SigningKey.from_seed(hashlib.sha256(bytes([number])).digest()) for number in range(9)]
    for number, key in enumerate([bob.charlie.secrets.signing, held.root, held.checkpoint, *strangers]):
        form = bob.small()
        yield Forged(f"signer {number}", bob.sealed(bob.jws(encode(form), key=key), bob.outer(form)), _SIGNATURE)


_SIGNATURE = "envelope-signature"


@forges("a signature made up", 20)
def _made_up(bob: Forger) -> Iterator[Forged]:
    signing = bob.bob.secrets.signing
    other = signing.sign(b"another text")

    def with_greater_s(data: bytes) -> bytes:
        good = signing.sign(data)
        return good[:32] + (int.from_bytes(good[32:], "little") + L).to_bytes(32, "little")

    makers = [with_greater_s, always(other), lambda data: signing.sign(data)[::-1], always(bytes(64))]
    makers += [lambda data: hashlib.sha512(data).digest(), lambda data: signing.sign(data + b"\n")]
    makers += [lambda data: signing.sign(hashlib.sha512(data).digest()), always(b"\xff" * 64)]
    makers += [lambda data: signing.sign(data)[32:] + signing.sign(data)[:32], always(signing.public.raw * 2)]
    for point in POINTS:
        makers.append(always(point + bytes(32)))
    makers += [lambda data: signing.sign(data.split(b".")[1]), lambda data: signing.sign(data.split(b".")[0])]
    for number, maker in enumerate(makers):
        form = bob.small()
        jws = signed_by_hand(encode(bob.header()), encode(form), maker)
        yield Forged(f"maker {number}", bob.sealed(jws, bob.outer(form)), _SIGNATURE)


@forges("a signature under a key of small order that nobody enrolled", 32)
def _small_order_strangers(bob: Forger) -> Iterator[Forged]:
    for point in POINTS:
        kid = base64url(hashlib.sha256(encode({"crv": "Ed25519", "kty": "OKP", "x": base64url(point)})).digest())
        for first in (POINTS[2], point, POINTS[0], POINTS[3]):
            form = bob.small()
            jws = signed_by_hand(encode(bob.header(kid=kid)), encode(form), always(first + bytes(32)))
            yield Forged(point.hex()[:8], bob.sealed(jws, bob.outer(form)), "envelope-unknown-key")


@forges("a key of small order that somebody wrote into the roster", 24)
def _small_order_enrolled(bob: Forger) -> Iterator[Forged]:
    """Whoever can write our database replaces a key of Bob's: the card is refused at every load, not only once."""
    held = bob.bob.secrets
    assert held.root is not None
    good = Partner.objects.get(pk="washington").card
    for use in Use.SIGNING, Use.CHECKPOINT, None:
        for point in POINTS:
            text = base64url(point)
            kid = base64url(hashlib.sha256(encode({"crv": "Ed25519", "kty": "OKP", "x": text})).digest())
            keys = tuple(replace(key, public=text, kid=kid) if key.use is use else key for key in held.card.keys)
            card = replace(held.card, keys=keys, root=held.card.root if use else text)
            Partner.objects.filter(pk="washington").update(card=sign(card.to_json(), held.root, CARD_TYPE).decode())
            form = bob.small()
            header = encode(bob.header(kid=kid)) if use is Use.SIGNING else None
            forged = signed_by_hand(header or encode(bob.header()), encode(form), always(POINTS[2] + bytes(32)))
            data = bob.sealed(forged, bob.outer(form))
            yield Forged(f"{use or 'root'} {point.hex()[:8]}", data, "key-small-order")
    Partner.objects.filter(pk="washington").update(card=good)


@forges("an origin swapped", 12)
def _swapped(bob: Forger) -> Iterator[Forged]:
    """Bob's text under Charlie's name and over Charlie's line, and the other way round."""
    for number in range(6):
        form = bob.form(origin="third") if number % 2 else bob.small(origin="third")
        outer = Outer(1, form["id"], "third", "rabat", bob.outer(form).key)
        yield Forged("Bob as Charlie", bob.sealed(bob.jws(encode(form)), outer), "envelope-unknown-key", "third")
    for number in range(6):
        form = bob.form() if number % 2 else bob.small()
        key = bob.charlie.secrets.signing
        jws = bob.jws(encode(form), header=encode(bob.header(kid=key.kid)), key=key)
        yield Forged("Charlie as Bob", bob.sealed(jws, bob.outer(form)), "envelope-unknown-key")


@forges("a marking downgraded and signed by somebody else", 16)
def _downgraded(bob: Forger) -> Iterator[Forged]:
    """Charlie takes Bob's report, makes its marking laxer and passes it on as Bob's or signs it himself."""
    key = bob.charlie.secrets.signing
    changes: tuple[Form, ...] = (
        {"tlp": "TLP:GREEN"}, {"tlp": "TLP:CLEAR"}, {"codes": []}, {"codes": ["H0"]}, {"purposes": ["detection",
        "investigation"]},
        {"erase_by": "2029-01-01"}, {"releasable_to": ["rabat", "third"]}, {"caveats": ["free to use"]},
    )  # fmt: skip
    for change in changes:
        form = bob.handling(**change)
        jws = bob.jws(encode(form), header=encode(bob.header(kid=key.kid)), key=key)
        yield Forged(f"{change} by Charlie's key", bob.sealed(jws, bob.outer(form)), "envelope-unknown-key")
        yield Forged(
            f"{change} by Charlie as Bob", bob.sealed(bob.jws(encode(form), key=key), bob.outer(form)), _SIGNATURE
        )


@forges("a line that is another partner's", 12)
def _tls(bob: Forger) -> Iterator[Forged]:
    for line in ("third", "rabat", "paris", "", "Washington", "washington ", "washington.example", "washingto"):
        yield Forged(f"over “{line}”", bob.wrapped(bob.small()), "receive-tls-disagrees", line)
    for origin in ("third", "rabat", "paris", "nobody"):
        form = bob.small(origin=origin)
        yield Forged(f"as “{origin}”", bob.wrapped(form), "receive-tls-disagrees")


@forges("a node that nobody knows", 12)
def _unknown(bob: Forger) -> Iterator[Forged]:
    stranger = new_identity("stranger", "X", "XX", ("https://127.0.0.1:1",), timezone.now())
    for name in (
        "stranger",
        "rabat",
        "WASHINGTON",
        "washington2",
        "",
        "%",
        "_",
        "wash*",
        "' OR 1=1 --",
        "\x00",
        "a\x00b",
        "é",
    ):
        form = bob.small(origin=name)
        header = encode({"alg": "Ed25519", "kid": stranger.signing.kid, "typ": MESSAGE_TYPE, "ver": 1})
        jws = bob.jws(encode(form), header=header, key=stranger.signing)
        code = "envelope-sealed-form" if "\x00" in name else "partner-unknown"
        yield Forged(f"{name!r}", bob.sealed(jws, bob.outer(form)), code, None)


@forges("a partner who is not to be heard", 8)
def _unheard(bob: Forger) -> Iterator[Forged]:
    for state in ("suspended", "introduced"):
        Partner.objects.filter(pk="washington").update(state=state)
        for number in range(4):
            yield Forged(state, bob.wrapped(bob.form() if number % 2 else bob.small()), "partner-not-confirmed")
    Partner.objects.filter(pk="washington").update(state="confirmed")


@forges("a key that ended or was stolen", 12)
def _ended(bob: Forger) -> Iterator[Forged]:
    """The roster says until when a key counts, whatever time a message claims for itself."""
    held = bob.bob.secrets
    assert held.root is not None
    good, now = Partner.objects.get(pk="washington").card, timezone.now()
    now = now.replace(microsecond=0)
    for what, change, code in (
        (
            "ended",
            {"not_before": now - timedelta(days=90), "not_after": now - timedelta(days=1)},
            "envelope-unknown-key",
        ),
        (
            "not yet",
            {"not_before": now + timedelta(days=1), "not_after": now + timedelta(days=80)},
            "envelope-unknown-key",
        ),
        ("stolen", {"compromised_since": now - timedelta(days=1)}, "identity-key-compromised"),
    ):
        keys = tuple(replace(key, **change) if key.use is Use.SIGNING else key for key in held.card.keys)  # type: ignore[arg-type]
        card = replace(held.card, keys=keys)
        Partner.objects.filter(pk="washington").update(card=sign(card.to_json(), held.root, CARD_TYPE).decode())
        for number in range(4):
            form = bob.form() if number % 2 else bob.small()
            form["created"] = "2026-01-01T00:00:00.000Z" if number > 1 else form["created"]
            yield Forged(what, bob.wrapped(form), code)
    Partner.objects.filter(pk="washington").update(card=good)


@forges("a signed text inside another", 4)
def _nested(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    jws = bob.jws(encode(form))
    yield Forged("signed twice", bob.sealed(bob.jws(jws), bob.outer(form)), "canonical-not-json")
    yield Forged("a string of it", bob.sealed(bob.jws(encode(jws.decode())), bob.outer(form)), "envelope-form")
    yield Forged("sealed twice", bob.sealed(bob.wrapped(form), bob.outer(form)), "envelope-form")
    yield Forged("base64 of it", bob.sealed(b64(jws), bob.outer(form)), "envelope-form")
