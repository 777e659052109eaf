"""What this node holds itself about what a partner asks: names by their folded words, identifiers exactly.

Invariant: a hit is two statements and goes with either of them; it is a lead for a person, and shown only to those who
may read the report it lies in. People without a category are not compared. Names that are alike in other spellings and
scripts are compared a moment later, outside of the transaction that receives (`services.name_checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db.models import Exists, OuterRef, QuerySet

from amana.domain.report import IN_FORCE
from amana.domain.vocabulary import Category, comparable
from amana.records.models import CrossHit, Report, ReportEntity, Request, Statement
from amana.records.queries.parts import AT_ONCE, in_parts
from amana.records.queries.reports import restricted
from amana.services.journal import Act, record
from amana.services.keys import own_node

MOST_HITS = 1000


def find_same(values: Sequence[Statement], *, within: QuerySet[Report]) -> Iterator[tuple[Statement, Statement]]:
    """Pairs of a given statement and one of these reports that says the same, the newest reports first.

    Names must fold to the same words and belong to comparable kinds of thing; an identifier must be the same whatever
    kind of thing bears it.
    """
    given: dict[str, list[Statement]] = {}
    for one in values:
        if one.key:
            given.setdefault(one.key, []).append(one)
    quarantined = ReportEntity.objects.filter(
        report=OuterRef("report"), entity=OuterRef("entity"), category=Category.UNKNOWN
    )
    for some in in_parts(sorted(given)):
        rows = Statement.objects.filter(key__in=some, report__in=within.values("pk"))
        held = rows.exclude(Exists(quarantined)).select_related("entity").order_by("-report__written", "position")
        for found in held.iterator(chunk_size=AT_ONCE):
            yield from ((one, found) for one in given[found.key] if _of_one_kind(one, found))


def _of_one_kind(one: Statement, other: Statement) -> bool:
    return one.key.startswith("number ") or comparable(one.entity.schema, other.entity.schema)


def cross_check(request: Request, *, at: datetime) -> None:
    """Compare a request that arrived with everything in force here that did not come from its asker.

    At most 1,000 hits are kept. The log says that the comparison was made, not what it found.
    """
    asked = list(Statement.objects.filter(report=request.report).exclude(key="").select_related("entity"))
    held = Report.objects.filter(state__in=IN_FORCE).exclude(restricted()).exclude(originator=request.partner_id)
    pairs = islice(find_same(asked, within=held), MOST_HITS)
    CrossHit.objects.bulk_create(
        [CrossHit(request=request, asked=one, found=found) for one, found in pairs],
        batch_size=200,
        ignore_conflicts=True,
    )
    record(
        Act.COMBINATION,
        "request-cross-checked",
        f"report:{request.uid}:{request.version}",
        by=f"node:{own_node()}",
        reason="request",
        details=[("partner", request.partner_id), ("compared", str(len(asked)))],
        at=at,
    )
