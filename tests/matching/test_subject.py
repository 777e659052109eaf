"""Comparing records: agreement adds, contradiction subtracts, absence does neither."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.matching import Subject, compare
from amana.matching.dates import Born, Fit, fit_of
from amana.matching.identifiers import clean
from amana.matching.score import POSSIBLE, STRONG, Score

KARIM = Subject(("Karim Bouzroud",), "Person")
SPELLED = Subject(("كريم بوزرود", "K. Bouzroud"), "Person")


def codes(score: Score) -> set[str]:
    return {reason.code for reason in score.reasons}


def born(subject: Subject, date: str) -> Subject:
    return replace(subject, birth_dates=(date,))


def test_the_best_pair_of_names_counts() -> None:
    assert compare(KARIM, SPELLED).value >= STRONG


def test_a_birth_date_adds_subtracts_or_says_nothing() -> None:
    alone = compare(KARIM, SPELLED).value
    assert compare(born(KARIM, "1980-05-17"), born(SPELLED, "1980-05-17")).value > alone
    assert compare(born(KARIM, "1980-05-17"), born(SPELLED, "1969")).value < alone
    assert compare(born(KARIM, "1980-05-17"), SPELLED).value == alone


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("1980-05-17", "1980-05-17", Fit.SAME_DAY),
        ("1980-05-17", "1980-01-01", Fit.SAME_YEAR),  # 1 January: only the year was known
        ("1980", "1981", Fit.NEAR_YEAR),
        ("1980-05-07", "1980-07-05", Fit.SWAPPED),
        ("1980-05-07", "1980-09-12", Fit.OTHER_DAY),
        ("1980-05-07", "1981-05-07", Fit.OTHER_YEAR),
        ("1980", "", Fit.UNKNOWN),
        ("about 1980", "1980", Fit.UNKNOWN),
    ],
)
def test_birth_dates_fit_as_lists_write_them(one: str, other: str, fit: Fit) -> None:
    assert fit_of(Born.parse(one), Born.parse(other)) is fit
    assert fit_of(Born.parse(other), Born.parse(one)) is fit


def test_countries_agree_or_differ() -> None:
    here, there = replace(KARIM, countries=("ma", "fr")), replace(SPELLED, countries=("MA",))
    assert "country-same" in codes(compare(here, there))
    assert "country-differs" in codes(compare(here, replace(there, countries=("ml",))))


def test_a_shared_identifier_is_nearly_certain_even_without_a_like_name() -> None:
    one = replace(KARIM, identifiers=(("passport", "AB 123-456"),))
    other = Subject(("Wholly Other",), "Person", identifiers=(("passport", "ab123456"),))
    assert compare(one, other).value >= STRONG
    assert "identifier-same" in codes(compare(one, other))


def test_another_imo_number_means_another_vessel() -> None:
    one = Subject(("Ocean Star",), "Vessel", identifiers=(("imo", "9074729"),))
    other = Subject(("Ocean Star",), "Vessel", identifiers=(("imo", "IMO 9319466"),))
    assert compare(one, other).value < STRONG
    assert "identifier-differs" in codes(compare(one, other))


def test_identifiers_are_compared_in_their_kinds_form() -> None:
    assert clean("phone", "+212 661-123456") == "+212661123456"
    assert clean("iban", "gb33 BUKB 2020 1555 5555 55") == "GB33BUKB20201555555555"
    assert clean("passport", "A1") == ""


def test_kinds_that_exclude_one_another_keep_the_score_low() -> None:
    score = compare(KARIM, replace(SPELLED, schema="Vessel"))
    assert score.value < POSSIBLE
    assert "kind-differs" in codes(score)
    assert "kind-differs" not in codes(compare(KARIM, replace(SPELLED, schema="LegalEntity")))


def test_records_without_a_name_get_a_clear_answer() -> None:
    assert codes(compare(KARIM, Subject(()))) == {"name-empty"}


subjects = st.builds(
    Subject,
    st.lists(st.sampled_from(["Karim Bouzroud", "كريم بوزرود", "", "X 3"]), max_size=2).map(tuple),
    st.sampled_from(["", "Person", "Company", "Vessel"]),
    st.lists(st.sampled_from(["1980", "1980-05-07", "1980-07-05", "x"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["ma", "FR"]), max_size=2).map(tuple),
    st.lists(st.sampled_from([("imo", "9074729"), ("passport", "AB123456"), ("imo", "9319466")]), max_size=2).map(
        tuple
    ),
)


@settings(deadline=None)
@given(subjects, subjects)
def test_any_two_records_have_a_bounded_score_the_same_in_both_orders(one: Subject, other: Subject) -> None:
    score = compare(one, other)
    assert 0 <= score.value <= 1
    assert compare(other, one) == score
