"""Topics: which of our crime areas a text speaks of, by its words.

Invariant: the longest expression wins ("Terrorfinanzierung" is not also "Terror"), and each wording of an area is
suggested once, at its first place.
"""

from __future__ import annotations

import re
from functools import cache

from amana.intake.spans import Taken, suggestion
from amana.intake.suggestion import Kind, Suggestion
from amana.intake.tables import ARABIC_LETTER, alternatives, rows


def find_topics(text: str) -> list[Suggestion]:
    """Crime areas that the text names."""
    found: list[tuple[tuple[int, int], str]] = []
    taken = Taken()
    for area, pattern in _patterns():
        for one in pattern.finditer(text):
            if not taken.touches(one.span()):
                taken.add(one.span())
                found.append((one.span(), area))
    seen: set[str] = set()
    first = []
    for span, area in sorted(found):
        if area not in seen:
            seen.add(area)
            first.append(suggestion(text, span, Kind.TOPIC, area, reason="word-of-area"))
    return first


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One pattern for each area, in the order of the table: the narrower areas stand first."""
    words: dict[str, list[str]] = {}
    for row in rows("topics"):
        words.setdefault(row["area"], []).extend(_pattern(word, row["lang"]) for word in alternatives(row["words"]))
    return tuple(
        (area, re.compile(r"(?<!\w)(?:" + "|".join(sorted(set(some), key=lambda one: -len(one))) + r")(?!\w)", re.I))
        for area, some in words.items()
    )


def _pattern(word: str, language: str) -> str:
    # "*" stands for any ending; Arabic may carry a conjunction and a preposition in front.
    ending = rf"[{ARABIC_LETTER}]*" if language == "ar" else r"\w*"
    plain = re.escape(word).replace("\\ ", r"\s+").replace("\\*", ending).replace("'", "['’]")
    return rf"[وف]?[بكل]?{plain}" if language == "ar" else plain
