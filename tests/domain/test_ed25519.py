"""Public keys under which anything would verify are refused, in every encoding; the list is derived here anew."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amana.domain.ed25519 import SMALL_ORDER_Y, KeyNotCanonical, KeySmallOrder, P, refuse_small_order

D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    t = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P


def times(number: int, point: Point) -> Point:
    found: Point = (0, 1)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def x_of(y: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square else None


def small_points() -> set[Point]:
    """The eight points, found by multiplying any point of the curve with the order of the prime subgroup."""
    prime = 2**252 + 27742317777372353535851937790883648493
    found: set[Point] = set()
    y = 2
    while len(found) < 8:
        x = x_of(y)
        if x is not None:
            torsion = times(prime, (x, y))
            found |= {times(number, torsion) for number in range(8)}
        y += 1
    return found


def encodings() -> list[bytes]:
    """Every 32-byte string that some library reads as one of them: canonical or not, with either sign."""
    rows = {y for _, y in small_points()}
    rows |= {y + P for y in rows if y + P < 2**255}
    return [(y | sign << 255).to_bytes(32, "little") for y in sorted(rows) for sign in (0, 1)]


def test_the_list_is_that_of_the_eight_points() -> None:
    assert len(small_points()) == 8
    assert {y for _, y in small_points()} == SMALL_ORDER_Y


@pytest.mark.parametrize("encoding", encodings(), ids=bytes.hex)
def test_each_encoding_of_a_small_order_key_is_refused(encoding: bytes) -> None:
    with pytest.raises(KeySmallOrder):
        refuse_small_order(encoding)


@pytest.mark.parametrize("key", [b"", bytes(31), b"\xff" * 32, (P + 2).to_bytes(32, "little")])
def test_a_key_in_another_form_is_refused(key: bytes) -> None:
    with pytest.raises(KeyNotCanonical):
        refuse_small_order(key)


def test_real_keys_are_taken() -> None:
    for _ in range(50):
        refuse_small_order(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
