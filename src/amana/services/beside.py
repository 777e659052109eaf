"""Two profiles beside each other before somebody judges: what agrees, what adds, what contradicts.

Invariant: it changes nothing and decides nothing; both looks stand in the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from amana import matching
from amana.domain.answers import Reason
from amana.domain.contradiction import contradict
from amana.domain.folding import fold
from amana.domain.handling import Handling
from amana.domain.judgement import JudgementIncomplete
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import is_name
from amana.matching.score import POSSIBLE, Score
from amana.records.models import Judgement
from amana.services.compared import joint_subject, read_compared
from amana.services.entity_leads import weigh
from amana.services.judgements import find_entity, key_of_entity, standing_of
from amana.services.profile_parts import Group, Value
from amana.services.profiles import Profile, open_profile

MOST_NAMES = 20  # of each side that are put beside each other


class Relation(StrEnum):
    """How what two profiles say of one property stands to each other."""

    CONTRADICTS = "contradicts"
    AGREES = "agrees"
    RESEMBLES = "resembles"  # a name in another spelling or script
    ADDS = "adds"


@dataclass(frozen=True, slots=True)
class Row:
    """One property with the values of both sides."""

    property: str
    schema: str
    one: tuple[Value, ...]
    other: tuple[Value, ...]
    relation: Relation


@dataclass(frozen=True, slots=True)
class Beside:
    """Two profiles side by side, or two entries where judgements make them one profile already (`joined`).

    `judged` is what was decided of the two entries last and stands.
    """

    one: Profile
    other: Profile
    rows: tuple[Row, ...]
    score: Score
    evidence: tuple[Reason, ...]
    weakness: tuple[Reason, ...]
    handling: Handling | None
    judged: Judgement | None
    joined: bool

    @property
    def hundredths(self) -> int:
        """The likeness in hundredths."""
        return round(100 * self.score.value)

    def counted(self) -> dict[str, int]:
        """How many properties agree, add and contradict."""
        return {str(one): sum(row.relation is one for row in self.rows) for one in Relation}


def put_beside(one: int, other: int, *, viewpoint: Viewpoint) -> Beside:
    """See two entities side by side, statement by statement, and the marking that they would carry together.

    Raises EntityUnknown, JudgementIncomplete.
    """
    if one == other:
        raise JudgementIncomplete
    pair = (find_entity(one, viewpoint=viewpoint), find_entity(other, viewpoint=viewpoint))
    standing, keys = standing_of(pair, viewpoint=viewpoint), [key_of_entity(entity) for entity in pair]
    joined = keys[1] in standing.one_profile(keys[0])
    left, right = (
        open_profile(number, alone=joined, viewpoint=viewpoint, reason="comparison") for number in (one, other)
    )
    known = read_compared({row.pk for side in (left, right) for row in side.members}, viewpoint=viewpoint)
    score = matching.compare(
        *(joint_subject(known[row.pk] for row in side.members if row.pk in known) for side in (left, right))
    )
    evidence, weakness = weigh(score)
    marks = [one for one in (left.handling, right.handling) if one is not None]
    return Beside(
        left,
        right,
        _rows(left.groups, right.groups),
        score,
        evidence,
        weakness,
        marks[0].meet(marks[-1]) if marks else None,
        standing.standing(frozenset(keys)),
        joined,
    )


def _rows(left: tuple[Group, ...], right: tuple[Group, ...]) -> tuple[Row, ...]:
    """The properties of both sides, contradictions first."""
    ones, others = ({group.property: group for group in groups} for groups in (left, right))
    rows = []
    for name in dict.fromkeys([*ones, *others]):
        group = ones.get(name) or others[name]
        one = ones[name].values if name in ones else ()
        other = others[name].values if name in others else ()
        rows.append(Row(name, group.schema, one, other, _relation(group.schema, name, one, other)))
    order = list(Relation)
    return tuple(sorted(rows, key=lambda row: order.index(row.relation)))


def _relation(schema: str, name: str, one: tuple[Value, ...], other: tuple[Value, ...]) -> Relation:
    said, also = [value.value for value in one], [value.value for value in other]
    if said and also and contradict(schema, name, [*said, *also]):
        return Relation.CONTRADICTS
    if set(map(fold, said)) & set(map(fold, also)):
        return Relation.AGREES
    pairs = [(a, b) for a in said[:MOST_NAMES] for b in also[:MOST_NAMES]] if is_name(schema, name) else []
    alike = bool(pairs) and float(matching.compare_many(pairs).max()) >= POSSIBLE
    return Relation.RESEMBLES if alike else Relation.ADDS
