"""Whom of our holdings somebody may be: names in any spelling and script, then birth dates, countries, identifiers.

Invariant: a match is a lead with its reasons, never a decision; what the viewpoint may not see is masked before
anything is ranked or counted, and people without a category are not compared. One log entry a search or list says
that it was made and of how many, not of whom and not what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice

from django.conf import settings
from django.db import transaction

from amana import matching
from amana.domain.errors import NotAllowed, gettext_noop
from amana.domain.viewpoint import Viewpoint
from amana.matching.identifiers import clean
from amana.matching.record import Subject
from amana.matching.score import POSSIBLE, STRONG, Score
from amana.records.models import Entity, Report
from amana.records.queries.names import bearers_of, statements_about
from amana.records.queries.reports import visible_reports
from amana.services.journal import Act, record
from amana.services.keys import home
from amana.services.known_subjects import Known, gather
from amana.services.name_index import find_names, find_names_of_list

__all__ = ["POSSIBLE", "STRONG", "Match", "Score", "Subject", "match_list", "match_subject", "name_engine"]

MOST_NAMES = 8  # names of one subject that are looked up
MOST_LEADS = 30  # stored names that are looked at for each of them
WEAKEST = 0.15  # what a name must reach to be worth a comparison of all that is known
AT_ONCE = 100  # subjects of a list that are looked up together


@dataclass(frozen=True, slots=True)
class Match:
    """An entity that may be the one asked for: its names, how alike and because of what, and where it stands."""

    entity: Entity
    names: tuple[str, ...]
    score: Score
    reports: tuple[Report, ...]

    @property
    def hundredths(self) -> int:
        """The likeness in hundredths."""
        return round(100 * self.score.value)

    @property
    def strength(self) -> str:
        """The word for it: strong, possible or weak."""
        value = self.score.value
        return "strong" if value >= STRONG else "possible" if value >= POSSIBLE else "weak"


def match_subject(
    subject: Subject, *, most: int = 10, least: float = POSSIBLE, viewpoint: Viewpoint
) -> tuple[Match, ...]:
    """The at most `most` known entities that reach `least`, best first; the search stands in the log."""
    (found,) = _match([subject], _by_name([subject], viewpoint), most, least, viewpoint)
    with transaction.atomic():
        _note("subject-matched", 1, viewpoint)
    return found


def match_list(
    subjects: Sequence[Subject],
    *,
    most: int = 5,
    least: float = POSSIBLE,
    engine: matching.Engine | None = None,
    viewpoint: Viewpoint,
) -> Iterator[tuple[Match, ...]]:
    """The same for each subject of a list, in order, as it goes on; the log says first how many are looked for.

    An engine (`name_engine`) finds the names, with the same answer; what is known of who bears them is compared here.
    """
    with transaction.atomic():
        _note("list-matched", len(subjects), viewpoint)
    named = _by_engine(subjects, engine, viewpoint) if engine else None
    for start in range(0, len(subjects), AT_ONCE):
        some = subjects[start : start + AT_ONCE]
        leads = list(islice(named, len(some))) if named else _by_name(some, viewpoint)
        yield from _match(some, leads, most, least, viewpoint)


class ClusterUnnamed(NotAllowed):
    """An officer would give the node's names to a cluster that its operator has not named."""

    code = "spark-unnamed"
    sentence = gettext_noop(
        "Names go only to workers on this machine (local[4]), "
        "or to the cluster that the operator has named in AMANA_SPARK."
    )


@contextmanager
def name_engine(spark: str, *, viewpoint: Viewpoint) -> Iterator[matching.Engine | None]:
    """Worker processes of Spark that find names while this is open, by Spark's word for where they are; none for “”.

    They are given the index of names and the asked names, in clear; keep them as you keep the node. That they go to
    another machine stands in the log. Raises ClusterUnnamed, SparkMissing, SparkFailed, ClusterOpen.
    """
    if not spark:
        yield None
        return
    if not spark.startswith("local"):
        if spark != settings.AMANA.spark:
            raise ClusterUnnamed
        with transaction.atomic():
            record(Act.DISCLOSURE, "names-given-to-spark", "names", by=viewpoint.officer, reason=str(viewpoint.purpose))
    with matching.spark_cluster(spark, home() / "spark") as cluster:
        yield cluster


def _note(verb: str, asked: int, viewpoint: Viewpoint) -> None:
    record(
        Act.COMBINATION,
        verb,
        "holdings",
        by=viewpoint.officer,
        reason="matching",
        details=[*viewpoint.in_log, ("asked", str(asked))],
    )


def _match(
    subjects: Sequence[Subject], named: Sequence[set[int]], most: int, least: float, viewpoint: Viewpoint
) -> list[tuple[Match, ...]]:
    """Compare subjects with the entities named alike and those with one of their identifiers."""
    leads = [names | numbers for names, numbers in zip(named, _by_number(subjects, viewpoint), strict=True)]
    known = gather(statements_about(set(chain.from_iterable(leads)), within=visible_reports(viewpoint=viewpoint)))
    return [
        _best(subject, [known[entity] for entity in sorted(some) if entity in known], most, least)
        for subject, some in zip(subjects, leads, strict=True)
    ]


def _by_name(subjects: Sequence[Subject], viewpoint: Viewpoint) -> list[set[int]]:
    """For each subject the entities with a name like one of its own."""
    asked = [(place, name) for place, one in enumerate(subjects) for name in one.names[:MOST_NAMES]]
    found = find_names([name for _, name in asked], most=MOST_LEADS, viewpoint=viewpoint)
    leads = [set[int]() for _ in subjects]
    for (place, _), names in zip(asked, found, strict=True):
        leads[place] |= {one.entity for one in names if one.value >= WEAKEST}
    return leads


def _by_engine(subjects: Sequence[Subject], engine: matching.Engine, viewpoint: Viewpoint) -> Iterator[set[int]]:
    """The same, found by an engine, as it goes on."""
    asked = [one.names[:MOST_NAMES] for one in subjects]
    found = find_names_of_list(list(chain.from_iterable(asked)), most=MOST_LEADS, engine=engine, viewpoint=viewpoint)
    for own in asked:
        names = chain.from_iterable(islice(found, len(own)))
        yield {one.entity for one in names if one.value >= WEAKEST}


def _by_number(subjects: Sequence[Subject], viewpoint: Viewpoint) -> list[set[int]]:
    """For each subject the entities that bear one of its identifiers."""
    keys = [
        {f"number {form}" for kind, value in one.identifiers for form in (value, clean(kind, value)) if form}
        for one in subjects
    ]
    bearers = bearers_of(set(chain.from_iterable(keys)), within=visible_reports(viewpoint=viewpoint))
    return [{entity for key, entity in bearers if key in own} for own in keys]


def _best(subject: Subject, known: Sequence[Known], most: int, least: float) -> tuple[Match, ...]:
    found = []
    for one in known:
        theirs = one.subject
        score = matching.compare(subject, theirs)
        if score.value >= least:
            found.append(Match(one.entity, theirs.names, score, tuple(one.reports.values())))
    return tuple(sorted(found, key=lambda match: (-match.score.value, match.entity.pk))[:most])
