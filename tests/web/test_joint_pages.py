"""The pages of joint work, by clicks: a case from a report, a task told done, a communiqué, the shelf."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.urls import reverse

from amana.domain.joint import Notice, Shelf
from amana.domain.report import Kind
from amana.records.models import Report, User
from amana.services import cases, expertise, meetings
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held
from tests.services.test_joint_work import AREAS, marking, met
from tests.signing import signed_in


def test_a_report_becomes_a_case_by_one_click_and_the_case_shows_it(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    client = signed_in(alice)
    answer = client.post(reverse("open-case", args=[row.uid]), follow=True)
    sheet = Report.objects.get(kind=Kind.CASE)
    assert answer.redirect_chain[-1][0] == reverse("report", args=[sheet.uid])
    page = client.get(reverse("case", args=[UUID(sheet.details["case"])])).content.decode()  # type: ignore[index]
    assert reverse("report", args=[row.uid]) in page
    assert row.title in page
    assert sheet.title in client.get(reverse("cases")).content.decode()


def test_a_task_of_ours_is_told_done_and_a_partners_has_no_button(alice: User, washington: Counterpart) -> None:
    ours = meetings.action("Send the yards", node="rabat", person="Alice", due=date(2020, 1, 9))
    theirs = meetings.action("Send the vessels", node="washington", person="Bob", due=date(2030, 1, 9))
    row = met(alice, "washington", actions=(ours, theirs))
    client = signed_in(alice)
    page = client.get(reverse("tasks")).content.decode()
    assert page.count("Say that it is done") == 1
    assert page.count("overdue") == 1
    client.post(reverse("task-done", args=[row.uid, ours.id]), {"reason": "Sent."})
    notice = Report.objects.get(kind=Kind.NOTICE)
    assert (notice.text, notice.details) == ("Sent.", Notice(str(row.uid), ours.id).to_json())
    assert client.post(reverse("task-done", args=[row.uid, theirs.id])).status_code == 422


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
def test_a_communique_is_drafted_in_the_readers_language(alice: User, language: str) -> None:
    row = met(alice)
    client = signed_in(alice)
    client.post(reverse("language"), {"language": language})
    client.post(reverse("communique", args=[row.uid]))
    assert Report.objects.get(kind=Kind.NOTICE).language == language


def test_the_shelf_shows_what_a_search_finds_and_says_what_to_do_when_empty(alice: User) -> None:
    client = signed_in(alice)
    assert "Nothing found on the shelf" in client.get(reverse("expertise")).content.decode()
    expertise.draft_lesson(
        "Reading seals",
        "Rivets first.",
        shelf=Shelf.METHOD,
        topics=("seals",),
        language="en",
        handling=marking(),
        crime_areas=AREAS,
        by=alice,
    )
    assert "Reading seals" in client.get(reverse("expertise"), {"q": "rivets", "shelf": "method"}).content.decode()
    assert "Reading seals" not in client.get(reverse("expertise"), {"shelf": "expert"}).content.decode()


@pytest.mark.once
def test_what_is_typed_into_joint_work_never_becomes_markup(alice: User) -> None:
    attack = "<script>alert(1)</script>"
    task = meetings.action(attack, node="rabat", person=attack, due=date(2030, 1, 9))
    met(alice, actions=(task,))
    row = cases.open_case(attack, handling=marking(), crime_areas=AREAS, by=alice)
    case = UUID(row.details["case"])  # type: ignore[index]
    cases.add_task(case, attack, node="rabat", person=attack, due=date(2030, 1, 9), by=alice)
    client = signed_in(alice)
    for address in (
        reverse("tasks"),
        reverse("cases"),
        reverse("case", args=[case]),
        reverse("report", args=[row.uid]),
    ):
        assert attack not in client.get(address).content.decode()


def test_a_case_that_may_not_be_seen_is_not_there(alice: User, nadia: User) -> None:
    row = cases.open_case("Atlas", handling=marking(), crime_areas=AREAS, by=alice)
    address = reverse("case", args=[UUID(row.details["case"])])  # type: ignore[index]
    assert signed_in(nadia).get(address).status_code == 404
    secret = drafted(alice)
    assert signed_in(nadia).post(reverse("open-case", args=[secret.uid])).status_code == 404
