"""The envelope: one signed text, sealed to one recipient.

Invariant: a signed text has exactly one form, so no bit of it can change unseen; what the outside of a sealed message
says is bound into the seal. JWS compact form (RFC 7515, RFC 9864), HPKE base mode (RFC 9180), both from libraries.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from joserfc import jws as jose
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter

from amana.domain.errors import BadInput, NotAllowed, gettext_noop
from amana.domain.form import Form, Json
from amana.exchange.canonical import LARGEST, CanonicalTooLarge, decode, encode
from amana.exchange.keys import (
    KeyMalformed,
    SealingKey,
    SealingPublicKey,
    SigningKey,
    VerifyingKey,
    base64url,
    from_base64url,
)

VERSION = 1
ALGORITHM = "Ed25519"
MAGIC = b"amana/1\n"
LONGEST_OUTER = 1_024
LARGEST_SIGNED = LARGEST * 4 // 3 + 1_024
LARGEST_SEALED = LARGEST_SIGNED + 4_096

KeyOf = Callable[[str], VerifyingKey | None]


class EnvelopeForm(BadInput):
    """Bytes that should be a signed text are none."""

    code = "envelope-form"
    sentence = gettext_noop("This is not a signed text in compact form.")


class EnvelopeHeader(BadInput):
    """The header of a signed text has other members than the four it must have, or is written otherwise."""

    code = "envelope-header"
    sentence = gettext_noop("The header of the signed text is not exactly the one that this protocol knows.")


class EnvelopeAlgorithm(BadInput):
    """A text is signed by another algorithm."""

    code = "envelope-alg"
    sentence = gettext_noop("The text is signed by an algorithm that this protocol does not know.")


class EnvelopeType(BadInput):
    """A signed text is of another type than the one that was expected."""

    code = "envelope-typ"
    sentence = gettext_noop("The signed text is of another type than the one expected here.")


class EnvelopeVersion(BadInput):
    """A signed text or sealed message follows a version of the protocol that this node does not know."""

    code = "protocol-version"
    sentence = gettext_noop("The message follows a version of the protocol that this node does not know.")


class UnknownKey(NotAllowed):
    """The key that signed is not enrolled, or not valid at this time."""

    code = "envelope-unknown-key"
    sentence = gettext_noop("The text is signed by a key that is not enrolled here, or not valid at this time.")


class EnvelopeSignature(NotAllowed):
    """The signature does not fit."""

    code = "envelope-signature"
    sentence = gettext_noop("The signature does not fit the text; it was altered on the way or signed by another key.")


class SealMalformed(BadInput):
    """Bytes that should be a sealed message are none."""

    code = "envelope-sealed-form"
    sentence = gettext_noop("This is not a sealed message.")


class SealKeyUnknown(NotAllowed):
    """A message is sealed to a key that this node does not have."""

    code = "envelope-sealing-key"
    sentence = gettext_noop("The message is sealed to a key that this node does not have; fetch its newest card.")


class SealBroken(BadInput):
    """A sealed message does not open."""

    code = "envelope-seal"
    sentence = gettext_noop("The sealed message does not open; it was altered on the way or sealed to another key.")


class BodyUnreadable(BadInput):
    """A body at rest does not open with its key."""

    code = "envelope-body"
    sentence = gettext_noop("A stored message does not open with its key; restore it from a backup.")


class _Registry(jose.JWSRegistry):
    """The library's limits, set to ours, and our one header member."""

    max_payload_length = LARGEST_SIGNED


_REGISTRY = _Registry({"ver": HeaderParameter("Protocol version", "int")}, [ALGORITHM])


def sign(payload: Mapping[str, Json], key: SigningKey, typ: str) -> bytes:
    """Sign a canonical payload as a compact JWS; raises CanonicalTooLarge and what `canonical.encode` raises."""
    body = encode(dict(payload))
    if len(body) > LARGEST:
        raise CanonicalTooLarge(most=LARGEST)
    signed = jose.serialize_compact(_header(key.kid, typ), body, key.jwk, [ALGORITHM], _REGISTRY)
    return signed.encode("ascii")


def _header(kid: str, typ: str) -> dict[str, Json]:
    return {"alg": ALGORITHM, "kid": kid, "typ": typ, "ver": VERSION}


def verify(jws: bytes, typ: str, key_of: KeyOf) -> dict[str, Json]:
    """The payload of a signed text, once everything about it is proved.

    1. Three base64url segments in their one form, of bounded size (EnvelopeForm, CanonicalTooLarge). 2. A header of
    exactly alg, kid, typ, ver in canonical form (EnvelopeHeader). 3. alg is Ed25519 (EnvelopeAlgorithm). 4. ver is 1
    (EnvelopeVersion). 5. typ is `typ` (EnvelopeType). 6. `key_of` knows the kid (UnknownKey). 7. The signature fits
    (EnvelopeSignature). 8. The payload is canonical (canonical-*) and an object (EnvelopeForm).
    """
    header, payload = _segments(jws)
    key = key_of(_read_header(header, typ))
    if key is None:
        raise UnknownKey
    try:
        jose.deserialize_compact(jws, key.jwk, [ALGORITHM], _REGISTRY)
    except JoseError as error:
        raise EnvelopeSignature from error
    return _object(payload)


def untrusted(jws: bytes) -> dict[str, Json]:
    """The payload before its signature is checked, only to find the key that checks it; raises as `verify` does."""
    return _object(_segments(jws)[1])


def _segments(jws: bytes) -> tuple[bytes, bytes]:
    if len(jws) > LARGEST_SIGNED:
        raise CanonicalTooLarge(most=LARGEST)
    try:
        parts = jws.decode("ascii").split(".")
        if len(parts) != 3 or len(parts[0]) > 512 or len(parts[2]) != 86:
            raise EnvelopeForm
        header, payload, _ = [from_base64url(part) for part in parts]
    except (UnicodeDecodeError, KeyMalformed) as error:
        raise EnvelopeForm from error
    return header, payload


def _read_header(header: bytes, typ: str) -> str:
    try:
        with Form(decode(header), "header") as form:
            alg, kid, found = form.text("alg"), form.text("kid"), form.text("typ")
            ver = form.number("ver")
    except BadInput as error:
        raise EnvelopeHeader from error
    if alg != ALGORITHM:
        raise EnvelopeAlgorithm
    if ver != VERSION:
        raise EnvelopeVersion
    if found != typ:
        raise EnvelopeType
    return kid


def _object(payload: bytes) -> dict[str, Json]:
    value = decode(payload)
    if not isinstance(value, dict):
        raise EnvelopeForm
    return value


def kid_of(jws: bytes) -> str:
    """The name of the key that a signed text says it was signed by; it proves nothing. Raises as `verify` does."""
    return _read_kid(_segments(jws)[0])


def _read_kid(header: bytes) -> str:
    value = decode(header)
    kid = value.get("kid") if isinstance(value, dict) else None
    if not isinstance(kid, str):
        raise EnvelopeHeader
    return kid


def message_hash(jws: bytes) -> str:
    """The name of a signed text: SHA-256 over all its bytes, in hex."""
    return sha256(jws).hexdigest()


_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Outer:
    """What anybody on the way may read: who to whom, which message, and the recipient's key that opens it."""

    ver: int
    id: str
    origin: str
    recipient: str
    key: str

    def to_json(self) -> dict[str, Json]:
        """The form on the outside of a sealed message."""
        return {"ver": self.ver, "id": self.id, "origin": self.origin, "recipient": self.recipient, "key": self.key}

    @classmethod
    def from_json(cls, data: object) -> Outer:
        """Read the form; raises BadInput."""
        with Form(data, "outer") as form:
            return cls(
                ver=form.number("ver"),
                id=form.text("id", most=36),
                origin=form.text("origin", most=40),
                recipient=form.text("recipient", most=40),
                key=form.text("key", most=64),
            )

    @property
    def info(self) -> bytes:
        """What the seal is bound to: protocol, origin, recipient, id."""
        return encode([f"amana/{self.ver}", self.origin, self.recipient, self.id])


def seal(jws: bytes, outer: Outer, recipient: SealingPublicKey) -> bytes:
    """Seal a signed text to one recipient: magic line, outer line, then the HPKE encapsulation and ciphertext."""
    return MAGIC + encode(outer.to_json()) + b"\n" + _SUITE.encrypt(jws, recipient.public, outer.info)


def peek(sealed: bytes) -> Outer:
    """Read the outside of a sealed message; it proves nothing. Raises SealMalformed, EnvelopeVersion."""
    return _split(sealed)[0]


def _split(sealed: bytes) -> tuple[Outer, bytes]:
    if len(sealed) > LARGEST_SEALED:
        raise CanonicalTooLarge(most=LARGEST)
    if not sealed.startswith(MAGIC):
        raise EnvelopeVersion if sealed.startswith(b"amana/") else SealMalformed
    end = sealed.find(b"\n", len(MAGIC), len(MAGIC) + LONGEST_OUTER)
    if end < 0:
        raise SealMalformed
    try:
        outer = Outer.from_json(decode(sealed[len(MAGIC) : end]))
    except BadInput as error:
        raise SealMalformed from error
    if outer.ver != VERSION:
        raise EnvelopeVersion
    return outer, sealed[end + 1 :]


def open_sealed(sealed: bytes, key_of: Callable[[str], SealingKey | None]) -> tuple[Outer, bytes]:
    """Open a sealed message: its outside and the signed text, still to be verified.

    1. The one form, of bounded size (SealMalformed, CanonicalTooLarge). 2. A version we know (EnvelopeVersion).
    3. Sealed to a key that we have (SealKeyUnknown). 4. The seal opens, bound to its outside (SealBroken).
    """
    outer, ciphertext = _split(sealed)
    key = key_of(outer.key)
    if key is None:
        raise SealKeyUnknown
    try:
        return outer, _SUITE.decrypt(ciphertext, key.private, outer.info)
    except InvalidTag as error:
        raise SealBroken from error


def lock(plain: bytes, *, random: Callable[[int], bytes] = secrets.token_bytes) -> tuple[bytes, bytes]:
    """Lock a body at rest under a key of its own: (key of 32 bytes, nonce and AES-256-GCM ciphertext)."""
    key, nonce = random(32), random(12)
    return key, nonce + AESGCM(key).encrypt(nonce, plain, None)


def unlock(key: bytes, ciphertext: bytes) -> bytes:
    """Open what `lock` locked; raises BodyUnreadable."""
    try:
        return AESGCM(key).decrypt(ciphertext[:12], ciphertext[12:], None)
    except (InvalidTag, ValueError) as error:
        raise BodyUnreadable from error


__all__ = [
    "KeyOf",
    "Outer",
    "base64url",
    "lock",
    "message_hash",
    "open_sealed",
    "peek",
    "seal",
    "sign",
    "unlock",
    "untrusted",
    "verify",
]
