"""The index finds what comparison would, sees only what may be seen, and bulk work resumes where it stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.matching import NameIndex, bulk, compare_names, index_parts
from amana.matching.bulk import JobDiffers, match_lists
from amana.matching.index_kernels import STEPS, gather, highest
from amana.matching.index_parts import IndexFileUnfit

GIVEN = [
    "Karim",
    "Youssef",
    "Fatima",
    "Aicha",
    "Omar",
    "Khalid",
    "Idriss",
    "Salma",
    "Hamza",
    "Nadia",
    "Moussa",
    "Oumar",
]
FAMILY = ["Bouzroud", "El Fassi", "Tazi", "Berrada", "Sqalli", "Ould Sidi", "Ag Attaher", "Traoré", "Keita", "حموشي"]
NAMES = [f"{given} {family}" for given in GIVEN for family in FAMILY]
ASKED = ["كريم بوزرود", "Yusuf al-Fasi", "Umar Hamushi", "Musa Trawally", "Nobody Atall"]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex.build(NAMES)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("كريم بوزرود", "Karim Bouzroud"),
        ("Yusuf al-Fasi", "Youssef El Fassi"),
        ("Umar Hamushi", "Omar حموشي"),
        ("Aysha Ag Attahir", "Aicha Ag Attaher"),
        ("Keita Moussa", "Moussa Keita"),
    ],
)
def test_the_right_name_comes_first(index: NameIndex, asked: str, name: str) -> None:
    (position, score), *_ = index.query(asked, 3)
    assert NAMES[position] == name
    assert score == compare_names(asked, name)


def test_values_fall_and_there_are_at_most_k(index: NameIndex) -> None:
    found = index.query("Karim Tazi", 5)
    values = [score.value for _, score in found]
    assert len(found) == 5
    assert values == sorted(values, reverse=True)


def test_what_may_not_be_seen_is_not_found(index: NameIndex) -> None:
    seen = np.array([not name.startswith("Karim") for name in NAMES], np.bool_)
    assert all(not NAMES[position].startswith("Karim") for position, _ in index.query("Karim Bouzroud", 10, seen))


@pytest.mark.parametrize("nothing", ["", "😀", "12345", "Xqwzk"])
def test_odd_questions_get_an_answer(index: NameIndex, nothing: str) -> None:
    assert all(0 <= score.value <= 1 for _, score in index.query(nothing))


def test_an_empty_index_finds_nothing() -> None:
    assert NameIndex.build([]).query("Karim Bouzroud") == []
    assert NameIndex.build([""]).query("Karim Bouzroud") == []


def test_asking_leaves_no_trace(index: NameIndex) -> None:
    before = index.query("Khalid Sqalli", 10)
    for asked in ASKED:
        index.query(asked)
    assert index.query("Khalid Sqalli", 10) == before


def test_a_kept_index_is_the_same_when_loaded(index: NameIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "names.npz")
    loaded = NameIndex.load(tmp_path / "names.npz")
    assert [loaded.query(asked) for asked in ASKED] == [index.query(asked) for asked in ASKED]
    assert loaded.fingerprint == index.fingerprint


def test_an_index_of_other_tables_is_refused(index: NameIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index.save(tmp_path / "names.npz")
    monkeypatch.setattr(index_parts, "VERSION", 0)
    with pytest.raises(IndexFileUnfit):
        NameIndex.load(tmp_path / "names.npz")


def test_bulk_work_resumes_and_says_how_far_it_is(
    index: NameIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BLOCK", 2)
    whole = match_lists(ASKED, index, tmp_path / "whole", least=0.5)
    told: list[int] = []

    def stop(done: int, _: int) -> None:
        told.append(done)
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_lists(ASKED, index, tmp_path / "broken", least=0.5, progress=stop)
    resumed = match_lists(ASKED, index, tmp_path / "broken", least=0.5, progress=lambda done, _: told.append(done))
    assert told == [2, 2, 4, 5]
    assert all(np.array_equal(one, other) for one, other in zip(whole, resumed, strict=True))
    assert set(whole.asked.tolist()) == {0, 1, 2, 3}


def test_another_job_does_not_enter_the_folder(index: NameIndex, tmp_path: Path) -> None:
    match_lists(ASKED, index, tmp_path, least=0.5)
    with pytest.raises(JobDiffers):
        match_lists(ASKED[1:], index, tmp_path, least=0.5)


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=300), st.integers(1, 320))
def test_the_highest_are_kept_and_of_the_last_as_high_the_ones_found_first(
    given_scores: list[float], many: int
) -> None:
    scores = np.array(given_scores, np.float32)
    kept = highest(np.arange(len(scores), dtype=np.int32), scores, many)
    assert len(kept) == min(many, len(scores))
    assert list(kept) == sorted(set(kept.tolist()))
    left = np.setdiff1d(np.arange(len(scores)), kept)
    if len(left):
        step = float(scores.max() - scores.min()) / (STEPS - 1)
        assert scores[left].max() <= scores[kept].min() + step + 1e-4
        assert highest(np.arange(len(scores), dtype=np.int32), np.ones_like(scores), many).tolist() == list(range(many))


def test_words_are_followed_until_there_are_enough_names_and_the_scratch_is_left_as_it_was() -> None:
    leads, gains = np.array([1, 0], np.int32), np.array([2, 1], np.float32)
    starts, holders = np.array([0, 3, 5], np.int32), np.array([0, 1, 2, 2, 3], np.int32)
    sums, everybody = np.zeros(4, np.float32), np.zeros(0, np.bool_)
    found, scores = gather(leads, gains, starts, holders, sums, 3, everybody)
    assert (found.tolist(), scores.tolist(), sums.tolist()) == ([2, 3, 0], [2, 2, 1], [0, 0, 0, 0])
    found, scores = gather(leads, gains, starts, holders, sums, 4, np.array([True, True, True, False]))
    assert (found.tolist(), scores.tolist(), bool(sums.any())) == ([2, 0, 1], [3, 1, 1], False)
