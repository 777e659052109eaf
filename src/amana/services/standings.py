"""Where requests stand: the domain's one state machine, fed with what both sides signed.

Invariant: asker and holder feed the same values: the clock of the agreement that the request came under, the instant
that the holder's signed receipt names, and the time of each counted answer's message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amana.domain.request import Outcome, RequestEvent, Standing, stand
from amana.exchange.protocol import Step
from amana.records.models import Request, RequestAnswer
from amana.records.queries.requests import AnswerEvent, RequestEvents

_ABOUT_ITS_MEANING = (Outcome.CLARIFICATION, Outcome.CLARIFIED)
_NEVER = datetime.max.replace(tzinfo=UTC)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Pace(StrEnum):
    """How a request's clock stands: not running yet, running, in its last quarter, run out, or stopped by an end."""

    UNSTARTED = "not-received-yet"
    RUNNING = "running"
    SOON = "due-soon"
    OVERDUE = "overdue"
    ENDED = "ended"


class Column(StrEnum):
    """Where a request stands on the board: by its end, then by its clock, then by whose turn it is."""

    TO_ANSWER = "to-answer"
    CLARIFICATION = "clarification"
    WAITING = "waiting-for-partner"
    SOON = "due-soon"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a request stands at the time `at`, by its events alone: nothing of its report need be read for it."""

    events: RequestEvents
    standing: Standing
    at: datetime

    @property
    def received_at(self) -> datetime | None:
        """When its holder received it, where that is known."""
        return self.events.received_at

    @property
    def left(self) -> timedelta | None:
        """The time left, negative when it has run out; None before receipt and after the end."""
        return self.standing.due - self.at if self.standing.due and self.standing.open else None

    @property
    def pace(self) -> Pace:
        """How its clock stands."""
        if not self.standing.open:
            return Pace.ENDED
        if self.left is None:
            return Pace.UNSTARTED
        if self.standing.overdue(self.at):
            return Pace.OVERDUE
        return Pace.SOON if self.left * 4 <= self.events.clock else Pace.RUNNING

    @property
    def asked_back(self) -> bool:
        """Whether the holder asked what is meant and the asker has not said it yet."""
        said = [one.outcome for one in self.events.answers if one.outcome in _ABOUT_ITS_MEANING]
        return said[-1:] == [Outcome.CLARIFICATION]

    @property
    def waits_for_us(self) -> bool:
        """Whether the next step is this node's: to answer, or to say what the partner asked back."""
        return self.standing.open and self.asked_back == self.events.ours

    @property
    def column(self) -> Column:
        """Where it stands on the board."""
        by_pace = {Pace.ENDED: Column.DONE, Pace.OVERDUE: Column.OVERDUE, Pace.SOON: Column.SOON}
        if self.pace in by_pace:
            return by_pace[self.pace]
        if self.asked_back:
            return Column.CLARIFICATION
        return Column.WAITING if self.events.ours else Column.TO_ANSWER


Standings = TypeVar("Standings", bound=Stood)


@dataclass(frozen=True, slots=True)
class Listed(Stood):
    """The same with the row and what a list shows of its report."""

    row: Request

    @property
    def problem(self) -> str:
        """The code of what holds our request up on its way, or of the partner's refusal to take it."""
        return self.row.message.outbox.problem if self.row.ours else ""


@dataclass(frozen=True, slots=True)
class Asked(Listed):
    """A request between this node and one partner with its answers, as it stands at the time `at`."""

    answers: tuple[RequestAnswer, ...]


def received_at(row: Request) -> datetime | None:
    """When the holder received it: what its node wrote down and what its signed receipt says are one instant."""
    if not row.ours:
        return row.message.received_at
    return next((one.at for one in row.message.receipts.all() if one.step == Step.RECEIVED), None)


def standing_of(row: Request, *, at: datetime, newer: Sequence[Request] = (), without: object = None) -> Asked:
    """One request as it stands at a time.

    A version ends when a `newer` one is received, as if it were withdrawn; the answer `without` is not counted.
    """
    answers = tuple(one for one in row.answers.all() if one.uid != without)
    ends = [row.withdrawn_at, *(received_at(one) for one in newer)]
    events = RequestEvents(
        pk=row.pk,
        partner=row.partner_id,
        ours=row.ours,
        clock=row.clock,
        received_at=received_at(row),
        withdrawn_at=min((end for end in ends if end is not None), default=None),
        answers=tuple(AnswerEvent(one.outcome, one.ground, one.hours, one.at) for one in answers),
    )
    stood = stand_of(events, at=at)
    return Asked(events, stood.standing, at, row, answers)


def stand_of(events: RequestEvents, *, at: datetime) -> Stood:
    """One request as it stands at a time, where only its events were read, as for figures over many."""
    standing = stand(
        clock=events.clock,
        received_at=events.received_at,
        events=[RequestEvent(Outcome(said.outcome), said.at, said.hours) for said in events.answers],
        withdrawn_at=events.withdrawn_at,
        at=at,
    )
    return Stood(events, standing, at)


def in_order(found: Iterable[Standings]) -> list[Standings]:
    """What runs out first at the head, then what was not received yet, then what has ended."""
    return sorted(found, key=lambda one: (not one.standing.open, one.standing.due or _NEVER))


def clock_in_words(asked: Stood) -> str:
    """The clock as a colleague would say it, such as “2 h 10 min left of 8 h”, in the reader's language."""
    if asked.pace is Pace.ENDED:
        return ""
    if asked.left is None:
        return _("not received yet; the clock starts then")
    words = {"time": in_words(abs(asked.left)), "clock": in_words(asked.events.clock)}
    if asked.pace is Pace.OVERDUE:
        return _("overdue by %(time)s; it had %(clock)s") % words
    return _("%(time)s left of %(clock)s") % words


def in_words(time: timedelta) -> str:
    """A length of time in its two largest units, rounded down to the minute."""
    seconds = int(time.total_seconds())
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    day = ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
    hour, minute = _("%(number)s h") % {"number": hours}, _("%(number)s min") % {"number": minutes}
    if days:
        return f"{day} {hour}" if hours else day
    if hours:
        return f"{hour} {minute}" if minutes else hour
    return minute
