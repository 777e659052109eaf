"""Whom somebody may be: across scripts, by dates and numbers, with reasons, and only among what may be read."""

from __future__ import annotations

import pytest

from amana.domain.handling import Tlp
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.records.models import LogEntry, User
from amana.services.documents import take_in
from amana.services.known_subjects import identifier_kind, subject_of
from amana.services.matching import Match, Subject, match_list, match_subject
from tests.services.asking import look
from tests.services.test_cross_checks import SUSPECT, holds

VESSEL = Entity("v1", "Vessel")


def matches(officer: User, *names: str, **known: object) -> tuple[Match, ...]:
    return match_subject(Subject(names, **known), viewpoint=look(officer))  # type: ignore[arg-type]


def codes(match: Match) -> set[str]:
    return {reason.code for reason in match.score.reasons}


def test_one_entity_with_several_names_is_one_match_with_its_reports(alice: User) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"), (SUSPECT, "alias", "كريم بلقاضي"))
    (match,) = matches(alice, "Kareem Belkadhi")
    assert match.names == ("Karim Belkadi", "كريم بلقاضي")
    assert match.reports == (row,)
    assert match.score.value > 0.5
    assert match.score.reasons


def test_a_birth_date_raises_and_another_lowers_what_a_name_says(alice: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"), (SUSPECT, "birthDate", "1980-05-17"))
    name = "Kareem Belkadhi"
    (alone,) = matches(alice, name)
    (same,) = matches(alice, name, birth_dates=("1980-05-17",))
    assert same.score.value > alone.score.value
    assert "birth-same" in codes(same)
    other = match_subject(Subject((name,), birth_dates=("1955-01-02",)), least=0.0, viewpoint=look(alice))
    assert other[0].score.value < alone.score.value
    assert "birth-differs" in codes(other[0])


def test_a_thing_is_found_by_its_number_whatever_its_name(alice: User) -> None:
    holds(alice, (VESSEL, "name", "Amal Star"), (VESSEL, "imoNumber", "IMO9074729"))
    kind = identifier_kind("Vessel", "imoNumber")
    (match,) = matches(alice, "Zephyr", identifiers=((kind, "IMO9074729"),))
    assert codes(match) >= {"identifier-same"}
    assert matches(alice, "Zephyr") == ()


def test_a_vessel_is_no_person(alice: User) -> None:
    holds(alice, (VESSEL, "name", "Karim Belkadi"))
    assert matches(alice, "Karim Belkadi", schema="Person") == ()
    assert len(matches(alice, "Karim Belkadi")) == 1


def test_what_one_may_not_read_is_no_match_by_name_number_or_property(alice: User, nadia: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"), (SUSPECT, "passportNumber", "AB123456"))
    assert len(matches(alice, "Karim Belkadi")) == 1
    assert matches(nadia, "Karim Belkadi", identifiers=(("passport", "AB123456"),)) == ()


def test_people_without_a_category_are_found_neither_by_name_nor_by_number(alice: User) -> None:
    unknown = Entity("e1", "Person", Category.UNKNOWN)
    holds(alice, (unknown, "name", "Karim Belkadi"), (unknown, "passportNumber", "AB123456"))
    assert matches(alice, "Karim Belkadi", identifiers=(("passport", "AB123456"),)) == ()


def test_a_list_gives_each_line_what_it_would_get_alone_and_one_log_entry(alice: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    holds(alice, (SUSPECT, "name", "Omar Tazi"))
    lines = [Subject(("عمر التازي",)), Subject(("Nobody Atall",)), Subject(("Kareem Belkadhi",)), Subject(())]
    found = list(match_list(lines * 30, viewpoint=look(alice)))
    assert found == [match_subject(line, most=5, viewpoint=look(alice)) for line in lines] * 30
    assert [len(one) for one in found[:4]] == [1, 0, 1, 0]
    (entry,) = LogEntry.objects.filter(event__contains="list-matched")
    assert entry.event is not None
    assert '["asked","120"]' in entry.event.replace(" ", "")
    assert "Tazi" not in entry.event


@pytest.mark.parametrize("name", ["", " ", "x" * 10_000, "😀", "\u202e\u0000", "123", "a\ud800b"])
def test_bad_input_finds_nothing_and_breaks_nothing(alice: User, name: str) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    assert matches(alice, name) == ()


@pytest.mark.parametrize(
    ("schema", "name", "kind"),
    [
        ("Person", "passportNumber", "passport"),
        ("Person", "idNumber", "id"),
        ("Vessel", "imoNumber", "imo"),
        ("BankAccount", "iban", "iban"),
        ("Phone", "number", "phone"),
        ("Person", "phone", "phone"),
        ("Container", "containerCode", "container"),
    ],
)
def test_numbers_of_one_kind_are_compared_whatever_bears_them(schema: str, name: str, kind: str) -> None:
    assert identifier_kind(schema, name) == kind


def test_special_categories_are_no_part_of_what_is_compared() -> None:
    assert subject_of("Person", [("religion", "x"), ("name", "Karim Belkadi")]) == Subject(("Karim Belkadi",), "Person")


def test_the_intake_knows_a_person_in_another_script(alice: User) -> None:
    row = holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    text = "وصل السيد كريم بلقاضي إلى الدار البيضاء."
    document = take_in(text.encode(), filename="note.txt", viewpoint=look(alice), by=alice)
    known = {one.value: one.known for one in document.suggestions.all() if one.known}
    assert set(known.values()) == {f"rabat/{row.entity_links.get().entity.uid}"}
    assert any("كريم" in value for value in known)


def test_the_intake_marks_nobody_whom_one_may_not_see(alice: User, nadia: User) -> None:
    holds(alice, (SUSPECT, "name", "Karim Belkadi"))
    text = "Mr Kareem Belkadhi arrived in Casablanca."
    document = take_in(text.encode(), filename="note.txt", viewpoint=look(nadia), tlp=Tlp.GREEN, by=nadia)
    assert document.suggestions.exists()
    assert not document.suggestions.exclude(known="").exists()
