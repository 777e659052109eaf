"""Keys by which two statements are found to speak of the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.sameness import LONGEST_KEY, key_of


@pytest.mark.parametrize(
    ("schema", "name", "one", "other"),
    [
        ("Person", "name", "Karim Belkadi", "KARIM  BELKÂDI"),
        ("Person", "alias", "أحمد", "احمد"),
        ("Person", "phone", "+212661234567", "+212661234567"),
    ],
)
def test_the_same_thing_has_the_same_key(schema: str, name: str, one: str, other: str) -> None:
    assert key_of(schema, name, one) == key_of(schema, name, other) != ""


def test_a_name_never_has_the_key_of_a_number() -> None:
    assert key_of("Person", "name", "212661234567") != key_of("Person", "phone", "212661234567")


@pytest.mark.parametrize(("schema", "name"), [("Person", "birthDate"), ("Person", "country"), ("Event", "summary")])
def test_what_neither_names_nor_identifies_has_no_key(schema: str, name: str) -> None:
    assert key_of(schema, name, "2026") == ""


@given(st.text(max_size=400), st.sampled_from(["name", "phone"]))
def test_a_key_is_bounded_and_the_same_each_time(value: str, name: str) -> None:
    key = key_of("Person", name, value)
    assert len(key) <= LONGEST_KEY
    assert key == key_of("Person", name, value)
