"""A judgement: a named human's decision whether two entities are the same; reversible, never automatic.

Invariant: a judgement has a person and a reason; reversing it is a new judgement that keeps the old one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop


class Verdict(StrEnum):
    """What the human decided."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


class JudgementIncomplete(BadInput):
    """A judgement lacks its person, its reason or its second entity."""

    code = "judgement-incomplete"
    sentence = gettext_noop("A judgement needs two different entities, the person who decided and the reason.")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision about the pair (`left`, `right`), kept in sorted order so that the pair has one name."""

    left: str
    right: str
    verdict: Verdict
    by: str
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        if self.left == self.right or not self.by.strip() or not self.reason.strip():
            raise JudgementIncomplete
        if self.left > self.right:
            left, right = self.right, self.left
            object.__setattr__(self, "left", left)
            object.__setattr__(self, "right", right)

    def reversed_by(self, by: str, reason: str, at: datetime) -> Judgement:
        """The judgement that takes this one back."""
        return replace(self, verdict=Verdict.UNDECIDED, by=by, reason=reason, at=at)


def clusters(judgements: list[Judgement]) -> dict[str, str]:
    """Each entity that was judged the same as another, with the smallest id of its cluster.

    Of several judgements on a pair the latest counts; so a reversal undoes the cluster.
    """
    latest: dict[tuple[str, str], Judgement] = {}
    for judgement in sorted(judgements, key=lambda one: one.at):
        latest[judgement.left, judgement.right] = judgement
    heads: dict[str, str] = {}

    def head(entity: str) -> str:
        while heads.get(entity, entity) != entity:
            entity = heads[entity]
        return entity

    for (left, right), judgement in latest.items():
        if judgement.verdict is Verdict.SAME:
            low, high = sorted((head(left), head(right)))
            heads[high] = low
            heads.setdefault(low, low)
    return {entity: head(entity) for entity in heads}
