"""Values refuse what is not in order, each with its code."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date, datetime

import pytest

from amana.domain.errors import AmanaError
from amana.domain.evaluation import AdmiraltyMalformed, Evaluation, Information, Source, unknown
from amana.domain.form import Form, FormMalformed
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import (
    LONGEST_TITLE,
    NEXT_STATES,
    PlaceOutside,
    State,
    StatementOrphaned,
    TextNotNormal,
    TitleLong,
)
from amana.domain.statement import Entity, GroundsMissing, Nature, PlaceMalformed, Statement
from amana.domain.times import TimeMalformed, instant, parse_day, parse_instant
from amana.domain.viewpoint import Role, Viewpoint
from amana.domain.vocabulary import (
    Category,
    FtmLineMalformed,
    PropertyUnknown,
    SchemaUnknown,
    SpecialCategory,
    ValueRefused,
    clean,
    ftm_lines,
    model,
    read_ftm_line,
)
from tests.domain.test_agreement import content

DAY = date(2026, 9, 24)
GRADE = Evaluation(Source.B, Information.CORROBORATED, DAY)


def statement(**changes: object) -> Statement:
    given = {
        "id": "s1",
        "entity": "e1",
        "schema": "Person",
        "property": "name",
        "value": "Alice Amrani",
        "nature": Nature.FACT,
        "evaluation": GRADE,
    }
    return Statement(**(given | changes))  # type: ignore[arg-type]


def test_an_unknown_grade_is_x4_and_never_a1() -> None:
    assert unknown(DAY).grade == "X4"


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("information", list(Information))
def test_all_sixteen_grades_round_trip(source: Source, information: Information) -> None:
    grade = Evaluation(source, information, DAY)
    assert Evaluation.from_json(grade.to_json()) == grade


@pytest.mark.parametrize("missing", ["source", "information", "as_of", "admiralty"])
def test_a_grade_without_one_of_its_parts_is_refused(missing: str) -> None:
    data = GRADE.to_json()
    del data[missing]
    with pytest.raises(FormMalformed):
        Evaluation.from_json(data)


@pytest.mark.parametrize("grade", ["B", "G1", "A7", "B22", ""])
def test_an_admiralty_grade_that_is_none_is_refused(grade: str) -> None:
    with pytest.raises(AdmiraltyMalformed):
        Evaluation(Source.B, Information.CORROBORATED, DAY, admiralty=grade)


def test_a_marking_is_born_releasable_to_nobody() -> None:
    assert Handling().releasable_to == frozenset()
    assert Handling().tlp is Tlp.AMBER_STRICT


def test_a_value_cannot_be_changed_after_it_was_made() -> None:
    with pytest.raises(FrozenInstanceError):
        Handling().tlp = Tlp.CLEAR  # type: ignore[misc]


def test_a_person_without_a_category_is_in_quarantine() -> None:
    assert Entity("e1", "Person").quarantined
    assert not Entity("e1", "Company").quarantined
    assert Entity("e1", "Company").category is None


def test_who_is_about_to_offend_needs_grounds() -> None:
    with pytest.raises(GroundsMissing):
        Entity("e1", "Person", Category.ABOUT_TO_OFFEND)


@pytest.mark.parametrize("special", ["ethnicity", "religion", "political"])
def test_special_categories_of_data_are_switched_off(special: str) -> None:
    with pytest.raises(SpecialCategory):
        statement(property=special, value="anything")


def test_the_vocabulary_knows_our_extensions() -> None:
    assert clean("Phone", "number", "+212 661-234567") == "+212661234567"
    assert clean("Container", "containerCode", "CSQU3054383") == "CSQU3054383"
    assert model().get("Consignment") is not None


def test_the_vocabulary_refuses_what_it_does_not_know() -> None:
    with pytest.raises(SchemaUnknown):
        clean("Spy", "name", "x")
    with pytest.raises(SchemaUnknown):
        clean("Value", "amount", "1")
    with pytest.raises(PropertyUnknown):
        clean("Person", "imoNumber", "x")
    with pytest.raises(ValueRefused):
        clean("Person", "birthDate", "some day")


def test_entities_of_the_opensanctions_world_go_in_and_out_unchanged() -> None:
    lines = list(ftm_lines([("q1", "Person", [("name", "Alice Amrani"), ("birthDate", "1980")])]))
    assert read_ftm_line(lines[0], 1) == ("q1", "Person", (("birthDate", "1980"), ("name", "Alice Amrani")))


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"id":1,"schema":"Person","properties":{}}', b"\xff"])
def test_a_line_that_is_no_entity_is_refused_with_its_number(line: bytes) -> None:
    with pytest.raises(FtmLineMalformed, match="Line 7"):
        read_ftm_line(line, 7)


def test_a_statement_must_speak_of_an_entity_of_its_report() -> None:
    with pytest.raises(StatementOrphaned):
        replace(content(), statements=(statement(entity="e2"),))
    with pytest.raises(StatementOrphaned):
        replace(content(), statements=(statement(schema="Company"),))


def test_a_statement_must_point_into_the_text() -> None:
    with pytest.raises(PlaceOutside):
        replace(content(), statements=(statement(place=(0, 99)),))
    with pytest.raises(PlaceMalformed):
        statement(place=(3, 3))


def test_text_has_one_spelling_only() -> None:
    with pytest.raises(TextNotNormal):
        replace(content(), text="e\u0301")


def test_a_title_that_no_partner_would_take_is_refused_when_it_is_written() -> None:
    assert replace(content(), title="t" * LONGEST_TITLE)
    with pytest.raises(TitleLong):
        replace(content(), title="t" * (LONGEST_TITLE + 1))


def test_a_form_with_a_field_too_many_is_refused() -> None:
    with pytest.raises(FormMalformed, match="extra"), Form({"a": "b", "extra": 1}, "thing") as form:
        form.text("a")


def test_true_is_not_the_number_one() -> None:
    with pytest.raises(FormMalformed):
        Form({"n": True}, "thing").number("n")


@pytest.mark.parametrize("text", ["2026-09-24", "2026-09-24T14:02:00Z", "2026-13-24T14:02:00.000Z", "x"])
def test_a_time_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(TimeMalformed):
        parse_instant(text)


def test_a_day_is_a_calendar_day_and_a_time_has_a_zone() -> None:
    with pytest.raises(TimeMalformed):
        parse_day("2026-02-30")
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 9, 24))


def test_nothing_follows_an_end_state() -> None:
    for state in (State.RECALLED, State.WITHDRAWN, State.STOPPED):
        assert NEXT_STATES[state] == frozenset()
    assert set(NEXT_STATES) == set(State)


@pytest.mark.parametrize("role", list(Role))
def test_only_desk_roles_open_content(role: Role) -> None:
    look = Viewpoint("x", "rabat", frozenset({role}), Tlp.RED, Purpose.INVESTIGATION)
    assert look.clears(Handling(purposes=frozenset(Purpose))) == (role not in (Role.OPERATOR, Role.OVERSEER))


def test_a_viewpoint_sees_no_stricter_marking_and_no_other_purpose() -> None:
    look = Viewpoint("x", "rabat", frozenset({Role.AUTHOR}), Tlp.AMBER, Purpose.INVESTIGATION)
    assert not look.clears(Handling(tlp=Tlp.RED))
    assert not look.clears(Handling(tlp=Tlp.AMBER, purposes=frozenset({Purpose.PROSECUTION})))


def test_an_error_says_its_code_and_fills_its_sentence() -> None:
    error = SchemaUnknown(schema="Spy")
    assert isinstance(error, AmanaError)
    assert "Spy" in str(error)
    assert error.code == "vocabulary-schema"
