"""Time as it crosses the wire and enters the log: UTC, RFC 3339, milliseconds, always with `Z`.

Invariant: `parse_instant(instant(t)) == t` for every aware time of the years 2 to 9998, cut to milliseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo

from amana.domain.errors import BadInput, gettext_noop

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class TimeMalformed(BadInput):
    """A time or date is not in the one form this wire knows."""

    code = "time-malformed"
    sentence = gettext_noop("A time must read like 2026-09-24T14:02:00.000Z and a day like 2026-09-24.")


def cut(at: datetime) -> datetime:
    """The time as the wire carries it: what is finer than a millisecond is gone."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def instant(at: datetime) -> str:
    """Write an aware time as UTC with milliseconds; raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not a time")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Read what `instant` wrote; raises TimeMalformed.

    The first and the last year are no times: in another zone they fall out of the calendar.
    """
    if not _INSTANT.fullmatch(text) or text[:4] in ("0001", "9999"):
        raise TimeMalformed
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise TimeMalformed from error


def span(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of the first day and the last of the last, as the days are counted in a zone."""
    return datetime.combine(first, time.min, zone), datetime.combine(last, time.max, zone)


def parse_day(text: str) -> date:
    """Read an ISO 8601 calendar date; raises TimeMalformed."""
    if not _DAY.fullmatch(text):
        raise TimeMalformed
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise TimeMalformed from error
