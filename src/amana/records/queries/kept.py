"""Questions to the database that are put together once and asked as often as wanted.

Putting one together takes Django several times as long as the database takes to answer it. Invariant: what is kept
is the question alone, never an answer; all that it depends on is an argument of the function that makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
MOST = 512  # for each function, such questions as differ in their arguments


class _Worded(NamedTuple):
    """A question in the words of one database, and what makes values of an answer's columns."""

    sql: str
    params: tuple[Any, ...]
    read: Callable[[list[tuple[Any, ...]]], list[tuple[Any, ...]]]


def kept(make: Callable[P, QuerySet[M]]) -> Callable[P, QuerySet[M]]:
    """Keep the query that a function makes for its arguments; each call gives one that was not asked yet.

    For queries that are built upon. The arguments must be hashable.
    """
    made = lru_cache(maxsize=MOST)(make)

    @wraps(make)
    def give(*args: P.args, **kwargs: P.kwargs) -> QuerySet[M]:
        return made(*args, **kwargs).all()  # type: ignore[arg-type]  # hashable, as is said above

    return give


def asked(make: Callable[P, QuerySet[Any, Any]]) -> Callable[P, list[tuple[Any, ...]]]:
    """Make a function that gives the rows of the `values_list` query that it was written to make.

    The arguments must be hashable, and values that are not the arguments' may not be used: they would be kept.
    """

    @lru_cache(maxsize=MOST)
    def worded(_vendor: str, *args: P.args, **kwargs: P.kwargs) -> _Worded | None:
        return _word(make(*args, **kwargs))

    @wraps(make)
    def ask(*args: P.args, **kwargs: P.kwargs) -> list[tuple[Any, ...]]:
        question = worded(connection.vendor, *args, **kwargs)  # type: ignore[arg-type]  # hashable, as is said above
        if question is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(question.sql, question.params)
            return question.read(cursor.fetchall())

    return ask


def _word(query: QuerySet[Any, Any]) -> _Worded | None:
    """None where the query finds nothing whatever is held, as for who reads no content."""
    compiler = query.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    assert not compiler.has_extra_select, "the rows would have more columns than were asked for"
    names = [expression for expression, _, _ in compiler.select]
    converters = compiler.get_converters(names)
    if not converters:
        return _Worded(sql, tuple(params), list)
    return _Worded(sql, tuple(params), lambda rows: [tuple(row) for row in compiler.apply_converters(rows, converters)])
