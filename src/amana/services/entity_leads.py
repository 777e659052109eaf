"""Whom an entity may be beside those it was judged to be: leads for a person, with evidence and weakness.

Invariant: a lead is no finding; who was judged not to be the same is no lead any more, and whom the viewpoint may not
see was never one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from amana import matching
from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.domain.judgement import Verdict
from amana.domain.viewpoint import Viewpoint
from amana.matching.score import POSSIBLE, STRONG, Score
from amana.records.models import Entity, Report
from amana.records.queries.entities import bearers_seen, said_of
from amana.services.entities import MOST_BEARERS, named_like, subject_of_said
from amana.services.journal import Act, record
from amana.services.judgements import find_entity, key_of_entity, standing_of
from amana.services.known_subjects import gather
from amana.services.profile_parts import called

MOST_LEADS = 12
MOST_OWN = 400  # own statements that are read for what is compared
MOST_OWN_NAMES = 6

AGAINST = frozenset(
    {
        "name-left", "name-contradiction", "name-given-differs", "name-legal-form-differs", "name-number-differs",
        "name-initial", "name-common", "birth-differs", "birth-other-day", "country-differs", "identifier-differs",
        "kind-differs",
    }
)  # fmt: skip
DECIDING = frozenset({"birth-same", "birth-year", "birth-swapped", "identifier-same"})
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
    if not any(one.code in DECIDING for one in score.reasons):
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
            details=[("purpose", str(viewpoint.purpose)), ("case", viewpoint.case)],
        )
    own = standing_of([entity], viewpoint=viewpoint)
    members = own.one_profile(key_of_entity(entity))
    pks = {own.entities[key].pk for key in members}
    said = list(said_of(pks, viewpoint=viewpoint)[:MOST_OWN])
    subject = subject_of_said(said)
    keys = {one.key for one in said if one.key.startswith("number ")}
    numbers = bearers_seen(sorted(keys), most=MOST_BEARERS, viewpoint=viewpoint) if keys else []
    leads = named_like(subject.names[:MOST_OWN_NAMES], viewpoint=viewpoint) | {pk for pk, _ in numbers}
    theirs = list(said_of(leads - pks, viewpoint=viewpoint))
    known, names = gather(theirs), called(theirs)
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
        reports = tuple(known[pk].reports.values())
        found[profile] = Lead(one, names.get(pk, one.uid), scores[pk], evidence, weakness, reports, undecided)
    return tuple(found.values())[:MOST_LEADS]
