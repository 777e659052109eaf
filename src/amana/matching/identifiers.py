"""Numeric identifiers: equal after cleaning, or not at all; nothing here is fuzzy.

Invariant: only values of one kind are compared. Cleaning is rigour’s for the formats it knows (IBAN, IMO, LEI …) and
phonenumbers' for phones; of others letters and digits count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import StrEnum

import phonenumbers
from rigour.ids import get_identifier_format

SHORTEST = 4  # shorter ones agree by chance
ONE_EACH = frozenset({"imo", "mmsi", "lei", "vin"})  # a thing has one of it, so another contradicts
_BESIDE = re.compile(r"[\W_]+")


class Agreement(StrEnum):
    """What the identifiers of two records say."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


def clean(kind: str, value: str) -> str:
    """The identifier in the one form of its kind; empty if it cannot be one."""
    if kind == "phone":
        return _phone(value)
    known = get_identifier_format(kind)
    cleaned = known.normalize(value) if known else value
    found = _BESIDE.sub("", cleaned or "").upper()
    return found if len(found) >= SHORTEST else ""


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def agreement_of(ours: tuple[tuple[str, str], ...], theirs: tuple[tuple[str, str], ...]) -> tuple[Agreement, str, str]:
    """Whether any identifier agrees, or one that a thing has but once differs; with the values concerned."""
    left, right = _by_kind(ours), _by_kind(theirs)
    shared = sorted(left.keys() & right.keys())
    same = [(kind, min(left[kind] & right[kind])) for kind in shared if left[kind] & right[kind]]
    if same:
        kind, value = same[0]
        return Agreement.SAME, f"{kind} {value}", f"{kind} {value}"
    for kind in shared:
        if kind in ONE_EACH:
            return Agreement.OTHER, f"{kind} {min(left[kind])}", f"{kind} {min(right[kind])}"
    return Agreement.UNKNOWN, "", ""


def _by_kind(identifiers: tuple[tuple[str, str], ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for kind, value in identifiers:
        if cleaned := clean(kind, value):
            found[kind].add(cleaned)
    return found
