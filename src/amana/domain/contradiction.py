"""Where sources contradict each other: two values of something of which there is one, such as two birth dates.

Invariant: it says that they cannot both hold at one time, and never which of them is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from amana.domain.folding import fold
from amana.domain.vocabulary import property_of

# FollowTheMoney does not say which of its properties have one value; these have, at any one time.
ONE_ONLY = frozenset(
    {
        "birthDate", "deathDate", "gender", "birthCountry", "flag", "imoNumber", "mmsi", "callSign", "vin",
        "buildDate",
        "grossRegisteredTonnage", "deadweightTonnage", "incorporationDate", "dissolutionDate", "jurisdiction",
        "leiCode", "iban", "containerCode", "imei", "openingDate", "closingDate", "startDate", "endDate", "latitude",
        "longitude",
    }
)  # fmt: skip
_ONE_ONLY_OF = frozenset({("Vehicle", "registrationNumber"), ("Phone", "number"), ("Event", "date")})
ONE_VALUED = ONE_ONLY | {name for _schema, name in _ONE_ONLY_OF}  # of some schema at least


def has_one_value(schema: str, name: str) -> bool:
    """Whether an entity of this schema has at most one value of the property at any one time."""
    return name in ONE_ONLY or (schema, name) in _ONE_ONLY_OF


def contradict(schema: str, name: str, values: Iterable[str]) -> bool:
    """Whether two of these values of one property contradict each other; 1980 and 1980-05-17 do not."""
    if not has_one_value(schema, name):
        return False
    given = sorted(set(values))
    is_date = property_of(schema, name).type.name == "date"
    return any(not (_dates_fit if is_date else _same)(one, other) for one, other in combinations(given, 2))


def _dates_fit(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(value: str) -> str:
    return "".join(sign for sign in fold(value) if sign.isalnum())
