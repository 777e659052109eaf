"""Figures by partner and period: each number from requests that were really asked and answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from amana.domain.request import Outcome, RefusalGround
from amana.exchange.protocol import ReceiptBody, Step, Type
from amana.records.models import Message, Receipt, User
from amana.services import recalls, receipts, request_figures, requests
from amana.services.request_figures import count_requests
from tests.counterpart import Counterpart
from tests.services.asking import URGENT, WORDS, answers, asked, asks, last_content, look, released, reply_of
from tests.services.test_exchange import held
from tests.services.test_exchange import released as released_report


def today() -> date:
    return timezone.localdate()


def test_what_we_asked_is_counted_by_what_became_of_it(alice: User, omar: User, washington: Counterpart) -> None:
    for outcome in (Outcome.FULL, Outcome.PARTIAL):
        asked(alice, omar, washington)
        answers(washington, reply_of(washington, last_content(washington), outcome))
    asked(alice, omar, washington)
    answers(washington, reply_of(washington, last_content(washington), Outcome.CLARIFICATION))
    answers(washington, reply_of(washington, last_content(washington), Outcome.REFUSED, RefusalGround.NOT_AVAILABLE))
    late = asked(alice, omar, washington, question=URGENT)
    Receipt.objects.filter(message__request__uid=late.uid).update(at=timezone.now() - timedelta(hours=9))
    answers(washington, reply_of(washington, last_content(washington), Outcome.FULL))
    overdue = asked(alice, omar, washington, question=URGENT)
    Receipt.objects.filter(message__request__uid=overdue.uid).update(at=timezone.now() - timedelta(hours=9))
    asked(alice, omar, washington)
    gone = asked(alice, omar, washington)
    recalls.recall_report(gone.uid, reason="settled", by=omar)
    (found,) = count_requests(today(), today(), viewpoint=look(alice))
    side = found.ours
    assert (side.asked, side.answered, side.in_time, side.late, side.partial) == (7, 4, 3, 1, 1)
    assert (side.open, side.overdue, side.withdrawn, side.clarifications) == (2, 1, 1, 1)
    assert side.refused == {"not-available": 1}
    assert found.theirs.asked == 0


def test_what_we_were_asked_is_counted_apart(alice: User, omar: User, washington: Counterpart) -> None:
    refused, _open = asks(washington), asks(washington)
    released(
        requests.refuse_request(
            refused.report.uid, RefusalGround.MINOR_OFFENCE, WORDS, viewpoint=look(alice), by=alice
        ),
        omar,
    )
    (found,) = count_requests(today(), today(), viewpoint=look(alice))
    assert (found.theirs.asked, found.theirs.in_time, found.theirs.open) == (2, 1, 1)
    assert found.theirs.refused == {"minor-offence": 1}
    assert found.ours.asked == 0


def test_the_balance_counts_reports_that_arrived_and_the_use_each_side_saw(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = released_report(alice, omar, "washington")
    stopped = released_report(alice, omar, "washington")
    recalls.recall_report(stopped.uid, reason="never sent", by=omar)
    washington.fetch()
    first, _ = held(washington)
    held(washington)
    receipts.tell_step(first, Step.USEFUL, by=alice)
    sent = Message.objects.get(report=row)
    washington.send(
        washington.message(Type.RECEIPT, ReceiptBody(sent.hash, Step.LED_TO, sent.created_at), agreement="")
    )
    asks(washington)
    (found,) = count_requests(today(), today(), viewpoint=look(alice))
    assert (found.sent, found.received) == (1, 2)
    assert found.useful_to_us == {"feedback-useful": 1}
    assert found.useful_to_them == {"feedback-led-to": 1}


def test_only_the_period_and_the_partner_that_were_asked_for_are_counted(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    asks(washington)
    asks(paris)
    yesterday = today() - timedelta(days=1)
    assert count_requests(yesterday, yesterday, viewpoint=look(alice)) == []
    both = count_requests(yesterday, today(), viewpoint=look(alice))
    assert [one.partner for one in both] == ["paris", "washington"]
    one_alone = count_requests(today(), today(), partner="paris", viewpoint=look(alice))
    assert [one.partner for one in one_alone] == ["paris"]
    with pytest.raises(request_figures.PeriodMalformed):
        count_requests(today(), yesterday, viewpoint=look(alice))


def test_what_one_may_not_read_is_not_counted(alice: User, nadia: User, washington: Counterpart) -> None:
    asks(washington)
    held(washington)
    assert count_requests(today(), today(), viewpoint=look(nadia)) == []
