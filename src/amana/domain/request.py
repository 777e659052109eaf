"""A request and its answers: what is asked, how urgent, and the one state machine that both desks share.

Invariant: the standing of a request is a pure function of its question, the agreement's clocks and the signed events
both sides hold, so two desks with the same events see the same state and the same second.
After Directive (EU) 2023/977, Articles 4 to 6: clocks of 8 hours, 3 days and 7 days run from receipt; they stop only
for a judicial authorisation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json

LONGEST_EXTENSION_HOURS = 8760


class Urgency(StrEnum):
    """Why a request is urgent: the closed list of Directive (EU) 2023/977, Article 2(5), or `NONE`."""

    NONE = "not-urgent"
    PUBLIC_SECURITY = "immediate-serious-threat-to-public-security"
    LIFE = "imminent-danger-to-life-or-limb"
    RESTRICTIVE_MEASURE = "decision-that-may-keep-restrictive-measures"
    LOSS_OF_RELEVANCE = "imminent-loss-of-relevance-of-important-information"


class Access(StrEnum):
    """How the partner reaches what is asked; it decides between the two urgent clocks."""

    DIRECT = "direct"
    INDIRECT = "indirect"


class RefusalGround(StrEnum):
    """Why a request may be refused: Directive (EU) 2023/977, Article 6(1), as a closed list."""

    NOT_AVAILABLE = "not-available"
    CONDITIONS_NOT_MET = "conditions-not-met"
    AUTHORISATION_REFUSED = "judicial-authorisation-refused"
    CATEGORIES_NOT_PERMITTED = "categories-not-permitted"
    DATA_WRONG = "data-wrong-or-outdated"
    NATIONAL_SECURITY = "essential-national-security"
    ONGOING_INVESTIGATION = "ongoing-investigation-or-safety"
    PROTECTED_INTEREST = "protected-interest-of-a-legal-person"
    MINOR_OFFENCE = "minor-offence"
    NO_THIRD_PARTY_CONSENT = "third-party-has-not-consented"


class Outcome(StrEnum):
    """What an answer does to its request; the last is the asker's."""

    FULL = "full"
    PARTIAL = "partial"
    REFUSED = "refused"
    CLARIFICATION = "clarification-asked"
    EXTENSION = "extension"
    CLARIFIED = "clarified"


FINAL = frozenset({Outcome.FULL, Outcome.PARTIAL, Outcome.REFUSED})


class UrgencyUnreasoned(BadInput):
    """A request is called urgent without one of the admitted reasons, in words."""

    code = "request-urgency-unreasoned"
    sentence = gettext_noop("Urgency needs one of the admitted reasons and, in words, why it applies here.")


class AnswerMalformed(BadInput):
    """An answer lacks what its outcome needs, or carries what it may not."""

    code = "request-answer-malformed"
    sentence = gettext_noop(
        "A refusal names one ground of the closed list, an extension its length in hours; other answers name neither."
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What makes a report a request: why the partner is believed to hold it, and how urgent it is and why."""

    grounds: str
    urgency: Urgency = Urgency.NONE
    urgency_reason: str = ""
    access: Access = Access.DIRECT

    def __post_init__(self) -> None:
        if (self.urgency is Urgency.NONE) != (not self.urgency_reason.strip()):
            raise UrgencyUnreasoned

    def missing(self) -> tuple[str, ...]:
        """What a request still needs before it may leave."""
        return () if self.grounds.strip() else ("grounds-to-believe",)

    def words(self) -> tuple[str, ...]:
        """What it is found by."""
        return (self.grounds, self.urgency_reason)

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "grounds": self.grounds,
            "urgency": str(self.urgency),
            "urgency_reason": self.urgency_reason,
            "access": str(self.access),
        }

    @classmethod
    def from_json(cls, data: object) -> Question:
        """Read the form; raises BadInput."""
        with Form(data, "question") as form:
            return cls(
                grounds=form.text("grounds", most=20_000),
                urgency=form.choice("urgency", Urgency),
                urgency_reason=form.text("urgency_reason", most=20_000),
                access=form.choice("access", Access),
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """What makes a report a reply: the request it answers, by number and by the hash of the bytes that its holder has.

    `ground` stands with a refusal only, `hours` (how long the clock stops) with an extension only.
    """

    request: str
    request_sha256: str
    outcome: Outcome
    ground: RefusalGround | None = None
    hours: int = 0

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.REFUSED) != (self.ground is not None):
            raise AnswerMalformed
        if (self.outcome is Outcome.EXTENSION) != (self.hours > 0):
            raise AnswerMalformed

    def missing(self) -> tuple[str, ...]:
        """What an answer still needs before it may leave: nothing that its form does not hold already."""
        return ()

    def words(self) -> tuple[str, ...]:
        """What it is found by."""
        return ()

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "request": self.request,
            "request_sha256": self.request_sha256,
            "outcome": str(self.outcome),
            "ground": str(self.ground) if self.ground else None,
            "hours": self.hours,
        }

    @classmethod
    def from_json(cls, data: object) -> Answer:
        """Read the form; raises BadInput."""
        with Form(data, "answer") as form:
            ground = form.maybe_text("ground", most=80)
            try:
                known = RefusalGround(ground) if ground is not None else None
            except ValueError as error:
                raise form.wrong("ground") from error
            return cls(
                request=form.text("request", most=36),
                request_sha256=form.text("request_sha256", most=64),
                outcome=form.choice("outcome", Outcome),
                ground=known,
                hours=form.number("hours", most=LONGEST_EXTENSION_HOURS),
            )


class RequestState(StrEnum):
    """Where a request stands, on both desks alike."""

    SENT = "sent"
    OPEN = "open"
    CLARIFYING = "clarification-asked"
    AUTHORISING = "waiting-for-authorisation"
    PARTIAL = "answered-in-part"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ENDED = frozenset({RequestState.ANSWERED, RequestState.REFUSED, RequestState.WITHDRAWN, RequestState.PARTIAL})


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One signed answer to a request, at the time its message was made; `hours` of an extension."""

    outcome: Outcome
    at: datetime
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands: `due` is None before receipt; `ended_at` when it was answered, refused or withdrawn."""

    state: RequestState
    due: datetime | None
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state not in ENDED

    def overdue(self, at: datetime) -> bool:
        """Whether it was not answered by its time."""
        return self.due is not None and (self.ended_at or at) > self.due

    def answered_in_time(self) -> bool:
        """Whether a final answer came by its time."""
        return self.due is not None and self.ended_at is not None and self.ended_at <= self.due


_AFTER = {
    Outcome.FULL: RequestState.ANSWERED,
    Outcome.PARTIAL: RequestState.PARTIAL,
    Outcome.REFUSED: RequestState.REFUSED,
    Outcome.CLARIFICATION: RequestState.CLARIFYING,
    Outcome.CLARIFIED: RequestState.OPEN,
    Outcome.EXTENSION: RequestState.AUTHORISING,
}


def stand(
    *,
    clock: timedelta,
    received_at: datetime | None,
    events: Iterable[RequestEvent],
    withdrawn_at: datetime | None = None,
    at: datetime,
) -> Standing:
    """Where a request stands at a time, from what both sides signed.

    The clock runs from receipt; each extension moves its end by its hours; a clarification does not stop it. A second
    final answer changes nothing, and nothing counts after a withdrawal.
    """
    if received_at is None:
        if withdrawn_at is not None and withdrawn_at <= at:
            return Standing(RequestState.WITHDRAWN, None, withdrawn_at)
        return Standing(RequestState.SENT, None)
    due, state, ended_at = received_at + clock, RequestState.OPEN, None
    authorised_until: datetime | None = None
    for event in sorted(events, key=lambda one: one.at):
        if ended_at is not None or event.at > (at if withdrawn_at is None else min(at, withdrawn_at)):
            break
        state = _AFTER[event.outcome]
        if event.outcome is Outcome.EXTENSION:
            due += timedelta(hours=event.hours)
            authorised_until = event.at + timedelta(hours=event.hours)
        elif event.outcome in FINAL:
            ended_at = event.at
    if withdrawn_at is not None and withdrawn_at <= at and ended_at is None:
        return Standing(RequestState.WITHDRAWN, due, withdrawn_at)
    if state is RequestState.AUTHORISING and authorised_until is not None and at >= authorised_until:
        state = RequestState.OPEN
    return Standing(state, due, ended_at)
