"""A suggestion: what a text seems to say about one thing, at one place, for a person to accept or not.

Invariant: `text[start:end]` of the document is `suggestion.text`; a suggestion states nothing by itself.
Schemata and properties are FollowTheMoney's, with our Phone and Container.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is suggested."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    DATE = "date"
    MEETING = "meeting"
    TOPIC = "topic"
    IDENTIFIER = "identifier"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One suggestion with its place; offsets count characters of the extracted text.

    `value` is normalised (ISO 8601 date, with "--09-24" where the text leaves the year open; E.164; compact IBAN),
    `role` the text's own words, `schema` empty for dates and topics, `properties` what a statement would hold,
    `reason` a stable keyword, `known` the id of an entity the node already holds.
    """

    kind: Kind
    value: str
    role: str = ""
    start: int
    end: int
    text: str
    schema: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    reason: str
    known: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownName:
    """A name under which the node already holds an entity."""

    entity_id: str
    schema: str
    name: str
