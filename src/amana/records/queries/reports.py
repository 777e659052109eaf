"""Reading reports, entities and documents from a viewpoint.

Invariant: a row outside the viewpoint is not fetched, not counted and not hinted at; what an overseer restricted is
in no list, search, match or export, whoever looks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from amana.domain.folding import fold
from amana.domain.handling import Purpose
from amana.domain.report import IN_FORCE, Kind, State
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Document, Entity, EntityName, OversightOrder, Report, Statement
from amana.records.queries.kept import kept
from amana.records.queries.words import Holds

ENDED = frozenset(State) - IN_FORCE


class Reach(NamedTuple):
    """What of a viewpoint decides which reports may be read: whoever shares it sees the same."""

    reads_content: bool
    purpose: Purpose
    strictness: int
    mandate: bool


def reach_of(viewpoint: Viewpoint) -> Reach:
    """How far a viewpoint reaches."""
    return Reach(
        viewpoint.reads_content, viewpoint.purpose, viewpoint.clearance.strictness, mandate=bool(viewpoint.mandate)
    )


def cleared(viewpoint: Viewpoint, prefix: str = "") -> Q:
    """What role, clearance and purpose let through, over reports reached by `prefix`."""
    return _cleared(reach_of(viewpoint), prefix)


@lru_cache(maxsize=256)
def _cleared(reach: Reach, prefix: str) -> Q:
    if not reach.reads_content:
        return Q(pk__in=[])
    purpose = Q(**{f"{prefix}purposes": ""}) | Q(**{f"{prefix}purposes__contains": f" {reach.purpose} "})
    if reach.mandate:  # whether a purpose was kept is what the overseer looks at
        purpose = Q()
    return purpose & Q(**{f"{prefix}strictness__lte": reach.strictness})


@lru_cache(maxsize=16)
def restricted(prefix: str = "") -> Q:
    """What an overseer ordered to be restricted, in every version, until the order is lifted."""
    orders = OversightOrder.objects.filter(what=OversightOrder.What.RESTRICT, lifted_at__isnull=True)
    return Q(**{f"{prefix}uid__in": orders.filter(report_uid__isnull=False).values("report_uid")})


def readable(viewpoint: Viewpoint, prefix: str = "") -> Q:
    """What may be read of what is in force, over reports reached by `prefix`; a join where a subquery would be slow."""
    return _readable(reach_of(viewpoint), prefix)


@lru_cache(maxsize=256)
def _readable(reach: Reach, prefix: str) -> Q:
    found = _cleared(reach, prefix) & Q(**{f"{prefix}state__in": sorted(IN_FORCE)})
    return found if reach.mandate else found & ~restricted(prefix)


def visible_reports(*, viewpoint: Viewpoint, ended: bool = False, evidence: bool = False) -> QuerySet[Report]:
    """Reports that may be read; with `ended`, also the husks of what was withdrawn, recalled or superseded.

    With `evidence`, also what an overseer restricted: for opening one report, never for a list or search.
    """
    return reports_within(reach_of(viewpoint), ended, evidence)


@kept
def reports_within(reach: Reach, ended: bool = False, evidence: bool = False) -> QuerySet[Report]:
    """The same for whoever reaches as far."""
    states = [*IN_FORCE, *(ENDED if ended else ())]
    rows = Report.objects.filter(_cleared(reach, ""), state__in=states)
    if not evidence and not reach.mandate:
        rows = rows.exclude(restricted())
    return rows.defer("folded", "categories").order_by("-written", "-version")


def is_visible(column: str, *, viewpoint: Viewpoint, ended: bool = False) -> Exists:
    """Whether the report that a row names in a column is among the visible ones: looked up for that row alone.

    For tables with few rows, where the list of all that may be read would be long.
    """
    return seen_from(reach_of(viewpoint), column, ended)


@lru_cache(maxsize=256)
def seen_from(reach: Reach, column: str, ended: bool = False, kind: Kind | None = None) -> Exists:
    """The same for whoever reaches as far; with the `kind` of the reports where all have one, so that few are read."""
    rows = reports_within(reach, ended).order_by().filter(pk=OuterRef(column))
    return Exists(rows if kind is None else rows.filter(kind=kind))


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
    """Readable reports that hold every word, or a word that it is part of."""
    found = visible_reports(viewpoint=viewpoint)
    for word in sorted(set(fold(words).split())):
        found = found.filter(Holds(F("folded"), word))
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
