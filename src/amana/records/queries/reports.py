"""Reading reports, entities and documents from a viewpoint.

Invariant: a row outside the viewpoint is not fetched, not counted and not hinted at.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from amana.domain.folding import fold
from amana.domain.report import IN_FORCE, State
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Document, Entity, EntityName, Report, Statement

ENDED = frozenset(State) - IN_FORCE


def _cleared(viewpoint: Viewpoint, prefix: str = "") -> Q:
    """What role, clearance and purpose let through, over reports reached by `prefix`."""
    if not viewpoint.reads_content:
        return Q(pk__in=[])
    purpose = Q(**{f"{prefix}purposes": ""}) | Q(**{f"{prefix}purposes__contains": f" {viewpoint.purpose} "})
    return purpose & Q(**{f"{prefix}strictness__lte": viewpoint.clearance.strictness})


def visible_reports(*, viewpoint: Viewpoint, ended: bool = False) -> QuerySet[Report]:
    """Reports that may be read; with `ended`, also the husks of what was withdrawn, recalled or superseded."""
    states = [*IN_FORCE, *(ENDED if ended else ())]
    return Report.objects.filter(_cleared(viewpoint), state__in=states).defer("folded").order_by("-written", "-version")


def is_visible(column: str, *, viewpoint: Viewpoint, ended: bool = False) -> Exists:
    """Whether the report that a row names in a column is among the visible ones: looked up for that row alone.

    For tables with few rows, where the list of all that may be read would be long.
    """
    return Exists(visible_reports(viewpoint=viewpoint, ended=ended).order_by().filter(pk=OuterRef(column)))


def visible_entities(*, viewpoint: Viewpoint) -> QuerySet[Entity]:
    """Entities that at least one readable report speaks of."""
    links = visible_reports(viewpoint=viewpoint).values("pk")
    return Entity.objects.filter(report_links__report__in=links).distinct()


def visible_statements(*, viewpoint: Viewpoint) -> QuerySet[Statement]:
    """Statements of readable reports."""
    return Statement.objects.filter(report__in=visible_reports(viewpoint=viewpoint).values("pk"))


def visible_documents(*, viewpoint: Viewpoint) -> QuerySet[Document]:
    """Documents within the clearance."""
    if not viewpoint.reads_content:
        return Document.objects.none()
    rows = Document.objects.filter(strictness__lte=viewpoint.clearance.strictness)
    return rows.select_related("original").order_by("-taken_in_at")


def search_reports(words: str, *, viewpoint: Viewpoint) -> QuerySet[Report]:
    """Readable reports whose folded text holds every word."""
    found = visible_reports(viewpoint=viewpoint)
    for word in fold(words).split():
        found = found.filter(folded__contains=word)
    return found


def known_names(*, viewpoint: Viewpoint) -> list[tuple[str, str, str]]:
    """(entity id as originator/uid, schema, name) of every entity that may be recognised from here."""
    readable = visible_reports(viewpoint=viewpoint).values("pk")
    rows = EntityName.objects.filter(report__in=readable).order_by("pk")
    return [
        (f"{originator}/{uid}", schema, name)
        for originator, uid, schema, name in rows.values_list(
            "entity__originator", "entity__uid", "entity__schema", "name"
        )
    ]
