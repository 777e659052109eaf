"""Questions that are kept: the same rows as Django's own, an order at once, and for each viewpoint its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from amana.domain.handling import Purpose, Tlp
from amana.records.models import Report, User
from amana.records.queries.kept import asked, kept
from amana.records.queries.reports import Reach, reach_of, reports_within, visible_reports
from amana.services.orders import What, lift_order
from tests.counterpart import Counterpart
from tests.services.test_composing import view
from tests.services.test_exchange import drafted
from tests.services.test_orders import order


@asked
def every_kind_of_value(reach: Reach, version: int) -> QuerySet[Report, Any]:
    rows = reports_within(reach).filter(version=version)
    return rows.values_list("uid", "written", "crime_areas", "handling__tlp", "erase_by", "evaluation", "author")


def plain(officer: User) -> list[Any]:
    rows = visible_reports(viewpoint=view(officer)).filter(version=1)
    names = ("uid", "written", "crime_areas", "handling__tlp", "erase_by", "evaluation", "author")
    return [tuple(row) for row in rows.values_list(*names)]


def test_a_kept_question_gives_the_same_values_as_django(alice: User, washington: Counterpart) -> None:
    reach = reach_of(view(alice))
    assert every_kind_of_value(reach, 1) == []
    for _ in range(3):
        drafted(alice, "washington")
        assert every_kind_of_value(reach, 1) == plain(alice) != []
    assert every_kind_of_value(reach, version=2) == []


def test_it_is_asked_anew_each_time_and_an_overseers_order_counts_at_once(
    alice: User, salma: User, washington: Counterpart
) -> None:
    row, reach = drafted(alice, "washington"), reach_of(view(alice))
    assert len(every_kind_of_value(reach, 1)) == 1
    given = order(What.RESTRICT, salma, report=row.uid)
    assert every_kind_of_value(reach, 1) == []
    assert not visible_reports(viewpoint=view(alice)).exists()
    lift_order(given.pk, reason="it was lawful", by=salma)
    assert len(every_kind_of_value(reach, 1)) == 1


def test_each_viewpoint_has_its_own(alice: User, washington: Counterpart) -> None:
    drafted(alice, "washington")
    here = view(alice)
    near = [
        replace(here, clearance=Tlp.CLEAR),
        replace(here, purpose=next(one for one in Purpose if one is not here.purpose)),
        replace(here, roles=frozenset()),
    ]
    for look in (here, *near):
        rows = visible_reports(viewpoint=look)
        assert [row[0] for row in every_kind_of_value(reach_of(look), 1)] == [row.uid for row in rows]
        assert rows.exists() is (look is here)


def test_what_is_put_together_once_is_not_put_together_again(alice: User, washington: Counterpart) -> None:
    made = []

    @asked
    def numbers(version: int) -> QuerySet[Report, Any]:
        made.append(version)
        return Report.objects.filter(version=version).values_list("pk")

    row = drafted(alice, "washington")
    with CaptureQueriesContext(connection) as queries:
        assert numbers(1) == numbers(1) == [(row.pk,)]
    assert (made, len(queries)) == ([1], 2)


def test_a_kept_query_that_was_asked_is_asked_again(alice: User, washington: Counterpart) -> None:
    @kept
    def all_of(version: int) -> QuerySet[Report]:
        return Report.objects.filter(version=version)

    assert not all_of(1)
    drafted(alice, "washington")
    assert len(all_of(1)) == 1
    assert all_of(1) is not all_of(1)


def test_a_question_with_a_column_more_than_was_asked_for_is_refused() -> None:
    @asked
    def in_a_foreign_order() -> QuerySet[Report, Any]:
        return Report.objects.order_by("-version").distinct().values_list("pk")

    with pytest.raises(AssertionError, match="more columns"):
        in_a_foreign_order()
