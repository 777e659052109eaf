"""Whom an entity may be beside those it was judged to be: leads for a person, with evidence and weakness.

Invariant: a lead is no finding; who was judged not to be the same is no lead any more, and whom the viewpoint may not
see was never one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction

from amana import matching
from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.domain.judgement import Verdict
from amana.domain.sameness import key_of
from amana.domain.viewpoint import Viewpoint
from amana.matching.score import POSSIBLE, STRONG, Score
from amana.records.models import Entity, Report
from amana.records.queries.entities import bearers_seen
from amana.services.compared import headings, joint_subject, read_compared
from amana.services.entities import MOST_BEARERS, MOST_REPORTS, named_like
from amana.services.journal import Act, record
from amana.services.judgements import find_entity, key_of_entity, standing_of

MOST_LEADS = 12
MOST_OWN_NAMES = 4
MOST_LIKE = 25  # stored names that are compared in full with each of them

AGAINST = frozenset(
    {
        "name-left", "name-contradiction", "name-given-differs", "name-legal-form-differs", "name-number-differs",
        "name-initial", "name-common", "birth-differs", "birth-other-day", "country-differs", "identifier-differs",
        "kind-differs",
    }
)  # fmt: skip
ONLY_THE_NAME = gettext_noop(
    "Only the name speaks for it: no birth date and no number is known of both, and namesakes are common."
)


@dataclass(frozen=True, slots=True)
class Lead:
    """Another profile that may be the same: what speaks for it, what is weak or against it, and where it stands."""

    entity: Entity
    called: str
    score: Score
    evidence: tuple[Reason, ...]
    weakness: tuple[Reason, ...]
    reports: tuple[Report, ...]
    undecided: bool

    @property
    def hundredths(self) -> int:
        """The likeness in hundredths."""
        return round(100 * self.score.value)

    @property
    def strength(self) -> str:
        """The word for it: strong or possible."""
        return "strong" if self.score.value >= STRONG else "possible"


def weigh(score: Score) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """A score's reasons as what speaks for it and what is weak about it; a name alone is always weak."""
    evidence = tuple(one for one in score.reasons if one.code not in AGAINST)
    weakness = tuple(one for one in score.reasons if one.code in AGAINST)
    if not any(one.code.startswith(("birth-", "identifier-")) for one in score.reasons):
        weakness += (Reason("name-only", ONLY_THE_NAME),)
    return evidence, weakness


def list_leads(number: int, *, viewpoint: Viewpoint) -> tuple[Lead, ...]:
    """Who else an entity may be, the likest first; the comparison stands in the log. Raises EntityUnknown."""
    with transaction.atomic():
        entity = find_entity(number, viewpoint=viewpoint)
        record(
            Act.COMBINATION,
            "entity-compared",
            f"entity:{entity.pk}",
            by=viewpoint.officer,
            reason="matching",
            details=viewpoint.in_log,
        )
    own = standing_of([entity], viewpoint=viewpoint)
    members = own.one_profile(key_of_entity(entity))
    pks = {own.entities[key].pk for key in members}
    ours = read_compared(pks, viewpoint=viewpoint)
    subject = joint_subject(ours[pk] for pk in sorted(ours, key=lambda pk: pk != entity.pk))
    keys = {key_of(one.entity.schema, *pair) for one in ours.values() for pair in one.pairs}
    numbers = sorted(key for key in keys if key.startswith("number "))
    bearers = bearers_seen(numbers, most=MOST_BEARERS, viewpoint=viewpoint) if numbers else []
    leads = named_like(subject.names[:MOST_OWN_NAMES], most=MOST_LIKE, viewpoint=viewpoint)
    known = read_compared((leads | {pk for pk, _ in bearers}) - pks, viewpoint=viewpoint)
    scores = {pk: matching.compare(subject, one.subject) for pk, one in known.items()}
    likely = sorted((pk for pk in scores if scores[pk].value >= POSSIBLE), key=lambda pk: (-scores[pk].value, pk))
    standing = standing_of([entity, *(known[pk].entity for pk in likely)], viewpoint=viewpoint)
    apart, found = standing.apart_from(members), dict[frozenset[str], Lead]()
    for pk in likely:
        one = known[pk].entity
        profile = standing.one_profile(key_of_entity(one))
        if profile & (apart | members) or profile in found:
            continue
        evidence, weakness = weigh(scores[pk])
        undecided = any(
            said is Verdict.UNDECIDED and pair & members and pair & profile for pair, said in standing.verdicts.items()
        )
        found[profile] = Lead(one, known[pk].called or one.uid, scores[pk], evidence, weakness, (), undecided)
    shown = list(found.values())[:MOST_LEADS]
    reports = headings((known[one.entity.pk].reports for one in shown), most=MOST_REPORTS)
    return tuple(replace(one, reports=some) for one, some in zip(shown, reports, strict=True))
