"""What can be made harmless is read: the words stay, what deceives or runs is gone, and a warning says so."""

from __future__ import annotations

import pytest

from amana.intake.extract import extract
from tests.intake.corpus import NEUTRALISED, PLAIN, Hostile


@pytest.mark.parametrize("hostile", NEUTRALISED, ids=lambda one: one.name)
def test_what_is_left_out_is_gone_from_the_text_and_named(hostile: Hostile) -> None:
    found = extract(hostile.make(), filename=hostile.filename)
    assert hostile.code in found.warnings
    assert not hostile.gone or hostile.gone not in found.text


@pytest.mark.parametrize("plain", PLAIN, ids=lambda one: one.name)
def test_what_only_looks_hostile_is_read_without_its_sting(plain: Hostile) -> None:
    found = extract(plain.make(), filename=plain.filename)
    assert found.warnings == ()
    assert not plain.gone or plain.gone not in found.text


def test_reading_twice_gives_the_same_text() -> None:
    for one in (*NEUTRALISED, *PLAIN)[::4]:
        assert extract(one.make(), filename=one.filename) == extract(one.make(), filename=one.filename)
