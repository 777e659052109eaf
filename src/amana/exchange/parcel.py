"""A parcel: sealed messages, or the signed answers to them, as one file for a USB stick or a diode.

Invariant: the slip in front says what the file holds, from whom, for whom and in which version, and its SHA-256 covers
all that follows. It is checked and not signed, because the parcel may bring the very card that a signature would need;
every message and answer inside carries its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from amana.domain.errors import BadInput, NotAllowed, gettext_noop
from amana.domain.form import Form, Json
from amana.domain.times import instant, parse_instant
from amana.exchange.canonical import decode, encode
from amana.exchange.carry import MOST_PARTS, MOST_TOTAL, pack, unpack
from amana.exchange.envelope import VERSION, EnvelopeVersion
from amana.exchange.fields import hash_field

MAGIC = b"amana-parcel/1\n"
LONGEST_SLIP = 2_048
LARGEST_PARCEL = MOST_TOTAL + LONGEST_SLIP + len(MAGIC)


class ParcelMalformed(BadInput):
    """A file that should be a parcel is none, or was damaged on the way."""

    code = "parcel-malformed"
    sentence = gettext_noop("This file is not a whole parcel of messages or answers; have it made and carried again.")


class ParcelNotForUs(NotAllowed):
    """A parcel is for another node."""

    code = "parcel-not-for-us"
    sentence = gettext_noop("This parcel is for “%(node)s”; hand it over there.")


class Holds(StrEnum):
    """What a parcel holds."""

    MESSAGES = "messages"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on the outside of a parcel; `sha256` is that of all that follows, in hex."""

    holds: Holds
    origin: str
    recipient: str
    ver: int
    made: datetime
    count: int
    sha256: str

    def to_json(self) -> dict[str, Json]:
        """The form in the file."""
        return {
            "holds": str(self.holds),
            "origin": self.origin,
            "recipient": self.recipient,
            "ver": self.ver,
            "made": instant(self.made),
            "count": self.count,
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, data: object) -> Slip:
        """Read the form; raises BadInput."""
        with Form(data, "slip") as form:
            return cls(
                holds=form.choice("holds", Holds),
                origin=form.text("origin", most=40),
                recipient=form.text("recipient", most=40),
                ver=form.number("ver", least=1),
                made=parse_instant(form.text("made", most=40)),
                count=form.number("count", most=MOST_PARTS),
                sha256=hash_field(form, "sha256"),
            )


def write_parcel(parts: Sequence[bytes], *, holds: Holds, origin: str, recipient: str, at: datetime) -> bytes:
    """The bytes of a parcel; raises CarryTooLarge."""
    body = pack(parts)
    slip = Slip(holds, origin, recipient, VERSION, at, len(parts), sha256(body).hexdigest())
    return MAGIC + encode(slip.to_json()) + b"\n" + body


def read_parcel(data: bytes, *, me: str) -> tuple[Slip, list[bytes]]:
    """What a parcel says and holds.

    1. The magic line and a slip in canonical form (ParcelMalformed). 2. A version we know (EnvelopeVersion). 3. For
    this node (ParcelNotForUs). 4. The slip's SHA-256 and count fit what follows (ParcelMalformed). 5. Whole parts
    (carry-*).
    """
    end = data.find(b"\n", len(MAGIC), len(MAGIC) + LONGEST_SLIP)
    if not data.startswith(MAGIC) or end < 0:
        raise ParcelMalformed
    try:
        slip = Slip.from_json(decode(data[len(MAGIC) : end]))
    except BadInput as error:
        raise ParcelMalformed from error
    if slip.ver != VERSION:
        raise EnvelopeVersion
    if slip.recipient != me:
        raise ParcelNotForUs(node=slip.recipient)
    body = data[end + 1 :]
    if sha256(body).hexdigest() != slip.sha256:
        raise ParcelMalformed
    parts = unpack(body)
    if len(parts) != slip.count:
        raise ParcelMalformed
    return slip, parts
