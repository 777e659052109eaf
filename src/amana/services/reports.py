"""Writing and reading reports on the own node: draft, change, correct, show, list, search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.domain.evaluation import Evaluation
from amana.domain.folding import fold
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import Content, Details, Kind, Original, State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.times import cut
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import Category, CrimeArea, ftm_lines, is_name, is_person, read_ftm_line
from amana.records.models import OversightOrder, Report, User
from amana.records.queries.reports import search_reports, visible_reports
from amana.services.contents import content_of, store
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.rights import Deed, require, require_cleared
from amana.services.standing_orders import ReportRestricted, orders_on, require_exportable, require_unrestricted

RETENTION = timedelta(days=3 * 365)


class ReportUnknown(NotFound):
    """No report of that number may be seen from here."""

    code = "report-unknown"
    sentence = gettext_noop("There is no report of this number that you may see.")


class ReportNotDraft(Conflict):
    """The report is no longer a draft."""

    code = "report-not-draft"
    sentence = gettext_noop("This report is no longer a draft; correct it by a new version instead.")


class ReportNotOurs(NotAllowed):
    """The report belongs to another node."""

    code = "report-not-ours"
    sentence = gettext_noop("This report belongs to “%(node)s”; only its originator can change, correct or recall it.")


class ReportNotReleased(Conflict):
    """Only what was released can be corrected or recalled."""

    code = "report-not-released"
    sentence = gettext_noop("Only a report that was released can be corrected or recalled.")


class StatementUnknown(BadInput):
    """The report has no such statement or entity."""

    code = "report-statement-unknown"
    sentence = gettext_noop("The report has no statement or entity of this number.")


class PersonUnclear(BadInput):
    """No person of the draft has this name, or several have."""

    code = "report-person-unclear"
    sentence = gettext_noop(
        "The draft holds no person of this name, or several; `amana report show --json` tells everybody's number."
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A report opened under a viewpoint: `row` for its state, `content` for its words (None when it has ended).

    `orders` are those of an overseer that bind it now.
    """

    row: Report
    content: Content | None
    orders: tuple[OversightOrder, ...] = ()


def born_restricted(*, purposes: Iterable[Purpose] = (), today: date) -> Handling:
    """The marking of a new report: releasable to nobody, erased after three years at the latest."""
    return Handling(purposes=frozenset(purposes), review_by=today + RETENTION // 2, erase_by=today + RETENTION)


@transaction.atomic
def draft_report(
    *,
    title: str,
    text: str,
    language: str,
    evaluation: Evaluation,
    handling: Handling,
    crime_areas: frozenset[CrimeArea] = frozenset(),
    kind: Kind = Kind.INFORMATION,
    entities: Sequence[Entity] = (),
    statements: Sequence[Statement] = (),
    originals: Sequence[Original] = (),
    details: Details | None = None,
    document_id: UUID | None = None,
    built_on: Sequence[Report] = (),
    by: User,
) -> Report:
    """Write a new draft; nothing of it leaves before a second person releases it.

    Raises BadInput, MarkingAboveClearance.
    """
    require(by, Deed.WRITE)
    require_cleared(by, handling.tlp)
    content = Content(
        report=str(uuid4()),
        version=1,
        kind=kind,
        title=title,
        language=language,
        text=text,
        crime_areas=crime_areas,
        handling=handling,
        evaluation=evaluation,
        entities=tuple(entities),
        statements=tuple(statements),
        originals=tuple(originals),
        written=_now(),
        details=details,
    )
    row = store(content, Report(state=State.DRAFT, author=by, document_id=document_id), originator=own_node())
    row.built_on.set(built_on)
    record(Act.COLLECTION, "report-drafted", _subject(row), by=by.username, reason=str(kind))
    return row


@transaction.atomic
def change_draft(uid: UUID, *, by: User, **changes: Any) -> Report:
    """Change fields of a draft's content, such as `handling`, `crime_areas`, `title`, `evaluation`, `entities`.

    Raises ReportUnknown, ReportNotDraft, BadInput, MarkingAboveClearance.
    """
    require(by, Deed.WRITE)
    row = _own_draft(uid, by=by)
    content = replace(content_of(row), **changes)
    require_cleared(by, content.handling.tlp)
    store(content, row, originator=own_node())
    record(
        Act.ALTERATION,
        "draft-changed",
        _subject(row),
        by=by.username,
        reason="draft",
        details=[("fields", " ".join(sorted(changes)))],
    )
    return row


def give_category(uid: UUID, entity: str, category: Category, *, grounds: str = "", by: User) -> Report:
    """Say what a person is in a draft report. Raises StatementUnknown and what `change_draft` raises."""
    with transaction.atomic():
        entities = content_of(_own_draft(uid, by=by)).entities
        if entity not in {one.id for one in entities}:
            raise StatementUnknown
        changed = [replace(one, category=category, grounds=grounds) if one.id == entity else one for one in entities]
        return change_draft(uid, by=by, entities=tuple(changed))


def person_called(uid: UUID, name: str, *, by: User) -> str:
    """The id of the draft's one person with that id or name, by folded words. Raises PersonUnclear."""
    with transaction.atomic():
        content = content_of(_own_draft(uid, by=by))
    people = {one.id for one in content.entities if is_person(one.schema)}
    ids = {
        one.entity for one in content.statements if is_name(one.schema, one.property) and fold(one.value) == fold(name)
    }
    found = people & (ids | {name})
    if len(found) != 1:
        raise PersonUnclear
    return found.pop()


def grade_statement(uid: UUID, statement: str, evaluation: Evaluation, nature: Nature, *, by: User) -> Report:
    """Grade one statement of a draft; an assessment never becomes a fact again. Raises StatementUnknown."""
    with transaction.atomic():
        statements = content_of(_own_draft(uid, by=by)).statements
        if statement not in {one.id for one in statements}:
            raise StatementUnknown
        changed = []
        for one in statements:
            graded = one.graded(evaluation) if one.id == statement else one
            is_to_change = one.id == statement and nature is Nature.ASSESSMENT
            changed.append(graded.as_assessment() if is_to_change else graded)
        return change_draft(uid, by=by, statements=tuple(changed))


@transaction.atomic
def correct_report(uid: UUID, *, reason: str, by: User) -> Report:
    """Begin a new version of a released report, as a draft with the same content; releasing it supersedes the old.

    Raises ReportUnknown, ReportNotOurs, ReportNotReleased.
    """
    require(by, Deed.WRITE)
    old = newest(uid, by=by)
    if old.originator != own_node():
        raise ReportNotOurs(node=old.originator)
    if old.state != State.RELEASED:
        raise ReportNotReleased
    require_unrestricted(old.uid)
    content = replace(content_of(old), version=old.version + 1, written=_now())
    row = store(content, Report(state=State.DRAFT, author=by, document_id=old.document_id), originator=own_node())
    row.built_on.set(old.built_on.all())
    record(Act.ALTERATION, "correction-begun", _subject(row), by=by.username, reason=reason)
    return row


@transaction.atomic
def show_report(uid: UUID, *, version: int | None = None, viewpoint: Viewpoint, reason: str = "reading") -> Shown:
    """Open a report; the reading stands in the log.

    What an overseer restricted is opened as evidence only, for a prosecution. Raises ReportUnknown, ReportRestricted.
    """
    rows = _first_come(visible_reports(viewpoint=viewpoint, ended=True, evidence=True).filter(uid=uid))
    row = (rows.filter(version=version) if version else rows.order_by("-version")).first()
    if row is None:
        raise ReportUnknown
    orders = orders_on(row.uid)
    evidence = any(one.what == OversightOrder.What.RESTRICT for one in orders)
    if evidence and viewpoint.purpose is not Purpose.PROSECUTION and not viewpoint.mandate:
        raise ReportRestricted
    record(
        Act.CONSULTATION,
        "opened-under-mandate" if viewpoint.mandate else "evidence-opened" if evidence else "report-opened",
        _subject(row),
        by=viewpoint.officer,
        reason=reason,
        details=viewpoint.in_log,
    )
    ended = row.state in (State.RECALLED, State.WITHDRAWN, State.STOPPED, State.DOUBTED) or not row.evaluation
    return Shown(row, None if ended else content_of(row), orders)


@transaction.atomic
def list_reports(
    *, viewpoint: Viewpoint, words: str = "", received: bool | None = None, first: int = 0, most: int = 500
) -> list[Report]:
    """Reports that may be seen, newest first; the husks of ended ones are among them unless `words` are searched.

    `received` keeps only partners' (True) or our own (False); of what is left, at most so many from the `first` on.
    The look stands in the log.
    """
    rows = search_reports(words, viewpoint=viewpoint) if words else visible_reports(viewpoint=viewpoint, ended=True)
    if received is not None:
        rows = rows.exclude(originator=own_node()) if received else rows.filter(originator=own_node())
    found = list(rows.defer("text", "folded", "details", "originals", "restrictions")[first : first + most])
    record(
        Act.CONSULTATION,
        "reports-searched" if words else "reports-listed",
        "reports",
        by=viewpoint.officer,
        reason="desk",
        details=[*viewpoint.in_log, ("found", str(len(found)))],
    )
    return found


def versions_of(row: Report, *, viewpoint: Viewpoint) -> list[Report]:
    """All versions of a report that may be seen, newest first."""
    rows = visible_reports(viewpoint=viewpoint, ended=True, evidence=True)
    rows = rows.filter(uid=row.uid, originator=row.originator)
    return list(rows.order_by("-version"))


def export_ftm(shown: Shown, *, viewpoint: Viewpoint) -> list[bytes]:
    """The report's entities as FollowTheMoney JSON lines; the export stands in the log.

    Raises ReportUnknown, ReportRestricted, ReportStopped, NodeStopped.
    """
    if shown.content is None:
        raise ReportUnknown
    with transaction.atomic():
        require_exportable(shown.row.uid)
        record(Act.DISCLOSURE, "ftm-exported", _subject(shown.row), by=viewpoint.officer, reason=str(viewpoint.purpose))
    pairs: dict[str, list[tuple[str, str]]] = {entity.id: [] for entity in shown.content.entities}
    for one in shown.content.statements:
        pairs[one.entity].append((one.property, one.value))
    return list(ftm_lines((entity.id, entity.schema, pairs[entity.id]) for entity in shown.content.entities))


def read_ftm(lines: Iterable[bytes], *, evaluation: Evaluation) -> tuple[list[Entity], list[Statement]]:
    """Entities and statements from FollowTheMoney JSON lines, all under one grade, as facts.

    People arrive without a category and must be given one. Raises BadInput with the line's number.
    """
    entities: list[Entity] = []
    statements: list[Statement] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        uid, schema, pairs = read_ftm_line(line, number)
        entities.append(Entity(id=uid, schema=schema))
        statements += [
            Statement(
                id=f"s{len(statements) + place}",
                entity=uid,
                schema=schema,
                property=name,
                value=value,
                nature=Nature.FACT,
                evaluation=evaluation,
            )
            for place, (name, value) in enumerate(pairs, start=1)
        ]
    return entities, statements


def newest(uid: UUID, *, by: User) -> Report:
    """The newest version, locked for change, if it lies within the officer's clearance; raises ReportUnknown."""
    row = newest_of([uid], by=by).get(uid)
    if row is None:
        raise ReportUnknown
    return row


def newest_of(uids: Sequence[UUID], *, by: User) -> dict[UUID, Report]:
    """The newest version of each report that lies within the officer's clearance, all locked for change.

    Of the reports of one number those of the originator that used it first: nobody stands before another's.
    """
    numbered = Report.objects.filter(uid__in=uids)
    first = dict(numbered.order_by("-pk").values_list("uid", "originator"))
    rows = (
        numbered.filter(strictness__lte=Tlp(by.clearance).strictness)
        .order_by("version", "pk")
        .select_for_update(no_key=True)
    )
    return {row.uid: row for row in rows if row.originator == first[row.uid]}


def _first_come(rows: QuerySet[Report]) -> QuerySet[Report]:
    """Of the reports of one number those of the originator that used it first: nobody stands before another's."""
    first = rows.order_by("pk").values_list("originator", flat=True).first()
    return rows.filter(originator=first) if first is not None else rows


def _own_draft(uid: UUID, *, by: User) -> Report:
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    if row.originator != own_node():
        raise ReportNotOurs(node=row.originator)
    if row.state != State.DRAFT:
        raise ReportNotDraft
    require_unrestricted(row.uid)
    return row


def _subject(row: Report) -> str:
    return f"report:{row.uid}:{row.version}"


def _now() -> datetime:
    """The time to the millisecond, which is what the wire carries."""
    return cut(timezone.now())
