"""Of whom and what a request or an answer speaks: typed in by hand, or taken over from reports of ours.

Invariant: what is taken over keeps its grade and nature, and nobody loses the protection of a stricter category.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from amana.domain.evaluation import Evaluation
from amana.domain.report import Content
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import HIT_NO_HIT_ONLY, Category
from amana.records.models import Report
from amana.services.keys import own_node
from amana.services.reports import ReportNotOurs, ReportUnknown, show_report


@dataclass(frozen=True, slots=True)
class Taken:
    """Entities and statements taken from reports of ours, without their places; `rows` are the reports."""

    rows: tuple[Report, ...] = ()
    contents: tuple[Content, ...] = ()
    entities: tuple[Entity, ...] = ()
    statements: tuple[Statement, ...] = ()


def take_from_reports(numbers: Sequence[UUID], *, viewpoint: Viewpoint, reason: str) -> Taken:
    """Take entities and statements over from reports of ours; each reading stands in the log.

    An entity that two reports know keeps the stricter category: who is a witness in one stays a witness.
    Raises ReportUnknown, ReportNotOurs.
    """
    shown = [show_report(number, viewpoint=viewpoint, reason=reason) for number in dict.fromkeys(numbers)]
    contents = []
    for one in shown:
        if one.row.originator != own_node():
            raise ReportNotOurs(node=one.row.originator)
        if one.content is None:
            raise ReportUnknown
        contents.append(one.content)
    entities: dict[str, Entity] = {}
    for entity in (entity for content in contents for entity in content.entities):
        if entity.id not in entities or entity.category in HIT_NO_HIT_ONLY:
            entities[entity.id] = entity
    said = [statement for content in contents for statement in content.statements]
    statements = [replace(one, id=f"s{place}", place=None) for place, one in enumerate(said, start=1)]
    rows = tuple(one.row for one in shown)
    return Taken(rows, tuple(contents), tuple(entities.values()), tuple(statements))


def name_subjects(
    people: Iterable[tuple[str, Category]], things: Iterable[tuple[str, str, str]], *, evaluation: Evaluation
) -> tuple[list[Entity], list[Statement]]:
    """Entities and statements for people (name, category) and things (schema, property, value), one entity each.

    Raises BadInput where a value does not fit its property, or a category needs more than a name.
    """
    entities: list[Entity] = []
    statements: list[Statement] = []
    given = [("Person", "name", name, category) for name, category in people]
    for schema, prop, value, category in [*given, *((*thing, None) for thing in things)]:
        entities.append(Entity(id=str(uuid4()), schema=schema, category=category))
        statements.append(
            Statement(
                id=f"s{len(statements) + 1}",
                entity=entities[-1].id,
                schema=schema,
                property=prop,
                value=value,
                nature=Nature.FACT,
                evaluation=evaluation,
            )
        )
    return entities, statements
