"""Lists page by page: a page reads no more than it shows, and nothing is counted to say whether there is another.

Invariant: who turns the page asks the same question from a later row on; what came in meanwhile moves rows down, so a
row may be seen twice and none is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

from amana.web.numbers import number_in

Row = TypeVar("Row")

PAGE = 100
LAST = 10_000


@dataclass(frozen=True, slots=True)
class Beside:
    """Where the pages beside this one are: their addresses' queries, empty where there is none."""

    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Turned(Generic[Row]):
    """One page of a list: its rows, and the pages beside it."""

    rows: list[Row]
    beside: Beside


def asked(request: HttpRequest, page: int | None = None) -> dict[str, int]:
    """Which rows a service is to read: one more than the page shows, `PAGE` rows where nothing is said."""
    page = page or PAGE
    return {"first": (_number(request) - 1) * page, "most": page + 1}


def turned(request: HttpRequest, found: Sequence[Row], page: int | None = None) -> Turned[Row]:
    """What a service answered to `asked` as a page of `page` rows, `PAGE` where nothing is said."""
    number, page = _number(request), page or PAGE
    newer = _query(request, number - 1) if number > 1 else ""
    older = _query(request, number + 1) if len(found) > page else ""
    return Turned(list(found[:page]), Beside(newer, older))


def cut(request: HttpRequest, found: Sequence[Row], page: int = PAGE) -> Turned[Row]:
    """The page of a list that is read whole because it is put in order here; `page` rows stand on one."""
    first = (_number(request) - 1) * page
    return turned(request, found[first : first + page + 1], page)


def _number(request: HttpRequest) -> int:
    return min(max(1, number_in(request.GET.get("page", "")) or 1), LAST)


def _query(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return query.urlencode()
