"""Judging whether two entities are one: a named officer's decision, with its reason, that can be undone.

Invariant: nothing is merged by the machine, and no row of a report is changed. What one profile holds follows from the
judgements that a viewpoint may see; undoing one restores exactly what was. A judgement whose reports ended or changed
stays, and says so. Judgements never leave the node.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotFound, gettext_noop
from amana.domain.judgement import JudgementIncomplete, Pair, Verdict, clusters_of, opposed_within, pair_of
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import comparable
from amana.records.models import Entity, Judgement, JudgementBasis, Report, User
from amana.records.queries.entities import judgements_of, keyed_entities, seen_entities, seen_links
from amana.services.journal import Act, record
from amana.services.rights import Deed, require

MOST_STEPS = 20  # from one entity to the next, so that a page ends


class EntityUnknown(NotFound):
    """No entity of that number may be seen from here."""

    code = "entity-unknown"
    sentence = gettext_noop("There is nobody and nothing of this number that you may see.")


class JudgementUnknown(NotFound):
    """No judgement of that number may be seen from here."""

    code = "judgement-unknown"
    sentence = gettext_noop("There is no judgement of this number that you may see.")


class KindsExclude(BadInput):
    """A person is no vessel."""

    code = "judgement-kinds"
    sentence = gettext_noop("Something of the kind “%(one)s” and something of the kind “%(other)s” cannot be the same.")


class JoinedOtherwise(Conflict):
    """Two entities are to be held apart that other judgements join."""

    code = "judgement-joined-otherwise"
    sentence = gettext_noop(
        "Other judgements make one profile of these two, through somebody between them. Undo one of those first."
    )


class HeldApart(Conflict):
    """Two profiles are to be joined within which somebody was judged not to be the same."""

    code = "judgement-held-apart"
    sentence = gettext_noop(
        "This would make one profile of entries of which %(officer)s judged that they are not the same. "
        "Undo that judgement first, or leave these apart."
    )


class JudgementOver(Conflict):
    """The judgement does not stand any more."""

    code = "judgement-over"
    sentence = gettext_noop("This judgement was undone or overtaken by a newer one; load the page anew.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What was judged of some entities, by pair, and those of them that may be seen, by originator/uid."""

    judgements: Mapping[Pair, list[Judgement]] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)

    @property
    def verdicts(self) -> dict[Pair, Verdict]:
        """The verdict that stands for each pair of which one does."""
        found = {pair: _standing(rows) for pair, rows in self.judgements.items()}
        return {pair: Verdict(row.verdict) for pair, row in found.items() if row is not None}

    def one_profile(self, key: str) -> frozenset[str]:
        """All entities that are one profile with this one."""
        seen = {pair: verdict for pair, verdict in self.verdicts.items() if pair <= self.entities.keys()}
        return clusters_of([key], seen)[key]

    def standing(self, pair: Pair) -> Judgement | None:
        """The judgement that stands for a pair."""
        return _standing(self.judgements.get(pair, []))

    def opposed(self, key: str) -> list[Judgement]:
        """Judgements that hold apart what others make one profile with this one."""
        pairs = opposed_within(self.one_profile(key), self.verdicts)
        return [row for pair in pairs if (row := self.standing(pair)) is not None]

    def apart_from(self, members: Collection[str]) -> set[str]:
        """Who was judged not to be the same as one of these."""
        return {
            key
            for pair, verdict in self.verdicts.items()
            if verdict is Verdict.DIFFERENT and pair & set(members)
            for key in pair - set(members)
        }


def key_of_entity(entity: Entity) -> str:
    """By what judgements name an entity: originator/uid."""
    return f"{entity.originator}/{entity.uid}"


def _standing(rows: Collection[Judgement]) -> Judgement | None:
    return next((row for row in sorted(rows, key=lambda one: -one.pk) if row.undone_at is None), None)


def standing_of(entities: Collection[Entity], *, viewpoint: Viewpoint) -> Standing:
    """What was judged of entities that are seen, and of all that this joins with them; one query where nothing was."""
    known = {key_of_entity(one): one for one in entities}
    found: dict[int, Judgement] = {}
    waiting, asked = set(known), set[str]()
    for _step in range(MOST_STEPS):
        if not waiting:
            break
        rows = judgements_of(waiting, viewpoint=viewpoint)
        asked |= waiting
        found |= {row.pk: row for row in rows}
        fresh = {key for row in rows for key in (row.one, row.other)} - known.keys() - asked
        known |= keyed_entities(fresh, viewpoint=viewpoint) if fresh else {}
        joined = {key for key in _joined(found.values()) if key in known}
        waiting = joined - asked
    return Standing(_by_pair(found.values()), known)


def _by_pair(rows: Collection[Judgement]) -> dict[Pair, list[Judgement]]:
    pairs: dict[Pair, list[Judgement]] = {}
    for row in sorted(rows, key=lambda one: one.pk):
        pairs.setdefault(frozenset((row.one, row.other)), []).append(row)
    return pairs


def _joined(rows: Collection[Judgement]) -> set[str]:
    """The keys of all pairs for which “the same” stands."""
    standing = ((pair, _standing(some)) for pair, some in _by_pair(rows).items())
    return {key for pair, row in standing if row is not None and row.verdict == Verdict.SAME for key in pair}


def find_entity(number: int, *, viewpoint: Viewpoint) -> Entity:
    """The entity of that number, where it may be seen. Raises EntityUnknown."""
    row = seen_entities(viewpoint=viewpoint).filter(pk=number).first()
    if row is None:
        raise EntityUnknown
    return row


@transaction.atomic
def judge(one: int, other: int, verdict: Verdict, *, reason: str, viewpoint: Viewpoint, by: User) -> Judgement:
    """Decide that two entities are the same, are not, or that one cannot tell; it stands until undone or overtaken.

    Raises EntityUnknown, JudgementIncomplete, KindsExclude, JoinedOtherwise, HeldApart.
    """
    require(by, Deed.JUDGE)
    pair = (find_entity(one, viewpoint=viewpoint), find_entity(other, viewpoint=viewpoint))
    keys = sorted(pair_of(*map(key_of_entity, pair), by=by.username, reason=reason))
    if verdict is Verdict.SAME:
        _require_kinds(*pair)
    number = uuid4()
    # The log's head is locked from here on, so that whoever judges at the same time sees this or is seen.
    _note("entities-judged", number, [("verdict", str(verdict))], viewpoint=viewpoint, by=by)
    before = standing_of(pair, viewpoint=viewpoint)
    _require_fit(before, (keys[0], keys[1]), verdict)
    row = Judgement.objects.create(
        uid=number, one=keys[0], other=keys[1], verdict=verdict, reason=reason.strip(), by=by, at=timezone.now()
    )
    members = before.one_profile(keys[0]) | before.one_profile(keys[1])
    _stand_on(row, [before.entities[key].pk for key in members], viewpoint=viewpoint)
    return row


def _require_kinds(one: Entity, other: Entity) -> None:
    schemata = one.schema, other.schema
    if one.schema != other.schema and not (comparable(*schemata) or comparable(*reversed(schemata))):
        raise KindsExclude(one=one.schema, other=other.schema)


def _require_fit(before: Standing, keys: tuple[str, str], verdict: Verdict) -> None:
    """A new verdict may not contradict what else stands, as far as this viewpoint sees."""
    pair = frozenset(keys)
    verdicts = {one: said for one, said in before.verdicts.items() if one <= before.entities.keys()} | {pair: verdict}
    members = clusters_of([keys[0]], verdicts)[keys[0]]
    if verdict is Verdict.DIFFERENT and keys[1] in members:
        raise JoinedOtherwise
    opposed = opposed_within(members, verdicts) if verdict is Verdict.SAME else []
    if opposed:
        against = before.standing(opposed[0])
        raise HeldApart(officer=against.by.username if against else "")


def _stand_on(row: Judgement, entities: Collection[int], *, viewpoint: Viewpoint) -> None:
    """Note all reports on which an officer who saw these entities decided."""
    links = seen_links(viewpoint=viewpoint).filter(entity__in=entities)
    reports = Report.objects.filter(pk__in=links.values("report_id")).order_by("pk").values_list("pk", "edition")
    JudgementBasis.objects.bulk_create(
        [JudgementBasis(judgement=row, report_id=report, edition=edition) for report, edition in reports],
        batch_size=500,
    )


@transaction.atomic
def undo_judgement(number: UUID, *, of: int | None = None, reason: str, viewpoint: Viewpoint, by: User) -> Judgement:
    """Take a judgement back: what stood before it stands again, and the history keeps both.

    `of` is the entity on whose profile it stands, where that is said.
    Raises EntityUnknown, JudgementUnknown, JudgementIncomplete, JudgementOver.
    """
    require(by, Deed.JUDGE)
    if not reason.strip():
        raise JudgementIncomplete
    row = find_judgement(number, viewpoint=viewpoint)
    if of is not None and not {row.one, row.other} & _profile_keys(of, viewpoint=viewpoint):
        raise JudgementUnknown
    _note("judgement-undone", number, [("verdict", row.verdict)], viewpoint=viewpoint, by=by)
    rows = [one for one in judgements_of([row.one], viewpoint=viewpoint) if row.other in (one.one, one.other)]
    if _standing(rows) != row:
        raise JudgementOver
    changed = Judgement.objects.filter(pk=row.pk, undone_at=None).update(
        undone_by=by, undone_at=timezone.now(), undone_reason=reason.strip()
    )
    if not changed:
        raise JudgementOver
    row.refresh_from_db()
    return row


def _profile_keys(number: int, *, viewpoint: Viewpoint) -> set[str]:
    entity = find_entity(number, viewpoint=viewpoint)
    key = key_of_entity(entity)
    return {key} | set(standing_of([entity], viewpoint=viewpoint).one_profile(key))


def find_judgement(number: UUID, *, viewpoint: Viewpoint) -> Judgement:
    """The judgement of that number, where it may be seen. Raises JudgementUnknown."""
    row = Judgement.objects.filter(uid=number).first()
    seen = judgements_of([row.one], viewpoint=viewpoint) if row is not None else []
    if row not in seen:
        raise JudgementUnknown
    return next(one for one in seen if one == row)


def _note(verb: str, number: UUID, details: list[tuple[str, str]], *, viewpoint: Viewpoint, by: User) -> None:
    details = [*details, *viewpoint.in_log]
    record(Act.COMBINATION, verb, f"judgement:{number}", by=by.username, reason="judgement", details=details)
