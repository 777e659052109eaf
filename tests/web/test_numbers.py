"""Whatever is typed where a number belongs, a page answers; and no page is asked for further than a table reaches."""

from __future__ import annotations

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from amana.records.models import Entity, User
from amana.web.numbers import number_in
from tests.services.test_exchange import drafted
from tests.services.test_inspection import asked as access_asked
from tests.signing import signed_in


@given(st.text())
def test_no_text_raises_and_what_is_a_number_is_read(text: str) -> None:
    found = number_in(text)
    assert found is None or (text.isdigit() and found == int(text))


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_every_number_of_up_to_fifteen_digits_is_read(number: int) -> None:
    assert number_in(str(number)) == number


@pytest.mark.parametrize("typed", ["²", "٣", "-1", "1e9", "9" * 19, "9" * 5000, "x"])
def test_a_page_answers_whatever_number_is_typed(alice: User, salma: User, typed: str) -> None:
    row = drafted(alice)
    writer, overseer = signed_in(alice), signed_in(salma)
    entity = Entity.objects.get().pk
    evidence = reverse("evidence", args=[row.uid, "s1"])
    for address, name in (
        (reverse("inbox"), "page"),
        (reverse("reports"), "page"),
        (reverse("entity", args=[entity]), "page"),
        (evidence, "version"),
        (reverse("compare", args=[row.uid]), "old"),
    ):
        assert writer.get(address, {name: typed}).status_code in (200, 302, 404), address
    for address, name in ((reverse("log"), "before"), (reverse("oversight-retention"), "days")):
        assert overseer.get(address, {name: typed}).status_code == 200, address
    given = {"check": typed, "access": typed}
    assert overseer.post(reverse("oversight-content", args=[row.uid]), given).status_code in (403, 404)


def test_an_act_that_there_is_not_is_not_done_in_silence(alice: User, omar: User, salma: User) -> None:
    number = access_asked(salma)
    assert signed_in(salma).post(reverse("oversight-access-act", args=[number, "forget"])).status_code == 404
    assert signed_in(omar).post(reverse("partner-change", args=["nobody", "forget"])).status_code == 404
