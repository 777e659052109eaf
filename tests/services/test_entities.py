"""Searching entities and opening their profiles: across scripts, by numbers, and only what may be read."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.exchange.protocol import RecallBody, Type
from amana.records.models import Entity as EntityRow
from amana.records.models import LogEntry, Report, User
from amana.services import cases, recalls
from amana.services.entities import GROUPS, Asked, Results, in_group, number_forms, search_entities
from amana.services.entity_leads import list_leads
from amana.services.evidence import EvidenceUnknown, open_evidence
from amana.services.judgements import EntityUnknown
from amana.services.profiles import Profile, open_profile
from tests.counterpart import Counterpart, next_year
from tests.services.asking import about, entrusted, look
from tests.services.test_cross_checks import GRADE, SUSPECT
from tests.services.test_exchange import drafted

Row = tuple[Entity, str, str]


def someone(schema: str = "Person") -> Entity:
    return Entity(str(uuid4()), schema, Category.SUSPECT if schema == "Person" else None)


def marked(tlp: Tlp) -> Handling:
    return Handling(tlp=tlp, purposes=frozenset({Purpose.INVESTIGATION}), erase_by=next_year())


def holds(alice: User, *rows: Row, tlp: Tlp = Tlp.AMBER, **changes: object) -> Report:
    return drafted(alice, **({"text": "", "handling": marked(tlp)} | about(GRADE, *rows) | changes))


def number_of(entity: Entity) -> int:
    return EntityRow.objects.get(uid=entity.id).pk


def search(officer: User, words: str = "", **known: object) -> Results:
    return search_entities(Asked(words, **known), viewpoint=look(officer))  # type: ignore[arg-type]


def profile(officer: User, entity: Entity) -> Profile:
    return open_profile(number_of(entity), viewpoint=look(officer))


def names(results: Results) -> list[str]:
    return [one.called for one in results.found]


def test_a_name_in_another_script_finds_the_entity_with_reasons(alice: User) -> None:
    holds(alice, (someone(), "name", "Karim Belkadi"))
    holds(alice, (someone(), "name", "Omar Tazi"))
    results = search(alice, "كريم بلقاضي")
    assert names(results) == ["Karim Belkadi"]
    assert results.found[0].score is not None
    assert results.found[0].score.reasons
    assert results.found[0].strength == "strong"


@pytest.mark.parametrize(
    ("schema", "name", "value", "typed"),
    [
        ("Phone", "number", "+212661234567", "+212 661-234567"),
        ("Phone", "number", "+212661234567", "00212661234567"),
        ("Person", "passportNumber", "AB123456", "ab 123456"),
        ("Vehicle", "registrationNumber", "12345-A-6", "12345 a 6"),
        ("Vessel", "imoNumber", "IMO9074729", "9074729"),
        ("BankAccount", "iban", "FR1420041010050500013M02606", "FR14 2004 1010 0505 0001 3M02 606"),
        ("BankAccount", "accountNumber", "0050500013", "0050500013"),
        ("Container", "containerCode", "CSQU3054383", "csqu 305438-3"),
        ("Person", "email", "karim@example.org", "Karim@Example.org"),
    ],
)
def test_a_number_finds_what_bears_it_in_the_forms_it_is_written_in(
    alice: User, schema: str, name: str, value: str, typed: str
) -> None:
    entity = someone(schema)
    holds(alice, (entity, name, value))
    results = search(alice, typed)
    assert [one.entity.uid for one in results.found] == [entity.id]
    assert results.found[0].score is not None
    assert results.found[0].score.reasons[0].code == "identifier-same"


@pytest.mark.parametrize("words", ["", " ", "Karim", "x" * 200 + "1", "😀", "\u202e"])
def test_words_without_a_digit_are_no_number(words: str) -> None:
    assert number_forms(words) == set()


def test_a_kind_narrows_what_is_found(alice: User) -> None:
    vessel, person = someone("Vessel"), someone()
    holds(alice, (vessel, "name", "Amal Star"), (person, "name", "Amal Star"))
    assert len(search(alice, "Amal Star").found) == 2
    assert [one.entity.uid for one in search(alice, "Amal Star", group="vessel").found] == [vessel.id]
    assert search(alice, "Amal Star", group="phone").found == ()


def test_every_group_holds_its_own_schema_and_a_vessel_is_no_vehicle() -> None:
    for group, (within, _without) in GROUPS.items():
        assert all(in_group(name, group) for name in within)
    assert not in_group("Vessel", "vehicle")
    assert not in_group("Person", "organisation")
    assert in_group("Company", "organisation")


def test_what_one_may_not_read_is_neither_found_nor_counted(alice: User, nadia: User) -> None:
    holds(alice, (someone(), "name", "Karim Belkadi"), (someone("Phone"), "number", "+212661234567"))
    open_one = someone()
    holds(alice, (open_one, "name", "Karim Belkady"), tlp=Tlp.GREEN)
    assert search(alice, "Karim Belkadi").many == 2
    assert search(nadia, "Karim Belkadi").many == 1
    assert search(nadia, "+212661234567").many == 0
    assert [one.entity.uid for one in search(nadia).found] == [open_one.id]


def test_people_without_a_category_are_not_found_and_have_no_profile(alice: User) -> None:
    unknown = Entity(str(uuid4()), "Person", Category.UNKNOWN)
    holds(alice, (unknown, "name", "Karim Belkadi"))
    assert search(alice, "Karim Belkadi").many == 0
    assert search(alice).many == 0
    with pytest.raises(EntityUnknown):
        profile(alice, unknown)


def test_a_search_comes_in_pages(alice: User) -> None:
    for number in range(25):
        holds(alice, (someone(), "name", f"Karim Belkadi {number}"))
    first = search(alice, "Karim Belkadi")
    second = search_entities(Asked("Karim Belkadi"), page=2, viewpoint=look(alice))
    assert (first.many, first.pages, len(first.found), len(second.found)) == (25, 2, 20, 5)
    assert not {one.entity for one in first.found} & {one.entity for one in second.found}


def test_a_search_stands_in_the_log_without_what_was_asked(alice: User) -> None:
    holds(alice, (someone(), "name", "Karim Belkadi"))
    search(alice, "Karim Belkadi")
    (entry,) = LogEntry.objects.filter(event__contains="entities-searched")
    assert entry.event is not None
    assert "Belkadi" not in entry.event


def test_a_profile_groups_what_is_said_with_every_source(alice: User, washington: Counterpart) -> None:
    entity = someone()
    first = holds(alice, (entity, "name", "Karim Belkadi"), (entity, "nationality", "ma"))
    second = holds(alice, (entity, "name", "Karim Belkadi"), (entity, "alias", "Abu Karim"))
    shown = profile(alice, entity)
    groups = {group.property: group for group in shown.groups}
    assert [one.report for one in groups["name"].values[0].sources] == [second, first]
    assert list(groups) == ["name", "alias", "nationality"]
    assert shown.reports == (second, first)
    assert list(shown.categories) == ["suspect"]
    assert not shown.contradictions
    assert LogEntry.objects.filter(event__contains="entity-opened").count() == 1


def test_two_birth_dates_stand_beside_each_other_and_nobody_chooses(alice: User) -> None:
    entity = someone()
    holds(alice, (entity, "name", "Karim Belkadi"), (entity, "birthDate", "1980-05-17"))
    holds(alice, (entity, "birthDate", "1981"), (entity, "name", "Karim Belkadi"))
    (group,) = profile(alice, entity).contradictions
    assert group.property == "birthDate"
    assert {one.value for one in group.values} == {"1980-05-17", "1981"}


def test_a_profile_shows_only_what_may_be_read(alice: User, nadia: User) -> None:
    entity = someone()
    holds(alice, (entity, "name", "Karim Belkadi"), (entity, "birthDate", "1980-05-17"))
    holds(alice, (entity, "name", "K. Belkadi"), tlp=Tlp.GREEN)
    assert [group.property for group in profile(nadia, entity).groups] == ["name"]
    assert profile(nadia, entity).called == "K. Belkadi"
    assert len(profile(nadia, entity).reports) == 1
    assert profile(nadia, entity).handling == marked(Tlp.GREEN)
    joint = profile(alice, entity).handling
    assert joint is not None
    assert joint.tlp is Tlp.AMBER
    hidden = someone()
    holds(alice, (hidden, "name", "Omar Tazi"))
    with pytest.raises(EntityUnknown):
        profile(nadia, hidden)


def test_an_event_and_what_it_joins_stand_on_the_profile(alice: User) -> None:
    person, vessel, event = someone(), someone("Vessel"), someone("Event")
    holds(
        alice,
        (person, "name", "Karim Belkadi"),
        (vessel, "name", "Amal Star"),
        (vessel, "owner", person.id),
        (event, "name", "Loading"),
        (event, "date", "2026-05-01"),
        (event, "involved", person.id),
        (event, "involved", vessel.id),
    )
    shown = profile(alice, person)
    related = {one.called: one for one in shown.related}
    assert set(related) == {"Amal Star", "Loading"}
    assert [name for _, name in related["Loading"].others] == ["Amal Star"]
    assert [(one.date, one.called) for one in shown.timeline] == [("2026-05-01", "Loading")]
    owner = {group.property: group for group in profile(alice, vessel).groups}["owner"]
    assert (owner.values[0].called, owner.values[0].entity) == ("Karim Belkadi", shown.entity)


def test_ids_of_two_originators_are_not_one(alice: User, washington: Counterpart) -> None:
    entrusted(washington)
    (theirs,) = EntityRow.objects.filter(originator="washington", schema="Person")
    vessel = someone("Vessel")
    holds(alice, (vessel, "name", "Amal Star"), (vessel, "owner", theirs.uid))
    assert open_profile(theirs.pk, viewpoint=look(alice)).related == ()


def test_the_cases_that_name_it_are_listed_where_they_may_be_read(alice: User, nadia: User) -> None:
    entity = someone()
    row = holds(alice, (entity, "name", "Karim Belkadi"), tlp=Tlp.GREEN)
    case = cases.case_from_report(row.uid, by=alice)
    assert profile(alice, entity).cases == (case,)
    Report.objects.filter(pk=case.pk).update(strictness=Tlp.RED.strictness)
    assert profile(nadia, entity).cases == ()


def test_a_recalled_report_takes_its_words_out_of_the_profile(alice: User, washington: Counterpart) -> None:
    row = entrusted(washington)
    entity = EntityRow.objects.get(originator="washington", schema="Person")
    assert open_profile(entity.pk, viewpoint=look(alice)).groups
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (1,), "wrong")))
    with pytest.raises(EntityUnknown):
        open_profile(entity.pk, viewpoint=look(alice))
    assert search(alice, "Karim Belkadi").many == 0


def test_an_own_report_that_is_recalled_leaves_the_rest(alice: User, omar: User, washington: Counterpart) -> None:
    entity = someone()
    from tests.services.test_exchange import released

    row = released(alice, omar, "washington")
    holds(alice, (entity, "name", "Yassine Berrada"))
    recalls.recall_report(row.uid, reason="wrong", by=omar)
    assert search(alice, "Yassine Berrada").many == 1


def test_a_changed_draft_keeps_the_address_of_its_entities(alice: User) -> None:
    from amana.services.reports import change_draft

    entity = someone()
    row = holds(alice, (entity, "name", "Karim Belkadi"))
    before = EntityRow.objects.get(uid=entity.id)
    change_draft(row.uid, by=alice, title="Another title")
    after = EntityRow.objects.get(uid=entity.id)
    assert (after.pk, after.caption) == (before.pk, "Karim Belkadi")


def test_leads_tell_evidence_and_weakness(alice: User, nadia: User) -> None:
    one, other = someone(), someone()
    holds(alice, (one, "name", "Karim Belkadi"), tlp=Tlp.GREEN)
    holds(alice, (other, "name", "كريم بلقاضي"))
    (lead,) = list_leads(number_of(one), viewpoint=look(alice))
    assert lead.entity.uid == other.id
    assert any(why.code == "name-across-scripts" for why in lead.evidence)
    assert any(why.code == "name-only" for why in lead.weakness)
    assert list_leads(number_of(one), viewpoint=look(nadia)) == ()


def test_one_number_makes_a_lead_whatever_the_names(alice: User) -> None:
    one, other = someone(), someone()
    holds(alice, (one, "name", "Karim Belkadi"), (one, "passportNumber", "AB123456"))
    holds(alice, (other, "name", "Omar Tazi"), (other, "passportNumber", "AB123456"))
    (lead,) = list_leads(number_of(one), viewpoint=look(alice))
    assert any(why.code == "identifier-same" for why in lead.evidence)
    assert not any(why.code == "name-only" for why in lead.weakness)


def test_evidence_shows_the_words_of_the_source_and_the_look_is_logged(alice: User, nadia: User) -> None:
    row = drafted(alice)
    found = open_evidence(row.uid, "s1", viewpoint=look(alice))
    assert found.passage is not None
    assert (found.passage.before, found.passage.words) == ("", "Yassine Berrada")
    assert found.called == "Yassine Berrada"
    assert LogEntry.objects.get(event__contains="statement-opened").index == found.look
    for number, statement, officer in ((row.uid, "s1", nadia), (row.uid, "s9", alice), (uuid4(), "s1", alice)):
        with pytest.raises(EvidenceUnknown):
            open_evidence(number, statement, viewpoint=look(officer))
    assert LogEntry.objects.filter(event__contains="statement-opened").count() == 1


def test_each_look_at_an_entity_names_the_case_and_nothing_where_there_is_none(alice: User) -> None:
    row = drafted(alice)
    number, case = EntityRow.objects.get().pk, str(uuid4())
    for viewpoint, wanted in ((replace(look(alice), case=case), [["case", case]]), (look(alice), [])):
        open_profile(number, viewpoint=viewpoint)
        list_leads(number, viewpoint=viewpoint)
        open_evidence(row.uid, "s1", viewpoint=viewpoint)
        search_entities(Asked("Berrada"), viewpoint=viewpoint)
        for entry in LogEntry.objects.order_by("-index")[:4]:
            event = json.loads(entry.event or "{}")
            said = [one for one in event["details"] if one[0] == "case"]
            assert said == wanted, event["verb"]


def test_evidence_of_a_held_report_names_its_log_entry(alice: User, washington: Counterpart) -> None:
    row = entrusted(washington)
    statement = row.statements.first()
    assert statement is not None
    found = open_evidence(row.uid, statement.uid, viewpoint=look(alice))
    assert [(one.direction, one.partner) for one in found.entries] == [("in", "washington")]


def test_a_long_source_is_cut_around_its_words(alice: User) -> None:
    from dataclasses import replace

    made = about(GRADE, (SUSPECT, "name", "Karim Belkadi"))
    text = "word " * 400 + "Karim Belkadi" + " word" * 400
    statement = made["statements"][0]  # type: ignore[index]
    made["statements"] = [replace(statement, place=(2000, 2013))]
    row = drafted(alice, text=text, **made)
    passage = open_evidence(row.uid, "s1", viewpoint=look(alice)).passage
    assert passage is not None
    assert passage.words == "Karim Belkadi"
    assert passage.cut_before
    assert passage.cut_after
    assert len(passage.before) <= 320
    assert passage.before.startswith("word")
