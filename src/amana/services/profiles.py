"""The profile of an entity: all that a viewpoint may see of it, and of those judged the same.

Invariant: it is put together anew for each look, from statements that may be read now; opening it stands in the log. It
carries the marking that honours all that it shows. A long profile comes in pages, its contradictions from all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from amana.domain.contradiction import ONE_VALUED, contradict
from amana.domain.handling import Handling
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Entity, Judgement, Report, ReportEntity, Statement
from amana.records.queries.entities import (
    CALLED_BY,
    basis_changed,
    keyed_entities,
    links_to,
    naming_cases,
    pointing_to,
    said_of,
)
from amana.services.journal import Act, record
from amana.services.judgements import Standing, find_entity, key_of_entity, standing_of
from amana.services.profile_parts import (
    Dated,
    Group,
    Related,
    Said,
    called,
    group_statements,
    joint_handling,
    timeline,
)

STATEMENTS_A_PAGE = 300
MOST_LINKS = 200  # reports that are listed
MOST_RELATED = 60  # other entities that are listed
MOST_SAID = 1_000  # statements on them that are read


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement as a profile tells it: who the other one is, whether it stands, and what became of its reports."""

    row: Judgement
    entity: Entity | None
    called: str
    stands: bool
    joins: bool
    changed: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """An entity as one viewpoint sees it now; `members` are all entries that judgements make one with it."""

    entity: Entity
    called: str
    members: tuple[Entity, ...]
    standing: Standing
    statements: tuple[Statement, ...]
    groups: tuple[Group, ...]
    timeline: tuple[Dated, ...]
    related: tuple[Related, ...]
    links: tuple[ReportEntity, ...]
    cases: tuple[Report, ...]
    history: tuple[Judged, ...]
    opposed: tuple[Judgement, ...]
    handling: Handling | None
    page: int
    more: bool

    @property
    def contradictions(self) -> tuple[Group, ...]:
        """The properties of which sources say different things that cannot both hold."""
        return tuple(one for one in self.groups if one.contradicts)

    @property
    def categories(self) -> dict[str, list[Report]]:
        """What a person is said to be, and by which reports."""
        found: dict[str, list[Report]] = {}
        for one in self.links:
            if one.category:
                found.setdefault(one.category, []).append(one.report)
        return found

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports that speak of it, each once, the newest first."""
        return tuple({one.report_id: one.report for one in self.links}.values())


def open_profile(
    number: int, *, page: int = 1, alone: bool = False, viewpoint: Viewpoint, reason: str = "reading"
) -> Profile:
    """Open an entity's profile; the look stands in the log. `alone`: without those judged the same.

    Raises EntityUnknown.
    """
    with transaction.atomic():
        entity = find_entity(number, viewpoint=viewpoint)
        record(
            Act.CONSULTATION,
            "entity-opened",
            f"entity:{entity.pk}",
            by=viewpoint.officer,
            reason=reason,
            details=viewpoint.in_log,
        )
    standing = standing_of([entity], viewpoint=viewpoint)
    keys = [key_of_entity(entity)] if alone else sorted(standing.one_profile(key_of_entity(entity)))
    members = sorted((standing.entities[key] for key in keys), key=lambda one: (one.pk != entity.pk, one.pk))
    return _put_together(entity, members, standing, page=page, viewpoint=viewpoint)


def _put_together(
    entity: Entity, members: Sequence[Entity], standing: Standing, *, page: int, viewpoint: Viewpoint
) -> Profile:
    own = {one.pk for one in members}
    statements, more = _statements(own, page, viewpoint=viewpoint)
    incoming = list(pointing_to(members, viewpoint=viewpoint)[:MOST_SAID])
    links = links_to(own, most=MOST_LINKS, viewpoint=viewpoint)
    near = _near(statements, incoming, own, viewpoint=viewpoint)
    said = list(said_of(near.keys() | (_judged(standing) - own), viewpoint=viewpoint)[:MOST_SAID])
    names = called([*statements, *said])
    pointed = {(one.originator, one.uid): one for one in near.values()}
    related = _related(statements, incoming, said, own, near, names, viewpoint=viewpoint)
    shown = [one.report for one in (*statements, *incoming, *said)] + [one.report for one in links]
    return Profile(
        entity,
        names.get(entity.pk, "") or next((names[one.pk] for one in members if one.pk in names), entity.uid),
        tuple(members),
        standing,
        tuple(statements),
        group_statements(statements, pointed, names),
        timeline(statements, [one for one in said if one.entity_id in {row.entity_id for row in incoming}], names),
        related,
        tuple(links),
        tuple(naming_cases([one.report for one in links], viewpoint=viewpoint)),
        history_of(standing, members, names),
        tuple(standing.opposed(key_of_entity(entity))),
        joint_handling(shown),
        page,
        more,
    )


def _statements(own: Collection[int], page: int, *, viewpoint: Viewpoint) -> tuple[list[Statement], bool]:
    """One page of what is said; where it is one of several, with all that contradicts itself over all of them."""
    start = (max(page, 1) - 1) * STATEMENTS_A_PAGE
    rows = said_of(own, viewpoint=viewpoint)
    found = list(rows[start : start + STATEMENTS_A_PAGE + 1])
    more = len(found) > STATEMENTS_A_PAGE
    found = found[:STATEMENTS_A_PAGE]
    if more or start:
        there = {one.pk for one in found}
        others = rows.filter(property__in=ONE_VALUED)[:MOST_SAID]
        by_property: dict[str, list[Statement]] = {}
        for one in [*found, *(other for other in others if other.pk not in there)]:
            by_property.setdefault(one.property, []).append(one)
        for name, said in by_property.items():
            if contradict(said[0].entity.schema, name, [one.value for one in said]):
                found += [one for one in said if one.pk not in there]
    return found, more


def _near(
    statements: Sequence[Statement], incoming: Sequence[Statement], own: Collection[int], *, viewpoint: Viewpoint
) -> dict[int, Entity]:
    """The entities that statements join with these, at most `MOST_RELATED`."""
    keys = dict.fromkeys(f"{one.entity.originator}/{one.points_to}" for one in statements if one.points_to)
    outgoing = keyed_entities(list(keys)[:MOST_RELATED], viewpoint=viewpoint).values()
    found = {one.pk: one for one in (*outgoing, *(row.entity for row in incoming)) if one.pk not in own}
    return dict(list(found.items())[:MOST_RELATED])


def _judged(standing: Standing) -> set[int]:
    return {one.pk for one in standing.entities.values()}


def _related(
    statements: Sequence[Statement],
    incoming: Sequence[Statement],
    said: Sequence[Statement],
    own: Collection[int],
    near: dict[int, Entity],
    names: dict[int, str],
    *,
    viewpoint: Viewpoint,
) -> tuple[Related, ...]:
    """Who else is named, with the statements; an event or payment also tells whom it joins with them."""
    by_id = {(one.originator, one.uid): one for one in near.values()}
    joins: dict[int, list[Said]] = {}
    for one in statements:
        other = by_id.get((one.entity.originator, one.points_to or ""))
        if other is not None:
            joins.setdefault(other.pk, []).append(Said(one))
    for one in incoming:
        joins.setdefault(one.entity_id, []).append(Said(one))
    between = {row.entity_id for row in incoming}
    further = [one for one in said if one.entity_id in between and one.points_to]
    ends = keyed_entities(
        list(dict.fromkeys(f"{one.entity.originator}/{one.points_to}" for one in further))[:MOST_RELATED],
        viewpoint=viewpoint,
    )
    beyond = {one.pk for one in ends.values()} - near.keys() - set(own)
    if beyond:
        names = names | called(said_of(beyond, viewpoint=viewpoint).filter(property__in=CALLED_BY)[:MOST_SAID])
    others: dict[int, dict[int, tuple[Entity, str]]] = {}
    for one in further:
        end = ends.get(f"{one.entity.originator}/{one.points_to}")
        if end is not None and end.pk not in own:
            others.setdefault(one.entity_id, {})[end.pk] = (end, names.get(end.pk, end.uid))
    return tuple(
        Related(near[pk], names.get(pk, near[pk].uid), tuple(said), tuple(others.get(pk, {}).values()))
        for pk, said in joins.items()
        if pk in near
    )


def history_of(standing: Standing, members: Collection[Entity], names: dict[int, str]) -> tuple[Judged, ...]:
    """All that was judged of these entities, the newest first, undone and overtaken ones too."""
    own = set(map(key_of_entity, members))
    rows = [row for some in standing.judgements.values() for row in some if {row.one, row.other} & own]
    changed = basis_changed([row.pk for row in rows]) if rows else {}
    found = []
    for row in sorted(rows, key=lambda one: -one.pk):
        key = row.other if row.one in own else row.one
        other = standing.entities.get(key)
        stands = standing.standing(frozenset((row.one, row.other))) == row
        found.append(
            Judged(
                row,
                other,
                names.get(other.pk, other.uid) if other else "",
                stands,
                stands and {row.one, row.other} <= own,
                tuple(changed.get(row.pk, ())),
            )
        )
    return tuple(found)
