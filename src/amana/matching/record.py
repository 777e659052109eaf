"""A record as it is compared.

Invariant: it holds what its source said and nothing that was concluded; an empty part says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared of a record: its names, FollowTheMoney schema and what else is known.

    Birth dates are ISO 8601, as exact as known ("1971", "1971-03", "1971-03-25"); countries are two-letter codes;
    identifiers are (kind, value), such as ("passport", "AB123456") or ("imo", "9074729").
    """

    names: tuple[str, ...]
    schema: str = ""
    birth_dates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
