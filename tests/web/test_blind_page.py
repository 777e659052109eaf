"""The page of blind comparisons: asked, answered, made a request, refused with its reason, alarms seen to."""

from __future__ import annotations

import pytest
from django.urls import reverse

from amana.domain.report import Kind
from amana.records.models import BlindQuestion, Report, User
from tests.counterpart import Counterpart
from tests.services.blind_bob import BlindBob
from tests.services.test_blind import KARIM
from tests.signing import signed_in

TYPED = {
    "partner": "washington",
    "case": "case-7",
    "ground": "an order of the court",
    "name": "كريم بلقاضي",
    "category": "suspect",
    "born": "1980-05-17",
}


def page(officer: User) -> str:
    return signed_in(officer).get(reverse("blind")).content.decode()


def test_a_question_is_asked_answered_and_made_a_request_by_clicks(alice: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    assert client.post(reverse("blind"), TYPED).status_code == 302
    assert "not answered yet" in page(alice)
    BlindBob(washington).answer_all(KARIM)
    shown = page(alice)
    assert "hit: ask" in shown
    question = BlindQuestion.objects.get()
    address = reverse("blind-request", args=[question.pk, 1])
    assert address in shown
    answer = client.post(address, {"crime_area": "terrorism"})
    row = Report.objects.get(kind=Kind.REQUEST)
    assert answer["Location"] == reverse("report", args=[row.uid])
    assert client.post(reverse("blind-request", args=[question.pk, 2]), {"crime_area": "terrorism"}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "words"), [({"born": ""}, "birth date"), ({"case": ""}, "required"), ({"name": ""}, "number")]
)
def test_what_cannot_be_asked_is_said(
    alice: User, washington: Counterpart, changes: dict[str, str], words: str
) -> None:
    answer = signed_in(alice).post(reverse("blind"), TYPED | changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not BlindQuestion.objects.exists()


def test_others_do_not_see_whom_a_question_names(alice: User, nadia: User, washington: Counterpart) -> None:
    signed_in(alice).post(reverse("blind"), TYPED)
    assert "بلقاضي" in page(alice)
    assert "بلقاضي" not in page(nadia)


def test_an_alarm_stands_on_the_page_until_the_head_has_seen_to_it(
    alice: User, omar: User, washington: Counterpart
) -> None:
    bob = BlindBob(washington)
    for _ in range(4):
        bob.ask(bob.question(KARIM))
    assert "may be probing" in page(alice)
    seen = reverse("blind-alarms", args=["washington"])
    assert signed_in(alice).post(seen).status_code == 403
    assert signed_in(omar).post(seen).status_code == 302
    assert "may be probing" not in page(alice)
