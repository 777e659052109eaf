"""What is to be done: actions of meetings and tasks of cases, on both desks until they are done.

Invariant: a task is done when whoever set it says so in a newer version, or when the node that owes it says so in a
notice; both are reports, released by a second person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from amana.domain.evaluation import unknown
from amana.domain.joint import CaseSheet, Meeting, Notice, Task
from amana.domain.report import Content, Kind, State
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Report, User
from amana.records.queries.joint import Named, parts_of_kind
from amana.services.cases import TaskUnknown
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.reports import draft_report, newest

_WHERE = {Kind.MEETING: "actions", Kind.CASE: "tasks"}  # under which name their details hold tasks


@dataclass(frozen=True, slots=True)
class Owed:
    """A task that is not done: in which report it stands, and whether this node owes it."""

    task: Task
    row: Named
    ours: bool


@transaction.atomic
def open_tasks(*, viewpoint: Viewpoint) -> list[Owed]:
    """All tasks of meetings and cases that are not done, the earliest due first; the look stands in the log."""
    found = _open(viewpoint)
    record(
        Act.CONSULTATION,
        "tasks-listed",
        "tasks",
        by=viewpoint.officer,
        reason="desk",
        details=[*viewpoint.in_log, ("found", str(len(found)))],
    )
    return found


def _open(viewpoint: Viewpoint, partner: str = "") -> list[Owed]:
    return _not_done([one for kind in _WHERE for one in _tasks_in_kind(kind, viewpoint, partner=partner)], viewpoint)


def tasks_of_case(case: UUID, *, viewpoint: Viewpoint) -> list[Owed]:
    """The tasks of one case's sheets that are not done, the earliest due first; this leaves no entry in the log."""
    return _not_done(_tasks_in_kind(Kind.CASE, viewpoint, case=case), viewpoint)


def _tasks_in_kind(
    kind: Kind, viewpoint: Viewpoint, *, case: UUID | None = None, partner: str = ""
) -> list[tuple[Named, Any]]:
    """The tasks in each report of that kind, as they are kept."""
    part = KeyTransform(_WHERE[kind], "details")
    rows = parts_of_kind(kind, part, viewpoint=viewpoint, case=case, partner=partner)
    return [(named, tasks) for named, (tasks,) in rows]


def _not_done(rows: Iterable[tuple[Named, Any]], viewpoint: Viewpoint) -> list[Owed]:
    here = own_node()
    owed = [
        Owed(Task.from_json(task), named, task["node"] == here)
        for named, tasks in rows
        for task in tasks
        if not task["done"]
    ]
    done = _told_done(viewpoint) if owed else frozenset()
    found = [one for one in owed if (str(one.row.uid), one.task.id, one.task.node) not in done]
    return sorted(found, key=lambda one: (one.task.due, one.task.id))


def due_tasks(*, until: date = date.max, partner: str = "", viewpoint: Viewpoint) -> list[Owed]:
    """The tasks that are due by a day, the earliest first; with `partner`, those that it knows of.

    For who opens a page that logs the look itself: this alone leaves no entry in the log.
    """
    return [one for one in _open(viewpoint, partner) if one.task.due <= until]


def _told_done(viewpoint: Viewpoint) -> frozenset[tuple[str, str, str]]:
    """(report, task, node that says it is done) of every notice that may be seen and was let go."""
    parts = [KeyTextTransform(name, "details") for name in ("report", "task")]
    of_tasks = ~Q(details__task="") & Q(state__in=[State.RELEASED, State.HELD])
    rows = parts_of_kind(Kind.NOTICE, *parts, viewpoint=viewpoint, chosen=of_tasks)
    return frozenset((report, task, named.originator) for named, (report, task) in rows if task)


@transaction.atomic
def tell_done(uid: UUID, task: str, *, note: str, by: User) -> Report:
    """Draft the notice that a task this node owes is done; a second person releases it to whoever set the task.

    Raises TaskUnknown where the report has no such task of this node.
    """
    found = newest(uid, by=by)
    content = content_of(found)
    owed = next((one for one in _tasks_in(content) if one.id == task and one.node == own_node()), None)
    if owed is None:
        raise TaskUnknown
    ours = found.originator == own_node()
    readers = content.handling.releasable_to if ours else frozenset({found.originator})
    return draft_report(
        title=owed.what[:1000],
        text=note,
        language=content.language,
        evaluation=unknown(timezone.localdate()),
        handling=replace(content.handling, releasable_to=readers),
        crime_areas=content.crime_areas,
        kind=Kind.NOTICE,
        details=Notice(report=str(uid), task=task),
        built_on=() if ours else (found,),
        by=by,
    )


def _tasks_in(content: Content) -> Iterator[Task]:
    if isinstance(content.details, Meeting):
        yield from content.details.actions
    elif isinstance(content.details, CaseSheet):
        yield from content.details.tasks
