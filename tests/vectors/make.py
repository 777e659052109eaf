"""Vectors that every reader of the exchange protocol must refuse (or accept), written as JSON beside this file.

`python tests/vectors/make.py` writes them anew; the same seeds give the same bytes. When version 1 of the protocol is
released, `python tests/vectors/make.py freeze 1` keeps them in `v1/`, and every later node must judge them alike. Each
case has a name, the bytes in base64, and the code of the refusal, null where a reader must accept. Keys and public
parts stand in `keys.json`.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from amana.domain.form import Json
from amana.exchange.canonical import encode
from amana.exchange.card import CARD_TYPE, Card, CardKey, Use
from amana.exchange.envelope import Outer, sign
from amana.exchange.keys import SealingKey, SigningKey, base64url
from amana.exchange.message import MESSAGE_TYPE
from amana.exchange.protocol import ZEROS, Message, RecallBody, Type

FOLDER = Path(__file__).parent
NOW = datetime(2026, 9, 24, 14, 2, tzinfo=UTC)
TYP = "amana-test+json"
ROOT, SIGNING, CHECKPOINT, OTHER = (
    SigningKey.from_seed(f"amana exercise ATLAS, vector {name}".encode().ljust(32)[:32])
    for name in ("1", "2", "3", "4")
)
SEALING = SealingKey.from_bytes(bytes(range(96)))
SMALL_ORDER = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
)

Case = dict[str, str | None]


def case(name: str, code: str | None, data: bytes) -> Case:
    """One vector."""
    return {"name": name, "code": code, "data": b64encode(data).decode()}


def raw_jws(header: bytes, payload: bytes = b"{}", key: SigningKey = SIGNING) -> bytes:
    """A signed text with any header and payload."""
    text = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return text + b"." + urlsafe_b64encode(key.sign(text)).rstrip(b"=")


def header(**fields: Json) -> bytes:
    """The right header, with some members otherwise."""
    return encode({"alg": "Ed25519", "kid": SIGNING.kid, "typ": TYP, "ver": 1} | fields)


def canonical() -> Iterable[Case]:
    """What is and what is not canonical JSON."""
    yield case("an object", None, '{"a":[1,null,true,"أمانة"],"b":{}}'.encode())
    yield case("the greatest number", None, b"9007199254740991")
    yield case("32 levels", None, b"[" * 32 + b"]" * 32)
    yield case("33 levels", "canonical-too-deep", b"[" * 33 + b"]" * 33)
    yield case("a marking given twice", "canonical-duplicate-key", b'{"tlp":"TLP:RED","tlp":"TLP:CLEAR"}')
    yield case("a name given twice, once escaped", "canonical-duplicate-key", b'{"a":1,"\\u0061":2}')
    yield case("a fraction", "canonical-number", b"0.1")
    yield case("a whole number as a fraction", "canonical-number", b"1.0")
    yield case("an exponent", "canonical-number", b"1E3")
    yield case("a number too great", "canonical-number", b"9007199254740992")
    yield case("not a number", "canonical-number", b"NaN")
    yield case("a minus zero", "canonical-not-canonical", b"-0")
    yield case("a blank", "canonical-not-canonical", b'{"a": 1}')
    yield case("names out of order", "canonical-not-canonical", b'{"b":1,"a":1}')
    yield case("an escape without need", "canonical-not-canonical", b'"\\u0061"')
    yield case("names in the order of code points", "canonical-not-canonical", '{"\uffff":1,"\U0001f600":1}'.encode())
    yield case("a letter and its accent apart", "canonical-not-normal", '"e\u0301"'.encode())
    yield case("half a surrogate pair", "canonical-not-text", b'"\\ud800"')
    yield case("bytes that are no text", "canonical-not-text", b'"\xff"')
    yield case("a byte order mark", "canonical-not-json", b"\xef\xbb\xbf{}")
    yield case("two values", "canonical-not-json", b"{}{}")
    yield case("nothing", "canonical-not-json", b"")


def signed() -> Iterable[Case]:
    """Signed texts of the type in `keys.json`, by its signing key."""
    good = raw_jws(header(), b'{"tlp":"TLP:RED"}')
    four = header()
    yield case("a signed text", None, good)
    yield case("an algorithm given twice", "envelope-header", raw_jws(b'{"alg":"none",' + four[1:]))
    yield case("a member too many", "envelope-header", raw_jws(header(crit=["ver"])))
    yield case("a member too few", "envelope-header", raw_jws(four.replace(b',"ver":1', b"")))
    yield case("a key carried along", "envelope-header", raw_jws(header(jwk={"kty": "OKP"})))
    yield case("a header with blanks", "envelope-header", raw_jws(four.replace(b",", b", ")))
    yield case("no algorithm", "envelope-alg", raw_jws(header(alg="none")))
    yield case("the algorithm's older name", "envelope-alg", raw_jws(header(alg="EdDSA")))
    yield case("a message authentication code", "envelope-alg", raw_jws(header(alg="HS256")))
    yield case("another version", "protocol-version", raw_jws(header(ver=2)))
    yield case("another type", "envelope-typ", raw_jws(header(typ=CARD_TYPE)))
    yield case("a key that is not enrolled", "envelope-unknown-key", raw_jws(header(kid=OTHER.kid), key=OTHER))
    yield case("another key under this name", "envelope-signature", raw_jws(header(), key=OTHER))
    yield case("an altered text", "envelope-signature", good.replace(b".eyJ0bHAi", b".eyJ0bHBi"))
    last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = last[last.index(good[-1:]) ^ 1 : (last.index(good[-1:]) ^ 1) + 1]
    yield case("a stray bit after the signature", "envelope-form", good[:-1] + other)
    yield case("a line break at the end", "envelope-form", good + b"\n")
    yield case("padding", "envelope-form", good + b"==")
    yield case("a marking given twice", "canonical-duplicate-key", raw_jws(header(), b'{"tlp":1,"tlp":2}'))
    yield case("a payload that is no object", "envelope-form", raw_jws(header(), b"[]"))


def sealed() -> Iterable[Case]:
    """Sealed messages; what opens is not among them, because sealing takes fresh randomness."""
    outer = Outer(1, str(UUID(int=7)), "rabat", "washington", SEALING.kid)
    ciphertext = bytes(1_500)
    form = encode(outer.to_json())
    yield case("a seal of zeros", "envelope-seal", b"amana/1\n" + form + b"\n" + ciphertext)
    yield case("a seal of nothing", "envelope-seal", b"amana/1\n" + form + b"\n")
    other = encode(replace(outer, key=SIGNING.kid).to_json())
    yield case("a key that is not ours", "envelope-sealing-key", b"amana/1\n" + other + b"\n" + ciphertext)
    yield case("the next version", "protocol-version", b"amana/2\n" + form + b"\n" + ciphertext)
    later = encode(replace(outer, ver=2).to_json())
    yield case("the next version inside", "protocol-version", b"amana/1\n" + later + b"\n" + ciphertext)
    yield case("no outside", "envelope-sealed-form", b"amana/1\n" + ciphertext)
    yield case("an outside with blanks", "envelope-sealed-form", b"amana/1\n " + form + b"\n" + ciphertext)
    more = encode({**outer.to_json(), "more": 1})
    yield case("an outside with more", "envelope-sealed-form", b"amana/1\n" + more + b"\n" + ciphertext)
    yield case("something else", "envelope-sealed-form", b"%PDF-1.7\n")


def authority() -> str:
    """A certificate authority of the node, signed by Ed25519 so that its bytes are always the same."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rabat authority")])
    uri = x509.UniformResourceIdentifier("amana:node:rabat")
    certificate = (
        x509.CertificateBuilder(name, name, ROOT.private.public_key(), 1, NOW, NOW + timedelta(days=3_653))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([uri]), critical=False)
        .sign(ROOT.private, None)
    )
    return b64encode(certificate.public_bytes(Encoding.DER)).decode()


def card() -> Card:
    """A card that is in order."""
    until = NOW + timedelta(days=90)
    return Card(
        node="rabat",
        agency="Exercise service Rabat",
        country="MA",
        serial=1,
        issued=NOW,
        root=ROOT.public.text,
        keys=(
            CardKey(Use.SIGNING, SIGNING.kid, SIGNING.public.text, NOW, until),
            CardKey(Use.SEALING, SEALING.kid, SEALING.public.text, NOW, until),
            CardKey(Use.CHECKPOINT, CHECKPOINT.kid, CHECKPOINT.public.text, NOW, until),
        ),
        tls_ca=authority(),
        urls=("https://rabat.example:8443",),
    )


def signed_card(made: Card, key: SigningKey = ROOT) -> bytes:
    """A card, signed without a look at it."""
    return sign(made.to_json(), key, CARD_TYPE)


def cards() -> Iterable[Case]:
    """Cards; a reader needs no key to judge them."""
    good = card()
    signing, sealing, checkpoint = good.keys
    yield case("a card", None, signed_card(good))
    for raw in SMALL_ORDER:
        root = replace(good, root=base64url(bytes.fromhex(raw)))
        yield case(f"a root of small order, {raw[:8]}…{raw[-2:]}", "key-small-order", signed_card(root))
        small = replace(signing, public=base64url(bytes.fromhex(raw)))
        yield case(
            f"a signing key of small order, {raw[:8]}…{raw[-2:]}",
            "key-small-order",
            signed_card(replace(good, keys=(small, sealing, checkpoint))),
        )
    yield case("a card signed by its signing key", "envelope-unknown-key", signed_card(good, SIGNING))
    yield case("a node in capitals", "identity-name", signed_card(replace(good, node="RABAT")))
    yield case("a node with a foreign letter", "identity-name", signed_card(replace(good, node="r\u0430bat")))
    yield case("a country in words", "identity-country", signed_card(replace(good, country="Ma")))
    yield case("an agency turned round", "identity-agency", signed_card(replace(good, agency="a\u202eb")))
    empty = replace(signing, kid="")
    yield case("a key without a name", "identity-keys", signed_card(replace(good, keys=(empty, sealing, checkpoint))))
    yield case("a key twice", "identity-keys", signed_card(replace(good, keys=(signing, *good.keys))))
    yield case("no sealing key", "identity-keys", signed_card(replace(good, keys=(signing, checkpoint))))
    misnamed = replace(signing, kid=OTHER.kid)
    yield case("a misnamed key", "identity-keys", signed_card(replace(good, keys=(misnamed, sealing, checkpoint))))
    long = replace(signing, not_after=NOW + timedelta(days=91))
    yield case("91 days", "identity-key-window", signed_card(replace(good, keys=(long, sealing, checkpoint))))
    yield case("no authority", "identity-tls-ca", signed_card(replace(good, tls_ca="")))
    yield case("no https", "identity-url", signed_card(replace(good, urls=("http://rabat.example",))))
    secret = ("https://a:b@rabat.example",)
    yield case("an address with a password", "identity-url", signed_card(replace(good, urls=secret)))


def message() -> Message:
    """A recall that is in order."""
    return Message(
        ver=1,
        type=Type.RECALL,
        id=str(UUID(int=7)),
        origin="rabat",
        recipients=("washington",),
        seq=1,
        prev=ZEROS,
        created=NOW,
        expires=NOW + timedelta(days=30),
        agreement="",
        body=RecallBody(str(UUID(int=1)), (1, 2), "Exercise: the source withdrew it."),
    )


def messages() -> Iterable[Case]:
    """Messages as `keys.json` says: from rabat, read at washington at that time."""
    form = message().to_json()

    def made(**fields: Json) -> bytes:
        return sign(form | fields, SIGNING, MESSAGE_TYPE)

    yield case("a recall", None, made())
    yield case("the next version", "protocol-version", made(ver=2))
    yield case("an unknown type", "protocol-type", made(type="telegram"))
    yield case("a report without an agreement", "protocol-agreement-missing", made(type="report"))
    yield case("a member too many", "form-malformed", made(more=1))
    yield case("number zero", "form-malformed", made(seq=0))
    yield case("a number as text", "form-malformed", made(seq="1"))
    yield case("a hash in capitals", "form-malformed", made(prev="A" * 64))
    yield case("nobody to go to", "form-malformed", made(recipients=[]))
    yield case("a recall of nothing", "form-malformed", made(body={**message().body.to_json(), "versions": []}))
    yield case("another id than outside", "protocol-outer-differs", made(id=str(UUID(int=8))))
    yield case("another origin than outside", "protocol-outer-differs", made(origin="thirdnode"))
    yield case("for somebody else", "protocol-not-recipient", made(recipients=["thirdnode"]))
    past = {"created": "2026-01-01T00:00:00.000Z", "expires": "2026-09-24T14:02:00.000Z"}
    yield case("too late", "protocol-expired", made(**past))
    yield case("too early", "protocol-future", made(created="2026-09-24T14:07:00.001Z"))


def keys() -> dict[str, str]:
    """What a reader needs to judge the other files."""
    return {
        "typ": TYP,
        "signing": SIGNING.public.text,
        "sealing_private": b64encode(SEALING.to_bytes()).decode(),
        "now": "2026-09-24T14:02:00.000Z",
        "me": "washington",
        "outer": encode(Outer(1, message().id, "rabat", "washington", SEALING.kid).to_json()).decode(),
    }


def vectors() -> dict[str, str]:
    """The text of each file by its name."""
    made: dict[str, object] = {
        "keys.json": keys(),
        "canonical.json": list(canonical()),
        "signed.json": list(signed()),
        "sealed.json": list(sealed()),
        "cards.json": list(cards()),
        "messages.json": list(messages()),
    }
    return {name: json.dumps(data, ensure_ascii=False, indent=1) + "\n" for name, data in made.items()}


def write(folder: Path) -> None:
    """Write all files into a folder."""
    folder.mkdir(exist_ok=True)
    for name, text in vectors().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER / f"v{int(sys.argv[2])}" if sys.argv[1:2] == ["freeze"] else FOLDER)
