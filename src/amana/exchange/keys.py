"""A node's keys: Ed25519 to sign, ML-KEM-768 with X25519 to seal.

Invariant: a key's name (`kid`) is computed from the key and from nothing else, and no small-order key is ever loaded.
RFC 8032 (Ed25519), RFC 7638 (thumbprints), RFC 9180 (HPKE) with the hybrid KEM MLKEM768-X25519.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import OKPKey

from amana.domain.ed25519 import refuse_small_order
from amana.domain.errors import BadInput, gettext_noop
from amana.exchange.canonical import encode

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_MLKEM_SEED, _MLKEM_PUBLIC, _X25519 = 64, 1184, 32


class KeyMalformed(BadInput):
    """Bytes that should be a key are none."""

    code = "identity-key-malformed"
    sentence = gettext_noop("This is not a key of the kind that is needed here.")


class SignatureWrong(BadInput):
    """A signature does not fit its text and key."""

    code = "identity-signature"
    sentence = gettext_noop("The signature does not fit; the text was altered or another key signed it.")


def base64url(data: bytes) -> str:
    """Bytes in base64url without padding (RFC 4648, section 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Bytes from base64url, in its one form only: no padding, no stray bits; raises KeyMalformed."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise KeyMalformed
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise KeyMalformed
    return data


class VerifyingKey:
    """A public Ed25519 key that is not of small order."""

    def __init__(self, raw: bytes) -> None:
        """Take 32 raw bytes; raises KeyMalformed and what `refuse_small_order` raises."""
        if len(raw) != 32:
            raise KeyMalformed
        refuse_small_order(raw)
        self.raw = raw
        self.public = Ed25519PublicKey.from_public_bytes(raw)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the base64url form that cards carry; raises as the constructor does."""
        return cls(from_base64url(text))

    @cached_property
    def text(self) -> str:
        """The base64url form that cards carry."""
        return base64url(self.raw)

    @cached_property
    def kid(self) -> str:
        """The RFC 7638 thumbprint, base64url of 32 bytes."""
        return base64url(sha256(encode({"crv": "Ed25519", "kty": "OKP", "x": self.text})).digest())

    @cached_property
    def jwk(self) -> OKPKey:
        """The key as the JOSE library takes it."""
        return OKPKey.import_key(self.public)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check a raw signature; raises SignatureWrong."""
        try:
            self.public.verify(signature, data)
        except InvalidSignature as error:
            raise SignatureWrong from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyingKey) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)


class SigningKey:
    """A private Ed25519 key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self.private = private
        self.public = VerifyingKey(private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        """A new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of a 32-byte seed."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read what `to_pem` wrote; raises KeyMalformed."""
        try:
            private = load_pem_private_key(pem, password=None)
        except ValueError as error:
            raise KeyMalformed from error
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyMalformed
        return cls(private)

    def to_pem(self) -> bytes:
        """PKCS #8 in PEM, not encrypted."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def kid(self) -> str:
        """The thumbprint of the public key."""
        return self.public.kid

    @cached_property
    def jwk(self) -> OKPKey:
        """The key as the JOSE library takes it."""
        return OKPKey.import_key(self.private)

    def sign(self, data: bytes) -> bytes:
        """A raw signature of 64 bytes."""
        return self.private.sign(data)


class SealingPublicKey:
    """A public key to which messages are sealed: ML-KEM-768 (1184 bytes), then X25519 (32 bytes)."""

    def __init__(self, raw: bytes) -> None:
        """Take 1216 raw bytes; raises KeyMalformed."""
        if len(raw) != _MLKEM_PUBLIC + _X25519:
            raise KeyMalformed
        self.raw = raw
        try:
            self.public = MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC]),
                X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]),
            )
        except ValueError as error:
            raise KeyMalformed from error

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the base64url form that cards carry; raises KeyMalformed."""
        return cls(from_base64url(text))

    @cached_property
    def text(self) -> str:
        """The base64url form that cards carry."""
        return base64url(self.raw)

    @cached_property
    def kid(self) -> str:
        """The thumbprint over the required members of an AKP key, base64url of 32 bytes."""
        members = {"alg": "MLKEM768-X25519", "kty": "AKP", "pub": self.text}
        return base64url(sha256(encode(members)).digest())


class SealingKey:
    """The private key that opens what was sealed to a node."""

    def __init__(self, mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> None:
        self._raw = mlkem.private_bytes_raw() + x25519.private_bytes_raw()
        self.private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = SealingPublicKey(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        """A new key from the system's randomness."""
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read the 96 bytes that `to_bytes` wrote; raises KeyMalformed."""
        if len(raw) != _MLKEM_SEED + _X25519:
            raise KeyMalformed
        return cls(
            MLKEM768PrivateKey.from_seed_bytes(raw[:_MLKEM_SEED]),
            X25519PrivateKey.from_private_bytes(raw[_MLKEM_SEED:]),
        )

    def to_bytes(self) -> bytes:
        """The ML-KEM seed (64 bytes), then the X25519 key (32 bytes)."""
        return self._raw

    @property
    def kid(self) -> str:
        """The thumbprint of the public key."""
        return self.public.kid
