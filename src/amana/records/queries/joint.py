"""Reading what two desks do together: the newest versions of a kind, and reports named by number.

Invariant: like all reading, only what the viewpoint may see; what it may not is absent, not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from amana.domain.report import Kind
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Report
from amana.records.queries.reports import visible_reports

AT_ONCE = 500


def newest_of_kind(
    kind: Kind, *, viewpoint: Viewpoint, only: Sequence[str] = (), case: UUID | None = None
) -> list[Report]:
    """The newest version in force of each report of a kind that has its details, newest first.

    `only` names the columns that are asked for beside number and version, where a list needs few; `case` keeps the
    sheets of one.
    """
    rows = visible_reports(viewpoint=viewpoint).filter(kind=kind, details__isnull=False).defer("text", "folded")
    if case is not None:
        rows = rows.filter(details__case=str(case))
    if only:
        rows = rows.only("originator", "uid", "version", *only)
    return list(_newest(rows).values())


def visible_by_number(numbers: Collection[tuple[str, str]], *, viewpoint: Viewpoint) -> dict[tuple[str, str], Report]:
    """The newest version in force of each report named as (originator, number), where it may be read."""
    wanted, uids = frozenset(numbers), sorted({uid for _, uid in numbers})
    found: dict[tuple[str, str], Report] = {}
    for start in range(0, len(uids), AT_ONCE):
        some = visible_reports(viewpoint=viewpoint).filter(uid__in=uids[start : start + AT_ONCE])
        found |= _newest(some.defer("text", "folded", "details"))
    return {key: row for key, row in found.items() if key in wanted}


def _newest(rows: Collection[Report]) -> dict[tuple[str, str], Report]:
    found: dict[tuple[str, str], Report] = {}
    for row in rows:
        key = (row.originator, str(row.uid))
        if key not in found or found[key].version < row.version:
            found[key] = row
    return found
