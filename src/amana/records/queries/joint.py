"""Reading what two desks do together: the newest versions of a kind, and reports named by number.

Invariant: like all reading, only what the viewpoint may see; what it may not is absent, not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from amana.domain.report import Kind
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Message, Report
from amana.records.queries.kept import asked
from amana.records.queries.parts import in_parts
from amana.records.queries.reports import Reach, reach_of, reports_within, visible_reports


def newest_of_kind(
    kind: Kind, *, viewpoint: Viewpoint, only: Sequence[str] = (), case: UUID | None = None
) -> list[Report]:
    """The newest version in force of each report of a kind that has its details, newest first.

    `only` names the columns that are asked for beside number and version, where a list needs few; `case` keeps the
    sheets of one.
    """
    rows = _of_kind(kind, reach_of(viewpoint), case).defer("text", "folded")
    if only:
        rows = rows.only("originator", "uid", "version", *only)
    return list(_newest(rows).values())


class Named(NamedTuple):
    """What names a report in a list."""

    pk: int
    originator: str
    uid: UUID
    version: int
    state: str
    title: str
    language: str


def parts_of_kind(
    kind: Kind,
    *parts: KeyTransform | F,
    viewpoint: Viewpoint,
    case: UUID | None = None,
    partner: str = "",
    chosen: Q | None = None,
) -> list[tuple[Named, tuple[Any, ...]]]:
    """As `newest_of_kind`, but of each only what names it and these parts of it; no more is read or decoded.

    `partner` keeps the versions that this one wrote or was sent, `chosen` some others: the newest of these is meant.
    """
    found: dict[tuple[str, UUID], tuple[Named, tuple[Any, ...]]] = {}
    width = len(Named._fields)
    for row in _parts(reach_of(viewpoint), kind, parts, case, partner, chosen):
        named = Named(*row[:width])
        key = (named.originator, named.uid)
        if key not in found or found[key][0].version < named.version:
            found[key] = (named, row[width:])
    return list(found.values())


@asked
def _parts(
    reach: Reach, kind: Kind, parts: tuple[KeyTransform | F, ...], case: UUID | None, partner: str, chosen: Q | None
) -> QuerySet[Any, Any]:
    rows = _of_kind(kind, reach, case).filter(chosen or Q(), _known_to(partner) if partner else Q())
    return rows.values_list(*Named._fields, *parts)


def _known_to(partner: str) -> Q:
    """What a partner wrote or was sent."""
    return Q(originator=partner) | Q(Exists(Message.objects.filter(partner=partner, report=OuterRef("pk"))))


def _of_kind(kind: Kind, reach: Reach, case: UUID | None) -> QuerySet[Report]:
    rows = reports_within(reach).filter(kind=kind, details__isnull=False)
    return rows if case is None else rows.filter(details__case=str(case))


def visible_by_number(numbers: Collection[tuple[str, str]], *, viewpoint: Viewpoint) -> dict[tuple[str, str], Report]:
    """The newest version in force of each report named as (originator, number), where it may be read."""
    by_originator: dict[str, list[str]] = {}
    for originator, uid in sorted(numbers):
        by_originator.setdefault(originator, []).append(uid)
    found: dict[tuple[str, str], Report] = {}
    for originator, uids in by_originator.items():
        for some in in_parts(uids):
            rows = visible_reports(viewpoint=viewpoint).filter(originator=originator, uid__in=some)
            found |= _newest(rows.defer("text", "folded", "details"))
    return found


def _newest(rows: Collection[Report]) -> dict[tuple[str, str], Report]:
    found: dict[tuple[str, str], Report] = {}
    for row in rows:
        key = (row.originator, str(row.uid))
        if key not in found or found[key].version < row.version:
            found[key] = row
    return found
