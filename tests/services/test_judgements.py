"""Judging who is who: reversible, by viewpoint, never against what stands, and flagged when its ground is gone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from amana.domain.errors import AmanaError, NotAllowed
from amana.domain.handling import Tlp
from amana.domain.judgement import JudgementIncomplete, Verdict
from amana.domain.statement import Entity
from amana.exchange.protocol import RecallBody, Type
from amana.records.models import Entity as EntityRow
from amana.records.models import Judgement, LogEntry, Statement, User
from amana.services.beside import Relation, put_beside
from amana.services.entities import Asked, search_entities
from amana.services.entity_leads import list_leads
from amana.services.judgements import (
    EntityUnknown,
    HeldApart,
    JoinedOtherwise,
    JudgementOver,
    JudgementUnknown,
    KindsExclude,
    judge,
    standing_of,
    undo_judgement,
)
from amana.services.profiles import Profile, open_profile
from tests.conftest import officer
from tests.counterpart import Counterpart
from tests.services.asking import entrusted, look
from tests.services.test_entities import holds, number_of, someone

SAME, DIFFERENT, UNDECIDED = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNDECIDED


def several(alice: User, many: int, tlp: Tlp = Tlp.AMBER) -> list[Entity]:
    """Some people of one name, each from a report of its own."""
    found = [someone() for _ in range(many)]
    for one in found:
        holds(alice, (one, "name", "Karim Belkadi"), tlp=tlp)
    return found


def decide(by: User, one: Entity, other: Entity, verdict: Verdict = SAME) -> Judgement:
    return judge(number_of(one), number_of(other), verdict, reason="The same passport.", viewpoint=look(by), by=by)


def undo(by: User, row: Judgement) -> Judgement:
    return undo_judgement(row.uid, reason="Another man.", viewpoint=look(by), by=by)


def seen(by: User, entity: Entity) -> Profile:
    return open_profile(number_of(entity), viewpoint=look(by))


def members(by: User, entity: Entity) -> set[str]:
    return {one.uid for one in seen(by, entity).members}


def ids(entities: Sequence[Entity]) -> set[str]:
    return {one.id for one in entities}


def test_entities_judged_the_same_are_one_profile_and_one_line(alice: User) -> None:
    a, b, c = several(alice, 3)
    rows = Statement.objects.order_by("pk").values_list("pk", "entity_id", "report_id", "value")
    before = list(rows)
    decide(alice, a, b)
    assert members(alice, a) == members(alice, b) == ids([a, b])
    assert members(alice, c) == ids([c])
    assert len(seen(alice, a).reports) == 2
    results = search_entities(Asked("Karim Belkadi"), viewpoint=look(alice))
    assert sorted(one.entries for one in results.found) == [1, 2]
    assert list(rows) == before
    assert LogEntry.objects.filter(event__contains="entities-judged").count() == 1


def test_profiles_reach_over_several_judgements(alice: User) -> None:
    a, b, c, d = several(alice, 4)
    decide(alice, a, b)
    decide(alice, b, c)
    decide(alice, c, d, UNDECIDED)
    assert members(alice, a) == members(alice, c) == ids([a, b, c])


def test_undoing_restores_what_was_and_the_history_keeps_both(alice: User, omar: User) -> None:
    a, b = several(alice, 2)
    decide(alice, a, b, DIFFERENT)
    row = decide(omar, a, b)
    assert members(alice, a) == ids([a, b])
    undo(alice, row)
    assert members(alice, a) == ids([a])
    standing = [(one.row.verdict, one.stands) for one in seen(alice, a).history]
    assert standing == [("same", False), ("different", True)]
    undone = seen(alice, a).history[0].row
    assert (undone.undone_by, undone.undone_reason) == (alice, "Another man.")


def test_what_was_undone_or_overtaken_cannot_be_undone(alice: User) -> None:
    a, b = several(alice, 2)
    first = decide(alice, a, b)
    second = decide(alice, a, b, UNDECIDED)
    with pytest.raises(JudgementOver):
        undo(alice, first)
    undo(alice, second)
    undo(alice, first)
    with pytest.raises(JudgementOver):
        undo(alice, first)
    assert LogEntry.objects.filter(event__contains="judgement-undone").count() == 2


def test_a_no_within_a_profile_is_refused(alice: User) -> None:
    a, b, c = several(alice, 3)
    decide(alice, a, b)
    decide(alice, b, c)
    with pytest.raises(JoinedOtherwise):
        decide(alice, a, c, DIFFERENT)
    decide(alice, a, b, DIFFERENT)  # what joined them directly is overtaken
    assert members(alice, a) == ids([a])


def test_a_yes_over_a_no_is_refused(alice: User) -> None:
    a, b, c = several(alice, 3)
    decide(alice, a, c, DIFFERENT)
    decide(alice, a, b)
    with pytest.raises(HeldApart) as refused:
        decide(alice, b, c)
    assert "alice" in str(refused.value)
    assert Judgement.objects.count() == 2
    assert LogEntry.objects.filter(event__contains="entities-judged").count() == 2


def test_a_contradiction_that_only_some_can_see_is_flagged_to_them(alice: User, nadia: User) -> None:
    a, b, c = several(alice, 3, Tlp.GREEN)
    holds(alice, (b, "name", "Karim B."), tlp=Tlp.RED)
    decide(alice, a, b)
    decide(alice, b, c)
    assert members(nadia, a) == ids([a])
    no = decide(nadia, a, c, DIFFERENT)
    assert [one.pk for one in seen(alice, a).opposed] == [no.pk]
    assert seen(nadia, a).opposed == ()


def test_a_judgement_is_seen_where_all_it_stood_on_may_be_read(alice: User, nadia: User) -> None:
    a, b = several(alice, 2, Tlp.GREEN)
    decide(alice, a, b)
    assert members(nadia, a) == ids([a, b])
    c, d = several(alice, 2, Tlp.GREEN)
    holds(alice, (d, "birthDate", "1980"), tlp=Tlp.RED)
    row = decide(alice, c, d)
    assert members(nadia, c) == ids([c])
    assert seen(nadia, c).history == ()
    with pytest.raises(JudgementUnknown):
        undo(nadia, row)


def test_one_judges_only_what_one_sees_and_only_who_may(alice: User, nadia: User) -> None:
    a, b = several(alice, 2)
    with pytest.raises(EntityUnknown):
        decide(nadia, a, b)
    releaser = officer("yusuf", "releasing-officer")
    with pytest.raises(NotAllowed):
        decide(releaser, a, b)
    assert not Judgement.objects.exists()


def test_a_judgement_needs_a_reason_and_two_of_one_kind(alice: User) -> None:
    a, vessel = someone(), someone("Vessel")
    holds(alice, (a, "name", "Amal Star"), (vessel, "name", "Amal Star"))
    with pytest.raises(KindsExclude):
        decide(alice, a, vessel)
    with pytest.raises(JudgementIncomplete):
        decide(alice, a, a)
    decide(alice, a, vessel, DIFFERENT)
    with pytest.raises(JudgementIncomplete):
        judge(number_of(a), number_of(vessel), DIFFERENT, reason=" ", viewpoint=look(alice), by=alice)


def test_whom_one_judged_to_be_another_is_no_lead_any_more(alice: User) -> None:
    a, b, c = several(alice, 3)
    assert {one.entity.uid for one in list_leads(number_of(a), viewpoint=look(alice))} == ids([b, c])
    row = decide(alice, a, b, DIFFERENT)
    decide(alice, a, c, UNDECIDED)
    (lead,) = list_leads(number_of(a), viewpoint=look(alice))
    assert (lead.entity.uid, lead.undecided) == (c.id, True)
    decide(alice, b, c)  # now c is one with whom a is not
    assert list_leads(number_of(a), viewpoint=look(alice)) == ()
    undo(alice, row)
    assert len(list_leads(number_of(a), viewpoint=look(alice))) == 1


def test_a_recall_takes_its_words_and_flags_the_judgement(alice: User, washington: Counterpart) -> None:
    row = entrusted(washington)
    theirs = EntityRow.objects.get(originator="washington", schema="Person")
    (a,) = several(alice, 1)
    judged = judge(number_of(a), theirs.pk, SAME, reason="The same man.", viewpoint=look(alice), by=alice)
    assert len(seen(alice, a).members) == 2
    assert seen(alice, a).history[0].changed == ()
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (1,), "wrong")))
    shown = seen(alice, a)
    assert len(shown.members) == 1
    (history,) = shown.history
    assert history.row == judged
    assert history.stands
    assert history.entity is None
    assert [one.state for one in history.changed] == ["withdrawn"]
    assert Judgement.objects.filter(undone_at=None).count() == 1


def test_a_changed_draft_flags_what_stood_on_it(alice: User) -> None:
    from amana.services.reports import change_draft

    a, b = several(alice, 2)
    decide(alice, a, b)
    change_draft(seen(alice, a).reports[0].uid, by=alice, title="Another title")
    assert len(seen(alice, a).history[0].changed) == 1
    assert members(alice, a) == ids([a, b])


def test_two_profiles_stand_beside_each_other_and_nothing_is_decided(alice: User) -> None:
    a, b = someone(), someone()
    holds(alice, (a, "name", "Karim Belkadi"), (a, "birthDate", "1980-05-17"), (a, "nationality", "ma"))
    holds(alice, (b, "name", "Karim Belkadi"), (b, "birthDate", "1981"), (b, "alias", "Abu K."), tlp=Tlp.RED)
    beside = put_beside(number_of(a), number_of(b), viewpoint=look(alice))
    relations = {row.property: row.relation for row in beside.rows}
    assert relations == {
        "birthDate": Relation.CONTRADICTS,
        "name": Relation.AGREES,
        "nationality": Relation.ADDS,
        "alias": Relation.ADDS,
    }
    assert beside.rows[0].property == "birthDate"
    assert beside.handling is not None
    assert beside.handling.tlp is Tlp.RED
    assert beside.counted() == {"contradicts": 1, "agrees": 1, "resembles": 0, "adds": 2}
    assert not any(why.code == "name-only" for why in beside.weakness)
    assert beside.judged is None
    assert not Judgement.objects.exists()
    with pytest.raises(JudgementIncomplete):
        put_beside(number_of(a), number_of(a), viewpoint=look(alice))


def test_a_name_in_another_script_resembles(alice: User) -> None:
    a, b = someone(), someone()
    holds(alice, (a, "name", "Karim Belkadi"), (b, "name", "كريم بلقاضي"), (b, "alias", "Omar"), (a, "alias", "Zephyr"))
    beside = put_beside(number_of(a), number_of(b), viewpoint=look(alice))
    assert {row.property: row.relation for row in beside.rows} == {"name": Relation.RESEMBLES, "alias": Relation.ADDS}
    assert any(why.code == "name-only" for why in beside.weakness)


def test_a_judgement_never_crosses_the_wire(alice: User, washington: Counterpart) -> None:
    from amana.exchange.protocol import Type

    assert not any("judge" in str(one).lower() for one in Type)


class Laws(TestCase):
    """Laws over any course of judgements of four people."""

    def setUp(self) -> None:
        import tempfile
        from pathlib import Path

        from django.conf import settings

        from amana.services.node import init_node

        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        kept = settings.AMANA
        self.addCleanup(setattr, settings, "AMANA", kept)
        settings.AMANA = kept.model_copy(update={"home": Path(self.home.name) / "rabat"})
        init_node(agency="Agency of Rabat", country="MA", name="rabat")
        self.alice = officer(f"alice-{uuid4().hex}", "author", "analyst")
        self.people = several(self.alice, 4)

    def state(self) -> tuple[object, ...]:
        """What stands: the verdict of every pair and who is one profile."""
        rows = EntityRow.objects.filter(uid__in=ids(self.people))
        standing = standing_of(list(rows), viewpoint=look(self.alice))
        keys = [f"rabat/{one.id}" for one in self.people]
        return standing.verdicts, [standing.one_profile(key) for key in keys]

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(Verdict)), min_size=1, max_size=7))
    def test_undo_restores_exactly_what_was(self, steps: list[tuple[int, int, Verdict]]) -> None:
        Judgement.objects.all().delete()
        past = [self.state()]
        done = []
        for one, other, verdict in steps:
            try:
                done.append(decide(self.alice, self.people[one], self.people[other], verdict))
            except AmanaError:
                assert self.state() == past[-1]
                continue
            past.append(self.state())
        for row in reversed(done):
            past.pop()
            undo(self.alice, row)
            assert self.state() == past[-1]
        assert Judgement.objects.count() == len(done)
