"""Pages of requests: the clock, the hits by viewpoint, and the acts of asking and answering."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from amana.domain.report import Kind, State
from amana.domain.request import Outcome, RefusalGround
from amana.records.models import LogEntry, Message, Report, User
from amana.services import requests
from amana.web.paging import cut
from tests.counterpart import Counterpart, next_year
from tests.services.asking import QUESTION, URGENT, WORDS, answers, asked, asks, last_content, look, released, reply_of
from tests.services.test_cross_checks import SUSPECT, holds
from tests.services.test_exchange import drafted
from tests.signing import signed_in
from tests.web.test_pages import XSS


def page(client: Client, name: str, *arguments: object) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def asking(**changes: object) -> dict[str, object]:
    """What a person types to ask."""
    given: dict[str, object] = {
        "title": "Whose phone is this?",
        "text": "Who used it?",
        "people": "Karim Belkadi = suspect",
        "things": "Phone:number = +212 661 234567",
        "grounds": "It was bought there.",
        "urgency": "not-urgent",
        "access": "direct",
        "tlp": "TLP:AMBER",
        "codes": ["H0"],
        "recipients": ["washington"],
        "purposes": ["investigation"],
        "crime_areas": ["terrorism"],
        "erase_by": next_year().isoformat(),
    }
    return given | changes


def test_a_partners_request_is_listed_with_the_time_that_is_left(alice: User, washington: Counterpart) -> None:
    found = asks(washington, URGENT)
    Message.objects.filter(request__uid=found.content.report).update(received_at=timezone.now() - timedelta(hours=7))
    client = signed_in(alice)
    for name in ("requests", "desk"):
        shown = page(client, name)
        assert "min left of 8 h" in shown
        assert "due soon" in shown
    Message.objects.filter(request__uid=found.content.report).update(received_at=timezone.now() - timedelta(hours=9))
    assert "overdue by 1 h" in page(client, "requests")


def test_the_page_of_a_request_shows_question_clock_hits_and_ways_to_answer(
    alice: User, omar: User, washington: Counterpart
) -> None:
    own = drafted(alice)
    found = asks(washington, URGENT)
    shown = page(signed_in(alice), "report", found.content.report)
    for words in ("A hostage is held.", "left of 8 h", "Nothing that you may see says the same."):
        assert words in shown
    for deed in ("reply", "clarify", "extend", "refuse"):
        assert reverse("answer", args=[found.content.report, deed]) in shown
    assert str(own.uid) not in shown
    reader = page(signed_in(omar), "report", found.content.report)
    assert reverse("answer", args=[found.content.report, "refuse"]) in reader


def test_a_hit_is_shown_and_offered_as_an_answer(alice: User, washington: Counterpart) -> None:
    own = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    found = asks(washington)
    shown = page(signed_in(alice), "report", found.content.report)
    assert shown.count(str(own.uid)) == 2


@pytest.mark.parametrize(
    ("deed", "typed", "outcome"),
    [
        ("reply", {"full": "full", "text": "It is his."}, "full"),
        ("reply", {"full": "partial", "text": "We know the shop."}, "partial"),
        ("clarify", {"text": "Which day?"}, "clarification-asked"),
        ("extend", {"hours": "24", "text": "The court sits tomorrow."}, "extension"),
        ("refuse", {"ground": "minor-offence", "text": "Not for this."}, "refused"),
    ],
)
def test_each_answer_is_written_and_proposed_from_the_page(
    alice: User, omar: User, washington: Counterpart, deed: str, typed: dict[str, str], outcome: str
) -> None:
    found = asks(washington)
    address = reverse("answer", args=[found.content.report, deed])
    answer = signed_in(alice).post(address, typed, follow=True)
    assert "waits for a second person" in answer.content.decode()
    row = Report.objects.get(kind=Kind.REPLY)
    assert (row.state, (row.details or {})["outcome"]) == (State.AWAITING_RELEASE, outcome)
    assert signed_in(omar).post(reverse("act", args=[row.uid, "release"])).status_code == 302
    (message,) = washington.fetch()
    assert str(message.body.content.report) == str(row.uid)  # type: ignore[union-attr]


def test_an_answer_without_words_is_shown_again_with_what_is_wrong(alice: User, washington: Counterpart) -> None:
    found = asks(washington)
    address = reverse("answer", args=[found.content.report, "refuse"])
    answer = signed_in(alice).post(address, {"ground": "minor-offence", "text": ""})
    assert answer.status_code == 422
    assert not Report.objects.filter(kind=Kind.REPLY).exists()


def test_the_asker_clarifies_on_the_page_when_it_was_asked_back(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = asked(alice, omar, washington)
    address = reverse("answer", args=[row.uid, "clarify"])
    assert address not in page(signed_in(alice), "report", row.uid)
    answers(washington, reply_of(washington, last_content(washington), Outcome.CLARIFICATION))
    client = signed_in(alice)
    assert address in page(client, "report", row.uid)
    client.post(address, {"text": "The 24th.", "partner": "washington"})
    details = Report.objects.get(kind=Kind.REPLY, originator="rabat").details or {}
    assert details["outcome"] == "clarified"


def test_asking_by_the_page_proposes_in_the_same_step(alice: User, omar: User, washington: Counterpart) -> None:
    answer = signed_in(alice).post(reverse("ask"), asking(), follow=True)
    assert "waits for a second person" in answer.content.decode()
    row = Report.objects.get()
    assert (row.kind, row.state) == (Kind.REQUEST, State.AWAITING_RELEASE)
    assert sorted(one.value for one in row.statements.all()) == ["+212661234567", "Karim Belkadi"]


@pytest.mark.parametrize(
    "changes",
    [
        {"urgency": "imminent-danger-to-life-or-limb"},
        {"people": "Karim Belkadi"},
        {"people": "Karim Belkadi = villain"},
        {"things": "Phone:number = nothing"},
        {"things": "a phone"},
        {"sources": "not a number"},
        {"grounds": ""},
    ],
)
def test_what_is_not_in_order_is_shown_again_and_writes_nothing(
    alice: User, washington: Counterpart, changes: dict[str, str]
) -> None:
    assert signed_in(alice).post(reverse("ask"), asking(**changes)).status_code == 422
    assert not Report.objects.exists()


def test_a_request_beyond_the_clearance_is_not_even_there(alice: User, nadia: User, washington: Counterpart) -> None:
    found = asks(washington)
    client = signed_in(nadia)
    for uid in (found.content.report, uuid4()):
        address = reverse("answer", args=[uid, "refuse"])
        assert client.post(address, {"ground": "minor-offence", "text": "No."}).status_code == 404
    assert found.content.title not in page(client, "requests")
    assert '<span class="count">' not in page(client, "requests")


def test_an_answer_changes_nothing_by_a_get(alice: User) -> None:
    assert signed_in(alice).get(reverse("answer", args=[uuid4(), "reply"])).status_code == 405


def test_the_reading_of_a_request_stands_in_the_log_once(alice: User, washington: Counterpart) -> None:
    found = asks(washington)
    page(signed_in(alice), "report", found.content.report)
    assert LogEntry.objects.filter(event__contains="report-opened").count() == 1


@pytest.mark.once
@pytest.mark.parametrize("payload", XSS)
def test_what_a_partner_asks_never_becomes_markup(alice: User, washington: Counterpart, payload: str) -> None:
    found = asks(washington, replace(URGENT, grounds=payload, urgency_reason=payload), title=payload, text=payload * 3)
    client = signed_in(alice)
    for shown in (page(client, "report", found.content.report), page(client, "requests"), page(client, "desk")):
        assert "alert(1)>" not in shown.replace("&gt;", "")
        assert "<script>" not in shown
        assert 'href="javascript:' not in shown


def test_the_figures_come_beside_the_partners_page_for_who_reads_content_only(
    alice: User, omar: User, rachid: User, washington: Counterpart
) -> None:
    found = asks(washington)
    made = requests.refuse_request(
        found.report.uid, RefusalGround.MINOR_OFFENCE, WORDS, viewpoint=look(alice), by=alice
    )
    released(made, omar)
    beside = f'hx-get="{reverse("cooperation")}" hx-trigger="load"'
    assert beside in page(signed_in(alice), "partners")
    assert beside not in page(signed_in(rachid), "partners")
    part = signed_in(alice).get(reverse("cooperation"), HTTP_HX_REQUEST="true").content.decode()
    for shown in (page(signed_in(alice), "cooperation"), part):
        assert "A minor offence: 1" in shown
        assert "washington asked us" in shown
    assert "<html" not in part
    assert signed_in(rachid).get(reverse("cooperation")).status_code == 403


def test_the_number_of_queries_of_the_list_does_not_grow_with_it(
    alice: User, omar: User, washington: Counterpart
) -> None:
    client = signed_in(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, "requests")
        return len(captured)

    asks(washington)
    asked(alice, omar, washington)
    answers(washington, reply_of(washington, last_content(washington), Outcome.FULL))
    asked(alice, omar, washington)
    before = queries()
    for _more in range(3):
        asks(washington)
        asked(alice, omar, washington)
        answers(washington, reply_of(washington, last_content(washington), Outcome.FULL))
    assert queries() == before


def test_the_table_is_turned_page_by_page(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        content = washington.content(title=f"Question {number}", kind=Kind.REQUEST, details=QUESTION)
        washington.send(washington.report(content))
    monkeypatch.setattr("amana.web.views_requests.cut", partial(cut, page=2))
    client = signed_in(alice)
    first, second = (client.get(f"/requests/?view=table&page={at}").content.decode() for at in (1, 2))
    assert [sum(f"Question {number}" in shown for number in range(3)) for shown in (first, second)] == [2, 1]
    assert "page=2" in first
    assert "page=1" in second
    monkeypatch.setattr("amana.web.views_requests.IN_COLUMN", 2)
    assert "?view=table&amp;" in client.get("/requests/?view=board").content.decode().split('class="board"')[1]
