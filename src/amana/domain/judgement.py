"""A judgement: a named human's word on whether two entities are one.

Invariant: a judgement has a person, a reason and two different entities. Of all that was said of a pair and not undone
the newest stands; one profile is made by positive judgements only, so that what nobody joined is never joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop

Pair = frozenset[str]


class Verdict(StrEnum):
    """What was decided of two entities."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


class JudgementIncomplete(BadInput):
    """A judgement lacks its person, its reason or its second entity."""

    code = "judgement-incomplete"
    sentence = gettext_noop("A judgement needs two different entities, the person who decided and the reason.")


def pair_of(one: str, other: str, *, by: str, reason: str) -> Pair:
    """The pair that somebody judges. Raises JudgementIncomplete."""
    if one == other or not by.strip() or not reason.strip():
        raise JudgementIncomplete
    return frozenset((one, other))


def clusters_of(keys: Iterable[str], verdicts: Mapping[Pair, Verdict]) -> dict[str, frozenset[str]]:
    """For each key all that positive judgements join with it, itself too."""
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for pair, verdict in verdicts.items():
        if verdict is Verdict.SAME:
            one, other = sorted(pair)
            beside[one].add(other)
            beside[other].add(one)
    found: dict[str, frozenset[str]] = {}
    for key in keys:
        if key in found:
            continue
        joined, waiting = {key}, [key]
        while waiting:
            fresh = beside[waiting.pop()] - joined
            joined |= fresh
            waiting += fresh
        found |= dict.fromkeys(joined, frozenset(joined))
    return found


def opposed_within(members: frozenset[str], verdicts: Mapping[Pair, Verdict]) -> list[Pair]:
    """The pairs of one profile that somebody judged not to be the same, in order."""
    found = [pair for pair, verdict in verdicts.items() if verdict is Verdict.DIFFERENT and pair <= members]
    return sorted(found, key=sorted)
