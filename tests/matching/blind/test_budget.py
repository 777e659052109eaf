"""The budget of blind comparisons: what is allowed, what raises the alarm, and that it is a function of the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from amana.matching.blind.budget import Budget, Spending, Verdict, spend

NOW = datetime(2026, 9, 24, 14, 2, tzinfo=UTC)
BUDGET = Budget(month=10_000, day=5_000, case=2_000)


def ago(hours: float, elements: int, case: str = "case-1", *, answered: bool = True) -> Spending:
    return Spending(NOW - timedelta(hours=hours), case, elements, answered)


def ask(elements: int, case: str = "case-1") -> Spending:
    return Spending(NOW, case, elements)


def objections(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.decision.because]


def alarms(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.alarms]


def test_a_first_small_round_is_allowed_without_alarm() -> None:
    verdict = spend(BUDGET, [], ask(64))
    assert verdict.decision.allowed
    assert not verdict.alarms
    assert verdict.left == 9_936


def test_a_budget_can_be_spent_to_its_last_element_and_not_beyond() -> None:
    tight = Budget(month=128, day=128, case=128)
    assert spend(tight, [ago(1, 64)], ask(64)).decision.allowed
    assert not spend(tight, [ago(1, 65)], ask(64)).decision.allowed


def test_each_ceiling_objects_by_its_own_name() -> None:
    assert objections(spend(BUDGET, [ago(50, 1_990)], ask(64))) == ["blind-budget-case"]
    assert objections(spend(BUDGET, [ago(2, 4_990, "case-2")], ask(64))) == ["blind-budget-day"]
    assert objections(spend(BUDGET, [ago(90, 9_990, "case-2")], ask(64))) == ["blind-budget-month"]


def test_what_was_asked_longer_ago_than_a_day_counts_for_the_month_only() -> None:
    assert spend(BUDGET, [ago(24, 5_000, "case-2")], ask(64)).decision.allowed


def test_a_new_month_begins_by_utc_with_a_full_budget() -> None:
    first = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
    late = Spending(datetime(2026, 10, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))), "case-2", 9_990)
    assert spend(BUDGET, [late], Spending(first + timedelta(days=2), "case-1", 64)).left == 9_936


def test_a_refused_round_spends_nothing_but_raises_the_alarm() -> None:
    verdict = spend(BUDGET, [ago(1, 4_096, answered=False)], ask(4_096))
    assert objections(verdict) == ["blind-budget-case"]
    assert alarms(verdict) == ["blind-alarm-refused"]
    assert verdict.left == 10_000
    assert verdict.alarms[0].params == (("rounds", "2"),)


def test_an_alarm_comes_before_a_ceiling_is_reached() -> None:
    verdict = spend(BUDGET, [ago(1, 1_600)], ask(64))
    assert verdict.decision.allowed
    assert alarms(verdict) == ["blind-alarm-case"]
    assert str(verdict.alarms[0]) == "The partner has used 83 % of one case's budget of blind comparisons."


def test_many_small_rounds_raise_the_alarm() -> None:
    past = [ago(number / 2, 64, f"case-{number}") for number in range(23)]
    assert alarms(spend(BUDGET, past, ask(64))) == ["blind-alarm-rounds"]
    assert not alarms(spend(BUDGET, past[1:], ask(64)))


def test_an_agreement_without_a_budget_allows_nothing() -> None:
    verdict = spend(Budget(month=0, day=0, case=0), [], ask(64))
    assert not verdict.decision.allowed
    assert verdict.left == 0


rounds = st.builds(ago, st.floats(0, 1_000), st.sampled_from([64, 512, 4096]), st.sampled_from(["a", "b"]))


@given(st.lists(rounds), st.sampled_from([64, 512, 4096]))
def test_no_past_lets_a_partner_beyond_a_ceiling(past: list[Spending], size: int) -> None:
    verdict = spend(BUDGET, past, ask(size))
    month = sum(one.elements for one in past if (one.at.year, one.at.month) == (NOW.year, NOW.month))
    assert verdict.decision.allowed <= (month + size <= BUDGET.month)
    assert verdict == spend(BUDGET, reversed(past), ask(size))
    assert all(str(reason) for reason in (*verdict.decision.because, *verdict.alarms))
