"""A statement's own marking only narrows, and what it keeps from a recipient is in nothing that recipient gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.form import FormMalformed
from amana.domain.handling import Code, Handling, Portion
from amana.domain.passages import WITHHELD, withhold
from amana.domain.report import Content, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from tests.domain.strategies import NODES, contents, handlings, portions

GRADE = Evaluation(Source.B, Information.CORROBORATED, date(2026, 9, 24))
HOME = frozenset[str]()


def said(number: int, entity: str, schema: str, name: str, value: str, **more: object) -> Statement:
    return replace(Statement(f"s{number}", entity, schema, name, value, Nature.FACT, GRADE), **more)  # type: ignore[arg-type]


@given(portions, handlings)
def test_a_portion_narrows_the_reports_marking_and_comes_back_from_its_form(own: Portion, whole: Handling) -> None:
    within = own.within(whole)
    assert within.narrows(whole)
    if own != Portion():
        assert Portion.from_json(own.to_json()) == own
    for node in NODES:
        assert own.only_for(node).reaches(node) is own.reaches(node)
        assert own.only_for(node).releasable_to in (None, {node}, HOME)


@pytest.mark.parametrize(
    "form",
    [
        {"codes": [], "caveats": [], "releasable_to": None},
        {"codes": ["H1", "H0"], "caveats": [], "releasable_to": None},
        {"codes": ["H9"], "caveats": [], "releasable_to": None},
        {"codes": ["H1"], "caveats": []},
        {"codes": ["H1"], "caveats": [], "releasable_to": None, "tlp": "TLP:CLEAR"},
        {"codes": ["H1"], "caveats": [], "releasable_to": "paris"},
    ],
)
def test_a_portion_has_one_form_only(form: dict[str, object]) -> None:
    with pytest.raises(FormMalformed):
        Portion.from_json(form)


def test_a_portion_that_adds_nothing_is_not_kept() -> None:
    one = said(1, "e1", "Person", "name", "Karim Belkadi", handling=Portion())
    assert one.handling is None
    assert "handling" not in one.to_json()


@given(contents(), st.sampled_from(NODES))
def test_a_recipient_gets_what_reaches_it_and_learns_of_no_other(content: Content, node: str) -> None:
    theirs = content.for_recipient(node)
    assert Content.from_json(theirs.to_json()) == theirs
    kept = {one.id for one in theirs.statements}
    for one in content.statements:
        assert (one.id in kept) is one.reaches(node)
    for one in theirs.statements:
        assert one.handling is None or not one.handling.kept or one.handling.releasable_to == frozenset({node})
    assert {one.id for one in content.withheld_from(node)} == {one.id for one in content.statements} - kept
    assert theirs.for_recipient(node) == theirs


@given(st.text("abcdef ", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8)), max_size=4))
def test_withheld_passages_are_gaps_and_other_places_keep_their_words(text: str, spans: list[tuple[int, int]]) -> None:
    places = [(start, start + length) for start, length in spans if start + length <= len(text)]
    left, follow = withhold(text, places)
    gone = {at for start, end in places for at in range(start, end)}
    assert left.replace(WITHHELD, "") == "".join(sign for at, sign in enumerate(text) if at not in gone)
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            place = follow((start, end))
            if gone & set(range(start, end)):
                assert place is None
            else:
                assert place is not None
                assert left[slice(*place)] == text[start:end]


def network(*kept: str) -> Content:
    """Karim owns a firm that owns a car, and Nadia drives it; the statements of these numbers are kept to Rabat."""
    entities = (
        Entity("p", "Person", Category.SUSPECT),
        Entity("f", "Company"),
        Entity("o", "Ownership"),
        Entity("v", "Vehicle"),
        Entity("n", "Person", Category.WITNESS),
    )
    statements = (
        said(1, "p", "Person", "name", "Karim Belkadi", place=(0, 13)),
        said(2, "f", "Company", "name", "Atlas Fret", place=(19, 29)),
        said(3, "o", "Ownership", "owner", "p"),
        said(4, "o", "Ownership", "asset", "f"),
        said(5, "v", "Vehicle", "owner", "f"),
        said(6, "n", "Person", "name", "Nadia Tazi", place=(43, 53)),
    )
    only = Portion(releasable_to=frozenset({"rabat"}))
    return Content(
        report="6f3a2b9e-52a7-4c7c-9a58-0d7d4a1f2b11",
        version=1,
        kind=Kind.INFORMATION,
        title="Yard",
        language="en",
        text="Karim Belkadi owns Atlas Fret and its car; Nadia Tazi drives.",
        crime_areas=frozenset(),
        handling=Handling(releasable_to=frozenset({"rabat", "paris"})),
        evaluation=GRADE,
        entities=entities,
        statements=tuple(replace(one, handling=only) if one.id in kept else one for one in statements),
        originals=(),
        written=datetime(2026, 9, 24, tzinfo=UTC),
    )


def test_with_its_last_statement_an_entity_goes_and_with_that_what_points_to_it() -> None:
    whole = network("s2")
    theirs = whole.for_recipient("paris")
    assert [one.id for one in theirs.statements] == ["s1", "s3", "s6"]
    assert [one.id for one in theirs.entities] == ["p", "o", "n"]
    assert theirs.text == f"Karim Belkadi owns {WITHHELD} and its car; Nadia Tazi drives."
    assert [theirs.text[slice(*one.place)] for one in theirs.statements if one.place] == ["Karim Belkadi", "Nadia Tazi"]
    assert [one.id for one in whole.withheld_from("paris")] == ["s2", "s4", "s5"]
    assert "Atlas" not in str(theirs.to_json())


def test_who_is_named_receives_it_all_and_does_not_see_who_else_might() -> None:
    theirs = network("s2").for_recipient("rabat")
    assert len(theirs.statements) == 6
    assert theirs.text == network().text
    assert theirs.handling.releasable_to == {"rabat"}


def test_h3_of_one_statement_needs_its_caveat_too() -> None:
    one = replace(network().statements[0], handling=Portion(codes=frozenset({Code.H3})))
    assert "caveat-for-h3" in replace(network(), statements=(one,)).missing()
    explained = replace(one, handling=Portion(codes=frozenset({Code.H3}), caveats=frozenset({"Ask first."})))
    assert "caveat-for-h3" not in replace(network(), statements=(explained,)).missing()
