"""The search across scripts, as a page: found with reasons, by viewpoint, and nothing typed becomes markup."""

from __future__ import annotations

import pytest
from django.urls import reverse

from amana.records.models import LogEntry, User
from tests.services.test_cross_checks import SUSPECT, holds
from tests.web.test_pages import XSS, signed_in


def asked(officer: User, **given: str) -> tuple[int, str]:
    answer = signed_in(officer).post(reverse("match"), given)
    return answer.status_code, answer.content.decode()


def test_a_name_is_found_in_another_script_with_its_reasons_and_report(alice: User) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"), (SUSPECT, "birthDate", "1980-05-17"))
    status, page = asked(alice, name="كريم بلقاضي", birth="1980")
    assert status == 200
    for words in ("Karim Belkadi", "sound alike across scripts", "Both were born in 1980", "of 100", "strong"):
        assert words in page
    assert reverse("report-version", args=[row.uid, 1]) in page
    assert LogEntry.objects.filter(event__contains="subject-matched").count() == 1


def test_what_one_may_not_read_is_like_nothing(alice: User, nadia: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    _, page = asked(nadia, name="Karim Belkadi")
    assert "Nobody and nothing that you may see is like that." in page
    assert "score" not in page


@pytest.mark.parametrize(
    "given",
    [{}, {"name": " "}, {"name": "x" * 1001}, {"name": "X", "birth": "May 1980"}, {"name": "X", "country": "M1"}],
)
def test_a_search_that_is_not_in_order_is_answered_with_its_reason(alice: User, given: dict[str, str]) -> None:
    status, page = asked(alice, **given)
    assert status == 422
    assert 'role="alert"' in page
    assert not LogEntry.objects.filter(event__contains="subject-matched").exists()


@pytest.mark.parametrize("hostile", [one for one in XSS if "<" in one])
def test_nothing_typed_or_held_becomes_markup(alice: User, hostile: str) -> None:
    holds(alice, (SUSPECT, "name", f"Karim Belkadi {hostile}"))
    _, page = asked(alice, name=f"Karim Belkadi {hostile}")
    assert "Karim Belkadi" in page
    assert hostile not in page


def test_the_page_is_empty_before_anything_is_asked(alice: User) -> None:
    page = signed_in(alice).get(reverse("match")).content.decode()
    assert "Who is it?" in page
    assert not LogEntry.objects.filter(event__contains="subject-matched").exists()
