"""Many sealed messages, or many answers, in one body: the same bytes by HTTPS, on a USB stick or through a diode.

Invariant: `unpack(pack(parts)) == parts`, and there is one form for each list of parts: a magic line, then each part
after its length in four bytes, the greatest first.
"""

from __future__ import annotations

from collections.abc import Sequence

from amana.domain.errors import BadInput, gettext_noop
from amana.exchange.envelope import LARGEST_SEALED

MAGIC = b"amana-carry/1\n"
MOST_TOTAL = 64 * 1_048_576
MOST_PARTS = 10_000


class CarryMalformed(BadInput):
    """A body of many messages breaks off or is none."""

    code = "exchange-carry"
    sentence = gettext_noop("This is not a whole packet of messages; it broke off or was made by something else.")


class CarryTooLarge(BadInput):
    """A body of many messages holds more than one may."""

    code = "exchange-carry-too-large"
    sentence = gettext_noop("The packet of messages is larger than allowed; send fewer messages at once.")


def pack(parts: Sequence[bytes]) -> bytes:
    """Put parts into one body; raises CarryTooLarge for a part of 4 GiB or more."""
    pieces = [MAGIC]
    for part in parts:
        if len(part) >= 2**32:
            raise CarryTooLarge
        pieces += [len(part).to_bytes(4, "big"), part]
    return b"".join(pieces)


def unpack(data: bytes, *, most_total: int = MOST_TOTAL, most_each: int = LARGEST_SEALED) -> list[bytes]:
    """Take the parts out of a body.

    1. At most `most_total` bytes (CarryTooLarge). 2. The magic line (CarryMalformed). 3. Whole lengths and whole parts
    to the end (CarryMalformed). 4. At most `most_each` bytes a part and 10,000 parts (CarryTooLarge).
    """
    if len(data) > most_total:
        raise CarryTooLarge
    if not data.startswith(MAGIC):
        raise CarryMalformed
    parts: list[bytes] = []
    place = len(MAGIC)
    while place < len(data):
        start = place + 4
        if start > len(data):
            raise CarryMalformed
        length = int.from_bytes(data[place:start], "big")
        if length > most_each or len(parts) == MOST_PARTS:
            raise CarryTooLarge
        place = start + length
        if place > len(data):
            raise CarryMalformed
        parts.append(data[start:place])
    return parts
