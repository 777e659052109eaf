"""What our holdings know of an entity, gathered into the form in which two records are compared.

Invariant: special categories of personal data are no part of it, whatever a report says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from amana.domain.vocabulary import SPECIAL_PROPERTIES, property_of
from amana.matching.record import Subject
from amana.records.models import Entity, Report, Statement

_SUFFIXES = ("Number", "Code", "Id")


@dataclass(slots=True)
class Known:
    """One entity of our holdings: its names and properties, and the reports that speak of it, newest first."""

    entity: Entity
    pairs: list[tuple[str, str]] = field(default_factory=list)
    reports: dict[int, Report] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """What is compared."""
        return subject_of(self.entity.schema, self.pairs)


def gather(statements: Iterable[Statement]) -> dict[int, Known]:
    """What statements say, by the primary key of their entity."""
    found: dict[int, Known] = {}
    for one in statements:
        known = found.setdefault(one.entity_id, Known(one.entity))
        known.pairs.append((one.property, one.value))
        known.reports.setdefault(one.report_id, one.report)
    return found


def subject_of(schema: str, pairs: Iterable[tuple[str, str]]) -> Subject:
    """A subject of (property, value) pairs of one schema: names, birth dates, countries and identifiers, each once."""
    names, births, countries, numbers = (dict[object, None]() for _ in range(4))
    for name, value in pairs:
        if name in SPECIAL_PROPERTIES:
            continue
        match property_of(schema, name).type.name:
            case "name":
                names[value] = None
            case "country":
                countries[value] = None
            case "date" if name == "birthDate":
                births[value] = None
            case "identifier" | "phone" | "email":
                numbers[(identifier_kind(schema, name), value)] = None
    return Subject(tuple(names), schema, tuple(births), tuple(countries), tuple(numbers))  # type: ignore[arg-type]


def identifier_kind(schema: str, name: str) -> str:
    """The kind of identifier that a property holds, such as “passport”, “imo”, “iban” or “phone”."""
    prop = property_of(schema, name)
    if prop.type.name in ("phone", "email"):
        return str(prop.type.name)
    if prop.format:
        return prop.format
    return next((name.removesuffix(end) for end in _SUFFIXES if name.endswith(end)), name).lower()
