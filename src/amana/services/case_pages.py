"""A joint case as its page shows it: who and what its readable reports speak of, and its requests under their clocks.

Invariant: only what the readable reports of the case say is gathered; a stub adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.report import Kind
from amana.domain.viewpoint import Viewpoint
from amana.records.models import ReportEntity
from amana.records.queries.requests import visible_requests
from amana.services.cases import CaseSeen, show_case
from amana.services.keys import own_node
from amana.services.requests import in_order
from amana.services.standings import Asked, standing_of
from amana.services.tasks import Owed, due_tasks

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
        open=tuple(one for one in due_tasks(until=date.max, viewpoint=viewpoint) if one.row.pk in sheets),
        stubs=sum(one.row is None for one in seen.members),
        has_sheet=any(sheet.row.originator == own_node() for sheet in seen.sheets),
    )


def _named(reports: list[int]) -> tuple[Named, ...]:
    """What these reports speak of, by what it is called; what stands in most of them first."""
    links = ReportEntity.objects.filter(report__in=reports).select_related("entity", "report")
    links = links.defer("report__text", "report__folded").order_by("report_id", "position")
    found: dict[tuple[str, str], list[ReportEntity]] = {}
    for link in links[: 5 * MOST]:
        found.setdefault((link.entity.caption or link.entity.uid, link.entity.schema), []).append(link)
    named = [
        Named(
            caption,
            schema,
            next((one.category for one in some if one.category), ""),
            tuple(dict.fromkeys((one.report.uid, one.report.version, one.report.title) for one in some)),
        )
        for (caption, schema), some in found.items()
    ]
    return tuple(sorted(named, key=lambda one: (-len(one.reports), one.schema, one.caption)))[:MOST]
