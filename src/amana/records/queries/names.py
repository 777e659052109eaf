"""Reading the names by which entities of reports are found, for the index that is kept beside the database.

Invariant: the editions are those of readable reports alone, so whoever masks by them shows nothing else; people
without a category are not among the names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, cast

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from amana.domain.report import IN_FORCE
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import Category
from amana.records.models import EntityName, Report, ReportEntity, Statement
from amana.records.queries.kept import asked
from amana.records.queries.parts import in_parts
from amana.records.queries.reports import Reach, reach_of, reports_within, restricted

NAMED = ("uid", "version", "originator", "title", "language", "state", "written")
Edition = tuple[int, int]


class NameRow(NamedTuple):
    """One name: its report's primary key and edition, its entity's primary key, and the name as written."""

    report: int
    edition: int
    entity: int
    name: str


def visible_editions(*, viewpoint: Viewpoint) -> list[Edition]:
    """(primary key, edition) of every readable report."""
    return cast("list[Edition]", _editions(reach_of(viewpoint)))


@asked
def _editions(reach: Reach) -> QuerySet[Report, Any]:
    return reports_within(reach).order_by().values_list("pk", "edition")


def editions_in_force(*, apart_from: str = "") -> list[Edition]:
    """The same of all reports in force, for the node itself; those of one originator can be left out."""
    rows = Report.objects.filter(state__in=IN_FORCE).exclude(restricted()).exclude(originator=apart_from)
    return list(rows.values_list("pk", "edition"))


def names_of(reports: Sequence[int]) -> Iterator[NameRow]:
    """The names of reports by primary key, each with the edition that it was read with."""
    for some in in_parts(reports):
        rows = EntityName.objects.filter(report__in=some).exclude(quarantined()).order_by("pk")
        for row in rows.values_list("report_id", "report__edition", "entity_id", "name").iterator(chunk_size=20_000):
            yield NameRow(*row)


def statements_about(entities: Collection[int], *, within: QuerySet[Report]) -> Iterator[Statement]:
    """What these reports say of entities by primary key, the newest reports first, with entity and report.

    Of a report only what names it is read, of a statement neither grade nor handling.
    """
    readable = Exists(within.order_by().filter(pk=OuterRef("report")))
    reports = Prefetch("report", Report.objects.only(*NAMED))
    for some in in_parts(sorted(entities)):
        rows = Statement.objects.filter(readable, entity__in=some)
        about = rows.exclude(quarantined()).order_by("-report__written", "report_id", "position")
        yield from about.defer("evaluation", "handling").prefetch_related("entity", reports)


def bearers_of(keys: Collection[str], *, within: QuerySet[Report]) -> list[tuple[str, int]]:
    """(key, entity's primary key) of what bears an identifier in these reports, by the keys of `domain.sameness`."""
    readable = Exists(within.order_by().filter(pk=OuterRef("report")))
    found: list[tuple[str, int]] = []
    for some in in_parts(sorted(keys)):
        rows = Statement.objects.filter(readable, key__in=some)
        found += rows.exclude(quarantined()).order_by().values_list("key", "entity_id").distinct()
    return found


def quarantined() -> Exists:
    """Whether a row speaks, in its report, of a person without a category."""
    return Exists(
        ReportEntity.objects.filter(report=OuterRef("report"), entity=OuterRef("entity"), category=Category.UNKNOWN)
    )


def has_more_names_than(many: int) -> bool:
    """Whether the memory has more names than that, without counting them all."""
    return EntityName.objects.all()[many : many + 1].exists()
