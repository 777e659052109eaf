"""Taking in a public list, and its next edition as differences: what came, what went, what changed.

Invariant: a list taken in twice changes nothing the second time; an entry keeps its id and its draft. Its people have
the category that the officer gave, as nobody is compared without one. Drafts are born restricted and leave like any
other report, or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID
from zlib import crc32

from django.db import transaction
from django.utils import timezone

from amana.domain.evaluation import Evaluation
from amana.domain.handling import Purpose, Tlp
from amana.domain.report import Content, State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, is_person
from amana.intake.lists import Listed, read_entries
from amana.records.models import ListPart, Report, SubjectList, User
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.reports import born_restricted, change_draft, correct_report, draft_report
from amana.services.rights import Deed, require

ENTRIES_A_DRAFT = 200
Said = tuple[str, tuple[tuple[str, str], ...]]  # schema, and pairs of property and value


@dataclass(frozen=True, slots=True)
class Differences:
    """What an import changed, in entries; `left_out` counts values that the vocabulary refused."""

    entries: int
    came: int
    went: int
    changed: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Marking:
    """Under what a list is kept: the people's category, its grade, its TLP and the purposes it may be used for."""

    category: Category
    evaluation: Evaluation
    tlp: Tlp
    purposes: frozenset[Purpose]


def import_list(
    data: bytes,
    *,
    name: str,
    marking: Marking,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    by: User,
) -> Differences:
    """Take in a list under a name, or bring the list of that name up to date. Safe to break off and begin again.

    Each draft is written in a transaction of its own; `progress` is told how many are done, of how many. Raises
    ListUnreadable and what drafting raises.
    """
    require(by, Deed.WRITE)
    entries = {one.id: one for one in read_entries(data)}
    row, _ = SubjectList.objects.get_or_create(
        pk=name,
        defaults={"parts": max(1, -(-len(entries) // ENTRIES_A_DRAFT)), "sha256": "", "imported_at": timezone.now()},
    )
    by_part: dict[int, list[Listed]] = {number: [] for number in range(row.parts)}
    for one in entries.values():
        by_part[crc32(one.id.encode()) % row.parts].append(one)
    totals = [0, 0, 0]
    for number, some in by_part.items():
        for place, count in enumerate(_bring_up(row, number, some, marking, by=by)):
            totals[place] += count
        progress(number + 1, row.parts)
    came, went, changed = totals
    found = Differences(len(entries), came, went, changed, sum(one.left_out for one in entries.values()))
    _note(row, found, hashlib.sha256(data).hexdigest(), by=by)
    return found


@transaction.atomic
def _note(row: SubjectList, found: Differences, sha256: str, *, by: User) -> None:
    SubjectList.objects.filter(pk=row.pk).update(sha256=sha256, entries=found.entries, imported_at=timezone.now())
    counts = [(name, str(getattr(found, name))) for name in ("entries", "came", "went", "changed", "left_out")]
    record(
        Act.COLLECTION, "list-imported", "list", by=by.username, reason="list", details=[("sha256", sha256), *counts]
    )


@transaction.atomic
def _bring_up(
    row: SubjectList, number: int, entries: Iterable[Listed], marking: Marking, *, by: User
) -> tuple[int, int, int]:
    """Write the draft of one part where anything differs; returns how many entries came, went and changed."""
    part = ListPart.objects.select_for_update(no_key=True).filter(list=row, number=number).first()
    new = {one.id: (one.schema, one.pairs) for one in entries}
    content = _content_of(part)
    old = _entries_in(content) if content is not None else {}
    came, went = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
    if part is None:
        drafted = _draft(row, number, new, marking, by=by)
        ListPart.objects.create(list=row, number=number, report_uid=drafted.uid)
    elif content is None or came or went or changed:
        _change(part, new, content, marking, by=by)
    return came, went, changed


def _content_of(part: ListPart | None) -> Content | None:
    rows = (
        Report.objects.filter(uid=part.report_uid, originator=own_node()) if part is not None else Report.objects.none()
    )
    newest = rows.order_by("-version").first()
    return content_of(newest) if newest is not None and newest.evaluation else None


def _entries_in(content: Content) -> dict[str, Said]:
    pairs: dict[str, list[tuple[str, str]]] = {entity.id: [] for entity in content.entities}
    for one in content.statements:
        pairs[one.entity].append((one.property, one.value))
    return {entity.id: (entity.schema, tuple(sorted(pairs[entity.id]))) for entity in content.entities}


def _draft(row: SubjectList, number: int, new: Mapping[str, Said], marking: Marking, *, by: User) -> Report:
    entities, statements = _said(new, marking, {})
    born = born_restricted(purposes=marking.purposes, today=timezone.localdate())
    return draft_report(
        title=f"{row.name} {number + 1}/{row.parts}",
        text="",
        language="en",
        evaluation=marking.evaluation,
        handling=replace(born, tlp=marking.tlp),
        entities=entities,
        statements=statements,
        by=by,
    )


def _change(part: ListPart, new: Mapping[str, Said], content: Content | None, marking: Marking, *, by: User) -> None:
    """Change the draft, or a new version where it has left; what an officer said of a person stays."""
    kept = {entity.id: entity for entity in content.entities} if content is not None else {}
    entities, statements = _said(new, marking, kept)
    state = Report.objects.filter(uid=part.report_uid).order_by("-version").values_list("state", flat=True).first()
    if state == State.RELEASED:
        correct_report(part.report_uid, reason="list", by=by)
    change_draft(part.report_uid, entities=tuple(entities), statements=tuple(statements), by=by)


def _said(
    new: Mapping[str, Said], marking: Marking, kept: Mapping[str, Entity]
) -> tuple[list[Entity], list[Statement]]:
    entities: list[Entity] = []
    statements: list[Statement] = []
    for key, (schema, pairs) in sorted(new.items()):
        known = kept.get(key)
        category = marking.category if is_person(schema) else None
        entities.append(known if known is not None and known.schema == schema else Entity(key, schema, category))
        for name, value in pairs:
            number = f"s{len(statements) + 1}"
            statements.append(Statement(number, key, schema, name, value, Nature.FACT, marking.evaluation))
    return entities, statements


def list_lists(*, by: User) -> list[SubjectList]:
    """The lists that were taken in, by name."""
    require(by, Deed.READ)
    return list(SubjectList.objects.order_by("name"))


def drafts_of(row: SubjectList) -> list[UUID]:
    """The numbers of a list's drafts, in order."""
    return list(row.drafts.order_by("number").values_list("report_uid", flat=True))
