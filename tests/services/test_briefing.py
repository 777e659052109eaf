"""The page to read before a meeting: what it counts, since when, and that it counts nothing that may not be seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from amana.records.models import LogEntry, Report, User
from amana.services import briefing, meetings, recalls
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.asking import URGENT, asked, asks
from tests.services.test_exchange import held, released
from tests.services.test_joint_work import AREAS, go, marking, met
from tests.signing import signed_in


def brief(officer: User) -> briefing.Briefing:
    return briefing.brief("washington", viewpoint=viewpoint_of(officer), by=officer)


def meeting(alice: User, omar: User, *, days: int, actions: tuple[object, ...] = ()) -> Report:
    """A meeting so many days ago (or to come), whose record both sides have."""
    row = meetings.draft_meeting(
        "In Rabat",
        place="Rabat",
        starts=timezone.now() - timedelta(days=days),
        participants=("Liaison Bureau Washington",),
        actions=actions,  # type: ignore[arg-type]
        language="en",
        handling=marking("washington"),
        crime_areas=AREAS,
        by=alice,
    )
    go(row, alice, omar)
    return row


def test_it_counts_from_the_last_meeting_and_names_the_next(alice: User, omar: User, washington: Counterpart) -> None:
    assert brief(alice).last is None
    assert brief(alice).since < timezone.now() - timedelta(days=89)
    last, to_come = meeting(alice, omar, days=3), meeting(alice, omar, days=-9)
    meeting(alice, omar, days=40)
    found = brief(alice)
    assert found.last is not None and found.last.row.pk == last.pk
    assert found.next is not None and found.next.row.pk == to_come.pk
    assert found.since == found.last.starts


def test_open_actions_stand_by_the_side_that_owes_them(alice: User, omar: User, washington: Counterpart) -> None:
    today = timezone.localdate()
    ours = meetings.action("Send the yards", node="rabat", person="Alice", due=today)
    theirs = meetings.action("Send the vessels", node="washington", person="Bob", due=today)
    meeting(alice, omar, days=1, actions=(ours, theirs))
    met(alice, actions=(meetings.action("Ours alone", node="rabat", person="Alice", due=today),))
    washington.fetch()
    found = brief(alice)
    assert [one.task.what for one in found.ours.rows] == ["Send the yards"]
    assert [one.task.what for one in found.theirs.rows] == ["Send the vessels"]


def test_what_came_went_was_recalled_and_is_asked_is_counted(alice: User, omar: User, washington: Counterpart) -> None:
    row, content = held(washington)
    held(washington, report=content.report, version=2, title="Corrected")
    gone = released(alice, omar, "washington")
    asks(washington, URGENT)
    asked(alice, omar, washington)
    recalls.recall_report(gone.uid, reason="wrong man", by=omar)
    found = brief(alice)
    assert (found.received.count, found.sent.count, found.corrected.count) == (1, 1, 1)
    assert [one.uid for one in found.received.rows] == [row.uid]
    assert [one.recall.reason for one in found.recalled.rows] == ["wrong man"]
    assert found.silent == 1
    assert found.asked.count == 2
    assert found.asked.rows[0].row.ours is False
    assert found.figures is not None
    assert (found.figures.ours.asked, found.figures.theirs.asked) == (1, 1)


def test_what_was_refused_on_the_line_did_not_cross_it(alice: User, omar: User, washington: Counterpart) -> None:
    released(alice, omar, "washington")
    washington.fetch(refuse="receive-not-permitted")
    found = brief(alice)
    assert found.sent.count == 0
    assert found.refused.count == 1


def test_more_than_is_shown_is_counted(alice: User, washington: Counterpart) -> None:
    for _ in range(8):
        held(washington)
    found = brief(alice).received
    assert (len(found.rows), found.count, found.more) == (6, 8, 2)


def test_who_may_see_less_counts_less(alice: User, nadia: User, omar: User, washington: Counterpart) -> None:
    held(washington)
    asks(washington, URGENT)
    meeting(alice, omar, days=1)
    found = brief(nadia)
    assert (found.received.count, found.asked.count, found.last, found.line.received) == (0, 0, None, 0)


def test_the_look_is_logged_and_an_unknown_partner_is_not_there(alice: User, washington: Counterpart) -> None:
    assert signed_in(alice).get(reverse("briefing", args=["nobody"])).status_code == 404
    brief(alice)
    assert LogEntry.objects.filter(event__contains='"briefing-opened"').count() == 1


@pytest.mark.parametrize("who", ["rachid", "salma"])
def test_who_reads_no_content_gets_no_briefing(
    request: pytest.FixtureRequest, washington: Counterpart, who: str
) -> None:
    client = signed_in(request.getfixturevalue(who))
    assert client.get(reverse("briefing", args=["washington"])).status_code == 403


def test_every_line_of_the_page_opens_what_it_says_in_a_bounded_number_of_queries(
    alice: User, omar: User, washington: Counterpart
) -> None:
    client, address = signed_in(alice), reverse("briefing", args=["washington"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def more() -> None:
        _row, content = held(washington)
        held(washington, report=content.report, version=2, title="Corrected")
        asks(washington, URGENT)
        asked(alice, omar, washington)
        gone = released(alice, omar, "washington")
        recalls.recall_report(gone.uid, reason="wrong man", by=omar)
        meeting(alice, omar, days=2)

    more()
    page = client.get(address).content.decode()
    for one in page.split('<ul class="needs">')[1:]:
        for line in one.split("</ul>")[0].split("<li>")[1:]:
            assert "<a href=" in line, line
    before = queries()
    for _ in range(3):
        more()
    assert queries() == before
