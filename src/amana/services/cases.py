"""Joint cases: each node writes a sheet of its own; the case is the sum of the sheets that a viewpoint may see.

Invariant: a sheet is a report like any other, so it leaves by preview and second person, is corrected and recalled;
what a viewpoint may not read of a case is a stub without title or text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotFound, gettext_noop
from amana.domain.evaluation import unknown
from amana.domain.handling import Handling, Tlp
from amana.domain.joint import CaseSheet, Member, Task
from amana.domain.report import Kind, State
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.records.models import Report, User
from amana.records.queries.joint import Named, newest_of_kind, parts_of_kind, visible_by_number
from amana.records.queries.reports import visible_reports
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.reports import change_draft, correct_report, draft_report, newest
from amana.services.rights import Deed, require


class CaseUnknown(NotFound):
    """No case of that number may be seen from here."""

    code = "case-unknown"
    sentence = gettext_noop("There is no case of this number that you may see.")


class SheetExists(Conflict):
    """This node already has a sheet in the case."""

    code = "case-sheet-exists"
    sentence = gettext_noop("Your node already has a sheet in this case; add to it instead.")


class SheetMissing(Conflict):
    """This node has no sheet in the case yet."""

    code = "case-sheet-missing"
    sentence = gettext_noop("Your node has no sheet in this case yet; join the case first.")


class TaskUnknown(BadInput):
    """The sheet or meeting has no such task."""

    code = "task-unknown"
    sentence = gettext_noop("There is no open task of this number here.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One node's sheet as it is seen: the report that carries it and what it says."""

    row: Report
    details: CaseSheet


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """A report in a case: `row` is None where the viewpoint sees only the stub."""

    member: Member
    brought_by: str
    row: Report | None


@dataclass(frozen=True, slots=True)
class CaseListed:
    """A joint case in a list: its name, the rows of its sheets that may be seen, and how many reports these name."""

    id: UUID
    name: str
    rows: tuple[Report, ...]
    reports: int
    closed: bool

    @property
    def nodes(self) -> list[str]:
        """Whose sheets they are, by name."""
        return sorted({row.originator for row in self.rows})


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A joint case from one viewpoint."""

    id: UUID
    name: str
    sheets: tuple[Sheet, ...]
    members: tuple[MemberSeen, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that is not closed, by number and name."""

    id: UUID
    name: str


def open_cases(*, viewpoint: Viewpoint) -> list[OpenCase]:
    """The cases that are not closed and of which a sheet may be seen, the newest first.

    For who opens a page that logs the look itself: this alone leaves no entry in the log.
    """
    by_case: dict[str, list[tuple[datetime, Named, bool]]] = {}
    parts = KeyTextTransform("case", "details"), KeyTransform("closed", "details"), F("written")
    for named, (case, closed, written) in parts_of_kind(Kind.CASE, *parts, viewpoint=viewpoint):
        by_case.setdefault(case, []).append((written, named, closed))
    return [
        OpenCase(UUID(case), min(sheets, key=lambda one: (one[0], one[1].pk))[1].title)
        for case, sheets in by_case.items()
        if not all(closed for *_, closed in sheets)
    ]


def name_of_case(case: str, *, viewpoint: Viewpoint) -> str:
    """What a case is called, empty where none of its sheets may be seen."""
    rows = visible_reports(viewpoint=viewpoint).filter(kind=Kind.CASE, details__case=case)
    return rows.order_by("written", "pk").values_list("title", flat=True).first() or ""


def open_case(
    name: str,
    *,
    handling: Handling,
    crime_areas: frozenset[CrimeArea],
    case: UUID | None = None,
    built_on: Sequence[Report] = (),
    by: User,
) -> Report:
    """Begin this node's sheet: of a new case, or of one that a partner's sheet opened. A draft until it is released.

    `built_on` are the reports whose words it takes. Raises SheetExists, and what drafting raises.
    """
    require(by, Deed.WRITE)
    with transaction.atomic():
        if case is not None and _own_sheets(case).exists():
            raise SheetExists
        sheet = CaseSheet(case=str(case or uuid4()), node=own_node())
        return draft_report(
            title=name,
            text="",
            language="",
            evaluation=unknown(timezone.localdate()),
            handling=handling,
            crime_areas=crime_areas,
            kind=Kind.CASE,
            details=sheet,
            built_on=built_on,
            by=by,
        )


def case_from_report(uid: UUID, *, by: User) -> Report:
    """One step from a report or request to a case: a new sheet under the same marking, with the report in it.

    A sheet that takes its name from a partner's report goes to that partner, and further only by its consent.
    """
    with transaction.atomic():
        found = newest(uid, by=by)
        content = content_of(found)
        ours = found.originator == own_node()
        handling = content.handling if ours else replace(content.handling, releasable_to=frozenset())
        sources = () if ours else (found,)
        row = open_case(content.title, handling=handling, crime_areas=content.crime_areas, built_on=sources, by=by)
        member = Member(found.originator, str(found.uid))
        return _write(row, lambda sheet: replace(sheet, members=(member,)), by=by)


def join_case(case: UUID, *, viewpoint: Viewpoint, by: User) -> Report:
    """Begin this node's sheet in a case that a partner opened, under that partner's name and marking, and for it alone.

    Raises CaseUnknown, SheetExists.
    """
    sheets = _sheets(viewpoint, case)
    if not sheets:
        raise CaseUnknown
    theirs = sheets[0]
    content = content_of(theirs.row)
    handling = replace(content.handling, releasable_to=frozenset({theirs.row.originator}) - {own_node()})
    return open_case(
        content.title, handling=handling, crime_areas=content.crime_areas, case=case, built_on=[theirs.row], by=by
    )


def add_report(case: UUID, uid: UUID, *, by: User) -> Report:
    """Bring a report of ours or of a partner into this node's sheet, by its number only. Raises SheetMissing."""
    with transaction.atomic():
        found = newest(uid, by=by)
        member = Member(found.originator, str(found.uid))
        return _change(case, lambda sheet: _with_member(sheet, member), by=by)


def _with_member(sheet: CaseSheet, member: Member) -> CaseSheet:
    return sheet if member in sheet.members else replace(sheet, members=(*sheet.members, member))


def add_task(case: UUID, what: str, *, node: str, person: str, due: date, by: User) -> Report:
    """Put a task with an owner and a day on this node's sheet. Raises SheetMissing."""
    task = Task(id=str(uuid4()), what=what, node=node, person=person, due=due)
    return _change(case, lambda sheet: replace(sheet, tasks=(*sheet.tasks, task)), by=by)


def close_case(case: UUID, *, by: User) -> Report:
    """Close the case on this node's sheet; the other nodes close theirs. Raises SheetMissing."""
    return _change(case, lambda sheet: replace(sheet, closed=True), by=by)


@transaction.atomic
def _change(case: UUID, change: Callable[[CaseSheet], CaseSheet], *, by: User) -> Report:
    """Change this node's sheet; one that was released gets a new version, which is released anew.

    A sheet above the officer's clearance is answered like one that is not there.
    """
    require(by, Deed.WRITE)
    cleared = Tlp(by.clearance).strictness
    row = _own_sheets(case).filter(strictness__lte=cleared).order_by("-version").first()
    if row is None:
        raise SheetMissing
    if row.state == State.RELEASED:
        row = correct_report(row.uid, reason="case", by=by)
    return _write(row, change, by=by)


def _write(row: Report, change: Callable[[CaseSheet], CaseSheet], *, by: User) -> Report:
    return change_draft(row.uid, details=change(CaseSheet.from_json(row.details)), by=by)


def _own_sheets(case: UUID) -> QuerySet[Report]:
    states = [State.DRAFT, State.AWAITING_RELEASE, State.RELEASED]
    return Report.objects.filter(originator=own_node(), kind=Kind.CASE, details__case=str(case), state__in=states)


@transaction.atomic
def show_case(case: UUID, *, viewpoint: Viewpoint) -> CaseSeen:
    """Open a case; the look stands in the log. Raises CaseUnknown."""
    sheets = _sheets(viewpoint, case)
    if not sheets:
        raise CaseUnknown
    record(
        Act.CONSULTATION,
        "case-opened",
        f"case:{case}",
        by=viewpoint.officer,
        reason="reading",
        details=viewpoint.in_log,
    )
    return _seen(case, sheets, viewpoint=viewpoint)


@transaction.atomic
def list_cases(*, first: int = 0, most: int = 500, viewpoint: Viewpoint) -> list[CaseListed]:
    """Cases of which a sheet may be seen, newest first, at most so many from the `first` on; the look is logged."""
    by_case: dict[str, list[Report]] = {}
    for row in newest_of_kind(Kind.CASE, viewpoint=viewpoint, only=("title", "written", "state", "details")):
        by_case.setdefault((row.details or {})["case"], []).append(row)
    record(
        Act.CONSULTATION,
        "cases-listed",
        "cases",
        by=viewpoint.officer,
        reason="desk",
        details=[*viewpoint.in_log, ("found", str(len(by_case)))],
    )
    return [_listed(UUID(case), by_case[case]) for case in list(by_case)[first : first + most]]


def _listed(case: UUID, rows: Sequence[Report]) -> CaseListed:
    details = [row.details or {} for row in rows]
    members = {(member["originator"], member["report"]) for one in details for member in one["members"]}
    return CaseListed(case, _name(rows), tuple(rows), len(members), all(one["closed"] for one in details))


def _sheets(viewpoint: Viewpoint, case: UUID) -> list[Sheet]:
    """The sheets of one case that may be seen, the newest first."""
    rows = newest_of_kind(Kind.CASE, viewpoint=viewpoint, case=case)
    return [Sheet(row, CaseSheet.from_json(row.details)) for row in rows]


def _seen(case: UUID, sheets: list[Sheet], *, viewpoint: Viewpoint) -> CaseSeen:
    brought = {member: sheet.row.originator for sheet in reversed(sheets) for member in sheet.details.members}
    found = visible_by_number({(one.originator, one.report) for one in brought}, viewpoint=viewpoint)
    members = tuple(MemberSeen(one, node, found.get((one.originator, one.report))) for one, node in brought.items())
    name, closed = _name(sheet.row for sheet in sheets), all(sheet.details.closed for sheet in sheets)
    return CaseSeen(case, name, tuple(sheets), members, closed)


def _name(rows: Iterable[Report]) -> str:
    return min(rows, key=lambda row: (row.written, row.pk)).title
