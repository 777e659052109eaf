"""The parts of a profile: values with their sources, contradictions beside each other, dates, and who else is named.

Invariant: nothing here chooses between sources; every value keeps each statement that says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from amana.domain.contradiction import contradict
from amana.domain.evaluation import Evaluation
from amana.domain.handling import Handling, Portion
from amana.domain.vocabulary import property_of
from amana.records.models import Entity, Report, Statement
from amana.records.queries.entities import CALLED_BY

_FIRST = ("name", "alias", "birthDate", "nationality", "country", "flag", "number", "containerCode", "iban")
_RECORD_KEEPING = frozenset({"createdAt", "modifiedAt", "retrievedAt"})


@dataclass(frozen=True, slots=True)
class Said:
    """One statement with its grade as a value."""

    row: Statement

    @property
    def report(self) -> Report:
        """Where it stands."""
        return self.row.report

    @property
    def evaluation(self) -> Evaluation:
        """How far it can be trusted."""
        return Evaluation.from_json(self.row.evaluation)

    @property
    def portion(self) -> Portion | None:
        """What its own marking adds to its report's."""
        return Portion.from_json(self.row.handling) if self.row.handling is not None else None

    @property
    def handling(self) -> Handling:
        """Its whole marking: that of its report, narrowed by its own."""
        whole, own = Handling.from_json(self.row.report.handling), self.portion
        return own.within(whole) if own is not None else whole


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property and everybody who says it; where it is an entity, that one and what it is called."""

    value: str
    lang: str
    sources: tuple[Said, ...]
    entity: Entity | None = None
    called: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One property: its values, and whether they contradict each other."""

    property: str
    schema: str
    values: tuple[Value, ...]
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Dated:
    """One line of the timeline: a day or less, what it is the date of, and who says so; of an event, what it is."""

    date: str
    property: str
    sources: tuple[Said, ...]
    event: Entity | None = None
    called: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Another entity, the statements that join it with this one, and who else it joins."""

    entity: Entity
    called: str
    joined_by: tuple[Said, ...]
    others: tuple[tuple[Entity, str], ...] = ()


def called(statements: Iterable[Statement]) -> dict[int, str]:
    """What entities are called, by what is said of them: their first name, else their first number."""
    said = [(one.entity_id, one.property, one.value) for one in statements]
    found: dict[int, str] = {}
    for rank in reversed(CALLED_BY):
        found |= {entity: value for entity, name, value in reversed(said) if name == rank}
    return found


def group_statements(
    statements: Sequence[Statement], pointed: dict[tuple[str, str], Entity], names: dict[int, str]
) -> tuple[Group, ...]:
    """Statements by property and value, the telling properties first; contradictions are named and not resolved."""
    by_property: dict[str, dict[str, list[Statement]]] = {}
    for one in statements:
        by_property.setdefault(one.property, {}).setdefault(one.value, []).append(one)
    groups = []
    for name, values in by_property.items():
        schema = next(iter(values.values()))[0].entity.schema
        shown = tuple(_value(value, said, pointed, names) for value, said in values.items())
        groups.append(Group(name, schema, shown, contradict(schema, name, values)))
    return tuple(sorted(groups, key=lambda one: (not one.contradicts, _rank(one.property))))


def _value(value: str, said: list[Statement], pointed: dict[tuple[str, str], Entity], names: dict[int, str]) -> Value:
    first = said[0]
    entity = pointed.get((first.entity.originator, value)) if first.points_to else None
    return Value(value, first.lang, tuple(map(Said, said)), entity, names.get(entity.pk, "") if entity else "")


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def timeline(own: Iterable[Statement], events: Iterable[Statement], names: dict[int, str]) -> tuple[Dated, ...]:
    """What is dated of an entity and of the events that name it, the latest first."""
    lines: dict[tuple[str, str, int], list[Statement]] = {}
    for one in filter(_is_date, own):
        lines.setdefault((one.value, one.property, 0), []).append(one)
    for one in filter(_is_date, events):
        lines.setdefault((one.value, one.property, one.entity_id), []).append(one)
    found = []
    for (day, name, event), said in sorted(lines.items(), reverse=True):
        sources = tuple(map(Said, said))
        found.append(Dated(day, name, sources, said[0].entity if event else None, names.get(event, "")))
    return tuple(found)


def _is_date(one: Statement) -> bool:
    return one.property not in _RECORD_KEEPING and property_of(one.entity.schema, one.property).type.name == "date"


def joint_handling(reports: Iterable[Report]) -> Handling | None:
    """The marking that honours those of all reports shown; None where nothing is shown."""
    marks = {one.pk: one.handling for one in reports}
    values = [Handling.from_json(one) for one in marks.values()]
    return reduce(Handling.meet, values) if values else None
