"""The state machine of a request: clocks to the second, extensions, clarifications, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.agreement import Clocks
from amana.domain.request import (
    FINAL,
    Access,
    Answer,
    AnswerMalformed,
    Outcome,
    Question,
    RefusalGround,
    RequestEvent,
    RequestState,
    Urgency,
    UrgencyUnreasoned,
    stand,
)

RECEIVED = datetime(2026, 9, 24, 14, 2, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
events = st.lists(
    st.builds(
        lambda outcome, minutes, hours: RequestEvent(
            outcome, RECEIVED + timedelta(minutes=minutes), hours if outcome is Outcome.EXTENSION else 0
        ),
        st.sampled_from(Outcome),
        st.integers(1, 20_000),
        st.integers(1, 100),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("urgency", "access", "hours"),
    [
        (Urgency.LIFE, Access.DIRECT, 8),
        (Urgency.LIFE, Access.INDIRECT, 72),
        (Urgency.NONE, Access.DIRECT, 168),
        (Urgency.NONE, Access.INDIRECT, 168),
    ],
)
def test_the_clock_is_8_hours_3_days_or_7_days(urgency: Urgency, access: Access, hours: int) -> None:
    why = "" if urgency is Urgency.NONE else "a hostage"
    assert Clocks().for_question(Question("seen there", urgency, why, access)) == hours * HOUR


@pytest.mark.parametrize(("urgency", "why"), [(Urgency.LIFE, " "), (Urgency.NONE, "because")])
def test_urgency_without_an_admitted_reason_is_refused(urgency: Urgency, why: str) -> None:
    with pytest.raises(UrgencyUnreasoned):
        Question("seen there", urgency, why)


def test_a_refusal_names_a_ground_and_nothing_else_does() -> None:
    with pytest.raises(AnswerMalformed):
        Answer("r", "0" * 64, Outcome.REFUSED)
    with pytest.raises(AnswerMalformed):
        Answer("r", "0" * 64, Outcome.FULL, RefusalGround.MINOR_OFFENCE)
    with pytest.raises(AnswerMalformed):
        Answer("r", "0" * 64, Outcome.EXTENSION)


def test_a_request_is_due_to_the_second() -> None:
    due = RECEIVED + 8 * HOUR
    for at, overdue in ((due - SECOND, False), (due, False), (due + SECOND, True)):
        found = stand(clock=8 * HOUR, received_at=RECEIVED, events=[], at=at)
        assert (found.due, found.overdue(at)) == (due, overdue)


def test_an_answer_at_the_last_second_is_in_time_and_one_later_is_not() -> None:
    for late, in_time in ((0 * SECOND, True), (SECOND, False)):
        answered = RequestEvent(Outcome.FULL, RECEIVED + 8 * HOUR + late)
        found = stand(clock=8 * HOUR, received_at=RECEIVED, events=[answered], at=answered.at)
        assert found.answered_in_time() is in_time
        assert found.state is RequestState.ANSWERED


def test_before_receipt_there_is_no_clock() -> None:
    found = stand(clock=HOUR, received_at=None, events=[], at=RECEIVED)
    assert (found.state, found.due, found.overdue(RECEIVED)) == (RequestState.SENT, None, False)


def test_a_clarification_does_not_stop_the_clock_and_an_authorisation_does() -> None:
    asked = RequestEvent(Outcome.CLARIFICATION, RECEIVED + HOUR)
    found = stand(clock=8 * HOUR, received_at=RECEIVED, events=[asked], at=RECEIVED + 2 * HOUR)
    assert (found.state, found.due) == (RequestState.CLARIFYING, RECEIVED + 8 * HOUR)
    court = RequestEvent(Outcome.EXTENSION, RECEIVED + 2 * HOUR, hours=24)
    found = stand(clock=8 * HOUR, received_at=RECEIVED, events=[asked, court], at=RECEIVED + 3 * HOUR)
    assert (found.state, found.due) == (RequestState.AUTHORISING, RECEIVED + 32 * HOUR)
    found = stand(clock=8 * HOUR, received_at=RECEIVED, events=[asked, court], at=RECEIVED + 26 * HOUR)
    assert found.state is RequestState.OPEN


@given(events, st.integers(0, 30_000))
def test_both_desks_see_the_same_whatever_the_order_of_arrival(found: list[RequestEvent], minutes: int) -> None:
    at = RECEIVED + timedelta(minutes=minutes)
    one = stand(clock=8 * HOUR, received_at=RECEIVED, events=found, at=at)
    distinct = len({event.at for event in found}) == len(found)
    other = stand(clock=8 * HOUR, received_at=RECEIVED, events=found[::-1], at=at)
    assert not distinct or one == other


@given(events)
def test_the_first_final_answer_ends_it(found: list[RequestEvent]) -> None:
    at = RECEIVED + timedelta(days=30)
    finals = sorted(event.at for event in found if event.outcome in FINAL)
    standing = stand(clock=8 * HOUR, received_at=RECEIVED, events=found, at=at)
    assert standing.ended_at == (finals[0] if finals else None)


@given(events, st.integers(1, 20_000), st.integers(0, 30_000))
def test_nothing_counts_after_a_withdrawal(found: list[RequestEvent], minutes: int, later: int) -> None:
    gone = RECEIVED + timedelta(minutes=minutes)
    before = [event for event in found if event.outcome in FINAL and event.at <= gone]
    at = gone + timedelta(minutes=later)
    standing = stand(clock=HOUR, received_at=RECEIVED, events=found, withdrawn_at=gone, at=at)
    assert (standing.state is RequestState.WITHDRAWN) is not bool(before)
    counted = [event for event in found if event.at <= gone]
    assert standing == stand(clock=HOUR, received_at=RECEIVED, events=counted, withdrawn_at=gone, at=at)


def test_a_withdrawal_counts_from_its_time_on_before_receipt_too() -> None:
    for at, state in ((RECEIVED - SECOND, RequestState.SENT), (RECEIVED, RequestState.WITHDRAWN)):
        assert stand(clock=HOUR, received_at=None, events=[], withdrawn_at=RECEIVED, at=at).state is state


def test_an_answer_made_after_the_withdrawal_does_not_count() -> None:
    late = RequestEvent(Outcome.FULL, RECEIVED + 2 * HOUR)
    found = stand(
        clock=8 * HOUR, received_at=RECEIVED, events=[late], withdrawn_at=RECEIVED + HOUR, at=RECEIVED + 3 * HOUR
    )
    assert (found.state, found.ended_at) == (RequestState.WITHDRAWN, RECEIVED + HOUR)
