"""The desk: what needs a person now, each row with the act that answers it, in a bounded number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from amana.domain.report import State
from amana.domain.request import Outcome
from amana.records.models import LogEntry, Message, Outbox, Partner, Report, User
from amana.services import cooperation, desk, meetings, recalls, releases
from amana.services.people import viewpoint_of
from amana.web import paging
from tests.counterpart import Counterpart
from tests.services.asking import URGENT, answers, asked, asks, last_content, reply_of
from tests.services.test_cross_checks import SUSPECT, holds
from tests.services.test_exchange import drafted, held, released
from tests.services.test_joint_work import go, met
from tests.signing import signed_in


def page(client: Client, name: str = "desk") -> str:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client: Client, name: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        page(client, name)
    return len(captured)


def test_an_empty_desk_says_what_to_do_first(alice: User) -> None:
    shown = page(signed_in(alice))
    assert "Nothing needs you now" in shown
    assert reverse("ask") in shown
    assert f'hx-get="{reverse("desk-lines")}"' in shown
    assert "No partner yet" in page(signed_in(alice), "desk-lines")


def test_each_row_stands_with_the_act_that_answers_it(alice: User, omar: User, washington: Counterpart) -> None:
    own = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    request = asks(washington, URGENT)
    news, _ = held(washington)
    gone = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(gone.uid, reason="wrong man", by=omar)
    ours = meetings.action("Send the yards", node="rabat", person="Alice", due=timezone.localdate() - timedelta(days=1))
    met(alice, "washington", actions=(ours,))
    shown = page(signed_in(omar))
    for address in (
        reverse("request", args=[request.content.report]),
        reverse("preview", args=[row.uid]),
        reverse("report-version", args=[news.uid, 1]),
        reverse("report", args=[gone.uid]),
        reverse("tasks"),
    ):
        assert f'href="{address}"' in shown, address
    assert f'href="{reverse("briefing", args=["washington"])}"' in page(signed_in(omar), "desk-lines")
    for words in ("left of 8 h", "1 report here speaks to it", "wrong man", "Send the yards", "overdue by 1 day"):
        assert words in shown, words
    assert str(own.uid) not in shown


def test_what_runs_out_first_stands_first(alice: User, washington: Counterpart) -> None:
    asks(washington, title="Can wait")
    asks(washington, URGENT, title="Cannot wait")
    shown = page(signed_in(alice))
    assert shown.index("Cannot wait") < shown.index("Can wait")


def test_only_a_head_sees_what_is_overdue_on_the_desk(alice: User, omar: User, washington: Counterpart) -> None:
    found = asks(washington, URGENT)
    Message.objects.filter(request__uid=found.content.report).update(received_at=timezone.now() - timedelta(hours=9))
    assert "1 request that we owe an answer" in page(signed_in(omar))
    assert "Overdue on your desk" not in page(signed_in(alice))


def test_a_second_person_never_sees_their_own_proposal_waiting(omar: User, washington: Counterpart) -> None:
    row = drafted(omar, "washington")
    releases.propose_release(row.uid, by=omar)
    assert str(row.uid) not in page(signed_in(omar))


def test_what_lies_outside_the_viewpoint_is_neither_shown_nor_counted(
    nadia: User, alice: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    found = asks(washington, URGENT)
    shown = page(signed_in(nadia))
    assert str(row.uid) not in shown
    assert found.content.report not in shown
    assert "No report went either way" in page(signed_in(nadia), "desk-lines")
    assert "received 1 in 30 days" in page(signed_in(alice), "desk-lines")


def test_of_a_long_part_its_head_is_shown_and_all_of_it_where_one_asks(
    alice: User, omar: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "FIRST", 2)
    rows = [drafted(alice, "washington") for _ in range(3)]
    for row in rows:
        releases.propose_release(row.uid, by=alice)
        asks(washington)
    client = signed_in(omar)
    shown = page(client)
    waiting = [reverse("preview", args=[row.uid]) for row in rows]
    assert sum(address in shown for address in waiting) == 2
    assert 'href="?all=releases#releases">Show all 3</a>' in shown
    assert f'href="{reverse("requests")}?view=table">Show all 3</a>' in shown
    whole = client.get(reverse("desk"), {"all": "releases"}).content.decode()
    assert all(address in whole for address in waiting)
    assert "?all=releases" not in whole
    assert whole.count("Show all 3") == 1


def test_the_desk_is_logged_once_with_how_much_was_found(alice: User, washington: Counterpart) -> None:
    held(washington)
    page(signed_in(alice))
    assert LogEntry.objects.filter(event__contains='"desk-opened"').count() == 1


def test_the_number_of_queries_does_not_grow_with_what_is_held(
    alice: User, omar: User, washington: Counterpart
) -> None:
    client = signed_in(omar)

    def more() -> None:
        held(washington)
        asks(washington)
        row = drafted(alice, "washington")
        releases.propose_release(row.uid, by=alice)
        asked(alice, omar, washington)
        answers(washington, reply_of(washington, last_content(washington), Outcome.CLARIFICATION))
        ours = meetings.action("Send", node="rabat", person="Alice", due=date(2026, 1, 9))
        met(alice, "washington", actions=(ours,))

    more()
    before = {name: queries(client, name) for name in ("desk", "inbox", "reports")}
    for _ in range(4):
        more()
    assert {name: queries(client, name) for name in before} == before
    assert max(before.values()) <= 45


def test_no_list_loads_the_text_of_a_report(alice: User, washington: Counterpart) -> None:
    for _ in range(3):
        held(washington)
    client = signed_in(alice)
    for name in ("desk", "inbox"):
        with CaptureQueriesContext(connection) as captured:
            page(client, name)
        assert not any('"records_report"."text"' in one["sql"] for one in captured), name


def test_the_inbox_goes_a_page_at_a_time_and_shows_what_nobody_opened(
    alice: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    rows = [held(washington)[0] for _ in range(3)]
    client = signed_in(alice)
    first = page(client, "inbox")
    assert "?page=2" in first
    second = client.get(reverse("inbox"), {"page": "2"}).content.decode()
    shown = [str(row.uid) in text for row in rows for text in (first, second)]
    assert sum(shown) == 3
    client.post(reverse("tell", args=[rows[0].uid]), {"step": "read"})
    unread = client.get(reverse("inbox") + "?new").content.decode()
    assert str(rows[0].uid) not in unread
    assert str(rows[2].uid) in unread
    assert client.get(reverse("inbox"), {"page": "٣"}).status_code == 200


# How it stands with a partner
def line(alice: User) -> cooperation.Line:
    (found,) = cooperation.lines(viewpoint=viewpoint_of(alice), at=timezone.now(), partner="washington")
    return found


def test_a_lines_health_is_said_from_what_the_node_knows(alice: User, omar: User, washington: Counterpart) -> None:
    partner = Partner.objects.filter(pk="washington")
    partner.update(last_seen_at=None)
    assert line(alice).health is cooperation.Health.NEVER
    partner.update(last_seen_at=timezone.now())
    assert line(alice).health is cooperation.Health.WORKS
    partner.update(last_seen_at=timezone.now() - timedelta(days=2))
    assert line(alice).health is cooperation.Health.QUIET
    released(alice, omar, "washington")
    Outbox.objects.update(problem="partner-unreachable")
    found = line(alice)
    assert (found.health, found.waiting, found.problem) == (cooperation.Health.HELD_UP, 1, "partner-unreachable")
    partner.update(restored_at=timezone.now())
    assert line(alice).health is cooperation.Health.RESTORED
    partner.update(state=Partner.State.SUSPENDED)
    assert line(alice).health is cooperation.Health.SUSPENDED


def test_the_balance_counts_what_crossed_and_was_not_refused(alice: User, omar: User, washington: Counterpart) -> None:
    held(washington)
    held(washington)
    released(alice, omar, "washington")
    washington.fetch()
    asks(washington)
    found = line(alice)
    assert (found.sent, found.received, found.share) == (1, 2, 33)
    Outbox.objects.update(state=Outbox.State.REFUSED)
    assert line(alice).sent == 0


def test_a_release_that_waited_for_more_than_a_day_is_late(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    Report.objects.filter(pk=row.pk).update(written=timezone.now() - timedelta(days=2), state=State.AWAITING_RELEASE)
    found = desk.open_desk(viewpoint=viewpoint_of(omar), by=omar)
    assert found.late is not None
    assert found.late.releases == 1


def test_a_released_meeting_puts_its_actions_on_the_desk(alice: User, omar: User, washington: Counterpart) -> None:
    ours = meetings.action("Send the yards", node="rabat", person="Alice", due=timezone.localdate())
    far = meetings.action("Send the rest", node="rabat", person="Alice", due=timezone.localdate() + timedelta(days=40))
    go(met(alice, "washington", actions=(ours, far)), alice, omar)
    shown = page(signed_in(alice))
    assert "Send the yards" in shown
    assert "Send the rest" not in shown
