"""Composing a draft with the machine's help: begun from a file or from words, with suggestions in its own text.

Invariant: nothing becomes a statement by itself, and what an officer rejected is not suggested for this draft again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import AmanaError, NotFound, gettext_noop
from amana.domain.evaluation import unknown
from amana.domain.handling import Tlp
from amana.domain.report import Content, State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea, clean
from amana.intake.suggest import Suggestion, suggest
from amana.records.models import Document, Dropped, Report, User
from amana.records.queries.reports import visible_reports
from amana.services.contents import content_of
from amana.services.documents import draft_from_document, take_in
from amana.services.drafting import begin_draft, fresh_entity, next_number
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.recognition import mark_known
from amana.services.reports import ReportUnknown, born_restricted, change_draft, newest
from amana.services.rights import Deed, require

MOST_OFFERS = 200  # suggestions that a page shows at once; the next come when these are decided


class OfferUnknown(NotFound):
    """The draft's text suggests no such thing, or no longer."""

    code = "draft-suggestion"
    sentence = gettext_noop("The text does not suggest this any more; look at what it suggests now.")


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion that waits for an officer; `key` names it on the page."""

    key: str
    kind: str
    value: str
    role: str
    text: str
    start: int
    end: int


def compose_from_words(
    text: str, *, title: str = "", tlp: Tlp = Tlp.AMBER_STRICT, viewpoint: Viewpoint, by: User
) -> Report:
    """Begin a draft from typed or pasted words, for the purpose of the viewpoint and releasable to nobody."""
    today = timezone.localdate()
    born = born_restricted(purposes={viewpoint.purpose}, today=today)
    return begin_draft(title=title, text=text, handling=replace(born, tlp=tlp), evaluation=unknown(today), by=by)


def compose_from_file(
    data: bytes, *, filename: str, title: str = "", tlp: Tlp = Tlp.AMBER_STRICT, viewpoint: Viewpoint, by: User
) -> Report:
    """Take a file in and begin a draft from its text. Raises the intake's refusals, MarkingAboveClearance."""
    document = take_in(data, filename=filename, viewpoint=viewpoint, tlp=tlp, by=by)
    return compose_from_document(document, title=title, viewpoint=viewpoint, by=by)


def compose_from_document(document: Document, *, title: str = "", viewpoint: Viewpoint, by: User) -> Report:
    """Begin a draft from a document's text and whatever was accepted there, under the document's marking."""
    today = timezone.localdate()
    tlp = next(one for one in Tlp if one.strictness == document.strictness)
    born = born_restricted(purposes={viewpoint.purpose}, today=today)
    return draft_from_document(
        document,
        title=title,
        evaluation=unknown(today),
        handling=replace(born, tlp=tlp),
        text_alone=True,
        by=by,
    )


def offers_of(row: Report, content: Content) -> list[Offer]:
    """What the text of an opened draft suggests and nobody has decided, by place."""
    return [_offer(key, one) for key, one in _waiting(row, content).items()]


def _offer(key: str, one: Suggestion) -> Offer:
    return Offer(key, one.kind, one.value, one.role, one.text, one.start, one.end)


def known_offers(uid: UUID, *, viewpoint: Viewpoint, by: User) -> list[Offer]:
    """Those of a draft's suggestions that name something that we hold, in whatever spelling; the search is logged.

    Raises ReportUnknown where it is no draft of ours that may be seen.
    """
    require(by, Deed.WRITE)
    drafts = visible_reports(viewpoint=viewpoint).filter(uid=uid, originator=own_node(), state=State.DRAFT)
    row = drafts.order_by("-version").first()
    if row is None:
        raise ReportUnknown
    waiting = _waiting(row, content_of(row))
    marked = mark_known(list(waiting.values()), viewpoint=viewpoint)
    return [_offer(key, one) for key, one in zip(waiting, marked, strict=True) if one.known is not None]


def _waiting(row: Report, content: Content) -> dict[str, Suggestion]:
    """What the text suggests and nobody has decided, by key, at most as many as a page shows at once."""
    dropped = set(Dropped.objects.filter(report=row).values_list("mark", flat=True))
    return dict(_open(content, row.uid, dropped, today=timezone.localdate())[:MOST_OFFERS])


@transaction.atomic
def accept_offers(uid: UUID, keys: Collection[str] | None, *, by: User) -> Report:
    """Make statements of what the text suggests: of these suggestions, or of all where no keys are named.

    A topic becomes a crime area. Raises OfferUnknown and what `change_draft` raises.
    """
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    content = content_of(row)
    chosen = _chosen(row, content, keys)
    areas = {CrimeArea(one.value) for one in chosen if one.kind == "topic"}
    entities, statements = list(content.entities), list(content.statements)
    for one in chosen:
        if one.kind != "topic":
            _state(one, content, entities, statements)
    return change_draft(
        uid,
        by=by,
        crime_areas=content.crime_areas | areas,
        entities=tuple(entities),
        statements=tuple(statements),
    )


@transaction.atomic
def drop_offers(uid: UUID, keys: Collection[str], *, by: User) -> None:
    """Reject suggestions of a draft's text. Raises OfferUnknown, ReportUnknown."""
    require(by, Deed.WRITE)
    row = newest(uid, by=by)
    _chosen(row, content_of(row), keys)
    now = timezone.now()
    Dropped.objects.bulk_create(
        [Dropped(report=row, mark=key, by=by.username, at=now) for key in sorted(set(keys))], ignore_conflicts=True
    )
    subject, count = f"report:{row.uid}:{row.version}", str(len(set(keys)))
    record(Act.ALTERATION, "suggestions-dropped", subject, by=by.username, reason="draft", details=[("dropped", count)])


def dropped_passages(row: Report, content: Content) -> list[str]:
    """The words in a draft's text that an officer decided to make no statement of."""
    dropped = set(Dropped.objects.filter(report=row).values_list("mark", flat=True))
    if not dropped:
        return []
    found = _open(content, row.uid, frozenset(), today=timezone.localdate())
    return list(dict.fromkeys(one.text for key, one in found if key in dropped))


def _chosen(row: Report, content: Content, keys: Collection[str] | None) -> list[Suggestion]:
    dropped = set(Dropped.objects.filter(report=row).values_list("mark", flat=True))
    found = dict(_open(content, row.uid, dropped, today=timezone.localdate()))
    if keys is None:
        return list(found.values())
    if not set(keys) <= set(found):
        raise OfferUnknown
    return [found[key] for key in dict.fromkeys(keys)]


def _open(content: Content, uid: UUID, dropped: Collection[str], *, today: date) -> list[tuple[str, Suggestion]]:
    """Suggestions with their keys that no statement says yet and nobody dropped, each key once."""
    said = {(one.schema, one.property, one.value) for one in content.statements}
    found: dict[str, Suggestion] = {}
    for one in suggest(content.text, language=content.language, today=today):
        key = _mark(uid, one)
        if key not in dropped and key not in found and _is_news(one, said, content.crime_areas):
            found[key] = one
    return list(found.items())


def _is_news(one: Suggestion, said: Collection[tuple[str, str, str]], areas: Collection[CrimeArea]) -> bool:
    if one.kind == "topic":
        return one.value in set(CrimeArea) and one.value not in areas
    return any((one.schema, name, value) not in said for name, value in _pairs(one))


def _pairs(one: Suggestion) -> Iterator[tuple[str, str]]:
    """What the suggestion would state, in the vocabulary's own form; what does not fit it is left out."""
    for name, given in one.properties if one.schema else ():
        try:
            yield name, clean(one.schema, name, given)
        except AmanaError:
            continue


def _state(one: Suggestion, content: Content, entities: list[Entity], statements: list[Statement]) -> None:
    pairs = list(_pairs(one))
    same = [said.entity for said in statements if said.schema == one.schema and (said.property, said.value) == pairs[0]]
    entity = next((each for each in entities if each.id in same[:1]), None)
    if entity is None:
        entity = fresh_entity(one.schema)
        entities.append(entity)
    known = {(said.property, said.value) for said in statements if said.entity == entity.id}
    for name, value in pairs:
        if (name, value) in known:
            continue
        known.add((name, value))
        statements.append(
            Statement(
                id=next_number(statements),
                entity=entity.id,
                schema=entity.schema,
                property=name,
                value=value,
                nature=Nature.FACT,
                evaluation=content.evaluation,
                lang=content.language if name in ("name", "position", "summary") else "",
                place=(one.start, one.end),
            )
        )


def _mark(uid: UUID, one: Suggestion) -> str:
    """What names a suggestion for one report, wherever in the text it stands."""
    words: Sequence[str] = (str(uid), one.kind, one.schema, one.value, one.role, one.text)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
