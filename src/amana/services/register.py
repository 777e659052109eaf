"""The register of processing of a period, in numbers from this node's own tables and log.

Invariant: every figure is a count of rows or of log entries; nothing is described that is not counted. After Directive
(EU) 2016/680, Article 24.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Value
from django.utils import timezone

from amana.domain.agreement import AgreementState
from amana.domain.form import Json
from amana.domain.handling import Purpose
from amana.domain.times import span
from amana.records.models import (
    AccessRequest,
    Agreement,
    ContentOpening,
    Message,
    OversightOrder,
    Release,
    Report,
    User,
)
from amana.records.queries.kept import asked
from amana.services.agreements import terms_of
from amana.services.housekeeping import ERASABLE
from amana.services.journal import Act, record
from amana.services.log_tally import count_acts
from amana.services.receipts import CARRIES_REPORTS
from amana.services.request_figures import PeriodMalformed
from amana.services.rights import Deed, require


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the register: `table` names the words of its items, each with its figure (a count, or a day)."""

    name: str
    table: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Register:
    """The register of a period."""

    first: date
    last: date
    sections: tuple[Section, ...]

    def to_json(self) -> dict[str, Json]:
        """The form of the download."""
        parts: dict[str, Json] = {one.name: dict(one.rows) for one in self.sections}
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), **parts}

    def to_csv(self) -> str:
        """The table of the download: section, item, figure."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(("section", "item", "figure"))
        writer.writerows((one.name, _plain(item), figure) for one in self.sections for item, figure in one.rows)
        return out.getvalue()


def _plain(item: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{item}" if item[:1] in ("=", "+", "-", "@", "\t", "\r") else item


@transaction.atomic
def make_register(first: date, last: date, *, by: User) -> Register:
    """The register from the first to the last day; that it was made stands in the log. Raises PeriodMalformed."""
    require(by, Deed.INSPECT)
    if first > last:
        raise PeriodMalformed
    record(Act.CONSULTATION, "register-made", "register", by=by.username, reason="oversight")
    acts = Section("acts", "act", _rows(count_acts(first, last)))
    at = span(first, last, timezone.get_current_timezone())
    return Register(first, last, (*_about_reports(at), *_about_others((first, last), at), acts))


def _about_reports(at: tuple[datetime, datetime]) -> Iterable[Section]:
    areas, purposes = Counter[str](), Counter[str](dict.fromkeys(map(str, Purpose), 0))
    for some, number in _written_by("crime_areas", at):
        areas.update(dict.fromkeys(some, number))
    for allowed, number in _written_by("purposes", at):
        purposes.update(dict.fromkeys(allowed.split(), number))
    categories = Counter[str]()
    for each, number in _written_by("categories", at):
        categories.update({category: many * number for category, many in each.items()})
    kept, endless, earliest, latest = next(iter(_kept()), (0, 0, None, None))
    days = {"kept": kept, "endless": endless, "earliest": earliest, "latest": latest}
    yield Section("purposes", "purpose", _rows(purposes))
    yield Section("categories", "category", _rows(categories))
    yield Section("crime-areas", "crime_area", _rows(areas))
    yield Section("kinds", "kind", _rows(dict(_written_by("kind", at))))
    yield Section("originators", "", _rows(dict(_written_by("originator", at))))
    yield Section(
        "retention", "register_item", tuple((name, str(day if day is not None else "–")) for name, day in days.items())
    )


@asked
def _written_by(column: str, at: tuple[datetime, datetime]) -> QuerySet[Report, Any]:
    return Report.objects.filter(written__range=at).order_by().values_list(column).annotate(number=Count("*"))


@asked
def _kept() -> QuerySet[Report, Any]:
    endless = Count("state", filter=Q(erase_by__isnull=True))
    figures = {"kept": Count("*"), "endless": endless, "earliest": Min("erase_by"), "latest": Max("erase_by")}
    rows = Report.objects.filter(state__in=sorted(ERASABLE)).order_by().values(together=Value(1)).annotate(**figures)
    return rows.values_list(*figures)


def _about_others(days: tuple[date, date], at: tuple[datetime, datetime]) -> Iterable[Section]:
    agreed = Agreement.objects.filter(state=AgreementState.IN_FORCE).select_related("partner").order_by("partner_id")
    terms = [(one, terms_of(one)) for one in agreed]
    valid = [(one, each) for one, each in terms if each.valid_from <= days[1] and each.valid_until >= days[0]]
    overseen = {
        "orders": OversightOrder.objects.filter(at__range=at).count(),
        "openings": ContentOpening.objects.filter(at__range=at).count(),
        "access-requests": AccessRequest.objects.filter(asked_on__range=days).count(),
        "access-decided": AccessRequest.objects.filter(decided_at__range=at).count(),
    }
    yield Section("recipients", "", _rows(dict(_released_to(at))))
    yield Section("received-from", "", _rows(dict(_came_from(at))))
    yield Section(
        "agreements", "", tuple((f"{one.partner_id} {str(one.pk)[:8]}", str(each.valid_until)) for one, each in valid)
    )
    yield Section("oversight", "register_item", _rows(overseen))


@asked
def _released_to(at: tuple[datetime, datetime]) -> QuerySet[Release, Any]:
    went = Release.objects.filter(state=Release.State.RELEASED, decided_at__range=at)
    return went.order_by().values_list("partner_id").annotate(number=Count("*"))


@asked
def _came_from(at: tuple[datetime, datetime]) -> QuerySet[Message, Any]:
    came = Message.objects.filter(direction=Message.Direction.IN, type__in=CARRIES_REPORTS, received_at__range=at)
    return came.order_by().values_list("partner_id").annotate(number=Count("*"))


def _rows(found: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    return tuple((str(item), str(figure)) for item, figure in sorted(found.items()))
