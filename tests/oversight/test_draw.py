"""A draw is the same for whoever makes it again, and another with any other number or root."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amana.oversight.draw import KINDS, draw, is_of_kind, seed_of
from amana.oversight.log import Act, Event

ROOT = bytes(range(32))


@given(st.lists(st.integers(0, 10**9), unique=True, max_size=80), st.integers(0, 100), st.text(max_size=20))
def test_a_draw_takes_each_entry_at_most_once_and_is_repeatable(population: list[int], many: int, number: str) -> None:
    drawn = draw(population, many, seed_of(ROOT, number))
    assert drawn == draw(population, many, seed_of(ROOT, number))
    assert len(drawn) == len(set(drawn)) == min(many, len(population))
    assert set(drawn) <= set(population)


def test_another_number_or_another_root_draws_others() -> None:
    population = list(range(1000))
    first = draw(population, 10, seed_of(ROOT, "4711"))
    assert first == [20, 1, 269, 926, 745, 480, 82, 16, 225, 532]
    assert first != draw(population, 10, seed_of(ROOT, "4712"))
    assert first != draw(population, 10, seed_of(ROOT[::-1], "4711"))


def test_each_entry_is_drawn_about_as_often_as_any_other() -> None:
    counts = [0] * 10
    for number in range(2000):
        counts[draw(range(10), 1, seed_of(ROOT, str(number)))[0]] += 1
    assert all(140 < count < 260 for count in counts)


def test_of_drafts_only_requests_and_replies_are_requests() -> None:
    def event(verb: str, reason: str) -> Event:
        return Event(Act.COLLECTION, verb, "alice", "2026-11-28T10:00:00.000Z", reason, "report:x:1")

    assert is_of_kind(event("report-drafted", "request"), "requests")
    assert not is_of_kind(event("report-drafted", "information"), "requests")
    assert all(len(set(verbs)) == len(verbs) for verbs in KINDS.values())


def test_every_way_to_read_or_search_content_may_be_drawn() -> None:
    assert {"report-opened", "statement-opened", "entity-opened", "document-opened"} <= set(KINDS["readings"])
    assert {"reports-searched", "entities-searched", "searched"} <= set(KINDS["searches"])
