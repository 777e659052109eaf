"""The laws that hold for every value of the domain."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from amana.domain.agreement import Terms
from amana.domain.evaluation import Evaluation, Information, Source, view_of_admiralty
from amana.domain.folding import fold
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import Content
from amana.domain.statement import Nature
from amana.domain.times import instant, parse_instant
from tests.domain.strategies import contents, days, evaluations, handlings, instants, terms


@given(handlings, handlings)
def test_meeting_two_markings_does_not_depend_on_their_order(one: Handling, other: Handling) -> None:
    assert one.meet(other) == other.meet(one)


@given(handlings, handlings, handlings)
def test_meeting_three_markings_does_not_depend_on_their_grouping(a: Handling, b: Handling, c: Handling) -> None:
    assert a.meet(b).meet(c) == a.meet(b.meet(c))


@given(handlings)
def test_meeting_a_marking_with_itself_changes_nothing(one: Handling) -> None:
    assert one.meet(one) == one


@given(handlings, handlings)
def test_meeting_only_ever_narrows(one: Handling, other: Handling) -> None:
    met = one.meet(other)
    assert met.narrows(one)
    assert met.narrows(other)
    assert met.tlp.strictness >= max(one.tlp.strictness, other.tlp.strictness)
    assert met.codes >= one.codes | other.codes
    assert met.caveats >= one.caveats | other.caveats
    assert met.releasable_to <= one.releasable_to & other.releasable_to
    assert met.purposes <= one.purposes & other.purposes
    for date in (one.erase_by, other.erase_by):
        assert date is None or (met.erase_by is not None and met.erase_by <= date)


@given(handlings, st.sampled_from(("rabat", "washington")))
def test_a_recipient_never_learns_the_other_recipients(one: Handling, node: str) -> None:
    assert one.only_for(node).releasable_to <= {node}
    assert one.only_for(node).narrows(one)


@given(handlings)
def test_a_marking_reads_back_as_it_was_written(one: Handling) -> None:
    assert Handling.from_json(one.to_json()) == one


@given(evaluations)
def test_a_grade_reads_back_as_it_was_written(one: Evaluation) -> None:
    assert Evaluation.from_json(one.to_json()) == one


@given(contents())
def test_a_report_reads_back_as_it_was_written(one: Content) -> None:
    assert Content.from_json(one.to_json()) == one


@given(terms())
def test_an_agreement_reads_back_as_it_was_written(one: Terms) -> None:
    assert Terms.from_json(one.to_json()) == one


@given(instants)
def test_a_time_reads_back_as_it_was_written(at) -> None:  # type: ignore[no-untyped-def]
    assert parse_instant(instant(at)) == at


@given(contents(), evaluations)
def test_no_step_turns_an_assessment_into_a_fact(one: Content, grade: Evaluation) -> None:
    for statement in one.statements:
        assessment = statement.as_assessment()
        for after in (assessment.graded(grade), assessment.as_assessment()):
            assert after.nature is Nature.ASSESSMENT
    natures = {statement.id: statement.nature for statement in one.statements}
    for statement in one.for_recipient("washington").statements:
        assert statement.nature is natures[statement.id]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.sampled_from("ABCDEF"), st.sampled_from("123456"), days)
def test_an_admiralty_grade_is_kept_and_never_shown_better_than_given(source: str, information: str, day) -> None:  # type: ignore[no-untyped-def]
    view = view_of_admiralty(source + information, day)
    assert view.admiralty == source + information
    assert (view.source is Source.A) == (source == "A")
    assert (view.information is Information.ACCURATE) == (information == "1")


@given(contents(), st.sampled_from(Tlp), st.frozensets(st.sampled_from(Purpose), min_size=1))
def test_a_stricter_marking_is_never_permitted_where_a_laxer_one_was_not(one: Content, tlp: Tlp, purposes) -> None:  # type: ignore[no-untyped-def]
    from tests.domain.test_agreement import everything, noon

    agreement = everything()
    lax = replace(one, handling=replace(one.handling, tlp=Tlp.CLEAR, purposes=purposes))
    strict = replace(lax, handling=replace(lax.handling, tlp=tlp))
    if not agreement.permits(lax, recipient="washington", at=noon()).allowed:
        assert not agreement.permits(strict, recipient="washington", at=noon()).allowed
