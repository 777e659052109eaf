"""Dates as ISO 8601, and "--09-24" where the text leaves the year open (ISO 8601-1:2019, 4.3 implied forms).

Invariant: a year is never made up; only a two-digit year is completed, by the nearest century to `today`.
The Hijri calendar is not read.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from amana.intake.spans import Span, Taken, suggestion
from amana.intake.suggestion import Kind, Suggestion
from amana.intake.tables import any_of, months

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
_ISO = re.compile(r"(?<![\d-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\d-])")
_POINTS = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4}|\d{2})(?![\d.]*\d)")
_RANGE = re.compile(
    r"(?<![\d.,:/-])(?P<day>\d{1,2})(?:er|st|nd|rd|th)?\.?\s*"
    r"(?:bis zum|bis|und|–|-|to|and|au|et le|et|al|y el|y|إلى|و)\s*(?:the\s+)?$"
)
_SLASHES = re.compile(r"(?<![\d/])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})(?![\d/])")


def find_dates(text: str, *, today: date | None = None) -> list[Suggestion]:
    """All dates of a text; slashes are read day first, as our languages but American English do."""
    found: list[tuple[Span, str]] = []
    taken = Taken()
    digits = text.translate(_DIGITS)
    for pattern in (_ISO, *_named(), _POINTS, _SLASHES):
        for one in pattern.finditer(digits):
            value = _value(one.groupdict(), today)
            if value and not taken.touches(one.span()):
                new = [(one.span(), value), *_range_start(digits, one.start(), value)]
                for span, _ in new:
                    taken.add(span)
                found += new
    return [
        suggestion(text, span, Kind.DATE, value, reason="year-open" if value.startswith("--") else "date-form")
        for span, value in found
    ]


def _range_start(text: str, end: int, value: str) -> list[tuple[Span, str]]:
    """The first day of a range, which shares month and year with its last: "2 and 4 March", "vom 3. bis 5. Mai"."""
    first = _RANGE.search(text[max(0, end - 24) : end])
    if first is None or len(value) < 7 or not 0 < int(first["day"]) < int(value[-2:]):
        return []
    start = end - (end - max(0, end - 24)) + first.start("day")
    return [((start, start + len(first["day"])), f"{value[:-2]}{int(first['day']):02}")]


@cache
def _named() -> tuple[re.Pattern[str], ...]:
    month = rf"(?P<month>{any_of(months())})"
    join = r"(?:\s+(?:de|del|من)\s+|\s+(?:von|of)\s+|\.?\s*|,?\s+)"
    year = rf"(?:{join}(?P<year>(?:19|20)\d{{2}}))?"
    last = r"(?![\w])"
    return (
        re.compile(
            (
                rf"(?<![\d.,:])(?P<day>\d{{1,2}})(?:er|st|nd|rd|th|º|°)?\.?\s*(?:de\s+|of\s+|"
                rf"من\s+)?{month}{last}{year}{last}"
            ),
            re.I,
        ),
        re.compile(
            rf"\b{month}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>(?:19|20)\d{{2}}))?(?![\w:])", re.I
        ),
        re.compile(rf"(?<!\w)(?<!\d )(?<!\d\. ){month}\s+(?:de\s+|من\s+)?(?P<year>(?:19|20)\d{{2}}){last}", re.I),
    )


def _value(parts: dict[str, str | None], today: date | None) -> str:
    """The ISO form, or nothing when there is no such day."""
    named = (parts["month"] or "").casefold()
    month = months().get(" ".join(named.split())) or (int(named) if named.isdigit() else 0)
    year = _full_year(parts.get("year"), today)
    day = int(parts.get("day") or 0)
    if not 1 <= month <= 12:
        return ""
    if not day:
        return f"{year:04}-{month:02}" if year and parts.get("day") is None else ""
    try:
        date(year or 2000, month, day)
    except ValueError:
        return ""
    return f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"


def _full_year(written: str | None, today: date | None) -> int:
    if not written:
        return 0
    if len(written) == 4:
        return int(written)
    near = today.year if today else 2026
    century = near - near % 100
    year = century + int(written)
    return year if year <= near + 10 else year - 100
