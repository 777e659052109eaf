"""Writing on a draft by hand: its words, its entities and its statements, all in one step.

Invariant: a statement's place points to the words it was made from or to nothing; an assessment stays one; a person
gets a category only from an officer; and who would overwrite what somebody else wrote meanwhile is told first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from django.db import transaction

from amana.domain.errors import BadInput, Conflict, gettext_noop
from amana.domain.evaluation import Evaluation
from amana.domain.handling import Handling, Portion
from amana.domain.passages import follower, nearest, tidy
from amana.domain.report import DETAILS, Content, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea, clean, is_person
from amana.intake.language import detect
from amana.records.models import Report, User
from amana.services.contents import content_of
from amana.services.reports import (
    ReportNotDraft,
    StatementUnknown,
    change_draft,
    draft_report,
    newest,
)
from amana.services.rights import Deed, require

SIMPLE_KINDS = tuple(kind for kind in Kind if kind not in DETAILS)
"""The kinds that a draft may change between: those that add nothing to their text."""


class DraftChanged(Conflict):
    """Somebody else wrote on the draft meanwhile."""

    code = "draft-changed"
    sentence = gettext_noop(
        "Somebody changed this draft while you wrote. What you typed is still here: compare, and keep it again."
    )


class PassageAbsent(BadInput):
    """The passage that a statement is to be made from does not stand in the text."""

    code = "draft-passage"
    sentence = gettext_noop("The words of the new statement's passage do not stand in the text like that.")


class KindFixed(BadInput):
    """The kind of this draft cannot be changed."""

    code = "draft-kind"
    sentence = gettext_noop("A report of this kind has parts of its own; begin it where that kind is written.")


@dataclass(frozen=True, slots=True)
class Said:
    """How one statement is to stand: its value, grade, nature and what its own marking adds."""

    value: str
    evaluation: Evaluation
    nature: Nature = Nature.FACT
    handling: Portion | None = None


@dataclass(frozen=True, slots=True)
class NewStatement:
    """A statement to add: `entity` is one of the draft's, or empty for a new one of `schema`.

    `passage` are the words of the text that it rests on, near `at`; empty where it rests on none.
    """

    property: str
    said: Said
    entity: str = ""
    schema: str = ""
    passage: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """What an officer wants of a draft; what is None or empty stays as it is.

    `edition` is the draft's edition that the officer saw, 0 where nobody asks.
    """

    edition: int = 0
    title: str | None = None
    text: str | None = None
    language: str | None = None
    kind: Kind | None = None
    evaluation: Evaluation | None = None
    handling: Handling | None = None
    crime_areas: frozenset[CrimeArea] | None = None
    categories: Mapping[str, tuple[Category, str]] = field(default_factory=dict)
    said: Mapping[str, Said] = field(default_factory=dict)
    added: Sequence[NewStatement] = ()
    removed: frozenset[str] = frozenset()
    removed_entities: frozenset[str] = frozenset()
    regrade: bool = False


def begin_draft(
    *,
    title: str = "",
    text: str,
    handling: Handling,
    evaluation: Evaluation,
    kind: Kind = Kind.INFORMATION,
    by: User,
) -> Report:
    """Begin a draft from words that somebody typed or pasted. Raises what `draft_report` raises."""
    words = tidy(text)
    first = next((line.strip() for line in words.split("\n") if line.strip()), "")
    return draft_report(
        title=tidy(title.strip()) or first[:120],
        text=words,
        language=detect(words).code,
        evaluation=evaluation,
        handling=handling,
        kind=kind,
        by=by,
    )


@transaction.atomic
def revise_draft(uid: UUID, revision: Revision, *, by: User) -> Report:
    """Keep what an officer wrote on a draft: words, marking, categories, statements, all or nothing.

    Raises DraftChanged, PassageAbsent, KindFixed, StatementUnknown and what `change_draft` raises.
    """
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    if revision.edition and row.edition != revision.edition:
        raise DraftChanged
    if not row.evaluation:
        raise ReportNotDraft
    before = content_of(row)
    after = _with_statements(_with_words(before, revision), revision)
    changes = {
        name: getattr(after, name)
        for name in (
            "title",
            "text",
            "language",
            "kind",
            "evaluation",
            "handling",
            "crime_areas",
            "entities",
            "statements",
        )
        if getattr(after, name) != getattr(before, name)
    }
    if not changes:
        return row
    return change_draft(uid, by=by, **changes)


def mark_statement(uid: UUID, statement: str, portion: Portion, *, by: User) -> Report:
    """Give one statement of a draft a handling of its own; an empty one takes it away.

    Raises StatementUnknown and what `revise_draft` raises.
    """
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    if not row.evaluation:
        raise ReportNotDraft
    for one in content_of(row).statements:
        if one.id == statement:
            said = Said(one.value, one.evaluation, one.nature, portion)
            return revise_draft(uid, Revision(edition=row.edition, said={statement: said}), by=by)
    raise StatementUnknown


def _with_words(content: Content, revision: Revision) -> Content:
    """The content under its new words and marking; places follow the text."""
    kind = content.kind if revision.kind is None else revision.kind
    if kind != content.kind and not {kind, content.kind} <= set(SIMPLE_KINDS):
        raise KindFixed
    text = content.text if revision.text is None else tidy(revision.text)
    statements = content.statements
    if text != content.text:
        follow = follower(content.text, text)
        statements = tuple(replace(one, place=one.place and follow(one.place)) for one in statements)
    language = content.language if revision.language is None else revision.language
    return replace(
        content,
        kind=kind,
        text=text,
        title=content.title if revision.title is None else tidy(revision.title.strip()),
        language=language or detect(text).code,
        evaluation=revision.evaluation or content.evaluation,
        handling=revision.handling or content.handling,
        crime_areas=content.crime_areas if revision.crime_areas is None else revision.crime_areas,
        entities=tuple(_categorised(one, revision.categories) for one in content.entities),
        statements=statements,
    )


def _categorised(one: Entity, categories: Mapping[str, tuple[Category, str]]) -> Entity:
    if one.id not in categories:
        return one
    category, grounds = categories[one.id]
    return replace(one, category=category, grounds=grounds)


def _with_statements(content: Content, revision: Revision) -> Content:
    """The content with statements changed, removed and added, and without the entities that were removed."""
    ids, entities = {one.id for one in content.statements}, {one.id for one in content.entities}
    if not (
        {*revision.said, *revision.removed} <= ids and {*revision.categories, *revision.removed_entities} <= entities
    ):
        raise StatementUnknown
    kept = [
        _changed(one, revision)
        for one in content.statements
        if one.id not in revision.removed and one.entity not in revision.removed_entities
    ]
    left = [one for one in content.entities if one.id not in revision.removed_entities]
    for new in revision.added:
        entity = next((one for one in left if one.id == new.entity), None)
        if entity is None:
            if new.entity:
                raise StatementUnknown
            entity = fresh_entity(new.schema)
            left.append(entity)
        kept.append(_made(new, entity, content, next_number(kept)))
    return replace(content, entities=tuple(left), statements=tuple(kept))


def _changed(one: Statement, revision: Revision) -> Statement:
    if revision.regrade and revision.evaluation is not None:
        one = one.graded(revision.evaluation)
    said = revision.said.get(one.id)
    if said is None:
        return one
    value = clean(one.schema, one.property, tidy(said.value.strip()))
    grade = one.evaluation if revision.regrade else said.evaluation
    changed = replace(one, value=value, evaluation=grade, handling=said.handling)
    return changed.as_assessment() if said.nature is Nature.ASSESSMENT else changed


def _made(new: NewStatement, entity: Entity, content: Content, number: str) -> Statement:
    words = tidy(new.passage.strip())
    place = nearest(words, content.text, new.at) if words else None
    if words and place is None:
        raise PassageAbsent
    return Statement(
        id=number,
        entity=entity.id,
        schema=entity.schema,
        property=new.property,
        value=clean(entity.schema, new.property, tidy(new.said.value.strip())),
        nature=new.said.nature,
        evaluation=new.said.evaluation,
        lang=content.language if place is not None else "",
        place=place,
        handling=new.said.handling,
    )


def fresh_entity(schema: str) -> Entity:
    """A new entity of a draft; a person arrives without a category."""
    return Entity(id=str(uuid4()), schema=schema, category=Category.UNKNOWN if is_person(schema) else None)


def next_number(statements: Iterable[Statement]) -> str:
    """A statement's id that none of these has."""
    taken = {one.id for one in statements}
    number = len(taken) + 1
    while f"s{number}" in taken:
        number += 1
    return f"s{number}"
