"""Finding where two nodes differ: fingerprints over ranges of numbers, followed down only where they differ.

Invariant: both sides build the same tree over the same range, so equal roots mean equal items, and d differences among
n items are found with d · log n fingerprints. SHA-256 throughout; searching compares 16 bytes of a fingerprint,
agreeing compares all 32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json
from amana.exchange.fields import hash_field

FAN_OUT = 16
WHOLE, SHORT = 32, 16
MOST_PLACES = 4_096
_ABSENT = bytes(WHOLE)

Ask = Callable[[int, Sequence[int]], bytes]


class PlaceUnknown(BadInput):
    """A fingerprint was asked for that the tree does not have."""

    code = "reconcile-place"
    sentence = gettext_noop("The other node asked for a place that this link does not have.")


class FingerprintsShort(BadInput):
    """The other side gave fewer or more fingerprints than were asked for."""

    code = "reconcile-fingerprints"
    sentence = gettext_noop("The other node answered with another number of fingerprints than were asked for.")


class Force(StrEnum):
    """How a message stands on one side."""

    IN_FORCE = "in-force"
    DOUBTED = "doubted"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REFUSED = "refused"
    BROKEN = "broken"


_STANDING = {
    Force.IN_FORCE: b"in force",
    Force.DOUBTED: b"in force",
    Force.WITHDRAWN: b"ended",
    Force.SUPERSEDED: b"ended",
    Force.EXPIRED: b"ended",
    Force.REFUSED: b"refused",
    Force.BROKEN: b"broken",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a link: the chain's hash there, how its message stands, and the number that ended it (0: none)."""

    seq: int
    hash: str
    force: Force = Force.IN_FORCE
    by: int = 0

    @property
    def standing(self) -> bytes:
        """What the fingerprint compares: in force, ended, refused or broken, whatever the cause."""
        return _STANDING[self.force]

    @property
    def digest(self) -> bytes:
        """The item's fingerprint."""
        return sha256(b"%d %s %s" % (self.seq, self.hash.encode(), self.standing)).digest()

    def to_json(self) -> dict[str, Json]:
        """The form that is exchanged."""
        return {"seq": self.seq, "hash": self.hash, "force": str(self.force), "by": self.by}

    @classmethod
    def from_json(cls, data: object) -> Item:
        """Read the form; raises BadInput."""
        with Form(data, "item") as form:
            return cls(
                seq=form.number("seq", least=1),
                hash=hash_field(form, "hash"),
                force=form.choice("force", Force),
                by=form.number("by"),
            )


class Tree:
    """Fingerprints over the numbers 1 to `size`: level 0 holds the items', each level above one for every 16 below."""

    def __init__(self, items: Iterable[Item], size: int) -> None:
        """Numbers without an item are absent; items above `size` are left out."""
        lowest = bytearray(WHOLE * max(size, 1))
        for item in items:
            if 1 <= item.seq <= size:
                lowest[(item.seq - 1) * WHOLE : item.seq * WHOLE] = item.digest
        self.size = size
        self.levels = [bytes(lowest)]
        step = FAN_OUT * WHOLE
        while len(self.levels) == 1 or len(self.levels[-1]) > WHOLE:
            below = self.levels[-1]
            self.levels.append(b"".join(sha256(below[at : at + step]).digest() for at in range(0, len(below), step)))

    @property
    def top(self) -> int:
        """The highest level, which has one fingerprint."""
        return len(self.levels) - 1

    @property
    def root(self) -> str:
        """The fingerprint of everything, in hex; it covers the size."""
        return sha256(b"%d\n" % self.size + self.levels[-1]).hexdigest()

    def below(self, level: int, place: int) -> bytes:
        """The whole fingerprints under one place of a level. Raises PlaceUnknown."""
        if not 1 <= level <= self.top or not 0 <= place * WHOLE < len(self.levels[level]):
            raise PlaceUnknown
        step = FAN_OUT * WHOLE
        return self.levels[level - 1][place * step : (place + 1) * step]

    def shorts_below(self, level: int, places: Sequence[int]) -> bytes:
        """Short fingerprints under these places, in order, as the other side asks for them. Raises PlaceUnknown."""
        if len(places) > MOST_PLACES:
            raise PlaceUnknown
        return b"".join(one for place in places for one in _shorts(self.below(level, place)))


def _shorts(whole: bytes) -> list[bytes]:
    return [whole[at : at + SHORT] for at in range(0, len(whole), WHOLE)]


def differing(mine: Tree, ask: Ask) -> list[int]:
    """The numbers at which the other side's tree of the same size differs, ascending.

    `ask(level, places)` gives the other side's short fingerprints below these places. Raises FingerprintsShort.
    """
    if mine.size == 0:
        return []
    places = [0]
    for level in range(mine.top, 0, -1):
        found: list[int] = []
        for start in range(0, len(places), MOST_PLACES):
            found += _differing_below(mine, level, places[start : start + MOST_PLACES], ask)
        places = found
    return [place + 1 for place in places]


def _differing_below(mine: Tree, level: int, places: Sequence[int], ask: Ask) -> list[int]:
    theirs, at, found = ask(level, places), 0, []
    for place in places:
        for number, one in enumerate(_shorts(mine.below(level, place))):
            if theirs[at : at + SHORT] != one:
                found.append(place * FAN_OUT + number)
            at += SHORT
    if at != len(theirs):
        raise FingerprintsShort
    return found


class Remedy(StrEnum):
    """What mends a difference: sending a message again, or nothing but a look by people."""

    AGAIN = "again"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about one number: send the message `seq` again, or show `code`."""

    remedy: Remedy
    seq: int
    code: str = ""


HOLDER_ENDED = "reconcile-holder-ended"
REFUSAL_DIFFERS = "reconcile-refusal-differs"
ORIGIN_LOST = "reconcile-origin-lost"
ENDED_UNSAID = "reconcile-ended-unsaid"
NOT_MENDED = "reconcile-not-mended"


def advise(number: int, sent: Item | None, held: Item | None) -> Advice:
    """What to do where the sender's item and the holder's differ.

    A message that the holder lacks, or holds damaged, goes again; so does the message that ended one which the holder
    still has in force. What the holder ended by itself, and contradicting refusals, are for people.
    """
    if sent is None or sent.force is Force.BROKEN:
        return Advice(Remedy.NONE, number, ORIGIN_LOST)
    if held is None or held.force is Force.BROKEN or held.hash != sent.hash:
        return Advice(Remedy.AGAIN, number)
    if Force.REFUSED in (sent.force, held.force):
        return Advice(Remedy.NONE, number, REFUSAL_DIFFERS)
    if held.standing == _STANDING[Force.WITHDRAWN]:
        return Advice(Remedy.NONE, number, HOLDER_ENDED)
    return Advice(Remedy.AGAIN, sent.by) if sent.by else Advice(Remedy.NONE, number, ENDED_UNSAID)
