"""A node's keys: named by their own thumbprint, never of small order."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from amana.domain.errors import BadInput
from amana.exchange.keys import (
    KeyMalformed,
    SealingKey,
    SealingPublicKey,
    SignatureWrong,
    SigningKey,
    VerifyingKey,
    base64url,
    from_base64url,
)

PRIME = 2**255 - 19
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME


def _order_eight() -> int:
    """The y coordinate of a point of order 8, solved for rather than written down.

    Doubled it has y = 0, so y² = -x²; the curve -x² + y² = 1 + d·x²·y² then says d·z² + 2z - 1 = 0 for z = y².
    """
    root = _square_root((1 + CURVE) % PRIME)
    for z in ((root - 1) * pow(CURVE, -1, PRIME) % PRIME, (-root - 1) * pow(CURVE, -1, PRIME) % PRIME):
        if pow(z, (PRIME - 1) // 2, PRIME) == 1:
            return _square_root(z)
    raise AssertionError("the curve has points of order 8")


def _square_root(square: int) -> int:
    root = pow(square, (PRIME + 3) // 8, PRIME)
    if root * root % PRIME != square:
        root = root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    assert root * root % PRIME == square
    return root


_ORDER_EIGHT = _order_eight()
# PRIME and PRIME + 1 stand for 0 and 1, unreduced.
SMALL_ORDER = sorted(
    {
        (y | sign << 255).to_bytes(32, "little")
        for y in (0, 1, PRIME - 1, PRIME, PRIME + 1, _ORDER_EIGHT, PRIME - _ORDER_EIGHT)
        for sign in (0, 1)
    }
)


def _adds_up(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    product = CURVE * one[0] * other[0] * one[1] * other[1]
    x = (one[0] * other[1] + other[0] * one[1]) * pow(1 + product, -1, PRIME)
    y = (one[1] * other[1] + one[0] * other[0]) * pow(1 - product, -1, PRIME)
    return x % PRIME, y % PRIME


def test_the_points_of_this_test_are_of_small_order() -> None:
    for y in (_ORDER_EIGHT, PRIME - _ORDER_EIGHT):
        x = _square_root((y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME)
        point = (x, y)
        for _ in range(3):
            assert point != (0, 1)
            point = _adds_up(point, point)
        assert point == (0, 1)


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=bytes.hex)
def test_a_public_key_of_small_order_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        VerifyingKey(raw)
    with pytest.raises(BadInput):
        VerifyingKey.from_text(base64url(raw))


def test_a_key_is_named_by_its_thumbprint() -> None:
    # RFC 8037, appendix A.3
    key = VerifyingKey.from_text("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_signing_key_is_read_back_from_its_file() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_pem(key.to_pem())
    assert (again.kid, again.public) == (key.kid, key.public)
    again.public.verify(key.sign(b"text"), b"text")


def test_a_signature_over_another_text_is_refused() -> None:
    key = SigningKey.generate()
    with pytest.raises(SignatureWrong):
        key.public.verify(key.sign(b"text"), b"Text")


def test_a_sealing_key_is_read_back_from_its_file() -> None:
    key = SealingKey.generate()
    again = SealingKey.from_bytes(key.to_bytes())
    assert again.public.raw == key.public.raw
    assert again.kid == key.kid == SealingPublicKey.from_text(key.public.text).kid


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ],
    ids=["nothing", "empty", "another kind"],
)
def test_a_file_that_holds_no_signing_key_is_refused(pem: bytes) -> None:
    with pytest.raises(KeyMalformed):
        SigningKey.from_pem(pem)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_a_public_key_of_the_wrong_length_is_refused(raw: bytes) -> None:
    with pytest.raises(KeyMalformed):
        VerifyingKey(raw)
    with pytest.raises(KeyMalformed):
        SealingPublicKey(raw)
    with pytest.raises(KeyMalformed):
        SealingKey.from_bytes(raw)


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "A+", "A/", "A A", "é", "AAA\n"])
def test_base64url_has_one_form_only(text: str) -> None:
    with pytest.raises(KeyMalformed):
        from_base64url(text)
    assert from_base64url(base64url(b"\x00")) == b"\x00"
