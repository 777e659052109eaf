"""A report: what a desk says to another. One form, several kinds; its content is what a recipient reads.

Invariant: `Content.from_json(content.to_json()) == content`, and every statement speaks of an entity of the report.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.evaluation import Evaluation
from amana.domain.form import Form, Json
from amana.domain.handling import Code, Handling
from amana.domain.joint import CaseSheet, Lesson, Meeting, Notice
from amana.domain.passages import withhold
from amana.domain.request import Answer, Question
from amana.domain.statement import Entity, Statement
from amana.domain.times import instant, parse_instant
from amana.domain.vocabulary import CrimeArea, is_pointer


class Kind(StrEnum):
    """The kinds of report; all travel the same way."""

    INFORMATION = "information"
    REQUEST = "request"
    REPLY = "reply"
    NOTICE = "notice"
    MEETING = "meeting"
    LESSON = "lesson"
    REFERRAL = "referral"
    CASE = "case"


Details = Question | Answer | Notice | Meeting | Lesson | CaseSheet

# What a kind of report says beside its text and statements; the other kinds have none.
DETAILS: dict[Kind, type[Details]] = {
    Kind.REQUEST: Question,
    Kind.REPLY: Answer,
    Kind.NOTICE: Notice,
    Kind.MEETING: Meeting,
    Kind.LESSON: Lesson,
    Kind.CASE: CaseSheet,
}


LAST_VERSION = 1_000_000
LONGEST_TITLE = 1_000  # characters


class State(StrEnum):
    """Where one version of a report stands: at its originator up to “stopped”, at a holder from “held” on.

    A doubted version was signed by a key that may have been stolen; it is out of use until its originator confirms it.
    """

    DRAFT = "draft"
    AWAITING_RELEASE = "awaiting-release"
    RELEASED = "released"
    RECALLED = "recalled"
    STOPPED = "stopped"
    HELD = "held"
    DOUBTED = "doubted"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


NEXT_STATES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.AWAITING_RELEASE, State.STOPPED}),
    State.AWAITING_RELEASE: frozenset({State.DRAFT, State.RELEASED, State.STOPPED}),
    State.RELEASED: frozenset({State.RECALLED, State.SUPERSEDED}),
    State.HELD: frozenset({State.WITHDRAWN, State.SUPERSEDED, State.DOUBTED}),
    State.DOUBTED: frozenset({State.HELD, State.WITHDRAWN, State.SUPERSEDED}),
    State.SUPERSEDED: frozenset({State.RECALLED, State.WITHDRAWN}),
    State.RECALLED: frozenset(),
    State.STOPPED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

# What may be read, searched, matched, printed and exported.
IN_FORCE = frozenset({State.DRAFT, State.AWAITING_RELEASE, State.RELEASED, State.HELD})


class StatementOrphaned(BadInput):
    """A statement speaks of an entity that the report does not name, or under another schema."""

    code = "report-statement-orphaned"
    sentence = gettext_noop("A statement speaks of an entity that the report does not list.")


class PlaceOutside(BadInput):
    """A statement points outside of the report's text."""

    code = "report-place-outside"
    sentence = gettext_noop("A statement points to a place outside the report's text.")


class EntityTwice(BadInput):
    """A report lists one entity twice."""

    code = "report-entity-twice"
    sentence = gettext_noop("The report lists one entity twice, so nobody can say which of the two counts.")


class TitleLong(BadInput):
    """A title is longer than any partner's node takes."""

    code = "report-title-long"
    sentence = gettext_noop("A title has at most %(most)s characters; put the rest into the text.")


class TextNotNormal(BadInput):
    """Text is not in Unicode's composed normal form."""

    code = "report-text-not-normal"
    sentence = gettext_noop("Text must be in Unicode's composed form (NFC), so that it has one spelling only.")


class DetailsOfAnotherKind(BadInput):
    """A report's details do not fit its kind."""

    code = "report-details"
    sentence = gettext_noop("The details of this report do not belong to a report of the kind “%(kind)s”.")


class ReportIncomplete(BadInput):
    """A report lacks what every report needs."""

    code = "report-incomplete"
    sentence = gettext_noop("Before this report may leave it still needs: %(missing)s.")


@dataclass(frozen=True, slots=True)
class Original:
    """The file a report was drawn from: SHA-256 in hex, size in bytes, media type; the file itself stays at home."""

    sha256: str
    size: int
    media_type: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"sha256": self.sha256, "size": self.size, "media_type": self.media_type}

    @classmethod
    def from_json(cls, data: object) -> Original:
        """Read the form; raises BadInput."""
        with Form(data, "original") as form:
            sha256 = form.text("sha256", most=64)
            if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
                raise form.wrong("sha256")
            return cls(sha256=sha256, size=form.number("size"), media_type=form.text("media_type", most=200))


@dataclass(frozen=True, slots=True)
class Content:
    """All that a recipient reads of one version of a report; the exit preview shows exactly this.

    `details` is what its kind adds (`DETAILS`), None where the kind adds nothing or it is not written yet.
    """

    report: str
    version: int
    kind: Kind
    title: str
    language: str
    text: str
    crime_areas: frozenset[CrimeArea]
    handling: Handling
    evaluation: Evaluation
    entities: tuple[Entity, ...]
    statements: tuple[Statement, ...]
    originals: tuple[Original, ...]
    written: datetime
    details: Details | None = None

    def __post_init__(self) -> None:
        if len(self.title) > LONGEST_TITLE:
            raise TitleLong(most=LONGEST_TITLE)
        if self.details is not None and type(self.details) is not DETAILS.get(self.kind):
            raise DetailsOfAnotherKind(kind=self.kind)
        schemata = {entity.id: entity.schema for entity in self.entities}
        if len(schemata) != len(self.entities):
            raise EntityTwice
        for statement in self.statements:
            if schemata.get(statement.entity) != statement.schema:
                raise StatementOrphaned
            if statement.place is not None and statement.place[1] > len(self.text):
                raise PlaceOutside
        for words in (self.title, self.text, *(statement.value for statement in self.statements)):
            if not unicodedata.is_normalized("NFC", words):
                raise TextNotNormal

    def for_recipient(self, node: str) -> Content:
        """What one recipient will see: no other recipient shows, and nothing of what is kept from this one.

        With a statement goes its passage in the text, with its last statement an entity, with that what points to it.
        """
        details = self.details.only_for(node) if isinstance(self.details, CaseSheet) else self.details
        entities, statements = self._reaching(node)
        kept, text = {one.id for one in statements}, self.text
        gone = [one for one in self.statements if one.id not in kept]
        if gone:
            text, follow = withhold(text, (one.place for one in gone if one.place is not None))
            statements = tuple(replace(one, place=one.place and follow(one.place)) for one in statements)
        return replace(
            self,
            handling=self.handling.only_for(node),
            details=details,
            text=text,
            entities=entities,
            statements=tuple(one.only_for(node) for one in statements),
        )

    def withheld_from(self, node: str) -> tuple[Statement, ...]:
        """The statements that one recipient does not receive."""
        kept = {one.id for one in self._reaching(node)[1]}
        return tuple(one for one in self.statements if one.id not in kept)

    @property
    def kept_in_part(self) -> bool:
        """Whether a statement in it is kept to fewer than receive the report: then it is not passed on."""
        return any(one.handling is not None and one.handling.kept for one in self.statements)

    def _reaching(self, node: str) -> tuple[tuple[Entity, ...], tuple[Statement, ...]]:
        """The entities and statements that one recipient receives."""
        entities, statements = self.entities, self.statements
        kept = tuple(one for one in statements if one.reaches(node))
        while len(kept) < len(statements):
            spoken_of, left = {one.entity for one in statements}, {one.entity for one in kept}
            gone = spoken_of - left
            entities, statements = tuple(one for one in entities if one.id not in gone), kept
            kept = tuple(one for one in statements if not (is_pointer(one.schema, one.property) and one.value in gone))
        return entities, statements

    def missing(self) -> tuple[str, ...]:
        """Names of what this still needs before it may leave: stable words, empty when complete."""
        lacks = {
            "title": not self.title.strip(),
            "text-or-statements": not self.text.strip() and not self.statements and not self._speaks_by_details(),
            "crime-area": not self.crime_areas,
            "purposes": not self.handling.purposes,
            "releasable-to": not self.handling.releasable_to,
            "caveat-for-h3": self._unexplained(),
            "category": any(entity.quarantined for entity in self.entities),
            "details": self.details is None and self.kind in DETAILS,
        }
        own = self.details.missing() if self.details is not None else ()
        return (*(name for name, lacking in lacks.items() if lacking), *own)

    def _unexplained(self) -> bool:
        """Whether somewhere H3 stands without a caveat that says what it means."""
        own = [one.handling.within(self.handling) for one in self.statements if one.handling is not None]
        return any(Code.H3 in one.codes and not one.caveats for one in (self.handling, *own))

    def _speaks_by_details(self) -> bool:
        told_done = isinstance(self.details, Notice) and bool(self.details.task)
        return told_done or isinstance(self.details, CaseSheet | Meeting)

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "report": self.report,
            "version": self.version,
            "kind": str(self.kind),
            "title": self.title,
            "language": self.language,
            "text": self.text,
            "crime_areas": sorted(map(str, self.crime_areas)),
            "handling": self.handling.to_json(),
            "evaluation": self.evaluation.to_json(),
            "entities": [entity.to_json() for entity in self.entities],
            "statements": [statement.to_json() for statement in self.statements],
            "originals": [original.to_json() for original in self.originals],
            "written": instant(self.written),
            "details": self.details.to_json() if self.details is not None else None,
        }

    @classmethod
    def from_json(cls, data: object) -> Content:
        """Read the form; raises BadInput."""
        with Form(data, "content") as form:
            kind = form.choice("kind", Kind)
            return cls(
                report=form.uuid("report"),
                version=form.number("version", least=1, most=LAST_VERSION),
                kind=kind,
                title=form.text("title", most=LONGEST_TITLE),
                language=form.text("language", most=35),
                text=form.text("text"),
                crime_areas=form.choices("crime_areas", CrimeArea),
                handling=form.part("handling", Handling.from_json),
                evaluation=form.part("evaluation", Evaluation.from_json),
                entities=form.list_of("entities", Entity.from_json),
                statements=form.list_of("statements", Statement.from_json),
                originals=form.list_of("originals", Original.from_json),
                written=parse_instant(form.text("written", most=40)),
                details=form.maybe_part("details", lambda part: read_details(kind, part)),
            )


def read_details(kind: Kind, data: object) -> Details:
    """The details of a report of that kind from their form. Raises DetailsOfAnotherKind, BadInput."""
    if kind not in DETAILS:
        raise DetailsOfAnotherKind(kind=kind)
    return DETAILS[kind].from_json(data)
