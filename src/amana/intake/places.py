"""Places of the gazetteer, in the five languages, with country and coordinates.

Invariant: the longest name wins ("Tanger Med" before "Tanger"); a name that is also an ordinary Arabic word counts
only after a word that asks for a place.
"""

from __future__ import annotations

import re
from functools import cache

from amana.intake.spans import Pairs, suggestion
from amana.intake.suggestion import Kind, Suggestion
from amana.intake.tables import Place, any_of, places

_ARABIC = re.compile("[\u0600-\u06ff]")
# Also "financial", "sons", "Oman or Amman", "the coast".
_ORDINARY_WORDS = frozenset({"مالي", "بنين", "عمان", "الساحل", "توغو", "غات", "جدة", "حلب"})
_ASKS_FOR_PLACE = re.compile(
    r"(?:\b(?:في|إلى|الى|من|شمال|جنوب|شرق|غرب|وسط|منطقة|بمنطقة|دول|بلدان|دولة|جمهورية|عبر|نحو|بين|"
    r"حدود|مدينة|ميناء)\s+(?:دول\s+)?"
    r"|[\u0621-\u064a]،?\s+و)$"
)


def find_places(text: str) -> list[Suggestion]:
    """All gazetteer places of a text."""
    latin, arabic, by_name = _patterns()
    found = [_place(text, one.span(), by_name[_spaced(one[0])], one[0]) for one in latin.finditer(text)]
    for one in arabic.finditer(text):
        group = "name" if one["name"] else "short"
        name = _spaced(one[group]) if group == "name" else "ا" + _spaced(one[group])
        before = text[max(0, one.start(group) - 24) : one.start(group)]
        if name in _ORDINARY_WORDS and not _ASKS_FOR_PLACE.search(before):
            continue
        found.append(_place(text, one.span(group), by_name[name], name))
    return found


def _spaced(name: str) -> str:
    return " ".join(name.split()).replace("’", "'")


def _place(text: str, span: tuple[int, int], place: Place, written: str) -> Suggestion:
    said: Pairs = (("name", _spaced(written)), ("latitude", place.latitude), ("longitude", place.longitude))
    if place.country:
        said += (("country", place.country),)
    if place.kind in {"city", "capital", "port"}:
        said += (("city", place.name),)
    return suggestion(text, span, Kind.PLACE, place.name, reason="gazetteer", schema="Address", said=said)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, Place]]:
    by_name: dict[str, Place] = {}
    for place in places():
        for name in place.names:
            by_name.setdefault(name, place)
    arabic = [name for name in by_name if _ARABIC.search(name)]
    latin = [name for name in by_name if not _ARABIC.search(name)]
    # "للرباط" drops the alef of the article after the preposition.
    contracted = [name[1:] for name in arabic if name.startswith("ال")]
    return (
        re.compile(rf"(?<![\w-])(?:{any_of(latin)})(?=s\b|\b|(?<=\.))(?!-[A-ZÄÖÜ])"),
        re.compile(rf"(?<!\w)[وف]?(?:[بكل]?(?P<name>{any_of(arabic)})|ل(?P<short>{any_of(contracted)}))(?!\w)"),
        by_name,
    )
