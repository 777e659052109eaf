"""A joint case as its page shows it: who and what its readable reports speak of, and its requests under their clocks.

Invariant: only what the readable reports of the case say is gathered; a stub adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.report import Kind
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Report, ReportEntity
from amana.records.queries.requests import visible_requests
from amana.services.cases import CaseSeen, show_case
from amana.services.keys import own_node
from amana.services.standings import Asked, in_order, standing_of
from amana.services.tasks import Owed, tasks_of_case

MOST = 200


@dataclass(frozen=True, slots=True)
class Named:
    """An entity of the case: what it is called and is, and in which of the case's readable reports it stands."""

    caption: str
    schema: str
    category: str
    reports: tuple[tuple[UUID, int, str], ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case with what it gathers. `open` are the tasks of its sheets that nobody has said to be done."""

    case: CaseSeen
    entities: tuple[Named, ...]
    asked: tuple[Asked, ...]
    open: tuple[Owed, ...]
    stubs: int
    has_sheet: bool


@transaction.atomic
def open_case_page(number: UUID, *, at: datetime | None = None, viewpoint: Viewpoint) -> CasePage:
    """Open a case with all that its readable reports gather; the look stands in the log. Raises CaseUnknown."""
    seen = show_case(number, viewpoint=viewpoint)
    rows = [one.row for one in seen.members if one.row is not None]
    uids = [row.uid for row in rows if row.kind == Kind.REQUEST]
    asked = visible_requests(viewpoint=viewpoint).filter(uid__in=uids)
    sheets = {sheet.row.pk for sheet in seen.sheets}
    return CasePage(
        case=seen,
        entities=_named([row.pk for row in rows]),
        asked=tuple(in_order([standing_of(row, at=at or timezone.now()) for row in asked])),
        open=tuple(one for one in tasks_of_case(number, viewpoint=viewpoint) if one.row.pk in sheets),
        stubs=sum(one.row is None for one in seen.members),
        has_sheet=any(sheet.row.originator == own_node() for sheet in seen.sheets),
    )


def _named(reports: list[int]) -> tuple[Named, ...]:
    """What these reports speak of, by what it is called; what stands in most of them first."""
    titles = Report.objects.filter(pk__in=reports).values_list("pk", "uid", "version", "title")
    known = {pk: (uid, version, title) for pk, uid, version, title in titles}
    links = ReportEntity.objects.filter(report__in=reports).order_by("report_id", "position")
    columns = ("entity__caption", "entity__uid", "entity__schema", "category", "report_id")
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for caption, uid, schema, category, report in links.values_list(*columns)[: 5 * MOST]:
        found.setdefault((caption or uid, schema), []).append((category, report))
    named = [
        Named(
            caption,
            schema,
            next((category for category, _ in some if category), ""),
            tuple(dict.fromkeys(known[report] for _, report in some)),
        )
        for (caption, schema), some in found.items()
    ]
    return tuple(sorted(named, key=lambda one: (-len(one.reports), one.schema, one.caption)))[:MOST]
