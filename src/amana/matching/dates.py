"""How two birth dates fit: lists give years, 1 January for "some day that year", and days and months exchanged.

Invariant: what is not known contradicts nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
NEAR = 1  # years by which a stated age or a converted Hijri year is often off


class Fit(StrEnum):
    """How two dates stand to one another."""

    SAME_DAY = "same-day"
    SAME_YEAR = "same-year"
    NEAR_YEAR = "near-year"
    SWAPPED = "swapped"
    OTHER_DAY = "other-day"
    OTHER_YEAR = "other-year"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Born:
    """A birth date as exact as known: 0 stands for what is not."""

    year: int = 0
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> Born:
        """Read ISO 8601, whole or its beginning. 1 January counts as the year alone; other text as unknown."""
        found = _ISO.fullmatch(text.strip()[:10])
        if found is None:
            return cls()
        year, month, day = (int(part or 0) for part in found.groups())
        return cls(year) if (month, day) == (1, 1) else cls(year, month, day)


def fit_of(one: Born, other: Born) -> Fit:
    """How two birth dates fit; the same for both orders."""
    if not one.year or not other.year:
        return Fit.UNKNOWN
    apart = abs(one.year - other.year)
    if apart:
        return Fit.NEAR_YEAR if apart <= NEAR and not (one.day and other.day) else Fit.OTHER_YEAR
    if not one.month or not other.month:
        return Fit.SAME_YEAR
    if not one.day or not other.day:
        return Fit.SAME_YEAR if one.month == other.month else Fit.OTHER_DAY
    if (one.month, one.day) == (other.month, other.day):
        return Fit.SAME_DAY
    return Fit.SWAPPED if (one.month, one.day) == (other.day, other.month) else Fit.OTHER_DAY
