"""The board of requests, its filters and figures; the page that answers beside what is held; the page of a case."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amana.domain.report import Kind
from amana.domain.request import Outcome
from amana.records.models import Message, Report, User
from amana.services import cases
from amana.services.standings import Column
from tests.counterpart import Counterpart
from tests.services.asking import URGENT, answers, asked, asks, entrusted, last_content, reply_of, stood
from tests.services.test_cross_checks import SUSPECT, holds
from tests.services.test_exchange import held
from tests.services.test_joint_work import AREAS, marking, sheet_of
from tests.signing import signed_in


def board(client: Client, **query: str) -> str:
    answer = client.get(reverse("requests"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def aged(uid: object, **time: int) -> None:
    Message.objects.filter(request__uid=str(uid)).update(received_at=timezone.now() - timedelta(**time))


def test_a_request_stands_in_the_column_of_its_end_its_clock_or_whose_turn_it_is(
    alice: User, omar: User, washington: Counterpart
) -> None:
    theirs = asks(washington, URGENT).content.report
    assert stood(theirs).column is Column.TO_ANSWER
    aged(theirs, hours=7)
    assert stood(theirs).column is Column.SOON
    aged(theirs, hours=9)
    assert stood(theirs).column is Column.OVERDUE
    ours = asked(alice, omar, washington).uid
    assert stood(ours).column is Column.WAITING
    answers(washington, reply_of(washington, last_content(washington), Outcome.CLARIFICATION))
    assert stood(ours).column is Column.CLARIFICATION
    answers(washington, reply_of(washington, last_content(washington), Outcome.FULL))
    assert stood(ours).column is Column.DONE


def test_the_chosen_view_is_remembered_and_filters_hold(alice: User, omar: User, washington: Counterpart) -> None:
    asks(washington, URGENT, title="Urgent of theirs")
    asks(washington, title="Calm of theirs")
    asked(alice, omar, washington, title="Of ours")
    client = signed_in(alice)
    assert 'class="board"' in board(client)
    assert "<table" in board(client, view="table")
    assert "<table" in board(client)
    assert "<table" in board(client, view="nonsense")
    shown = board(client, view="board", side="theirs", urgent="1")
    assert "Urgent of theirs" in shown
    assert "Calm of theirs" not in shown
    assert "Of ours" not in shown
    assert "No request is like that" in board(client, partner="paris")
    shown = board(client, view="figures", days="30", partner="washington")
    assert "washington asked us" in shown


def test_an_open_request_is_on_the_board_however_old(alice: User, washington: Counterpart) -> None:
    found = asks(washington, title="Long ago")
    found.row.__class__.objects.update(asked_at=timezone.now() - timedelta(days=900))
    assert "Long ago" in board(signed_in(alice))


def test_the_answer_stands_beside_what_is_held_and_says_what_may_go(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    own = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    theirs = entrusted(paris)
    found = asks(washington)
    page = signed_in(alice).get(reverse("request", args=[found.content.report])).content.decode()
    assert f'name="pick" value="{own.uid}" checked' in page
    assert f'name="pick" value="{theirs.uid}" disabled' in page
    assert "does not go on without its consent" in page
    assert "may go to them" in page


def test_what_is_ticked_goes_into_the_answer(alice: User, omar: User, washington: Counterpart) -> None:
    own = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    found = asks(washington)
    address = reverse("answer", args=[found.content.report, "reply"])
    given = {"full": "full", "text": "He is known.", "pick": [str(own.uid)], "sources": ""}
    assert signed_in(alice).post(address, given).status_code == 302
    row = Report.objects.get(kind=Kind.REPLY)
    assert [one.value for one in row.statements.all()] == ["Karim Belkadi"]


def test_a_faulty_answer_comes_back_beside_the_holdings_with_what_was_typed(
    alice: User, washington: Counterpart
) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    found = asks(washington)
    address = reverse("answer", args=[found.content.report, "extend"])
    answer = signed_in(alice).post(address, {"hours": "0", "text": "The court sits."})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The court sits." in page
    assert "What this node holds itself" in page


def test_a_request_beyond_the_clearance_has_no_page(nadia: User, washington: Counterpart) -> None:
    found = asks(washington)
    assert signed_in(nadia).get(reverse("request", args=[found.content.report])).status_code == 404


# A case
def opened(alice: User) -> UUID:
    row = cases.open_case("Atlas", handling=marking(), crime_areas=AREAS, by=alice)
    return UUID(row.details["case"])  # type: ignore[index]


def test_a_case_gathers_entities_requests_and_tasks(alice: User, washington: Counterpart) -> None:
    case, client = opened(alice), signed_in(alice)
    own, request = holds(alice, (SUSPECT, "name", "Karim Belkadi")), asks(washington, URGENT)
    for uid in (str(own.uid), f"https://node.example/reports/{request.content.report}/v1/"):
        assert client.post(reverse("case-act", args=[case, "report"]), {"report": uid}).status_code == 302
    task = {"what": "Look at the yard", "node": "rabat", "person": "Alice", "due": "2030-01-09"}
    assert client.post(reverse("case-act", args=[case, "task"]), task).status_code == 302
    page = client.get(reverse("case", args=[case])).content.decode()
    for words in ("Karim Belkadi", "left of 8 h", "Look at the yard", "9 Jan 2030"):
        assert words in page, words


@pytest.mark.parametrize(
    ("deed", "given", "status"),
    [("task", {"what": ""}, 422), ("report", {"report": "no number"}, 404), ("burn", {}, 404)],
)
def test_what_is_not_in_order_changes_no_case(alice: User, deed: str, given: dict[str, str], status: int) -> None:
    case = opened(alice)
    assert signed_in(alice).post(reverse("case-act", args=[case, deed]), given).status_code == status
    assert Report.objects.get(kind=Kind.CASE).version == 1


def test_a_closed_case_says_so(alice: User) -> None:
    case, client = opened(alice), signed_in(alice)
    client.post(reverse("case-act", args=[case, "close"]))
    page = client.get(reverse("case", args=[case])).content.decode()
    assert ">Closed<" in page
    assert "Set a task" not in page


def test_a_partners_case_is_joined_by_a_sheet_for_that_partner_alone(alice: User, washington: Counterpart) -> None:
    case = UUID("00000000-0000-4000-8000-00000000000a")
    sheet = sheet_of(washington, case)
    held(washington, kind=Kind.CASE, text="", statements=(), entities=(), details=sheet)
    client = signed_in(alice)
    assert "Join with a sheet of our own" in client.get(reverse("case", args=[case])).content.decode()
    assert client.post(reverse("case-act", args=[case, "join"])).status_code == 302
    row = Report.objects.get(kind=Kind.CASE, originator="rabat")
    assert row.handling["releasable_to"] == ["washington"]
    assert client.post(reverse("case-act", args=[case, "join"])).status_code == 409


def test_meetings_lead_to_the_page_before_the_next(alice: User, omar: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    assert "No meeting is recorded yet" in client.get(reverse("meetings")).content.decode()
    from amana.services import meetings
    from tests.services.test_joint_work import met

    met(alice, "washington", actions=(meetings.action("Send", node="rabat", person="A", due=date(2030, 1, 9)),))
    page = client.get(reverse("meetings")).content.decode()
    assert "1 open" in page
    assert reverse("briefing", args=["washington"]) in page
