"""What a text suggests: people, organisations, places, dates, meetings, topics and identifiers, each with its place.

Invariant: deterministic, without a model or a network; every suggestion names why it was made, and none becomes a
statement unless a person accepts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from amana.intake.identifiers import find_identifiers
from amana.intake.suggestion import Kind, KnownName, Suggestion

__all__ = ["Kind", "KnownName", "Suggestion", "suggest"]


def suggest(
    text: str, *, language: str, known: Sequence[KnownName] = (), today: date | None = None
) -> tuple[Suggestion, ...]:
    """Suggestions of a text, by their place; `language` is a code of `detect`, `today` bounds two-digit years."""
    found = find_identifiers(text)
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.kind, one.value)))
