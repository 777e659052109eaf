"""What a comparison answers: a value and the reasons for it.

Invariant: a value is in [0, 1]; a score above 0 names at least one reason. A score says how alike two records are and
nothing about a person: it is a lead for a human, who judges.
"""

from __future__ import annotations

from dataclasses import dataclass

from amana.domain.answers import Reason

POSSIBLE = 0.5  # about one in a hundred different, but similar, pairs of names reaches it
STRONG = 0.8  # about one in a thousand


@dataclass(frozen=True, slots=True)
class Score:
    """How alike two names or two records are, in [0, 1], and because of what."""

    value: float
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError("a score lies between 0 and 1")
        if self.value > 0 and not self.reasons:
            raise ValueError("a score above 0 needs a reason")
