"""The fixed cast of the exchange's tests: Alice in Rabat, Bob in Washington, Charlie who should see nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose
from amana.domain.report import Content, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.envelope import KeyOf, Outer, seal
from amana.exchange.identity import NodeSecrets, new_identity, sealing_key_at, signing_key_at
from amana.exchange.protocol import ZEROS, Message, ReportBody, Type, prepare

NOW = datetime(2026, 9, 24, 14, 2, tzinfo=UTC)
GRADE = Evaluation(Source.B, Information.KNOWN_TO_SOURCE, date(2026, 9, 24))


@cache
def alice() -> NodeSecrets:
    """Rabat."""
    return new_identity("rabat", "Exercise service Rabat", "MA", ["https://127.0.0.1:8443"], NOW)


@cache
def bob() -> NodeSecrets:
    """Washington."""
    return new_identity("washington", "Exercise service Washington", "US", ["https://127.0.0.1:8444"], NOW)


@cache
def charlie() -> NodeSecrets:
    """A third node."""
    return new_identity("thirdnode", "Exercise service Elsewhere", "XX", ["https://127.0.0.1:8445"], NOW)


def number(value: int) -> str:
    """An id."""
    return str(UUID(int=value))


def content() -> Content:
    """A small report of the exercise."""
    return Content(
        report=number(1),
        version=1,
        kind=Kind.INFORMATION,
        title="Exercise ATLAS: a name at the port",
        language="fr",
        text="Nadir Belqasmi a été vu au port. نادر بلقاسمي",
        crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
        handling=Handling(releasable_to=frozenset({"washington"}), purposes=frozenset({Purpose.DETECTION})),
        evaluation=GRADE,
        entities=(Entity("p1", "Person", Category.SUSPECT),),
        statements=(Statement("s1", "p1", "Person", "name", "Nadir Belqasmi", Nature.FACT, GRADE, "fr", (0, 14)),),
        originals=(),
        written=NOW,
    )


def report_message() -> Message:
    """Alice's first message to Bob."""
    return Message(
        ver=1,
        type=Type.REPORT,
        id=number(7),
        origin="rabat",
        recipients=("washington",),
        seq=1,
        prev=ZEROS,
        created=NOW,
        expires=NOW + timedelta(days=30),
        agreement=number(9),
        body=ReportBody(content()),
    )


def key_of(node: NodeSecrets) -> KeyOf:
    """How a partner of this node looks up its signing keys."""
    return lambda kid: signing_key_at(node.card, kid, NOW)


def outer_for(node: NodeSecrets, message: Message) -> Outer:
    """The outside of a message to this node."""
    return Outer(1, message.id, message.origin, node.card.node, node.sealing.kid)


def sealed_for(node: NodeSecrets, message: Message) -> bytes:
    """Alice's message, signed and sealed to this node."""
    return seal(prepare(message, alice().signing), outer_for(node, message), sealing_key_at(node.card, NOW))


def changed(**fields: object) -> Message:
    """Alice's first message with other fields."""
    return replace(report_message(), **fields)  # type: ignore[arg-type]  # each test names fields of Message
