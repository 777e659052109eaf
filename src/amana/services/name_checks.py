"""The names of a partner's request compared with our holdings across scripts and spellings, soon after it came in.

Invariant: every request of a partner is compared once, whatever breaks off in between: its row says whether it was.
Two records must reach `POSSIBLE` by all that is known of both; a hit is two of their names, with the reasons, and goes
with either. People without a category are not compared. The log says that it was done, not what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from amana import matching
from amana.domain.report import IN_FORCE
from amana.domain.vocabulary import comparable, is_name
from amana.matching.score import POSSIBLE, Score
from amana.records.models import CrossHit, Report, Request, Statement
from amana.records.queries.names import statements_about
from amana.records.queries.reports import restricted
from amana.services.cross_checks import MOST_HITS
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.known_subjects import Known, gather
from amana.services.name_index import find_names_for_node

MOST_NAMES = 50  # names of one request that are looked up
MOST_LEADS = 30
AT_ONCE = 20
WEAKEST = 0.15


def compare_waiting_names(*, at: datetime) -> int:
    """Compare the names of partners' requests that came in since, at most `AT_ONCE`; returns how many.

    Safe to break off: a request that was not compared is taken up by the next round.
    """
    waiting = Request.objects.filter(ours=False, compared_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(compare_names_of(key, at=at) for key in list(waiting[:AT_ONCE]))


def compare_names_of(key: int, *, at: datetime) -> bool:
    """Compare one request's names and keep what is alike; False where that was done before, or nothing is left of it.

    What is found is looked up before the transaction, and kept where both sides still say it.
    """
    request = Request.objects.filter(pk=key, compared_at=None).select_related("report").first()
    if request is None:
        return False
    held = Report.objects.filter(state__in=IN_FORCE).exclude(restricted()).exclude(originator=request.partner_id)
    asked = _names_in(Report.objects.filter(pk=request.report_id, state__in=IN_FORCE))
    hits = [hit for one in asked for hit in _hits(request, one, held)] if asked else []
    with transaction.atomic():
        touched = {request.report_id, *(hit.found.report_id for hit in hits)}
        list(Report.objects.select_for_update(no_key=True).filter(pk__in=touched).order_by("pk").values_list("pk"))
        if not Request.objects.filter(pk=key, compared_at=None).update(compared_at=at):
            return False
        CrossHit.objects.bulk_create(_still_said(request, hits), batch_size=200, ignore_conflicts=True)
        record(
            Act.COMBINATION,
            "request-names-compared",
            f"report:{request.uid}:{request.version}",
            by=f"node:{own_node()}",
            reason="request",
            details=[("partner", request.partner_id), ("compared", str(len(asked)))],
            at=at,
        )
    return True


def _names_in(reports: QuerySet[Report]) -> list[tuple[Known, list[Statement]]]:
    """The entities of a request with their names, at most `MOST_NAMES` names in all."""
    entities = set(Statement.objects.filter(report__in=reports).values_list("entity_id", flat=True))
    said = list(statements_about(entities, within=reports))
    found, left = [], MOST_NAMES
    for key, known in gather(said).items():
        names = [one for one in said if one.entity_id == key and is_name(known.entity.schema, one.property)][:left]
        left -= len(names)
        if names:
            found.append((known, names))
    return found


def _hits(request: Request, asked: tuple[Known, list[Statement]], held: QuerySet[Report]) -> Iterator[CrossHit]:
    """What our holdings have that may be the entity asked about, one hit for each report that speaks of it."""
    subject, names = asked[0].subject, asked[1]
    leads = find_names_for_node([one.value for one in names], most=MOST_LEADS, apart_from=request.partner_id)
    entities = {lead.entity for some in leads for lead in some if lead.value >= WEAKEST}
    said = list(statements_about(entities, within=held))
    for key, known in gather(said).items():
        score = matching.compare(subject, known.subject)
        if score.value < POSSIBLE or not comparable(asked[0].entity.schema, known.entity.schema):
            continue
        own = [one for one in said if one.entity_id == key and is_name(known.entity.schema, one.property)]
        for report in known.reports:
            there = [one for one in own if one.report_id == report]
            if there:
                yield _hit(request, names, there, score)


def _hit(request: Request, names: Sequence[Statement], there: Sequence[Statement], score: Score) -> CrossHit:
    """The two statements whose names are most alike stand for their entities."""
    pairs = [(one, other) for one in names for other in there]
    values = matching.compare_many((one.value, other.value) for one, other in pairs)
    one, other = pairs[int(values.argmax())]
    reasons = [reason.to_json() for reason in score.reasons]
    return CrossHit(request=request, asked=one, found=other, likeness=round(100 * score.value), reasons=reasons)


def _still_said(request: Request, hits: Sequence[CrossHit]) -> list[CrossHit]:
    """The likest of the hits whose statements are still there, none twice and none that was found exactly."""
    exact = set(CrossHit.objects.filter(request=request).values_list("asked__entity", "found__entity", "found__report"))
    sides = {hit.asked_id for hit in hits} | {hit.found_id for hit in hits}
    there = set(Statement.objects.filter(pk__in=sides).values_list("pk", flat=True))
    found = [
        hit
        for hit in sorted(hits, key=lambda hit: -hit.likeness)
        if {hit.asked_id, hit.found_id} <= there
        and (hit.asked.entity_id, hit.found.entity_id, hit.found.report_id) not in exact
    ]
    return found[: max(0, MOST_HITS - len(exact))]
