"""Our holdings and our questions as subjects of a blind comparison, and the tokens under which they are compared.

Invariant: only what this node itself originated is compared, of people in categories that the agreement allows, marked
for the purpose and not stricter than the agreement covers; what a third node entrusted never shows in a filter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from amana.domain.agreement import Terms
from amana.domain.answers import Reason
from amana.domain.report import IN_FORCE
from amana.domain.vocabulary import HIT_NO_HIT_ONLY, Category
from amana.matching import keys
from amana.matching.blind.scope import Scope
from amana.matching.record import Subject
from amana.records.models import Report, ReportEntity, SilentSubject
from amana.records.queries.names import statements_about
from amana.records.queries.reports import restricted
from amana.services.keys import own_node
from amana.services.known_subjects import Known, gather

KINDS = {str(kind): kind for kind in keys.TokenKind if kind not in (keys.TokenKind.NAME_DAY, keys.TokenKind.NAME_YEAR)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A subject as a person named it for a question: `label` is what the desk calls it, `schema` its kind of thing.

    `entity` is the primary key of the silent entity that an automatic question is about, 0 for others.
    """

    label: str
    subject: keys.Subject
    schema: str = "Person"
    entity: int = 0

    def to_json(self) -> dict[str, Any]:
        """The form in which a question keeps it."""
        one = self.subject
        return {
            "label": self.label,
            "schema": self.schema,
            "entity": self.entity,
            "category": str(one.category) if one.category else None,
            "names": list(one.names),
            "born": list(one.born),
            "identifiers": [[str(kind), value] for kind, value in one.identifiers],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Asked:
        """Read what a question keeps."""
        category = Category(data["category"]) if data["category"] else None
        identifiers = tuple((keys.TokenKind(kind), value) for kind, value in data["identifiers"])
        subject = keys.Subject(category, tuple(data["names"]), tuple(data["born"]), identifiers)
        return cls(data["label"], subject, data["schema"], data["entity"])


def asked_of(given: Subject, category: Category | None, *, label: str) -> Asked:
    """A subject as it was typed or stands in a list; numbers of kinds that are not compared blindly are left out."""
    numbers = tuple((KINDS[kind], value) for kind, value in given.identifiers if kind in KINDS)
    return Asked(label, keys.Subject(category, given.names, given.birth_dates, numbers), given.schema)


def comparable_reports(terms: Terms, scope: Scope) -> QuerySet[Report]:
    """Our own reports in force that may be compared in this scope."""
    purpose = Q(purposes="") | Q(purposes__contains=f" {scope.purpose} ")
    rows = Report.objects.filter(purpose, originator=own_node(), state__in=IN_FORCE).exclude(restricted())
    return rows.filter(strictness__lte=terms.strictest.strictness)


def stamp_of(reports: QuerySet[Report]) -> str:
    """A hash that is another whenever holdings, or what is silent among them, are."""
    digest = hashlib.sha256()
    for row in reports.order_by("pk").values_list("pk", "edition"):
        digest.update(repr(row).encode())
    for key in SilentSubject.objects.order_by("entity_id").values_list("entity_id", flat=True):
        digest.update(f"silent {key}".encode())
    return digest.hexdigest()


def held_subjects(reports: QuerySet[Report], *, silent: bool) -> Iterator[tuple[int, keys.Subject]]:
    """(entity's primary key, subject) of what reports speak of: those kept silent, or all others."""
    hushed = set(SilentSubject.objects.values_list("entity_id", flat=True))
    links = ReportEntity.objects.filter(report__in=reports.values("pk")).values_list("entity_id", "category")
    categories: dict[int, str] = {}
    for entity, category in links:
        if (entity in hushed) is silent:
            categories[entity] = _stricter(categories.get(entity, ""), category)
    for entity, known in gather(statements_about(categories, within=reports)).items():
        yield entity, subject_of(known, categories[entity])


def _stricter(one: str, other: str) -> str:
    """Of two categories of one person the one that protects more."""
    protected = {str(category) for category in HIT_NO_HIT_ONLY}
    return one if one in protected else other or one


def subject_of(known: Known, category: str) -> keys.Subject:
    """What is known of an entity, as far as it can be compared blindly."""
    found = known.subject
    numbers = [(KINDS[kind], value) for kind, value in found.identifiers if kind in KINDS]
    return keys.Subject(Category(category) if category else None, found.names, found.birth_dates, tuple(numbers))


def holding_tokens(subjects: Iterable[keys.Subject], scope: Scope, terms: Terms) -> Iterator[bytes]:
    """The tokens under which subjects are held."""
    for one in subjects:
        for token in keys.holding_keys(one, scope, categories=terms.categories).tokens:
            yield token.data


def question_keys(asked: Sequence[Asked], scope: Scope, terms: Terms) -> list[keys.Keys]:
    """For each subject of a question its tokens, and why parts of it give none."""
    return [keys.question_keys(one.subject, scope, categories=terms.categories) for one in asked]


def reasons_json(because: Iterable[Reason]) -> list[Any]:
    """Reasons as a question keeps them."""
    return [one.to_json() for one in because]
