"""A node whose every text field holds the two hundred payloads, written by the services and by a partner's messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Portion, Tlp
from amana.domain.joint import CaseSheet, Meeting, Shelf, Task
from amana.domain.report import Kind
from amana.domain.request import Question, Urgency
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from amana.exchange.protocol import RecallBody, Type
from amana.records.models import User
from amana.services import cases, documents, expertise, holds, meetings, recalls, releases, reports, restrictions
from tests.counterpart import Counterpart
from tests.services.asking import ask, asks, look
from tests.services.test_exchange import drafted, held
from tests.services.test_joint_work import AREAS, marking
from tests.web.payloads import ALL, PAYLOADS, parts
from tests.web.rooms import Cast, Words, furnish

WORDY = ("name", "alias", "notes", "summary")
QUESTION = Question(ALL, Urgency.LIFE, ALL)
TITLES, PLACES, PERSONS = parts(1000), parts(500), parts(200)


def evaluation() -> Evaluation:
    """B2 as of today."""
    return Evaluation(Source.B, Information.CORROBORATED, timezone.localdate())


def people_called_so(graded: Evaluation) -> tuple[tuple[Entity, ...], tuple[Statement, ...]]:
    """A person for each payload, and the payload said of it in every property that takes free words.

    Notes bear it as a caveat of their own too.
    """
    entities = tuple(Entity(f"e{place}", "Person", Category.SUSPECT) for place in range(len(PAYLOADS)))
    said = tuple(
        Statement(
            f"s{place}-{name}",
            f"e{place}",
            "Person",
            name,
            text,
            nature,
            graded,
            "en",
            handling=Portion(caveats=frozenset({text} if name == "notes" else ())),
        )
        for place, text in enumerate(PAYLOADS)
        for name, nature in zip(WORDY, (Nature.FACT, Nature.ASSESSMENT, Nature.FACT, Nature.ASSESSMENT), strict=True)
    )
    return entities, said


@transaction.atomic
def lace(cast: Cast, washington: Counterpart) -> None:
    """Fill the node."""
    alice, omar = cast.alice, cast.omar
    name = parts(150)[-1]
    User.objects.filter(pk=alice.pk).update(first_name=name, last_name=name, desk=parts(100)[-1])
    ours(alice, omar)
    joint(alice)
    theirs(omar, washington)
    text = f"{ALL} Karim Belkadi called +212 661 234567."
    filename = f"{next(one for one in PAYLOADS if 'onload' in one and '/' not in one)}.txt"
    document = documents.take_in(text.encode(), filename=filename, viewpoint=look(alice), by=alice)
    documents.decide_suggestions(document, everything=True, by=alice)
    furnish(cast, Words(ALL, TITLES, PERSONS, parts(100), PAYLOADS, text))


def ours(alice: User, omar: User) -> None:
    """Our reports: drafts, one that waits, one that has gone and is restricted, one recalled; a request."""
    entities, said = people_called_so(evaluation())
    whole = {"title": TITLES[0], "text": ALL, "entities": entities, "statements": said}
    for title in TITLES:
        drafted(alice, "washington", title=title)
    releases.propose_release(drafted(alice, "washington", **whole).uid, by=alice)
    gone, recalled = (drafted(alice, "washington", **whole) for _end in range(2))
    for row in (gone, recalled):
        releases.propose_release(row.uid, by=alice)
        releases.release_report(row.uid, by=omar)
    narrower = replace(marking("washington"), tlp=Tlp.AMBER_STRICT)
    restrictions.restrict_report(gone.uid, narrower, reason=ALL, by=omar)
    reports.correct_report(gone.uid, reason=ALL, by=alice)
    recalls.recall_report(recalled.uid, reason=ALL, by=omar)
    ask(alice, "washington", title=TITLES[1], text=ALL, question=QUESTION)


def joint(alice: User) -> None:
    """A case with tasks, a meeting, something on the shelf."""
    sheet = cases.open_case(TITLES[2], handling=marking("washington"), crime_areas=AREAS, by=alice)
    case = UUID(str((sheet.details or {})["case"]))
    today = timezone.localdate()
    cases.add_task(case, parts(10_000)[0], node="rabat", person=PERSONS[0], due=today, by=alice)
    common = {"language": "en", "handling": marking("washington"), "crime_areas": AREAS, "by": alice}
    meetings.draft_meeting(
        TITLES[3],
        place=PLACES[0],
        starts=timezone.now(),
        agenda=PAYLOADS,
        participants=PAYLOADS,
        decisions=PAYLOADS,
        actions=tuple(meetings.action(one, node="rabat", person=one, due=today) for one in PERSONS),
        **common,  # type: ignore[arg-type]
    )
    for shelf, contact in zip(Shelf, TITLES, strict=False):
        expertise.draft_lesson(
            TITLES[4],
            ALL,
            shelf=shelf,
            topics=PAYLOADS,
            contact=contact,
            **common,  # type: ignore[arg-type]
        )


def theirs(omar: User, washington: Counterpart) -> None:
    """What a hostile partner writes: information, requests, a case, a meeting, a lesson; and one it recalls."""
    entities, said = people_called_so(washington.content().evaluation)
    whole = {"title": TITLES[5], "text": ALL, "entities": entities, "statements": said}
    row, _ = held(washington, **whole)
    holds.hold_report(row.uid, reason=ALL, by=omar)
    for title in TITLES:
        held(washington, title=title)
    asks(washington, QUESTION, title=TITLES[6], text=ALL)
    now = timezone.now()
    tasks = tuple(Task(str(uuid4()), one, "rabat", one, (now + timedelta(days=1)).date()) for one in PERSONS[:9])
    nothing: dict[str, object] = {"entities": (), "statements": ()}
    sheet = CaseSheet(case=str(uuid4()), node="washington", tasks=tasks)
    held(washington, kind=Kind.CASE, title=TITLES[7], text="", details=sheet, **nothing)
    for place in PLACES[:3]:
        meeting = Meeting(place, now, PAYLOADS, PAYLOADS, PAYLOADS, tasks)
        held(washington, kind=Kind.MEETING, title=TITLES[8], text=ALL, details=meeting, **nothing)
    _, taken_back = held(washington, **whole)
    washington.send(washington.message(Type.RECALL, RecallBody(taken_back.report, (1,), ALL)))
