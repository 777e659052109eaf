"""Blind comparisons at the desk: questions and what came of them, a hit made a request, silent subjects, alarms.

Invariant: a hit reveals itself and nothing else; content flows only in the request that a person writes from it and a
second person releases. Whom a question names is shown to who asked it and to the head of the desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.domain.answers import Reason
from amana.domain.errors import Conflict, NotFound, gettext_noop
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Purpose, Tlp
from amana.domain.request import Question
from amana.domain.viewpoint import Role, Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.matching import keys
from amana.records.models import BlindAlarm, BlindQuestion, Entity, SilentSubject, User
from amana.records.queries.reports import visible_entities
from amana.services.blind_subjects import Asked
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.reports import born_restricted
from amana.services.requests import Drafted, ask_partners
from amana.services.rights import Deed, require
from amana.services.subjects import name_subjects

_NUMBERS = {
    keys.TokenKind.PASSPORT: ("Person", "passportNumber"),
    keys.TokenKind.PHONE: ("Phone", "number"),
    keys.TokenKind.IBAN: ("BankAccount", "iban"),
    keys.TokenKind.VESSEL: ("Vessel", "imoNumber"),
    keys.TokenKind.CONTAINER: ("Container", "containerCode"),
}


class BlindQuestionUnknown(NotFound):
    """No blind question of that number may be seen from here."""

    code = "blind-question-unknown"
    sentence = gettext_noop("There is no blind question of this number that you may see.")


class BlindNoHit(Conflict):
    """A request is to be made of what was no hit."""

    code = "blind-no-hit"
    sentence = gettext_noop("This subject of the question was no hit, so there is nothing to ask the partner about.")


class EntityUnknown(NotFound):
    """No entity of ours of that id may be seen from here."""

    code = "blind-entity-unknown"
    sentence = gettext_noop("There is no entity of ours with this id that you may see.")


@dataclass(frozen=True, slots=True)
class Compared:
    """One subject of a question: what came of it (empty while open), by which kinds of token, and what gave none."""

    label: str
    grade: str
    kinds: tuple[str, ...]
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A question with its subjects, as far as they may be seen."""

    row: BlindQuestion
    compared: tuple[Compared, ...]


@transaction.atomic
def list_questions(*, viewpoint: Viewpoint, by: User) -> list[Opened]:
    """What this officer asked (a head: all), and silent subjects that a partner asks about; the look is logged."""
    rows = BlindQuestion.objects.order_by("-at", "pk")
    found = [_opened(row, viewpoint) for row in rows.filter(automatic=True)[:500]]
    hits = [one for one in found if any(part.kinds for part in one.compared)]
    own = rows.filter(automatic=False)
    if not by.has_role(Role.HEAD):
        own = own.filter(by=by.username)
    record(
        Act.CONSULTATION,
        "blind-questions-listed",
        "blind",
        by=viewpoint.officer,
        reason="desk",
        details=viewpoint.in_log,
    )
    return [*hits, *(_opened(row, viewpoint) for row in own[:500])]


def recent_hits(*, since: datetime, viewpoint: Viewpoint, by: User) -> list[Opened]:
    """What hit since a time among what `list_questions` shows, the newest first, at most 50 questions.

    For who opens a page that logs the look itself: this alone leaves no entry in the log.
    """
    rows = BlindQuestion.objects.filter(state=BlindQuestion.State.ANSWERED, at__gte=since).order_by("-at", "pk")
    if not by.has_role(Role.HEAD):
        rows = rows.filter(Q(automatic=True) | Q(by=by.username))
    opened = [_opened(row, viewpoint) for row in rows[:50]]
    return [one for one in opened if any(part.kinds for part in one.compared)]


def show_question(number: UUID, *, viewpoint: Viewpoint, by: User) -> Opened:
    """One of these. Raises BlindQuestionUnknown."""
    for one in list_questions(viewpoint=viewpoint, by=by):
        if one.row.id == number:
            return one
    raise BlindQuestionUnknown


def _opened(row: BlindQuestion, viewpoint: Viewpoint) -> Opened:
    """The question; of an automatic one only the silent subjects that hit and may be seen."""
    pairs = list(zip(row.subjects, row.results, strict=True))
    if row.automatic:
        named = [one["entity"] for one, found in pairs if found["kinds"]]
        seen = set(visible_entities(viewpoint=viewpoint).filter(pk__in=named).values_list("pk", flat=True))
        pairs = [(one, found) for one, found in pairs if found["kinds"] and one["entity"] in seen]
    return Opened(row, tuple(_compared(one, found) for one, found in pairs))


def _compared(subject: Mapping[str, Any], found: Mapping[str, Any]) -> Compared:
    because = tuple(Reason.from_json(why) for why in found["because"])
    return Compared(subject["label"], found["grade"], tuple(found["kinds"]), because)


def request_from_hit(
    number: UUID, place: int, *, crime_area: CrimeArea, text: str = "", viewpoint: Viewpoint, by: User
) -> Drafted:
    """Draft and propose a request about the subject at `place` (from 1) of a question that hit; it leaves by a second
    person. Raises BlindQuestionUnknown, BlindNoHit and what `ask_partners` raises.
    """
    opened = show_question(number, viewpoint=viewpoint, by=by)
    row, subjects = opened.row, opened.row.subjects
    if row.automatic or not 1 <= place <= len(subjects) or not row.results[place - 1]["kinds"]:
        raise BlindNoHit
    asked, today = Asked.from_json(subjects[place - 1]), timezone.localdate()
    grade = Evaluation(Source.UNKNOWN, Information.UNKNOWN, today)
    one = asked.subject
    people = [(name, one.category) for name in one.names if one.category is not None]
    things = [(*_NUMBERS[kind], value) for kind, value in one.identifiers]
    entities, statements = name_subjects(people[:1], things, evaluation=grade)
    born = born_restricted(purposes=[Purpose(row.purpose)], today=today)
    return ask_partners(
        title=_("A blind comparison hit: %(label)s") % {"label": asked.label},
        text=text or _("What do you hold about this subject?"),
        language=by.language or "en",
        question=Question(
            _("The blind comparison of %(day)s for the case %(case)s hit.") % {"day": row.at.date(), "case": row.case}
        ),
        evaluation=grade,
        handling=replace(born, tlp=Tlp.AMBER, releasable_to=frozenset({row.partner_id})),
        crime_areas=frozenset({crime_area}),
        entities=entities,
        statements=statements,
        by=by,
    )


@transaction.atomic
def keep_silent(entity: str, *, silent: bool, viewpoint: Viewpoint, by: User) -> None:
    """Leave an entity of ours out of our filters, or let it in again. Raises EntityUnknown."""
    require(by, Deed.WRITE)
    row = visible_entities(viewpoint=viewpoint).filter(originator=own_node(), uid=entity).first()
    if row is None:
        raise EntityUnknown
    if silent:
        SilentSubject.objects.get_or_create(
            entity=Entity(pk=row.pk), defaults={"by": by.username, "at": timezone.now()}
        )
    else:
        SilentSubject.objects.filter(entity=row.pk).delete()
    verb = "subject-silenced" if silent else "subject-unsilenced"
    record(Act.ALTERATION, verb, f"entity:{entity}", by=by.username, reason="blind")


def open_alarms(*, by: User) -> list[BlindAlarm]:
    """Alarms that nobody has seen to yet, the newest first; the overseer reads them too."""
    require(by, Deed.SEE_PARTNERS)
    return list(BlindAlarm.objects.filter(seen_by="").order_by("-at", "-pk")[:200])


@transaction.atomic
def see_alarms(partner: str, *, by: User) -> int:
    """Say that a partner's alarms were seen to; returns how many."""
    require(by, Deed.MANAGE_PARTNERS)
    seen = BlindAlarm.objects.filter(partner_id=partner, seen_by="").update(seen_by=by.username)
    record(
        Act.ADMINISTRATION, "blind-alarms-seen", f"partner:{partner}", by=by.username, reason="probing",
        details=[("alarms", str(seen))],
    )  # fmt: skip
    return seen
