"""How much a partner may ask blindly, and when its asking looks like probing.

Invariant: the answer is a pure function of the agreement's budget, the rounds so far and the round that is asked; a
refused round spends nothing, yet counts for the alarm. All elements of a round count, dummies too: the holder cannot
tell them apart. Malicious questions are not prevented by this, only bounded, counted and shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from amana.domain.answers import Decision, Reason
from amana.domain.errors import gettext_noop

_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Budget:
    """Elements that a holder evaluates for a partner under one agreement.

    In a calendar month (UTC; the agreement's `match_budget`), in any 24 hours, and for one case in the month. An alarm
    is due from `warn` hundredths of a ceiling on, from `rounds` rounds within 24 hours on, and at every refusal.
    """

    month: int
    day: int
    case: int
    warn: int = 80
    rounds: int = 24


@dataclass(frozen=True, slots=True)
class Spending:
    """One round that was asked: when, for which case, how many elements, and whether it was answered."""

    at: datetime
    case: str
    elements: int
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the round may be answered, because of what, which alarms it raises, and what is left of the month."""

    decision: Decision
    alarms: tuple[Reason, ...]
    left: int


def spend(budget: Budget, past: Iterable[Spending], asked: Spending) -> Verdict:
    """Decide on one round of one agreement by the rounds before it; times are aware."""
    month, day, case, tries, refused = 0, 0, 0, 1, 0
    for one in past:
        recent = asked.at - _DAY < one.at <= asked.at
        tries += recent
        refused += recent and not one.answered
        if not one.answered:
            continue
        day += recent * one.elements
        if _month(one.at) == _month(asked.at):
            month += one.elements
            case += (one.case == asked.case) * one.elements
    spent = (("month", month, budget.month), ("day", day, budget.day), ("case", case, budget.case))
    objections = [
        Reason(f"blind-budget-{name}", _SPENT[name], (("most", str(most)),))
        for name, used, most in spent
        if used + asked.elements > most
    ]
    paid = 0 if objections else asked.elements
    alarms = [
        Reason(f"blind-alarm-{name}", _NEARLY[name], (("share", str(100 * (used + paid) // most)),))
        for name, used, most in spent
        if most and 100 * (used + paid) >= budget.warn * most
    ]
    if tries >= budget.rounds:
        alarms.append(Reason("blind-alarm-rounds", _OFTEN, (("rounds", str(tries)),)))
    if objections:
        alarms.append(Reason("blind-alarm-refused", _REFUSED, (("rounds", str(refused + 1)),)))
    left = max(0, budget.month - month - paid)
    return Verdict(Decision.from_objections(objections), tuple(alarms), left)


def _month(at: datetime) -> tuple[int, int]:
    there = at.astimezone(UTC)
    return there.year, there.month


_SPENT = {
    "month": gettext_noop("The agreement's budget of %(most)s blind comparisons a month does not cover this round."),
    "day": gettext_noop("The budget of %(most)s blind comparisons within 24 hours does not cover this round."),
    "case": gettext_noop("The budget of %(most)s blind comparisons for one case does not cover this round."),
}
_NEARLY = {
    "month": gettext_noop("The partner has used %(share)s %% of the month's budget of blind comparisons."),
    "day": gettext_noop("The partner has used %(share)s %% of the budget of blind comparisons within 24 hours."),
    "case": gettext_noop("The partner has used %(share)s %% of one case's budget of blind comparisons."),
}
_OFTEN = gettext_noop("The partner asked %(rounds)s rounds within 24 hours; this may be probing.")
_REFUSED = gettext_noop("The partner asked beyond the budget %(rounds)s times within 24 hours; this may be probing.")
