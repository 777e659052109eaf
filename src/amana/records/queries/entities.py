"""Reading entities from a viewpoint: what is said of them, what points to them, and what was judged of them.

Invariant: an entity is seen where a readable report speaks of it, but for a person without a category there; a
judgement is seen where every report that it stood on may be read, or could be before it ended. Queries join the report
instead of listing all readable ones, so that a page costs what it shows and not what the node holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from amana.domain.report import IN_FORCE, Kind
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import Category
from amana.records.models import Entity, Judgement, JudgementBasis, Message, Report, ReportEntity, Statement
from amana.records.queries.kept import asked
from amana.records.queries.names import quarantined
from amana.records.queries.reports import Reach, cleared, reach_of, readable, reports_within, visible_reports

MOST_FACTS = 20_000  # statements that one comparison reads
MOST_SHEETS = 200  # case sheets that are looked through, the newest first
CALLED_BY = (
    "name",
    "alias",
    "number",
    "containerCode",
    "iban",
    "accountNumber",
    "registrationNumber",
    "publicKey",
    "full",
)


def seen_entities(*, viewpoint: Viewpoint) -> QuerySet[Entity]:
    """Entities that a readable report speaks of."""
    return Entity.objects.filter(Exists(seen_links(viewpoint=viewpoint).filter(entity=OuterRef("pk"))))


def seen_links(*, viewpoint: Viewpoint) -> QuerySet[ReportEntity]:
    """Which readable report speaks of which entity."""
    return ReportEntity.objects.filter(readable(viewpoint, "report__")).exclude(category=Category.UNKNOWN).order_by()


def links_to(entities: Collection[int], *, most: int, viewpoint: Viewpoint) -> list[ReportEntity]:
    """The newest readable reports that speak of these entities, with the category that they give a person."""
    rows = seen_links(viewpoint=viewpoint).filter(entity__in=entities).select_related("report", "entity")
    return list(rows.defer("report__text", "report__folded").order_by("-report__written", "pk")[:most])


def keyed_entities(keys: Iterable[str], *, viewpoint: Viewpoint) -> dict[str, Entity]:
    """Seen entities by originator/uid."""
    by_originator: dict[str, list[str]] = {}
    for key in keys:
        originator, _slash, uid = key.partition("/")
        by_originator.setdefault(originator, []).append(uid)
    wanted = Q(pk__in=[])
    for originator, uids in by_originator.items():
        wanted |= Q(originator=originator, uid__in=uids)
    if not by_originator:
        return {}
    return {f"{row.originator}/{row.uid}": row for row in seen_entities(viewpoint=viewpoint).filter(wanted)}


def said_of(entities: Collection[int], *, viewpoint: Viewpoint) -> QuerySet[Statement]:
    """What readable reports say of entities, the newest reports first, with entity and report."""
    rows = Statement.objects.filter(readable(viewpoint, "report__"), entity__in=entities).exclude(quarantined())
    joined = rows.select_related("entity", "report").defer("report__text", "report__folded")
    return joined.order_by("-report__written", "report_id", "position")


class Fact(NamedTuple):
    """One statement without its grade: which entity, what of it, and the report by primary key."""

    entity: int
    originator: str
    uid: str
    schema: str
    property: str
    value: str
    report: int


def facts_of(entities: Collection[int], properties: Collection[str], *, viewpoint: Viewpoint) -> Iterator[Fact]:
    """What readable reports say of entities in these properties, the newest reports first."""
    rows = Statement.objects.filter(readable(viewpoint, "report__"), entity__in=entities, property__in=properties)
    columns = ("entity_id", "entity__originator", "entity__uid", "entity__schema", "property", "value", "report_id")
    ordered = rows.exclude(quarantined()).order_by("-report__written", "report_id", "position")
    yield from map(Fact._make, ordered.values_list(*columns)[:MOST_FACTS])


def headings_of(reports: Collection[int]) -> dict[int, Report]:
    """What a link to a report shows, by primary key; the reports are ones that may be read."""
    return Report.objects.only("uid", "version", "originator", "title", "language").in_bulk(reports)


def pointing_to(entities: Collection[Entity], *, viewpoint: Viewpoint) -> QuerySet[Statement]:
    """What readable reports say of others that names these entities."""
    ids = {(one.originator, one.uid) for one in entities}
    wanted = Q(pk__in=[])
    for originator in {one for one, _ in ids}:
        uids = [uid for other, uid in ids if other == originator]
        wanted |= Q(entity__originator=originator, points_to__in=uids)
    rows = Statement.objects.filter(wanted, readable(viewpoint, "report__")).exclude(quarantined())
    joined = rows.select_related("entity", "report").defer("report__text", "report__folded")
    return joined.order_by("-report__written", "report_id", "position")


def bearers_seen(keys: Collection[str], *, most: int, viewpoint: Viewpoint) -> list[tuple[int, str]]:
    """(entity's primary key, value) of what bears an identifier, by the keys of `domain.sameness`."""
    rows = Statement.objects.filter(readable(viewpoint, "report__"), key__in=keys).exclude(quarantined())
    return list(rows.order_by("entity_id").values_list("entity_id", "value").distinct()[:most])


def judgements_of(keys: Collection[str], *, viewpoint: Viewpoint) -> list[Judgement]:
    """All that was judged of these entities (originator/uid) and may be seen, undone ones too, the oldest first."""
    hidden = JudgementBasis.objects.filter(judgement=OuterRef("pk")).exclude(cleared(viewpoint, "report__"))
    rows = Judgement.objects.filter(Q(one__in=keys) | Q(other__in=keys)).exclude(Exists(hidden))
    return list(rows.select_related("by", "undone_by").order_by("pk")) if viewpoint.reads_content else []


def basis_changed(judgements: Collection[int]) -> dict[int, list[Report]]:
    """For each judgement the reports it stood on that ended or were changed since."""
    rows = JudgementBasis.objects.filter(judgement__in=judgements).exclude(
        report__state__in=IN_FORCE, report__edition=F("edition")
    )
    found: dict[int, list[Report]] = {}
    for row in rows.select_related("report").defer("report__text", "report__folded").order_by("pk"):
        found.setdefault(row.judgement_id, []).append(row.report)
    return found


def statements_called(report: UUID, uid: str, *, viewpoint: Viewpoint) -> list[Statement]:
    """The statements of that number in readable versions of a report, those of who used its number first."""
    rows = Statement.objects.filter(readable(viewpoint, "report__"), report__uid=report, uid=uid)
    found = list(rows.select_related("entity", "report").order_by("report_id"))
    return [one for one in found if one.report.originator == found[0].report.originator]


def carried_in_log(report: Report) -> list[tuple[int, str, str]]:
    """(number in the log, direction, partner) of the messages that carried a report, the first first."""
    rows = Message.objects.filter(report=report).order_by("log_index")
    return list(rows.values_list("log_index", "direction", "partner_id")[:20])


def naming_cases(reports: Collection[Report], *, viewpoint: Viewpoint) -> list[Report]:
    """The readable case sheets, each case once, that hold one of these reports or are one of them."""
    wanted = {(one.originator, str(one.uid)) for one in reports}
    found: dict[str, int] = {}
    for pk, originator, uid, sheet in _newest_sheets(reach_of(viewpoint)):
        members = {(one["originator"], one["report"]) for one in sheet.get("members", ())}
        if members & wanted or (originator, str(uid)) in wanted:
            found.setdefault(sheet.get("case", ""), pk)
    rows = Report.objects.defer("text", "folded").in_bulk(list(found.values()))
    return [rows[pk] for pk in found.values() if pk in rows]


@asked
def _newest_sheets(reach: Reach) -> QuerySet[Report, Any]:
    # Without an order the few sheets are found by their kind; by their day all reports would be walked through.
    sheets = reports_within(reach).filter(kind=Kind.CASE).order_by().values("pk")
    newest = Report.objects.filter(pk__in=sheets, details__isnull=False).order_by("-pk")[:MOST_SHEETS]
    return newest.values_list("pk", "originator", "uid", "details")


def newest_links(*, reports: int, most: int, viewpoint: Viewpoint) -> list[tuple[int, str]]:
    """(primary key, schema) of the entities that the newest readable reports speak of."""
    newest = list(visible_reports(viewpoint=viewpoint).values_list("pk", flat=True)[:reports])
    rows = ReportEntity.objects.filter(report__in=newest).exclude(category=Category.UNKNOWN)
    ordered = rows.order_by("-report__written", "report_id", "position")
    return list(ordered.values_list("entity_id", "entity__schema")[:most])
