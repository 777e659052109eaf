"""The expertise shelf: lessons, methods, experts and training, our own and partners', found in all our languages.

Invariant: what stands on the shelf is a report like any other; the shelf only finds it. A search for a crime area in
any language finds what was filed under that area in any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from amana.domain.evaluation import unknown
from amana.domain.handling import Handling
from amana.domain.joint import Lesson, Shelf
from amana.domain.report import Kind
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.intake.topics import find_topics
from amana.records.models import Report, User
from amana.records.queries.joint import newest_of_kind
from amana.records.queries.reports import search_reports
from amana.services.journal import Act, record
from amana.services.reports import draft_report

SHOWN = ("kind", "state", "title", "language", "crime_areas", "details", "written")


@dataclass(frozen=True, slots=True)
class OnShelf:
    """One thing on the shelf."""

    row: Report
    lesson: Lesson


def draft_lesson(
    title: str,
    text: str,
    *,
    shelf: Shelf,
    topics: Sequence[str] = (),
    contact: str = "",
    language: str,
    handling: Handling,
    crime_areas: frozenset[CrimeArea],
    by: User,
) -> Report:
    """Write something for the shelf as a draft. Raises BadInput."""
    return draft_report(
        title=title,
        text=text,
        language=language,
        evaluation=unknown(timezone.localdate()),
        handling=handling,
        crime_areas=crime_areas,
        kind=Kind.LESSON,
        details=Lesson(shelf=shelf, topics=tuple(topics), contact=contact),
        by=by,
    )


@transaction.atomic
def search_shelf(
    words: str = "", *, shelf: Shelf | None = None, first: int = 0, most: int = 500, viewpoint: Viewpoint
) -> list[OnShelf]:
    """What on the shelf holds every word, or is filed under a crime area that the words name; newest first.

    Of that, at most so many from the `first` on.
    """
    rows = newest_of_kind(Kind.LESSON, viewpoint=viewpoint, only=SHOWN)
    if shelf is not None:
        rows = [row for row in rows if row.details and row.details["shelf"] == shelf]
    if words.strip():
        by_words = set(search_reports(words, viewpoint=viewpoint).filter(kind=Kind.LESSON).values_list("pk", flat=True))
        areas = {topic.value for topic in find_topics(words)}
        rows = [row for row in rows if row.pk in by_words or areas & set(row.crime_areas)]
    found = [OnShelf(row, Lesson.from_json(row.details)) for row in rows[first : first + most]]
    record(
        Act.CONSULTATION,
        "shelf-searched",
        "expertise",
        by=viewpoint.officer,
        reason="desk",
        details=[*viewpoint.in_log, ("found", str(len(found)))],
    )
    return found
