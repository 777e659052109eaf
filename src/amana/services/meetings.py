"""Meetings of services: the record, and the communiqué that is drafted from it.

Invariant: a communiqué is a draft like any other; it names decisions, never subjects, and inherits the record's marking
until a person widens their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.evaluation import unknown
from amana.domain.handling import Handling
from amana.domain.joint import Meeting, Notice, Task
from amana.domain.report import Kind
from amana.domain.times import parse_instant
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.records.models import Report, User
from amana.records.queries.joint import Named, parts_of_kind
from amana.records.queries.reports import visible_reports
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.reports import draft_report, newest
from amana.services.rights import Deed, require
from amana.services.tasks import open_tasks


class NotAMeeting(BadInput):
    """The report is no meeting record."""

    code = "meeting-none"
    sentence = gettext_noop("This report is no meeting record, so there is nothing to draw from it.")


def action(what: str, *, node: str, person: str, due: date) -> Task:
    """An action decided at a meeting, under a number of its own."""
    return Task(id=str(uuid4()), what=what, node=node, person=person, due=due)


def draft_meeting(
    title: str,
    *,
    place: str,
    starts: datetime,
    agenda: Sequence[str] = (),
    participants: Sequence[str] = (),
    decisions: Sequence[str] = (),
    actions: Sequence[Task] = (),
    text: str = "",
    language: str,
    handling: Handling,
    crime_areas: frozenset[CrimeArea],
    by: User,
) -> Report:
    """Write the record of a meeting as a draft. Raises BadInput."""
    return draft_report(
        title=title,
        text=text,
        language=language,
        evaluation=unknown(timezone.localdate()),
        handling=handling,
        crime_areas=crime_areas,
        kind=Kind.MEETING,
        details=Meeting(
            place=place,
            starts=starts.replace(microsecond=starts.microsecond // 1000 * 1000),
            agenda=tuple(agenda),
            participants=tuple(participants),
            decisions=tuple(decisions),
            actions=tuple(actions),
        ),
        by=by,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting record that may be seen, and how many of its actions are not done."""

    row: Report
    details: Meeting
    open: int


@transaction.atomic
def list_meetings(*, first: int = 0, most: int = 500, viewpoint: Viewpoint) -> list[Held]:
    """Meeting records of both sides, the latest meeting first, at most so many from the `first` on; it is logged."""
    found = _in_order(viewpoint=viewpoint)
    record(
        Act.CONSULTATION,
        "meetings-listed",
        "meetings",
        by=viewpoint.officer,
        reason="desk",
        details=[*viewpoint.in_log, ("found", str(len(found)))],
    )
    shown = _read([one.pk for _, one in found[first : first + most]], viewpoint=viewpoint)
    owed = Counter(one.row.pk for one in open_tasks(viewpoint=viewpoint)) if shown else Counter[int]()
    return [Held(row, details, owed[row.pk]) for row, details in shown]


def _in_order(*, viewpoint: Viewpoint) -> list[tuple[datetime, Named]]:
    """When each recorded meeting begins, and what names its record, the latest first."""
    rows = parts_of_kind(Kind.MEETING, KeyTextTransform("starts", "details"), viewpoint=viewpoint)
    return sorted(((parse_instant(starts), named) for named, (starts,) in rows), key=_by_time, reverse=True)


def _by_time(one: tuple[datetime, Named]) -> tuple[datetime, int]:
    return one[0], one[1].pk


def _read(numbers: Sequence[int], *, viewpoint: Viewpoint) -> list[tuple[Report, Meeting]]:
    """These meeting records, in this order, where they may be seen."""
    rows = visible_reports(viewpoint=viewpoint).filter(pk__in=numbers, details__isnull=False).defer("text", "folded")
    known = {row.pk: row for row in rows}
    return [(known[pk], Meeting.from_json(known[pk].details)) for pk in numbers if pk in known]


@transaction.atomic
def draft_communique(uid: UUID, *, language: str, by: User) -> Report:
    """Draft a communiqué from a meeting record, in one of our languages; actions and people stay out of it.

    What was a partner's record is noted as what this rests on, so it leaves with that partner's consent only. Raises
    NotAMeeting, RoleMissing.
    """
    require(by, Deed.WRITE)
    found = newest(uid, by=by)
    content = content_of(found)
    if not isinstance(content.details, Meeting):
        raise NotAMeeting
    ours = found.originator == own_node()
    with override(language):
        title = _("Communiqué: %(title)s") % {"title": content.title}
        text = _communique(content.details)
    return draft_report(
        title=title[:1000],
        text=text,
        language=language,
        evaluation=unknown(timezone.localdate()),
        handling=content.handling if ours else replace(content.handling, releasable_to=frozenset()),
        crime_areas=content.crime_areas,
        kind=Kind.NOTICE,
        details=Notice(),
        built_on=() if ours else (found,),
        by=by,
    )


def _communique(meeting: Meeting) -> str:
    day = date_format(timezone.localtime(meeting.starts), "DATE_FORMAT")
    parts = [_("On %(day)s representatives of both sides met at %(place)s.") % {"day": day, "place": meeting.place}]
    if meeting.agenda:
        parts.append(_("They spoke about:") + "".join(f"\n– {one}" for one in meeting.agenda))
    if meeting.decisions:
        parts.append(_("They agreed:") + "".join(f"\n– {one}" for one in meeting.decisions))
    parts.append(_("Both sides will continue their cooperation."))
    return "\n\n".join(parts)
