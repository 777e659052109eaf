"""Places in a text follow its editing, or go."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from amana.domain.passages import moved, nearest, tidy

TEXT = "Yassine met Omar in Rabat. Omar left."


def test_a_place_before_the_change_stays_and_one_behind_it_is_shifted() -> None:
    new = TEXT.replace("in Rabat", "in the port of Casablanca")
    assert moved((0, 7), TEXT, new) == (0, 7)
    start, end = moved((27, 31), TEXT, new) or (0, 0)
    assert new[start:end] == "Omar"
    assert start > 31


def test_a_passage_that_was_cut_has_no_place() -> None:
    assert moved((20, 25), TEXT, TEXT.replace(" in Rabat", "")) is None


def test_a_passage_that_was_carried_elsewhere_is_found_at_its_nearest_place() -> None:
    new = "In Rabat " + TEXT.replace(" in Rabat", " there")
    start, end = moved((20, 25), TEXT, new) or (0, 0)
    assert new[start:end] == "Rabat"


def test_of_the_same_words_the_nearest_are_taken() -> None:
    assert nearest("Omar", TEXT, 20) == (27, 31)
    assert nearest("Omar", TEXT, 5) == (12, 16)
    assert nearest("", TEXT, 5) is None


@given(st.text(), st.text(), st.text(), st.text(min_size=1), st.text())
def test_a_place_that_is_kept_points_to_the_same_words(head: str, cut: str, put: str, words: str, tail: str) -> None:
    for old, new in ((head + cut + words + tail, head + put + words + tail), (words + cut + tail, words + put + tail)):
        start = old.index(words)
        place = moved((start, start + len(words)), old, new)
        assert place is None or new[place[0] : place[1]] == words


@given(st.text())
def test_tidied_text_is_composed_and_has_one_kind_of_line_end(text: str) -> None:
    assert unicodedata.is_normalized("NFC", tidy(text))
    assert "\r" not in tidy(text)
    assert tidy(tidy(text)) == tidy(text)
