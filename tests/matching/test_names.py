"""Reading names: the same words however particles and compounds are spaced, in both scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.matching.names import MOST_WORDS, fold_name, read_name


def texts(name: str) -> list[str]:
    return [word.bare for word in read_name(name).words]


@pytest.mark.parametrize(
    ("spellings", "words"),
    [
        (["Abdellatif Hamouchi", "Abdel Latif al-Hamouchi", "Abd el-Latif HAMOUCHI"], ["abdlatif", "hamouchi"]),
        (["عبد اللطيف حموشي", "عبداللطيف الحموشي"], ["عبدلطيف", "حموشي"]),
        (["Abdurrahman Idris", "Abd ar-Rahman Idris", "Abdul Rahman al-Idris"], ["abdrahman", "idris"]),
        (["Abdallah", "Abd Allah", "Abdullah", "ABDULLA", "Abdellah"], ["abdallah"]),
        (["عبد الله", "عبدالله"], ["عبدالله"]),
        (["Nur al-Din", "Nuruddin", "Nur-ud-Din", "NUREDDIN"], ["nurdin"]),
        (["نور الدين", "نورالدين"], ["نوردين"]),
        (["Mohamed Ould Salem", "Mohamed Salem"], ["mohamed", "salem"]),
        (["Iyad Ag Ghali", "IYAD AG-GHALI"], ["iyad", "ghali"]),
        (["Abu l-Walid", "Abu al-Walid", "Abul Walid"], ["abuwalid"]),
        (["ابو الوليد", "أبو الوليد"], ["ابووليد"]),
        (["Dr. Saâdia Sa‘d", "Saadia Sa'd"], ["saadia", "sad"]),
        (["Nasr Allah", "Nasrallah"], ["nasrallah"]),
    ],
)
def test_spacing_particles_and_marks_do_not_change_the_words(spellings: list[str], words: list[str]) -> None:
    assert [texts(spelling) for spelling in spellings] == [words] * len(spellings)


def test_what_was_left_out_and_joined_is_told() -> None:
    name = read_name("Mohamed Ould Abdel Aziz")
    assert (name.left_out, name.joined) == (("ould",), ("abdel aziz",))


def test_a_name_of_particles_alone_keeps_them() -> None:
    assert texts("al") == ["al"]
    assert texts("Ben") == ["ben"]


def test_a_glued_article_may_be_left_out_but_is_kept() -> None:
    (word,) = read_name("Eddarhem").words
    assert (word.text, word.loose, word.bare) == ("eddarhem", 2, "darhem")


def test_other_scripts_are_romanised_and_arabic_is_not() -> None:
    assert texts("Владимир Петров") == ["vladimir", "petrov"]
    assert texts("محمدMohamed") == ["محمد", "mohamed"]


def test_digits_of_any_script_are_the_same() -> None:
    assert fold_name("٣ ۳ 3") == "3 3 3"


def test_a_name_too_long_is_cut_and_says_so() -> None:
    name = read_name("Ali " * 5000)
    assert (len(name.words), name.cut) == (MOST_WORDS, True)


@given(st.text())
def test_any_text_can_be_read_and_folding_is_idempotent(text: str) -> None:
    folded = fold_name(text)
    assert fold_name(folded) == folded
    assert all(word.text for word in read_name(text).words)
