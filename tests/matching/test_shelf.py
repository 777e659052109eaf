"""A shelf answers for the asked editions alone, whatever segments it happens to have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.matching.index_parts import IndexFileUnfit
from amana.matching.shelf import Editions, Row, Segment, Shelf
from tests.matching.test_index import NAMES

ROWS: list[Row] = [(report, 7, 100 + place, NAMES[place]) for place, report in enumerate([1, 1, 2, 3, 3, 3, 4, 5])]
ALL = dict.fromkeys(range(1, 7), 7)


def shelf_of(*groups: set[int]) -> Shelf:
    shelf = Shelf()
    for group in groups:
        held = dict.fromkeys(group, 7)
        shelf.segments.append(Segment.of(held, [row for row in ROWS if row[0] in group]))
    return shelf


@given(st.sets(st.sampled_from(sorted(ALL))), st.sampled_from(["Karim Tazi", "كريم بوزرود", "Fatima", ""]))
def test_the_answer_is_that_of_an_index_of_the_asked_reports_alone(reports: set[int], name: str) -> None:
    asked = Editions((report, 7) for report in reports)
    alone = shelf_of(reports).query(name, 5, asked)
    for shelf in (shelf_of(set(ALL)), shelf_of({1, 2}, {3, 4, 5}, {6}), shelf_of({5}, {4}, {3}, {2}, {1})):
        assert shelf.query(name, 5, asked) == alone


def test_another_edition_of_a_report_is_not_the_one_that_is_held() -> None:
    shelf = shelf_of(set(ALL))
    assert shelf.query(NAMES[0], 5, Editions([(1, 8)])) == []
    assert shelf.missing(Editions([(1, 8), (2, 7)])) == {1: 8}


def test_a_report_without_names_is_held_too_and_not_read_again() -> None:
    assert shelf_of(set(ALL)).missing(Editions(ALL.items())) == {}


def test_many_small_segments_become_few() -> None:
    shelf = Shelf()
    for place, name in enumerate(NAMES):
        shelf.add(Segment.of({place: 7}, [(place, 7, place, name)]))
    asked = Editions((place, 7) for place in range(len(NAMES)))
    assert len(shelf.segments) < 8
    assert shelf.missing(asked) == {}
    assert [found.name for found in shelf.query(NAMES[17], 1, asked)] == [NAMES[17]]


def test_when_two_segments_become_one_the_newer_edition_stays() -> None:
    shelf = Shelf([Segment.of({1: 7}, [(1, 7, 100, "Karim Tazi")])])
    shelf.add(Segment.of({1: 8}, [(1, 8, 100, "Omar Berrada")]))
    (one,) = shelf.segments
    assert list(one.rows()) == [(1, 8, 100, "Omar Berrada")]


def test_the_names_of_the_dead_leave_the_memory() -> None:
    shelf = shelf_of({1, 2}, {3})
    shelf.drop_dead(Editions([(2, 7), (3, 7)]))
    assert sorted({row[0] for segment in shelf.segments for row in segment.rows()}) == [2, 3]
    assert NAMES[0] not in [name for segment in shelf.segments for name in segment.index.names]


def test_a_kept_segment_comes_back_whole(tmp_path: Path) -> None:
    (segment,) = shelf_of(set(ALL)).segments
    segment.save(tmp_path / "names.index")
    again = Segment.load(tmp_path / "names.index")
    asked = Editions([(1, 7), (3, 7)])
    assert again.query("Karim Tazi", 5, asked) == segment.query("Karim Tazi", 5, asked)
    assert Segment.held_in(tmp_path / "names.index") == ALL
    assert (tmp_path / "names.index").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("length", [0, 10, 1000])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, length: int) -> None:
    (segment,) = shelf_of(set(ALL)).segments
    path = tmp_path / "names.index"
    segment.save(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(IndexFileUnfit):
        Segment.load(path)
