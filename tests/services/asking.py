"""What the tests of requests share: Rabat's questions and answers, Bob's, and his desk's fold of what was signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import Content, Kind
from amana.domain.request import FINAL, Answer, Outcome, Question, RefusalGround, RequestEvent, Standing, Urgency, stand
from amana.domain.statement import Entity, Statement
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.exchange.canonical import encode
from amana.exchange.protocol import Accepted, Message, ReportBody
from amana.exchange.protocol import Answer as Receipt
from amana.records.models import Report, Request, User
from amana.services import releases, requests
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart, next_year

QUESTION = Question("His phone was bought in Washington.")
URGENT = Question("His phone was bought in Washington.", Urgency.LIFE, "A hostage is held.")
WORDS = requests.Words(text="He is known here.")


def look(officer: User) -> Viewpoint:
    return viewpoint_of(officer, purpose=Purpose.INVESTIGATION)


def ask(alice: User, *to: str, **changes: object) -> requests.Drafted:
    """Alice's complete request about a fictional suspect."""
    today = timezone.now().date()
    given: dict[str, object] = {
        "title": "Whose phone is this?",
        "text": "Who used the phone on 24 September?",
        "language": "en",
        "question": QUESTION,
        "evaluation": Evaluation(Source.B, Information.CORROBORATED, today),
        "handling": Handling(
            tlp=Tlp.AMBER,
            releasable_to=frozenset(to),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=next_year(),
        ),
        "crime_areas": frozenset({CrimeArea.TERRORISM}),
        "by": alice,
    }
    return requests.ask_partners(**(given | changes))  # type: ignore[arg-type]


def asked(alice: User, omar: User, washington: Counterpart, **changes: object) -> Report:
    """A request of Alice's that Bob's node has taken in."""
    made = ask(alice, washington.node, **changes)
    releases.release_report(made.row.uid, by=omar)
    washington.fetch()
    return made.row


def released(made: requests.Drafted, omar: User) -> Report:
    """An answer of Alice's that Omar let go."""
    releases.release_report(made.row.uid, by=omar)
    return made.row


def stood(uid: object, *, at: datetime | None = None) -> requests.Asked:
    """How the newest version of a request stands here."""
    from amana.records.queries.requests import with_events
    from amana.services.standings import standing_of

    row = with_events(Request.objects.filter(uid=str(uid))).order_by("-version").first()
    assert row is not None
    assert row.answered == any(one.outcome in FINAL for one in row.answers.all()), "the column says what the answers do"
    return standing_of(row, at=at or timezone.now())


@dataclass
class Asking:
    """Bob's request to Rabat: its content, and the instant that Rabat's receipt names."""

    content: Content
    received_at: datetime

    @property
    def row(self) -> Request:
        return Request.objects.get(uid=self.content.report, version=self.content.version, ours=False)

    @property
    def report(self) -> Report:
        return self.row.report


def asks(washington: Counterpart, question: Question = QUESTION, **changes: object) -> Asking:
    """Bob asks Rabat."""
    content = washington.content(kind=Kind.REQUEST, details=question, **changes)
    (receipt,) = washington.send(washington.report(content))
    assert isinstance(receipt, Accepted), receipt
    return Asking(content, receipt.at)


def reply_of(
    washington: Counterpart,
    request: Content,
    outcome: Outcome,
    ground: RefusalGround | None = None,
    hours: int = 0,
    **changes: object,
) -> Content:
    """Bob's answer to a request, as its content."""
    sha256 = hashlib.sha256(encode(request.to_json())).hexdigest()
    details = Answer(request.report, sha256, outcome, ground, hours)
    given: dict[str, object] = {"report": str(uuid4()), "kind": Kind.REPLY, "details": details, "title": "An answer"}
    return washington.content(**(given | changes))


def answers(washington: Counterpart, content: Content, *, at: datetime | None = None) -> tuple[Message, Receipt]:
    """Bob's answer arrives, its message made at a time (now where none is given)."""
    message = washington.report(content)
    if at is not None:
        message = replace(message, created=at, expires=at + timedelta(days=90))
    (receipt,) = washington.send(message)
    return message, receipt


def last_content(washington: Counterpart) -> Content:
    """What Bob's node received last."""
    body = washington.got[-1].body
    assert isinstance(body, ReportBody)
    return body.content


def fold(
    clock: timedelta, received_at: datetime, messages: Sequence[Message], *, withdrawn_at: datetime | None, at: datetime
) -> Standing:
    """Bob's desk: the standing from the messages that crossed the line and nothing of Rabat's memory."""
    events = []
    for message in messages:
        assert isinstance(message.body, ReportBody)
        details = message.body.content.details
        assert isinstance(details, Answer)
        events.append(RequestEvent(details.outcome, message.created, details.hours))
    return stand(clock=clock, received_at=received_at, events=events, withdrawn_at=withdrawn_at, at=at)


def entrusted(partner: Counterpart) -> Report:
    """A report about Karim Belkadi that a partner entrusted to Rabat."""
    content = partner.content()
    (receipt,) = partner.send(partner.report(content))
    assert isinstance(receipt, Accepted), receipt
    return Report.objects.get(originator=partner.node, uid=content.report)


def about(evaluation: Evaluation, *rows: tuple[Entity, str, str]) -> dict[str, object]:
    """Entities and statements of a draft: (entity, property, value)."""
    from amana.domain.statement import Nature

    entities = {entity.id: entity for entity, _, _ in rows}
    statements = [
        Statement(f"s{place}", entity.id, entity.schema, prop, value, Nature.FACT, evaluation)
        for place, (entity, prop, value) in enumerate(rows, start=1)
    ]
    return {"entities": list(entities.values()), "statements": statements}
