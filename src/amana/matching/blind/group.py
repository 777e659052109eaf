"""The group ristretto255 in bulk: libsodium's functions over rows of 32-byte elements and scalars.

Invariant: a row that comes out is a canonical element other than the identity, and one that is not so going in is
refused. RFC 9496 (the group), RFC 9497, section 4.1 (its use). libsodium comes with rbcl; each of its calls lets other
threads run.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, addressof, c_char_p, c_int, c_void_p, cast, create_string_buffer
from pathlib import Path

from rbcl import _sodium

from amana.domain.errors import BadInput, gettext_noop

WIDTH = 32
UNIFORM = 64
IDENTITY = bytes(WIDTH)
ORDER = 2**252 + 27742317777372353535851937790883648493

Random = Callable[[int], bytes]


class ElementRefused(BadInput):
    """Bytes are not the canonical form of an element of the group, or they are the identity."""

    code = "blind-element"
    sentence = gettext_noop("The blind comparison holds a value that is not an element of the group.")


class ScalarRefused(BadInput):
    """Bytes are not a reduced scalar, or they are zero where that is not allowed."""

    code = "blind-scalar"
    sentence = gettext_noop("The blind comparison holds a number that is out of range.")


# rbcl writes libsodium into the temporary folder at each start and leaves it there; once mapped, it is not needed.
Path(_sodium._name).unlink(missing_ok=True)


def _function(name: str, arguments: int) -> Callable[..., int]:
    return CFUNCTYPE(c_int, *[c_void_p] * arguments)((f"crypto_{name}", _sodium))


_from_hash = _function("core_ristretto255_from_hash", 2)
_add = _function("core_ristretto255_add", 3)
_is_valid = _function("core_ristretto255_is_valid_point", 1)
_multiply = _function("scalarmult_ristretto255", 3)
_multiply_base = _function("scalarmult_ristretto255_base", 2)
_reduce = _function("core_ristretto255_scalar_reduce", 2)
_invert = _function("core_ristretto255_scalar_invert", 2)
_scalar_multiply = _function("core_ristretto255_scalar_mul", 3)
_scalar_subtract = _function("core_ristretto255_scalar_sub", 3)


def _place(data: bytes) -> int:
    return cast(c_char_p(data), c_void_p).value or 0


def rows(data: bytes) -> int:
    """How many rows of 32 bytes these are; raises ElementRefused for a part of one."""
    count, rest = divmod(len(data), WIDTH)
    if rest:
        raise ElementRefused
    return count


def check_elements(elements: bytes) -> None:
    """Refuse rows of which one is not canonical or is the identity. Raises ElementRefused."""
    of = _place(elements)
    for place in range(0, rows(elements) * WIDTH, WIDTH):
        if not _is_valid(of + place) or elements[place : place + WIDTH] == IDENTITY:
            raise ElementRefused


def check_scalar(scalar: bytes) -> None:
    """Refuse a scalar that is not 32 bytes, little-endian, below the order. Raises ScalarRefused."""
    if len(scalar) != WIDTH or int.from_bytes(scalar, "little") >= ORDER:
        raise ScalarRefused


def from_uniform(uniform: bytes) -> bytes:
    """Map rows of 64 uniform bytes to elements (RFC 9496, section 4.3.4). Raises ElementRefused for the identity."""
    count = len(uniform) // UNIFORM
    out = create_string_buffer(count * WIDTH)
    to, of = addressof(out), _place(uniform)
    for row in range(count):
        _from_hash(to + row * WIDTH, of + row * UNIFORM)
    return _refuse_identity(out.raw[: count * WIDTH])


def _refuse_identity(elements: bytes) -> bytes:
    if IDENTITY in elements and any(
        elements[place : place + WIDTH] == IDENTITY for place in range(0, len(elements), WIDTH)
    ):
        raise ElementRefused
    return elements


def multiply(scalar: bytes, elements: bytes) -> bytes:
    """One scalar times each row. Raises ElementRefused for a row that is no element or becomes the identity."""
    return _multiply_rows(scalar, 0, elements)


def multiply_each(scalars: bytes, elements: bytes) -> bytes:
    """Each row of scalars times the same row of elements. Raises ElementRefused as `multiply` does."""
    return _multiply_rows(scalars, WIDTH, elements)


def _multiply_rows(scalars: bytes, step: int, elements: bytes) -> bytes:
    size = rows(elements) * WIDTH
    if len(scalars) != (size if step else WIDTH):
        raise ScalarRefused
    out = create_string_buffer(size)
    to, by, of = addressof(out), _place(scalars), _place(elements)
    for place in range(0, size, WIDTH):
        # -1 for what is not canonical, for the identity and for a product that is the identity.
        if _multiply(to + place, by, of + place):
            raise ElementRefused
        by += step
    return out.raw[:size]


def multiply_base(scalar: bytes) -> bytes:
    """The scalar times the generator; raises ElementRefused for zero."""
    out = create_string_buffer(WIDTH)
    if _multiply_base(addressof(out), _place(scalar)):
        raise ElementRefused
    return out.raw


def add(elements: bytes) -> bytes:
    """The sum of all rows. Raises ElementRefused for none and where it is the identity."""
    if not rows(elements):
        raise ElementRefused
    total = create_string_buffer(elements[:WIDTH], WIDTH)
    to, of = addressof(total), _place(elements)
    for place in range(WIDTH, len(elements), WIDTH):
        if _add(to, to, of + place):
            raise ElementRefused
    return _refuse_identity(total.raw)


def scalar_from_uniform(uniform: bytes) -> bytes:
    """Reduce 64 uniform bytes, little-endian, to a scalar."""
    out = create_string_buffer(WIDTH)
    _reduce(addressof(out), _place(uniform))
    return out.raw


def random_scalars(count: int, random: Random) -> bytes:
    """Rows of uniform scalars other than zero, each from 64 random bytes."""
    uniform = random(count * UNIFORM)
    made = [scalar_from_uniform(uniform[at : at + UNIFORM]) for at in range(0, len(uniform), UNIFORM)]
    if IDENTITY in made:
        raise ScalarRefused
    return b"".join(made)


def invert_scalars(scalars: bytes) -> bytes:
    """The inverse of each row of scalars; raises ScalarRefused for zero."""
    out = create_string_buffer(rows(scalars) * WIDTH)
    to, of = addressof(out), _place(scalars)
    for place in range(0, len(scalars), WIDTH):
        if _invert(to + place, of + place):
            raise ScalarRefused
    return out.raw[: len(scalars)]


def subtract_product(scalar: bytes, factor: bytes, other: bytes) -> bytes:
    """scalar - factor * other, modulo the order, in constant time."""
    out = create_string_buffer(WIDTH)
    _scalar_multiply(addressof(out), _place(factor), _place(other))
    _scalar_subtract(addressof(out), _place(scalar), addressof(out))
    return out.raw
