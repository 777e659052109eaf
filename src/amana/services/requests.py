"""Asking a partner and answering one: every verb writes a draft and proposes it; a second person lets it go.

Invariant: a request and its answers are reports like every other; what they add is the clock and the fold of
`services.standings`. After Directive (EU) 2023/977, Articles 4 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotFound, gettext_noop
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling
from amana.domain.report import Content, Kind
from amana.domain.request import Answer, Outcome, Question, RefusalGround, Urgency
from amana.domain.statement import Entity, Statement
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.exchange.protocol import Step
from amana.records.models import CrossHit, Report, Request, User
from amana.records.queries.requests import (
    count_open,
    events_of,
    newest_requests,
    visible_hits,
    visible_requests,
    with_events,
    with_reports,
)
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.releases import propose_release
from amana.services.replies import ReplyEnded
from amana.services.reports import Shown, born_restricted, draft_report, show_report
from amana.services.rights import Deed, require
from amana.services.standings import Asked, Listed, Pace, Stood, in_order, stand_of, standing_of
from amana.services.subjects import Taken, take_from_reports

__all__ = ["Asked", "CrossHit", "Drafted", "Listed", "Opened", "Pace", "Stood"]

ENDED_SHOWN = 200


class RequestUnknown(NotFound):
    """No request of that number may be seen from here."""

    code = "request-unknown"
    sentence = gettext_noop("There is no request of this number that you may see.")


class RequestOfOurs(BadInput):
    """A request of this node cannot be answered by it."""

    code = "request-ours"
    sentence = gettext_noop("This request is your own node's; only the partner that was asked can answer it.")


class AskedSeveral(BadInput):
    """A request went to several partners, and it is not said which of them is meant."""

    code = "request-partner-missing"
    sentence = gettext_noop("This request went to several partners; say to which of them you speak.")


class NothingAsked(Conflict):
    """Nobody waits for a clarification of our request."""

    code = "request-nothing-asked"
    sentence = gettext_noop("No partner has asked for a clarification of this request.")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was written; where nothing is `missing` it was proposed to a second person in the same step."""

    row: Report
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A request with its words, where it stands with each partner, and what our own holdings say to it."""

    shown: Shown
    asked: tuple[Asked, ...]
    hits: tuple[CrossHit, ...]


@transaction.atomic
def ask_partners(
    *,
    title: str,
    text: str,
    language: str,
    question: Question,
    evaluation: Evaluation,
    handling: Handling,
    crime_areas: frozenset[CrimeArea],
    entities: Sequence[Entity] = (),
    statements: Sequence[Statement] = (),
    taken: Taken | None = None,
    by: User,
) -> Drafted:
    """Draft a request to the partners that the marking names, and propose it where it is complete.

    Raises BadInput and, where nothing is missing, what `propose_release` raises; then nothing is written.
    """
    taken = taken or Taken()
    row = draft_report(
        title=title,
        text=text,
        language=language,
        evaluation=evaluation,
        handling=handling,
        crime_areas=crime_areas,
        kind=Kind.REQUEST,
        entities=[*entities, *taken.entities],
        statements=_numbered([*statements, *taken.statements]),
        details=question,
        built_on=taken.rows,
        by=by,
    )
    return _propose_if_complete(row, by=by)


@dataclass(frozen=True, slots=True)
class Words:
    """What an officer writes in an answer; `title` defaults to the request's, `marking` changes single fields."""

    text: str
    title: str = ""
    language: str = "en"
    evaluation: Evaluation | None = None
    marking: Mapping[str, Any] | None = None


def reply_to_request(
    uid: UUID, words: Words, *, full: bool, sources: Sequence[UUID] = (), viewpoint: Viewpoint, by: User
) -> Drafted:
    """Answer a partner's request in `full` or in part, in words, by statements of reports of ours, or both.

    Raises RequestUnknown, RequestOfOurs, what `take_from_reports` and `propose_release` raise.
    """
    outcome = {"outcome": Outcome.FULL if full else Outcome.PARTIAL}
    return _answer(uid, outcome, words, sources=sources, viewpoint=viewpoint, by=by)


def refuse_request(uid: UUID, ground: RefusalGround, words: Words, *, viewpoint: Viewpoint, by: User) -> Drafted:
    """Refuse a partner's request on one ground of the closed list that the agreement admits. Raises as a reply."""
    return _answer(uid, {"outcome": Outcome.REFUSED, "ground": ground}, words, viewpoint=viewpoint, by=by)


def extend_request(uid: UUID, hours: int, words: Words, *, viewpoint: Viewpoint, by: User) -> Drafted:
    """Give notice that a judicial authorisation stops the clock for some hours, with the reason. Raises as a reply."""
    return _answer(uid, {"outcome": Outcome.EXTENSION, "hours": hours}, words, viewpoint=viewpoint, by=by)


def clarify_request(uid: UUID, words: Words, *, partner: str = "", viewpoint: Viewpoint, by: User) -> Drafted:
    """Ask the asker what is meant or, where the request is ours, say it to the partner that asked.

    Raises RequestUnknown, NothingAsked, AskedSeveral and as a reply.
    """
    opened = open_request(uid, viewpoint=viewpoint, reason="reply")
    if not opened.asked[0].row.ours:
        return _answer(uid, {"outcome": Outcome.CLARIFICATION}, words, viewpoint=viewpoint, by=by)
    wait = [one for one in opened.asked if one.waits_for_us and partner in ("", one.row.partner_id)]
    if len(wait) != 1:
        raise AskedSeveral if wait else NothingAsked
    return _draft_answer(opened, wait[0], {"outcome": Outcome.CLARIFIED}, words, Taken(), by=by)


def _answer(
    uid: UUID,
    outcome: Mapping[str, Any],
    words: Words,
    *,
    sources: Sequence[UUID] = (),
    viewpoint: Viewpoint,
    by: User,
) -> Drafted:
    with transaction.atomic():
        opened = open_request(uid, viewpoint=viewpoint, reason="reply")
        (asked,) = opened.asked[:1]
        if asked.row.ours:
            raise RequestOfOurs
        taken = take_from_reports(sources, viewpoint=viewpoint, reason="reply")
        return _draft_answer(opened, asked, outcome, words, taken, by=by)


@transaction.atomic
def _draft_answer(
    opened: Opened, asked: Asked, outcome: Mapping[str, Any], words: Words, taken: Taken, *, by: User
) -> Drafted:
    request = opened.shown.content
    if not asked.standing.open:
        raise ReplyEnded
    if request is None:
        raise RequestUnknown
    today = timezone.now().date()
    row = draft_report(
        title=words.title or request.title,
        text=words.text,
        language=words.language,
        evaluation=words.evaluation or _grade_of(taken.contents, today=today),
        handling=marking_of_reply(request, taken.contents, words, asked.row.partner_id, today=today),
        crime_areas=request.crime_areas,
        kind=Kind.REPLY,
        entities=taken.entities,
        statements=taken.statements,
        details=Answer(request=request.report, request_sha256=asked.row.sha256, **outcome),
        built_on=[opened.shown.row, *taken.rows],
        by=by,
    )
    return _propose_if_complete(row, by=by)


def marking_of_reply(
    request: Content, contents: Sequence[Content], words: Words, partner: str, *, today: date
) -> Handling:
    """The marking that honours the request's and each source's, for the partner alone; single fields as chosen."""
    met = replace(born_restricted(purposes=request.handling.purposes, today=today), tlp=request.handling.tlp)
    everybody = frozenset({partner})
    for one in (request.handling, *(content.handling for content in contents)):
        met = replace(met, releasable_to=everybody).meet(replace(one, releasable_to=everybody))
    return replace(met, **(words.marking or {}))


def _grade_of(contents: Sequence[Content], *, today: date) -> Evaluation:
    """The grade of the sources where they share one, else that it cannot be assessed."""
    grades = {content.evaluation for content in contents}
    return grades.pop() if len(grades) == 1 else Evaluation(Source.UNKNOWN, Information.UNKNOWN, today)


def _numbered(statements: Sequence[Statement]) -> list[Statement]:
    return [replace(one, id=f"s{place}") for place, one in enumerate(statements, start=1)]


def _propose_if_complete(row: Report, *, by: User) -> Drafted:
    missing = content_of(row).missing()
    if not missing:
        row = propose_release(row.uid, by=by)
    return Drafted(row, missing)


@transaction.atomic
def open_request(uid: UUID, *, at: datetime | None = None, viewpoint: Viewpoint, reason: str = "reading") -> Opened:
    """Open a request that was sent or received, as it stands at a time (now where none is given); it is logged.

    Raises RequestUnknown.
    """
    asked, hits = stand_of_request(uid, at=at, viewpoint=viewpoint)
    if not asked:
        raise RequestUnknown
    shown = show_report(uid, version=asked[0].row.version, viewpoint=viewpoint, reason=reason)
    return Opened(shown, asked, hits)


def stand_of_request(
    uid: UUID, *, at: datetime | None = None, viewpoint: Viewpoint
) -> tuple[tuple[Asked, ...], tuple[CrossHit, ...]]:
    """Where a request stands with each partner and what our holdings say to it; empty where it may not be seen.

    For who has opened its report already: this alone leaves no entry in the log.
    """
    now = at or timezone.now()
    rows = list(visible_requests(viewpoint=viewpoint).filter(uid=uid).order_by("-version", "partner_id"))
    if not rows:
        return (), ()
    newest = rows[0]
    asked = tuple(standing_of(row, at=now) for row in rows if row.report.originator == newest.report.originator)
    return asked, () if newest.ours else tuple(visible_hits(newest, viewpoint=viewpoint))


def count_open_requests(*, viewpoint: Viewpoint) -> int:
    """How many requests of partners wait for their end here."""
    return count_open(ours=False, viewpoint=viewpoint)


@transaction.atomic
def list_requests(
    *,
    ours: bool | None = None,
    partner: str = "",
    urgent: bool = False,
    waiting: bool = False,
    at: datetime | None = None,
    viewpoint: Viewpoint,
) -> list[Stood]:
    """Requests that may be seen, those that run out first at the head, ended ones last; the look stands in the log.

    All that are open, and the newest 200 that have ended. `ours` keeps those this node asks (True) or is asked (False),
    `partner` those with one partner, `urgent` those with a reason of urgency, `waiting` those whose next step is ours.
    What is to be shown of them, `read_requests` reads.
    """
    chosen = Q() if ours is None else Q(ours=ours)
    chosen &= (Q(partner=partner) if partner else Q()) & (~Q(urgency=Urgency.NONE) if urgent else Q())
    found = open_requests(chosen, at=at or timezone.now(), viewpoint=viewpoint)
    if waiting:
        found = [one for one in found if one.waits_for_us]
    else:
        ended = events_of(chosen, received=Step.RECEIVED, viewpoint=viewpoint, ended=True, most=ENDED_SHOWN)
        found += [stand_of(one, at=at or timezone.now()) for one in ended]
    record(
        Act.CONSULTATION,
        "requests-listed",
        "requests",
        by=viewpoint.officer,
        reason="desk",
        details=[*viewpoint.in_log, ("found", str(len(found)))],
    )
    return in_order(found)


def open_requests(chosen: Q, *, at: datetime, viewpoint: Viewpoint) -> list[Stood]:
    """The chosen ones among the visible requests that were neither withdrawn nor answered to the end.

    For who opens a page that logs the look itself: this alone leaves no entry in the log.
    """
    found = events_of(chosen, received=Step.RECEIVED, viewpoint=viewpoint, ended=False)
    return [stand_of(one, at=at) for one in found]


def read_requests(found: Sequence[Stood], *, viewpoint: Viewpoint) -> list[Listed]:
    """These requests with what a list shows of them, in the same order, where they may still be seen."""
    known = {row.pk: row for row in with_reports(_again(found, viewpoint))}
    return [Listed(one.events, one.standing, one.at, known[one.events.pk]) for one in found if one.events.pk in known]


def read_with_answers(found: Sequence[Stood], *, viewpoint: Viewpoint) -> list[Asked]:
    """The same with their answers."""
    known = {row.pk: row for row in with_events(_again(found, viewpoint))}
    return [standing_of(known[one.events.pk], at=one.at) for one in found if one.events.pk in known]


def _again(found: Sequence[Stood], viewpoint: Viewpoint) -> QuerySet[Request]:
    return newest_requests(viewpoint=viewpoint).filter(pk__in=[one.events.pk for one in found])


def requests_at_the_desk(*, viewpoint: Viewpoint, by: User, at: datetime | None = None) -> list[Stood]:
    """What the desk must see now: requests whose next step is ours, and our own that are overdue or about to be."""
    require(by, Deed.READ)
    found = open_requests(Q(), at=at or timezone.now(), viewpoint=viewpoint)
    return in_order([one for one in found if one.waits_for_us or one.pace in (Pace.SOON, Pace.OVERDUE)])


def answered_request(row: Report, *, viewpoint: Viewpoint) -> Asked | None:
    """The request that an answer is bound to, as it stands now; None where it may not be seen or there is none."""
    if row.kind != Kind.REPLY or not row.details:
        return None
    found = visible_requests(viewpoint=viewpoint).filter(uid=row.details["request"]).first()
    return standing_of(found, at=timezone.now()) if found is not None else None
