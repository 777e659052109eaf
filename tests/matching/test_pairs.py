"""Comparing names: spellings of one name across scripts are alike, relatives and namesakes are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.matching import compare_many, compare_names
from amana.matching.score import POSSIBLE, STRONG, Score

# Made-up people: given and family names that thousands bear, put together at will.
SAME = [
    ("عبد اللطيف حموشي", "Abdellatif Hammouchi"),
    ("Abdellatif Hammouchi", "Abdel Latif al-Hamouchi"),
    ("Abd el-Latif Hamushi", "عبد اللطيف الحموشي"),
    ("نور الدين البركاني", "Nour-eddine EL BARKANI"),
    ("Youssef Benjelloun", "يوسف بنجلون"),
    ("Mohamed Ould Abdel Aziz", "محمد ولد عبد العزيز"),
    ("Boubacar Diallo", "Abu Bakr Jallow"),
    ("Iyad Ag Ghali", "إياد أغ غالي"),
    ("Владимир Петренко", "Vladimir Petrenko"),
]
DIFFERENT = [
    ("Ahmed Ali Hassan", "Mohamed Ali Hassan"),  # brothers
    ("Mohamed Alaoui", "Mohamed Bennani"),
    ("خالد الادريسي", "Karim Idrissi"),
    ("Fatima Zahra Tazi", "Fatima Zahra Berrada"),
]
text = st.text(max_size=40) | st.text(alphabet="abdehilmnrsuواحدمعلينبر '-0٣\u200f\u202e😀", max_size=40)


def codes(score: Score) -> set[str]:
    return {reason.code for reason in score.reasons}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_are_strongly_alike(one: str, other: str) -> None:
    assert compare_names(one, other).value >= STRONG


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_relatives_and_namesakes_are_not_even_possible(one: str, other: str) -> None:
    assert compare_names(one, other).value < POSSIBLE


def test_brothers_are_told_by_their_first_names() -> None:
    score = compare_names("Ahmed Ali Hassan", "Mohamed Ali Hassan")
    assert "name-given-differs" in codes(score)
    assert "“ahmed”, “mohamed”" in " ".join(map(str, score.reasons))


def test_a_father_and_his_son_are_never_strongly_alike() -> None:
    score = compare_names("Karim Omar Bouzroud", "Omar Bouzroud")
    assert score.value < STRONG
    assert "name-left" in codes(score)


def test_common_names_say_less_than_rare_ones() -> None:
    common = compare_names("Mohamed Ali", "Mohammed Aly")
    rare = compare_names("Mohamed Bouzroud", "Mohammed Bouzroude")
    assert common.value < rare.value
    assert "name-common" in codes(common)
    assert "name-rare" in codes(rare)


def test_what_was_folded_is_told() -> None:
    assert {"name-across-scripts"} <= codes(compare_names("عبد اللطيف حموشي", "Abdellatif Hammouchi"))
    assert {"name-form"} <= codes(compare_names("Mamadou Keita", "Mohamed Keita"))
    assert {"name-initial"} <= codes(compare_names("J. Petrenko", "Jan Petrenko"))
    assert {"name-order"} <= codes(compare_names("Karim Bouzroud", "Bouzroud Karim"))
    assert {"name-left"} <= codes(compare_names("Karim Bouzroud", "Karim Yassine Bouzroud"))


def test_legal_forms_of_organisations_say_nothing() -> None:
    assert compare_names("Zentra Aktiengesellschaft", "ZENTRA AG").value >= STRONG
    assert compare_names("Zentra Shipping Co., Ltd.", "Zentra Shipping S.A. de C.V.").value >= STRONG


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("Zentra Holding AG", "Zentra Holding GmbH", "name-legal-form-differs"),
        ("Zentra Banking S.A.", "Zentra Banking Chile S.A.", "name-left"),
        ("Zentra Capital Fund II, Ltd.", "Zentra Capital Fund III, Ltd.", "name-contradiction"),
    ],
)
def test_what_tells_organisations_apart_keeps_a_score_below_their_own_and_is_said(
    one: str, other: str, code: str
) -> None:
    score = compare_names(one, other)
    assert score.value < compare_names(one, one).value - 0.05
    assert code in codes(score)


def test_the_article_of_an_organisation_says_nothing() -> None:
    assert compare_names("The Zentra Banking Group", "Zentra Banking Group").value >= STRONG


def test_numbers_that_differ_keep_a_score_below_strong() -> None:
    score = compare_names("Ocean Star 1", "Ocean Star 2")
    assert score.value < STRONG
    assert "name-number-differs" in codes(score)


@pytest.mark.parametrize("nothing", ["", "   ", "😀", "\u202e\u200f", "…", "汉"[:0]])
def test_a_text_without_a_name_gets_a_clear_answer(nothing: str) -> None:
    score = compare_names(nothing, "Karim Bouzroud")
    assert (score.value, codes(score)) == (0.0, {"name-empty"})


def test_ten_thousand_characters_are_cut_and_said_so() -> None:
    score = compare_names("Karim Bouzroud " * 700, "Karim Bouzroud " * 700)
    assert "name-cut" in codes(score)
    assert 0 <= compare_names("a" * 10_000, "b" * 10_000).value < POSSIBLE


def test_bidi_and_control_characters_do_not_matter() -> None:
    assert compare_names("\u202eKarim\u200f Bouz\u00adroud", "Karim Bouzroud") == compare_names(
        "Karim Bouzroud", "Karim Bouzroud"
    )


@settings(deadline=None)
@given(text, text)
def test_any_two_texts_have_a_bounded_score_with_reasons_the_same_in_both_orders(one: str, other: str) -> None:
    score = compare_names(one, other)
    assert 0 <= score.value <= 1
    assert score.reasons
    assert compare_names(other, one) == score


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(text, text), max_size=8))
def test_many_pairs_get_the_values_of_each_alone(pairs: list[tuple[str, str]]) -> None:
    values = compare_many(pairs)
    assert values.dtype == np.float64
    assert values.tolist() == [compare_names(one, other).value for one, other in pairs]
