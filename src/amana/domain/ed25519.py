"""Which Ed25519 public keys are refused: those of small order, and those not written in the one canonical form.

Invariant: with a key of small order a fixed “signature” verifies any message, so none is ever loaded. RFC 8032,
sections 5.1.2 and 5.1.3; the eight points of small order are listed by their y coordinates.
"""

from __future__ import annotations

from amana.domain.errors import BadInput, gettext_noop

P = 2**255 - 19
_SIGN = 1 << 255

# y of the points of order 1, 2, 4 and 8; x is determined up to its sign.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER_Y = frozenset({0, 1, P - 1, _ORDER_8, P - _ORDER_8})


class KeySmallOrder(BadInput):
    """A public key is one of the eight points of small order."""

    code = "key-small-order"
    sentence = gettext_noop("This public key is one under which any signature would verify; it is refused.")


class KeyNotCanonical(BadInput):
    """A public key is not written in its one form."""

    code = "key-not-canonical"
    sentence = gettext_noop("This public key is not 32 bytes in the one form that RFC 8032 gives it; it is refused.")


def refuse_small_order(public: bytes) -> None:
    """Go on only with a public key of 32 bytes that is canonical and not of small order.

    Raises KeySmallOrder for the eight points in every encoding, KeyNotCanonical for any other odd form.
    """
    if len(public) != 32:
        raise KeyNotCanonical
    y = int.from_bytes(public, "little") % _SIGN
    if y % P in SMALL_ORDER_Y:
        raise KeySmallOrder
    if y >= P:
        raise KeyNotCanonical
