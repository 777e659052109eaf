"""One event of the log, and the salted commitment that stands for it in the tree.

Invariant: a leaf says nothing without its salt; whoever has event and salt can show that this and nothing else was
committed to. Directive (EU) 2016/680, Article 25, names the acts that are logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import rfc8785

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form
from amana.domain.times import parse_instant

SALT_BYTES = 32


class Act(StrEnum):
    """What kind of act an entry records; the first six are those of Article 25."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    ADMINISTRATION = "administration"
    REFUSAL = "refusal"


class EventMalformed(BadInput):
    """What should be an event of the log is none."""

    code = "log-event-malformed"
    sentence = gettext_noop("This is not an event as the log writes them.")


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to what, when (RFC 3339, UTC) and why; ids and codes only, never content."""

    act: Act
    verb: str
    person: str
    at: str
    reason: str
    subject: str
    details: tuple[tuple[str, str], ...] = ()


def event_bytes(event: Event) -> bytes:
    """The event in its one written form (RFC 8785)."""
    return rfc8785.dumps(
        {
            "act": str(event.act),
            "verb": event.verb,
            "person": event.person,
            "at": event.at,
            "reason": event.reason,
            "subject": event.subject,
            "details": [list(pair) for pair in event.details],
        }
    )


def event_from_json(data: object) -> Event:
    """Read the form; raises BadInput."""

    def pair(item: object) -> tuple[str, str]:
        if not isinstance(item, list) or len(item) != 2 or not all(isinstance(part, str) for part in item):
            raise EventMalformed
        return item[0], item[1]

    with Form(data, "event") as form:
        event = Event(
            act=form.choice("act", Act),
            verb=form.text("verb", most=200),
            person=form.text("person", most=200),
            at=form.text("at", most=40),
            reason=form.text("reason", most=20_000),
            subject=form.text("subject", most=500),
            details=form.list_of("details", pair, most=1_000),
        )
    parse_instant(event.at)
    return event


def commit(event: bytes, salt: bytes) -> bytes:
    """The leaf's data: SHA-256 of a salt of 32 bytes and the written event."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return sha256(salt + event).digest()
