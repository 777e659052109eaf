"""What is needed to compare many entities and to list them, read leanly: no texts, no grades, no whole reports.

Invariant: like all reading it takes a viewpoint; special categories of personal data are no part of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import SPECIAL_PROPERTIES, model
from amana.matching.record import Subject
from amana.records.models import Entity, Report
from amana.records.queries.entities import CALLED_BY, facts_of, headings_of
from amana.services.known_subjects import subject_of

_COMPARED_TYPES = frozenset({"name", "country", "identifier", "phone", "email"})


@dataclass
class Compared:
    """One entity: its properties that are compared, and the reports that state them by primary key, newest first."""

    entity: Entity
    pairs: list[tuple[str, str]] = field(default_factory=list)
    reports: dict[int, None] = field(default_factory=dict)

    @cached_property
    def subject(self) -> Subject:
        """What is compared."""
        return subject_of(self.entity.schema, dict.fromkeys(self.pairs))

    @property
    def called(self) -> str:
        """Its first name, else its first number; empty where it has neither."""
        said = dict(reversed(self.pairs))
        return next((said[rank] for rank in CALLED_BY if rank in said), "")


@cache
def compared_properties() -> tuple[str, ...]:
    """The properties that are compared or by which something is called."""
    found = {
        prop.name
        for schema in model().schemata.values()
        for prop in schema.properties.values()
        if prop.type.name in _COMPARED_TYPES and not prop.stub
    }
    return tuple(sorted((found | set(CALLED_BY) | {"birthDate"}) - SPECIAL_PROPERTIES))


def read_compared(entities: Collection[int], *, viewpoint: Viewpoint) -> dict[int, Compared]:
    """Entities by primary key, as readable reports state them; whoever is not seen is not among them."""
    found: dict[int, Compared] = {}
    for one in facts_of(entities, compared_properties(), viewpoint=viewpoint):
        known = found.get(one.entity)
        if known is None:
            row = Entity(pk=one.entity, originator=one.originator, uid=one.uid, schema=one.schema)
            known = found[one.entity] = Compared(row)
        known.pairs.append((one.property, one.value))
        known.reports[one.report] = None
    return found


def headings(keys: Iterable[Iterable[int]], *, most: int) -> list[tuple[Report, ...]]:
    """The first `most` reports of each list of primary keys, with what a link to them shows."""
    wanted = [list(some)[:most] for some in keys]
    rows = headings_of({key for some in wanted for key in some})
    return [tuple(rows[key] for key in some if key in rows) for some in wanted]


def joint_subject(entries: Iterable[Compared]) -> Subject:
    """All entries of one profile as one subject to compare, of the first one's kind."""
    subjects = [one.subject for one in entries]
    if not subjects:
        return Subject(())
    return replace(
        subjects[0],
        names=tuple(dict.fromkeys(name for one in subjects for name in one.names)),
        birth_dates=tuple(dict.fromkeys(day for one in subjects for day in one.birth_dates)),
        countries=tuple(dict.fromkeys(code for one in subjects for code in one.countries)),
        identifiers=tuple(dict.fromkeys(number for one in subjects for number in one.identifiers)),
    )
