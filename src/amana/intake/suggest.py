"""What a text suggests: people, organisations, places, dates, meetings, topics and identifiers, each with its place.

Invariant: deterministic, without a model or a network; every suggestion names why it was made, and none becomes a
statement unless a person accepts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from amana.intake.dates import find_dates
from amana.intake.identifiers import find_identifiers
from amana.intake.limits import SEARCHED
from amana.intake.meetings import find_meetings
from amana.intake.organisations import find_organisations
from amana.intake.persons import find_persons
from amana.intake.persons_arabic import find_arabic_persons
from amana.intake.places import find_places
from amana.intake.recognise import recognise
from amana.intake.spans import Span, Taken, spans_of
from amana.intake.suggestion import Kind, KnownName, Suggestion
from amana.intake.topics import find_topics

__all__ = ["Kind", "KnownName", "Suggestion", "suggest"]


def suggest(
    text: str, *, language: str, known: Sequence[KnownName] = (), today: date | None = None
) -> tuple[Suggestion, ...]:
    """Suggestions of a text, by their place; `language` is a code of `detect`, `today` completes two-digit years.

    A thing is suggested once for each way in which the text names it (another wording, another role), not for every
    repetition. Only the first 200,000 characters are searched; `extract` warns where a text is longer.
    """
    text = text[:SEARCHED]
    identifiers = find_identifiers(text)
    taken = spans_of(identifiers)
    bodies = _free(find_organisations(text), taken)
    places = _free(find_places(text), taken)
    people = find_persons(text, [*taken, *spans_of(bodies)], (one.text for one in places), language=language)
    people += find_arabic_persons(text, [*taken, *spans_of(bodies), *spans_of(people)])
    dates = _free(find_dates(text, today=today), taken)
    things = [*identifiers, *bodies, *people, *_free(places, [*spans_of(bodies), *spans_of(people)]), *dates]
    meetings = find_meetings(text, things)
    found = recognise(text, [*things, *meetings, *find_topics(text)], known)
    return _once(sorted(found, key=lambda one: (one.start, one.end, one.kind, one.value)))


def _free(found: list[Suggestion], taken: Sequence[Span]) -> list[Suggestion]:
    blocked = Taken(taken)
    return [one for one in found if not blocked.touches((one.start, one.end))]


def _once(found: list[Suggestion]) -> tuple[Suggestion, ...]:
    """The first of each wording; a repetition with nothing new to say is left out."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for one in found:
        wording = (one.kind, one.schema, one.value, one.text.casefold())
        if (*wording, one.role) in seen or (not one.role and wording in seen):
            continue
        seen |= {wording, (*wording, one.role)}
        kept.append(one)
    return tuple(kept)
